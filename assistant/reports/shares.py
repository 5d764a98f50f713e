"""How many messages really are negative, when the one who counts them errs: adjusted counting with an interval.

    rates = load_rates(folder, reader.version)                   from labelled messages of shops other than the reader's
    rates = ErrorRates.measured(truth, predicted)                from labelled messages of this shop: much narrower
    adjusted(270, 1000, rates)                                   -> Share(value=0.24, low=0.17, high=0.31, ...)
    change((180, 1000), (270, 1000), rates)                      -> Share(value=0.11, low=0.06, high=0.17, ...)

A reader that finds a share r of the negative messages and takes a share f of the others for negative flags
q = p r + (1 - p) f of all; so p = (q - f) / (r - f) (Rogan & Gladen 1978; "adjusted count" of Forman 2008,
doi:10.1007/s10618-008-0097-y). q, r and f are each known up to an error: draws of all three give the interval.

r and f belong to the kind of message: in reviews of hotels the reader misses more than in a support chat. Where no message
of this shop is labelled, they are drawn as those of one more shop like the measured ones (a prediction interval of random
effects, Higgins, Thompson & Spiegelhalter 2009, doi:10.1111/j.1467-985X.2008.00552.x). What such an interval says of a
share is honest and wide; a change between two periods of one shop has the same r and f on both sides and is known better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.artifacts import load_manifest
from assistant.errors import ArtifactError

KIND = "mood-errors"
CONFIDENCE = 0.95
N_DRAWS = 4_000  # the ends of an interval are good to about 0.005
MIN_GAP = 0.1  # r - f below it: the reader knows next to nothing of such messages, and the formula divides by it
_SEED = 6  # the same messages give the same report


@dataclass(frozen=True, slots=True)
class Share:
    """value in [low, high] (CONFIDENCE); `counted` is what the reader flagged. A change lies in [-1, 1], a share in [0, 1]."""

    value: float
    low: float
    high: float
    counted: float
    n: int


@dataclass(frozen=True, slots=True)
class Errors:
    """What the reader did with the labelled messages of one kind: found n_found of n_negative, flagged n_false of n_others."""

    name: str
    n_negative: int
    n_found: int
    n_others: int
    n_false: int

    @property
    def logits(self) -> np.ndarray:
        """The log odds of finding a negative message, and of flagging another."""
        r = (self.n_found + 0.5) / (self.n_negative - self.n_found + 0.5)
        return np.log([r, (self.n_false + 0.5) / (self.n_others - self.n_false + 0.5)])


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """Draws of r and f that belong together: float (N_DRAWS,) each, r - f above MIN_GAP. `source` says whence, for readers."""

    found: np.ndarray
    false: np.ndarray
    source: str

    @classmethod
    def measured(
        cls, truth: np.ndarray, predicted: np.ndarray, source: str = "labelled messages of this shop"
    ) -> ErrorRates:
        """From labelled messages: which are negative (bool n), and which the reader takes for negative."""
        truth, predicted = np.asarray(truth, bool), np.asarray(predicted, bool)
        n = [
            int((truth == t)[predicted == p].sum())
            for t, p in ((True, True), (True, False), (False, True), (False, False))
        ]
        rng = np.random.default_rng(_SEED)
        r = rng.beta(n[0] + 0.5, n[1] + 0.5, 4 * N_DRAWS)  # Jeffreys' prior
        f = rng.beta(n[2] + 0.5, n[3] + 0.5, 4 * N_DRAWS)
        return _kept(r, f, source)

    @classmethod
    def like(cls, kinds: Sequence[Errors], source: str = "labelled messages of other shops") -> ErrorRates:
        """From several kinds of messages, as those of one kind more. Needs three or more."""
        logits = np.stack([errors.logits for errors in kinds])
        k = len(kinds)
        rng = np.random.default_rng(_SEED)
        scale = np.linalg.cholesky(np.cov(logits.T) * (1 + 1 / k) + 1e-6 * np.eye(2))
        # Student's t of k - 1 degrees: how much kinds differ is itself known from k of them only
        tails = np.sqrt((k - 1) / rng.chisquare(k - 1, (4 * N_DRAWS, 1)))
        drawn = logits.mean(axis=0) + rng.standard_normal((4 * N_DRAWS, 2)) @ scale.T * tails
        r, f = 1 / (1 + np.exp(-drawn.T))
        return _kept(r, f, source)


def adjusted(n_flagged: int, n: int, rates: ErrorRates) -> Share:
    """The share of negative messages among n of which the reader flagged so many; anything in [0, 1] when n is 0."""
    if n == 0:
        return Share(float("nan"), 0.0, 1.0, float("nan"), 0)
    return _summed(_draws(n_flagged, n, rates, _SEED), n_flagged / n, n)


def change(before: tuple[int, int], after: tuple[int, int], rates: ErrorRates) -> Share:
    """How much the share of negative messages grew between two groups of one shop; each is (n_flagged, n)."""
    if not before[1] or not after[1]:
        return Share(float("nan"), -1.0, 1.0, float("nan"), 0)
    grown = _draws(*after, rates, _SEED + 1) - _draws(*before, rates, _SEED)
    return _summed(grown, after[0] / after[1] - before[0] / before[1], before[1] + after[1])


def load_rates(folder: Path, reader_version: str) -> ErrorRates:
    """The rates shipped with the models. Raises ArtifactError, also when they are those of another sentiment head."""
    fields: Mapping[str, Any] = load_manifest(folder, KIND).fields
    if fields.get("sentiment") not in reader_version.split("+"):
        raise ArtifactError(
            f"{folder} holds the errors of {fields.get('sentiment')}, the reader is {reader_version}; measure them again: "
            "huida train errors"
        )
    try:
        return ErrorRates.like([Errors(**kind) for kind in fields["kinds"]])
    except (KeyError, TypeError) as error:
        raise ArtifactError(
            f"{folder} is of another release ({error}); measure it again: huida train errors"
        ) from error


def _draws(n_flagged: int, n: int, rates: ErrorRates, seed: int) -> np.ndarray:
    q = np.random.default_rng(seed).beta(n_flagged + 0.5, n - n_flagged + 0.5, len(rates.found))
    return np.clip((q - rates.false) / (rates.found - rates.false), 0.0, 1.0)


def _summed(draws: np.ndarray, counted: float, n: int) -> Share:
    tail = 50 * (1 - CONFIDENCE)
    low, value, high = np.percentile(draws, [tail, 50, 100 - tail])
    return Share(float(value), float(low), float(high), counted, n)


def _kept(r: np.ndarray, f: np.ndarray, source: str) -> ErrorRates:
    known = np.flatnonzero(r - f > MIN_GAP)[:N_DRAWS]
    if len(known) == 0:
        raise ArtifactError("the reader tells negative messages of this kind from others no better than chance")
    return ErrorRates(r[known], f[known], source)
