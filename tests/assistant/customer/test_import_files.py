"""Order files as shops have them: every row is a line, a rejected row with its number and reason, or known already."""

import csv
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.customer import purchase_log
from assistant.customer.import_files import Options, read_lines
from assistant.errors import ArtifactError, InputError

TODAY = date(2026, 11, 22)
SHANGHAI, UTC = ZoneInfo("Asia/Shanghai"), ZoneInfo("UTC")
HEADER = "order_no,customer_id,date,sku,quantity,price"


@pytest.fixture
def read(tmp_path):
    """A function that reads text, or the bytes of a file, and gives back lines, counts and rejected rows."""

    def reader(content, name="orders.csv", **options):
        path, rejects = tmp_path / name, tmp_path / "orders.rejects.csv"
        if content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        done = read_lines(path, Options(**options), rejects, TODAY)
        rows = list(csv.reader(rejects.open(encoding="utf-8-sig"))) if rejects.exists() else []
        return done.lines, done.counts, rows

    return reader


def days_of(lines):
    return lines.day.astype("datetime64[D]").astype(str).tolist()


def test_a_plain_file_becomes_lines(read):
    lines, counts, _ = read(
        f"{HEADER}\nA1,li,2026-03-01,tea,2,10.5\nA1,li,2026-03-01,cup,1,8\nA2,wang,2026-03-02,tea,1,10.5\n"
    )
    assert lines.amount_cny.tolist() == [21.0, 8.0, 10.5]
    assert [lines.customer_ids[code] for code in lines.customer] == ["li", "li", "wang"]
    assert lines.order[0] == lines.order[1] != lines.order[2]
    assert (counts.n_rows, counts.n_lines, counts.n_rejected) == (3, 3, 0)


def test_chinese_headers_in_gb18030_are_understood(read):
    text = "订单编号,买家会员名,订单付款时间,商品名称,购买数量,实付金额\n1001,小明,2026年3月1日 8:30,绿茶礼盒,2,¥1,299.00\n"
    text = text.replace("¥1,299.00", '"￥1,299.00"')
    lines, _, _ = read(text.encode("gb18030"))
    assert lines.customer_ids[lines.customer[0]] == "小明"
    assert lines.product_ids[lines.product[0]] == "绿茶礼盒"
    assert (lines.amount_cny[0], lines.quantity[0]) == (1299.0, 2.0)


def test_gb18030_is_found_behind_a_megabyte_of_plain_ascii(read):
    plain = "".join(f"A{i},c{i % 50},2026-03-01,tea,1,9.50\n" for i in range(40_000))
    assert len(plain) > 1 << 20
    lines, _, _ = read(f"{HEADER}\n{plain}A,李雷,2026-03-02,红茶,1,9\n".encode("gb18030"))
    assert lines.customer_ids[-1] == "李雷"


def test_a_header_can_be_named_by_its_owner(read):
    lines, _, _ = read("who;when;paid\nli;2026-03-01;5\n", columns={"customer": "who", "at": "when", "amount": "paid"})
    assert lines.amount_cny.tolist() == [5.0]


def test_a_missing_column_is_named_with_the_way_out(read):
    with pytest.raises(InputError, match="customer.*--column customer=HEADER.*who, date, total"):
        read("who,date,total\nli,2026-03-01,5\n")


def test_rows_that_cannot_be_taken_come_back_with_number_and_reason(read):
    lines, counts, rejected = read(
        f"{HEADER}\nA1,li,2026-03-01,tea,1,5\nA2,li,soon,tea,1,5\nA3,li,2026-03-01,tea,one,5\nA4,li,2027-01-01,tea,1,5\n"
        "A5,li,2026-03-01,tea,1,5,6\n"
    )
    assert len(lines) == 1
    assert [row[0] for row in rejected[1:]] == ["3", "4", "5", "6"]
    assert ["no known form" in rejected[1][1], "no number" in rejected[2][1], "future" in rejected[3][1]] == [True] * 3
    assert rejected[0] == ["row", "reason", *HEADER.split(",")]
    assert counts.n_rejected == 4


def test_the_rejects_file_is_imported_again_once_mended(read, tmp_path):
    read(f"{HEADER}\nA2,li,soon,tea,1,5\n")
    mended = (tmp_path / "orders.rejects.csv").read_text("utf-8-sig").replace("soon", "2026-03-01", 2)
    lines, counts, _ = read(mended)
    assert (len(lines), counts.n_rejected) == (1, 0)


