"""Suggested replies: is one of the three among those that an agent could have sent? And what do 200 feedbacks add?

Protocol. Conversations fall into two halves by the hash of their name. Everything learned or chosen comes from the
learning half: the ranker's starting coefficients, the widths of its kernels, and the feedback. The test half is answered
reply by reply with nothing of it ever learned. A feedback is one reply of the learning half, replayed in an order drawn
by chance: three suggestions are shown; the first that fits is accepted, those above it are rejected; when none fits all
are rejected, and the agent's own reply is remembered. hit@3 counts the replies for which anything is judged to fit
(`fits`, see training.conversations); the share of all replies for which something does is a row of its own. An agent's
earlier reply counts as a hit when it was judged to do the same as this one. Replies of one conversation depend on each
other, so intervals resample whole conversations.

The judgments are ours (training.conversations says how they were made, the demo's a second time after its totals were
known): on the demo shop broad (any of about three items would do), on the dialogues of other trades narrow (what the
reply itself does). Compare rows with the baselines beside them, not with each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from assistant.reader import Reader
from assistant.suggestions import Example, ItemVectors, Learned, Memory, Ranked, suggest
from assistant.suggestions.ranker import fit
from assistant.suggestions.suggest import reply_id
from training.conversations import DEMO, TRADES, Answered, answered, name_of, read_canned, read_conversations
from training.rows import Row, resampled, share
from training.suite_faq import build_index, demo_entries

SUITE = "suggestions"
FEEDBACKS = (0, 50, 100, 200)
Fits = Mapping[str, frozenset[str]]


def suite(reader: Reader, demo: Path, seed: int = 0) -> Iterator[Row]:
    learning, test = halves(reader, demo)
    vectors = ItemVectors(reader.encoder.encode)
    known = fits_of_replies([*learning, *test])
    order = shuffled(learning, seed)
    states = dict(replay(order, vectors, reader.encoder.dimension, known))
    judged = [a for a in test if a.fits]
    first = {n: [shown(a, states[n], vectors) for a in judged] for n in (*FEEDBACKS, len(order))}
    hits = {
        n: np.array([hit(a, three, known) for a, three in zip(judged, found, strict=True)])
        for n, found in first.items()
    }
    often = _most_sent(order)
    groups = [(data, spoken) for data in (DEMO, TRADES) for spoken in ("zh", "en")] + [("all", "both")]
    for data, spoken in groups:
        here = np.array([data == "all" or (a.data, a.language) == (data, spoken) for a in judged])
        some = [a for a, h in zip(judged, here, strict=True) if h]
        for n, found in hits.items():
            yield _by_conversation(some, found[here], "hit@3").row(SUITE, data, spoken, f"huida, {n} feedbacks")
        gain = hits[200][here].astype(float) - hits[0][here]
        yield _by_conversation(some, gain, "hit@3 gained").row(SUITE, data, spoken, "huida, 200 feedbacks over none")
        sent = [bool(often & a.fits) for a in some]
        yield _by_conversation(some, sent, "hit@3").row(SUITE, data, spoken, "the three most sent")
        alone = [bool({name_of(i) for i in a.items[:3] if i.source == "faq"} & a.fits) for a in some]
        yield _by_conversation(some, alone, "hit@3").row(SUITE, data, spoken, "FAQ search alone")
        every = [bool(a.fits) for a in test if data == "all" or (a.data, a.language) == (data, spoken)]
        yield share(every, "anything fits").row(SUITE, data, spoken, "judgment")
    everywhere = [(one.p, fits(one, a, known)) for a, three in zip(judged, first[200], strict=True) for one in three]
    p, right = (np.array(column, float) for column in zip(*everywhere, strict=True))
    yield resampled(
        np.stack([p - right, np.ones(len(p))], 1), lambda c: abs(c[0] / c[1]), "mean p minus share taken"
    ).row(SUITE, "all", "both", "huida, 200 feedbacks")


def halves(reader: Reader, demo: Path) -> tuple[list[Answered], list[Answered]]:
    """The replies of the learning half and of the test half."""
    conversations = read_conversations(demo)
    index = build_index(reader.encoder, reader.segmenter, demo_entries(demo))
    canned = read_canned(demo)
    parts = ([c for c in conversations if c.is_test is side] for side in (False, True))
    learning, test = (list(answered(part, reader, index, canned)) for part in parts)
    return learning, test


def replay(
    order: Sequence[Answered], vectors: ItemVectors, dimension: int, known: Fits
) -> Iterator[tuple[int, Learned]]:
    """Yield (n, what was learned from the first n feedbacks) for each of FEEDBACKS and for all."""
    learned = Learned(Memory.empty(dimension))
    for n, reply in enumerate(order):
        if n in FEEDBACKS:
            yield n, learned
        learned = taught(learned, reply, vectors, known)
    yield len(order), learned


def taught(learned: Learned, reply: Answered, vectors: ItemVectors, known: Fits) -> Learned:
    """What is known after an agent saw three suggestions for this reply and took one of them or none."""
    three = shown(reply, learned, vectors)
    place = next((i for i, one in enumerate(three) if fits(one, reply, known)), None)
    judged = three if place is None else three[: place + 1]
    labels = [float(i == place) for i in range(len(judged))]
    verdicts = learned.verdicts
    for one, taken in zip(judged, labels, strict=True):
        verdicts = verdicts.plus(one.item.item_id, taken)
    rows = (
        np.concatenate([learned.rows, np.array([one.row for one in judged]).reshape(len(judged), -1)])
        if judged
        else learned.rows
    )
    labels = np.concatenate([learned.labels, labels])
    took = "" if place is None or three[place].item.source == "agent" else three[place].item.item_id
    example = Example(reply.situation, reply.reply, vectors([reply.reply])[0], took)
    return replace(
        learned,
        memory=learned.memory.plus([example]),
        verdicts=verdicts,
        rows=rows,
        labels=labels,
        ranker=fit(rows, labels),
    )


def shown(reply: Answered, learned: Learned, vectors: ItemVectors) -> list[Ranked]:
    return suggest(reply.situation, reply.items, learned, vectors, min_p=0.0)


def fits(one: Ranked, reply: Answered, known: Fits) -> bool:
    names = known.get(one.item.source_id, frozenset()) if one.item.source == "agent" else {name_of(one.item)}
    return bool(names & reply.fits)


def hit(reply: Answered, three: Sequence[Ranked], known: Fits) -> bool:
    return any(fits(one, reply, known) for one in three)


def fits_of_replies(replies: Sequence[Answered]) -> dict[str, frozenset[str]]:
    return {reply_id(a.reply): a.fits for a in replies}


def shuffled(replies: Sequence[Answered], seed: int) -> list[Answered]:
    """Whole conversations in an order by chance, their replies in their own order."""
    names = list(dict.fromkeys(a.situation.conversation_id for a in replies))
    place = {names[i]: n for n, i in enumerate(np.random.default_rng(seed).permutation(len(names)))}
    return sorted(replies, key=lambda a: place[a.situation.conversation_id])


def _most_sent(learning: Sequence[Answered]) -> frozenset[str]:
    names, counts = np.unique([name for a in learning for name in sorted(a.fits)], return_counts=True)
    return frozenset(names[np.argsort(-counts, kind="stable")][:3].tolist())


def _by_conversation(replies: Sequence[Answered], values: Sequence[float], metric: str):
    """The mean of the values; its interval from resampled conversations."""
    names = [a.situation.conversation_id for a in replies]
    place = {name: i for i, name in enumerate(dict.fromkeys(names))}
    sums = np.zeros((len(place), 2))
    for name, value in zip(names, values, strict=True):
        sums[place[name]] += (value, 1)
    measured = resampled(sums, lambda total: float(total[0] / max(1, total[1])), metric)
    return replace(measured, n=len(names))
