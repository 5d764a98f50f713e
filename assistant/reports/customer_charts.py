"""The charts of the customer report, made of the same marks as those of the report on messages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from assistant.reports.page.charts import ROW_HEIGHT, drawing, scale, tag
from assistant.reports.wording import number, percent

MAP_HEIGHT, BAR_HEIGHT, LINE_HEIGHT = 380, 150, 170  # pixels
N_DOTS = 1_200  # customers drawn on the map; more are one blot, and the page grows by 90 bytes each
_EDGE = 0.005  # of the customers lie beyond the map's edge on either side and are drawn on it


def bar_row(value: float, top: float, tip: str, class_: str) -> Markup:
    """A horizontal bar of a table's row; the longest of the table reaches the end."""
    wide = f"{100 * value / top if top > 0 else 0:.2f}%"
    marks = [
        tag("line", x1=0, x2="100%", y1=ROW_HEIGHT / 2, y2=ROW_HEIGHT / 2, class_="rail"),
        tag("rect", x=0, y=5, width=wide, height=ROW_HEIGHT - 10, class_=class_),
        tag("rect", x=0, y=0, width="100%", height=ROW_HEIGHT, class_="hit", tabindex=0, data_tip=tip),
    ]
    return drawing(marks, ROW_HEIGHT, tip, "plot row")


def scatter(places: np.ndarray, groups: np.ndarray, names: Sequence[str], label: str, seed: int = 0) -> Markup:
    """Customers on the map, coloured by segment, each segment's name where most of its customers are.

    places: float (n, 2); groups: int (n,), -1 for nobody's. Beyond N_DOTS customers a random sample is drawn.
    """
    if not len(places):
        return Markup()
    low, high = np.quantile(places, _EDGE, axis=0), np.quantile(places, 1 - _EDGE, axis=0)
    wide = np.where(high > low, high - low, 1.0)
    at = np.clip((places - low) / wide, 0, 1)
    shown = np.random.default_rng(seed).permutation(len(at))[:N_DOTS]
    marks = [
        tag("circle", cx=f"{2 + 96 * x:.1f}%", cy=f"{10 + (MAP_HEIGHT - 20) * (1 - y):.0f}", r=3, class_=_colour(group))
        for (x, y), group in zip(at[shown], groups[shown], strict=True)
    ]
    for group, name in enumerate(names):
        if (inside := groups == group).any():
            x, y = np.median(at[inside], axis=0)
            place = dict(x=f"{2 + 96 * x:.1f}%", y=f"{10 + (MAP_HEIGHT - 20) * (1 - y):.0f}")
            marks.append(tag("text", name, **place, class_="map-name middle"))
    return drawing(marks, MAP_HEIGHT, label, "plot map")


def bars(
    values: Sequence[float], names: Sequence[str], tips: Sequence[str], label: str, class_: str = "volume"
) -> Markup:
    """Upright bars of shares, with their per cents above and names below."""
    axis, n = scale(values), len(values)
    marks = [tag("line", x1=0, x2="100%", y1=BAR_HEIGHT, y2=BAR_HEIGHT, class_="grid")]
    for i, (value, name, tip) in enumerate(zip(values, names, tips, strict=True)):
        high, x = round(BAR_HEIGHT * axis.at(value) / 100, 1), f"{100 * (i + 0.5) / n:.2f}%"
        bar = dict(x=f"{100 * (i + 0.12) / n:.2f}%", width=f"{76 / n:.2f}%", y=BAR_HEIGHT - high, height=high)
        marks.append(tag("rect", **bar, class_=class_))
        marks.append(tag("text", percent(value), x=x, y=BAR_HEIGHT - high - 5, class_="count middle"))
        marks.append(tag("text", name, x=x, y=BAR_HEIGHT + 18, class_="tick middle"))
        hit = dict(x=f"{100 * i / n:.2f}%", width=f"{100 / n:.2f}%", y=0, height=BAR_HEIGHT)
        marks.append(tag("rect", **hit, class_="hit", tabindex=0, data_tip=tip, aria_label=tip))
    return drawing(marks, BAR_HEIGHT + 26, label, "plot bars")


def days_ahead(revenue: np.ndarray, days: Sequence[str], label: str) -> Markup:
    """Revenue of each day to come: the mean as a line, where nine in ten days should lie as a band.

    revenue: float (3, n), mean, low and high in CNY.
    """
    n = revenue.shape[1]
    if not n:
        return Markup()
    top = float(revenue[2].max()) or 1.0

    def path(values: np.ndarray) -> str:
        return "L".join(f"{100 * (i + 0.5) / n:.2f},{LINE_HEIGHT * (1 - v / top):.1f}" for i, v in enumerate(values))

    back = "L".join(reversed(path(revenue[1]).split("L")))
    inside = tag("path", d=f"M{path(revenue[2])}L{back}Z", class_="band")
    inside += tag("path", d=f"M{path(revenue[0])}", class_="line")
    box = dict(viewBox=f"0 0 100 {LINE_HEIGHT}", preserveAspectRatio="none", width="100%", height=LINE_HEIGHT)
    marks = [tag("text", number(value), x=0, dx=-8, y=LINE_HEIGHT * (1 - value / top) + 4, class_="tick end")
             for value in (0, top / 2, top)]  # fmt: skip
    marks.append(tag("svg", inside, **box))
    for i, day in enumerate(days):
        mean, low, high = (number(float(value)) for value in revenue[:, i])
        hit = dict(x=f"{100 * i / n:.2f}%", width=f"{100 / n:.2f}%", y=0, height=LINE_HEIGHT)
        tip = f"{day}\nCNY {mean} ({low} – {high})"
        marks.append(tag("rect", **hit, class_="hit", tabindex=0, data_tip=tip, aria_label=tip.replace("\n", ", ")))
        if i % 7 == 0:
            marks.append(
                tag("text", day[5:], x=f"{100 * (i + 0.5) / n:.2f}%", y=LINE_HEIGHT + 18, class_="tick middle")
            )
    return drawing(marks, LINE_HEIGHT + 26, label, "plot ahead")


def _colour(group: int) -> str:
    return f"s{group % 8}" if group >= 0 else "s-none"
