"""How fast the encoder reads, beside what a support desk would run instead: three BERT-base models, and SnowNLP.

Peers run one model a task (mood, intent, retrieval); ours reads a message once for all three. BERT-base has random
weights here: its speed does not depend on them. All run on the same texts, on the cores named.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from assistant import bootstrap
from assistant.errors import InputError
from assistant.settings import Settings
from training.bench import Figure

N_TASKS = 3
N_CORES = 2
BATCH = 64
N_ONE, N_BERT_ONE = 300, 12  # texts read one by one


def encoder_speed(settings: Settings, texts: Sequence[str]) -> list[Figure]:
    """texts: short messages, at least a batch of them. Raises InputError without torch, transformers or SnowNLP."""
    texts = [text for text in texts if text.strip()]
    one = replace(settings, models=replace(settings.models, n_threads=1))
    both = replace(settings, models=replace(settings.models, n_threads=N_CORES))
    ours, fast = bootstrap.build_encoder(one)[1], bootstrap.build_encoder(both)[1]
    many = [texts[n % len(texts)] for n in range(32 * BATCH)]
    bert = _bert_base()
    figures = [
        Figure("encoder, one text", _ms(ours.encode, texts, N_ONE), "ms", "p50, one core, one pass for every task"),
        Figure("encoder, batches of 64", _rate(fast.encode, many), "texts/s", f"{N_CORES} cores"),
        Figure(
            "three BERT-base, one text", N_TASKS * _ms(bert, texts, N_BERT_ONE), "ms", f"p50, {N_CORES} threads, torch"
        ),
        Figure(
            "three BERT-base, batches of 32", _rate(bert, many[:32]) / N_TASKS, "texts/s", f"{N_CORES} threads, torch"
        ),
    ]
    return [*figures, Figure("SnowNLP, mood alone", _rate(_snownlp(), texts[:200]), "texts/s", "one core")]


def _ms(read: Callable[[Sequence[str]], object], texts: Sequence[str], n: int) -> float:
    for text in texts[:3]:
        read([text])
    seconds = []
    for k in range(n):
        began = time.perf_counter()
        read([texts[k % len(texts)]])
        seconds.append(time.perf_counter() - began)
    return 1000 * float(np.median(seconds))


def _rate(read: Callable[[Sequence[str]], object], texts: Sequence[str]) -> float:
    began = time.perf_counter()
    for start in range(0, len(texts), 32 * BATCH):
        read(texts[start : start + 32 * BATCH])
    return len(texts) / (time.perf_counter() - began)


def _bert_base() -> Callable[[Sequence[str]], object]:
    try:
        import torch
        from transformers import BertConfig, BertModel
    except ImportError as error:
        raise InputError("BERT-base beside ours needs: pip install 'huida[train]'") from error
    torch.set_num_threads(N_CORES)
    model = BertModel(BertConfig(vocab_size=21_128)).eval()  # the vocabulary of bert-base-chinese

    def read(texts: Sequence[str]) -> object:
        longest = max(len(text) for text in texts) + 2  # a token a Han character, [CLS] and [SEP]
        ids = torch.randint(5, 21_000, (len(texts), min(longest, 128)))
        with torch.inference_mode():
            return model(input_ids=ids).pooler_output

    return read


def _snownlp() -> Callable[[Sequence[str]], object]:
    from training.baselines import snownlp_positive

    snownlp_positive(["好"])  # loads its model
    return snownlp_positive
