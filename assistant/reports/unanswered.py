"""Questions that the FAQ does not answer, grouped by matter, each group with the beginning of an entry."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from assistant.characters import HAN_RUN
from assistant.reports.counting import share
from assistant.reports.figures import Gap, Unanswered
from assistant.reports.rows import Rows
from assistant.reports.sample import Sample, by_meaning
from assistant.reports.topics import most_central
from assistant.values import OUT_OF_SCOPE, FaqEntry

P_ANSWERED = 0.5  # calibrated probability that the likeliest entry answers: below, it is likelier that none does
MIN_MESSAGES = 2  # of a group
MAX_GAPS = 10
MAX_VARIANTS = 5
N_HEADINGS = 5  # questions nearest to the middle, of which the shortest heads the group
MIN_HEADING = 6  # characters of a question that can stand alone
P_NEAR = 0.2  # of an entry, before it counts as near to a question
AGREEING = 0.3  # share of a group's questions that come near to one entry, before it is shown as the nearest
_LATIN = re.compile("[a-z]{2,}")
_ASK_NOTHING = ("greet", "goodbye", "thanks", "affirm", "deny", "complaint", "human_agent")
_QUESTION = re.compile(
    r"[?？]|吗|呢|怎么|怎样|如何|什么|为什么|为啥|啥|哪|多少|多久|几[天点时个号]|是不是|有没有|能不能|可不可以|能否|可以.{0,6}不"
    r"|\b(?:how|what|when|where|why|which|who|can|could|do|does|did|is|are|will|would|should)\b",
    re.IGNORECASE,
)


def unanswered(sample: Sample, show: Sequence[str], faq: Mapping[str, FaqEntry]) -> Unanswered:
    """show: the sampled texts as they may be printed; faq: the entries by id, for what a draft may begin with."""
    rows = sample.rows
    if not rows.faq_id.present:
        return Unanswered(None)
    asks = _asks(rows)
    open_ones = np.flatnonzero(asks & (np.nan_to_num(rows.p_correct) < P_ANSWERED))
    total = share(len(open_ones), int(asks.sum()))
    groups = by_meaning(rows.text[open_ones], sample.vectors[open_ones])
    found = [open_ones[groups == group] for group in range(int(groups.max(initial=-1)) + 1)]
    found = [places for places in found if len({rows.text[place] for place in places}) >= MIN_MESSAGES]
    return Unanswered(total, tuple(_gap(places, sample, show, faq) for places in found[:MAX_GAPS]))


def _heading(rows: Rows, central: np.ndarray, show: Sequence[str]) -> str:
    """The plainest of the questions nearest to the middle: without pinyin, and short, as long ones tell a story besides."""
    worded = central[_worded(rows.where(central))][:N_HEADINGS]
    texts = [show[place] for place in (worded if len(worded) else central[:1])]
    return min(texts, key=lambda text: (_is_noisy(text), len(text)))


def _is_noisy(text: str) -> bool:
    """wuliu在哪查 says it as well, but no entry should be headed so."""
    return len(text) < MIN_HEADING or bool(HAN_RUN.search(text) and _LATIN.search(text))


def _nearest(rows: Rows, places: np.ndarray, faq: Mapping[str, FaqEntry]) -> FaqEntry | None:
    """The entry that most of the questions come near to; None when each comes near to another."""
    near = Counter(rows.faq_id[place] for place in places if rows.p_correct[place] >= P_NEAR)
    if not near or near.most_common(1)[0][1] < AGREEING * len(places):
        return None
    return faq.get(near.most_common(1)[0][0])


def _asks(rows: Rows) -> np.ndarray:
    """bool (n,): messages that want to know something; of those in no intent only what is worded as a question."""
    names = [rows.intent[i] for i in range(len(rows))]
    worded = _worded(rows)
    wants = [n not in _ASK_NOTHING and (w or n != OUT_OF_SCOPE) for n, w in zip(names, worded, strict=True)]
    return np.array(wants, bool) & ~rows.sentiment.mask("positive")


def _worded(rows: Rows) -> np.ndarray:
    """bool (n,): worded as a question."""
    return np.array([_QUESTION.search(text) is not None for text in rows.text], bool)


def _gap(places: np.ndarray, sample: Sample, show: Sequence[str], faq: Mapping[str, FaqEntry]) -> Gap:
    rows = sample.rows
    central = places[most_central(sample.vectors[places])]
    question = _heading(rows, central, show)
    variants = [text for text in dict.fromkeys(show[place] for place in central) if text != question]
    nearest = _nearest(rows, places, faq)
    negative = rows.sentiment.mask("negative")
    return Gap(
        question=question,
        variants=tuple(variants[:MAX_VARIANTS]),
        n=len(places),
        negative=share(int(negative[places].sum()), len(places)),
        nearest_id=nearest.faq_id if nearest else "",
        nearest_question=nearest.question if nearest else "",
        nearest_answer=nearest.answer if nearest else "",
    )
