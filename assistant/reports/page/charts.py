"""The charts of a report as SVG text: sharp in print, read by screen readers, their words in the page's fonts.

All x are percentages of the width and all y pixels, so a chart fits any page and its words never shrink. What a mark
stands for is in its `data-tip`, which the page's script shows on hover, touch and focus, and in its aria-label.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup, escape

from assistant.reports.figures import Bucket, Change, Difference, Group, Share
from assistant.reports.wording import Wording, interval, number, percent, points

TREND_HEIGHT, VOLUME_HEIGHT, CLOCK_HEIGHT, ROW_HEIGHT = 220, 46, 96, 22  # pixels
MAX_X_LABELS = 11
MIN_SCALE = 0.1  # a panel's axis reaches at least so far: differences of two points must not look like cliffs


@dataclass(frozen=True, slots=True)
class Scale:
    """From 0 to `top`, with gridlines at `ticks`."""

    top: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        """Per cent of the axis, at most all of it."""
        return round(100 * min(1.0, value / self.top), 2)


def scale(values: Iterable[float]) -> Scale:
    """A round axis that holds the values."""
    need = max([MIN_SCALE, *values])
    step = next(step for step in (0.05, 0.1, 0.2, 0.25) if need <= 5 * step) if need <= 1 else 0.25
    n = min(round(1 / step), -int(-need // step))
    return Scale(n * step, tuple(round(i * step, 2) for i in range(n + 1)))


def tag(name: str, text: object = "", **attributes: object) -> Markup:
    """An element; class_ and data_tip lose their underscores' meaning as Python needs it."""
    said = (
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{''.join(said)}>{escape(text)}</{name}>")


def drawing(marks: Iterable[Markup], height: int, label: str, class_: str) -> Markup:
    return tag("svg", Markup("").join(marks), class_=class_, height=height, width="100%", role="img", aria_label=label)


def trend_chart(buckets: Sequence[Bucket], changes: Sequence[Change], unit: str, say: Wording) -> Markup:
    """Line, band and dots of the negative share; change points as uprights; below it the number of messages."""
    known = [bucket for bucket in buckets if bucket.negative.n]
    axis = scale(bucket.negative.high if bucket.negative.n > 20 else bucket.negative.value for bucket in known)
    n = len(buckets)

    def x(place: float) -> float:
        return round(100 * (place + 0.5) / n, 3)

    def y(value: float) -> float:
        return round(TREND_HEIGHT * (1 - min(1.0, value / axis.top)), 2)

    marks = [_gridline(y(tick), percent(tick)) for tick in axis.ticks]
    drawn = [(x(i), bucket.negative) for i, bucket in enumerate(buckets) if bucket.negative.n]
    marks.append(_stretched(
        tag("path", d=_band([(at, y(share.low), y(share.high)) for at, share in drawn]), class_="band"),
        tag("path", d=_line([(at, y(share.value)) for at, share in drawn]), class_="line"),
    ))  # fmt: skip
    marks += [_change(change, buckets, say) for change in changes]
    for i, bucket in enumerate(buckets):
        if bucket.negative.n:
            kind = "dot partial" if bucket.is_partial else "dot"
            marks.append(tag("circle", cx=f"{x(i)}%", cy=y(bucket.negative.value), r=4.5, class_=kind))
            if n <= 2 * MAX_X_LABELS:
                above = dict(x=f"{x(i)}%", y=y(bucket.negative.value) - 9, class_="value middle")
                marks.append(tag("text", percent(bucket.negative.value), **above))
    marks += _volume(buckets, x)
    marks += [_column(i, n, _bucket_tip(bucket, unit, say)) for i, bucket in enumerate(buckets)]
    every = -(-n // MAX_X_LABELS)
    low = TREND_HEIGHT + 26 + VOLUME_HEIGHT + 18
    for i in range(0, n, every):
        text = say.tick(buckets[i].first_day, unit)
        kind = "tick middle" if i // every % 2 == 0 else "tick middle every-other"
        marks.append(tag("text", text, x=f"{x(i)}%", y=low, class_=kind))
    if known:
        last = known[-1]
        label = f"{say('page.negative')} {percent(last.negative.value)}"
        marks.append(tag("text", label, x="100%", dx=10, y=y(last.negative.value) + 4, class_="series"))
    return drawing(marks, low + 6, say("page.trend"), "plot trend")


def _gridline(y: float, label: str) -> Markup:
    line = tag("line", x1=0, x2="100%", y1=y, y2=y, class_="grid")
    return line + tag("text", label, x=0, dx=-8, y=y + 4, class_="tick end")


def _stretched(*marks: Markup) -> Markup:
    """Marks in a box of 100 by TREND_HEIGHT that is as wide as the page; strokes keep their width."""
    box = f"0 0 100 {TREND_HEIGHT}"
    inside = Markup("").join(marks)
    return tag("svg", inside, viewBox=box, preserveAspectRatio="none", width="100%", height=TREND_HEIGHT)


def _line(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g},{y:g}" for x, y in points) if points else ""


def _band(points: Sequence[tuple[float, float, float]]) -> str:
    there = [(x, high) for x, _, high in points]
    back = [(x, low) for x, low, _ in reversed(points)]
    return _line([*there, *back]) + "Z" if points else ""


def _change(change: Change, buckets: Sequence[Bucket], say: Wording) -> Markup:
    """An upright at the day from which the new stretch counts, between the dots of its neighbours."""
    at = _place_of(change.day, [bucket.first_day for bucket in buckets])
    text = say("page.changed_here", day=say.day(change.day), before=percent(change.before.value),
               after=percent(change.after.value))  # fmt: skip
    is_late = at > 66
    label = tag("text", text, x=f"{at}%", dx=-7 if is_late else 7, y=-7, class_="changed" + (" end" if is_late else ""))
    return tag("line", x1=f"{at}%", x2=f"{at}%", y1=-14, y2=TREND_HEIGHT, class_="change") + label


def _place_of(day: str, first_days: Sequence[str]) -> float:
    """Where a day lies, in per cent of a width that the buckets share evenly."""
    place = max(0, bisect_right(first_days, day) - 1)
    starts = [date.fromisoformat(first) for first in first_days[place : place + 2]]
    n_days = (starts[1] - starts[0]).days if len(starts) == 2 else 7
    return round(100 * (place + min(1.0, (date.fromisoformat(day) - starts[0]).days / n_days)) / len(first_days), 3)


def _volume(buckets: Sequence[Bucket], x) -> list[Markup]:
    most = max((bucket.negative.n for bucket in buckets), default=0) or 1
    wide, foot = 70 / len(buckets), TREND_HEIGHT + 26 + VOLUME_HEIGHT
    bars = []
    for i, bucket in enumerate(buckets):
        high = round(VOLUME_HEIGHT * bucket.negative.n / most, 1)
        place = dict(x=f"{x(i) - wide / 2:.2f}%", y=foot - high, width=f"{wide:.2f}%", height=high)
        bars.append(tag("rect", **place, class_="volume"))
        if len(buckets) <= 2 * MAX_X_LABELS:
            bars.append(tag("text", number(bucket.negative.n), x=f"{x(i)}%", y=foot - high - 4, class_="count middle"))
    return bars


def _column(i: int, n: int, tip: str) -> Markup:
    """The whole height of a bucket answers to the pointer: nobody can hit a dot of nine pixels."""
    place = dict(x=f"{100 * i / n:.3f}%", y=0, width=f"{100 / n:.3f}%", height=TREND_HEIGHT + 26 + VOLUME_HEIGHT)
    return tag("rect", **place, class_="hit", tabindex=0, data_tip=tip, aria_label=tip.replace("\n", ", "))


def _bucket_tip(bucket: Bucket, unit: str, say: Wording) -> str:
    lines = [say.bucket(bucket.first_day, unit), say("page.n_messages", n=number(bucket.negative.n))]
    if bucket.negative.n:
        lines.append(f"{say('page.negative')} {percent(bucket.negative.value)} ({interval(bucket.negative)})")
        lines.append(f"{say('page.positive')} {percent(bucket.positive.value)} ({interval(bucket.positive)})")
    return "\n".join([*lines, *([say("page.is_partial")] if bucket.is_partial else [])])


def mood_bar(moods: dict[str, Share], say: Wording) -> Markup:
    """All messages as one bar: negative from the left, positive to the right end, neutral between."""
    total = sum(moods[mood].value for mood in moods) or 1
    begin, marks = 0.0, []
    for mood, share in moods.items():
        wide = 100 * share.value / total
        tip = f"{say('page.' + mood)} {percent(share.value)} ({interval(share)})\n" + say(
            "page.n_messages", n=number(share.n_hit)
        )
        place = dict(x=f"{begin:.2f}%", y=0, width=f"{wide:.2f}%", height=30)
        marks.append(tag("rect", **place, class_=f"mood {mood}", tabindex=0, data_tip=tip,
                         aria_label=tip.replace("\n", ", ")))  # fmt: skip
        begin += wide
    return drawing(marks, 30, say("page.key_figures"), "plot moods")


def share_row(share: Share, axis: Scale, overall: float, tip: str, *, hollow: bool = False) -> Markup:
    """One row of a dot plot: the interval, the share, and the upright of all messages."""
    y = ROW_HEIGHT / 2
    ends = dict(x1=f"{axis.at(share.low)}%", x2=f"{axis.at(share.high)}%", y1=y, y2=y)
    marks = [
        tag("line", x1=0, x2="100%", y1=y, y2=y, class_="rail"),
        tag("line", x1=f"{axis.at(overall)}%", x2=f"{axis.at(overall)}%", y1=0, y2=ROW_HEIGHT, class_="overall"),
        tag("line", **ends, class_="reach"),
        tag("circle", cx=f"{axis.at(share.value)}%", cy=y, r=5, class_="dot hollow" if hollow else "dot"),
        _row_hit(tip),
    ]
    return drawing(marks, ROW_HEIGHT, tip, "plot row")


def group_tip(group: Group, name: str, say: Wording) -> str:
    lines = [name, say("page.n_messages", n=number(group.negative.n))]
    lines += [
        f"{say('page.' + mood)} {percent(share.value)} ({interval(share)})"
        for mood, share in (("negative", group.negative), ("positive", group.positive))
        if share.n
    ]
    return "\n".join(lines)


def clock_chart(groups: Sequence[Group], names: Sequence[str], overall: float, say: Wording) -> Markup:
    """Negative shares of the hours or weekdays, each with its interval; hours with too few messages have none."""
    axis = scale([overall, *(group.negative.high for group in groups if not group.is_small)])
    n = len(groups)

    def y(value: float) -> float:
        return round(CLOCK_HEIGHT * (1 - min(1.0, value / axis.top)), 2)

    marks = [_gridline(y(tick), percent(tick)) for tick in (0, axis.top)]
    marks.append(tag("line", x1=0, x2="100%", y1=y(overall), y2=y(overall), class_="overall"))
    most = max((group.negative.n for group in groups), default=0) or 1
    foot = CLOCK_HEIGHT + 52
    for i, (group, name) in enumerate(zip(groups, names, strict=True)):
        x = f"{100 * (i + 0.5) / n:.2f}%"
        if not group.is_small:
            marks.append(tag("line", x1=x, x2=x, y1=y(group.negative.low), y2=y(group.negative.high), class_="reach"))
            marks.append(tag("circle", cx=x, cy=y(group.negative.value), r=4, class_="dot"))
        high = round(34 * group.negative.n / most, 1)
        bar = dict(x=f"{100 * (i + 0.15) / n:.2f}%", width=f"{70 / n:.2f}%", y=foot - high, height=high)
        marks.append(tag("rect", **bar, class_="volume"))
        if n <= 7 or i % 6 == 0:
            marks.append(tag("text", name, x=x, y=foot + 17, class_="tick middle"))
        tip = group_tip(group, name, say)
        hit = dict(x=f"{100 * i / n:.2f}%", width=f"{100 / n:.2f}%", y=0, height=foot)
        marks.append(tag("rect", **hit, class_="hit", tabindex=0, data_tip=tip, aria_label=tip.replace("\n", ", ")))
    return drawing(marks, foot + 24, say("page.clock"), "plot clock")


def spark_bars(counts: Sequence[int], first_days: Sequence[str], unit: str, say: Wording) -> Markup:
    """Small bars of a topic's messages over the trend's buckets; the last ones are the newest."""
    most, n = max(counts, default=0) or 1, len(counts)
    marks = []
    for i, count in enumerate(counts):
        high = round(20 * count / most, 1) if count else 1
        place = dict(x=f"{100 * (i + 0.1) / n:.2f}%", y=ROW_HEIGHT - high, width=f"{80 / n:.2f}%", height=high)
        marks.append(tag("rect", **place, class_="volume" if count else "volume none"))
    tip = ", ".join(f"{say.bucket(day, unit)} {count}" for day, count in zip(first_days, counts, strict=True))
    return drawing([*marks, _row_hit(tip)], ROW_HEIGHT, tip, "plot spark") if n else Markup("")


def dumbbell(difference: Difference, axis: Scale, tip: str) -> Markup:
    """Before (hollow) and now (full) on one rail."""
    y, old, new = ROW_HEIGHT / 2, axis.at(difference.old.value), axis.at(difference.new.value)
    marks = [
        tag("line", x1=0, x2="100%", y1=y, y2=y, class_="rail"),
        tag("line", x1=f"{old}%", x2=f"{new}%", y1=y, y2=y, class_="reach"),
        tag("circle", cx=f"{old}%", cy=y, r=5, class_="dot hollow"),
        tag("circle", cx=f"{new}%", cy=y, r=5, class_="dot"),
        _row_hit(tip),
    ]
    return drawing(marks, ROW_HEIGHT, tip, "plot row")


def difference_tip(difference: Difference, name: str, say: Wording) -> str:
    return "\n".join(
        [
            name,
            f"{say('page.old')} {percent(difference.old.value)} ({interval(difference.old)})",
            f"{say('page.new')} {percent(difference.new.value)} ({interval(difference.new)})",
            f"{say('page.change')} {points(difference)}",
        ]
    )


def _row_hit(tip: str) -> Markup:
    return tag("rect", x=0, y=0, width="100%", height=ROW_HEIGHT, class_="hit", tabindex=0, data_tip=tip)
