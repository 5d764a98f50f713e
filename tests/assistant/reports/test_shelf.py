"""Reports kept in the data folder."""

import pytest

from assistant.errors import NotFound
from assistant.reports.shelf import Shelf


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "reports")


def test_a_report_is_found_until_it_is_thrown_away(shelf):
    record = shelf.add("week.csv", 7, True, "zh", "lin", b"text\nhello\n")
    assert shelf.get(record.report_id) == record and shelf.all() == [record]
    assert shelf.upload(record).read_bytes() == b"text\nhello\n"
    shelf.remove(record.report_id)
    with pytest.raises(NotFound):
        shelf.get(record.report_id)


def test_customers_words_are_thrown_away_when_the_report_is_made(shelf):
    record = shelf.add("week.csv", 0, False, "en", "lin", b"text\nhello\n")
    shelf.work(record).mkdir()
    (shelf.work(record) / "analysed.csv").write_text("hello")
    done = shelf.finish(record.report_id, state="done", n=1)
    assert (done.state, done.n) == ("done", 1) and done.finished_at
    assert not shelf.upload(record).exists() and not shelf.work(record).exists()


@pytest.mark.parametrize("name", ["../..", "20261122-110512-3f9c/../x", "", "20261122-110512-zzzzzzzz"])
def test_no_name_leads_out_of_the_shelf(shelf, name):
    with pytest.raises(NotFound):
        shelf.get(name)


def test_a_file_is_there_when_the_report_is_finished(shelf):
    record = shelf.add("", 7, False, "zh", "lin")
    with pytest.raises(NotFound, match="not finished"):
        shelf.file(record, "html")
    assert shelf.progress(record) == {}
