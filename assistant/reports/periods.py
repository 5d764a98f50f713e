"""Which messages a report is about, and which it is compared with: the last days, and as many before them."""

from __future__ import annotations

import numpy as np

from assistant.errors import InputError
from assistant.reports.build import Period
from assistant.reports.rows import Rows


def last_days(rows: Rows, n_days: int, name: str, until: np.datetime64 | None = None) -> tuple[Period, Period]:
    """The messages of the last n_days, and of the n_days before; `until` is by default the latest message.

    until: datetime64[s], UTC. Raises InputError when no message has a date or none is as young.
    """
    known = ~np.isnat(rows.at)
    if not known.any():
        raise InputError(
            f"{name} has no dates, so there are no last {n_days} days; name the column: --column at=HEADER"
        )
    end = rows.at[known].max() if until is None else until
    begin = end - np.timedelta64(n_days, "D")
    now = known & (rows.at > begin) & (rows.at <= end)
    if not now.any():
        raise InputError(f"{name} holds no message of the last {n_days} days; choose more: --days {4 * n_days}")
    before = known & (rows.at > begin - np.timedelta64(n_days, "D")) & (rows.at <= begin)
    return Period(name, rows.where(now)), Period(name, rows.where(before))
