"""huida parse: what the assistant understands of a text, or of each line of standard input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.common import AsJson, Config, print_json, read_settings, standard_input, table
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.explain import Explanation
    from assistant.reader import Reader
    from assistant.values import Reading

LINES_AT_ONCE = 256  # one forward pass; results appear while later lines are still to come


def parse(
    text: Annotated[str, typer.Argument(metavar='"TEXT" | -', help="A text, or - for a text on each line of input.")],
    explained: Annotated[bool, typer.Option("--explain", help="Weigh the words that moved mood and intent.")] = False,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Read a text: language, mood, intent, entities. With - each line of standard input becomes a line of JSON.

    Examples:

    - huida parse "我的订单 A1234567 到哪了"
    - huida parse - < messages.txt > readings.jsonl
    - huida parse "快递三天没动静，太失望了" --explain
    """
    from assistant import bootstrap

    if text != "-" and not text.strip():
        raise InputError("the text is empty; write at least one character")
    reader = bootstrap.build_reader(read_settings(config))
    if text != "-":
        [(reading, explanation)] = _read(reader, [text], explained)
        print_json(_as_json(reading, explanation)) if json else _print(reading, explanation)
        return
    for lines in _batches(standard_input()):
        for reading, explanation in _read(reader, lines, explained):
            print_json(_as_json(reading, explanation))


def _read(reader: Reader, texts: list[str], explained: bool) -> Iterator[tuple[Reading, Explanation | None]]:
    from assistant.explain import explain

    readings = reader.read(texts, datetime.now(UTC))
    yield from zip(readings, explain(reader, readings) if explained else [None] * len(readings), strict=True)


def _batches(lines: Iterable[str]) -> Iterator[list[str]]:
    """Lists of lines, without what no text may hold; a line that cannot be read stops it after those before it."""
    from assistant.text import repair

    batch = []
    try:
        for line in lines:
            batch.append(repair(line))
            if len(batch) == LINES_AT_ONCE:
                yield batch
                batch = []
    except InputError:
        yield batch
        raise
    yield batch


def _as_json(reading: Reading, explanation: Explanation | None) -> dict:
    from api.schemas.reading import parsed_out

    return {"text": reading.text} | parsed_out(reading, explanation).model_dump(exclude_none=True)


def _print(reading: Reading, explanation: Explanation | None) -> None:
    mood = reading.sentiment
    rows = [
        ("language", reading.language, ""),
        ("sentiment", mood.label, f"{mood.p[mood.label]:.2f}"),
        ("intent", reading.intent.name, f"{reading.intent.p:.2f}"),
        *(("", intent.name, f"{intent.p:.2f}") for intent in reading.intent_ranking[:4] if intent != reading.intent),
        *((e.type, e.value, f"{e.start}-{e.end}") for e in reading.entities),
        *_moving_words(reading, explanation),
    ]
    table(reading.text, ("", "", "p / span"), rows)


def _moving_words(reading: Reading, explanation: Explanation | None) -> Iterator[tuple[str, str, str]]:
    for what in ("sentiment", "intent") if explanation else ():
        for word in explanation.speaking(what):
            span = f"+{getattr(word, what):.2f} log odds"
            yield f"moved the {what}", reading.text[word.start : word.end], span
