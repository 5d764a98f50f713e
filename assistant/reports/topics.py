"""What the messages are about: groups of our own vectors, named with their words, and which of them are new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from assistant.clusters import centres
from assistant.keywords import keywords, telling_words
from assistant.reports.calendar import start_of
from assistant.reports.counting import MIN_N, difference, is_clear, share
from assistant.reports.figures import News, RisingWord, Topic, Topics, Trend
from assistant.reports.rows import Rows
from assistant.reports.sample import Sample, by_meaning
from assistant.text import Segmenter

MAX_TOPICS = 12
MIN_MESSAGES = 5  # of a topic: fewer are an anecdote
RECENT_DAYS = 7
MIN_DAYS = 21  # that the data cover, before the last week is compared with the weeks before
RISE = 1.5  # times its earlier share, before a topic or word is news
MIN_NEWS = 5  # messages of the last week that a rising topic or word stands in
MAX_WORDS = 8
Z_WORD = 3.0  # of a word's log odds ratio: one word in a thousand would reach it by chance
PRIOR = 0.5  # times a word is taken to have been said in each period beforehand
MAX_READ = 6_000  # messages whose words are counted, half of them of the last week: about a second of jieba


def group(sample: Sample) -> np.ndarray:
    """The topic of each sampled message, int (n,): 0 is the largest, -1 for those of none."""
    groups = by_meaning(sample.rows.text, sample.vectors)
    sizes = np.bincount(groups, minlength=1)
    kept = min(MAX_TOPICS, int((sizes >= MIN_MESSAGES).sum()))
    return np.where(groups < kept, groups, -1)


def topics(
    sample: Sample, groups: np.ndarray, days: np.ndarray, trend: Trend, segmenter: Segmenter, show: Sequence[str]
) -> Topics:
    """days: datetime64[D] of each sampled message; show: the texts as they may be printed, personal data masked."""
    names = keywords(segmenter, sample.rows.text.tolist(), groups)
    items = tuple(_topic(name, np.flatnonzero(groups == i), sample, days, trend, show) for i, name in enumerate(names))
    return Topics(len(sample.rows), sample.n_all, items)


def most_central(vectors: np.ndarray) -> np.ndarray:
    """Places of the rows, the one nearest to the middle of all first."""
    middle = centres(vectors, np.zeros(len(vectors), int))[0]
    return np.argsort(-(vectors @ middle), kind="stable")


def _topic(
    name: tuple[str, ...], places: np.ndarray, sample: Sample, days: np.ndarray, trend: Trend, show: Sequence[str]
) -> Topic:
    negative = sample.rows.sentiment.mask("negative")
    recent, earlier = _recent_and_earlier(places, days)
    example = places[most_central(sample.vectors[places])[0]]
    return Topic(
        keywords=name,
        n=len(places),
        share=share(len(places), len(sample.rows)),
        negative=share(int(negative[places].sum()), len(places)),
        weeks=_counted(days[places], trend),
        example=show[example],
        recent=recent,
        earlier=earlier,
        is_rising=recent is not None and _is_news(recent, earlier),
    )


def _counted(days: np.ndarray, trend: Trend) -> tuple[int, ...]:
    starts = start_of(days[~np.isnat(days)], trend.unit).astype(str)
    counts = Counter(starts.tolist())
    return tuple(counts[bucket.first_day] for bucket in trend.buckets)


def _recent_and_earlier(places: np.ndarray, days: np.ndarray):
    """The topic's share of the last seven days' messages, and of those before; None where there is too little."""
    recent = is_recent(days)
    if recent is None:
        return None, None
    earlier = ~recent & ~np.isnat(days)
    return tuple(share(int(mask[places].sum()), int(mask.sum())) for mask in (recent, earlier))


def is_recent(days: np.ndarray) -> np.ndarray | None:
    """bool (n,): of the last seven days; None when the data are too short or thin to compare these with what was before."""
    known = days[~np.isnat(days)]
    if not len(known) or int((known.max() - known.min()).astype(int)) + 1 < MIN_DAYS:
        return None
    recent = days > known.max() - RECENT_DAYS
    return recent if recent.sum() >= MIN_N else None


def _is_news(recent, earlier) -> bool:
    grown = recent.value >= RISE * earlier.value and recent.n_hit >= MIN_NEWS
    return grown and is_clear(difference("topic", "", earlier, recent))


def news(rows: Rows, days: np.ndarray, found: Topics, segmenter: Segmenter) -> News:
    """days: datetime64[D] of all rows."""
    recent = is_recent(days)
    if recent is None:
        return News("")
    rising = tuple(topic for topic in found.items if topic.is_rising)
    first_day = days[~np.isnat(days)].max() - (RECENT_DAYS - 1)
    return News(str(first_day), rising, _rising_words(rows, days, recent, segmenter))


def _rising_words(rows: Rows, days: np.ndarray, recent: np.ndarray, segmenter: Segmenter) -> tuple[RisingWord, ...]:
    """Words that more of the last week's messages hold than of those before: log odds ratio with a prior over its
    standard error (Monroe, Colaresi & Quinn 2008)."""
    known = ~np.isnat(days)
    now, n_now, of_now = _said(rows, known & recent, segmenter)
    before, n_before, of_before = _said(rows, known & ~recent, segmenter)
    n_weeks = (int((days[known].max() - days[known].min()).astype(int)) + 1 - RECENT_DAYS) / 7

    def z(word: str) -> float:
        a, b = now[word] + PRIOR, before[word] + PRIOR
        odds = np.log(a / max(n_now - now[word], PRIOR)) - np.log(b / max(n_before - before[word], PRIOR))
        return float(odds / np.sqrt(1 / a + 1 / b))

    risen = [w for w, n in now.items() if n >= MIN_NEWS and n / n_now >= RISE * (before[w] + PRIOR) / n_before]
    risen = sorted((w for w in risen if z(w) >= Z_WORD), key=lambda word: (-z(word), word))[:MAX_WORDS]
    return tuple(
        RisingWord(w, round(now[w] * of_now), round(before[w] * of_before), before[w] * of_before / n_weeks)
        for w in risen
    )


def _said(rows: Rows, mask: np.ndarray, segmenter: Segmenter) -> tuple[Counter[str], int, float]:
    """In how many messages each word stands, how many were read, and how many each of these stands for."""
    places = np.flatnonzero(mask)
    n_all = len(places)
    if n_all > MAX_READ // 2:
        places = np.random.default_rng(0).choice(places, MAX_READ // 2, replace=False)
    counts = Counter[str]()
    for text in rows.text[places]:
        counts.update(set(telling_words(segmenter, text)))
    return counts, max(1, len(places)), n_all / max(1, len(places))
