"""FAQ files of all formats and encodings: every good row goes through, every other one comes back with its number."""

import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.characters import language
from assistant.errors import InputError, TooLong
from assistant.faq_files import parse_faq, read_faq, write_faq, write_rejects
from assistant.values import FaqEntry

RETURNS = FaqEntry("r1", "怎么退货？", "点“申请退货”。", ("退货流程", "想退了"), "售后", "zh")
FREIGHT = FaqEntry("f1", "How much is delivery?", "It is free.", (), "delivery", "en")
CSV = (
    "id,question,variants,answer,category,language\n"
    "r1,怎么退货？,退货流程|想退了,点“申请退货”。,售后,zh\n"
    "f1,How much is delivery?,,It is free.,delivery,en\n"
)

JAPANESE = "question,answer\n" + "こんにちは、返品はどうすればいいですか,マイページへ\n" * 5
FRENCH = "question,answer\n" + "Où est ma commande déjà expédiée,À côté\n" * 5


def parse(name, content):
    return parse_faq(name, content.encode("utf-8") if isinstance(content, str) else content, language)


def workbook(rows, **more_sheets):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title, others in more_sheets.items():
        sheet = book.create_sheet(title)
        for row in others:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_a_formula_whose_value_was_never_saved_is_named_with_its_row_and_column():
    rows = [
        ["question", "answer", "category"],
        ["退货", '="七天"&"内"', "x"],
        ["发货", "明天", ""],
        [None, "=B3", None],
    ]
    entries, rejects = parse("faq.xlsx", workbook(rows))
    assert [entry.question for entry in entries] == ["发货"]
    found = reasons(rejects)
    assert set(found) == {2, 4} and all(
        "the answer is a formula whose value was never saved" in r for r in found.values()
    )
    assert rejects[0].cells["question"] == "退货"  # in the rejects file it can be mended


def reasons(rejects):
    return {reject.row: reject.reason for reject in rejects}


@pytest.mark.parametrize(
    "content",
    [
        CSV.encode("utf-8"),
        CSV.encode("utf-8-sig"),
        CSV.encode("gb18030"),
        CSV.encode("utf-16"),
        CSV.replace("\n", "\r\n").encode("utf-8"),
        CSV.replace(",", ";").encode("utf-8"),
        CSV.replace(",", "\t").encode("gb18030"),
        ("\n\n" + CSV).encode("utf-8"),
    ],
    ids=["utf-8", "bom", "gb18030", "utf-16", "crlf", "semicolons", "tabs", "blank-lines-first"],
)
def test_a_csv_file_reads_the_same_in_every_usual_encoding_and_dialect(content):
    assert parse("faq.csv", content) == ([RETURNS, FREIGHT], [])


