"""python -m training.demo_index: the index of the demo shop's FAQ, which ships so that `huida demo` starts in seconds.

To be made again after a new encoder, other segmentation or a change of configs/demo/faq_*.csv; a test says so.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from assistant import bootstrap, settings
from assistant.faq_files import read_faq
from assistant.index_versions import IndexVersions
from assistant.intents import read_nlu
from assistant.text import language
from assistant.values import OUT_OF_SCOPE

FOLDER = bootstrap.SHIPPED / "demo-index"


def make(folder: Path = FOLDER) -> str:
    """Build it with the shipped models, put it in the place of the one before, and return its version."""
    loaded = settings.load()
    segmenter, encoder = bootstrap.build_encoder(loaded)
    examples = read_nlu([loaded.models.intents])
    none_texts = [example.text for example in examples.examples if example.intent == OUT_OF_SCOPE]
    files = sorted((settings.configs_folder() / "demo").glob("faq_*.csv"))
    entries = [entry for path in files for entry in read_faq(path, language).entries]
    index = IndexVersions(folder.parent, encoder, segmenter, none_texts).build(entries)
    shutil.rmtree(folder, ignore_errors=True)
    return index.save(folder)


if __name__ == "__main__":
    print(make())