def test_an_open_quote_costs_its_own_row_alone(read):
    lines, _, rejected = read(f'{HEADER}\nA1,li,2026-03-01,"tea,1,5\nA2,li,2026-03-01,tea,1,5\n')
    assert (len(lines), [row[0] for row in rejected[1:]]) == (1, ["2"])


@pytest.mark.parametrize(
    ("written", "day"),
    [("2026-03-01", "2026-03-01"), ("2026/3/1 7:45", "2026-03-01"), ("20260301", "2026-03-01"),
     ("2026-03-01T23:30:00Z", "2026-03-02"), ("2026-03-01 23:30:00+08:00", "2026-03-01"), ("1772323200", "2026-03-01"),
     ("25.12.2025 11:05", "2025-12-25"), ("12/25/2025 11:05 PM", "2025-12-25"), ("2026年3月1日", "2026-03-01")],
)  # fmt: skip
def test_dates_of_many_forms_are_days_of_the_shop(read, written, day):
    lines, _, _ = read(f"{HEADER}\nA1,li,{written},tea,1,5\n", time_zone=SHANGHAI, shop_zone=SHANGHAI)
    assert days_of(lines) == [day]


def test_a_late_evening_elsewhere_is_the_next_day_in_the_shop(read):
    lines, _, _ = read(f"{HEADER}\nA1,li,2026-03-01 20:00,tea,1,5\n", time_zone=UTC, shop_zone=SHANGHAI)
    assert days_of(lines) == ["2026-03-02"]


def test_a_date_that_may_be_two_days_is_asked_about(read):
    text = f"{HEADER}\nA1,li,03/04/2026,tea,1,5\n"
    _, _, rejected = read(text)
    assert "--dates dmy or mdy" in rejected[1][1]
    assert days_of(read(text, dates="dmy")[0]) == ["2026-04-03"]
    assert days_of(read(text, dates="mdy")[0]) == ["2026-03-04"]


def test_one_clear_date_tells_how_the_others_are_meant(read):
    lines, _, _ = read(f"{HEADER}\nA1,li,03/04/2026,tea,1,5\nA2,li,25/04/2026,tea,1,5\n")
    assert days_of(lines) == ["2026-04-03", "2026-04-25"]


def test_currencies_are_turned_to_cny_and_an_unknown_one_is_refused(read):
    text = "customer,date,amount,currency\nli,2026-03-01,10,USD\nli,2026-03-01,£3,\nli,2026-03-01,4,XYZ\n"
    lines, _, rejected = read(text, rates={"CNY": 1.0, "USD": 7.0, "GBP": 9.0})
    assert lines.amount_cny.tolist() == [70.0, 27.0]
    assert "'XYZ' has no rate" in rejected[1][1]


@pytest.mark.parametrize(("cell", "amount"), [('"1,234.50"', 1234.5), ('"1.234,50"', 1234.5), ("(12.00)", -12.0)])
def test_amounts_as_people_write_them(read, cell, amount):
    assert read(f"customer,date,amount\nli,2026-03-01,{cell}\n")[0].amount_cny.tolist() == [amount]


@pytest.mark.parametrize("cell", ["nan", "inf", "1e400", "free"])
def test_what_is_no_amount_is_refused(read, cell):
    assert read(f"customer,date,amount\nli,2026-03-01,{cell}\n")[1].n_rejected == 1


def test_returns_and_cancelled_orders_are_no_sales(read):
    lines, counts, _ = read(
        "order_no,customer,date,sku,quantity,price,status\n"
        "A1,li,2026-03-01,tea,2,5,paid\nA1,li,2026-03-09,tea,-1,5,paid\nA2,li,2026-03-02,cup,1,8,已取消\n"
        "A3,li,2026-03-03,pot,1,90,退款成功\nA4,,2026-03-04,tea,1,5,paid\n"
    )
    assert (counts.n_returns, counts.n_cancelled, counts.n_without_customer) == (2, 1, 1)
    log = purchase_log.merged(purchase_log.empty(), lines).lines
    known, everybody = (purchase_log.sales(log, with_unknown) for with_unknown in (False, True))
    assert known.until("2026-03-08").amount_cny.sum() == 10.0
    assert known.until("2026-03-09").amount_cny.tolist() == [5.0]  # one of the two teas came back
    assert everybody.until("2026-03-09").amount_cny.tolist() == [5.0, 5.0]


