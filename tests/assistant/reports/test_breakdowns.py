"""Who is unhappy with what, against counts made by hand."""

import numpy as np
import pytest

from assistant.reports.breakdowns import breakdown, breakdowns
from assistant.reports.dimensions import dimensions, subject
from assistant.values import FaqEntry
from tests.assistant.reports.made_rows import made


def test_excess_is_counted_against_the_share_of_all_others():
    rows = made(["negative"] * 12 + ["neutral"] * 18 + ["negative"] * 10 + ["neutral"] * 60,
                product=["lamp"] * 30 + ["cup"] * 70)  # fmt: skip
    lamp, cup = breakdown("product", rows.product, rows).groups
    assert (lamp.name, lamp.negative.n, lamp.negative.value) == ("lamp", 30, 0.4)
    assert lamp.n_excess == pytest.approx(12 - 30 * 10 / 70)
    assert cup.n_excess == pytest.approx(10 - 70 * 12 / 30)


def test_small_groups_stand_below_and_are_marked():
    rows = made(["negative"] * 5 + ["neutral"] * 60, channel=["fax"] * 5 + ["app"] * 30 + ["web"] * 30)
    groups = breakdown("channel", rows.channel, rows).groups
    assert [(group.name, group.is_small) for group in groups][-1] == ("fax", True)


def test_risk_keeps_its_order_and_rows_that_name_none_are_counted():
    rows = made(["neutral"] * 70, churn_risk=["0.1"] * 20 + ["0.9"] * 20 + ["0.4"] * 20 + [""] * 10)
    found = breakdown("churn_risk", rows.churn_risk, rows)
    assert [group.name for group in found.groups] == ["high", "medium", "low"] and found.n_missing == 10


def test_many_products_are_cut_to_what_a_panel_shows():
    rows = made(["neutral"] * 400, product=[f"p{i % 20}" for i in range(400)])
    found = breakdown("product", rows.product, rows)
    assert (len(found.groups), found.n_more_groups, found.n_more) == (12, 8, 160)


def test_a_column_of_one_name_or_of_ids_is_no_dimension():
    rows = made(["neutral"] * 600, channel="app", product=[f"p{i}" for i in range(600)], segment=["a", "b"] * 300)
    assert set(dimensions(rows, {})) == {"segment"}


def test_the_subject_is_the_category_of_an_entry_that_is_likely_enough():
    faq = {
        name: FaqEntry(name, name, "", category=category)
        for name, category in (("ship", "物流"), ("fee", "物流"), ("bill", "发票"))
    }
    rows = made(
        ["neutral"] * 5, faq_id=["ship", "bill", "fee", "gone", ""], p_correct=["0.6", "0.05", "0.2", "0.9", ""]
    )
    found = subject(rows, faq)
    assert [found[i] for i in range(5)] == ["物流", "", "物流", "", ""]


def test_hours_are_told_only_by_files_that_have_them():
    hours = np.array([f"2026-11-02T{hour:02d}:00:00" for hour in range(24)] * 3, "datetime64[s]")
    rows = made(["neutral"] * 72)
    assert [found.dimension for found in breakdowns(rows, {}, hours)] == ["hour", "weekday"]
    days = hours.astype("datetime64[D]").astype("datetime64[s]")
    [weekday] = breakdowns(rows, {}, days)
    assert weekday.dimension == "weekday"
    assert [group.negative.n for group in weekday.groups] == [72, 0, 0, 0, 0, 0, 0]  # a Monday
