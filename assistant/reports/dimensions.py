"""By what messages are grouped: what they are about, and who wrote them where."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from assistant.reports.rows import Rows, Words
from assistant.values import FaqEntry

WHAT = ("subject", "intent", "product")  # what a message is about
WHO = ("segment", "channel", "churn_risk")  # who wrote it, and where
DIMENSIONS = (*WHAT, *WHO)
P_SUBJECT = 0.1  # of the likeliest entry: its category is right far more often than the entry itself
MAX_NAMES = 500  # from which a column is an id rather than a group


def dimensions(rows: Rows, faq: Mapping[str, FaqEntry]) -> dict[str, Words]:
    """The columns that the rows tell, in the order of DIMENSIONS; `subject` is the category of the likeliest entry."""
    columns = {name: subject(rows, faq) if name == "subject" else getattr(rows, name) for name in DIMENSIONS}
    return {name: column for name, column in columns.items() if 1 < len(column.counts) <= MAX_NAMES}


def subject(rows: Rows, faq: Mapping[str, FaqEntry]) -> Words:
    """Empty where no entry is likely enough, or its category has no name."""
    categories = [faq[name].category if name in faq else "" for name in rows.faq_id.names]
    names = tuple(dict.fromkeys(filter(None, categories)))
    code_of = np.array([names.index(category) if category else -1 for category in categories] + [-1], np.int32)
    likely = np.nan_to_num(rows.p_correct) >= P_SUBJECT
    return Words(np.where(likely, code_of[rows.faq_id.codes], -1).astype(np.int32), names)
