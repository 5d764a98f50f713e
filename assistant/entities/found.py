"""What a finder reports, and the choice between reports that overlap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class Evidence(IntEnum):
    """How sure a finder is of the type; the smaller number wins between two reports of the same length."""

    FORMAT = 0  # a format that the owner configured, or one with its own letters and check digit
    CUE = 1  # a word beside it says what it is: 订单号, tracking number
    CHECKSUM = 2  # the digits pass the check of that type
    SHAPE = 3  # it looks like one


@dataclass(frozen=True, slots=True)
class Found:
    """A span of the normalised text with the type and value read from it."""

    type: str
    value: str
    start: int
    end: int
    evidence: Evidence = Evidence.SHAPE


def choose(reports: Iterable[Found]) -> list[Found]:
    """The longest report of each place, then the one of better evidence, then the earlier; in the order of the text."""
    reports = list(reports)
    if len(reports) < 2:
        return reports
    chosen: list[Found] = []
    taken: set[int] = set()
    for report in sorted(reports, key=lambda found: (found.start - found.end, found.evidence, found.start)):
        places = range(report.start, report.end)
        if taken.isdisjoint(places):
            taken.update(places)
            chosen.append(report)
    return sorted(chosen, key=lambda found: found.start)
