import subprocess
import sys
from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.customer.purchases import purchases
from assistant.customer.rules import mine_rules, product_rules
from assistant.errors import InputError

BASKETS = [{"tea", "cup"}, {"tea", "cup", "pot"}, {"tea"}, {"cup", "pot"}, {"milk"}]


def test_rules_worked_by_hand():
    rules = {(rule.given, rule.then): rule for rule in mine_rules(BASKETS, 0.4, 0.6)}
    assert rules.keys() == {(("tea",), ("cup",)), (("cup",), ("tea",)), (("pot",), ("cup",)), (("cup",), ("pot",))}
    rule = rules[("pot",), ("cup",)]
    assert (rule.support, rule.confidence, rule.n_baskets) == (pytest.approx(0.4), pytest.approx(1.0), 2)
    assert rule.lift == pytest.approx(1 / 0.6)


def test_a_confidence_on_the_border_is_in_however_the_division_rounds_it():
    # 7 of 10 is 0.7, yet (7/100) / (10/100) is 0.7000000000000001 and (21/100) / (30/100) is 0.7 less a rounding
    for n, k in ((10, 7), (30, 21)):
        baskets = [{"a", "b"}] * k + [{"a"}] * (n - k) + [{"c"}] * (100 - n)
        assert (("a",), ("b",)) in {(rule.given, rule.then) for rule in mine_rules(baskets, k / 100, k / n)}


def brute_force(baskets, min_support, min_confidence):
    baskets = [frozenset(basket) for basket in baskets]
    names = sorted(frozenset().union(*baskets))

    def n_with(items):
        return sum(basket.issuperset(items) for basket in baskets)

    found = {}
    for whole in chain.from_iterable(combinations(names, k) for k in range(2, len(names) + 1)):
        if not n_with(whole) or n_with(whole) / len(baskets) < min_support - 1e-9:
            continue
        for left in chain.from_iterable(combinations(whole, k) for k in range(1, len(whole))):
            then = tuple(name for name in whole if name not in left)
            confidence = n_with(whole) / n_with(left)
            if confidence >= min_confidence - 1e-9:
                found[left, then] = (n_with(whole), confidence, confidence * len(baskets) / n_with(then))
    return found


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.frozensets(st.sampled_from("abcde")), min_size=1, max_size=12),
    st.sampled_from([0.1, 0.25, 0.5]),
    st.sampled_from([0.3, 0.5, 2 / 3, 1.0]),
    st.sampled_from(["fpgrowth", "apriori"]),
)
def test_both_methods_find_what_counting_every_set_finds(baskets, min_support, min_confidence, method):
    rules = mine_rules(baskets, min_support, min_confidence, method=method)
    found = {(r.given, r.then): (r.n_baskets, pytest.approx(r.confidence), pytest.approx(r.lift)) for r in rules}
    assert found == brute_force(baskets, min_support, min_confidence)
    assert rules == sorted(rules, key=lambda r: (-r.lift, -r.confidence, -r.support, r.given, r.then))


def test_the_products_of_an_order_and_the_intents_of_a_conversation_make_rules_alike():
    log = purchases(
        ["ann"] * 4, ["2026-01-01"] * 2 + ["2026-01-02"] * 2, ["tea", "cup", "tea", "cup"], [1] * 4, [9] * 4
    )
    assert product_rules(log, 0.5, 0.5) == mine_rules([{"tea", "cup"}] * 2, 0.5, 0.5)
    rules = mine_rules([["late", "late", "refund"], ["late", "refund"], ["thanks"]], 0.5, 0.9)
    assert [(rule.given, rule.then) for rule in rules] == [(("late",), ("refund",)), (("refund",), ("late",))]


def test_no_baskets_make_no_rules_and_bounds_outside_0_to_1_are_refused():
    assert mine_rules([], 0.1, 0.5) == [] and mine_rules([[], []], 0.1, 0.5) == []
    with pytest.raises(InputError, match="min_support is 0"):
        mine_rules(BASKETS, 0, 0.5)
    with pytest.raises(InputError, match="min_confidence is 1.5"):
        mine_rules(BASKETS, 0.1, 1.5)


def test_pandas_stays_out_until_rules_are_mined():
    script = "import assistant.customer.rules, assistant.customer.forecast, assistant.customer.recommend, sys; "
    script += "print([m for m in ('pandas', 'mlxtend', 'statsmodels', 'implicit', 'matplotlib') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
