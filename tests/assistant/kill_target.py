"""A process for test_kill.py: four clients chat over one store and acknowledge each turn on standard output."""

import sys
import threading

from assistant.service import ChatService
from assistant.store import open_store
from assistant.values import Message
from tests.assistant.turns import START, plain_turn


class Line:
    """Answers at once: a turn has all that a draft has."""

    def run(self, message, context):
        return plain_turn(text=message.text)


def client(chat: ChatService, conversation_id: str, first: int, speaking: threading.Lock) -> None:
    for n in range(first, first + 100_000):
        turn = chat.chat(Message(conversation_id, f"m{n}", "在吗", START, customer_id="ann"))
        with speaking:
            print(conversation_id, n, turn.turn_id, flush=True)


def main(url: str, *starts: str) -> None:
    chat, speaking = ChatService(open_store(url), Line()), threading.Lock()
    for number, first in enumerate(starts):
        threading.Thread(target=client, args=(chat, f"c{number}", int(first), speaking)).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
