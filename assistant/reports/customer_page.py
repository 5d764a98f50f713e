"""The customer report: segments in words, the map, risk, value and revenue to come, as one HTML file.

    html = render(scores, segments, actions, tongue="zh", made_at=now, change=last_change(root))

Like the report on messages it opens offline and lets no other script run; no customer is named but those to contact.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from assistant.customer.next_action import NextAction
from assistant.customer.score_history import Change
from assistant.customer.scores import Scores
from assistant.customer.segments import Segments, rfm_features
from assistant.reports.customer_charts import bar_row, bars, days_ahead, scatter
from assistant.reports.page import page_policy
from assistant.reports.page.embedded_font import with_fonts
from assistant.reports.wording import Tongue, number, percent

_PAGE, _WORDING = Path(__file__).parent / "page", Path(__file__).parent / "wording"
N_TENTHS = 10
N_MOVES = 6  # the paths from segment to segment that are named


def render(
    scores: Scores, segments: Segments, actions: Sequence[NextAction], tongue: Tongue, made_at: datetime,
    change: Change | None = None,
) -> str:  # fmt: skip
    """segments: those of the same scoring. actions: who to contact, most at stake first. change: since the last one."""
    say = tomllib.loads((_WORDING / f"customers_{tongue}.toml").read_text("utf-8"))
    script = (_PAGE / "report.js").read_text("utf-8")
    environment = Environment(loader=FileSystemLoader(_PAGE), autoescape=True, trim_blocks=True, lstrip_blocks=True,
                              undefined=StrictUndefined)  # fmt: skip
    x = rfm_features(*(scores.column(name) for name in ("recency_days", "n_days", "spend_cny")))
    groups = np.asarray(scores.groups)
    names = [getattr(segment.name, tongue) for segment in segments.segments]
    at_stake = max((action.at_stake_cny for action in actions), default=0.0)
    page = environment.get_template("customers.html.j2").render(
        say=say, tongue=tongue, scores=scores, number=number, percent=percent, made=made_at.strftime("%Y-%m-%d %H:%M"),
        headline=_headline(scores, say), rows=list(_rows(scores, names, say)),
        change=_change(change, tongue, say) if change else None,
        map=scatter(segments.map(x), groups, names, say["map"]), explained=percent(sum(segments.explained)),
        risk=_risk(scores, say), value=_value(scores, say), ahead=_ahead(scores, say),
        actions=[(action, [getattr(why, tongue) for why in action.reasons],
                  bar_row(action.at_stake_cny, at_stake, f"CNY {number(action.at_stake_cny)}", "volume"))
                 for action in actions],
        css=Markup((_PAGE / "report.css").read_text("utf-8")), script=Markup(script), policy=page_policy(script),
    )  # fmt: skip
    return with_fonts(page)


def _headline(scores: Scores, say: dict[str, str]) -> str:
    value = np.sort(scores.column("expected_spend_cny"))[::-1]
    tenth = float(value[: max(1, len(value) // N_TENTHS)].sum() / max(value.sum(), 1e-9))
    return say["headline"].format(n=number(len(scores)), p=percent(float(scores.column("p_churn").mean())),
                                  days=scores.horizon_days, spend=number(float(value.sum())), tenth=percent(tenth))  # fmt: skip


def _rows(scores: Scores, names: Sequence[str], say: dict[str, str]) -> Iterator[dict[str, Any]]:
    """A row per segment: how many, their middle customer, their risk, and what they will probably spend."""
    groups, spend = np.asarray(scores.groups), scores.column("expected_spend_cny")
    sums = [float(spend[groups == k].sum()) for k in range(len(names))]
    for k, name in enumerate(names):
        inside = groups == k
        n = int(inside.sum())
        facts: dict[str, Any] = {"name": name, "n": number(n), "share": percent(n / len(groups)), "colour": f"s{k % 8}"}
        middle = (np.median(scores.column(c)[inside]) if n else 0.0 for c in ("recency_days", "n_days", "spend_cny"))
        facts["middle"] = say["middle"].format(*(number(float(value)) for value in middle))
        facts["risk"] = percent(float(scores.column("p_churn")[inside].mean())) if n else ""
        facts["spend"] = number(sums[k])
        facts["chart"] = bar_row(sums[k], max(sums), f"{name}\nCNY {number(sums[k])}", f"s{k % 8}")
        yield facts


def _change(change: Change, tongue: Tongue, say: dict[str, Any]) -> dict[str, Any]:
    """The verdict in words, each segment's share then and now, and the paths that most customers took."""
    found, names = change.drift, {key: getattr(name, tongue) for key, name in change.names.items()}
    n_moved = sum(found.moves.values())
    said = say["changed"].format(since=change.since, n=number(found.n_both), moved=number(n_moved), psi=f"{found.psi:.2f}",
                                 share=percent(n_moved / max(1, found.n_both)), verdict=say["verdicts"][found.verdict])  # fmt: skip
    most = max((max(shift.share_before, shift.share_now) for shift in found.shifts), default=0.0)
    rows = [(names[shift.key], percent(shift.share_before), percent(shift.share_now),
             bar_row(shift.share_now, most, f"{names[shift.key]}\n{percent(shift.share_before)} → {percent(shift.share_now)}", "volume"))
            for shift in sorted(found.shifts, key=lambda shift: -shift.share_now)]  # fmt: skip
    moves = [(names[a], names[b], number(n)) for (a, b), n in list(found.moves.items())[:N_MOVES]]
    return {"said": said, "since": change.since, "rows": rows, "moves": moves}


def _risk(scores: Scores, say: dict[str, str]) -> Markup:
    p = scores.column("p_churn")
    counts = np.histogram(p, N_TENTHS, (0, 1))[0]
    names = [f"{10 * i}–{10 * (i + 1)}" for i in range(N_TENTHS)]
    tips = [f"{name} %: {number(int(n))}" for name, n in zip(names, counts, strict=True)]
    return bars(list(counts / len(p)), names, tips, say["risk"])


def _value(scores: Scores, say: dict[str, str]) -> Markup:
    """What each tenth of the customers, by expected spend, brings of all of it."""
    value = np.sort(scores.column("expected_spend_cny"))[::-1]
    parts = [float(part.sum()) for part in np.array_split(value, N_TENTHS)]
    shares = [part / max(sum(parts), 1e-9) for part in parts]
    tips = [f"{i + 1}: CNY {number(part)}" for i, part in enumerate(parts)]
    return bars(shares, [str(i + 1) for i in range(N_TENTHS)], tips, say["value"])


def _ahead(scores: Scores, say: dict[str, str]) -> Markup:
    days = np.datetime64(scores.as_of, "D") + 1 + np.arange(scores.revenue.shape[1])
    return days_ahead(scores.revenue, [str(day) for day in days], say["ahead"])
