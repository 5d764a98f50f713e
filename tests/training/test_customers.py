"""The suite `customers`: a figure knows whether it is reached, and every section can be found."""

from importlib import import_module

import pytest

from assistant.errors import InputError
from training.customer_figures import Figure
from training.customers import COLUMNS, SECTIONS, cells, figures


def figure(value, floor, better, digits=3):
    return Figure("churn", "set", "system", "AUC", value, 100, floor, better, digits)


@pytest.mark.parametrize(
    ("value", "floor", "better", "reached"),
    [(0.8061, 0.806, "higher", True), (0.8054, 0.806, "higher", False), (0.7854, 0.785, "lower", True),
     (0.7857, 0.785, "lower", False), (0.2426, 0.243, "same", True), (0.9, None, "higher", None),
     (0.9, 0.8, None, None)],
)  # fmt: skip
def test_a_figure_is_reached_when_it_is_no_worse_in_the_digits_shown(value, floor, better, reached):
    assert figure(value, floor, better).reached is reached


def test_a_row_of_the_table_says_what_was_missed():
    row = dict(zip(COLUMNS, cells(figure(0.75, 0.806, "higher")), strict=True))
    assert (row["ours"], row["to beat"], row[""]) == ("0.750", "0.806", "missed")


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_is_a_module_with_figures(section):
    assert callable(import_module(SECTIONS[section]).figures)


def test_a_folder_without_the_sets_is_refused(tmp_path):
    with pytest.raises(InputError, match="--data must name"):
        list(figures(tmp_path))


def test_a_missing_set_is_named(tmp_path):
    (tmp_path / "customers").mkdir()
    with pytest.raises(InputError, match="transactions.csv.gz is missing"):
        list(figures(tmp_path))
