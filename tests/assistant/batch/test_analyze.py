"""A file of messages in, the same rows with what was understood out: whole, in order, whatever happens on the way."""

import csv
import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.batch.pool import OwnProcess
from assistant.batch.run import Plan, analyze, choose
from assistant.batch.sources import open_files
from assistant.errors import InputError
from assistant.reports.rows import read_rows, summary_of
from tests.assistant.batch.scorers import WordScorer

ROWS = [
    {
        "at": f"2026-11-{1 + n % 9:02}",
        "内容": f"{'坏' if n % 3 else '好'}的 {n % 50}{' 昨天' if n % 5 == 0 else ''}",
        "商品": "杯子",
    }
    for n in range(400)
]
AT = Plan(as_of=datetime(2026, 11, 20, tzinfo=UTC))
IN_PARTS = Plan(as_of=AT.as_of, part_rows=40)


def write_csv(path, rows, encoding="utf-8", delimiter=","):
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def run(source, out, plan=AT, **more):
    return analyze(open_files(source), out, OwnProcess(WordScorer), plan, **more)


def records(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_row_comes_out_in_order_with_its_own_columns_and_what_was_understood(tmp_path):
    done = run(write_csv(tmp_path / "in.csv", ROWS), tmp_path / "out.csv")
    found = records(tmp_path / "out.csv")
    assert [row["内容"] for row in found] == [row["内容"] for row in ROWS]
    assert [int(row["row"]) for row in found] == list(range(2, 402))
    assert {row["file"] for row in found} == {"in.csv"} and {row["商品"] for row in found} == {"杯子"}
    assert all((row["sentiment"] == "negative") == ("坏" in row["内容"]) for row in found)
    assert done["n_written"] == 400 and done["sentiments"] == {"negative": 266, "positive": 134}
    assert summary_of(tmp_path / "out.csv")["text_column"] == "内容"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv", "out.summary.json"]


def test_yesterday_is_counted_from_the_day_of_each_message_and_equal_texts_are_read_once(tmp_path):
    rows = [{"at": f"2026-11-0{day}", "text": "昨天到"} for day in (3, 5, 3)] + [{"at": "", "text": "昨天到"}]
    done = run(write_csv(tmp_path / "in.csv", rows), tmp_path / "out.csv")
    days = [json.loads(row["entities"])[0]["value"] for row in records(tmp_path / "out.csv")]
    assert days == ["2026-11-03", "2026-11-05", "2026-11-03", "2026-11-20"] and done["n_texts"] == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encoding_is_told_from_the_bytes(tmp_path, encoding):
    run(write_csv(tmp_path / "in.csv", ROWS[:20], encoding, delimiter=";"), tmp_path / "out.csv")
    assert records(tmp_path / "out.csv")[0]["内容"] == ROWS[0]["内容"]


def test_rows_that_are_no_messages_go_to_the_rejects_with_their_numbers(tmp_path):
    path = tmp_path / "in.csv"
    lines = ["id,text", "1,好", "2,", '3,"open', "4,坏" + "很" * 50, "5,a,b", "6,   ", "7,?吗"]
    path.write_bytes("\n".join(lines).encode().replace(b"?", b"\xe5"))
    done = run(path, tmp_path / "out.csv", Plan(columns={"text": "text"}))
    assert [row["text"] for row in records(tmp_path / "out.csv")] == ["好", "坏" + "很" * 50]
    rejected = records(tmp_path / "out.rejects.csv")
    assert [int(row["row"]) for row in rejected] == [3, 4, 6, 7, 8]
    assert "empty" in rejected[0]["reason"] and rejected[0]["id"] == "2"
    assert done["n_rejected"] == 5 == sum(done["rejected"].values())


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet", ".xlsx"])
def test_each_format_goes_out_and_reads_back_as_the_report_needs_it(tmp_path, suffix):
    rows = [{"时间": "2026-11-03 12:00:00", "评论": text, "渠道": "微信"} for text in ("=1+1 坏", "好，\n谢谢", "坏 '")]
    run(write_csv(tmp_path / "in.csv", rows), tmp_path / f"out{suffix}")
    found = read_rows(tmp_path / f"out{suffix}")
    assert list(found.text) == ["=1+1 坏", "好，\n谢谢", "坏 '"] and found.channel.counts == {"微信": 3}
    assert found.sentiment.counts == {"negative": 2, "positive": 1}
    assert (
        str(found.at[0]) == "2026-11-03T12:00:00"
        and found.p.shape == (3, 3)
        and len(found.where(found.p_negative > 0.5)) == 2
    )


def test_what_a_spreadsheet_would_run_is_quoted_and_numbers_are_not(tmp_path):
    rows = [{"text": "=HYPERLINK(1) bad", "n": "-5"}, {"text": "@all good", "n": "+1.5"}]
    run(write_csv(tmp_path / "in.csv", rows), tmp_path / "out.csv")
    assert [(row["text"][0], row["n"]) for row in records(tmp_path / "out.csv")] == [("'", "-5"), ("'", "+1.5")]


def test_parquet_goes_in_and_out_with_its_types(tmp_path):
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    at = datetime(2026, 11, 3, 8, tzinfo=UTC)
    table = arrow.table(
        {"id": [1, 2, 3], "text": ["好", "", "坏"], "created_at": [at, at, None], "tags": [["a"], [], None]}
    )
    parquet.write_table(table, tmp_path / "in.parquet")
    run(tmp_path / "in.parquet", tmp_path / "out.parquet")
    found = parquet.read_table(tmp_path / "out.parquet")
    assert found.schema.field("created_at").type == table.schema.field("created_at").type
    assert found["id"].to_pylist() == [1, 3] and found["tags"].to_pylist() == [["a"], None]
    assert found["row"].to_pylist() == [1, 3]


def test_a_folder_is_read_file_by_file_and_columns_that_some_lack_are_empty(tmp_path):
    (tmp_path / "in" / "b").mkdir(parents=True)
    write_csv(tmp_path / "in" / "a.csv", [{"text": "好", "渠道": "电话"}])
    (tmp_path / "in" / "b" / "c.jsonl").write_text('{"text": "坏", "id": 7}\nnot json\n{"id": 8}\n', "utf-8")
    (tmp_path / "in" / "notes.pdf").write_bytes(b"%PDF")
    done = run(tmp_path / "in", tmp_path / "out.jsonl")
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [(row["file"], row["row"], row["text"], row["id"]) for row in found] == [
        ("a.csv", 2, "好", ""),
        ("b/c.jsonl", 1, "坏", 7),
    ]
    assert done["n_rejected"] == 2


def test_masked_rows_hold_no_personal_data_in_any_column(tmp_path):
    rows = [{"text": "请打 13800138000 好", "电话": "13800138000"}, {"text": "", "电话": "13800138000"}]
    run(write_csv(tmp_path / "in.csv", rows), tmp_path / "out.csv", Plan(masked=True))
    assert records(tmp_path / "out.csv")[0]["text"] == "请打 138****8000 好"
    for name in ("out.csv", "out.rejects.csv"):
        assert "13800138000" not in (tmp_path / name).read_text("utf-8")


def test_columns_of_ours_in_the_input_are_kept_under_another_name(tmp_path):
    run(write_csv(tmp_path / "in.csv", [{"text": "好", "sentiment": "pos", "row": "9"}]), tmp_path / "out.csv")
    [row] = records(tmp_path / "out.csv")
    assert (row["sentiment"], row["input_sentiment"], row["input_row"], row["row"]) == ("positive", "pos", "9", "2")


def test_the_text_column_is_guessed_by_its_words_and_a_wrong_name_is_refused(tmp_path):
    rows = [{"订单": f"A{n}", "状态": "已完成", "说了什么": f"第{n}次买了，质量很好"} for n in range(5)]
    source = open_files(write_csv(tmp_path / "in.csv", rows))
    assert choose(source, {}).roles["text"] == "说了什么"
    assert choose(source, {"text": "状态"}).roles["text"] == "状态"
    with pytest.raises(InputError, match="'msg'.*订单, 状态, 说了什么"):
        choose(source, {"text": "msg"})


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("a.csv", b"", "empty"), ("a.doc", b"x", "suffix"), ("a.csv", b"PK\x03\x04", "workbook"), ("a.jsonl", b"[1]\n", "no JSON"),
     ("a.xlsx", b"no", "workbook"), ("a.parquet", b"no", "Parquet"), ("a.csv", b"id,n\n1,2\n", "no column seems")],
)  # fmt: skip
def test_an_input_that_cannot_be_read_is_refused_in_one_line(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=words):
        run(tmp_path / name, tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


@settings(max_examples=30)
@given(
    texts=st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=30), min_size=1, max_size=30
    ),
    n=st.integers(1, 40),
)
def test_no_row_is_ever_lost_whatever_the_cells_hold(tmp_path_factory, texts, n):
    folder = tmp_path_factory.mktemp("any")
    source = write_csv(folder / "in.csv", [{"text": text, "x": "1"} for text in texts])
    done = run(source, folder / "out.csv", Plan(columns={"text": "text"}, part_rows=n))
    assert done["n_rows"] == len(texts) == done["n_written"] + done["n_rejected"]


