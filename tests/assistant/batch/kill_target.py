"""A process for test_analyze.py: analyses a file and says on standard output when a part is finished."""

import sys
from pathlib import Path

from assistant.batch.pool import OwnProcess
from assistant.batch.run import Plan, analyze
from assistant.batch.sources import open_files
from tests.assistant.batch.scorers import WordScorer

PLAN = Plan(part_rows=40, columns={"at": "at"})


def main(source: Path, out: Path) -> None:
    analyze(open_files(source), out, OwnProcess(WordScorer), PLAN, tick=lambda at: print(at.n_rows, flush=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
