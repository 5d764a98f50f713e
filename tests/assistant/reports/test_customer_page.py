"""The customer report: in two languages, whole without a network, and safe with whatever an id holds."""

import re
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest

from assistant.customer import score_run, scores
from assistant.customer.next_action import NextAction, Why
from assistant.customer.purchases import purchases
from assistant.customer.score_history import Change
from assistant.customer.segment_drift import drift
from assistant.customer.segment_names import SegmentName
from assistant.customer.segments import Segments
from assistant.reports.customer_charts import N_DOTS, scatter
from assistant.reports.customer_page import render
from index import folder as sealed
from tests.assistant.customer.shoppers import START, shoppers

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
EVIL = "<script>alert(1)</script>"
CALL = NextAction(
    EVIL, "win_back", 80.0, 0.8, 100.0, True, (Why("risk", 0.8, "流失风险 80%", "80% likely to stay away"),)
)


def shop(root, log, day):
    score_run.run(root, log, day, 60, "purchases-1")
    return scores.latest(root), Segments.load(sealed.current(root) / "segments")


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    return shop(tmp_path_factory.mktemp("scores"), shoppers(200, 250), str(START + 240))


@pytest.mark.parametrize(("tongue", "field", "why"), [("zh", "zh", "流失风险 80%"), ("en", "en", "80% likely")])
def test_segments_risk_and_whom_to_contact_are_in_words(scored, tongue, field, why):
    page = render(*scored, [CALL], tongue, NOW)
    assert all(getattr(segment, field) in page for segment in scored[0].segments)
    assert why in page and "2026-11-22 09:30" in page and scored[0].as_of in page
    assert "{" not in re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)


@pytest.mark.parametrize(("tongue", "verdict"), [("zh", "保持稳定"), ("en", "are steady")])
def test_what_changed_since_the_last_scoring_is_told(scored, tongue, verdict):
    names = {
        segment.key: segment
        for segment in (SegmentName("loyal", "忠诚客户", "loyal"), SegmentName("new", "新客户", "new"))
    }
    before = {f"c{i}": "loyal" if i < 50 else "new" for i in range(100)}
    change = Change("2026-08-22", drift(before, before | {"c50": "loyal", "c51": "loyal"}), names)
    page = re.sub(r"<[^>]+>", " ", render(*scored, [], tongue, NOW, change))
    loyal, new = (getattr(names[key], tongue) for key in ("loyal", "new"))
    assert verdict in page and "2026-08-22" in page and f"{new} → {loyal}" in page and "52%" in page
    assert "2026-08-22" not in render(*scored, [], tongue, NOW)


def test_the_page_fetches_nothing_and_no_id_becomes_markup(scored):
    page = render(*scored, [CALL], "en", NOW)
    assert EVIL not in page and "default-src 'none'" in unescape(page)
    assert not re.findall(r"""(?:src|href)=["'](?!#)""", page)

    class Tags(HTMLParser):
        n = 0

        def handle_starttag(self, tag, attributes):
            self.n += tag == "script"

    tags = Tags()
    tags.feed(page)
    assert tags.n == 1


def test_the_smallest_shop_has_a_page(tmp_path):
    log = purchases(["li"], ["2026-03-01"], ["tea"], [1], [9.0])
    page = render(*shop(tmp_path, log, "2026-03-02"), [], "zh", NOW)
    assert "全部客户" in page and "今天没有需要联系的客户" in page


def test_a_map_of_many_draws_a_sample_and_names_each_group():
    rng = np.random.default_rng(0)
    drawn = scatter(rng.normal(size=(5_000, 2)), rng.integers(-1, 3, 5_000), ["loyal", "new", "asleep"], "map")
    assert drawn.count("<circle") == N_DOTS and all(f">{name}<" in drawn for name in ("loyal", "new", "asleep"))