def test_a_flag_says_that_an_order_was_cancelled(read):
    _, counts, _ = read("customer,date,amount,is_cancel\nli,2026-03-01,5,True\nli,2026-03-02,5,False\n")
    assert (counts.n_lines, counts.n_cancelled) == (2, 1)


def test_a_file_of_returns_takes_goods_back(read):
    lines, _, _ = read("customer,date,amount\nli,2026-03-01,5\n", all_returns=True)
    assert lines.amount_cny.tolist() == [-5.0]


ORDERS = f"{HEADER}\nA1,li,2026-03-01,tea,1,5\nA1,li,2026-03-01,tea,1,5\nA2,wang,2026-03-02,cup,1,8\n"


def test_equal_lines_of_one_order_are_two_lines_unless_told_otherwise(read):
    assert len(read(ORDERS)[0]) == 2 + 1
    lines, counts, _ = read(ORDERS, keep_duplicates=False)
    assert (len(lines), counts.n_duplicates) == (2, 1)


def test_importing_a_file_again_changes_nothing(read):
    first = purchase_log.merged(purchase_log.empty(), read(ORDERS)[0])
    again = purchase_log.merged(first.lines, read(ORDERS)[0])
    assert (first.n_added, again.n_added, again.n_known) == (3, 0, 3)
    assert sorted(again.lines.key.tolist()) == sorted(first.lines.key.tolist())


def test_a_line_is_the_same_one_when_the_rate_has_changed(read):
    text = "order_no,customer,date,amount,currency\nA1,li,2026-03-01,10,USD\n"
    first, second = (read(text, rates={"USD": rate})[0] for rate in (7.0, 7.2))
    done = purchase_log.merged(purchase_log.merged(purchase_log.empty(), first).lines, second)
    assert done.lines.amount_cny.tolist() == [72.0]


def test_overlapping_exports_meet_line_by_line(read):
    first = purchase_log.merged(purchase_log.empty(), read(ORDERS)[0]).lines
    done = purchase_log.merged(first, read(ORDERS + "A3,zhao,2026-03-03,pot,1,90\n")[0])
    assert (done.n_added, len(done.lines)) == (1, 4)
    assert purchase_log.sales(done.lines).amount_cny.sum() == 5 + 5 + 8 + 90


def test_an_order_that_is_cancelled_later_is_withdrawn(read):
    text = "order_no,customer,date,amount,status\nA1,li,2026-03-01,5,paid\n"
    first = purchase_log.merged(purchase_log.empty(), read(text)[0]).lines
    done = purchase_log.merged(first, read(text.replace("paid", "cancelled"))[0])
    assert (done.n_withdrawn, len(done.lines)) == (1, 0)


def test_a_line_with_a_number_of_its_own_is_replaced_by_its_correction(read):
    text = "order_no,line_no,customer,date,amount\nA1,1,li,2026-03-01,5\nA1,2,li,2026-03-01,5\n"
    first = purchase_log.merged(purchase_log.empty(), read(text)[0]).lines
    done = purchase_log.merged(first, read(text.replace("A1,2,li,2026-03-01,5", "A1,2,li,2026-03-01,7"))[0])
    assert sorted(done.lines.amount_cny.tolist()) == [5.0, 7.0]


def test_where_days_and_months_both_come_first_only_dates_that_can_be_one_alone_are_taken(read):
    rows = ["13/04/2026", "04/13/2026", "3/4/2026", "5/5/2026", "2026年3月5日", "2026-03-06"]
    text = "customer,date,amount\n" + "".join(f"li,{cell},5\n" for cell in rows)
    lines, _, rejected = read(text)
    assert days_of(lines) == ["2026-04-13", "2026-04-13", "2026-05-05", "2026-03-05", "2026-03-06"]
    assert [row[0] for row in rejected[1:]] == ["4"] and "--dates dmy or mdy" in rejected[1][1]


def test_a_missing_column_is_named_with_headers_it_is_found_under(read):
    with pytest.raises(
        InputError, match="no column for at .such as ordered_at or 下单时间.; name it: --column at=HEADER"
    ):
        read("customer,amount\nli,5\n")


