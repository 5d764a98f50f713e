"""Agents, and conversations in each state, for the tests of the desk."""

from datetime import timedelta

from assistant.pipeline import Draft
from assistant.store.users import User
from assistant.values import Conversation, Decision, Message, Reply
from tests.assistant.turns import START, plain_turn

MEI, TOM = User("mei", "小美", "agent", START), User("tom", "Tom", "agent", START)
BOSS = User("lin", "林姐", "supervisor", START)
ANSWER = Reply("七天内可以退。", "answer", "returns")
HANDOFF = Reply("正在为您转接。", "handoff")


def at(minute: int):
    return START + timedelta(minutes=minute)


def message(n: int = 1, text: str = "怎么退货", conversation_id: str = "c1", customer_id: str | None = None) -> Message:
    return Message(conversation_id, f"m{n}", text, at(n), customer_id)


def draft(
    outcome: str = "answer", reason: str = "confident_answer", mood: str = "neutral", text: str = "怎么退货"
) -> Draft:
    turn = plain_turn(mood=mood, text=text)
    reply = HANDOFF if outcome == "handoff" else ANSWER
    return Draft(turn.reading, Decision(outcome, (reason,), turn.decision.hits), reply, turn.versions)


def new(conversation_id: str = "c1") -> Conversation:
    return Conversation(conversation_id, None, START, None, 0)


class Line:
    """A pipeline that hands over when it is asked to, answers otherwise, and waits where a test wants it to."""

    def __init__(self, before_it_answers=lambda: None):
        self.before_it_answers = before_it_answers

    def run(self, message, context) -> Draft:
        self.before_it_answers()
        wants = "转人工" in message.text
        return draft(
            "handoff" if wants else "answer", "asked_for_human" if wants else "confident_answer", text=message.text
        )
