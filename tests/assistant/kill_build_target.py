"""A process for test_kill.py: builds and publishes the FAQ index again and again, each time of other entries."""

import sys
from dataclasses import replace
from itertools import count
from pathlib import Path

from assistant.faq import FaqService
from assistant.index_versions import IndexVersions
from assistant.store import open_store
from assistant.text import Segmenter
from assistant.values import FaqEntry
from tests.encoders import HashedWords

ENTRIES = [FaqEntry(f"e{n}", f"第{n}个问题怎么办？", f"第{n}个答案。", (f"问题{n}",)) for n in range(20)]


def faq_in(folder: Path) -> FaqService:
    store = open_store(f"sqlite:///{folder / 'huida.db'}")
    return FaqService(store, IndexVersions(folder / "faq", HashedWords(), Segmenter(cache_dir=folder / "jieba")))


def main(folder: Path, first: int) -> None:
    faq = faq_in(folder)
    faq.import_entries(ENTRIES)
    for n in count(first):
        faq.upsert(replace(ENTRIES[0], answer=f"{n}"))
        print(n, faq.build(), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
