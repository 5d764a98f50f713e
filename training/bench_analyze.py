"""`huida bench --suite analyze`: a file of a million short messages through the command, as an owner would run it.

Shops' customers say the same things in other words: a REPEATED share of the rows are one of our written messages again, the
frequent ones more often (Zipf); the others are one of them changed as people change them, so that nearly each is new.
"""

from __future__ import annotations

import csv
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from training.baselines import snownlp_positive
from training.bench import Figure
from training.examples import read_dialogues, read_written

REPEATED = 0.3
MAX_CHARACTERS = 60  # of a short message
N_SNOWNLP = 2_000
_SAID = ("", "", "谢谢", "急", "，在线等", "！！", "？", " 亲", "。", "…", " please", " thanks", "!!", " asap")
_LOOK_S = 0.5  # between two looks at the memory


def analyze_speed(n_messages: int) -> Iterator[Figure]:
    """Rows a second and memory of `huida analyze` on a CSV of n_messages, and SnowNLP on some of the same rows."""
    with tempfile.TemporaryDirectory(prefix="huida-bench-") as name:
        folder = Path(name)
        write(folder / "messages.csv", n_messages)
        command = [
            sys.executable,
            "-m",
            "api",
            "analyze",
            str(folder / "messages.csv"),
            "-o",
            str(folder / "out.csv"),
            "--no-faq",
        ]
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        memory = Memory(process.pid)
        if process.wait():
            raise RuntimeError(f"huida analyze ended with status {process.returncode}")
        seconds = time.perf_counter() - began
        how = f"{n_messages:,} short messages as CSV, start-up and models included"
        yield Figure("analyze", n_messages / seconds, "rows/s", how)
        yield Figure("analyze, whole file", seconds, "s", how)
        yield Figure("analyze, memory", memory.stop(), "MiB", "resident, all processes together, at the most")
        with (folder / "messages.csv").open(encoding="utf-8", newline="") as file:
            texts = [row["text"] for _, row in zip(range(N_SNOWNLP), csv.DictReader(file), strict=False)]
    snownlp_positive(texts[:1])  # loads its model
    began = time.perf_counter()
    snownlp_positive(texts)
    yield Figure(
        "SnowNLP, one process, mood alone",
        len(texts) / (time.perf_counter() - began),
        "rows/s",
        f"{len(texts):,} of the same rows",
    )


def write(path: Path, n: int, seed: int = 0) -> None:
    """A CSV of n messages with id, time, text and channel."""
    rng = random.Random(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "created_at", "text", "channel"])
        for number, text in enumerate(messages(n, rng)):
            day, second = divmod(number * 90 * 86_400 // n, 86_400)
            at = (
                f"2026-{8 + day // 30:02}-{1 + day % 30:02} {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
            )
            writer.writerow([number, at, text, rng.choice(("web", "app", "wechat"))])


def messages(n: int, rng: random.Random) -> Iterator[str]:
    """n messages, most of them new, in Chinese and English as our written ones are."""
    written = [utterance.text for utterance in read_written().utterances]
    written += [turn.text for dialogue in read_dialogues() for turn in dialogue.turns if turn.role == "customer"]
    known = sorted({text for text in written if len(text) <= MAX_CHARACTERS})
    rng.shuffle(known)
    frequent = range(len(known))
    weights = [1 / (rank + 1) for rank in frequent]
    often = iter(rng.choices(frequent, weights, k=n))
    for _ in range(n):
        yield known[next(often)] if rng.random() < REPEATED else changed(rng.choice(known), rng)


def changed(text: str, rng: random.Random) -> str:
    """The message as somebody else would type it: a character left out or twice, an order's number, another end."""
    place = rng.randrange(len(text))
    kind = rng.randrange(4)
    if kind == 0 and len(text) > 4:
        text = text[:place] + text[place + 1 :]
    elif kind == 1:
        text = text[:place] + text[place] + text[place:]
    elif kind == 2:
        text = f"{text} QH2026{rng.randrange(10_000_000):07}"
    return text + rng.choice(_SAID)


class Memory(threading.Thread):
    """Looks at a process and its children until `stop`, which returns their highest sum in MiB; 0 where /proc is missing."""

    def __init__(self, pid: int):
        super().__init__(daemon=True)
        self._pid, self._ended, self._most = pid, threading.Event(), 0.0
        self.start()

    def run(self) -> None:
        while not self._ended.wait(_LOOK_S):
            self._most = max(self._most, sum(map(_resident_mib, family(self._pid))))

    def stop(self) -> float:
        self._ended.set()
        self.join()
        return self._most


def family(pid: int) -> list[int]:
    """A process and everything that it started."""
    found = [pid]
    for one in found:
        for tasks in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += map(int, tasks.read_text().split())
            except OSError:
                continue  # it ended meanwhile
    return found


def _resident_mib(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        # shared pages, such as weights that are mapped from one file, count once between the processes that share them
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    except (OSError, StopIteration):
        return 0.0
