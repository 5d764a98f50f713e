"""What the encoder learns from: plain text, natural pairs, parallel pairs and labels, each set named with its terms.

Only sets whose terms are `open` or `unstated` stand here (DIR/text/MANIFEST.tsv and DIR/lex/MANIFEST.tsv say which), so
that the weights may ship. Every reader yields raw text; the leak filter and the tokenizer come after it.
"""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import zstandard

Pair = tuple[str, str]

# nearest to a shop's support desk first: whoever stops early has the best part
PARALLEL = (
    ("text", "massive_zh_en_parallel"), ("lex", "service_dialogue_zh_en"), ("lex", "woocommerce_android"), ("lex", "woocommerce_ios"),
    ("lex", "bagisto_catalog"), ("lex", "magento_catalog"), ("lex", "chatwoot_catalog"), ("lex", "zammad_catalog"),
    ("lex", "pretix_catalog"), ("text", "tatoeba_zh_en"), ("lex", "xsid_zh_en"), ("lex", "kajweb_vocab"), ("lex", "ofbiz_catalog"),
    ("lex", "odoo_catalog"), ("lex", "erpnext_catalog"), ("lex", "dolibarr_catalog"), ("lex", "maxkb_catalog"),
    ("lex", "chanzhi_catalog"), ("lex", "zdoo_catalog"), ("lex", "zentao_catalog"), ("text", "alibabacloud_zh_en_parallel"),
    ("lex", "odoo_docs"), ("lex", "python_docs"),
)  # fmt: skip
QUESTION_ANSWER = (
    "faq_office365_zh",
    "egret_wenda",
    "chatterbot_zh",
    "bankfaqs_en",
    "dstc9_knowledge_faq_en",
    "baoxianzhidao",
)
DIALOGUES = ("smilechat", "sgd_en", "crosswoz", "kdconv", "user_satisfaction_en")
INTENTS = {
    "banking77": "train", "clinc150_oos": "train", "hwu64_en": "train", "snips_en": "train", "massive_en_us": "train",
    "massive_zh_cn": "train", "bitext_customer_service_en": "train_20k", "cais": "train",
}  # fmt: skip
SENTIMENT = {
    "online_shopping_10_cats": "all", "waimai_10k": "all", "weibo_senti_100k": "dev", "nlpcc2014_sc": "train",
    "chinese_conversation_sentiment": "train", "bdci2021_bank_reviews": "train", "bdci2018_car": "train",
}  # fmt: skip
PLAIN = ("docs_alibabacloud", "docs_microsoft_zh")


def rows(path: Path) -> Iterator[dict]:
    """Yield the objects of one zstd-compressed JSON-lines file."""
    with path.open("rb") as raw:
        stream = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(raw), encoding="utf-8")
        for line in stream:
            yield json.loads(line)


def set_rows(data: Path, kind: str, name: str, stem: str | None = None) -> Iterator[dict]:
    """Yield the rows of a whole set, or of its file `stem` alone; test files are left out."""
    for path in sorted((data / kind / name).glob("*.jsonl.zst")):
        own = path.name.removesuffix(".jsonl.zst")
        if own == stem or (stem is None and "test" not in own):
            yield from rows(path)


def parallel(data: Path) -> Iterator[Pair]:
    """Yield (zh, en) sentence pairs."""
    for kind, name in PARALLEL:
        stem = "sentences" if name == "kajweb_vocab" else None
        yield from ((row["zh"], row["en"]) for row in set_rows(data, kind, name, stem))


def glosses(data: Path) -> Iterator[Pair]:
    """Yield (zh word, en word) pairs: dictionary glosses of one or two words, and the commerce glossary."""
    for row in set_rows(data, "lex", "cedict"):
        for gloss in row["gloss"][:2]:
            if 0 < len(gloss.split()) <= 3 and "(" not in gloss:
                yield row["simp"], gloss.removeprefix("to ")
    yield from ((row["zh"], row["en"]) for row in set_rows(data, "lex", "commerce_terms"))
    yield from ((row["zh"].split("；")[0], row["en"]) for row in set_rows(data, "lex", "kajweb_vocab", "phrases"))


def question_answers(data: Path) -> Iterator[Pair]:
    """Yield (question, answer) pairs in either language."""
    for name in QUESTION_ANSWER:
        yield from ((row["question"], row["answer"]) for row in set_rows(data, "text", name))
    for row in set_rows(data, "text", "bdci2020_realestate_qa", "train"):
        if row["label"] == "1":
            yield row["query"], row["reply"]
    for row in set_rows(data, "text", "paws_x_zh", "dev"):
        if row["label"] == "1":
            yield row["text_a"], row["text_b"]


def neighbours(data: Path) -> Iterator[Pair]:
    """Yield (turn, next turn) pairs of dialogues."""
    for name in DIALOGUES:
        for row in set_rows(data, "text", name):
            turns = [turn["text"] if isinstance(turn, dict) else turn for turn in row["turns"]]
            yield from itertools.pairwise(turns)


def labelled(data: Path, sets: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield (set, text, label) of the given {set: file stem}."""
    for name, stem in sets.items():
        for row in set_rows(data, "text", name, stem):
            if row.get("label") is not None:
                yield name, row["text"], str(row["label"])


def plain(data: Path) -> Iterator[str]:
    """Yield the lines of running text."""
    for name in PLAIN:
        for row in set_rows(data, "text", name):
            yield from row["text"].splitlines()
    for row in set_rows(data, "text", "bdci2020_realestate_qa", "test_unlabelled"):
        yield row["query"]
        yield row["reply"]
