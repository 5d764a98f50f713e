"""Shares corrected for a reader who errs, on cases whose truth is known beforehand."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.bootstrap import SHIPPED
from assistant.errors import ArtifactError
from assistant.reports.shares import ErrorRates, Errors, adjusted, change, load_rates
from training.error_rates import save

EXACT = ErrorRates(np.full(4_000, 0.8), np.full(4_000, 0.1), "exact")
READER = "encoder-1+sentiment-1+intents-1"
KINDS = [
    Errors("a", 400, 320, 600, 60),
    Errors("b", 500, 350, 500, 60),
    Errors("c", 300, 250, 900, 50),
    Errors("d", 400, 280, 600, 90),
]


def test_rogan_and_gladens_formula_turns_the_flagged_share_into_the_true_one():
    # of 1000 messages 300 are negative: 240 of them are found and 70 of the 700 others are flagged
    found = adjusted(310, 1000, EXACT)
    assert found.value == pytest.approx(0.3, abs=0.005) and found.counted == 0.31
    assert found.low < 0.3 < found.high and found.high - found.low == pytest.approx(
        2 * 1.96 * (0.31 * 0.69 / 1000) ** 0.5 / 0.7, rel=0.1
    )


def test_a_change_counts_the_same_errors_on_both_sides():
    rates = ErrorRates.like(KINDS)
    apart = [adjusted(k, 1000, rates) for k in (240, 310)]
    grown = change((240, 1000), (310, 1000), rates)
    assert grown.low > 0 and apart[0].high > apart[1].low
    assert grown.high - grown.low < apart[1].high - apart[0].low


def test_labels_of_this_shop_give_a_narrower_interval_than_those_of_others():
    rng = np.random.default_rng(0)
    truth = rng.random(1000) < 0.3
    flagged = np.where(truth, rng.random(1000) < 0.8, rng.random(1000) < 0.1)
    own, others = (
        adjusted(310, 1000, rates) for rates in (ErrorRates.measured(truth, flagged), ErrorRates.like(KINDS))
    )
    assert own.low <= 0.3 <= own.high and others.low <= 0.3 <= others.high
    assert own.high - own.low < others.high - others.low


def test_nothing_is_known_of_no_messages_and_little_of_a_few():
    assert (adjusted(0, 0, EXACT).low, adjusted(0, 0, EXACT).high) == (0.0, 1.0)
    assert adjusted(1, 3, EXACT).high - adjusted(1, 3, EXACT).low > 0.6


@given(n=st.integers(1, 10_000), share=st.floats(0, 1))
def test_a_share_is_always_a_share_inside_its_interval(n, share):
    for rates in (EXACT, ErrorRates.like(KINDS)):
        found = adjusted(round(n * share), n, rates)
        assert 0 <= found.low <= found.value <= found.high <= 1


def test_a_reader_that_guesses_is_refused():
    with pytest.raises(ArtifactError, match="no better than chance"):
        ErrorRates.measured(np.arange(40_000) % 2 == 0, np.zeros(40_000, bool))


def test_measured_rates_are_read_back_and_an_edited_file_is_refused(tmp_path):
    save(KINDS, "sentiment-1", tmp_path / "errors")
    found = load_rates(tmp_path / "errors", READER)
    assert adjusted(310, 1000, found) == adjusted(310, 1000, ErrorRates.like(KINDS))
    manifest = tmp_path / "errors" / "manifest.json"
    manifest.write_text(manifest.read_text().replace("320", "321"))
    with pytest.raises(ArtifactError, match="edited"):
        load_rates(tmp_path / "errors", READER)


def test_errors_of_another_head_are_refused_with_the_way_out(tmp_path):
    save(KINDS, "sentiment-0", tmp_path / "errors")
    with pytest.raises(ArtifactError, match="huida train errors"):
        load_rates(tmp_path / "errors", READER)


def test_the_shipped_errors_are_those_of_the_shipped_sentiment_head():
    shipped = json.loads((SHIPPED / "sentiment" / "manifest.json").read_text("utf-8"))["version"]
    assert load_rates(SHIPPED / "errors", f"encoder-1+{shipped}+intents-1").source
