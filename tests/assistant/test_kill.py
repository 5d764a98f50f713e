"""kill -9 in the middle of the work: what was acknowledged is there, once, and what was published can be read.

KILL_ROUNDS=30 pytest tests/assistant/test_kill.py       more rounds than every run of the tests has time for
"""

import os
import subprocess
import sys

from sqlalchemy import text

from assistant.customer.profile import rebuild
from assistant.store import open_store
from assistant.values import Turn
from tests.assistant.kill_build_target import faq_in

N_ROUNDS, N_CLIENTS = int(os.environ.get("KILL_ROUNDS", "6")), 8
N_BUILD_ROUNDS = 2
N_LINES_BEFORE = (5, 40)  # acknowledged before the kill comes: it falls somewhere else in each round


def test_acknowledged_turns_and_replies_survive_kill_9_and_retries_make_no_second_one(tmp_path):
    url = f"sqlite:///{tmp_path / 'huida.db'}"
    acknowledged: dict[tuple[str, str], str] = {}
    for round_ in range(N_ROUNDS):
        first, last = N_LINES_BEFORE
        lines = _killed_after(first + 7 * round_ % (last - first), url, acknowledged)
        for conversation_id, message_id, stored_id in map(str.split, lines):
            assert acknowledged.setdefault((conversation_id, message_id), stored_id) == stored_id
    assert len(acknowledged) > first * N_ROUNDS
    assert {message_id[0] for _, message_id in acknowledged} == {"m", "a"}
    _check(url, acknowledged)


def _killed_after(n_lines: int, url: str, acknowledged: dict[tuple[str, str], str]) -> list[str]:
    """Each writer begins with its last acknowledged message again, as after a lost connection."""

    def last(writer: str, prefix: str) -> str:
        numbers = (int(m[1:]) for conversation, m in acknowledged if conversation == writer and m[0] == prefix)
        return str(max(numbers, default=0))

    starts = [last("c0", "a"), *(last(f"c{i}", "m") for i in range(N_CLIENTS))]
    command = [sys.executable, "-m", "tests.assistant.kill_target", url, *starts]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    lines = [process.stdout.readline() for _ in range(n_lines)]
    process.kill()
    lines += process.stdout.readlines()  # what was on its way when the process died counts too
    process.wait()
    return [line for line in lines if line.endswith("\n")]


def _check(url: str, acknowledged: dict[tuple[str, str], str]) -> None:
    store = open_store(url)
    with store.read() as uow:
        assert uow.connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
        turns = list(uow.turns.all())
        told = [(c.conversation_id, c.sequence) for c in uow.journal.after(0, 1_000_000)]
        stored: dict[tuple[str, str], str] = {}
        for conversation in uow.conversations.latest(N_CLIENTS):
            here, n = conversation.conversation_id, conversation.n_turns
            entries = [*uow.turns.after(here, 0, n), *uow.posts.after(here, 0, n)]
            assert sorted(entry.sequence for entry in entries) == list(range(1, n + 1))
            assert [sequence for where, sequence in told if where == here] == list(range(1, n + 1))
            for entry in entries:
                known = entry.message.message_id if isinstance(entry, Turn) else entry.message_id
                if known is not None:
                    assert stored.setdefault((here, known), _id(entry)) == _id(entry)
        assert acknowledged.items() <= stored.items()
        assert uow.profiles.get("ann") == rebuild("ann", turns)
    store.close()


def _id(entry) -> str:
    return entry.turn_id if isinstance(entry, Turn) else entry.post_id


def test_a_build_that_is_killed_leaves_the_index_before_it_or_the_new_one(tmp_path):
    built = 0
    for n_before_the_kill in range(1, 1 + N_BUILD_ROUNDS):
        command = [sys.executable, "-m", "tests.assistant.kill_build_target", str(tmp_path), str(built + 1)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        lines = [process.stdout.readline() for _ in range(n_before_the_kill)]
        process.kill()
        lines += process.stdout.readlines()
        process.wait()
        built = max(int(line.split()[0]) for line in lines if line.endswith("\n"))
        faq = faq_in(tmp_path)
        assert faq.degraded is None
        assert int(faq.hit("e0").answer) in (built, built + 1) and faq.hit("e0").answer == faq.get("e0").answer
