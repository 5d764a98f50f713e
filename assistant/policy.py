"""What to do about a message: answer, ask back, chat, hand over, or say that we do not know. A pure function.

| outcome   | deciding reason, in the order of asking                                                             |
|-----------|-----------------------------------------------------------------------------------------------------|
| handoff   | asked_for_human, mood_twice, complaint, mood_without_answer, repeated_failure                       |
| clarify   | blank, sign_in_first, ask_order_no, close_entries, close_intents                                                   |
| action    | order_lookup                                                                                        |
| smalltalk | greeting, thanks, bye, who_are_you, compliment, yes, no                                             |
| answer    | chosen_option, confident_answer                                                                     |
| unknown   | no_confident_answer                                                                                 |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.dialogue import Context
from assistant.phrases import asks_for_human, asks_who
from assistant.values import OUT_OF_SCOPE, Decision, Hit, Reading

SMALLTALK = {"greet": "greeting", "thanks": "thanks", "goodbye": "bye", "affirm": "yes", "deny": "no"}
N_OPTIONS = 4  # what a phone shows without scrolling


@dataclass(frozen=True, slots=True)
class Rules:
    """The owner states max_wrong_answers; p_answer follows from it on held-out questions (FaqIndex.threshold_for)."""

    max_wrong_answers: float = 0.05  # share of the answers given
    p_answer: float = 0.95  # answer from this probability on
    p_offer: float = (
        0.05  # an entry likelier than this gets a button: more of them hold the right one, none costs an answer
    )
    p_offer_sum: float = 0.4  # offer only when the right one is probably among the buttons
    p_intent: float = 0.5  # an intent counts from here on
    p_close: float = 0.25  # two intents this likely each, and neither far ahead
    close: float = 0.15  # how far ahead is far
    p_negative: float = 0.8  # strongly negative
    p_very_negative: float = 0.95
    p_positive: float = 0.9  # content enough to be thanked; at 0.8 one complaint in 90 was, now one in 300
    max_failures: int = 2  # unknowns in a row until somebody takes over
    action_intents: frozenset[str] = frozenset()  # intents that a look-up serves, e.g. order_status


def decide(reading: Reading, hits: Sequence[Hit], context: Context, rules: Rules, identified: bool = False) -> Decision:
    """hits: found for the message, best first. identified: the shop signed who the customer is.

    Reasons name the rules that fired, the deciding one first.
    """
    if asks_for_human(reading.text) or (_is(reading, rules, "human_agent") and not asks_who(reading.text)):
        return Decision("handoff", ("asked_for_human",))
    if not reading.intent_ranking:
        return Decision("clarify", ("blank",))
    p_negative = reading.sentiment.p["negative"]
    answerable = bool(hits) and hits[0].p_correct >= rules.p_answer
    if p_negative >= rules.p_negative and context.n_negative(rules.p_negative) >= 1:
        return Decision("handoff", ("mood_twice",), tuple(hits[:1]))
    if _is(reading, rules, "complaint") and not _is_praise(reading, rules):
        return Decision("handoff", ("complaint",))
    if action := _action(reading, hits, context, rules, answerable, identified):
        return action
    offers = _offers(hits, rules)
    # an entry may be likelier than the small talk that a message looks like: "anybody there at night?" is no greeting
    found = answerable or (offers and reading.intent.name in SMALLTALK)
    meant = found and reading.intent.p < hits[0].p_correct
    if (talk := _smalltalk(reading, rules)) and not meant:
        return Decision("smalltalk", (talk,))
    if answerable:
        return Decision("answer", ("confident_answer",), tuple(hits[:1]))
    if p_negative >= rules.p_very_negative:
        return Decision("handoff", ("mood_without_answer",))
    if offers:
        return Decision("clarify", ("close_entries",), offers)
    if _close_intents(reading, rules):
        return Decision("clarify", ("close_intents",))
    if context.n_failures + 1 >= rules.max_failures:
        return Decision("handoff", ("repeated_failure", "no_confident_answer"))
    return Decision("unknown", ("no_confident_answer",))


def choose(hit: Hit) -> Decision:
    """The customer pressed a button: that is the answer, whatever the text looks like."""
    return Decision("answer", ("chosen_option",), (hit,))


def _action(
    reading: Reading, hits: Sequence[Hit], context: Context, rules: Rules, answerable: bool, identified: bool
) -> Decision | None:
    """Look an order up: for the customer whom the shop signed, once its number is there; else ask for what is missing."""
    if not rules.action_intents:
        return None
    wanted = reading.intent.name in rules.action_intents and reading.intent.p >= rules.p_intent
    numbered = any(entity.type == "order_no" for entity in reading.entities)
    if numbered and (wanted or context.asks_order_no):
        return Decision("action", ("order_lookup",)) if identified else Decision("clarify", ("sign_in_first",))
    if not wanted or answerable:  # how orders are tracked in general is the FAQ's matter
        return None
    return (
        Decision("clarify", ("ask_order_no",))
        if identified
        else Decision("clarify", ("sign_in_first",), _offers(hits, rules))
    )


def _close_intents(reading: Reading, rules: Rules) -> bool:
    """The two likeliest intents are so close that it is not clear which of them is meant (rasa#1840)."""
    if len(reading.intent_ranking) < 2:
        return False
    first, second = reading.intent_ranking[:2]
    matters = not {first.name, second.name} & SMALLTALK.keys() and second.p > reading.p_out_of_scope
    return matters and second.p >= rules.p_close and first.p - second.p <= rules.close


def _is(reading: Reading, rules: Rules, intent: str) -> bool:
    return reading.intent.name == intent and reading.intent.p >= rules.p_intent


def _smalltalk(reading: Reading, rules: Rules) -> str | None:
    if asks_who(reading.text):
        return "who_are_you"
    if reading.intent.p >= rules.p_intent and reading.intent.name in SMALLTALK:
        return SMALLTALK[reading.intent.name]
    return "compliment" if _is_praise(reading, rules) else None


def _is_praise(reading: Reading, rules: Rules) -> bool:
    """Very content, and no matter that an intent is sure of; praise and complaint share their words: service, quality."""
    content = reading.sentiment.p["positive"] >= rules.p_positive
    return content and (reading.intent.p < rules.p_intent or reading.intent.name in (OUT_OF_SCOPE, "complaint"))


def _offers(hits: Sequence[Hit], rules: Rules) -> tuple[Hit, ...]:
    """Two to four entries when the right one is probably among them; a single one is no choice."""
    likely = tuple(hit for hit in hits[:N_OPTIONS] if hit.p_correct >= rules.p_offer)
    if likely and sum(hit.p_correct for hit in hits[:N_OPTIONS]) >= rules.p_offer_sum:
        return likely if len(likely) > 1 else tuple(hits[:2])
    return ()
