"""Every figure that we publish, with its 95 % interval and its baselines, measured in one run.

rows = evaluate("sentiment", subject, data=None)     our own held-out material alone
print(table(rows))
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import InputError
from assistant.values import OUT_OF_SCOPE
from training.rows import Row

if TYPE_CHECKING:
    from assistant.entities import EntityExtractor
    from assistant.heads import SentimentHead
    from assistant.intents import IntentExamples
    from assistant.reader import Reader

SUITES = ("sentiment", "intent", "faq", "policy", "entities", "suggestions")
PUBLIC_SUITES = ("report", "pairs")  # nothing to measure without the public sets
CUSTOMERS = "customers"  # of public purchases: training.customers measures it, with rows of its own


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured. `demo`: the folder with faq_*.csv, heldout_questions.tsv and entities_eval.tsv."""

    reader: Reader
    sentiment: SentimentHead
    examples: IntentExamples
    extractor: EntityExtractor
    demo: Path


def suites_of(asked: str, data: Path | None) -> tuple[str, ...]:
    """What `asked` stands for: itself, or for `all` every suite, those of public sets where their folder is given."""
    if asked != "all":
        return (asked,)
    return (*SUITES, *PUBLIC_SUITES, CUSTOMERS) if data else SUITES


def evaluate(suite: str, subject: Subject, data: Path | None = None) -> Iterator[Row]:
    """Yield the rows of one suite as they are measured; `data` adds the public sets under it.

    Raises InputError for a suite that does not exist or a folder that does not hold the sets.
    """
    if data is not None and not (Path(data) / "text").is_dir():
        raise InputError(f"{data} has no folder 'text'; --data must name the folder that holds the public sets")
    if data is None and suite in PUBLIC_SUITES:
        raise InputError(f"the suite {suite} is measured on public sets; name their folder: --data DIR")
    encoder, segmenter = subject.reader.encoder, subject.reader.segmenter
    match suite:
        case "sentiment":
            from training.suite_sentiment import suite as run

            yield from run(encoder, subject.sentiment, data)
        case "intent":
            from training.suite_intent import suite as run

            yield from run(encoder, subject.examples, data)
        case "faq":
            from training.suite_faq import suite as run

            yield from run(encoder, segmenter, subject.demo, data)
        case "policy":
            from training.suite_policy import suite as run

            pairs = zip(subject.examples.texts, subject.examples.labels, strict=True)
            yield from run(subject.reader, subject.demo, [text for text, label in pairs if label == OUT_OF_SCOPE])
        case "suggestions":
            from training.suite_suggestions import suite as run

            yield from run(subject.reader, subject.demo)
        case "entities":
            from training.suite_entities import suite as run

            yield from run(subject.extractor, subject.demo)
        case "report":
            from training.suite_report import suite as run

            yield from run(encoder, subject.sentiment, data)
        case "pairs":
            from training.suite_pairs import suite as run

            yield from run(encoder, segmenter, data)
        case _:
            raise InputError(f"there is no suite {suite!r}; expected one of {', '.join((*SUITES, *PUBLIC_SUITES))}")


def table(rows: Sequence[Row]) -> str:
    """The rows as Markdown, shares in percent."""
    head = "| data | language | system | metric | value | 95 % interval | n |\n|---|---|---|---|---|---|---|"
    lines = [
        f"| {row.data} | {row.language} | {row.system} | {row.metric} | {100 * row.value:.1f} "
        f"| {100 * row.low:.1f} to {100 * row.high:.1f} | {row.n:,} |"
        for row in rows
    ]
    return "\n".join([head, *lines])
