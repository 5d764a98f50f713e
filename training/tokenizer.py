"""The vocabulary: frequent jieba words whole, every common character, English word pieces, one WordPiece table.

The continuation prefix is empty, so a word that is not in the table falls to the longest entries inside it and at last
to characters. Serving hands the tokenizer jieba's words; a bare `tokenizer.json` (transformers, sentence-transformers)
cuts a run of Han characters by longest match instead, which training also shows the model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PAD, UNK, CLS, SEP, MASK = range(5)
VOCABULARY_SIZE = 20_480
N_ENGLISH_PIECES = 7_000
MIN_CHARACTER_COUNT = 12
MAX_TOKENS = 128


def count_words(texts: Iterable[list[str]], weight: int = 1) -> Counter[str]:
    """Count words over segmented texts, each text counting `weight` times."""
    counts: Counter[str] = Counter()
    for words in texts:
        counts.update(words)
    return Counter({word: count * weight for word, count in counts.items()})


def build_tokenizer(counts: Counter[str], size: int = VOCABULARY_SIZE) -> Tokenizer:
    """Return a WordPiece tokenizer of `size` entries for the counted words; ties go to the smaller string."""
    characters: Counter[str] = Counter()
    for word, count in counts.items():
        for character in word:
            characters[character] += count
    kept = dict.fromkeys(SPECIALS)
    kept.update((c, None) for c, count in _by_count(characters) if count >= MIN_CHARACTER_COUNT)
    kept.update((piece, None) for piece in _english_pieces(counts))
    for word, _ in _by_count(counts):
        if len(kept) >= size:
            break
        if len(word) <= 12 and all(c in kept for c in word):
            kept.setdefault(word)
    vocabulary = {entry: number for number, entry in enumerate(kept)}
    return _tokenizer(vocabulary)


def _english_pieces(counts: Counter[str]) -> list[str]:
    english = [(word, count) for word, count in _by_count(counts) if word.isascii() and word.isalpha() and count > 2]
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", continuing_subword_prefix=""))
    trainer = trainers.WordPieceTrainer(
        vocab_size=N_ENGLISH_PIECES, continuing_subword_prefix="", show_progress=False, special_tokens=[]
    )
    # the trainer counts what it iterates over; a damped count keeps it short and the rare pieces in
    words = (word for word, count in english for _ in range(min(200, 1 + int(count**0.5))))
    tokenizer.train_from_iterator(words, trainer)
    return sorted(tokenizer.get_vocab())


def _tokenizer(vocabulary: dict[str, int]) -> Tokenizer:
    model = models.WordPiece(vocabulary, unk_token="[UNK]", continuing_subword_prefix="", max_input_chars_per_word=512)
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A", special_tokens=[("[CLS]", CLS)])
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def _by_count(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def save(tokenizer: Tokenizer, folder: Path) -> None:
    """Write tokenizer.json and what transformers wants beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.no_padding()
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": MAX_TOKENS, "pad_token": "[PAD]", "unk_token": "[UNK]",
        "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]", "model_input_names": ["input_ids", "attention_mask"],
    }  # fmt: skip
    import json

    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
