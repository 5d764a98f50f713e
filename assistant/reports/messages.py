"""Messages to read: the worst and the typical ones, personal data masked, with the words that moved their mood."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from assistant.characters import repair
from assistant.explain import explain
from assistant.privacy import mask
from assistant.reader import Reader
from assistant.reports.figures import Marked
from assistant.reports.rows import Rows, Words
from assistant.reports.sample import Sample
from assistant.reports.topics import most_central
from assistant.values import Entity, Reading

N_WORST = 8
N_OF_A_KIND = 2  # of one intent among the worst: eight complaints about one thing are one thing
N_TYPICAL = 6
MIN_CHARACTERS = 6  # shorter ones (差评) are no reading
MAX_CHARACTERS = 280  # of a message in print; the place says where the rest is


def masked(rows: Rows) -> list[str]:
    """Each text without personal data, by the entities that its row came with."""
    return [_masked(text, entities) for text, entities in zip(rows.text, rows.entities, strict=True)]


def worst(rows: Rows) -> list[int]:
    """Places of the messages that are surest to be negative, each text once, few of one intent."""
    long_enough = np.array([len(text) >= MIN_CHARACTERS for text in rows.text], bool)
    places = np.flatnonzero((rows.sentiment.mask("negative")) & long_enough)
    order = places[np.argsort(-rows.p_negative[places], kind="stable")]
    chosen, seen, of_kind = [], set(), Counter()
    for place in order:
        intent, text = rows.intent[place], rows.text[place]
        if text not in seen and of_kind[intent] < N_OF_A_KIND:
            chosen.append(int(place))
            seen.add(text)
            of_kind[intent] += 1
        if len(chosen) == N_WORST:
            break
    return chosen


def typical(sample: Sample, groups: np.ndarray, shown: Collection[str]) -> list[int]:
    """Places in the sample of the message nearest to the middle of each of the largest topics; none `shown` already."""
    middles = []
    for group in range(min(N_TYPICAL, int(groups.max(initial=-1)) + 1)):
        places = np.flatnonzero(groups == group)
        central = places[most_central(sample.vectors[places])]
        middles += [int(place) for place in central if sample.rows.text[place] not in shown][:1]
    return middles


def marked(
    rows: Rows, columns: Mapping[str, Words], places: Sequence[int], days: np.ndarray, reader: Reader
) -> tuple[Marked, ...]:
    """The messages at these places, ready to be shown. days: datetime64[D] of all rows.

    Words are weighed on the masked text, which is the one that the reader of a report sees.
    """
    chosen = rows.where(np.asarray(places, int))
    texts = [_cut(text) for text in masked(chosen)]
    now = datetime.now(UTC)
    readings = reader.read([repair(text) for text in texts], now)
    explanations = explain(reader, readings)
    return tuple(
        Marked(
            text=reading.text,
            sentiment=chosen.sentiment[i],
            p_negative=round(float(chosen.p_negative[i]), 4),
            marks=_marks(chosen.sentiment[i], reading, explanation),
            day="" if np.isnat(days[place]) else str(days[place]),
            facts=tuple((name, column[place]) for name, column in columns.items() if column[place]),
            place=f"{chosen.file[i]}:{chosen.row[i]}",
        )
        for i, (place, reading, explanation) in enumerate(zip(places, readings, explanations, strict=True))
    )


def _marks(sentiment: str, reading: Reading, explanation) -> tuple[tuple[int, int, float], ...]:
    if sentiment != reading.sentiment.label:
        return ()  # without the masked number it reads otherwise: its words would explain another mood
    words = sorted(explanation.speaking("sentiment"), key=lambda word: word.start)
    return tuple((word.start, word.end, round(word.sentiment, 2)) for word in words)


def _masked(text: str, entities: str) -> str:
    found = [Entity(e["type"], e["value"], e["start"], e["end"]) for e in json.loads(entities or "[]")]
    return mask(text, [entity for entity in found if 0 <= entity.start < entity.end <= len(text)])


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 1] + "…"
