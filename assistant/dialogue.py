"""What the last turns contribute: follow-ups such as 那运费呢 become whole questions, and repeated failures are counted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from assistant.phrases import ordinal
from assistant.text import normalise
from assistant.values import Entity, Hit, Language, Reading, Turn

MAX_ELLIPTIC = 6  # Han characters (or English words) of its own beyond which a message stands by itself
_LEAD = re.compile(
    r"^(?:那么?|还有|然后|另外|以及|or|and(?: also)?(?: for)?|what about|how about|then|but|ok(?:ay)?)(?![a-z])[\s,，]*",
    re.IGNORECASE,
)
_TAIL = re.compile(r"[\s?？。.!！~～]*(?:呢|的话|嘞|捏|咧)?[\s?？。.!！~～]*$")
_PARTICLE = re.compile(r"呢[\s?？。.!！~～]*$")
_FRAGMENT = re.compile(
    r"(?:(?:大概|一般|要|需要|得|还要|总共|一共)*(?:多久|多少钱|多少|几天|多长时间|什么时候|何时|哪里|在哪|在哪里|为什么|为啥|怎么弄|怎么办|怎么操作|谁)"
    r"(?:啊|呀|能到|能好|可以)?|(?:how (?:long|much|many|come|so)|when|where|why|who|which one)(?: (?:exactly|then|is it))?)",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"^(?:它|这个|那个|这款|那款|这种|那种|这|那|it|this|that|those|these|them)(?![a-z])", re.IGNORECASE
)
_ASKS = re.compile(
    r"怎么|如何|多少|多久|什么|几|哪|吗|能不能|可不可以|是否|为啥|\b(?:how|what|when|where|why|who|which|can|could|do|does|is|are|will)\b",
    re.IGNORECASE,
)
_UNIT = re.compile(r"[a-z0-9']+|[^\W_]", re.IGNORECASE)
_ARTICLES = {"the", "a", "an", "my", "your"}


@dataclass(frozen=True, slots=True)
class Context:
    """The last turns of the conversation, oldest first."""

    turns: tuple[Turn, ...] = ()

    @property
    def n_failures(self) -> int:
        """How many of the latest turns in a row ended without an answer."""
        return _run(self, lambda turn: turn.decision.outcome == "unknown")

    def n_negative(self, p_negative: float) -> int:
        """How many of the latest turns in a row were at least this negative."""
        return _run(self, lambda turn: turn.reading.sentiment.p["negative"] >= p_negative)

    @property
    def asks_order_no(self) -> bool:
        """Whether the last reply asked for an order number."""
        return bool(self.turns) and self.turns[-1].decision.reasons[:1] == ("ask_order_no",)

    @property
    def language(self) -> Language | None:
        """The language that the customer used last, zh or en."""
        used = (turn.reading.language for turn in reversed(self.turns))
        return next(("en" if language == "en" else "zh" for language in used if language != "other"), None)

    @property
    def offered(self) -> tuple[Hit, ...]:
        """The entries behind the buttons of the last reply."""
        last = self.turns[-1] if self.turns else None
        return last.decision.hits if last and last.decision.outcome == "clarify" else ()


def choice_of(text: str, faq_id: str | None, context: Context) -> str | None:
    """The entry that the customer chose: by its button, by typing its title, or as 第二个 / the second one."""
    if faq_id:
        return faq_id
    said = normalise(text).text.casefold()
    for place, hit in enumerate(context.offered):
        if said == normalise(hit.question).text.casefold() or ordinal(said) == place:
            return hit.faq_id
    return None


def query_of(message_text: str, reading: Reading, context: Context) -> str:
    """The text to look up: the message itself, or, when it is short and elliptic, what it means after the last question.

    那运费呢 after 怎么退货 is looked up as 怎么退货 那运费; a name replaces the name it stands beside (b产品呢 after
    a产品保修多久 is b产品保修多久).
    """
    text = normalise(message_text).text
    last = _last_question(context)
    if not last or not (text and _is_elliptic(text)):
        return message_text
    topic = _TAIL.sub("", _LEAD.sub("", text)).strip()
    replaced = _replace_name(last, reading) or _replace_like(last.query, topic)
    return replaced or f"{last.query} {topic or text}"


@dataclass(frozen=True, slots=True)
class _Asked:
    query: str
    entities: tuple[Entity, ...]  # spans index into query; none when the query was itself put together


def _last_question(context: Context) -> _Asked | None:
    """What the latest turn that asked something was about; small talk and hand-overs are passed over."""
    for place in range(len(context.turns) - 1, -1, -1):
        turn = context.turns[place]
        if turn.decision.outcome in ("answer", "clarify", "action", "unknown") and turn.message.text.strip():
            if turn.message.faq_id and turn.decision.hits:
                return _Asked(turn.decision.hits[0].question, ())
            query = query_of(turn.message.text, turn.reading, Context(context.turns[:place]))
            return _Asked(query, turn.reading.entities if query == turn.message.text else ())
    return None


def _is_elliptic(text: str) -> bool:
    """Short, and leaning on what went before: it begins with 那 or `and`, ends in 呢, points, or is a bare how long."""
    bare = _TAIL.sub("", text)
    if _FRAGMENT.fullmatch(_LEAD.sub("", bare)):
        return True
    topic = _LEAD.sub("", bare)
    leans = topic != bare or _PARTICLE.search(text) or (_POINTING.match(bare) and not _ARTICLES & {bare.lower()})
    own = _UNIT.findall(_ASKS.sub(" ", _POINTING.sub("", topic)))
    own = [unit for unit in own if unit.lower() not in _ARTICLES]
    asks_itself = _ASKS.search(topic) and len(own) > 2
    return bool(leans) and len(own) <= MAX_ELLIPTIC and not asks_itself


def _replace_name(last: _Asked, reading: Reading) -> str | None:
    """Put the one name in the message in the place of the last question's name of the same type."""
    for entity in reading.entities:
        for other in last.entities:
            if entity.type == other.type and entity.value != other.value:
                name = reading.text[entity.start : entity.end]
                return last.query[: other.start] + name + last.query[other.end :]
    return None


def _replace_like(query: str, topic: str) -> str | None:
    """Replace the span that ends like the topic and is as long: 红色的 by 蓝色的, `the red one` by `the blue one`."""
    old, new = list(_spans(query)), [span for span in _spans(topic) if topic[slice(*span)].lower() not in _ARTICLES]
    words = [topic[slice(*span)].lower() for span in new]
    for end in range(len(old), len(words) - 1, -1):
        there = [query[slice(*span)].lower() for span in old[end - len(words) : end]]
        n_same = sum(
            1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(reversed(there), reversed(words), strict=True))
        )
        if 0 < n_same < len(words) and n_same >= len(words) / 3:
            start = old[end - len(words)][0]
            return query[:start] + topic[new[0][0] : new[-1][1]] + query[old[end - 1][1] :]
    return None


def _spans(text: str) -> Iterator[tuple[int, int]]:
    return (match.span() for match in _UNIT.finditer(text))


def _run(context: Context, holds) -> int:
    return sum(1 for _ in takewhile(holds, reversed(context.turns)))
