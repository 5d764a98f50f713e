"""The owner's intents in Rasa's nlu.yml format (version 3.1): example messages, and the names of the shop's own things.

    version: "3.1"
    nlu:
    - intent: order_status
      examples: |
        - 我的[星河手环](product)到哪了
        - where is [QH20260101001]{"entity": "order_no"}
    - lookup: product          entities of type `product`
    - regex: order_no          entities of type `order_no`
    - synonym: 星河手环         a name found is reported under this one

Source: https://rasa.com/docs/rasa/nlu-training-data
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from assistant.errors import InputError

_ANNOTATED = re.compile(r"\[(?P<text>[^\]]+)\](?:\((?P<short>[^)\s]+)\)|(?P<long>\{[^}]*\}))")
_BLOCKS = ("intent", "lookup", "regex", "synonym")


@dataclass(frozen=True, slots=True)
class Example:
    """One message of an intent, its annotations taken out of the text; `names` are (type, name, value) annotated."""

    intent: str
    text: str
    names: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Name:
    """A name of the shop's own things: wherever `surface` stands in a message there is an entity `type` = `value`."""

    type: str
    surface: str
    value: str


@dataclass(frozen=True, slots=True)
class IntentExamples:
    """What the files say, in their order; a bank of messages that belong nowhere is the intent `out_of_scope`."""

    examples: tuple[Example, ...]
    names: tuple[Name, ...] = ()
    regexes: tuple[tuple[str, str], ...] = field(default=())  # (entity type, pattern)

    @property
    def texts(self) -> list[str]:
        return [example.text for example in self.examples]

    @property
    def labels(self) -> list[str]:
        return [example.intent for example in self.examples]

    @property
    def digest(self) -> str:
        """SHA-256 of all that a head learns from: it differs as soon as one example, name or pattern does."""
        examples = sorted((example.intent, example.text) for example in self.examples)
        names = [(name.type, name.surface, name.value) for name in self.names]
        said = json.dumps([examples, names, self.regexes], ensure_ascii=False)
        return hashlib.sha256(said.encode("utf-8", "backslashreplace")).hexdigest()


@dataclass(frozen=True, slots=True)
class _Line:
    block: str
    name: str
    text: str
    place: str  # "zh.yml, intent greet, line 7", for messages


def read_nlu(paths: Iterable[Path]) -> IntentExamples:
    """Read files, or every .yml of a folder. Raises InputError with file, block and line of the first mistake."""
    lines = [line for path in _files(paths) for line in _lines_of(path)]
    examples = tuple(_example(line) for line in lines if line.block == "intent")
    if not examples:
        raise InputError(f"no intents in {', '.join(map(str, paths))}; expected blocks like '- intent: greet'")
    canonical = _canonical((line.text, line.name) for line in lines if line.block == "synonym")
    typed = {line.text: line.name for line in lines if line.block == "lookup"}
    kinds = set(typed.values())
    for kind, surface, value in (name for example in examples for name in example.names):
        if kind in kinds:  # an annotated name joins the lookup of its type; other types have patterns of their own
            typed.setdefault(surface, kind)
            canonical.setdefault(surface, canonical.get(value, value))
    for (
        surface,
        value,
    ) in canonical.items():  # a synonym has the type of what it stands for, whichever way it was written
        if kind := typed.get(value) or next(
            (typed[s] for s, v in canonical.items() if v == value and s in typed), None
        ):
            typed.setdefault(surface, kind)
    names = tuple(Name(kind, surface, canonical.get(surface, surface)) for surface, kind in typed.items())
    regexes = tuple((line.name, _checked(line)) for line in lines if line.block == "regex")
    return IntentExamples(examples, names, regexes)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in map(Path, paths):
        if path.is_dir():
            yield from sorted(path.glob("*.yml"), key=lambda file: (not file.stem.startswith("zh"), file.name))
        else:
            yield path


def _lines_of(path: Path) -> Iterator[_Line]:
    """Every example line of every block, with the place where it stands."""
    try:
        root = yaml.compose(path.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path} cannot be read as YAML: {' '.join(str(error).split())}") from error
    for block in _entry(root, "nlu", str(path), yaml.SequenceNode).value:
        place = f"{path.name}, line {block.start_mark.line + 1}"
        fields = {key.value: value for key, value in block.value} if isinstance(block, yaml.MappingNode) else {}
        kind = next((kind for kind in _BLOCKS if kind in fields), None)
        if kind is None or not isinstance(fields.get("examples"), yaml.ScalarNode):
            raise InputError(f"{place}: expected a block with one of {', '.join(_BLOCKS)} and 'examples: |'")
        first = fields["examples"].start_mark.line + 2  # the text begins below the bar
        for number, line in enumerate(fields["examples"].value.splitlines(), first):
            if line.strip():
                place = f"{path.name}, {kind} {fields[kind].value}, line {number}"
                if not line.startswith("- ") or not line[2:].strip():
                    raise InputError(f"{place}: {line!r} is no example; expected '- ' and a text")
                yield _Line(kind, fields[kind].value, line[2:].strip(), place)


def _entry(node: yaml.Node | None, key: str, place: str, kind: type[yaml.Node]) -> yaml.Node:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    for name, value in pairs:
        if name.value == key and isinstance(value, kind):
            return value
    raise InputError(f"{place} has no list '{key}:'; expected Rasa's nlu.yml format, version 3.1")


def _example(line: _Line) -> Example:
    names = []
    for match in _ANNOTATED.finditer(line.text):
        kind, _, value = (match["short"] or "").partition(":")
        if match["long"]:
            try:
                said = json.loads(match["long"])
                kind, value = said["entity"], said.get("value", "")
            except (ValueError, KeyError, TypeError) as error:
                raise InputError(f'{line.place}: {match["long"]} is not {{"entity": "type"}}') from error
        names.append((kind, match["text"], value or match["text"]))
    return Example(line.name, _ANNOTATED.sub(lambda match: match["text"], line.text), tuple(names))


def _canonical(synonyms: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Surface -> the name it is reported under. Two files may call each other's names synonyms: the first one's win."""
    to: dict[str, str] = {}

    def end(name: str) -> str:
        while name in to:
            name = to[name]
        return name

    for surface, value in synonyms:
        if end(value) != surface and surface not in to:
            to[surface] = end(value)
    return {surface: end(surface) for surface in to}


def _checked(line: _Line) -> str:
    try:
        re.compile(line.text)
    except re.error as error:
        raise InputError(f"{line.place}: {line.text!r} is no regular expression: {error}") from error
    return line.text
