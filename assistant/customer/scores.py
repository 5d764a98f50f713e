"""What is known of every customer on one day: risk, value, segment and offers. Dated, versioned, and read-only after.

publish(root, scores, purchases_version)          a sealed folder beside the earlier ones
latest(root).of("c-1042")
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from assistant.customer.reasons import REASONS
from assistant.customer.segment_names import UNUSUAL, SegmentName
from assistant.errors import ArtifactError, NotFound
from assistant.head_files import WEIGHTS, save_head
from index import folder as sealed
from index.errors import CorruptFolder

if TYPE_CHECKING:
    from assistant.customer.churn import ChurnModel

KIND = "scores"
N_KEPT = 12  # scorings that stay beside the latest: a year of months
COLUMNS = ("recency_days", "n_days", "age_days", "spend_cny", "p_churn", "p_alive", "expected_days",
           "expected_spend_cny", "spend_low_cny", "spend_high_cny")  # fmt: skip
FACTS = ("as_of", "horizon_days", "method", "base", "drift", "n_erased")  # one number or word for all customers
_OPTIONAL = ("groups", "offers", "new_offers", "popular")  # None until their step of a scoring is done
NOBODY = -1  # where there is no group, or no product is left to offer


class Score(NamedTuple):
    """One customer's numbers; `expected_*` are those of the horizon, `reasons` log odds by reason, largest first.

    p_alive is None while nobody has come back, spend_low_cny and _high_cny (nine customers in ten lie between) while
    there is too little past to learn them from. base + the sum of reasons is the log odds of p_churn, where the churn
    model made it (Scores.method). `offers` are what they will probably buy next, `new_offers` what they never bought;
    product ids, best first.
    """

    customer_id: str
    as_of: str
    horizon_days: int
    recency_days: float
    n_days: float
    age_days: float
    spend_cny: float
    p_churn: float
    p_alive: float | None
    expected_days: float
    expected_spend_cny: float
    spend_low_cny: float | None
    spend_high_cny: float | None
    reasons: tuple[tuple[str, float], ...]
    segment: str = ""  # a key; "" until customers are segmented
    segment_zh: str = ""
    segment_en: str = ""
    offers: tuple[str, ...] = ()
    new_offers: tuple[str, ...] = ()
    base: float = 0.0


@dataclass(frozen=True, slots=True)
class Scores:
    """numbers float64 (c, len(COLUMNS)), reasons float64 (c, len(REASONS)), base the log odds they are added to.

    `method` says where p_churn comes from: "churn model", "purchase model" (too short a history to learn churn from) or
    "rate of all" (hardly anybody has come back yet). groups int16 (c,) point into `segments`; offers and new_offers int32 (c, n)
    and popular (n,), what sells best now, into `product_ids`. drift: how far the segments moved since the last scoring.
    n_erased: customers who were erased since the models were fitted, whose purchases the models had still seen.
    """

    as_of: str
    horizon_days: int
    method: str
    base: float
    customer_ids: tuple[str, ...]
    numbers: np.ndarray
    reasons: np.ndarray
    codes: np.ndarray | None = None  # of the customers in the log that was scored; not kept
    groups: np.ndarray | None = None
    segments: tuple[SegmentName, ...] = ()
    offers: np.ndarray | None = None
    new_offers: np.ndarray | None = None
    popular: np.ndarray | None = None
    product_ids: tuple[str, ...] = ()
    revenue: np.ndarray = field(default_factory=lambda: np.empty((3, 0)))  # mean, low, high CNY of each day to come
    drift: float = 0.0
    n_erased: int = 0
    model: ChurnModel | None = None  # kept beside the numbers that it made; not read back with them

    def __len__(self) -> int:
        return len(self.customer_ids)

    def __getitem__(self, place: int) -> Score:
        return self._score(place)

    def __iter__(self) -> Iterator[Score]:
        return map(self._score, range(len(self)))

    def of(self, customer_id: str) -> Score:
        """Raises NotFound when the customer had bought nothing by then."""
        try:
            i = self.customer_ids.index(customer_id)
        except ValueError:
            raise NotFound(f"customer {customer_id!r} had no purchase by {self.as_of}") from None
        return self._score(i)

    def column(self, name: str) -> np.ndarray:
        return self.numbers[:, COLUMNS.index(name)]

    def segment_of(self) -> dict[str, str]:
        """The key of each customer's segment; none before customers were segmented."""
        if self.groups is None:
            return {}
        keys = [*(segment.key for segment in self.segments), UNUSUAL.key]  # its last place is NOBODY's
        return {who: keys[group] for who, group in zip(self.customer_ids, self.groups.tolist(), strict=True)}

    def without(self, customer_id: str) -> Scores:
        """The scores of all others, their own as they were; models remember that somebody is gone."""
        kept = np.array([name != customer_id for name in self.customer_ids], bool)
        ids = tuple(name for name in self.customer_ids if name != customer_id)
        per_customer = ("numbers", "reasons", "groups", "offers", "new_offers", "codes")
        fewer = {name: array[kept] for name in per_customer if (array := getattr(self, name)) is not None}
        return replace(self, customer_ids=ids, n_erased=self.n_erased + int(not kept.all()), **fewer)

    def _score(self, i: int) -> Score:
        why = [(REASONS[j], float(self.reasons[i, j])) for j in np.argsort(-np.abs(self.reasons[i]), kind="stable")]
        numbers = (None if np.isnan(number) else float(number) for number in self.numbers[i])
        name = SegmentName("", "", "") if self.groups is None else self._segment(int(self.groups[i]))
        offers = (self.products(codes if codes is None else codes[i]) for codes in (self.offers, self.new_offers))
        head = (self.customer_ids[i], self.as_of, self.horizon_days)
        return Score(*head, *numbers, tuple(why), name.key, name.zh, name.en, *offers, self.base)

    def products(self, codes: np.ndarray | None) -> tuple[str, ...]:
        """The ids behind product codes, those that are NOBODY left out."""
        return () if codes is None else tuple(self.product_ids[p] for p in codes if p != NOBODY)

    def _segment(self, group: int) -> SegmentName:
        return self.segments[group] if group != NOBODY else UNUSUAL


