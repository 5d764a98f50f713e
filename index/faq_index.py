"""The FAQ index: find the entries that answer a question, and say how probable it is that each one does.

index = FaqIndex.build(entries, tools, encoder_version, none_texts)
index.search(encode(["怎么退货"]), ["怎么退货"], k=3)     ->  [[Candidate(faq_id=..., p_correct=0.93), ...]]
index.add(entry); index.remove("returns-7")              without a rebuild
index.save(folder); FaqIndex.open(folder, tools, encoder_version)     a sealed folder, see index.folder
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from index.calibration import Threshold
from index.entry import Candidate, Entry
from index.errors import CorruptFolder, IndexMismatch, RetrievalError
from index.folder import seal, verify
from index.learned import Learned, learn
from index.query import Query, Tools
from index.ranking import N_RANKED, rank
from index.sides import Sides
from index.wordings import P_OWN_WORDS, Wordings

KIND = "faq-index"
LAYOUT = 2  # which files a folder holds: one of another release is no build of this one, though its content is the same


class FaqIndex:
    """Entries, the sides that look for them, and what was learned of how to weigh these.

    Safe to share between threads: searches and changes take turns. Not to be searched in a forked child: FAISS hangs.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        slots: Sequence[int],
        sides: Sides,
        learned: Learned,
        tools: Tools,
        encoder_version: str,
        version: str,
    ):
        self.learned = learned
        self.encoder_version = encoder_version
        self._sides, self._tools, self._version = sides, tools, version
        self._entries = dict(zip(slots, entries, strict=True))  # slot -> Entry; a slot is never used twice
        self._slots = {entry.faq_id: slot for slot, entry in self._entries.items()}
        self._wordings = Wordings(self._entries.items())
        self._next_slot = max(slots, default=-1) + 1
        self._n_changes = 0
        self._lock = threading.RLock()

    @classmethod
    def build(
        cls,
        entries: Iterable[Entry],
        tools: Tools,
        encoder_version: str,
        none_texts: Sequence[str] = (),
    ) -> FaqIndex:
        """Encode everything, then learn weights and calibration from left-out variants and texts that no entry answers.

        Raises RetrievalError when two entries have one id.
        """
        entries = tuple(entries)
        _refuse_twins(entries)
        sides = Sides.build(entries, tools)
        index = cls(
            entries, range(len(entries)), sides, learn(entries, sides, tools, none_texts), tools, encoder_version, ""
        )
        index._version = index._content_version()
        return index

    @classmethod
    def open(cls, folder: Path, tools: Tools, encoder_version: str) -> FaqIndex:
        """Read a saved index after verifying every byte.

        Raises CorruptFolder when it was altered, IndexMismatch when another encoder made it.
        """
        manifest = verify(folder, KIND)
        dimension = tools.encode([""]).shape[1]
        if (manifest["encoder_version"], manifest["dimension"]) != (encoder_version, dimension):
            raise IndexMismatch(
                f"index {manifest['version']!r} was made with encoder {manifest['encoder_version']!r} of "
                f"{manifest['dimension']} columns, the present one is {encoder_version!r} of {dimension}; "
                "rebuild it with huida faq build, or configure the encoder that made it"
            )
        try:
            lines = (folder / "entries.jsonl").read_text("utf-8").split("\n")[:-1]
            slots, entries = zip(*map(_entry_of, lines), strict=True) if lines else ((), ())
            languages = {slot: entry.language for slot, entry in zip(slots, entries, strict=True)}
            sides = Sides.load(folder, dimension, tools.words, tuple(manifest["floors"]), languages)
            learned = Learned.from_json(manifest["learned"])
        # verified, but sealed by another release, or removed by another process meanwhile
        except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
            raise CorruptFolder(f"{folder} cannot be read ({error}); rebuild it with huida faq build") from error
        return cls(entries, slots, sides, learned, tools, encoder_version, manifest["version"])

    @property
    def version(self) -> str:
        """Names the content: "faq-3f2a91c0d4e5", and "faq-3f2a91c0d4e5+2" after two changes in memory."""
        return f"{self._version}+{self._n_changes}" if self._n_changes else self._version

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def entries(self) -> list[Entry]:
        with self._lock:
            return list(self._entries.values())

    def get(self, faq_id: str) -> Entry | None:
        with self._lock:
            return self._entries.get(self._slots.get(faq_id, -1))

    def add(self, entry: Entry) -> None:
        """Add an entry, or put it in the place of the one with its id; found by the next search."""
        add = self._sides.prepared(entry, self._tools)
        with self._lock:
            self._forget(entry.faq_id)
            add(self._next_slot)
            self._entries[self._next_slot], self._slots[entry.faq_id] = entry, self._next_slot
            self._wordings.add(self._next_slot, entry)
            self._next_slot += 1
            self._n_changes += 1

    def remove(self, faq_id: str) -> bool:
        """Take an entry out; False when there is none under that id."""
        with self._lock:
            removed = self._forget(faq_id)
            self._n_changes += removed
            return removed

    def search(self, vectors: np.ndarray, texts: Sequence[str], k: int = 5) -> list[list[Candidate]]:
        """The k likeliest entries of each query, best first; equal scores go to the smaller id.

        A query in the words of one entry, letter by letter, finds that entry first; one typed by its sound is looked
        for as it was meant. A blank text finds nothing.
        vectors: float32 (len(texts), d), the encoder's rows for `texts`.
        Raises IndexMismatch when d differs from the index's.
        """
        if vectors.ndim != 2 or vectors.shape != (len(texts), self._sides.question.dimension):
            raise IndexMismatch(
                f"query vectors have shape {vectors.shape}, index {self.version!r} expects "
                f"({len(texts)}, {self._sides.question.dimension}); rebuild it with huida faq build"
            )
        vectors, texts = self._respelt(vectors, texts)
        queries = [self._tools.query(text, vector) for vector, text in zip(vectors, texts, strict=True)]
        found = zip(queries, texts, strict=True)
        return [self._first(text, self._candidates(query, k), k) if text.strip() else [] for query, text in found]

    def threshold_for(self, max_wrong: float, confidence: float = 0.9) -> Threshold:
        """See Calibration.threshold_for."""
        return self.learned.calibration.threshold_for(max_wrong, confidence)

    def save(self, folder: Path) -> str:
        """Write a sealed folder that does not exist yet and return the version, which this index has from now on."""
        with self._lock:
            folder.mkdir(parents=True)
            self._sides.save(folder)
            (folder / "entries.jsonl").write_text(self._lines(), "utf-8")
            self._version, self._n_changes = self._content_version(), 0
            fields = {
                "encoder_version": self.encoder_version,
                "dimension": self._sides.question.dimension,
                "n_entries": len(self),
                "floors": list(self._sides.floors),
                "learned": self.learned.as_json(),
            }
            seal(folder, KIND, self._version, fields)
            return self._version

    def _respelt(self, vectors: np.ndarray, texts: Sequence[str]) -> tuple[np.ndarray, list[str]]:
        """Vectors and texts with queries typed by their sound as they were meant; only these are encoded again."""
        meant = [self._tools.respell(text, self._knows) for text in texts]
        if changed := [i for i, text in enumerate(texts) if meant[i] != text]:
            vectors = vectors.copy()
            vectors[changed] = self._tools.encode([meant[i] for i in changed])
        return vectors, meant

    def _knows(self, word: str) -> bool:
        with self._lock:
            return self._sides.knows(word, self._tools)

    def _candidates(self, query: Query, k: int) -> list[Candidate]:
        with self._lock:
            found = self._sides.look(query)
            ids = {slot: self._entries[slot].faq_id for slot in found.slots.tolist()}
            ranked = rank(found, self._sides, query, self.learned.weights, ids, max(k, N_RANKED))
            chosen = [self._entries[int(slot)] for slot in ranked.slots]
        p_correct = self.learned.calibration.p_correct(ranked)
        return [
            Candidate(entry.faq_id, entry.question, entry.answer, float(score), float(p))
            for entry, score, p in zip(chosen, ranked.fused, p_correct, strict=True)
        ][:k]

    def _first(self, text: str, candidates: list[Candidate], k: int) -> list[Candidate]:
        """The entry whose wording this is, if there is one, before the others."""
        with self._lock:
            slot = self._wordings.owner(text)
            entry = None if slot is None else self._entries[slot]
        if entry is None:
            return candidates
        score = max((candidate.score for candidate in candidates), default=1.0)
        own = Candidate(entry.faq_id, entry.question, entry.answer, score, P_OWN_WORDS)
        others = [candidate for candidate in candidates if candidate.faq_id != entry.faq_id]
        left = min(1.0, (1 - P_OWN_WORDS) / max(sum(other.p_correct for other in others), 1e-9))
        return [own, *(replace(other, p_correct=left * other.p_correct) for other in others)][:k]

    def _forget(self, faq_id: str) -> bool:
        slot = self._slots.pop(faq_id, None)
        if slot is None:
            return False
        self._wordings.remove(slot, self._entries.pop(slot))
        self._sides.remove(slot)
        return True

    def _lines(self) -> str:
        lines = (
            json.dumps({"slot": slot, **entry.as_json()}, ensure_ascii=False) for slot, entry in self._entries.items()
        )
        return "".join(line + "\n" for line in lines)

    def _content_version(self) -> str:
        learned = json.dumps(self.learned.as_json(), sort_keys=True)
        content = "\n".join([str(LAYOUT), self.encoder_version, learned, self._lines()])
        return f"faq-{hashlib.sha256(content.encode('utf-8', 'backslashreplace')).hexdigest()[:12]}"


def _entry_of(line: str) -> tuple[int, Entry]:
    fields = json.loads(line)
    return fields.pop("slot"), Entry.from_json(fields)


def _refuse_twins(entries: Sequence[Entry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.faq_id in seen:
            raise RetrievalError(f"two entries have the id {entry.faq_id!r}; give each its own")
        seen.add(entry.faq_id)
