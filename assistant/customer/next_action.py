"""Who to contact today and why: what could be lost with each customer, from risk, open complaints and mood.

    for action in next_actions(profiles, scores, n=20): print(action.customer_id, action.at_stake_cny, action.reasons)

A pure function over profiles and scores. What is at stake is p_loss * value; the three causes of a loss count as
independent: p_loss = 1 - (1 - p_churn)(1 - p_complaint)(1 - p_mood).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np

from assistant.customer.profile import OpenIssue, Profile
from assistant.customer.scores import Score, Scores

# how likely each of these costs us the customer: set by us as a starting point, learned from nothing
P_OPEN_COMPLAINT = 0.3  # handed over, and nobody has settled it
P_OPEN_QUESTION = 0.1  # the assistant did not know
P_FALLING_MOOD = 0.2  # for a mood that fell by the whole range, 2; in proportion below
P_RISKY = 0.5  # from here a customer is more likely to stay away than to come back

Cause = Literal["complaint", "question", "mood", "risk"]
Step = Literal["settle_complaint", "answer_question", "call", "win_back"]
_STEPS: dict[Cause, Step] = {
    "complaint": "settle_complaint",
    "question": "answer_question",
    "mood": "call",
    "risk": "win_back",
}


@dataclass(frozen=True, slots=True)
class Why:
    """One cause, how likely it alone loses the customer, and the words for it; `about` are the intents that these name."""

    cause: Cause
    p_loss: float
    zh: str
    en: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NextAction:
    """`reasons` are never empty, the gravest first; it decides `step`. `value_is_known` is false where we took the
    shop's usual value, because the customer has no purchases."""

    customer_id: str
    step: Step
    at_stake_cny: float
    p_loss: float
    value_cny: float
    value_is_known: bool
    reasons: tuple[Why, ...]


def next_actions(
    profiles: Iterable[Profile],
    scores: Scores | None,
    now: datetime,
    n: int = 20,
    leave_out: Collection[str] = (),
) -> list[NextAction]:
    """The n customers with most at stake, most first, ties by id; who gives no reason to call is not on the list.

    now: aware, says how long a complaint has waited. scores: None before the first scoring. leave_out: ids that
    somebody is in touch with already.
    """
    talked = {profile.customer_id: profile for profile in profiles}
    known = scores.customer_ids if scores else ()
    spend = scores.column("expected_spend_cny") if scores else np.empty(0)
    usual = float(np.median(spend)) if len(spend) else 1.0
    places = {customer_id: place for place, customer_id in enumerate(known) if customer_id in talked}
    # of those who never wrote, risk times value says all: only the n largest can be on the list
    silent = _riskiest(scores, spend, n, {*leave_out, *talked}) if scores else {}
    actions = []
    for customer_id in (talked.keys() | silent.keys()) - set(leave_out):
        place = places.get(customer_id, silent.get(customer_id))
        score = scores[place] if place is not None else None
        if reasons := _reasons(talked.get(customer_id), score, now):
            actions.append(_action(customer_id, reasons, score, usual))
    return sorted(actions, key=lambda action: (-action.at_stake_cny, action.customer_id))[:n]


def _riskiest(scores: Scores, spend: np.ndarray, n: int, but: Collection[str]) -> dict[str, int]:
    """The places of the n likeliest and dearest losses, by customer."""
    at_stake = np.where(scores.column("p_churn") >= P_RISKY, scores.column("p_churn") * spend, -1.0)
    order = np.lexsort((np.array(scores.customer_ids, str), -at_stake))
    found = ((scores.customer_ids[place], int(place)) for place in order if at_stake[place] >= 0)
    found = ((who, place) for who, place in found if who not in but)
    return dict(item for item, _ in zip(found, range(n), strict=False))


def _action(customer_id: str, reasons: list[Why], score: Score | None, usual_cny: float) -> NextAction:
    p_stays = 1.0 if score is None or any(why.cause == "risk" for why in reasons) else 1 - score.p_churn
    for why in reasons:
        p_stays *= 1 - why.p_loss
    value_cny = usual_cny if score is None else score.expected_spend_cny
    ordered = tuple(sorted(reasons, key=lambda why: -why.p_loss))
    at_stake_cny = (1 - p_stays) * value_cny
    step = _STEPS[_deciding(ordered).cause]
    return NextAction(customer_id, step, at_stake_cny, 1 - p_stays, value_cny, score is not None, ordered)


def _deciding(reasons: tuple[Why, ...]) -> Why:
    """An open complaint goes before an offer: nobody wants a voucher while they wait for an answer."""
    return next((why for why in reasons if why.cause in ("complaint", "question")), reasons[0])


def _reasons(profile: Profile | None, score: Score | None, now: datetime) -> list[Why]:
    found = []
    if profile is not None:
        found += [
            why
            for kind, cause, p, zh, en in (
                ("handoff", "complaint", P_OPEN_COMPLAINT, "有未解决的投诉", "an open complaint"),
                ("unknown", "question", P_OPEN_QUESTION, "有未答复的问题", "an open question"),
            )
            if (why := _open([i for i in profile.open_issues if i.kind == kind], cause, p, zh, en, now))
        ]
        fall = profile.usual_mood - profile.mood
        if profile.sentiment_trend == "declining":
            words = f"({profile.usual_mood:+.1f} → {profile.mood:+.1f})"
            found.append(Why("mood", P_FALLING_MOOD * fall / 2, f"情绪下降 {words}", f"mood falling {words}"))
    if score is not None and score.p_churn >= P_RISKY:
        zh = f"流失风险 {score.p_churn:.0%}, 预期消费 ¥{score.expected_spend_cny:,.0f}"
        en = f"{score.p_churn:.0%} likely to stay away, expected to spend ¥{score.expected_spend_cny:,.0f}"
        found.append(Why("risk", score.p_churn, zh, en))
    return found


def _open(issues: list[OpenIssue], cause: Cause, p: float, zh: str, en: str, now: datetime) -> Why | None:
    """Each open issue is a chance of its own to lose the customer; the oldest says for how long."""
    if not issues:
        return None
    n_days = (now - min(issue.since_at for issue in issues)).days
    about = tuple(dict.fromkeys(issue.intent for issue in issues))
    zh, en = (f"{words}: {', '.join(about)}" for words in (zh, en))
    ago_zh, ago_en = _waiting(n_days)
    return Why(cause, 1 - (1 - p) ** len(issues), f"{zh}, {ago_zh}", f"{en}, {ago_en}", about)


def _waiting(n_days: int) -> tuple[str, str]:
    if n_days < 1:
        return "今天提出", "since today"
    return f"已等待 {n_days} 天", f"waiting for {n_days} day{'s' * (n_days > 1)}"
