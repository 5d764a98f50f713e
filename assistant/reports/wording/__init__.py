"""Figures in words, Chinese or English: labels, dates, percentages and the sentences of a report.

say = Wording.load("zh")
say("page.n_messages", n=663); say.name("order_status"); say.headline(report)
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from pathlib import Path
from typing import Any, Literal

from assistant.reports.counting import MIN_N, is_clear
from assistant.reports.figures import Corrected, Difference, Group, Report, Share, Topic
from assistant.reports.trend import MIN_BUCKETS

Tongue = Literal["zh", "en"]
TONGUES: tuple[Tongue, ...] = ("zh", "en")
MAX_NAMED = 3  # topics or words that a sentence lists
Z_GROUP = 3.0  # standard errors: the worst of a dozen groups lies two above the others by chance alone
MIN_EXCESS = 5.0  # negative messages too many, before a group is a finding
REJECTED = 0.01  # share of rows that could not be read, from which it is said up front
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@dataclass(frozen=True, slots=True)
class Wording:
    tongue: Tongue
    tables: Mapping[str, Mapping[str, Any]]

    @classmethod
    def load(cls, tongue: Tongue) -> Wording:
        return cls(tongue, tomllib.loads((Path(__file__).parent / f"{tongue}.toml").read_text("utf-8")))

    def __call__(self, key: str, **values: object) -> str:
        """The phrase `table.key` with its {braces} filled in."""
        table, _, name = key.partition(".")
        return self.tables[table][name].format(**values)

    def name(self, name: str) -> str:
        """A group as people call it; names that are not in the table are the file's own and stay."""
        return self.tables["names"].get(name, name)

    def group(self, dimension: str, name: str) -> str:
        if dimension == "hour":
            return f"{int(name):02d}:00"
        return self.tables["weekdays"]["names"][int(name)] if dimension == "weekday" else self.name(name)

    def reason(self, reason: str) -> str:
        return self.tables["reasons"].get(reason, reason)

    def day(self, iso: str, *, with_year: bool = False) -> str:
        """11月3日, 3 Nov; with_year 2026年11月3日, 3 Nov 2026."""
        if not iso:
            return ""
        day = date.fromisoformat(iso[:10])
        if self.tongue == "zh":
            return f"{day.year}年{day.month}月{day.day}日" if with_year else f"{day.month}月{day.day}日"
        return f"{day.day} {_MONTHS[day.month - 1]}" + (f" {day.year}" if with_year else "")

    def period(self, report: Report) -> str:
        if not report.first_day:
            return self("page.no_period")
        first, last = report.first_day, report.last_day
        years = first[:4] != last[:4]
        return self("page.period", first=self.day(first, with_year=True), last=self.day(last, with_year=years))

    def bucket(self, iso: str, unit: str) -> str:
        if unit == "month":
            day = date.fromisoformat(iso)
            return f"{day.year}年{day.month}月" if self.tongue == "zh" else f"{_MONTHS[day.month - 1]} {day.year}"
        return self.day(iso)

    def tick(self, iso: str, unit: str) -> str:
        """The bucket where there is little room: 11/3, 3 Nov."""
        month, day = iso[5:7].lstrip("0"), iso[8:10].lstrip("0")
        return f"{month}/{day}" if self.tongue == "zh" and unit != "month" else self.bucket(iso, unit)

    def topic(self, topic: Topic) -> str:
        """Its keywords, or its most central message where no word names it."""
        joint = "、" if self.tongue == "zh" else ", "
        return joint.join(topic.keywords) or (topic.example if len(topic.example) <= 24 else topic.example[:23] + "…")

    def headline(self, report: Report) -> str:
        head = report.headline
        drivers = "".join(
            self(f"headline.{which}_mostly", name=self.name(driver.name))
            for which, driver in (("what", head.what), ("who", head.who))
            if driver
        )
        kind, before = head.kind, percent(head.before.value) if head.before else ""
        moved = _moved(report)
        if moved and kind in (
            "steady",
            "level",
        ):  # nothing changed within the period: what did since the last one counts
            kind, before = "up" if moved.change > 0 else "down", percent(moved.old.value)
        return self(
            f"headline.{kind}",
            n=number(head.now.n), now=percent(head.now.value), before=before, since=self.day(head.since), drivers=drivers,
        )  # fmt: skip

    def findings(self, report: Report) -> list[str]:
        """What else a manager should know, one sentence each, the most pressing first."""
        about = next((name for name in ("subject", "intent") if _groups(report, name)), "")
        found = [self._pain(report, about), self._pain(report, "product"), self._praised(report)]
        if report.news.topics:
            names = "；".join if self.tongue == "zh" else "; ".join
            found.append(
                self("findings.news", names=names(f"“{self.topic(topic)}”" for topic in report.news.topics[:MAX_NAMED]))
            )
        if report.unanswered.share and report.unanswered.gaps:
            total, first = report.unanswered.share, report.unanswered.gaps[0]
            values = dict(n=number(total.n), share=percent(total.value), n_first=first.n, question=first.question)
            found.append(self("findings.gaps", **values))
        if report.quality.n_rejected > REJECTED * report.quality.n_rows:
            counts = dict(n=number(report.quality.n_rejected), n_rows=number(report.quality.n_rows))
            found.append(self("findings.rejected", **counts))
        return [] if report.headline.kind == "small" else [sentence for sentence in found if sentence]

    def why_no_trend(self, report: Report) -> str:
        return self(f"trend.{report.trend.why_not}", buckets=MIN_BUCKETS, min_n=MIN_N)

    def _pain(self, report: Report, dimension: str) -> str:
        """The group of a dimension that has most negative messages too many, where that is no chance."""
        groups = [group for group in _groups(report, dimension) if not group.is_small]
        worst = max(groups, key=lambda group: group.n_excess, default=None)
        if (
            worst is None
            or worst.n_excess < MIN_EXCESS
            or _stands_out(worst.negative, report.moods["negative"]) < Z_GROUP
        ):
            return ""
        return self(
            "findings.pain",
            dimension=self(f"dimensions.{dimension}").lower(), name=self.name(worst.name), n=number(worst.negative.n),
            share=percent(worst.negative.value), excess=round(worst.n_excess),
        )  # fmt: skip

    def _praised(self, report: Report) -> str:
        groups = [group for group in _groups(report, "product") if not group.is_small]
        best = max(groups, key=lambda group: group.positive.low, default=None)
        if best is None or _stands_out(best.positive, report.moods["positive"]) < Z_GROUP:
            return ""
        values = dict(n=number(best.positive.n), share=percent(best.positive.value))
        return self("findings.praised", name=self.name(best.name), **values)


