"""Under which other ids a customer is known, looked up while a server runs: read once an import, never per request."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from assistant.customer import identities
from assistant.customer.identities import Alias
from assistant.errors import ArtifactError
from index import folder as sealed

logger = logging.getLogger(__name__)

_Known = tuple[Mapping[str, str], Mapping[str, tuple[Alias, ...]], frozenset[str]]  # same, other ids, all ids
_NOBODY: _Known = ({}, {}, frozenset())


@dataclass(slots=True)
class People:
    """`root` is the folder that `huida customers import --people` publishes into. Safe for threads."""

    root: Path
    _read: tuple[str, _Known] = field(default=("", _NOBODY), repr=False)

    def also(self, customer_id: str) -> tuple[Alias, ...]:
        """The other ids of the same person, the one met first before the others; none for most customers."""
        return self._known()[1].get(customer_id, ())

    def knows(self, customer_id: str) -> bool:
        """Whether the id was imported, though nothing may have been bought or said under it."""
        return customer_id in self._known()[2]

    def same(self) -> Mapping[str, str]:
        """Customer id -> the id of the same person that was met first, for those who have another one."""
        return self._known()[0]

    def _known(self) -> _Known:
        try:
            name = (self.root / sealed.CURRENT).read_text("ascii").strip()
        except OSError:
            return _NOBODY
        if self._read[0] != name:
            try:
                met = identities.load(self.root)
                self._read = (name, (met.same, identities.also_known(met), frozenset(met.marks)))
            except ArtifactError as error:
                logger.warning("who is the same person is not shown: %s", error)
                self._read = (name, _NOBODY)
        return self._read[1]
