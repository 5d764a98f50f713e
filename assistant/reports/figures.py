"""What a report holds, as values: counted once, then drawn as HTML, written as XLSX or printed as JSON.

Shares lie in [0, 1], days are ISO dates in the shop's time zone, `n_` counts messages. Names of groups are as the file has
them; assistant.reports.words turns them, and the sentences, into Chinese or English.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Unit = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Share:
    """`value` of `n` messages, with the interval that holds the truth 95 times in 100. n = 0 is anything: 0 to 1."""

    n: int
    n_hit: int  # messages so labelled; `value` differs from n_hit / n where it is corrected for the reader's errors
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bucket:
    """One day, week (from Monday) or month of the trend. `is_partial`: the data begin or end within it."""

    first_day: str
    negative: Share
    positive: Share
    is_partial: bool


@dataclass(frozen=True, slots=True)
class Trend:
    """`buckets` is empty when there is too little to draw; `why_not` then says "no_dates" or "too_few"."""

    unit: Unit
    buckets: tuple[Bucket, ...]
    why_not: Literal["", "no_dates", "too_few"] = ""


@dataclass(frozen=True, slots=True)
class Change:
    """From `day` on the negative share was another: the stretches before and after, up to their own changes."""

    day: str
    before: Share
    after: Share


@dataclass(frozen=True, slots=True)
class Driver:
    """The group that carries a change: `part` of it came from there, while it wrote `n_share` of the messages; both of
    the messages that name a group at all."""

    dimension: str
    name: str
    part: float
    n_share: float


@dataclass(frozen=True, slots=True)
class Headline:
    """What a manager should know first. `what` and `who` carry the change, None where no group stands out.

    kind: rose, fell (since a day); steady (dates, no change found); level (no dates); small (too few to say anything).
    """

    kind: Literal["rose", "fell", "steady", "level", "small"]
    now: Share
    before: Share | None = None
    since: str = ""
    what: Driver | None = None
    who: Driver | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The messages of one product, channel, hour, ... `n_excess`: negative ones beyond what the others' share predicts."""

    name: str
    negative: Share
    positive: Share
    n_excess: float
    is_small: bool  # too few messages for their share to say much


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Groups by the negative messages they have too many of; hours and weekdays in their own order.

    n_missing: messages whose row names no group; n_more_groups: small ones left out, n_more their messages.
    """

    dimension: str
    groups: tuple[Group, ...]
    n_missing: int
    n_more_groups: int = 0
    n_more: int = 0


@dataclass(frozen=True, slots=True)
class Marked:
    """A message with personal data masked, and spans [start, end, weight] of the words that moved its mood."""

    text: str
    sentiment: str
    p_negative: float
    marks: tuple[tuple[int, int, float], ...]
    day: str
    facts: tuple[tuple[str, str], ...]  # (dimension, name) of its row
    place: str  # "messages.csv, row 17": where to find it


@dataclass(frozen=True, slots=True)
class Topic:
    """Messages about one matter. `share` is of all messages looked at; `weeks` counts them over the trend's buckets."""

    keywords: tuple[str, ...]
    n: int
    share: Share
    negative: Share
    weeks: tuple[int, ...]
    example: str
    recent: Share | None  # its share of the last seven days
    earlier: Share | None  # and of the time before
    is_rising: bool


@dataclass(frozen=True, slots=True)
class Topics:
    """The largest topics of `n_read` messages: all of them, or of many a random sample."""

    n_read: int
    n_all: int
    items: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class RisingWord:
    word: str
    n_recent: int
    n_earlier: int
    per_week_earlier: float


@dataclass(frozen=True, slots=True)
class News:
    """What the last seven days have more of than the time before. `first_day` is where they begin; "" without dates."""

    first_day: str
    topics: tuple[Topic, ...] = ()
    words: tuple[RisingWord, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions about one matter that no entry answers. The draft's answer is the nearest entry's, to be rewritten."""

    question: str
    variants: tuple[str, ...]
    n: int
    negative: Share
    nearest_id: str
    nearest_question: str
    nearest_answer: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """`share`: of the messages that ask something, how many no FAQ entry answers; None when no FAQ was there."""

    share: Share | None
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Quality:
    """What was read, and what of it can be believed."""

    n_rows: int  # of the file, rejected ones too
    n_rejected: int
    reasons: Mapping[str, int]  # why rows were rejected
    n_duplicates: int  # messages whose text stands in an earlier row already
    n_blank: int
    n_without_date: int
    n_unsure: int  # no mood has a probability of half or more
    languages: Mapping[str, int]
    missing: tuple[str, ...]  # dimensions that the file does not tell
    model: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of two periods; `change` is new - old with its interval."""

    dimension: str
    name: str
    old: Share
    new: Share
    change: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """This period beside an older one: moods, then the groups whose negative share moved most."""

    old_name: str
    old_first_day: str
    old_last_day: str
    n_old: int
    moods: tuple[Difference, ...]
    groups: tuple[Difference, ...]
    topics: tuple[Difference, ...]  # shares of all messages


@dataclass(frozen=True, slots=True)
class Corrected:
    """The negative share as it really is, by the errors that the reader is known to make; see assistant.reports.shares."""

    value: float
    low: float
    high: float
    source: str  # whose labelled messages told the errors


@dataclass(frozen=True, slots=True)
class Report:
    name: str  # of the file, or "conversations"
    made_at: str
    first_day: str  # "" without dates
    last_day: str
    time_zone: str
    n: int
    moods: Mapping[str, Share]  # negative, neutral, positive
    corrected: Corrected | None
    headline: Headline
    trend: Trend
    changes: tuple[Change, ...]
    breakdowns: tuple[Breakdown, ...]
    topics: Topics
    news: News
    worst: tuple[Marked, ...]
    typical: tuple[Marked, ...]
    unanswered: Unanswered
    quality: Quality
    comparison: Comparison | None = None