def test_xlsx_jsonl_and_markdown_say_the_same_as_csv():
    header, *rows = [line.split(",") for line in CSV.splitlines()]
    lines = [
        {"id": "r1", "question": RETURNS.question, "variants": list(RETURNS.variants), "answer": RETURNS.answer,
         "category": "售后", "language": "zh"},
        {"id": "f1", "question": FREIGHT.question, "variants": "", "answer": "It is free.", "category": "delivery"},
    ]  # fmt: skip
    markdown = (
        "# 售后\n\n## 怎么退货？\nid: r1\nvariants: 退货流程 | 想退了\n\n点“申请退货”。\n\n"
        "# delivery\n## How much is delivery? ##\n- id: f1\n\nIt is free.\n"
    )
    expected = ([RETURNS, FREIGHT], [])
    assert parse("faq.xlsx", workbook([header, *rows])) == expected
    assert parse("faq.jsonl", "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)) == expected
    assert parse("faq.md", markdown) == expected


def test_chinese_headers_in_any_order_are_understood():
    content = "答案,语言,问题,备注,相似问\n点申请。,中文,怎么退货？,不导入,退货流程｜想退了\n"
    (entry,), rejects = parse("faq.csv", content)
    assert (entry.question, entry.answer, entry.variants, entry.language) == (
        "怎么退货？", "点申请。", ("退货流程", "想退了"), "zh",
    )  # fmt: skip
    assert not rejects


def test_the_language_is_guessed_where_the_file_does_not_say():
    entries, _ = parse("faq.csv", "question,answer\n怎么退货,点申请\nWhere is it?,Here.\n")
    assert [entry.language for entry in entries] == ["zh", "en"]


def test_an_entry_without_id_gets_the_same_one_at_every_import():
    content = "question,answer\n怎么退货,点申请\n"
    (first,), _ = parse("a.csv", content)
    (again,), _ = parse("b.csv", content.replace("点申请", "联系客服"))
    assert first.faq_id == again.faq_id != ""


def test_bad_rows_come_back_with_their_numbers_and_reasons_and_the_good_ones_go_through():
    content = (
        "id,question,answer,language\n"
        "a,问题一,答案一,zh\n"
        "b,,没有问题,zh\n"
        "c,没有答案,  ,zh\n"
        "a,同一个编号,答案,zh\n"
        "\n"
        "d,太多,格子,zh,多出来\n"
        "e,语言不明,答案,klingon\n"
        "f,问题二,答案二,zh-CN\n"
        f"g,{'长' * 1001},答案,zh\n"
    )
    entries, rejects = parse("faq.csv", content)
    assert [entry.faq_id for entry in entries] == ["a", "f"]
    found = reasons(rejects)
    assert list(found) == [3, 4, 5, 7, 8, 10]
    assert "question is empty" in found[3]
    assert "answer is empty" in found[4]
    assert "'a' stands in row 2" in found[5]
    assert "5 cells where the header has 4" in found[7]
    assert "'klingon'" in found[8] and "zh" in found[8]
    assert "1001 characters, at most 1000" in found[10]


def test_a_quote_that_is_never_closed_costs_its_own_row_only():
    entries, rejects = parse("faq.csv", 'id,question,answer\na,问一,答一\nb,"问二,答二\nc,问三,"答\n三"\nd,问四,答四\n')
    assert [entry.faq_id for entry in entries] == ["a", "c", "d"]
    assert entries[1].answer == "答\n三"
    assert [reject.row for reject in rejects] == [3]
    assert "quote" in rejects[0].reason and rejects[0].raw == 'b,"问二,答二'


def test_broken_utf8_costs_its_own_row_only():
    content = CSV.encode("utf-8").replace("退货流程".encode(), "退货流程".encode()[:-1])
    entries, rejects = parse("faq.csv", content)
    assert [entry.faq_id for entry in entries] == ["f1"]
    assert [(reject.row, "not UTF-8" in reject.reason) for reject in rejects] == [(2, True)]


def test_broken_json_lines_are_reported_by_line():
    content = '{"question":"问","answer":"答"}\n\n{"question":\n[1,2]\n{"question":"问二","answer":{"x":1}}\n'
    entries, rejects = parse("faq.jsonl", content)
    assert len(entries) == 1
    found = reasons(rejects)
    assert list(found) == [3, 4, 5]
    assert "JSON" in found[3] and "list" in found[4] and "answer is a JSON dict" in found[5]


def test_a_hash_inside_a_code_fence_is_no_question_and_an_empty_section_is_reported():
    entries, rejects = parse("faq.md", "intro\n# How?\n```\n# not a heading\n```\n# Nothing here\n# Last\ndone\n")
    assert [entry.question for entry in entries] == ["How?", "Last"]
    assert "# not a heading" in entries[0].answer
    assert reasons(rejects) == {6: "the answer is empty"}


def test_numbers_and_dates_in_a_workbook_become_text_and_further_sheets_are_left_alone():
    rows = [["id", "question", "answer"], [7.0, "几天到？", 3], [None, None, None], [8, "什么时候？", "明天"]]
    entries, rejects = parse("faq.xlsx", workbook(rows, notes=[["hello"]]))
    assert [(entry.faq_id, entry.answer) for entry in entries] == [("7", "3"), ("8", "明天")]
    assert not rejects


def test_nul_and_lone_surrogates_are_dropped_from_cells():
    entries, _ = parse("faq.jsonl", '{"question":"怎\\u0000么\\ud800退货","answer":"答案"}\n')
    assert entries[0].question == "怎么退货"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("faq.pdf", b"%PDF", "no known suffix"),
        ("faq.csv", b"", "empty"),
        ("faq.csv", b"a,b\n1,2\n", "'question' .or 问句"),
        ("faq.csv", "name,问题\nx,y\n".encode(), "'answer'"),
        ("faq.csv", bytes(range(256)) * 8, "neither UTF-8 nor GB18030"),
        ("faq.csv", b"\0" * 400, "no text file"),
        ("faq.csv", JAPANESE.encode("shift_jis"), "save it as UTF-8"),
        ("faq.csv", FRENCH.encode("cp1252"), "save it as UTF-8"),
        ("faq.csv", workbook([["question", "answer"]]), "Excel workbook"),
        ("faq.xlsx", b"question,answer\n", "no .xlsx workbook"),
        ("faq.xlsx", workbook([["a", "b"]]), "'question'"),
        ("faq.jsonl", b"question,answer\nx,y\n", "no line that is a JSON object"),
        ("faq.md", "没有标题".encode(), "no heading"),
    ],
)  # fmt: skip
def test_a_file_of_no_such_format_is_refused_in_one_line(name, content, says):
    with pytest.raises(InputError, match=says) as refusal:
        parse(name, content)
    assert "\n" not in str(refusal.value)
    assert name in str(refusal.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"absent\.csv"):
        read_faq(tmp_path / "absent.csv", language)


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_unread():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (8 << 20))
    with pytest.raises(TooLong, match="unpacks to"):
        parse("faq.xlsx", content.getvalue())


