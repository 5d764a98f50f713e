"""What purchases say of the people who wrote: their risk of leaving, where a file names customers but no risk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from assistant.customer import scores
from assistant.errors import ArtifactError, NotFound
from assistant.reports.rows import Rows, Words, risk_name

LEVELS = ("low", "medium", "high")


def with_risks(rows: Rows, folder: Path) -> Rows:
    """The rows with `churn_risk` from the latest scores in `folder`, unless they have one or nobody was scored."""
    if rows.churn_risk.present or not rows.customer_id.present:
        return rows
    try:
        scored = scores.latest(folder)
    except (NotFound, ArtifactError):
        return rows
    p_of = dict(zip(scored.customer_ids, scored.column("p_churn").tolist(), strict=True))
    levels = [LEVELS.index(risk_name(p_of[name])) if name in p_of else -1 for name in rows.customer_id.names]
    codes = np.array([*levels, -1], np.int32)[rows.customer_id.codes]
    return replace(rows, churn_risk=Words(codes, LEVELS))