def test_a_formulas_saved_value_is_its_text_and_one_without_is_named_as_such(tmp_path):
    """A spreadsheet program saves values beside formulas; openpyxl writes formulas alone, so the values are put in."""
    import zipfile

    from openpyxl import Workbook

    book = Workbook()
    for row in (["text"], ['="坏"&"了"'], ["很好"], ["=A2"], ['="好"']):
        book.active.append(row)
    book.save(tmp_path / "written.xlsx")
    with zipfile.ZipFile(tmp_path / "written.xlsx") as old, zipfile.ZipFile(tmp_path / "in.xlsx", "w") as new:
        for part in old.namelist():
            xml = old.read(part)
            if part.endswith("sheet1.xml"):
                assert xml.count(b"<v></v>") + xml.count(b"<v />") + xml.count(b"<v/>") == 3
                for mark in (b"<v></v>", b"<v />", b"<v/>"):
                    xml = xml.replace(mark, "<v>坏了</v>".encode(), 1)
                xml = xml.replace(b'<c r="A2">', b'<c r="A2" t="str">')
            new.writestr(part, xml)
    done = run(tmp_path / "in.xlsx", tmp_path / "out.csv", Plan(columns={"text": "text"}))
    assert [row["text"] for row in records(tmp_path / "out.csv")] == ["坏了", "很好"]
    assert [int(row["row"]) for row in records(tmp_path / "out.rejects.csv")] == [4, 5]
    assert done["n_rejected"] == 2 and all("never saved" in reason for reason in done["rejected"])


