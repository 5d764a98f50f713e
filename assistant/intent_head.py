"""Intents from a handful of examples each, with probabilities that include `out_of_scope`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assistant.errors import InputError
from assistant.features import N_COLUMNS, Hashed, Ngrams
from assistant.gazetteer import Gazetteer
from assistant.head_files import load_head, save_head
from assistant.held_out import HeldOut
from assistant.intent_core import N_LOGITS, IntentCore
from assistant.intents import Name
from assistant.linear import SoftmaxRegression, sigmoid, softmax
from assistant.values import OUT_OF_SCOPE

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

KIND = "intents"
P_STRANGE = 1 / 3  # the share of messages that belong to no intent, for which p_out_of_scope is calibrated
FEWEST_STRANGE = 5  # messages of no intent: from fewer, six distances learn the accidents of two sentences
BANK_SHARE = 0.7  # of those, how much the none bank counts; the rest are intents held out whole
PARTS = ("vector", "ngrams", "nearest")


class IntentHead:
    """Linear models over the vector and the n-grams and the nearest examples, mixed as held-out examples ask for.

    Out of scope is a small logistic regression over six distances. It learns from examples held out (in scope), from
    the none bank held out, and from whole intents held out, which is what an unknown matter looks like.
    Learned: classes_ (sorted intents, `out_of_scope` last), core_, mix_ (3,), strange_ (weights, intercept) or None,
    held_out_ (which examples were understood by a core that had not seen them).
    """

    def __init__(
        self,
        c_vector: float = 20.0,
        c_ngrams: float = 20.0,
        n_folds: int = 5,
        seed: int = 0,
        gazetteer: Gazetteer | None = None,
        encoder_version: str = "",
        examples_digest: str = "",
        max_columns: int = N_COLUMNS,  # of n-grams, each with a weight for every intent
    ):
        self.c_vector = c_vector
        self.c_ngrams = c_ngrams
        self.n_folds = n_folds
        self.seed = seed
        self.gazetteer = gazetteer or Gazetteer()
        self.encoder_version = encoder_version
        self.examples_digest = examples_digest
        self.max_columns = max_columns

    def fit(self, vectors: np.ndarray, texts: Sequence[str], labels: Sequence[str]) -> IntentHead:
        """labels: an intent per text; rows labelled `out_of_scope` are the none bank. Needs two intents or more."""
        vectors, labels = np.asarray(vectors, np.float32), np.asarray(labels)
        intents = sorted(set(labels.tolist()) - {OUT_OF_SCOPE})
        if len(intents) < 2:
            raise InputError(f"{len(intents)} intents are too few to tell apart; give examples of two or more")
        self.classes_ = (*intents, OUT_OF_SCOPE)
        known = labels != OUT_OF_SCOPE
        y = np.array([intents.index(label) if label != OUT_OF_SCOPE else -1 for label in labels])
        self.ngrams_ = Ngrams(max_columns=self.max_columns).fit(
            [text for text, inside in zip(texts, known, strict=True) if inside]
        )
        grams = self.ngrams_.transform(texts)

        logits, features = self._held_out_rows(vectors, grams, y)
        self.mix_ = _mix(logits[:, known], y[known])
        right = np.tensordot(self.mix_, logits[:, known], axes=1).argmax(axis=1) == y[known]
        self.held_out_ = HeldOut.of([f"{labels[i]} {texts[i]}" for i in np.flatnonzero(known)], right)
        left_out = self._held_out_intents(vectors, grams, y)
        self.strange_ = _strangeness(features[known], features[~known], left_out)
        self.core_ = self._core(vectors, grams, y, known)
        return self

    def predict_proba(self, vectors: np.ndarray, texts: Sequence[str]) -> np.ndarray:
        """float (n, n_intents + 1), columns as in classes_, rows sum to 1."""
        return self.score(np.asarray(vectors, np.float32), Hashed.of(texts))

    def score(self, vectors: np.ndarray, hashed: Hashed) -> np.ndarray:
        """`predict_proba` of texts hashed before, for several heads at once."""
        logits = self.core_.logits(vectors, self.ngrams_.rows(hashed))
        p = softmax(np.tensordot(self.mix_, logits, axes=1))
        p_strange = self._p_strange(self.core_.strangeness(vectors, logits))[:, None]
        return np.hstack([p * (1 - p_strange), p_strange])

    def predict_parts(self, vectors: np.ndarray, texts: Sequence[str]) -> dict[str, np.ndarray]:
        """Indices of the likeliest intent, out of scope left aside: by each part alone, and by `both` as it serves."""
        logits = self.core_.logits(np.asarray(vectors, np.float32), self.ngrams_.transform(texts))
        parts = {part: logits[i].argmax(axis=1) for i, part in enumerate(PARTS)}
        return parts | {"both": np.tensordot(self.mix_, logits, axes=1).argmax(axis=1)}

    def save(self, folder: Path) -> str:
        core = self.core_
        weights = {f"vector_{name}": getattr(core.vector_, name).astype(np.float16) for name in ("coef_", "intercept_")}
        weights |= {
            f"ngrams_{name}": getattr(core.ngrams_, name).astype(np.float16) for name in ("coef_", "intercept_")
        }
        weights |= {name: getattr(core, name).astype(np.float16) for name in ("examples_", "bank_", "whiten_")}
        weights |= {"means": core.means_, "y": core.y_, "mix": self.mix_}
        weights |= {"columns": self.ngrams_.columns_, "idf": self.ngrams_.idf_.astype(np.float16)}
        if self.strange_ is not None:
            weights["strange"] = self.strange_
        weights |= {"held_out_keys": self.held_out_.keys, "held_out_right": self.held_out_.right}
        fields = {
            "labels": list(self.classes_),
            "encoder_version": self.encoder_version,
            "examples_digest": self.examples_digest,
            "dimension": core.examples_.shape[1],
            "names": [[name.type, name.surface, name.value] for name in self.gazetteer.names],
            "regexes": [list(pair) for pair in self.gazetteer.regexes],
        }
        self.version_ = save_head(folder, KIND, weights, fields, made_from=self.examples_digest)
        return self.version_

    @classmethod
    def load(cls, folder: Path) -> IntentHead:
        """Raises ArtifactError when the folder is missing, edited or of another kind."""
        weights, manifest = load_head(folder, KIND)
        names = [Name(*name) for name in manifest.fields["names"]]
        head = cls(
            gazetteer=Gazetteer(names, manifest.fields["regexes"]),
            encoder_version=manifest.fields["encoder_version"],
            examples_digest=manifest.fields.get("examples_digest", ""),  # heads of the first release name none
        )
        head.version_, head.classes_ = manifest.version, tuple(manifest.fields["labels"])
        head.mix_, head.strange_ = weights["mix"], weights.get("strange")
        head.held_out_ = HeldOut.restore(weights.get("held_out_keys"), weights.get("held_out_right"))
        head.ngrams_ = Ngrams().restore(weights["columns"], weights["idf"])
        core = head.core_ = IntentCore(head.c_vector, head.c_ngrams)
        core.n_classes_, core.y_, core.means_ = len(head.classes_) - 1, weights["y"], weights["means"]
        core.examples_, core.bank_, core.whiten_ = (
            weights[name].astype(np.float32) for name in ("examples_", "bank_", "whiten_")
        )
        core.vector_, core.ngrams_ = (_model(weights, part) for part in ("vector", "ngrams"))
        return head

    def _core(self, vectors: np.ndarray, grams: csr_matrix, y: np.ndarray, rows: np.ndarray, bank=None) -> IntentCore:
        bank = vectors[y < 0] if bank is None else bank
        return IntentCore(self.c_vector, self.c_ngrams).fit(
            vectors[rows], grams[rows], y[rows], len(self.classes_) - 1, bank
        )

    def _held_out_rows(self, vectors: np.ndarray, grams: csr_matrix, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Logits and distances of every row from a core that had not seen it."""
        logits = np.zeros((N_LOGITS, len(y), len(self.classes_) - 1), np.float32)
        features = np.zeros((len(y), 6), np.float32)
        for out in _stratified(y, self.n_folds, self.seed):
            core = self._core(vectors, grams, y, ~out & (y >= 0), vectors[~out & (y < 0)])
            logits[:, out] = core.logits(vectors[out], grams[out])
            features[out] = core.strangeness(vectors[out], logits[:, out])
        return logits, features

    def _held_out_intents(self, vectors: np.ndarray, grams: csr_matrix, y: np.ndarray) -> np.ndarray:
        """Distances of every example from a core that did not know its intent."""
        n_intents = len(self.classes_) - 1
        if n_intents < 4:
            return np.zeros((0, 6), np.float32)
        group = np.random.default_rng(self.seed).permutation(n_intents) % min(self.n_folds, n_intents // 2)
        features = []
        for k in range(group.max() + 1):
            out = (y >= 0) & (group[y] == k)
            kept = np.flatnonzero(group != k)
            core = IntentCore(self.c_vector, self.c_ngrams)
            inside = ~out & (y >= 0)
            core.fit(vectors[inside], grams[inside], np.searchsorted(kept, y[inside]), len(kept), vectors[y < 0])
            features.append(core.strangeness(vectors[out], core.logits(vectors[out], grams[out])))
        return np.concatenate(features)

    def _p_strange(self, features: np.ndarray) -> np.ndarray:
        if self.strange_ is None:
            return np.zeros(len(features))
        return sigmoid(features.astype(np.float64) @ self.strange_[:-1] + self.strange_[-1])


def _stratified(y: np.ndarray, n_folds: int, seed: int) -> Iterator[np.ndarray]:
    """Masks that hold out every row once, each class spread over the folds."""
    order = np.random.default_rng(seed).permutation(len(y))
    fold = np.zeros(len(y), int)
    for k in np.unique(y):
        members = order[y[order] == k]
        fold[members] = np.arange(len(members)) % n_folds
    yield from (fold == k for k in range(n_folds))


def _mix(logits: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Weights of the three kinds of logits that make held-out examples likeliest; their size is the temperature.

    A prior of one unit around the start keeps a handful of examples, which held out often look like the other intent,
    from weighing everything with nothing.
    """
    from scipy.optimize import minimize
    from scipy.special import log_softmax

    def cross_entropy(log_w: np.ndarray) -> float:
        log_p = log_softmax(np.tensordot(np.exp(log_w), logits, axes=1), axis=1)
        return -float(log_p[np.arange(len(y)), y].mean()) + float(np.square(log_w - start).sum()) / (2 * len(y))

    start = np.log([0.5, 0.5, 5.0])
    return np.exp(minimize(cross_entropy, start, method="Nelder-Mead", options={"maxiter": 200}).x).astype(np.float32)


def _strangeness(inside: np.ndarray, bank: np.ndarray, left_out: np.ndarray) -> np.ndarray | None:
    """Weights (6,) and intercept of the logistic regression; None when hardly anything strange is known."""
    if len(bank) + len(left_out) < FEWEST_STRANGE:
        return None
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    x = np.concatenate([inside, bank, left_out])
    shares = [1 - P_STRANGE, P_STRANGE * BANK_SHARE, P_STRANGE * (1 - BANK_SHARE)]
    if not len(bank) or not len(left_out):
        shares = [1 - P_STRANGE, P_STRANGE, P_STRANGE]
    weights = np.concatenate(
        [
            np.full(len(rows), len(x) * share / max(1, len(rows)))
            for rows, share in zip((inside, bank, left_out), shares, strict=True)
        ]
    )
    scale = StandardScaler().fit(x)
    strange = np.arange(len(x)) >= len(inside)
    model = LogisticRegression(C=1.0).fit(scale.transform(x), strange, weights)
    slope = model.coef_[0] / scale.scale_
    return np.append(slope, model.intercept_[0] - slope @ scale.mean_)


def _model(weights: dict[str, np.ndarray], part: str) -> SoftmaxRegression:
    model = SoftmaxRegression()
    model.coef_, model.intercept_ = (weights[f"{part}_{name}"].astype(np.float32) for name in ("coef_", "intercept_"))
    return model
