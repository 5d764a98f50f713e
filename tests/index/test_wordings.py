"""A question in an entry's own words is that entry's, and only while one entry has them."""

from index.entry import Entry
from index.wordings import Wordings

ENTRIES = [
    Entry("returns", "怎么退货？", ("How do I return it?",), "在订单里申请。"),
    Entry("refund", "退款多久能到账？", ("怎么退货",), "三天。"),
]


def test_case_width_marks_and_spaces_do_not_matter():
    wordings = Wordings(enumerate(ENTRIES))
    assert wordings.owner("ＨＯＷ do i RETURN it ！") == 0
    assert wordings.owner("退款，多久能到账") == 1


def test_a_wording_of_two_entries_belongs_to_neither_until_one_is_removed():
    wordings = Wordings(enumerate(ENTRIES))
    assert wordings.owner("怎么退货") is None
    wordings.remove(1, ENTRIES[1])
    assert wordings.owner("怎么退货") == 0


def test_other_words_have_no_owner():
    assert Wordings(enumerate(ENTRIES)).owner("怎么换货") is None
