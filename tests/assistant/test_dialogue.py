import pytest

from assistant.dialogue import Context, choice_of, query_of
from assistant.values import Entity
from tests.assistant.readings import after, hit, reading, turn

RETURNS = "怎么退货"


def query(text, *turns, **read):
    return query_of(text, reading(text, **read), after(*turns))


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("那运费呢", "怎么退货 运费"),
        ("多久", "怎么退货 多久"),
        ("要多久啊？", "怎么退货 要多久啊"),
        ("运费呢？", "怎么退货 运费"),
        ("那大概几天", "怎么退货 大概几天"),
    ],
)
def test_a_short_elliptic_message_is_joined_with_the_last_question(text, joined):
    assert query(text, turn(RETURNS)) == joined


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("how long?", "How do I return a kettle? how long"),
        ("and the shipping fee?", "How do I return a kettle? the shipping fee"),
        ("what about abroad?", "How do I return a kettle? abroad"),
    ],
)
def test_english_follow_ups_are_joined_too(text, joined):
    assert query(text, turn("How do I return a kettle?")) == joined


@pytest.mark.parametrize(
    ("last", "text", "replaced"),
    [
        ("a产品保修多久", "b产品呢", "b产品保修多久"),
        ("红色的还有货吗", "那蓝色的呢", "蓝色的还有货吗"),
        ("do you have the red one in stock?", "and for the blue one?", "do you have the blue one in stock?"),
    ],
)
def test_what_stands_in_the_same_place_is_replaced(last, text, replaced):
    assert query(text, turn(last)) == replaced


def test_a_name_replaces_the_name_of_the_same_type():
    last = turn("云朵枕可以水洗吗", entities=(Entity("product", "云朵枕", 0, 3),))
    follow_up = query("那星河手环呢", last, entities=(Entity("product", "星河手环", 1, 5),))
    assert follow_up == "星河手环可以水洗吗"


@pytest.mark.parametrize(
    "text",
    [
        "怎么修改收货地址",
        "那怎么申请退款",
        "你好",
        "我想问一下会员积分怎么用呢",
        "Can I change the delivery address?",
        "and do you ship to Canada as well as Mexico",
        "谢谢",
    ],
)
def test_a_self_contained_message_is_not_touched(text):
    assert query(text, turn(RETURNS)) == text


def test_without_a_last_question_nothing_is_joined():
    assert query("那运费呢") == "那运费呢"
    assert query("那运费呢", turn("你好", "smalltalk")) == "那运费呢"


def test_a_follow_up_of_a_follow_up_keeps_the_question():
    assert query("那多久呢", turn(RETURNS), turn("那运费呢")) == "怎么退货 运费 多久"


def test_small_talk_between_does_not_break_the_thread():
    assert query("那运费呢", turn(RETURNS), turn("谢谢", "smalltalk")) == "怎么退货 运费"


def test_the_chosen_entry_is_what_follow_ups_are_about():
    chosen = turn("第一个", hits=(hit("a", 1, "怎么申请退货？"),), faq_id="a")
    assert query("那运费呢", chosen) == "怎么申请退货？ 运费"


@pytest.mark.parametrize("said", ["怎么换货？", "怎么换货?", "第二个", "2", "the second one"])
def test_an_option_is_chosen_by_its_title_or_its_place(said):
    offered = turn("退", "clarify", hits=(hit("a", 0.4, "怎么退货？"), hit("b", 0.3, "怎么换货？")))
    assert choice_of(said, None, after(offered)) == "b"


def test_a_number_chooses_nothing_when_nothing_was_offered():
    assert choice_of("2", None, after(turn(RETURNS))) is None
    assert choice_of("2", None, Context()) is None


def test_a_button_carries_its_entry():
    assert choice_of("怎么换货？", "b", Context()) == "b"


def test_failures_and_moods_are_counted_from_the_latest_turn_back():
    context = after(turn("a", "unknown", negative=0.9), turn("b", "answer"), turn("c", "unknown"), turn("d", "unknown"))
    assert context.n_failures == 2
    assert context.n_negative(0.8) == 0


def test_the_language_is_the_last_one_used():
    assert after(turn("hello"), turn("😀")).language == "en"
    assert after(turn("hello"), turn("你好")).language == "zh"
    assert Context().language is None
