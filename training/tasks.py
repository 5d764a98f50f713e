"""The tasks that shape the encoder: each draws a batch of text numbers and turns their vectors into a loss.

One batch serves one task. Contrastive losses are InfoNCE with the other rows of the batch as negatives (van den Oord et
al. 2018, arXiv:1807.03748); distillation pulls a text, or its Chinese translation, to the teacher's vector (Reimers and
Gurevych 2020, arXiv:2004.09813).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from assistant.encoder import by_length
from training.texts import Material, Tokenised, Topic
from training.tokenizer import CLS, MASK, PAD, VOCABULARY_SIZE

TEMPERATURE = 0.05
MASKED_SHARE = 0.15
FEW_DOMAINS = 0.5  # share of the topics' batches that come from few domains, where the negatives are hard
PASS_TOKENS = 50  # what torch takes to begin a pass and its gradient (12 ms), in padded tokens
CHUNK_TOKENS = 1536  # padded tokens of one forward pass; longer texts apart from shorter ones, so little is padding
Vectors = Callable[[np.ndarray], Tensor]


def padded(tokens: Tokenised, numbers: np.ndarray) -> tuple[Tensor, Tensor]:
    """ids and mask, int64 (len(numbers), longest)."""
    rows = [tokens[n] for n in numbers]
    ids = np.full((len(rows), max(map(len, rows))), PAD, dtype=np.int64)
    for row, own in zip(ids, rows, strict=True):
        row[: len(own)] = own
    tensor = torch.from_numpy(ids)
    mask = torch.from_numpy(np.array([len(own) for own in rows]))[:, None] > torch.arange(ids.shape[1])
    return tensor, mask.long()


def vectors_of(forward: Callable[[Tensor, Tensor], Tensor], tokens: Tokenised, numbers: np.ndarray) -> Tensor:
    """Unit vectors of the texts in the order of `numbers`, computed in chunks of like length."""
    lengths = tokens.starts[numbers + 1] - tokens.starts[numbers]
    parts, places = [], []
    for place in by_length(lengths, CHUNK_TOKENS, PASS_TOKENS):
        parts.append(forward(*padded(tokens, numbers[place])))
        places.append(place)
    back = np.argsort(np.concatenate(places), kind="stable")
    return torch.cat(parts)[torch.from_numpy(back)]


def info_nce(a: Tensor, b: Tensor, scale: float = 1 / TEMPERATURE) -> Tensor:
    logits = a @ b.T * scale
    target = torch.arange(len(a))
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


class Shuffled:
    """Rows of an array in a new random order each time they run out."""

    def __init__(self, rows: np.ndarray, rng: np.random.Generator):
        self._rows, self._rng, self._queue = rows, rng, rows[:0]

    def take(self, n: int) -> np.ndarray:
        while len(self._queue) < n:
            self._queue = np.concatenate((self._queue, self._rng.permutation(self._rows)))
        taken, self._queue = self._queue[:n], self._queue[n:]
        return taken


class Heads(nn.Module):
    """What is thrown away after training: classifiers, the map into the teacher's space, the masked-word bias."""

    def __init__(self, width: int, n_classes: dict[str, int], n_teacher: int):
        super().__init__()
        self.classify = nn.ModuleDict({name: nn.Linear(width, n) for name, n in n_classes.items()})
        self.reviews = nn.Linear(width, 3)
        self.moods = nn.Linear(width, 3)
        self.teacher = nn.Linear(width, n_teacher, bias=False)
        self.words = nn.Linear(width, width)
        self.word_bias = nn.Parameter(torch.zeros(VOCABULARY_SIZE))
        nn.init.eye_(self.teacher.weight)  # the student's own space starts as the teacher's