def publish(root: Path, scores: Scores, purchases_version: str, models: Path | None = None) -> str:
    """Write the scores beside the earlier ones, make them the latest, and return their version.

    models: a folder whose folders (churn, segments, similar) are kept beside the numbers that they made.
    """
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    incoming = root / f".incoming-{os.getpid()}"
    shutil.rmtree(incoming, ignore_errors=True)
    arrays = {"numbers": scores.numbers, "reasons": scores.reasons, "revenue": scores.revenue}
    arrays |= {name: array for name in _OPTIONAL if (array := getattr(scores, name)) is not None}
    arrays |= {name: _bytes(getattr(scores, name)) for name in ("customer_ids", "product_ids")}
    fields = {name: getattr(scores, name) for name in FACTS}
    fields |= {"columns": list(COLUMNS), "reason_names": list(REASONS), "purchases": purchases_version,
               "segments": [[s.key, s.zh, s.en] for s in scores.segments], "n_customers": len(scores)}  # fmt: skip
    version = save_head(incoming, KIND, arrays, fields)
    if scores.model:
        scores.model.save(incoming / "churn")
    for folder in sorted(path for path in models.iterdir() if path.is_dir()) if models else ():
        shutil.copytree(folder, incoming / folder.name, dirs_exist_ok=True)
    # facts too: the same numbers compared with another scoring before them are another build
    told = json.dumps([version, fields], sort_keys=True)
    name = f"{scores.as_of}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"
    sealed.seal(incoming, KIND, name, fields)
    sealed.publish(root, incoming, name)
    for folder in sealed.versions(root)[1 + N_KEPT :]:
        shutil.rmtree(folder, ignore_errors=True)
    return name


def latest(root: Path) -> Scores:
    """Raises NotFound before the first scoring, ArtifactError when it was edited."""
    if not (root / sealed.CURRENT).exists():
        raise NotFound("no customer was scored yet; run: huida customers score")
    try:
        folder = sealed.current(root)
        said = sealed.verify(folder, KIND)
        arrays = load_file(folder / WEIGHTS)
    except (CorruptFolder, SafetensorError) as error:
        raise ArtifactError(f"{error} (score again with: huida customers score)") from error
    if (said["columns"], said["reason_names"]) != (list(COLUMNS), list(REASONS)):
        raise ArtifactError(f"{folder} was written by another version of Huida; run: huida customers score")
    names = {name: ids_of(arrays, name) for name in ("customer_ids", "product_ids")}
    kept = {name: arrays.get(name) for name in ("numbers", "reasons", "revenue", *_OPTIONAL)}
    segments = tuple(SegmentName(*name) for name in said["segments"])
    return Scores(**{name: said[name] for name in FACTS}, **names, **kept, segments=segments)


def ids_of(arrays: dict[str, np.ndarray], name: str) -> tuple[str, ...]:
    """The names that one array of a scoring holds as bytes, a line each."""
    text = arrays[name].tobytes().decode()
    return tuple(text.split("\n")) if text else ()


def _bytes(names: tuple[str, ...]) -> np.ndarray:
    return np.frombuffer("\n".join(names).encode(), np.uint8)
