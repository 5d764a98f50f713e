"""How probably a customer buys nothing in the next H days, and what that rests on.

    model = ChurnModel().fit(snapshots)                   several as-of days whose horizon is over
    model.p_churn(today)                                   float64 (c,)
    model.reasons(today)                                  (c, len(REASONS)) log odds; with base_ they add up to the score

The score is the weighted mean, in log odds, of a classifier and of BG/NBD (churn_weight), then a slope and an offset:
churn in autumn is not churn in January, so both are learned on the snapshot of the same season, a year before the day
that is scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from assistant.customer.churn_classifiers import CLASSIFIERS, Classifier, Logistic
from assistant.customer.churn_features import Snapshot, same_season, snapshot
from assistant.customer.churn_weight import purchase_share
from assistant.customer.purchases import PurchaseDays
from assistant.customer.reasons import FEATURES, REASONS
from assistant.customer.talks import Talks
from assistant.errors import ArtifactError, InputError
from assistant.head_files import load_head, save_head

KIND = "churn"
STEP_DAYS = 91  # a quarter: four steps back stand at the same time of the year
MIN_ROWS = 50  # customers of all snapshots: of fewer, two dozen weights learn their names
MAX_LEARNED = 150_000  # customers, evenly from all: a million in four snapshots take 2.5 GB to learn two dozen weights
_PLATT_C = 100.0  # two numbers on thousands of customers need next to no penalty


class ChurnModel:
    """Learned: classifier_, purchase_weight_, slope_, offset_, purchase_mean_, seasonal_ (was there such a snapshot).

    purchase_weight: of BG/NBD in the mean, in [0, 1]; None learns it.
    """

    def __init__(self, classifier: str = "logistic", purchase_weight: float | None = None, horizon_days: int = 90):
        self.classifier = classifier
        self.purchase_weight = purchase_weight
        self.horizon_days = horizon_days

    def fit(self, snapshots: Sequence[Snapshot], as_of: np.datetime64 | str) -> ChurnModel:
        """Learn from snapshots whose horizon ended by the day `as_of`, which is the day to be scored.

        Raises InputError when there is none, when one looks into the future, when they hold fewer than MIN_ROWS
        customers, or when all customers went the same way.
        """
        as_of = np.datetime64(as_of, "D")
        self._check(snapshots, as_of)
        churned = np.concatenate([s.churned for s in snapshots])
        if len(churned) < MIN_ROWS:
            raise InputError(
                f"churn is learned from {MIN_ROWS} customers of past days, met {len(churned)}; import more"
            )
        if _alike(churned):
            way = "left" if churned.all() else "stayed"
            raise InputError(
                f"all {len(churned)} customers {way} within {self.horizon_days} days; take another horizon"
            )
        self.purchase_mean_ = float(np.mean(np.concatenate([s.purchase_log_odds for s in snapshots])))
        place = same_season(snapshots, as_of)
        season = [] if place is None or _alike(snapshots[place].churned) else [snapshots[place]]
        self.seasonal_ = bool(season)
        self.classifier_ = self._classifier(snapshots)
        learned = self.purchase_weight is None
        self.purchase_weight_ = purchase_share(snapshots, self._new) if learned else self.purchase_weight
        self.slope_, self.offset_ = self._calibrated(season or snapshots)
        return self

    def log_odds(self, now: Snapshot) -> np.ndarray:
        return self.slope_ * self._mixed(now) + self.offset_

    def p_churn(self, now: Snapshot) -> np.ndarray:
        """The probability of no purchase in the horizon, float64 (c,)."""
        return expit(self.log_odds(now))

    @property
    def base_(self) -> float:
        """The log odds of a customer whose every number is the mean of the training snapshots."""
        w = self.purchase_weight_
        return self.offset_ + self.slope_ * ((1 - w) * self._linear().intercept_ + w * self.purchase_mean_)

    def reasons(self, now: Snapshot) -> np.ndarray:
        """float64 (c, len(REASONS)): what each reason adds to the log odds; above 0 it speaks for leaving."""
        w = self.purchase_weight_
        parts = (1 - w) * self._linear().contributions(now.x)
        added = np.zeros((len(now), len(REASONS)))
        for column, reason in enumerate(FEATURES.values()):
            added[:, REASONS.index(reason)] += parts[:, column]
        added[:, REASONS.index("purchase model")] += w * (now.purchase_log_odds - self.purchase_mean_)
        return self.slope_ * added

    def save(self, folder: Path) -> str:
        """Write weights and a sealed manifest, and return the version. Only the logistic model can be saved."""
        linear = self._linear()
        weights = {name: getattr(linear, name) for name in ("mean_", "scale_", "coef_")}
        learned = {name: getattr(self, name) for name in ("slope_", "offset_", "purchase_mean_", "seasonal_")}
        asked = {"purchase_weight": self.purchase_weight_, "horizon_days": self.horizon_days}
        fields = {**learned, **asked, "intercept_": linear.intercept_, "features": list(FEATURES)}
        return save_head(folder, KIND, weights, {name: _plain(value) for name, value in fields.items()})

    @classmethod
    def load(cls, folder: Path) -> ChurnModel:
        """Raises ArtifactError when the folder is missing, edited, or of other features."""
        weights, manifest = load_head(folder, KIND)
        learned = manifest.fields
        if learned["features"] != list(FEATURES):
            raise ArtifactError(f"{folder} was fitted on other features; score again with: huida customers score")
        model = cls("logistic", learned["purchase_weight"], learned["horizon_days"])
        linear = Logistic()
        vars(linear).update(weights, intercept_=learned["intercept_"])
        names = ("slope_", "offset_", "purchase_mean_", "seasonal_")
        vars(model).update({name: learned[name] for name in names}, classifier_=linear)
        model.purchase_weight_ = model.purchase_weight
        return model

    def _check(self, snapshots: Sequence[Snapshot], as_of: np.datetime64) -> None:
        if not snapshots:
            raise InputError(f"there is no past day whose {self.horizon_days} days were over by {as_of}; import more")
        for s in snapshots:
            if s.churned is None or s.as_of + self.horizon_days > as_of:
                raise InputError(f"what followed {s.as_of} in {self.horizon_days} days was not known on {as_of}")

    def _classifier(self, snapshots: Sequence[Snapshot]) -> Classifier:
        x, churned = (np.concatenate([getattr(s, name) for s in snapshots]) for name in ("x", "churned"))
        return self._new().fit(x, churned)

    def _new(self) -> Classifier:
        return CLASSIFIERS[self.classifier]()

    def _mixed(self, now: Snapshot) -> np.ndarray:
        w = self.purchase_weight_
        return (1 - w) * self.classifier_.log_odds(now.x) + w * now.purchase_log_odds

    def _calibrated(self, snapshots: Sequence[Snapshot]) -> tuple[float, float]:
        """Slope and offset after Platt 1999."""
        scores = np.concatenate([self._mixed(s) for s in snapshots])
        churned = np.concatenate([s.churned for s in snapshots])
        platt = LogisticRegression(C=_PLATT_C).fit(scores[:, None], churned)
        return max(0.0, float(platt.coef_[0, 0])), float(platt.intercept_[0])

    def _linear(self) -> Logistic:
        if not isinstance(self.classifier_, Logistic):
            raise InputError(f"a {self.classifier} model has no reasons and is not saved; take logistic")
        return self.classifier_


def training_days(days: PurchaseDays, as_of: np.datetime64 | str, horizon_days: int, n: int = 4) -> list[np.datetime64]:
    """The as-of days to learn from, newest first: quarters back from `as_of` whose horizon was over by then, and
    which had a horizon of history of their own."""
    as_of = np.datetime64(as_of, "D")
    first = days.day.min() + horizon_days
    back = [as_of - STEP_DAYS * k for k in range(1, n + horizon_days // STEP_DAYS + 1)]
    return [day for day in back if day + horizon_days <= as_of and day >= first][:n]


def past_snapshots(
    days: PurchaseDays, as_of: np.datetime64 | str, horizon_days: int, talks: Talks | None = None
) -> list[Snapshot]:
    """The snapshots of `training_days`, newest first, from what was known by the day `as_of`; of at most MAX_LEARNED
    customers."""
    past = days.until(as_of).of_some(MAX_LEARNED)
    when = training_days(past, as_of, horizon_days) if len(past) else []
    return [snapshot(past, day, horizon_days, as_of, talks) for day in when]


def _alike(churned: np.ndarray) -> bool:
    return bool(churned.all() or not churned.any())


def _plain(value):
    return value.item() if isinstance(value, np.generic) else value