class Tasks:
    """All tasks over one material; `loss(name, vectors, ...)` draws the next batch of the named task."""

    CLASS_SCALE = 16.0  # unit vectors are lengthened before a linear classifier

    def __init__(
        self,
        material: Material,
        tokens: Tokenised,
        targets: np.ndarray,
        target_row: np.ndarray,
        heads: Heads,
        seed: int,
        few_domains: float = FEW_DOMAINS,
    ):
        """targets: float32 (m, t), the teacher's unit vectors; target_row[text] is the row of a text's, or -1."""
        rng = self.rng = np.random.default_rng(seed)
        self.material, self.tokens, self.heads, self.few_domains = material, tokens, heads, few_domains
        self.targets, self.target_row = torch.from_numpy(targets), target_row
        english = material.english[target_row[material.english] >= 0]
        parallel = material.parallel[target_row[material.parallel[:, 1]] >= 0]
        rows = np.concatenate((np.stack((english, english), 1), parallel, parallel[:, [1, 1]]))
        self.draw = {
            "distil": Shuffled(rows, rng),
            "own_distil": Shuffled(self._own_distil(), rng),
            "parallel": Shuffled(material.parallel, rng),
            "glosses": Shuffled(material.glosses, rng),
            "answers": Shuffled(material.answers, rng),
            "neighbours": Shuffled(material.neighbours, rng),
            "reviews": Shuffled(material.reviews, rng),
            "moods": Shuffled(material.moods, rng),
            "words": Shuffled(np.concatenate((np.arange(len(tokens)), material.plain)), rng),
        }
        self.intents = {name: Shuffled(rows, rng) for name, rows in material.intents.items()}
        self.by_source: dict[str, list[Topic]] = defaultdict(list)
        for topic in material.topics:
            self.by_source[topic.source].append(topic)

    def loss(self, name: str, vectors: Vectors, n: int) -> Tensor:
        match name:
            case "distil" | "own_distil":
                rows = self.draw[name].take(n)
                return self._distil(vectors(rows[:, 0]), rows[:, 1])
            case "parallel" | "glosses" | "answers" | "neighbours":
                rows = self.draw[name].take(n)
                return self._pairs(vectors, rows)
            case "topics":
                return self._pairs(vectors, self._topic_pairs(n))
            case "intents":
                names = list(self.intents)
                weights = np.array([len(self.material.intents[k]) ** 0.5 for k in names])
                set_name = self.rng.choice(names, p=weights / weights.sum())
                return self._classes(vectors, self.intents[set_name].take(n), self.heads.classify[set_name])
            case "reviews":
                return self._classes(vectors, self.draw[name].take(n), self.heads.reviews)
            case "moods":
                return self._classes(vectors, self.draw[name].take(n), self.heads.moods)
        raise KeyError(name)

    def masked_words(self, hidden: Callable[[Tensor, Tensor], Tensor], embedding: Tensor, n: int) -> Tensor:
        """Cross-entropy of 15 % masked tokens; logits are computed at those places alone."""
        ids, mask = padded(self.tokens, self.draw["words"].take(n))
        hide = (torch.rand(ids.shape) < MASKED_SHARE) & mask.bool() & (ids != CLS)
        target = ids[hide]
        if not len(target):
            return embedding.sum() * 0
        found = F.gelu(self.heads.words(hidden(ids.masked_fill(hide, MASK), mask)[hide]))
        return F.cross_entropy(found @ embedding.T + self.heads.word_bias, target)

    def _distil(self, student: Tensor, teacher_of: np.ndarray) -> Tensor:
        target = self.targets[torch.from_numpy(self.target_row[teacher_of])]
        student = F.normalize(self.heads.teacher(student), dim=-1)
        closeness = (student * target).sum(-1)
        # the same sentence twice in a batch is no negative of itself, so the softmax is taken against soft targets
        same = F.softmax(target @ target.T / TEMPERATURE, -1)
        return 4 * (1 - closeness).mean() + F.cross_entropy(student @ target.T / TEMPERATURE, same)

    def _pairs(self, vectors: Vectors, rows: np.ndarray) -> Tensor:
        both = vectors(rows.T.reshape(-1))
        return info_nce(both[: len(rows)], both[len(rows) :])

    def _classes(self, vectors: Vectors, rows: np.ndarray, head: nn.Linear) -> Tensor:
        logits = head(vectors(rows[:, 0]) * self.CLASS_SCALE)
        return F.cross_entropy(logits, torch.from_numpy(rows[:, 1].copy()), label_smoothing=0.05)

    def _own_distil(self) -> np.ndarray:
        """(text, text whose teacher vector it takes): English as itself, a Chinese question or answer as its English."""
        rows = []
        for topic in self.material.topics:
            for side in (topic.questions, topic.answers):
                if "en" in side and "zh" in side:
                    rows += [(side["zh"], side["en"]), (side["en"], side["en"])]
            rows += [(n, n) for n in topic.messages["en"]]
        return np.array([row for row in rows if self.target_row[row[1]] >= 0], dtype=np.int64).reshape(-1, 2)

    def _topic_pairs(self, n: int) -> np.ndarray:
        """Message - question 45 %, - answer 20 %, - message 35 %, a quarter across languages; a share from few domains."""
        if self.rng.random() < self.few_domains:
            sources = self.rng.permutation(list(self.by_source))
            pool: list[Topic] = []
            for source in sources:
                if len(pool) >= n:
                    break
                pool += self.by_source[source]
        else:
            pool = self.material.topics
        chosen = self.rng.permutation(len(pool))[:n]
        pairs = (self._topic_pair(pool[i]) for i in chosen)
        return np.array([pair for pair in pairs if pair], dtype=np.int64).reshape(-1, 2)

    def _topic_pair(self, topic: Topic) -> tuple[int, int] | None:
        languages = [lang for lang, numbers in topic.messages.items() if numbers]
        if not languages:
            return None
        own = str(self.rng.choice(languages, p=[0.6, 0.4] if languages == ["zh", "en"] else None))
        other = own if self.rng.random() < 0.75 else {"zh": "en", "en": "zh"}[own]
        message = int(self.rng.choice(topic.messages[own]))
        kind = self.rng.random()
        if kind < 0.45 and other in topic.questions:
            return message, topic.questions[other]
        if kind < 0.65 and other in topic.answers:
            return message, topic.answers[other]
        others = [n for n in topic.messages.get(other, []) if n != message]
        return (message, int(self.rng.choice(others))) if others else None
