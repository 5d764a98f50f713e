"""Decisions to words: wordings from configs/replies/{zh,en}.toml, chosen so that a retry says the same again."""

from __future__ import annotations

import re
import tomllib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.actions import LookedUp
from assistant.characters import fold
from assistant.dialogue import Context
from assistant.errors import InputError
from assistant.pinyin import is_pinyin
from assistant.text import language
from assistant.values import Decision, Language, Option, Reading, Reply

SECTIONS = {
    "smalltalk": ("greeting", "thanks", "bye", "who_are_you", "compliment", "yes", "no"),
    "policy": (
        *("dont_know", "clarify", "handoff", "handoff_mood", "handoff_repeat", "out_of_hours", "ask_order_no", "empty"),
    ),
    "actions": ("sign_in", "order_found", "order_missing", "order_failed"),
}
_HANDOFF = {"mood_twice": "handoff_mood", "mood_without_answer": "handoff_mood", "repeated_failure": "handoff_repeat"}
_CLARIFY = {"blank": "empty", "ask_order_no": "ask_order_no", "sign_in_first": "sign_in"}
_SPOKEN: Mapping[Language, str] = {"zh": "zh", "mixed": "zh", "en": "en"}
_HUMAN = {"zh": "转人工", "en": "Human agent"}  # both are obeyed by assistant.phrases

Wordings = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Replies:
    """Wordings by language and key; the titles of intents, and the words for an order's status, by language."""

    wordings: Mapping[str, Wordings]
    titles: Mapping[str, Mapping[str, str]]
    statuses: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def load(cls, zh_toml: Path, en_toml: Path) -> Replies:
        """Raises InputError naming file, section and key when one is missing, empty or unknown."""
        files = {"zh": _read(zh_toml), "en": _read(en_toml)}
        wordings = {language: _wordings(tables, path) for language, (tables, path) in files.items()}
        titles, statuses = (
            {language: tables.get(name, {}) for language, (tables, _) in files.items()}
            for name in ("intents", "order_status")
        )
        return cls(wordings, titles, statuses)

    def render(self, decision: Decision, reading: Reading, conversation_id: str, context: Context) -> Reply:
        """The reply in the language of the message, or in the customer's last one when it has none.

        Pinyin that found a Chinese entry is Chinese.
        """
        spoken = _SPOKEN.get(reading.language) or context.language or "zh"
        if decision.hits and is_pinyin(fold(reading.text)):
            spoken = _SPOKEN.get(language(decision.hits[0].question), spoken)
        reason = decision.reasons[0]
        key = f"{conversation_id}/{len(context.turns) and context.turns[-1].sequence}"

        def say(name: str) -> str:
            return self.say(name, spoken, key)

        match decision.outcome:
            case "answer":
                return Reply(decision.hits[0].answer, "answer", faq_id=decision.hits[0].faq_id)
            case "smalltalk":
                return Reply(say(reason), "smalltalk")
            case "handoff":
                return Reply(say(_HANDOFF.get(reason, "handoff")), "handoff")
            case "clarify":
                return Reply(
                    say(_CLARIFY.get(reason, "clarify")), "clarify", options=self._options(decision, reading, spoken)
                )
            case "unknown":
                return Reply(say("dont_know"), "clarify", options=(Option(_HUMAN[spoken], intent="human_agent"),))
            case outcome:
                raise ValueError(f"outcome {outcome!r} is rendered by whoever serves it, not from a wording")

    def say(self, name: str, language: Language, key: str) -> str:
        """One of the wordings under a name; the same key chooses the same one."""
        wordings = self.wordings[_SPOKEN.get(language, "zh")][name]
        return wordings[zlib.crc32(f"{key}/{name}".encode("utf-8", "replace")) % len(wordings)]

    def looked_up(self, looked: LookedUp, reading: Reading, conversation_id: str, context: Context) -> Reply:
        """What a look-up of an order found, in words; with a way to a person where it found nothing."""
        spoken = _SPOKEN.get(reading.language) or context.language or "zh"
        key = f"{conversation_id}/{looked.order_no}"
        human = (Option(_HUMAN[spoken], intent="human_agent"),)
        if looked.failed or looked.order is None:
            text = self.say("order_failed" if looked.failed else "order_missing", spoken, key)
            return Reply(_filled(text, order_no=looked.order_no), "action", options=human)
        order = looked.order
        status = self.statuses.get(spoken, {}).get(order.status, order.status)
        shipped = _filled(status, carrier=order.carrier, tracking_no=order.tracking_no)
        items = ("、" if spoken == "zh" else ", ").join(order.items)
        text = self.say("order_found", spoken, key)
        return Reply(_filled(text, order_no=order.order_no, items=items, status=shipped), "action")

    def _options(self, decision: Decision, reading: Reading, spoken: str) -> tuple[Option, ...]:
        if decision.reasons[0] == "close_intents":
            titles = self.titles[spoken]
            names = [intent.name for intent in reading.intent_ranking[:2]]
            return tuple(Option(titles.get(name, name.replace("_", " ")), intent=name) for name in names)
        options = tuple(Option(hit.question, faq_id=hit.faq_id) for hit in decision.hits)
        human = (Option(_HUMAN[spoken], intent="human_agent"),) if decision.reasons[0] == "sign_in_first" else ()
        return options + human


def _filled(text: str, **words: str) -> str:
    """The text with {name} replaced; str.format would let a wording reach into its arguments."""
    return re.sub(r"\{(\w+)\}", lambda place: words.get(place[1], place[0]), text)


def _read(path: Path) -> tuple[dict, Path]:
    try:
        return tomllib.loads(Path(path).read_text("utf-8")), Path(path)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path} cannot be read as a TOML file of replies: {error}") from error


def _wordings(tables: dict, path: Path) -> Wordings:
    found = {}
    for section, keys in SECTIONS.items():
        given = tables.get(section, {})
        if unknown := sorted(set(given) - set(keys)):
            raise InputError(f"{path}: [{section}] {unknown[0]} is not used; expected {', '.join(keys)}")
        for key in keys:
            texts = given.get(key)
            if not (
                isinstance(texts, list) and texts and all(isinstance(text, str) and text.strip() for text in texts)
            ):
                raise InputError(f"{path}: [{section}] {key} = {texts!r}; expected a list with one text or more")
            found[key] = tuple(texts)
    return found