def test_a_workbook_reads_as_its_csv(read, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(HEADER.split(","))
    book.active.append(["A1", 13085, date(2026, 3, 1), "tea", 2, 10.5])
    book.save(tmp_path / "orders.xlsx")
    from_sheet, _, _ = read(None, "orders.xlsx")
    from_text, _, _ = read(f"{HEADER}\nA1,13085,2026-03-01,tea,2,10.5\n")
    assert from_sheet.key.tolist() == from_text.key.tolist()
    assert days_of(from_sheet) == days_of(from_text)


def test_a_formula_whose_value_was_never_saved_is_rejected_with_its_row_and_column(read, tmp_path):
    book = openpyxl.Workbook()
    book.active.append([*HEADER.split(","), "note"])
    book.active.append(["A1", "li", date(2026, 3, 1), "tea", 2, "=4+6.5", ""])
    book.active.append(["A2", "li", date(2026, 3, 1), '="te"&"a"', 2, 10.5, ""])
    book.active.append(["A3", "li", date(2026, 3, 1), "tea", 2, 10.5, "=A2"])  # of a column that is not read
    book.active.append(["=A1", *[None] * 6])
    book.save(tmp_path / "orders.xlsx")
    lines, counts, rejected = read(None, "orders.xlsx")
    assert (len(lines), counts.n_rejected) == (1, 3)
    said = " is a formula whose value was never saved"
    columns = {int(row): reason.split(said)[0] for row, reason, *_ in rejected[1:] if said in reason}
    assert columns == {2: "the price", 3: "the product", 5: "the order"}


def test_parquet_reads_as_its_csv(read, tmp_path):
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    columns = {"order_no": ["A1"], "customer_id": [13085.0], "date": [date(2026, 3, 1)], "sku": ["tea"]}
    parquet.write_table(arrow.table(columns | {"quantity": [2], "price": [10.5]}), tmp_path / "orders.parquet")
    from_table, _, _ = read(None, "orders.parquet")
    from_text, _, _ = read(f"{HEADER}\nA1,13085,2026-03-01,tea,2,10.5\n")
    assert from_table.key.tolist() == from_text.key.tolist()


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [(b"", "orders.csv", "is empty"), (b"x", "orders.docx", "no known suffix"),
     (b"PK\x03\x04zip", "orders.csv", "Excel workbook"), (b"not a zip", "orders.xlsx", "no .xlsx workbook"),
     (b"PAR1?", "orders.parquet", "cannot be read as Parquet"), (None, "missing.csv", "cannot be read")],
)  # fmt: skip
def test_a_file_of_another_kind_gets_one_clear_line(read, content, name, message):
    with pytest.raises(InputError, match=message):
        read(content, name)


def test_a_log_comes_back_as_it_was_published(read, tmp_path):
    assert len(purchase_log.load(tmp_path / "log")) == 0
    lines = purchase_log.merged(purchase_log.empty(), read(ORDERS)[0]).lines
    purchase_log.publish(tmp_path / "log", lines)
    loaded = purchase_log.load(tmp_path / "log")
    assert (loaded.customer_ids, loaded.product_ids) == (lines.customer_ids, lines.product_ids)
    for name in purchase_log.COLUMNS:
        assert np.array_equal(getattr(loaded, name), getattr(lines, name))


def test_an_edited_log_is_refused(read, tmp_path):
    purchase_log.publish(tmp_path / "log", purchase_log.merged(purchase_log.empty(), read(ORDERS)[0]).lines)
    weights = next((tmp_path / "log").glob("*/weights.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x07")
    with pytest.raises(ArtifactError):
        purchase_log.load(tmp_path / "log")


def test_an_erased_customer_leaves_no_line_and_no_id(read):
    lines, n = purchase_log.without_customer(read(ORDERS)[0], "li")
    assert (n, lines.customer_ids) == (2, ("", "wang"))
    assert purchase_log.sales(lines).customer_ids[purchase_log.sales(lines).customer].tolist() == ["wang"]


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_follows_the_header_every_row_is_counted_once(read, text):
    lines, counts, rejected = read(f"{HEADER}\n{text}\n")
    assert counts.n_rows == counts.n_lines + counts.n_duplicates + counts.n_rejected
    assert counts.n_lines == len(lines)
    assert counts.n_rejected == max(0, len(rejected) - 1)
