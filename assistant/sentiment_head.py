"""Mood of a message: negative, neutral or positive, from the encoder's vector and the text's n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from assistant.features import Hashed, Ngrams
from assistant.head_files import load_head, save_head
from assistant.linear import SoftmaxRegression, half, probabilities, temperature
from assistant.text import language
from assistant.values import SENTIMENTS, Language

KIND = "sentiment"
N = len(SENTIMENTS)
NEUTRAL = SENTIMENTS.index("neutral")
MIN_ROWS = 50  # held out in a language before it gets a temperature of its own


class SentimentHead:
    """Two linear models, one over the vector and one over the n-grams, and a third over their logits.

    The third and the temperature of each language are fitted on held-out rows, so they learn how far the first two can
    be trusted; these are then fitted anew on all rows. Learned: ngrams_, parts_, stack_, temperatures_.
    """

    def __init__(
        self,
        c_vector: float = 20.0,
        c_ngrams: float = 8.0,
        min_df: int = 2,
        max_columns: int = 180_000,  # with two float16 weights each, under 2 MB
        seed: int = 0,
        encoder_version: str = "",
    ):
        self.c_vector = c_vector
        self.c_ngrams = c_ngrams
        self.min_df = min_df
        self.max_columns = max_columns
        self.seed = seed
        self.encoder_version = encoder_version

    def fit(
        self,
        vectors: np.ndarray,
        texts: Sequence[str],
        labels: Sequence[str],
        held_out: np.ndarray | None = None,
        polar: np.ndarray | None = None,
        weights: np.ndarray | None = None,
    ) -> SentimentHead:
        """held_out: bool (n,), rows for the third model and the temperatures; they must be new to the encoder too, whose
        vectors of its own training texts know the answer. By default a random fifth.

        polar: bool (n,), true for rows of a set without neutral (star reviews): they teach negative against positive.
        weights: float (n,), how much each row counts, by default 1.
        """
        y = np.array([SENTIMENTS.index(label) for label in labels])
        polar = np.zeros(len(y), bool) if polar is None else np.asarray(polar)
        weights = np.ones(len(y)) if weights is None else np.asarray(weights)
        if held_out is None:
            held_out = np.random.default_rng(self.seed).permutation(len(y)) % 5 == 0
        possible = np.ones((len(y), N), bool)
        possible[polar, NEUTRAL] = False

        seen, new = np.flatnonzero(~held_out), np.flatnonzero(held_out)
        vectors = np.asarray(vectors, np.float32)

        def learn(rows: np.ndarray) -> None:
            self.ngrams_ = Ngrams(self.min_df, self.max_columns)
            inputs = {"vector": vectors[rows], "ngrams": self.ngrams_.fit_transform(_take(texts, rows))}
            c = {"vector": self.c_vector, "ngrams": self.c_ngrams}
            self.parts_ = {
                part: _rounded(SoftmaxRegression(c[part]).fit(x, y[rows], N, possible[rows], weights[rows]))
                for part, x in inputs.items()
            }

        learn(seen)
        stacked = np.hstack(list(self._logits(vectors[new], Hashed.of(_take(texts, new))).values()))
        self.stack_ = SoftmaxRegression(c=1.0).fit(stacked, y[new], N, possible[new], weights[new])
        own = ~polar[new]
        self.temperatures_ = _temperatures(self.stack_.logits(stacked)[own], _take(texts, new[own]), y[new][own])
        learn(np.arange(len(y)))  # how far they can be trusted is known now, and the held-out rows teach too
        return self

    def predict_proba(self, vectors: np.ndarray, texts: Sequence[str]) -> np.ndarray:
        """float32 (n, 3), columns as in SENTIMENTS, rows sum to 1."""
        return self.score(np.asarray(vectors, np.float32), Hashed.of(texts), [language(text) for text in texts])

    def score(self, vectors: np.ndarray, hashed: Hashed, languages: Sequence[Language]) -> np.ndarray:
        """`predict_proba` of texts hashed before, for several heads at once."""
        return self._mixed(self._logits(vectors, hashed), languages)

    def predict_parts(self, vectors: np.ndarray, texts: Sequence[str]) -> dict[str, np.ndarray]:
        """Probabilities of the vector alone, of the n-grams alone, and of `both`, which is what serves."""
        logits = self._logits(np.asarray(vectors, np.float32), Hashed.of(texts))
        alone = {part: probabilities(z, 1.0) for part, z in logits.items()}
        return alone | {"both": self._mixed(logits, [language(text) for text in texts])}

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
        head = cls(encoder_version=manifest.fields["encoder_version"])
        head.version_ = manifest.version
        head.temperatures_ = manifest.fields["temperatures"]
        head.ngrams_ = Ngrams().restore(weights["columns"], weights["idf"])
        head.parts_ = {part: _model_of(weights, part) for part in ("vector", "ngrams")}
        head.stack_ = SoftmaxRegression()
        head.stack_.coef_, head.stack_.intercept_ = weights["stack_coef"], weights["stack_intercept"]
        return head

    def _logits(self, vectors: np.ndarray, hashed: Hashed) -> dict[str, np.ndarray]:
        inputs = {"vector": vectors, "ngrams": self.ngrams_.rows(hashed)}
        return {part: _relative(self.parts_[part].logits(x)) for part, x in inputs.items()}

    def _mixed(self, logits: dict[str, np.ndarray], languages: Sequence[Language]) -> np.ndarray:
        both = self.stack_.logits(np.hstack(list(logits.values())))
        return probabilities(both, np.array([self.temperatures_[name] for name in languages]))


def _temperatures(logits: np.ndarray, texts: Sequence[str], y: np.ndarray) -> dict[str, float]:
    languages = np.array([language(text) for text in texts])
    found = {}
    for name in ("zh", "en"):
        rows = languages == name
        found[name] = temperature(logits[rows], y[rows]) if rows.sum() >= MIN_ROWS else 1.0
    # too few rows of their own: mixed text is Chinese with some Latin words, and `other` may be either
    return found | {"mixed": found["zh"], "other": float(np.sqrt(found["zh"] * found["en"]))}


def _take(texts: Sequence[str], places: np.ndarray) -> list[str]:
    return [texts[place] for place in places]


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
