"""A process for test_kill.py: clients chat over one store while an agent takes, answers and hands back.

Each acknowledged turn and reply is a line on standard output: conversation, message id, id of what was stored.
"""

import sys
import threading
from itertools import count
from pathlib import Path

from assistant.customer.score_book import ScoreBook
from assistant.desk.service import Desk
from assistant.desk.urgency import Weights
from assistant.errors import NotFound
from assistant.hours import BusinessHours
from assistant.service import ChatService
from assistant.store import open_store
from assistant.store.users import User
from assistant.values import Message
from tests.assistant.turns import START, plain_turn

MEI = User("mei", "Mei", "agent", START)


class Line:
    """Answers at once: a turn has all that a draft has."""

    def run(self, message, context):
        return plain_turn(text=message.text)


class Speaker:
    """Prints whole lines, whoever speaks."""

    def __init__(self):
        self._lock = threading.Lock()

    def acknowledge(self, *words: str) -> None:
        with self._lock:
            print(*words, flush=True)


def client(chat: ChatService, conversation_id: str, first: int, speaker: Speaker) -> None:
    for n in count(first):
        turn = chat.chat(Message(conversation_id, f"m{n}", "在吗", START, customer_id="ann"))
        speaker.acknowledge(conversation_id, f"m{n}", turn.turn_id)


def agent(desk: Desk, conversation_id: str, first: int, speaker: Speaker) -> None:
    for n in count(first):
        try:
            desk.take(conversation_id, MEI)
        except NotFound:  # its client has said nothing yet
            continue
        post = desk.reply(conversation_id, MEI, "您好", f"a{n}", None)
        speaker.acknowledge(conversation_id, f"a{n}", post.post_id)
        desk.release(conversation_id, MEI)


def main(url: str, first_reply: str, *starts: str) -> None:
    """The agent serves the first client; each begins with the number that it is given."""
    store, speaker = open_store(url), Speaker()
    chat = ChatService(store, Line())
    hours = BusinessHours.parse(("mon-sun=00:00-24:00",), "UTC")
    desk = Desk(store, str.split, hours, ScoreBook(Path("none")), Weights())
    for number, first in enumerate(starts):
        threading.Thread(target=client, args=(chat, f"c{number}", int(first), speaker)).start()
    threading.Thread(target=agent, args=(desk, "c0", int(first_reply), speaker)).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
