"""The latest scores, looked up by customer while a server runs: read once a scoring, never per request."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.customer.people import People
from assistant.errors import ArtifactError, NotFound
from index import folder as sealed

if TYPE_CHECKING:
    from assistant.customer.scores import Score, Scores

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class ScoreBook:
    """`root` is the folder that `huida customers score` publishes into. Safe for threads: what is read is replaced whole."""

    root: Path
    people: People = field(init=False, repr=False)
    _read: tuple[str, Scores | None, dict[str, int]] = field(default=("", None, {}), repr=False)

    def __post_init__(self):
        self.people = People(self.root.parent / "identities")

    def of(self, customer_id: str | None) -> Score | None:
        """The customer's latest score; None for a guest, for one never scored, and before the first scoring.

        Another id of the same person (identities) has that person's score.
        """
        return self.finder()(customer_id) if customer_id is not None else None

    def finder(self) -> Callable[[str | None], Score | None]:
        """`of` over the scoring that stands now, for many customers: one by one each would look for a newer scoring."""
        (scores, places), same = self._scores(), self.people.same()

        def find(customer_id: str | None) -> Score | None:
            place = places.get(customer_id, places.get(same.get(customer_id))) if customer_id is not None else None
            return scores[place] if scores is not None and place is not None else None

        return find

    def popular(self) -> tuple[str, ...]:
        """What sells best now: to offer somebody of whom no purchase is known; none before the first scoring."""
        scores = self.latest()
        return scores.products(scores.popular) if scores else ()

    def latest(self) -> Scores | None:
        """The latest scores of all; None before the first scoring."""
        return self._scores()[0]

    def _scores(self) -> tuple[Scores | None, dict[str, int]]:
        try:
            name = (self.root / sealed.CURRENT).read_text("ascii").strip()
        except OSError:
            return None, {}
        if self._read[0] != name:
            from assistant.customer.scores import latest  # scikit-learn and scipy: not for shops that score nobody

            try:
                scores = latest(self.root)
                places = {customer: place for place, customer in enumerate(scores.customer_ids)}
                self._read = (name, scores, places)
            except (ArtifactError, NotFound) as error:
                logger.warning("customer scores are not shown: %s", error)
                self._read = (name, None, {})
        return self._read[1:]