@pytest.mark.parametrize("n_ticks", [3, 9])
def test_a_run_that_is_killed_goes_on_and_writes_what_an_undisturbed_one_writes(tmp_path, n_ticks):
    from tests.assistant.batch.kill_target import PLAN

    source = write_csv(tmp_path / "in.csv", [*ROWS, {"at": "", "内容": "", "商品": "杯子"}])
    whole = tmp_path / "whole.csv"
    run(source, whole, PLAN)
    command = [sys.executable, "-m", "tests.assistant.batch.kill_target", str(source), str(tmp_path / "out.csv")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for _ in range(n_ticks):
        process.stdout.readline()
    process.kill()
    process.wait()
    assert not (tmp_path / "out.csv").exists()
    notes = []
    done = run(source, tmp_path / "out.csv", PLAN, note=notes.append)
    assert done["n_resumed"] % 40 == 0 and done["n_resumed"] >= 40 * max(0, n_ticks - 2) and done["n_rows"] == 401
    assert notes == ([f"going on after row {done['n_resumed']}"] if done["n_resumed"] else [])
    assert (tmp_path / "out.csv").read_bytes() == whole.read_bytes()
    assert (tmp_path / "out.rejects.csv").read_bytes() == (tmp_path / "whole.rejects.csv").read_bytes()


def test_parts_of_another_input_or_a_cut_off_part_are_read_again(tmp_path):
    class Stopped(Exception):
        pass

    def stop(at):
        if at.n_rows > 200:
            raise Stopped

    plan, out = Plan(part_rows=50), tmp_path / "out.csv"
    with pytest.raises(Stopped):
        run(write_csv(tmp_path / "in.csv", ROWS), out, plan, tick=stop)
    parts = tmp_path / ".out.csv.parts"
    (parts / "00001").write_text("cut")
    notes = []
    assert run(tmp_path / "in.csv", out, plan, note=notes.append)["n_resumed"] == 50
    with pytest.raises(Stopped):
        run(tmp_path / "in.csv", out, plan, tick=stop)
    run(write_csv(tmp_path / "in.csv", ROWS[:300]), out, plan, note=notes.append)
    assert notes == ["going on after row 50", "beginning anew: other input than last time"]
    assert len(records(out)) == 300


def test_two_runs_on_one_output_do_not_meet(tmp_path):
    source = write_csv(tmp_path / "in.csv", ROWS)

    def second(_):
        with pytest.raises(InputError, match="another run"):
            run(source, tmp_path / "out.csv")

    assert run(source, tmp_path / "out.csv", tick=second)["n_written"] == 400


def test_what_an_earlier_part_has_read_is_not_read_again_and_dates_are(tmp_path):
    words = ["在吗", "昨天到", "好的", "第一次说"]
    rows = [{"at": f"2026-11-{1 + n // 4:02}", "text": words[n % 4] if n else "坏"} for n in range(32)]
    done = run(write_csv(tmp_path / "in.csv", rows), tmp_path / "out.csv", Plan(part_rows=4, columns={"text": "text"}))
    found = records(tmp_path / "out.csv")
    assert [row["text"] for row in found] == [row["text"] for row in rows]
    days = [json.loads(row["entities"])[0]["value"] for row in found if row["text"] == "昨天到"]
    assert days == [f"2026-11-{day:02}" for day in range(1, 9)]
    # two parts are under way at once, so the second reads what the first does; 在吗 is first said in the second
    assert done["n_texts"] == 8 + 2 + 5 * 1
    assert len({row["p_negative"] for row in found if row["text"] == "好的"}) == 2
