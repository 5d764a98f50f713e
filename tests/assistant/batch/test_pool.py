"""Workers: as many as one likes, dying or not, they write what one process writes."""

from functools import partial

import pytest

from assistant.batch.pool import LocalPool, OwnProcess, WorkerLost
from assistant.batch.run import Plan, analyze
from assistant.batch.sources import open_files
from tests.assistant.batch.scorers import DoomedScorer, MortalScorer, WordScorer
from tests.assistant.batch.test_analyze import IN_PARTS, ROWS, write_csv


def test_two_workers_of_which_one_is_killed_write_what_one_process_writes(tmp_path):
    source = open_files(write_csv(tmp_path / "in.csv", ROWS))
    analyze(source, tmp_path / "one.csv", OwnProcess(WordScorer), IN_PARTS)
    pool = LocalPool(partial(MortalScorer, tmp_path / "died"), 2)
    analyze(source, tmp_path / "two.csv", pool, IN_PARTS)
    pool.close()
    assert (tmp_path / "died").exists()
    assert (tmp_path / "two.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()


def test_workers_that_keep_dying_end_the_run_with_a_clear_line(tmp_path):
    pool = LocalPool(DoomedScorer, 1)
    with pytest.raises(WorkerLost, match="--workers 1"):
        analyze(open_files(write_csv(tmp_path / "in.csv", ROWS)), tmp_path / "out.csv", pool, Plan())
    pool.close()


def test_a_worker_that_cannot_load_its_models_says_why():
    with pytest.raises(FileNotFoundError, match="no-models"):
        LocalPool(partial(open, "no-models"), 1)
