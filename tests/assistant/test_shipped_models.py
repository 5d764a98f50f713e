"""The shipped encoder and heads: a message reads the same alone as in company, and as the weights say it should."""

from datetime import UTC, datetime

import numpy as np
import pytest

from assistant import bootstrap, settings
from training.bench import questions

AT = datetime(2026, 11, 22, tzinfo=UTC)
LEAST_COSINE = 0.9999  # sums of floats in another order
SURE = 0.02  # a label that leads by more than this must not depend on the company


@pytest.fixture(scope="module")
def reader():
    return bootstrap.build_reader(settings.load())


@pytest.fixture(scope="module")
def texts():
    return questions()[::3]


@pytest.fixture(scope="module")
def together(reader, texts):
    return reader.read(texts, AT)


@pytest.fixture(scope="module")
def alone(reader, texts):
    return [reader.read([text], AT)[0] for text in texts]


def test_a_vector_hardly_depends_on_the_batch(together, alone):
    cosines = [one.vector @ other.vector for one, other in zip(together, alone, strict=True)]
    assert min(cosines) >= LEAST_COSINE


def test_no_sure_label_depends_on_the_batch(together, alone):
    for one, other in zip(together, alone, strict=True):
        moods, intents = sorted(other.sentiment.p.values()), other.intent_ranking
        if moods[-1] - moods[-2] > SURE:
            assert one.sentiment.label == other.sentiment.label
        if intents[0].p - intents[1].p > SURE:
            assert one.intent_ranking[0].name == intents[0].name


def test_served_vectors_are_those_of_the_weights(reader, texts):
    torch = pytest.importorskip("torch")
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)
    folder = bootstrap.SHIPPED / "encoder"
    words = [" ".join(reader.segmenter.words(text)) for text in texts]  # the folder's own tokenizer splits at blanks
    theirs = SentenceTransformer(str(folder), device="cpu").encode(words, normalize_embeddings=True)
    ours = reader.encoder.encode(texts)
    assert np.quantile((theirs * ours).sum(axis=1), 0.01) >= 0.995
    assert (theirs * ours).sum(axis=1).mean() >= 0.995


def test_a_text_has_the_tokens_that_the_tokenizer_gives_it_whole(reader, texts):
    encoder = reader.encoder
    for text in [*texts, "", "a" * 600, "退货" * 300, " ".join("ab" for _ in range(300)), "déjà vu QH20261103001？"]:
        whole = encoder._tokenizer.encode(reader.segmenter.words(text[:600]), is_pretokenized=True).ids
        assert list(encoder._tokens([text, "x"])[0]) == list(encoder._tokens([text])[0]) == whole
