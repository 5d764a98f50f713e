"""Five ways to tell from a row of features who will churn, behind one interface.

    classifier = CLASSIFIERS["logistic"]().fit(x, churned)         x float64 (n, f), churned bool (n,)
    classifier.log_odds(x)                                      float64 (n,)

Only the logistic one is saved and served, because its score takes itself apart into reasons; `huida evaluate --suite
customers` prints all of them side by side.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from assistant.customer.churn_features import log_odds

SEED = 0


class Classifier(Protocol):
    def fit(self, x: np.ndarray, churned: np.ndarray) -> Classifier: ...

    def log_odds(self, x: np.ndarray) -> np.ndarray: ...


class Logistic:
    """Learned: mean_, scale_ and coef_ float64 (f,), intercept_. A feature that never varies weighs nothing."""

    def __init__(self, c: float = 1.0):
        self.c = c

    def fit(self, x: np.ndarray, churned: np.ndarray) -> Logistic:
        self.mean_, deviation = x.mean(axis=0), x.std(axis=0)
        self.scale_ = np.where(deviation > 1e-12, deviation, 1.0)
        model = LogisticRegression(C=self.c, max_iter=2_000).fit(self._standard(x), churned)
        self.coef_, self.intercept_ = model.coef_[0], float(model.intercept_[0])
        return self

    def log_odds(self, x: np.ndarray) -> np.ndarray:
        return self._standard(x) @ self.coef_ + self.intercept_

    def contributions(self, x: np.ndarray) -> np.ndarray:
        """float64 (n, f): how far each feature moves the log odds from those of a customer with every mean."""
        return self._standard(x) * self.coef_

    def _standard(self, x: np.ndarray) -> np.ndarray:
        return (x - self.mean_) / self.scale_


class _FromProbabilities:
    """A scikit-learn classifier of its own making, asked for its log odds. Learned: model_."""

    def fit(self, x: np.ndarray, churned: np.ndarray) -> _FromProbabilities:
        self.model_ = self._model().fit(x, churned)
        return self

    def log_odds(self, x: np.ndarray) -> np.ndarray:
        return log_odds(self.model_.predict_proba(x)[:, 1])


class Forest(_FromProbabilities):
    def _model(self):
        return RandomForestClassifier(200, min_samples_leaf=20, max_features=0.3, random_state=SEED)


class Boosting(_FromProbabilities):
    def _model(self):
        return HistGradientBoostingClassifier(
            learning_rate=0.03, max_iter=250, max_leaf_nodes=8, random_state=SEED, early_stopping=False
        )


class Svm(_FromProbabilities):
    """A radial kernel over 200 landmarks (Nystroem), as the exact one grows with the square of the rows."""

    def _model(self):
        margin = CalibratedClassifierCV(LinearSVC(C=0.1, random_state=SEED), cv=3)
        return make_pipeline(StandardScaler(), Nystroem(gamma=0.02, n_components=200, random_state=SEED), margin)


class Neighbours(_FromProbabilities):
    def _model(self):
        return make_pipeline(StandardScaler(), KNeighborsClassifier(100))


CLASSIFIERS: dict[str, type] = {
    "logistic": Logistic, "forest": Forest, "boosting": Boosting, "svm": Svm, "neighbours": Neighbours
}  # fmt: skip
