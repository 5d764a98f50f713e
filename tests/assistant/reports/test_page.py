"""The report as a file: one page that asks nobody for anything, a workbook, JSON."""

import base64
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from fontTools.ttLib import TTFont
from openpyxl import load_workbook

from assistant.errors import InputError
from assistant.faq_files import parse_faq
from assistant.reports.build import Context, Period, build_report
from assistant.reports.figures import Corrected
from assistant.reports.files import check_suffix, write_report
from assistant.reports.page import render
from assistant.reports.page.charts import scale
from assistant.reports.wording import TONGUES, Wording, interval, percent, signed
from assistant.text import Segmenter
from assistant.values import FaqEntry
from tests.assistant.lines import make_reader
from tests.assistant.reports.made_rows import made, on_days

HOSTILE = "太差了<script>alert(1)</script>\"'&{{7*7}}生气"


@pytest.fixture(scope="module")
def report():
    sentiments, at = on_days([(2, 10)] * 40 + [(7, 10)] * 20)
    n = len(at)
    texts = [HOSTILE if i % 97 == 0 else f"=驿站{i}几点关门" for i in range(n)]
    rows = made(sentiments, text=texts, at=at, product=["=1+1", "<b>lamp</b>", "杯子"] * (n // 3) + ["杯子"] * (n % 3),
                faq_id="returns", p_correct="0.3", rejected={"the text is empty": 2})  # fmt: skip
    faq = {"returns": FaqEntry("returns", "怎么退货？", "七天内可以退货。", category="退换货")}
    context = Context(make_reader(Segmenter()), ZoneInfo("Asia/Shanghai"), datetime(2026, 11, 22, 4, tzinfo=UTC), faq)
    return build_report(Period("m.csv", rows), context, Period("old.csv", rows))


@pytest.mark.parametrize("tongue", TONGUES)
def test_the_page_is_one_small_file_that_loads_nothing(report, tongue):
    page = render(report, Wording.load(tongue))
    assert len(page.encode()) < 2_000_000
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!data:|#)|@import|url\((?!data:font/woff)""", page)
    assert "default-src 'none'" in unescape(page) and page.count("<script") == 1


def fonts(page: str) -> dict[int, TTFont]:
    """Weight -> the font of that weight that the page brings with it."""
    faces = re.findall(r"font-weight:(\d+);unicode-range:[^;]+;src:url\(data:font/woff;base64,([^)]+)\)", page)
    return {int(weight): TTFont(io.BytesIO(base64.b64decode(raw))) for weight, raw in faces}


@pytest.mark.parametrize("tongue", TONGUES)
def test_the_han_characters_of_a_page_travel_with_it_and_no_others(report, tongue):
    page = render(report, Wording.load(tongue))
    brought = {weight: {chr(code) for code in font.getBestCmap()} for weight, font in fonts(page).items()}
    assert brought[400] == {letter for letter in page if "\u4e00" <= letter <= "\u9fff" or letter in "，。；：、（）？"}
    assert (
        brought[700] < brought[400]
        and set(re.sub("[^\u4e00-\u9fff]", "", report.topics.items[0].example)) <= brought[400]
    )
    headline = Wording.load(tongue).headline(report)
    assert {letter for letter in headline if "\u4e00" <= letter <= "\u9fff"} <= brought[700]
    assert all(font["glyf"][font.getBestCmap()[ord("驿")]].numberOfContours > 0 for font in [fonts(page)[400]])


def test_a_page_without_han_characters_brings_no_font():
    context = Context(make_reader(Segmenter()), ZoneInfo("UTC"), datetime(2026, 11, 22, 4, tzinfo=UTC))
    rows = made(["negative"] * 60, text=[f"parcel {i} is late ❤️" for i in range(60)], language="en")
    assert fonts(render(build_report(Period("m.csv", rows), context), Wording.load("en"))) == {}


def test_customers_words_are_text_and_nothing_else(report):
    page = render(report, Wording.load("zh"))
    assert "<script>alert" not in page and "<b>lamp" not in page and "&lt;b&gt;lamp" in page and "{{7*7}}" in page


def test_both_languages_have_every_phrase():
    zh, en = (Wording.load(tongue).tables for tongue in TONGUES)
    for table in zh.keys() - {"names", "reasons"}:
        assert zh[table].keys() == en[table].keys()
    shipped = {name for name in zh["names"] if name.isascii()}
    assert shipped <= en["names"].keys() | {"negative", "neutral", "positive"}


def test_the_headline_says_what_changed_in_words(report):
    assert Wording.load("en").headline(report).startswith("Since 24 Oct the negative share rose from 17% to 41%")
    assert Wording.load("zh").headline(report).startswith("10月24日起，负面消息占比从 17% 升到 41%")


def test_a_few_messages_say_that_they_are_few_instead_of_drawing_trends(report):
    context = Context(make_reader(Segmenter()), ZoneInfo("Asia/Shanghai"), datetime(2026, 11, 22, 4, tzinfo=UTC))
    small = build_report(Period("m.csv", made(["negative", "neutral", "neutral"])), context)
    page = render(small, Wording.load("en"))
    assert "Only 3 messages" in page and "no trend" in page and 'class="plot trend"' not in page
    assert 'id="where"' not in page and 'id="when"' not in page


def test_what_changed_since_the_older_period_heads_a_steady_one():
    context = Context(make_reader(Segmenter()), ZoneInfo("Asia/Shanghai"), datetime(2026, 11, 22, 4, tzinfo=UTC))
    old, new = (Period("m.csv", made(["negative"] * n + ["neutral"] * (100 - n))) for n in (20, 50))
    found = build_report(new, context, old)
    assert Wording.load("en").headline(found).startswith("50% of the messages are negative, up from 20%")
    assert "从上一期的 20% 升到 50%" in Wording.load("zh").headline(found)
    assert Wording.load("en").headline(build_report(new, context, new)) == "50% of the messages are negative."


def test_the_draft_of_the_faq_imports_once_its_answers_are_written(report):
    [encoded] = re.findall(r'href="data:text/csv;charset=utf-8;base64,([^"]+)"', render(report, Wording.load("zh")))
    found = parse_faq("draft.csv", base64.b64decode(encoded), lambda text: "zh")
    assert [entry.question for entry in found.entries] == [gap.question for gap in report.unanswered.gaps]
    assert found.entries[0].answer == "七天内可以退货。" and not found.rejects


def test_a_workbook_runs_no_formula_and_holds_every_group(report, tmp_path):
    write_report(report, Wording.load("zh"), tmp_path / "r.xlsx")
    book = load_workbook(tmp_path / "r.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert "'=1+1" in [cell.value for cell in cells]
    assert book.sheetnames[1] == "负面占比的走势" and "消息" in book.sheetnames
    excess = [row[-1] for row in book["问题在哪里"].iter_rows(min_row=2)]
    assert excess and all(isinstance(cell.value, int) and "%" not in cell.number_format for cell in excess)


def test_json_has_every_figure_under_its_name(report, tmp_path):
    write_report(report, Wording.load("en"), tmp_path / "r.json")
    found = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert found["headline"]["since"] == "2026-10-24" and found["moods"]["negative"]["n"] == report.n
    assert found["comparison"]["old_name"] == "old.csv" and found["headline_text"].startswith("Since 24 Oct")


def test_an_unknown_suffix_is_refused_before_the_work(tmp_path):
    with pytest.raises(InputError, match=".html .xlsx .json"):
        check_suffix(tmp_path / "r.pdf")


def test_a_page_without_any_change_driver_or_group_is_whole(report):
    bare = replace(report, breakdowns=(), changes=(), comparison=None, worst=(), typical=(), corrected=None)
    assert "</html>" in render(bare, Wording.load("en"))


@pytest.mark.parametrize("tongue", TONGUES)
def test_the_share_as_read_and_as_corrected_stand_beside_each_other_with_their_intervals(report, tongue):
    say = Wording.load(tongue)
    assert say("quality.not_corrected") in unescape(render(replace(report, corrected=None), say))
    page = unescape(render(replace(report, corrected=Corrected(0.31, 0.12, 0.55, "others")), say))
    read = report.moods["negative"]
    for label, value in (("read", f"{percent(read.value)} ({interval(read)})"), ("corrected", "31% (12%–55%)")):
        assert re.search(re.escape(say(f"quality.negative_{label}")) + r"</dt><dd>" + re.escape(value), page)


@pytest.mark.parametrize(("need", "top"), [(0.0, 0.1), (0.31, 0.4), (0.83, 1.0), (1.0, 1.0)])
def test_axes_are_round_and_hold_what_they_show(need, top):
    assert scale([need]).top == pytest.approx(top)


def test_numbers_are_written_for_people():
    assert [percent(value) for value in (0.184, 0.004, 0.0, 1.0)] == ["18%", "0.4%", "0%", "100%"]
    assert [signed(value) for value in (9.2, -3.6, 0.3)] == ["+9", "−4", "0"]
