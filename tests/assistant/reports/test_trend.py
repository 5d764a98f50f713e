"""The trend, its changes, and the headline that says who carries them."""

from zoneinfo import ZoneInfo

import numpy as np
import pytest

from assistant.reports.calendar import local
from assistant.reports.dimensions import dimensions
from assistant.reports.trend import changes, days_of, headline, trend
from tests.assistant.reports.made_rows import made, on_days

SHANGHAI = ZoneInfo("Asia/Shanghai")


def told(rows):
    days = days_of(rows, local(rows.at, SHANGHAI))
    found = changes(days)
    return trend(rows, days), found, headline(rows, dimensions(rows, {}), days, found)


def test_a_rise_that_one_group_carries_is_told_with_its_day_and_name():
    sentiments, at = on_days([(2, 10)] * 40 + [(7, 10)] * 20)
    seen = {}

    def of_group(i):  # from the 41st day on five loyal customers a day complain of their orders
        place = seen[at[i][:10]] = seen.get(at[i][:10], -1) + 1
        return i >= 480 and place < 5

    late = [of_group(i) for i in range(len(at))]
    rows = made(sentiments, at=at, intent=["order_status" if is_late else ("invoice", "coupon")[i % 2] for i, is_late in enumerate(late)],
                segment=["loyal" if is_late else ("loyal", "new", "asleep")[i % 3] for i, is_late in enumerate(late)])  # fmt: skip
    line, found, head = told(rows)
    assert (head.kind, head.since) == ("rose", "2026-10-24")
    assert (head.before.value, head.now.value) == (pytest.approx(2 / 12), pytest.approx(7 / 17))
    assert (head.what.dimension, head.what.name) == ("intent", "order_status")
    assert (head.who.dimension, head.who.name) == ("segment", "loyal")
    assert [change.day for change in found] == ["2026-10-24"]
    assert (line.unit, len(line.buckets)) == ("week", 9)
    assert [bucket.is_partial for bucket in line.buckets] == [False] * 8 + [True]


def test_a_change_that_everybody_shares_names_nobody():
    sentiments, at = on_days([(2, 10)] * 40 + [(7, 10)] * 20)
    rows = made(sentiments, at=at, segment=[("loyal", "new", "asleep", "lost")[i % 4] for i in range(len(at))])
    head = told(rows)[2]
    assert head.kind == "rose" and head.who is None


@pytest.mark.parametrize(("n_lamp", "n_named", "carrier"), [(3, 5, "lamp"), (2, 5, "cup"), (3, 3, None)])
def test_a_carrier_is_sought_among_messages_that_name_one_if_these_are_most_of_the_change(n_lamp, n_named, carrier):
    sentiments, at = on_days([(2, 10)] * 40 + [(9, 10)] * 20)
    seen, products = {}, []
    for i, when in enumerate(at):  # from the 41st day on seven more a day: lamps first, cups then, the rest of nothing
        place = seen[when[:10]] = seen.get(when[:10], -1) + 1
        late = i >= 480 and place < 7
        products.append(
            ("lamp" if place < n_lamp else "cup" if place < n_named else "")
            if late
            else ("lamp", "cup", "tray", "")[i % 4]
        )
    head = told(made(sentiments, at=at, product=products))[2]
    assert (head.what.name if head.what else None) == carrier


def test_a_steady_share_is_said_to_be_steady():
    sentiments, at = on_days([(2, 10)] * 60)
    assert told(made(sentiments, at=at))[2].kind == "steady"


def test_few_messages_draw_no_trend_and_say_no_shares():
    sentiments, at = on_days([(0, 1), (1, 0), (0, 2)])
    line, found, head = told(made(sentiments, at=at))
    assert (line.buckets, line.why_not, found, head.kind) == ((), "too_few", (), "small")


def test_messages_without_dates_have_a_level_but_no_trend():
    line, found, head = told(made(["negative", "neutral"] * 40))
    assert (line.why_not, found, head.kind, head.now.value) == ("no_dates", (), "level", 0.5)


def test_a_message_at_midnight_belongs_to_the_day_that_the_shop_has():
    at = np.array(["2026-11-02T16:30:00", "2026-11-02T15:59:59", "NaT"], "datetime64[s]")
    assert local(at, SHANGHAI).astype("datetime64[D]").astype(str).tolist() == ["2026-11-03", "2026-11-02", "NaT"]
