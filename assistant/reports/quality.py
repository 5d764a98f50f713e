"""How far the report can be believed: what was read, what was left out, what the file does not tell."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from assistant.reports.dimensions import WHO
from assistant.reports.figures import Quality
from assistant.reports.rows import Rows

SURE = 0.5  # probability of the likeliest mood, below which the reader rather guesses


def quality(rows: Rows, rejected: Mapping[str, int], model: str) -> Quality:
    """rejected: reason -> rows that were left out before."""
    texts = [text.strip() for text in rows.text]
    missing = tuple(name for name in ("customer_id", "product", *WHO) if not getattr(rows, name).present)
    return Quality(
        n_rows=len(rows) + sum(rejected.values()),
        n_rejected=sum(rejected.values()),
        reasons=dict(sorted(rejected.items(), key=lambda item: (-item[1], item[0]))),
        n_duplicates=len(texts) - len(set(texts)),
        n_blank=texts.count(""),
        n_without_date=int(np.isnat(rows.at).sum()),
        n_unsure=int((rows.p.max(axis=1, initial=0) < SURE).sum()),
        languages=rows.language.counts,
        missing=missing,
        model=model,
    )
