"""The same command on a Ray cluster: two local workers, one of which is killed, write what one process writes."""

from functools import partial

import pytest

from assistant.batch.pool import OwnProcess
from assistant.batch.run import analyze
from assistant.batch.sources import open_files
from tests.assistant.batch.scorers import MortalScorer, WordScorer
from tests.assistant.batch.test_analyze import IN_PARTS, ROWS, write_csv

ray = pytest.importorskip("ray", reason="Ray is not installed (pip install 'huida[ray]')")


@pytest.fixture(scope="module")
def cluster():
    import os

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray.init(
        num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False, object_store_memory=100 << 20
    )
    yield
    ray.shutdown()


def test_two_workers_of_which_one_is_killed_write_what_one_process_writes(cluster, tmp_path):
    from assistant.batch.ray_pool import RayPool

    source = open_files(write_csv(tmp_path / "in.csv", ROWS))
    analyze(source, tmp_path / "one.parquet", OwnProcess(WordScorer), IN_PARTS)
    pool = RayPool(partial(MortalScorer, tmp_path / "died"), 2)
    analyze(source, tmp_path / "two.parquet", pool, IN_PARTS)
    pool.close()
    assert (tmp_path / "died").exists()
    assert (tmp_path / "two.parquet").read_bytes() == (tmp_path / "one.parquet").read_bytes()


def test_a_worker_that_cannot_load_its_models_says_why(cluster):
    from assistant.batch.ray_pool import RayPool

    with pytest.raises(FileNotFoundError, match="no-models"):
        RayPool(partial(open, "no-models"), 1)
