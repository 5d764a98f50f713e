"""What purchases say of the people who wrote: risk of leaving and segment, where a file names customers and not these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from assistant.customer import scores
from assistant.errors import ArtifactError, NotFound
from assistant.reports.rows import Rows, Words, risk_name


def with_scores(rows: Rows, folder: Path) -> Rows:
    """The rows with `churn_risk` and `segment` from the latest scores in `folder`; columns of the file's own stay, and
    all stay as they are when nobody was scored. Segments go by their keys, which reports have words for."""
    if not rows.customer_id.present or (rows.churn_risk.present and rows.segment.present):
        return rows
    try:
        scored = scores.latest(folder)
    except (NotFound, ArtifactError):
        return rows
    risks = zip(scored.customer_ids, scored.column("p_churn").tolist(), strict=True)
    known = {"churn_risk": {who: risk_name(p) for who, p in risks}, "segment": scored.segment_of()}
    return replace(rows, **{column: _of_customers(rows.customer_id, names) for column, names in known.items()
                            if not getattr(rows, column).present})  # fmt: skip


def _of_customers(customers: Words, name_of: Mapping[str, str]) -> Words:
    """A column of what is known of each row's customer."""
    names = tuple(dict.fromkeys(name_of[who] for who in customers.names if who in name_of))
    places = {name: place for place, name in enumerate(names)}
    of_customer = [places[name_of[who]] if who in name_of else -1 for who in customers.names]
    return Words(np.array([*of_customer, -1], np.int32)[customers.codes], names)
