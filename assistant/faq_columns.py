"""The columns of an FAQ file, the names under which owners have them, and what one row of a file says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

HEADERS = {
    "id": ("id", "faq_id", "编号", "序号", "标识"),
    "question": ("question", "title", "q", "问题", "标准问", "标准问题", "问句"),
    "variants": ("variants", "similar", "similar questions", "alternatives", "相似问", "相似问题", "扩展问", "变体"),
    "answer": ("answer", "a", "reply", "答案", "回答", "回复", "解答"),
    "category": ("category", "topic", "分类", "类别", "类目", "目录"),
    "language": ("language", "lang", "语言", "语种"),
}  # fmt: skip
COLUMN_OF = {alias: column for column, aliases in HEADERS.items() for alias in aliases}


@dataclass(frozen=True, slots=True)
class Row:
    """`number` counts from 1. `cells`: column -> text, or a list of texts (JSONL's variants)."""

    number: int
    cells: dict[str, Any] = field(default_factory=dict)
    broken: str | None = None
    raw: str = ""
