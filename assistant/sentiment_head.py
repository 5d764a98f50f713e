"""Mood of a message: negative, neutral or positive, from the encoder's vector and the text's n-grams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from assistant.features import Ngrams
from assistant.head_files import load_head, save_head
from assistant.linear import SoftmaxRegression, half, probabilities, temperature
from assistant.text import language
from assistant.values import SENTIMENTS

KIND = "sentiment"
N = len(SENTIMENTS)
NEUTRAL = SENTIMENTS.index("neutral")


class SentimentHead:
    """Two linear models, one over the vector and one over the n-grams, and a third over their logits.

    The third is fitted on logits of rows that the first two had not seen (whole groups held out), so it learns how far
    each can be trusted; so is the temperature of each language. Learned: parts_, stack_, ngrams_, temperatures_.
    """

    def __init__(
        self,
        c_vector: float = 20.0,
        c_ngrams: float = 8.0,
        n_folds: int = 4,
        min_df: int = 2,
        max_columns: int = 200_000,
        seed: int = 0,
        encoder_version: str = "",
    ):
        self.c_vector = c_vector
        self.c_ngrams = c_ngrams
        self.n_folds = n_folds
        self.min_df = min_df
        self.max_columns = max_columns
        self.seed = seed
        self.encoder_version = encoder_version

    def fit(
        self,
        vectors: np.ndarray,
        texts: Sequence[str],
        labels: Sequence[str],
        groups: Sequence[str] | None = None,
        polar: np.ndarray | None = None,
        weights: np.ndarray | None = None,
    ) -> SentimentHead:
        """groups: rows of one group (topic) are held out together; by default each row is its own.

        polar: bool (n,), true for rows of a set without neutral (star reviews): they teach negative against positive.
        weights: float (n,), how much each row counts, by default 1.
        """
        y = np.array([SENTIMENTS.index(label) for label in labels])
        polar = np.zeros(len(y), bool) if polar is None else np.asarray(polar)
        weights = np.ones(len(y)) if weights is None else np.asarray(weights)
        possible = np.ones((len(y), N), bool)
        possible[polar, NEUTRAL] = False

        self.ngrams_ = Ngrams(self.min_df, self.max_columns)
        inputs = {"vector": vectors, "ngrams": self.ngrams_.fit_transform(texts)}
        held_out = {part: np.zeros((len(y), N), np.float32) for part in inputs}
        for train, test in _folds(groups, len(y), self.n_folds, self.seed):
            for part, x in inputs.items():
                model = self._model(part).fit(x[train], y[train], N, possible[train], weights[train])
                held_out[part][test] = _relative(model.logits(x[test]))
        self.parts_ = {part: _rounded(self._model(part).fit(x, y, N, possible, weights)) for part, x in inputs.items()}

        stacked = np.hstack([held_out[part] for part in self.parts_])
        self.stack_ = SoftmaxRegression(c=1.0).fit(stacked, y, N, possible, weights)
        self.temperatures_ = self._temperatures(self.stack_.logits(stacked), texts, y, ~polar)
        return self

    def predict_proba(self, vectors: np.ndarray, texts: Sequence[str]) -> np.ndarray:
        """float32 (n, 3), columns as in SENTIMENTS, rows sum to 1."""
        return self.predict_parts(vectors, texts)["both"]

    def predict_parts(self, vectors: np.ndarray, texts: Sequence[str]) -> dict[str, np.ndarray]:
        """Probabilities of the vector alone, of the n-grams alone, and of `both`, which is what serves."""
        inputs = {"vector": np.asarray(vectors, np.float32), "ngrams": self.ngrams_.transform(texts)}
        logits = {part: _relative(self.parts_[part].logits(x)) for part, x in inputs.items()}
        both = self.stack_.logits(np.hstack([logits[part] for part in self.parts_]))
        heat = np.array([self.temperatures_[language(text)] for text in texts])
        return {**{part: probabilities(z, 1.0) for part, z in logits.items()}, "both": probabilities(both, heat)}

    def save(self, folder: Path) -> str:
        weights = {
            f"{part}_{name}": array
            for part, model in self.parts_.items()
            for name, array in (("coef", _drop_neutral(model.coef_)), ("intercept", _drop_neutral(model.intercept_)))
        }
        weights |= {"columns": self.ngrams_.columns_, "idf": self.ngrams_.idf_.astype(np.float16)}
        weights |= {"stack_coef": self.stack_.coef_, "stack_intercept": self.stack_.intercept_}
        fields = {
            "labels": list(SENTIMENTS),
            "temperatures": self.temperatures_,
            "encoder_version": self.encoder_version,
            "dimension": self.parts_["vector"].coef_.shape[0],
        }
        self.version_ = save_head(folder, KIND, weights, fields)
        return self.version_

    @classmethod
    def load(cls, folder: Path) -> SentimentHead:
        """Raises ArtifactError when the folder is missing, edited or of another kind."""
        weights, manifest = load_head(folder, KIND)
        head = cls(encoder_version=manifest["encoder_version"])
        head.version_ = manifest["version"]
        head.temperatures_ = manifest["temperatures"]
        head.ngrams_ = Ngrams().restore(weights["columns"], weights["idf"])
        head.parts_ = {part: _model_of(weights, part) for part in ("vector", "ngrams")}
        head.stack_ = SoftmaxRegression()
        head.stack_.coef_, head.stack_.intercept_ = weights["stack_coef"], weights["stack_intercept"]
        return head

    def _model(self, part: str) -> SoftmaxRegression:
        return SoftmaxRegression(c={"vector": self.c_vector, "ngrams": self.c_ngrams}[part])

    def _temperatures(
        self, logits: np.ndarray, texts: Sequence[str], y: np.ndarray, own: np.ndarray
    ) -> dict[str, float]:
        languages = np.array([language(text) for text in texts])
        found = {}
        for name in ("zh", "en"):
            rows = own & (languages == name)
            found[name] = temperature(logits[rows], y[rows]) if rows.sum() >= 50 else 1.0
        # too few rows of their own: mixed text is Chinese with some Latin words, and `other` may be either
        return found | {"mixed": found["zh"], "other": float(np.sqrt(found["zh"] * found["en"]))}


def _folds(groups: Sequence[str] | None, n: int, n_folds: int, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    names, member = np.unique(np.arange(n) if groups is None else np.asarray(groups), return_inverse=True)
    fold = np.random.default_rng(seed).permutation(len(names))[member] % n_folds
    for k in range(n_folds):
        yield np.flatnonzero(fold != k), np.flatnonzero(fold == k)


def _relative(logits: np.ndarray) -> np.ndarray:
    """Logits against neutral's, which is 0: what softmax sees, and one column less to store."""
    return logits - logits[:, NEUTRAL : NEUTRAL + 1]


def _rounded(model: SoftmaxRegression) -> SoftmaxRegression:
    model.coef_, model.intercept_ = half(_relative(model.coef_)), half(model.intercept_ - model.intercept_[NEUTRAL])
    return model


def _drop_neutral(array: np.ndarray) -> np.ndarray:
    return np.delete(array, NEUTRAL, axis=-1).astype(np.float16)


def _model_of(weights: dict[str, np.ndarray], part: str) -> SoftmaxRegression:
    model = SoftmaxRegression()
    model.coef_ = np.insert(weights[f"{part}_coef"].astype(np.float32), NEUTRAL, 0, axis=-1)
    model.intercept_ = np.insert(weights[f"{part}_intercept"].astype(np.float32), NEUTRAL, 0)
    return model
