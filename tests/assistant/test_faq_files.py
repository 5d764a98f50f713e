import contextlib
import csv
import json
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import InputError
from assistant.faq_files import read_faq, write_rejects
from assistant.settings import configs_folder
from assistant.values import FaqEntry
from tests import strategies

RETURNS = FaqEntry("r1", "怎么退货？", "七天内可以退。", ("我想退掉", "退货流程"), "售后", "zh")
INVOICE = FaqEntry("i1", "Can I get an invoice?", "Yes, by e-mail.", (), "", "en")
CSV = """id,question,variants,answer,category,language
r1,怎么退货？,我想退掉 | 退货流程,七天内可以退。,售后,zh
i1,Can I get an invoice?,,"Yes, by e-mail.",,
"""


@pytest.fixture
def written(tmp_path):
    def write(content, name="faq.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_a_csv_of_any_usual_encoding_is_read(written, encoding):
    found = read_faq(written(CSV.encode(encoding)))
    assert found.entries == (RETURNS, INVOICE) and found.rejects == ()


def test_semicolons_and_tabs_may_separate_the_columns(written):
    tabs = "问题\t答案\n怎么退货？\t七天内，可以退。\n"
    assert read_faq(written(tabs, "a.tsv")).entries[0].answer == "七天内，可以退。"
    assert read_faq(written("question;answer\na, b?;c\n")).entries[0].question == "a, b?"


def test_jsonl_markdown_and_xlsx_say_the_same(written, tmp_path):
    lines = [
        {
            "id": "r1",
            "question": "怎么退货？",
            "variants": ["我想退掉", "退货流程"],
            "answer": "七天内可以退。",
            "category": "售后",
        },
        {"id": "i1", "question": "Can I get an invoice?", "answer": "Yes, by e-mail."},
    ]
    jsonl = written("\n\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "faq.jsonl")
    markdown = """# 售后
## 怎么退货？ {#r1}
> 我想退掉
> 退货流程

七天内可以退。
#
## Can I get an invoice? {#i1}
Yes, by e-mail.
"""
    book = openpyxl.Workbook()
    for row in csv.reader(CSV.splitlines()):
        book.active.append(row)
    book.save(tmp_path / "faq.xlsx")
    for path in (jsonl, written(markdown.replace("#\n##", "# \n##"), "faq.md"), tmp_path / "faq.xlsx"):
        assert read_faq(path).entries == (RETURNS, INVOICE), path


def test_a_row_without_an_id_always_gets_the_same_one(written):
    text = "question,answer\n怎么退货？,七天内。\n"
    (first,), (second,) = read_faq(written(text)).entries, read_faq(written(text, "other.csv")).entries
    assert first.faq_id == second.faq_id and first.language == "zh"


def test_rows_that_cannot_be_used_are_named_and_the_others_go_in(written, tmp_path):
    found = read_faq(
        written(
            "id,question,answer,language\n"
            "a,问,答,zh\n"
            "a,又问,又答,zh\n"
            "b,,答,zh\n"
            "c,问,  ,zh\n"
            "d,问,答,klingon\n"
            "\n"
            '"e","两\n行问","答",zh\n'
            "f,问,答,zh,多了一格\n"
            f"g,{'长' * 2001},答,zh\n"
            "h,问,答,zh\n"
        )
    )
    assert [entry.faq_id for entry in found.entries] == ["a", "e", "h"]
    assert [(reject.row, reject.reason) for reject in found.rejects] == [
        (3, "the id 'a' stands in row 2 already"),
        (4, "the question is empty"),
        (5, "the answer is empty"),
        (6, "the language 'klingon' is not known; expected one of zh, en, mixed, other"),
        (9, "it has 5 cells, the heading 4"),
        (10, "the question has 2001 characters, at most 2000 are taken"),
    ]
    write_rejects(tmp_path / "rejects.csv", found.rejects)
    rows = list(csv.DictReader((tmp_path / "rejects.csv").open(encoding="utf-8-sig")))
    assert [row["row"] for row in rows] == ["3", "4", "5", "6", "9", "10"] and "又问" in rows[0]["content"]


def test_a_broken_line_in_a_utf8_file_is_set_aside_alone(written):
    raw = "question,answer\n一？,甲\n二？,乙\n三？,丙\n".encode().replace("乙".encode(), b"\xd2\xd2")
    found = read_faq(written(raw))
    assert [entry.answer for entry in found.entries] == ["甲", "丙"]
    assert [(reject.row, reject.reason) for reject in found.rejects] == [
        (3, "line 3 is not UTF-8, the rest of the file is")
    ]


def test_broken_json_lines_are_named(written):
    lines = [
        '{"question": "问", "answer": "答"}',
        "{",
        "[1]",
        '{"question": ["问"], "answer": "答"}',
        '{"answer": "答"}',
    ]
    lines.append('{"question": "问2", "answer": "答", "variants": [1]}')
    found = read_faq(written("\n".join(lines), "faq.jsonl"))
    assert len(found.entries) == 1
    assert [reject.row for reject in found.rejects] == [2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        ("frage,antwort\na,b\n", "faq.csv", "has no column 'question'; its first row names frage, antwort"),
        ("x", "faq.pdf", "ends in '.pdf'; expected one of .csv"),
        ("no zip", "faq.xlsx", "is not a readable XLSX file"),
    ],
)
def test_a_file_of_another_kind_is_refused(written, content, name, reason):
    with pytest.raises(InputError, match=reason):
        read_faq(written(content, name))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="nowhere.csv cannot be read .No such file"):
        read_faq(tmp_path / "nowhere.csv")


def test_a_zip_bomb_is_not_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    with pytest.raises(InputError, match="unpacks to 50000000 bytes"):
        read_faq(tmp_path / "bomb.xlsx")


def test_a_formula_is_text_in_the_rejects_file(written, tmp_path):
    found = read_faq(written('id,question,answer\na,"=1+1",\n'))
    write_rejects(tmp_path / "rejects.csv", found.rejects)
    content = (tmp_path / "rejects.csv").read_text("utf-8-sig")
    assert not any(line.split(",")[-1].startswith(("=", "+", "-", "@")) for line in content.splitlines())


@given(st.binary(max_size=300) | strategies.texts.map(str.encode))
def test_random_bytes_never_end_in_a_crash(tmp_path_factory, raw):
    folder = tmp_path_factory.getbasetemp()
    for suffix in ("csv", "jsonl", "md", "xlsx"):
        (folder / f"random.{suffix}").write_bytes(b"question,answer\n" + raw if suffix == "csv" else raw)
        with contextlib.suppress(InputError):
            read_faq(folder / f"random.{suffix}")


@pytest.mark.parametrize(("name", "least"), [("faq_zh.csv", 120), ("faq_en.csv", 80)])
def test_the_demo_faq_is_whole(name, least):
    found = read_faq(configs_folder() / "demo" / name)
    assert found.rejects == () and len(found.entries) >= least
    assert all(len(entry.variants) >= 2 for entry in found.entries)
