"""The simulation behind the ablation: what it claims of itself, and that a known signal is found."""

import numpy as np
import pytest

from assistant.customer.talks import talks_of
from training import customer_talks

MOODS = {"negative": [-0.7, -0.5], "neutral": [0.0, 0.1], "positive": [0.6, 0.8]}


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(customer_talks, "N_CUSTOMERS", 900)


@pytest.mark.parametrize("leaves", [0.9, customer_talks.LEAVES_ELSE])
def test_conversations_help_exactly_where_they_know_something(small, leaves):
    days, rows, ids = customer_talks.simulated(MOODS, leaves)
    without = {m: v for m, v, _ in customer_talks.measured(days, None)}
    known = {m: v for m, v, _ in customer_talks.measured(days, talks_of(rows, ids))}
    if leaves > 0.5:
        assert known["AUC"] > without["AUC"] + 0.005 and known["Brier"] < without["Brier"]
    else:
        assert abs(known["AUC"] - without["AUC"]) < 0.01


def test_messages_follow_trouble_as_said(small):
    _, rows, _ = customer_talks.simulated(MOODS, 0.5)
    felt = np.array([mood for _, _, mood, _ in rows])
    # of 1000 purchases 125 go wrong and 75 of those write; of the 875 others 88, a fifth of them in a bad mood
    assert (felt < -0.3).mean() == pytest.approx((75 + 88 * 0.2) / (75 + 88), abs=0.05)
