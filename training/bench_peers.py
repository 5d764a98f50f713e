"""`huida bench --suite peers`: our reading beside what a support desk would run instead, three BERT-base models and SnowNLP.

A peer is one model a task (mood, intent, retrieval): three passes over a message; ours reads it once for all of them.
BERT-base has random weights here, on which its speed does not depend, and reads as many tokens of each message as ours
does, fewer than its own vocabulary would make of it. Everybody has the same messages and two threads.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import cycle, islice

import numpy as np

from assistant import bootstrap
from assistant.errors import InputError
from assistant.settings import Settings
from assistant.text import language
from training.baselines import snownlp_positive
from training.bench import Figure, Step, percentiles

N_TASKS = 3
N_THREADS = 2
N_WARM = 3  # calls before the clock starts
BATCH, ENCODER_BATCH, N_TOKENS = 32, 64, 16  # of issue 3
Read = Callable[[Sequence[str]], object]


@dataclass(frozen=True, slots=True)
class Size:
    """How many calls are timed; bert: what differs from transformers' default BertConfig, 12 layers x 768."""

    n_alone: int = 500
    n_batches: int = 100
    n_bert_alone: int = 40
    n_bert_batches: int = 10
    bert: Mapping[str, int] = field(default_factory=lambda: {"vocab_size": 21_128})  # as bert-base-chinese

    @property
    def n_texts(self) -> int:
        """So many that nobody reads one twice."""
        return (N_WARM + self.n_alone) * 3 + (N_WARM + self.n_batches) * (BATCH + ENCODER_BATCH)


def peers(settings: Settings, texts: Sequence[str], size: Size = Size()) -> Iterator[tuple[str, Step]]:
    """The measurements by name. texts: short messages, used again where they are fewer than size.n_texts.

    Raises InputError without torch, transformers or SnowNLP, before anything is measured.
    """
    # before the reader, whose threads sleep while they wait
    model, _ = _bert(size.bert), snownlp_positive(["好"])
    two = settings.models.model_copy(update={"n_threads": N_THREADS})
    reader = bootstrap.build_reader(settings.model_copy(update={"models": two}))
    count = _tokens_of(settings)  # by an encoder of its own: ours must not have met the messages
    source = cycle(texts)
    alone = [[text] for text in islice(source, N_WARM + size.n_alone)]
    batches = [list(islice(source, BATCH)) for _ in range(N_WARM + size.n_batches)]
    bert, at = partial(_passes, model, count), datetime.now(UTC)
    how = f"language, mood, intents, entities; {N_THREADS} threads"
    for name, calls in (("one by one", alone), (f"batches of {BATCH}", batches)):
        yield name, partial(_timed, f"our reading, {name}", lambda texts: reader.read(texts, at), calls, how)
    how = f"random weights, torch, {N_THREADS} threads, as many tokens as ours"
    for name, calls, n in (
        ("one by one", alone, size.n_bert_alone),
        (f"batches of {BATCH}", batches, size.n_bert_batches),
    ):
        yield f"BERT, {name}", partial(_timed, f"three BERT-base, {name}", bert, calls[: N_WARM + n], how)
    chinese = [call for call in alone if language(call[0]) != "en"]
    yield "SnowNLP", partial(_timed, "SnowNLP, mood alone, one by one", snownlp_positive, chinese, "one thread")
    pool = sorted(islice(source, 2 * len(alone)), key=lambda text: abs(count(text) - N_TOKENS))[: len(alone)]
    mean = np.mean([count(text) for text in pool])
    how = f"{mean:.1f} tokens on average, one thread"
    encode = reader.encoder.encode
    yield "encoder", partial(_timed, f"encoder alone, {N_TOKENS} tokens", encode, [[text] for text in pool], how)
    calls = [list(islice(source, ENCODER_BATCH)) for _ in range(N_WARM + size.n_batches)]
    name = f"encoder alone, batches of {ENCODER_BATCH}"
    yield name, partial(_timed, name, encode, calls, f"{N_THREADS} threads")


def _timed(name: str, read: Read, calls: Sequence[Sequence[str]], how: str) -> list[Figure]:
    """Milliseconds a message, and messages a second, of the calls after the first N_WARM."""
    for texts in calls[:N_WARM]:
        read(texts)
    timed, seconds = calls[N_WARM:], []
    for texts in timed:
        began = time.perf_counter()
        read(texts)
        seconds.append(time.perf_counter() - began)
    n = sum(map(len, timed))
    how = f"{n:,} messages, {how}"
    each = [took / len(texts) for took, texts in zip(seconds, timed, strict=True)]
    return [*percentiles(f"{name}, a message", each, how), Figure(name, n / sum(seconds), "messages/s", how)]


def _tokens_of(settings: Settings) -> Callable[[str], int]:
    """How many tokens the encoder makes of a text; of one that is not ours, its words."""
    segmenter, encoder = bootstrap.build_encoder(settings)
    words = getattr(encoder, "words", None)
    return lambda text: 1 + len(words.numbers(text) if words else segmenter.words(text))


def _bert(fields: Mapping[str, int]):
    # `huida` lets threads sleep while they wait, which torch would take over as it loads: it keeps its own way
    asleep = os.environ.pop("OMP_WAIT_POLICY", None)
    try:
        import torch
        from transformers import BertConfig, BertModel
    except ImportError as error:
        raise InputError("BERT-base beside ours needs: pip install 'huida[train]'") from error
    finally:
        if asleep:
            os.environ["OMP_WAIT_POLICY"] = asleep
    torch.set_num_threads(N_THREADS)
    return BertModel(BertConfig(**fields)).eval()


def _passes(model, count: Callable[[str], int], texts: Sequence[str]) -> None:
    """One pass of the model for each task; shorter texts are padded to the longest."""
    import torch

    lengths = torch.tensor([count(text) for text in texts])
    mask = (torch.arange(int(lengths.max())) < lengths[:, None]).long()
    ids = torch.randint(5, model.config.vocab_size, mask.shape) * mask
    with torch.inference_mode():
        for _ in range(N_TASKS):
            model(input_ids=ids, attention_mask=mask)
