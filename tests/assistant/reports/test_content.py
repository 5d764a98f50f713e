"""Topics, news, messages to read, unanswered questions and data quality, on messages whose answer is known."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from assistant.entities import EntityExtractor
from assistant.errors import InputError
from assistant.reports.build import Context, Period, build_report
from assistant.reports.messages import masked, worst
from assistant.reports.periods import last_days
from assistant.reports.shares import ErrorRates
from assistant.values import FaqEntry
from tests.assistant.lines import make_reader
from tests.assistant.reports.made_rows import made

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
FAQ = {"returns": FaqEntry("returns", "怎么退货？", "七天内可以退货。", category="退换货")}


@pytest.fixture(scope="module")
def context():
    from assistant.text import Segmenter

    return Context(make_reader(Segmenter()), ZoneInfo("Asia/Shanghai"), NOW, FAQ)


def month():
    """Thirty days of returns, and in the last week a new trouble with the charging case."""
    texts, at, moods = [], [], []
    for day in range(30):
        for i in range(6):
            texts.append(f"退货流程第{i}步怎么操作退货")
            at.append((NOW - timedelta(days=29 - day, minutes=i)).isoformat())
            moods.append("neutral")
        if day >= 23:
            texts += ["充电盒坏了充不进电"] * 2
            at += [(NOW - timedelta(days=29 - day, minutes=30 + i)).isoformat() for i in range(2)]
            moods += ["negative"] * 2
    return made(moods, text=texts, at=at, faq_id=["returns" if "退货" in t else "" for t in texts],
                p_correct=["0.8" if "退货" in t else "0.0" for t in texts])  # fmt: skip


def test_a_matter_that_only_the_last_week_has_is_news(context):
    report = build_report(Period("m.csv", month()), context)
    [topic] = report.news.topics
    assert "充电" in "".join(topic.keywords) and topic.n == 14 and topic.earlier.n_hit == 0
    assert report.news.first_day == "2026-11-16"
    assert "充电" in "".join(word.word for word in report.news.words)
    assert topic.negative.value == 1 and sum(topic.weeks) == 14


def test_two_weeks_are_too_short_to_tell_news(context):
    rows = month()
    [now, _] = last_days(rows, 14, "m.csv")
    assert build_report(now, context).news.first_day == ""


def test_the_worst_messages_are_of_several_kinds_and_each_told_once():
    texts = ["客服态度太差了"] * 3 + ["客服不理人真差", "客服又不理人了", "快递一个月没到"]
    rows = made(["negative"] * 6, text=texts, intent=["complaint"] * 5 + ["order_status"])
    assert [rows.text[i] for i in worst(rows)] == ["客服态度太差了", "客服不理人真差", "快递一个月没到"]


def test_personal_data_are_masked_wherever_messages_are_shown(context):
    text = "太差了，生气，电话13812345678，邮箱lin.wei@example.com"
    entities = EntityExtractor().extract(text, NOW)
    cell = (
        "["
        + ",".join(f'{{"type":"{e.type}","value":"{e.value}","start":{e.start},"end":{e.end}}}' for e in entities)
        + "]"
    )
    rows = made(["negative"] * 60, text=text, entities=cell)
    assert masked(rows)[0] == "太差了，生气，电话138****5678，邮箱l***@example.com"
    report = build_report(Period("m.csv", rows), context)
    shown = [item.text for item in (*report.worst, *report.typical)] + [topic.example for topic in report.topics.items]
    assert shown and not any("13812345678" in text or "lin.wei" in text for text in shown)
    [first] = report.worst
    assert any("差" in first.text[a:b] or "生气" in first.text[a:b] for a, b, _ in first.marks)


def test_questions_without_an_answer_are_grouped_with_the_nearest_entry(context):
    asked = [f"{before}驿站几点关门{after}" for before in ("", "请问", "你们", "那个") for after in ("", "啊", "呀")]
    rows = made(
        ["neutral"] * 24, text=asked + ["怎么退货"] * 12, faq_id="returns", p_correct=["0.25"] * 12 + ["0.9"] * 12
    )
    found = build_report(Period("m.csv", rows), context).unanswered
    assert (found.share.n, found.share.n_hit) == (24, 12)
    gap = found.gaps[0]
    assert gap.n >= 2 and {gap.question, *gap.variants} <= set(asked) and gap.nearest_id == "returns"


def test_without_an_faq_nothing_is_said_of_unanswered_questions(context):
    assert build_report(Period("m.csv", made(["neutral"] * 60)), context).unanswered.share is None


def test_quality_counts_what_was_left_out_repeated_and_missing(context):
    rows = made(["neutral"] * 60, text=["怎么退货"] * 2 + [f"消息{i}" for i in range(58)], rejected={"the text is empty": 3},
                at=["2026-11-01"] * 59 + ["soon"])  # fmt: skip
    found = build_report(Period("m.csv", rows), context).quality
    assert (found.n_rows, found.n_rejected, found.n_duplicates, found.n_without_date) == (63, 3, 1, 1)
    assert found.missing == ("customer_id", "product", "segment", "channel", "churn_risk")


def test_the_share_is_corrected_by_measured_errors(context):
    truth = np.arange(2_000) < 1_000
    predicted = np.where(
        truth, np.arange(2_000) % 10 < 8, np.arange(2_000) % 10 < 1
    )  # finds .8, flags .1 of the others
    rates = ErrorRates.measured(truth, predicted)
    rows = made(["negative"] * 240 + ["neutral"] * 760)
    found = build_report(Period("m.csv", rows), Context(context.reader, context.zone, NOW, rates=rates)).corrected
    assert found.value == pytest.approx((0.24 - 0.1) / (0.8 - 0.1), abs=0.01) and found.low < 0.2 < found.high


def test_an_older_period_stands_beside_the_newer(context):
    old = made(["negative"] * 20 + ["neutral"] * 80, product=["lamp"] * 50 + ["cup"] * 50)
    new = made(["negative"] * 50 + ["neutral"] * 50, product=["lamp"] * 50 + ["cup"] * 50)
    found = build_report(Period("new", new), context, Period("old", old)).comparison
    negative = found.moods[0]
    assert (negative.name, negative.change) == ("negative", pytest.approx(0.3)) and negative.low > 0
    lamp = found.groups[0]
    assert (lamp.name, lamp.old.value, lamp.new.value) == ("lamp", 0.4, 1.0)


def test_no_message_at_all_is_refused_in_words(context):
    with pytest.raises(InputError, match="no message"):
        build_report(Period("m.csv", made([])), context)


def test_the_last_days_end_with_the_newest_message_and_need_dates():
    rows = made(["neutral"] * 4, at=["2026-11-02", "2026-11-09", "2026-11-12", "2026-11-15"])
    now, before = last_days(rows, 7, "m.csv")
    assert (len(now.rows), len(before.rows)) == (3, 1)
    with pytest.raises(InputError, match="no dates"):
        last_days(made(["neutral"]), 7, "m.csv")