def _moved(report: Report) -> Difference | None:
    """How the negative share differs from the older period's, where that is no chance."""
    sides = report.comparison
    return next((mood for mood in sides.moods if mood.name == "negative" and is_clear(mood)), None) if sides else None


def _groups(report: Report, dimension: str) -> Sequence[Group]:
    return next((found.groups for found in report.breakdowns if found.dimension == dimension), ())


def _stands_out(share: Share, all_messages: Share) -> float:
    """Standard errors by which a group's share lies above that of all other messages."""
    n, k = all_messages.n - share.n, all_messages.n_hit - share.n_hit
    p = all_messages.n_hit / max(1, all_messages.n)
    if not n or not share.n or not 0 < p < 1:
        return 0.0
    return (share.n_hit / share.n - k / n) / sqrt(p * (1 - p) * (1 / n + 1 / share.n))


def percent(value: float) -> str:
    """18%, and 0.4% where rounding would leave nothing or all."""
    digits = 1 if 0 < value < 0.01 or 0.99 < value < 1 else 0
    return f"{100 * value:.{digits}f}%"


def points(difference: Difference) -> str:
    """+9 (+4 to +14), in percentage points."""
    change, low, high = (signed(100 * value) for value in (difference.change, difference.low, difference.high))
    return f"{change} ({low} … {high})"


def signed(value: float) -> str:
    """+9, −4 with a true minus, and 0 without a sign."""
    rounded = round(value)
    return f"{rounded:+,}".replace("-", "−") if rounded else "0"


def interval(share: Share | Corrected) -> str:
    return f"{percent(share.low)}–{percent(share.high)}"


def number(n: float) -> str:
    return f"{n:,.0f}"
