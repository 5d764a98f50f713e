from collections import Counter, defaultdict

import pytest

from assistant.errors import InputError
from training.examples import fold, read_dialogues, read_written, split


@pytest.fixture(scope="module")
def written():
    return read_written()


def test_folds_depend_on_the_topic_name_alone():
    # int(sha1(b"orders-001").hexdigest(), 16) % 10, from sha1sum
    assert [fold(topic) for topic in ("orders-001", "orders-002", "bank-001")] == [6, 2, 4]


def test_all_messages_of_a_topic_fall_into_one_split(written):
    splits = defaultdict(set)
    for utterance in written.utterances:
        if not utterance.topic.startswith(("mood", "none-")):
            splits[utterance.topic].add(utterance.split)
    assert all(len(found) == 1 for found in splits.values())


def test_about_a_fifth_of_the_topics_is_held_out_for_test(written):
    counts = Counter(split(topic) for topic in written.topics)
    assert 0.15 <= counts["test"] / len(written.topics) <= 0.25


def test_the_parts_of_a_split_share_no_topic(written):
    train, test = written.of("train"), written.of("test")
    assert not set(train.topics) & set(test.topics)
    assert len(train.utterances) + len(test.utterances) + len(written.of("dev").utterances) == len(written.utterances)


def test_messages_of_a_loose_collection_are_split_one_by_one(written):
    assert len({u.split for u in written.utterances if u.topic == "mood"}) == 3


def test_a_broken_line_is_named_by_file_and_number(tmp_path):
    (tmp_path / "shop.tsv").write_text(
        "Q\tt-1\tzh\t怎么退货？\t七天内可退。\nU\tt-1\tzh\tplain\thappy\t好\n", encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"shop\.tsv, line 2"):
        read_written(tmp_path)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="no .tsv"):
        read_written(tmp_path)


def test_customers_of_a_dialogue_have_a_mood_and_agents_have_none():
    dialogues = read_dialogues()
    assert len(dialogues) == 107
    assert all((turn.sentiment is None) == (turn.role == "agent") for d in dialogues for turn in d.turns)
