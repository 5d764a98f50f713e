"""kill -9 in the middle of the work: what was acknowledged is there, once, and what was published can be read."""

import subprocess
import sys

from sqlalchemy import text

from assistant.customer.profile import rebuild
from assistant.store import open_store
from tests.assistant.kill_build_target import faq_in

N_ROUNDS, N_CLIENTS = 10, 4
N_BUILD_ROUNDS = 2


def test_acknowledged_turns_survive_kill_9_and_retries_make_no_second_one(tmp_path):
    url = f"sqlite:///{tmp_path / 'huida.db'}"
    acknowledged: dict[tuple[str, int], str] = {}
    for n_before_the_kill in range(5, 5 + 3 * N_ROUNDS, 3):
        # each client begins with its last acknowledged message again, as after a lost connection
        last = [max((n for c, n in acknowledged if c == f"c{i}"), default=0) for i in range(N_CLIENTS)]
        command = [sys.executable, "-m", "tests.assistant.kill_target", url, *map(str, last)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        lines = [process.stdout.readline() for _ in range(n_before_the_kill)]
        process.kill()
        lines += process.stdout.readlines()  # what was on its way when the process died counts too
        process.wait()
        for line in (line for line in lines if line.endswith("\n")):
            conversation_id, n, turn_id = line.split()
            assert acknowledged.setdefault((conversation_id, int(n)), turn_id) == turn_id
    _check(url, acknowledged)


def _check(url: str, acknowledged: dict[tuple[str, int], str]) -> None:
    store = open_store(url)
    with store.read() as uow:
        assert uow.connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
        turns = list(uow.turns.all())
        stored = {(t.message.conversation_id, int(t.message.message_id[1:])): t.turn_id for t in turns}
        assert len(stored) == len(turns)
        assert acknowledged.items() <= stored.items()
        assert len(acknowledged) > 5 * N_ROUNDS
        for conversation in uow.conversations.latest(N_CLIENTS):
            here = [t.sequence for t in turns if t.message.conversation_id == conversation.conversation_id]
            assert here == list(range(1, conversation.n_turns + 1))
        assert uow.profiles.get("ann") == rebuild("ann", turns)
    store.close()


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
