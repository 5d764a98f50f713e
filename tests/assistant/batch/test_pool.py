"""Workers: as many as one likes, here or on a Ray cluster, dying or not, they write what one process writes."""

import os
from functools import partial

import pytest

from assistant.batch.pool import LocalPool, OwnProcess, WorkerLost
from assistant.batch.run import Plan, analyze
from assistant.batch.sources import open_files
from tests.assistant.batch.scorers import DoomedScorer, MortalScorer, WordScorer
from tests.assistant.batch.test_analyze import IN_PARTS, ROWS, write_csv


@pytest.fixture(scope="module")
def ray_pool():
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray

    from assistant.batch.ray_pool import RayPool

    ray.init(
        num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False, object_store_memory=100 << 20
    )
    yield RayPool
    ray.shutdown()


@pytest.fixture(params=["processes", "ray"])
def make_pool(request):
    return LocalPool if request.param == "processes" else request.getfixturevalue("ray_pool")


def test_two_workers_of_which_one_is_killed_write_what_one_process_writes(make_pool, tmp_path):
    source = open_files(write_csv(tmp_path / "in.csv", ROWS))
    one, two = tmp_path / "one.parquet", tmp_path / "two.parquet"
    analyze(source, one, OwnProcess(WordScorer), IN_PARTS)
    pool = make_pool(partial(MortalScorer, tmp_path / "died"), 2)
    analyze(source, two, pool, IN_PARTS)
    pool.close()
    assert (tmp_path / "died").exists()
    assert two.read_bytes() == one.read_bytes()


def test_workers_that_keep_dying_end_the_run_with_a_clear_line(make_pool, tmp_path):
    pool = make_pool(DoomedScorer, 1)
    with pytest.raises(WorkerLost, match="[Rr]un it again"):
        analyze(open_files(write_csv(tmp_path / "in.csv", ROWS)), tmp_path / "out.csv", pool, Plan())
    pool.close()


def test_a_worker_that_cannot_load_its_models_says_why(make_pool):
    with pytest.raises(FileNotFoundError, match="no-models"):
        make_pool(partial(open, "no-models"), 1)
