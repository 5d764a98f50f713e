"""BM25 under slots: the formula by hand, and the same ranking after changes as after a rebuild."""

import logging
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.lexical import K1, B, Lexical

DOCUMENTS = {0: "red apple".split(), 1: "green apple pie pie".split(), 2: "blue sky".split(), 3: []}
words = st.lists(st.sampled_from("abcdefgh"), max_size=6)


def bm25(query, documents):
    """The formula of index.lexical written out for a whole collection."""
    n, mean = len(documents), sum(map(len, documents.values())) / len(documents)

    def idf(token):
        df = sum(token in document for document in documents.values())
        return math.log(1 + (n - df + 0.5) / (df + 0.5))

    def score(document):
        norm = K1 * (1 - B + B * len(document) / mean)
        return sum(idf(t) * document.count(t) / (document.count(t) + norm) for t in query if t in document)

    ceiling = sum(map(idf, query))
    return {slot: score(document) / ceiling for slot, document in documents.items()}


@pytest.mark.parametrize("query", ["apple", "apple pie", "red sky unknown", "pie pie"])
def test_scores_are_bm25_over_the_greatest_possible(query):
    expected = bm25(query.split(), DOCUMENTS)
    scores = Lexical(DOCUMENTS.items()).scores(query.split())
    assert scores.tolist() == pytest.approx([expected[slot] for slot in range(4)], abs=1e-6)


def test_unknown_words_lower_every_score():
    lexical = Lexical(DOCUMENTS.items())
    assert lexical.scores(["apple", "zebra"])[0] < lexical.scores(["apple"])[0]
    assert not lexical.scores(["zebra"]).any()
    assert not lexical.scores([]).any()


def test_a_document_without_some_of_its_tokens_scores_as_if_they_had_never_been_there():
    lexical = Lexical(DOCUMENTS.items())
    assert lexical.score_without(["apple", "pie"], 1, ["pie", "pie"]) < lexical.scores(["apple", "pie"])[1]
    assert lexical.score_without(["pie"], 1, ["pie", "pie"]) == 0
    assert lexical.score_without(["apple"], 0, []) == pytest.approx(float(lexical.scores(["apple"])[0]), abs=1e-6)


def test_coverage_is_the_share_of_the_idf_weight_that_a_document_knows():
    lexical = Lexical(DOCUMENTS.items())
    rare, common = math.log(1 + 3.5 / 1.5), math.log(1 + 2.5 / 2.5)
    assert lexical.covered(["red", "apple"], [0, 1, 2], {}) == pytest.approx([1, common / (rare + common), 0])
    assert lexical.covered(["red", "apple"], [0], {0: ["red"]}) == pytest.approx([common / (rare + common)])
    assert lexical.covered([], [0], {}) == [0]


def test_an_added_document_is_found_before_and_after_the_matrix_takes_it_in():
    lexical = Lexical((slot, ["filler", str(slot)]) for slot in range(100))
    for slot in range(100, 130):  # the thirteenth is an eighth of the rest: from there on the matrix is built anew
        lexical.add(slot, ["new", f"word{slot}"])
        assert lexical.scores([f"word{slot}"]).argmax() == slot
    assert lexical.scores(["word100"]).argmax() == 100


def test_a_removed_document_is_not_found_and_its_slot_is_not_given_again():
    lexical = Lexical(DOCUMENTS.items())
    lexical.remove(1)
    assert not lexical.scores(["pie"]).any()
    with pytest.raises(ValueError, match="in use"):
        lexical.add(1, ["pie"])
    assert len(lexical) == 3


def test_saving_and_loading_changes_nothing(tmp_path):
    lexical = Lexical(DOCUMENTS.items())
    lexical.remove(0)
    lexical.add(9, ["red", "wine"])
    lexical.save(tmp_path / "words")
    loaded = Lexical.load(tmp_path / "words")
    for query in (["red"], ["apple", "wine"], ["none"]):
        assert loaded.scores(query).tolist() == lexical.scores(query).tolist()
    loaded.add(10, ["plum"])
    assert loaded.scores(["plum"]).argmax() == 10


@settings(max_examples=60, deadline=None)
@given(start=st.lists(words, max_size=6), later=st.lists(st.tuples(words, st.booleans()), max_size=6), query=words)
def test_after_any_changes_exactly_the_documents_with_a_query_word_score_and_a_rebuild_gives_plain_bm25(
    start, later, query
):
    lexical, documents = Lexical(enumerate(start)), dict(enumerate(start))
    for slot, (tokens, removes) in enumerate(later, start=len(start)):
        lexical.add(slot, tokens)
        documents[slot] = tokens
        if removes:
            victim = min(documents)
            lexical.remove(victim)
            del documents[victim]
    scores = lexical.scores(query)
    found = {slot for slot, tokens in documents.items() if set(tokens) & set(query)}
    assert set(np.flatnonzero(scores).tolist()) == found
    if any(documents.values()) and query:
        rebuilt, expected = Lexical(documents.items()).scores(query), bm25(query, documents)
        assert {s: float(rebuilt[s]) for s in documents} == pytest.approx(expected, abs=1e-6)


def test_building_says_nothing_to_the_log(caplog):
    logging.getLogger("bm25s").setLevel(logging.DEBUG)  # what the package itself does when it is imported
    with caplog.at_level(logging.DEBUG):
        Lexical([(0, ["return", "parcel"]), (1, ["refund"])]).scores(["parcel"])
    assert not caplog.records
