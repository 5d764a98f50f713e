"""The demo shop's own data are whole."""

import pytest

from assistant import bootstrap, settings
from assistant.demo import read_orders
from assistant.entities import EntityExtractor
from assistant.errors import InputError
from assistant.faq_files import read_faq
from assistant.index_versions import as_entry, tools_of
from assistant.settings import configs_folder
from assistant.text import language
from index.faq_index import FaqIndex

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


def test_the_index_that_ships_holds_the_shipped_faq_as_the_shipped_encoder_reads_it():
    segmenter, encoder = bootstrap.build_encoder(settings.load())
    index = FaqIndex.open(bootstrap.SHIPPED / "demo-index", tools_of(encoder, segmenter), encoder.version)
    entries = [entry for path in sorted(DEMO.glob("faq_*.csv")) for entry in read_faq(path, language)[0]]
    # otherwise: python -m training.demo_index
    assert {entry.faq_id: entry for entry in index.entries} == {entry.faq_id: as_entry(entry) for entry in entries}
    assert index.learned.hit_at_1 > index.learned.bm25_hit_at_1
