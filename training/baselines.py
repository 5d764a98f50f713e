"""What each suite measures beside us, on the same rows in the same run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from assistant.errors import InputError
from index.entry import Entry

N_SNOWNLP = 500  # it reads some sixty texts a second


def char_tfidf(texts: Sequence[str], labels: Sequence[str], min_df: int = 1) -> Pipeline:
    """Character 1- to 4-grams, tf-idf, logistic regression: the linear model that is hard to beat."""
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True, min_df=min_df)
    return make_pipeline(vectorizer, LogisticRegression(C=16, max_iter=200)).fit(list(texts), list(labels))


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
        import bm25s

        self._tokenise = tokenise
        self._ids = np.array([entry.faq_id for entry in entries])
        self._retriever = bm25s.BM25()
        documents = [tokenise("\n".join((*entry.wordings, entry.answer))) for entry in entries]
        self._retriever.index([document or ["\0"] for document in documents], show_progress=False)

    def search(self, text: str, k: int) -> list[str]:
        """Ids of the k best entries; none when no word is known."""
        scores = self._retriever.get_scores(self._tokenise(text)) if self._tokenise(text) else np.zeros(len(self._ids))
        best = np.argsort(-scores, kind="stable")[:k]
        return self._ids[best[scores[best] > 0]].tolist()