def test_a_workbook_with_entity_declarations_is_refused():
    source, target = zipfile.ZipFile(io.BytesIO(workbook([["question", "answer"], ["问", "答"]]))), io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for part in source.namelist():
            content = source.read(part)
            if part.endswith("sheet1.xml"):
                content = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + content
            archive.writestr(part, content)
    with pytest.raises(InputError, match="damaged workbook"):
        parse("faq.xlsx", target.getvalue())


def test_a_workbook_cut_off_or_altered_is_refused_or_read_but_never_crashes():
    whole = workbook([["question", "answer"], ["问", "答"]])
    for at in range(0, len(whole), 331):
        for mutant in (whole[:at], whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]):
            try:
                parse("faq.xlsx", mutant)
            except InputError as refusal:
                assert "faq.xlsx" in str(refusal)


def test_more_open_quotes_than_a_csv_file_can_have_are_refused():
    content = "question,answer\n" + '"a" b,c\n' * 200
    with pytest.raises(InputError, match="is it CSV"):
        parse("faq.csv", content)


def test_rejects_can_be_mended_and_imported_again(tmp_path):
    _, rejects = parse("faq.csv", 'id,question,variants,answer\na,问一,甲|乙,\nb,"问二,答二\n')
    write_rejects(tmp_path / "rejects.csv", rejects)
    text = (tmp_path / "rejects.csv").read_text("utf-8-sig")
    assert "the answer is empty" in text and "问二,答二" in text
    mended = text.replace("问一,甲|乙,", "问一,甲|乙,答一")
    (entry,), _ = parse("mended.csv", mended)
    assert (entry.faq_id, entry.variants, entry.answer) == ("a", ("甲", "乙"), "答一")


def test_exported_formulas_do_not_run_and_read_back_as_they_were(tmp_path):
    entries = [
        FaqEntry(f"id{i}", f"{sign}HYPERLINK(1)", f"{sign}1+1", (f"{sign}cmd", "a|b"), f"{sign}c", "en")
        for i, sign in enumerate("=+-@'")
    ]
    write_faq(tmp_path / "faq.csv", entries)
    rows = (tmp_path / "faq.csv").read_text("utf-8-sig").splitlines()[1:]
    assert all(cell.strip('"')[:1] not in ("=", "+", "-", "@") for row in rows for cell in row.split(","))
    assert read_faq(tmp_path / "faq.csv", language) == (entries, [])


def test_an_export_to_an_unknown_format_or_place_is_refused(tmp_path):
    with pytest.raises(InputError, match="export goes to"):
        write_faq(tmp_path / "faq.docx", [RETURNS])
    with pytest.raises(InputError, match="cannot be written"):
        write_faq(tmp_path / "nowhere" / "faq.csv", [RETURNS])


def test_the_demo_faq_has_no_rejects():
    demo = Path(__file__).parents[2] / "configs" / "demo"
    for name in ("faq_zh.csv", "faq_en.csv"):
        entries, rejects = read_faq(demo / name, language)
        assert len(entries) >= 80
        assert not rejects


TRICKY = "ab 退货？,;|｜\\\"'=+-@#:é😀\u3000\u2028"  # separators, quotes, formulas, wide space, line separator
line = st.text(TRICKY, max_size=12).map(lambda text: " ".join(text.split()))
wording = line.filter(bool)
answer = st.lists(wording, min_size=1, max_size=3).map("\n".join)


@st.composite
def faq(draw):
    questions = draw(st.lists(wording, unique=True, min_size=1, max_size=4))
    return [
        FaqEntry(
            f"id-{i}",
            question,
            draw(answer),
            tuple(v for v in draw(st.lists(wording, unique=True, max_size=3)) if v != question),
            draw(line),
            draw(st.sampled_from(["zh", "en", "mixed", "other"])),
        )
        for i, question in enumerate(questions)
    ]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_whatever_is_exported_reads_back_the_same(tmp_path_factory, suffix):
    folder = tmp_path_factory.mktemp("export")

    @settings(max_examples=60, deadline=None)
    @given(entries=faq())
    def round_trip(entries):
        write_faq(folder / f"faq{suffix}", entries)
        assert read_faq(folder / f"faq{suffix}", language) == (entries, [])

    round_trip()


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=300), name=st.sampled_from(["f.csv", "f.jsonl", "f.md", "f.xlsx"]))
def test_any_bytes_are_read_or_refused_in_one_line(content, name):
    try:
        entries, rejects = parse(name, content)
    except InputError as refusal:
        assert name in str(refusal)
    else:
        assert all(entry.question and entry.answer for entry in entries)
        assert all(reject.reason for reject in rejects)
