"""What came back: it counts until its day and no longer, for spend, for days with a purchase and for offers."""

from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.customer import purchase_log
from assistant.customer.import_files import Options, read_lines
from assistant.customer.purchases import rfm
from assistant.customer.recommend import RecommendationModel

HEADER = "order_no,customer,date,sku,quantity,amount,status"
BEFORE, AFTER = "2026-03-05", "2026-03-31"


@pytest.fixture
def log(tmp_path):
    """The purchases of an order file, given by its lines."""

    def read(*rows, header=HEADER):
        path = tmp_path / "orders.csv"
        path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
        lines = read_lines(path, Options(), tmp_path / "rejects.csv", date(2026, 11, 22)).lines
        return purchase_log.sales(purchase_log.merged(purchase_log.empty(), lines).lines)

    return read


def spend(purchases, as_of):
    return float(rfm(purchases.until(as_of).by_day(), as_of).spend_cny.sum())


def test_a_line_that_came_back_whole_counts_until_that_day(log):
    found = log("A1,li,2026-03-01,pot,1,90,", "A2,li,2026-03-02,tea,1,10,", "R1,li,2026-03-09,pot,-1,-90,")
    assert (spend(found, BEFORE), spend(found, "2026-03-08"), spend(found, "2026-03-09")) == (100, 100, 10)
    table = rfm(found.until(AFTER).by_day(), AFTER)
    assert (table.frequency.tolist(), table.age_days.tolist()) == ([0.0], [29.0])  # the day of the pot is none any more


def test_of_two_cups_one_came_back(log):
    found = log("A1,li,2026-03-01,cup,2,40,", "R1,li,2026-03-09,cup,-1,-20,")
    assert (spend(found, BEFORE), spend(found, AFTER)) == (40, 20)
    assert found.until(AFTER).quantity.tolist() == [1.0]


def test_a_return_undoes_the_latest_purchase_unless_its_order_is_named(log):
    bought = ("A1,li,2026-03-01,cup,1,10,", "A2,li,2026-03-03,cup,1,12,")
    assert spend(log(*bought, "R1,li,2026-03-09,cup,-1,-12,"), AFTER) == 10
    assert spend(log(*bought, "A1,li,2026-03-09,cup,-1,-10,"), AFTER) == 12
    assert spend(log(*bought, "R1,li,2026-03-09,cup,-2,-22,"), AFTER) == 0


def test_a_return_before_the_purchase_or_of_something_else_takes_nothing(log):
    found = log("R1,li,2026-02-01,cup,-1,-10,", "A1,li,2026-03-01,cup,1,10,", "R2,li,2026-03-09,Discount,-1,-5,",
                "R3,wang,2026-03-09,cup,-1,-10,")  # fmt: skip
    assert spend(found, AFTER) == 10 and found.back is None


def test_an_order_whose_status_says_that_it_came_back_undoes_itself_alone(log):
    kept, refunded = "A1,li,2026-03-01,pot,1,90,", "A2,li,2026-03-03,pot,1,90,退款成功"
    assert spend(log(kept, refunded), AFTER) == 90
    assert spend(log(kept, "A2,li,2026-03-03,pot,1,90,paid", refunded), AFTER) == 90  # imported as paid before


def test_money_back_for_an_order_without_naming_goods_is_shared_by_its_lines(log):
    bought = ("A1,li,2026-03-01,pot,1,90,", "A1,li,2026-03-01,tea,1,10,", "A2,li,2026-03-02,cup,1,5,")
    half, whole = log(*bought, "A1,li,2026-03-09,,-1,-50,"), log(*bought, "A1,li,2026-03-09,,-1,-100,")
    assert (spend(half, BEFORE), spend(half, AFTER), spend(whole, AFTER)) == (105, 55, 5)
    assert sorted(half.until(AFTER).amount_cny.tolist()) == [5, 5, 45]


def test_goods_that_all_came_back_are_no_purchase_whatever_fee_the_shop_kept(log):
    fee = log("A1,li,2026-03-01,pot,1,90,", "R1,li,2026-03-09,pot,-1,-80,")
    assert (spend(fee, BEFORE), spend(fee, AFTER), len(fee.until(AFTER))) == (90, 0, 0)
    half = log("A1,li,2026-03-01,pot,2,180,", "R1,li,2026-03-09,pot,-1,-80,")
    assert spend(half, AFTER) == 100


def test_what_somebody_sent_back_is_not_offered_to_them_again(log):
    others = [f"B{i},c{i},2026-03-0{1 + i % 3},{p},1,10," for i in range(9) for p in ("pot", "tea")]
    found = log(*others, "A1,li,2026-03-01,tea,1,10,", "A2,li,2026-03-02,pot,1,90,", "R1,li,2026-03-04,pot,-1,-90,")
    li = np.array([found.customer_ids.tolist().index("li")])
    for repeats in (True, False):
        offered = RecommendationModel().fit(found, AFTER).best(li, 3, repeats)[0]
        assert "pot" not in {found.product_ids[code] for code in offered if code >= 0}
    again = log(*others, "A2,li,2026-03-02,pot,1,90,", "R1,li,2026-03-04,pot,-1,-90,", "A3,li,2026-03-06,pot,1,90,")
    offered = RecommendationModel().fit(again, AFTER).best(li, 3, repeats=True)[0]
    assert "pot" in {again.product_ids[code] for code in offered if code >= 0}


@given(
    st.lists(st.tuples(st.integers(1, 9), st.sampled_from("ab"), st.integers(-3, 3)), max_size=12),
    st.fixed_dictionaries({"a": st.integers(1, 9), "b": st.integers(1, 9)}),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_nobody_keeps_more_than_they_bought_nor_less_than_they_bought_less_what_came_back(log, rows, prices):
    rows = [(day, sku, n, prices[sku]) for day, sku, n in rows]
    written = [f"o{i},li,2026-03-0{day},{sku},{n},{n * price}," for i, (day, sku, n, price) in enumerate(rows) if n]
    found = log(*written)
    bought, back = (sum(n * p for _, _, n, p in rows if sign * n > 0) for sign in (1, -1))
    if len(found):
        assert bought + back - 1e-6 <= spend(found, AFTER) <= bought + 1e-6
        assert spend(found, "2026-12-31") == pytest.approx(spend(found, AFTER))
        assert (found.amount_cny > 0).all() and (found.quantity >= 0).all()
