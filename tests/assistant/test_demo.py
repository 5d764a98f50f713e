"""The demo shop's own data are whole."""

import pytest

from assistant.demo import read_orders
from assistant.entities import EntityExtractor
from assistant.errors import InputError
from assistant.faq_files import read_faq
from assistant.settings import configs_folder
from assistant.text import language

DEMO = configs_folder() / "demo"


@pytest.mark.parametrize(("name", "least"), [("faq_zh.csv", 120), ("faq_en.csv", 80)])
def test_every_entry_of_the_demo_faq_can_be_used_and_has_two_other_wordings(name, least):
    entries, rejects = read_faq(DEMO / name, language)
    assert rejects == [] and len(entries) >= least
    assert [entry.faq_id for entry in entries if len(entry.variants) < 2] == []


def test_every_order_number_of_the_demo_is_found_in_a_message():
    for order in read_orders(DEMO / "orders.csv"):
        (entity,) = EntityExtractor().extract(f"订单{order.order_no}到哪了", order.ordered_at)
        assert (entity.type, entity.value) == ("order_no", order.order_no)


def test_an_order_that_cannot_be_read_is_named_by_its_row(tmp_path):
    heading = (DEMO / "orders.csv").read_text("utf-8").splitlines()[0]
    (tmp_path / "orders.csv").write_text(f"{heading}\nQH1,ann,paid,a,1,2026-11-22T00:00:00,,\n")
    with pytest.raises(InputError, match="row 2: .*no time zone"):
        read_orders(tmp_path / "orders.csv")
