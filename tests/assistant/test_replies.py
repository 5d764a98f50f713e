import pytest

from assistant.dialogue import Context
from assistant.errors import InputError
from assistant.replies import Replies
from assistant.settings import configs_folder
from assistant.values import Decision
from tests.assistant.readings import after, hit, reading, turn

FOLDER = configs_folder() / "replies"


@pytest.fixture(scope="module")
def replies():
    return Replies.load(FOLDER / "zh.toml", FOLDER / "en.toml")


def render(replies, text, outcome, reason, hits=(), context=None, conversation="c1", **read):
    decision = Decision(outcome, (reason,), hits)
    return replies.render(decision, reading(text, **read), conversation, context or Context())


def test_an_answer_is_the_entry_as_its_owner_wrote_it(replies):
    reply = render(replies, "怎么退货", "answer", "confident_answer", (hit("a", 0.9),))
    assert (reply.text, reply.kind, reply.faq_id) == ("answer a", "answer", "a")


@pytest.mark.parametrize(("text", "language"), [("你好", "zh"), ("hello", "en"), ("那个order到哪了", "zh")])
def test_the_reply_is_in_the_language_of_the_message(replies, text, language):
    assert render(replies, text, "smalltalk", "greeting").text in replies.wordings[language]["greeting"]


@pytest.mark.parametrize(
    ("text", "question", "language"),
    [
        ("wo yao tuihuo", "怎么申请退货？", "zh"),
        ("tuihuo", "How do I return it?", "en"),
        ("how to tuihuo", "怎么申请退货？", "en"),
        ("refund", "怎么退款？", "en"),
    ],
)
def test_pinyin_that_found_a_chinese_entry_is_answered_in_chinese(replies, text, question, language):
    reply = render(replies, text, "clarify", "close_entries", (hit("a", 0.4, question), hit("b", 0.3, question)))
    assert reply.text in replies.wordings[language]["clarify"]


def test_a_message_without_words_gets_the_language_used_before(replies):
    before = after(turn("where is my parcel"))
    assert render(replies, "👍", "smalltalk", "compliment", context=before).text in replies.wordings["en"]["compliment"]
    assert render(replies, "👍", "smalltalk", "compliment").text in replies.wordings["zh"]["compliment"]


def test_the_same_turn_says_the_same_and_conversations_differ(replies):
    said = [render(replies, "你好", "smalltalk", "greeting", conversation=f"c{i % 20}").text for i in range(40)]
    assert said[:20] == said[20:]
    assert len(set(said)) > 1


def test_close_entries_are_buttons_that_carry_their_entry(replies):
    hits = (hit("a", 0.4, "怎么退货？"), hit("b", 0.3, "怎么换货？"))
    reply = render(replies, "退换", "clarify", "close_entries", hits)
    assert [(option.title, option.faq_id) for option in reply.options] == [("怎么退货？", "a"), ("怎么换货？", "b")]


def test_close_intents_are_buttons_with_words_for_people(replies):
    reply = render(replies, "退", "clarify", "close_intents", intents={"return_goods": 0.4, "refund_status": 0.38})
    assert [(o.title, o.intent) for o in reply.options] == [("退货", "return_goods"), ("查询退款进度", "refund_status")]


def test_not_knowing_offers_a_human(replies):
    reply = render(replies, "what is love", "unknown", "no_confident_answer")
    assert reply.text in replies.wordings["en"]["dont_know"]
    assert [option.intent for option in reply.options] == ["human_agent"]


@pytest.mark.parametrize(
    ("reason", "key"),
    [("asked_for_human", "handoff"), ("mood_twice", "handoff_mood"), ("repeated_failure", "handoff_repeat")],
)
def test_handing_over_says_why(replies, reason, key):
    reply = render(replies, "转人工", "handoff", reason)
    assert reply.kind == "handoff" and reply.text in replies.wordings["zh"][key]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("greeting", "greetings", "greetings is not used"),
        ("thanks = [", 'thanks = "x"\nyes2 = [', "yes2"),
        ("[policy]", "[polices]", "dont_know"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path, old, new, said):
    broken = tmp_path / "zh.toml"
    broken.write_text((FOLDER / "zh.toml").read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(InputError, match=said):
        Replies.load(broken, FOLDER / "en.toml")


def test_every_intent_of_the_demo_has_a_title(replies):
    assert replies.titles["zh"].keys() == replies.titles["en"].keys() >= {"return_goods", "refund_status"}
