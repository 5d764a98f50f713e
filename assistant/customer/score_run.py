"""One scoring of all customers in steps, each kept on disk as it is done: a run that was cut short goes on there.

    version = run(root, log, "2026-11-22", 90, purchases_version, said, tell)

`tell(step)` hears the name of each of STEPS before it begins. What a step made lies sealed in `root`/.run-KEY until all
are done; the key is made of everything that goes in, so other purchases or another day start afresh.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from assistant.customer.forecast import daily_sums, forecast
from assistant.customer.purchases import Purchases
from assistant.customer.recommend import RecommendationModel
from assistant.customer.scores import Scores, latest, publish
from assistant.customer.scoring import score
from assistant.customer.segment_drift import SHIFTED, drift
from assistant.customer.segment_names import SegmentName
from assistant.customer.segments import Segments, fit_segments, rfm_features
from assistant.customer.similar import fit_similar
from assistant.customer.talks import Talks, nothing_said
from assistant.errors import ArtifactError, InputError, NotFound
from assistant.head_files import load_head, save_head
from index import folder as sealed
from index.folder import MANIFEST

KIND = "score_step"
Step = tuple[dict[str, np.ndarray], Mapping[str, Any]]
STEPS = ("risk and value", "segments", "offers", "similar customers", "forecast")
N_OFFERS = 10  # products kept for each customer
FORECAST_DAYS = 30
FORECASTERS = ("seasonal_naive", "ets")  # ARIMA's search takes longer than all else and has yet to beat ETS here
N_ORIGINS = 3
_FORMAT = "3"  # raised when a step writes something else than before: no step of an older run is taken up then


@dataclass(frozen=True, slots=True)
class Said:
    """What the conversations say: turns by day for the churn model, and by intent for who is like whom."""

    talks: Talks = field(default_factory=nothing_said)
    n_intents: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def run(
    root: Path, log: Purchases, as_of: str, horizon_days: int, purchases_version: str, said: Said | None = None,
    tell: Callable[[str], None] = lambda step: None,
) -> str:  # fmt: skip
    """Score everybody as of a day, publish that, and return its version.

    Raises InputError when nobody had bought, and when a customer was erased meanwhile: they would be scored again.
    """
    said = said or Said()
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    work = root / f".run-{_key(as_of, horizon_days, purchases_version, said)}"
    for other in root.glob(".run-*"):
        if other != work:
            shutil.rmtree(other, ignore_errors=True)
    models, begun = work / "models", work / "begun"  # forgetting removes both
    work.mkdir(exist_ok=True)
    begun.touch()
    tell(STEPS[0])
    scores = _risk(work, log, as_of, horizon_days, said.talks)
    tell(STEPS[1])
    scores = _segmented(models / "segments", root, scores)
    tell(STEPS[2])
    scores = replace(scores, **_offers(work, log, scores), product_ids=tuple(map(str, log.product_ids)))
    tell(STEPS[3])
    if not (models / "similar" / MANIFEST).exists():
        fit_similar(log, as_of, said.n_intents).save(models / "similar")
    tell(STEPS[4])
    scores = replace(scores, revenue=_revenue(work, log, as_of))
    if not begun.exists():
        raise InputError("a customer was erased while this scoring ran, or another one began; score again")
    version = publish(root, scores, purchases_version, models)
    shutil.rmtree(work)
    return version


def _risk(work: Path, log: Purchases, as_of: str, horizon_days: int, talks: Talks) -> Scores:
    def compute() -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        scores = score(log, as_of, horizon_days, talks)
        if scores.model:
            scores.model.save(work / "models" / "churn")
        arrays = {name: getattr(scores, name) for name in ("numbers", "reasons", "codes")}
        return arrays, {"method": scores.method, "base": scores.base}

    arrays, fields = _kept(work / "risk", compute)
    ids = tuple(log.customer_ids[arrays["codes"]])
    return Scores(as_of, horizon_days, fields["method"], fields["base"], ids, **arrays)


def _segmented(folder: Path, root: Path, scores: Scores) -> Scores:
    """The segmentation of the last scoring stays while the customers still spread over it alike, so that a name means
    the same from month to month; else customers are grouped anew."""
    x = rfm_features(*(scores.column(name) for name in ("recency_days", "n_days", "spend_cny")))
    try:
        before = latest(root)
        earlier = Segments.load(sealed.current(root) / "segments")
    except (ArtifactError, NotFound):
        before, earlier = None, None
    if not (folder / MANIFEST).exists():
        moved = earlier is None or _drift(before, earlier.names(x), scores) >= SHIFTED
        (fit_segments(x) if moved else earlier).save(folder)
    segments = Segments.load(folder)
    names = tuple(segment.name for segment in segments.segments)
    psi = _drift(before, segments.names(x), scores) if before else 0.0
    return replace(scores, groups=segments.predict(x).astype(np.int16), segments=names, drift=psi)


def _drift(before: Scores, names: list[SegmentName], scores: Scores) -> float:
    now = {who: name.key for who, name in zip(scores.customer_ids, names, strict=True)}
    return drift(before.segment_of(), now).psi


def _offers(work: Path, log: Purchases, scores: Scores) -> dict[str, np.ndarray]:
    """What they will probably buy, what is new to them, and for everybody else what sells best: N_OFFERS each."""

    def compute() -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        model = RecommendationModel().fit(log, scores.as_of)
        again, new = (model.best(scores.codes, N_OFFERS, repeats) for repeats in (True, False))
        return {"offers": again, "new_offers": new, "popular": model.popular(N_OFFERS)}, {}

    return _kept(work / "offers", compute)[0]


def _revenue(work: Path, log: Purchases, as_of: str) -> np.ndarray:
    """float (3, FORECAST_DAYS): mean, low and high CNY of each day after `as_of`, of known customers, as sold:
    what comes back is not known yet of the last days, and would bend the curve."""

    def compute() -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        models = FORECASTERS if find_spec("statsmodels") else FORECASTERS[:1]
        daily = daily_sums(log.day, log.amount_cny, last=as_of)
        ahead = forecast(daily, FORECAST_DAYS, models=models, n_origins=N_ORIGINS)
        return {"revenue": np.stack([ahead.mean, ahead.low, ahead.high])}, {"model": ahead.model}

    return _kept(work / "forecast", compute)[0]["revenue"]


def _kept(folder: Path, compute: Callable[[], Step]) -> Step:
    """What the step wrote the last time, or what it makes now."""
    try:
        arrays, manifest = load_head(folder, KIND)
        return arrays, manifest.fields
    except ArtifactError:
        arrays, fields = compute()
        save_head(folder, KIND, arrays, fields)
        return arrays, fields


def _key(as_of: str, horizon_days: int, purchases_version: str, said: Said) -> str:
    asked = sorted((who, sorted(counts.items())) for who, counts in said.n_intents.items())
    digest = hashlib.sha256(repr((_FORMAT, as_of, horizon_days, purchases_version, asked)).encode())
    for column in ("customer", "day", "mood", "unsettled"):
        digest.update(np.ascontiguousarray(getattr(said.talks, column)).tobytes())
    return digest.hexdigest()[:16]
