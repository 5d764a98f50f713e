"""Threads that ask at once share one call; every one gets its own results."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.together import Together


def test_each_caller_gets_the_results_of_its_own_items_in_order():
    double = Together(lambda items: [2 * item for item in items], max_items=64)
    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(lambda n: double([n, n + 1]), range(200)))
    assert results == [[2 * n, 2 * n + 2] for n in range(200)]


def test_what_waits_while_a_call_runs_goes_into_the_next_one():
    batches, begun, go = [], threading.Event(), threading.Event()

    def run(items):
        batches.append(list(items))
        if items == ["first"]:
            begun.set()
            assert go.wait(10)
        return items

    together = Together(run, max_items=64)
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(together, ["first"])
        assert begun.wait(10)
        others = [pool.submit(together, [n]) for n in range(8)]
        while len(together._waiting) < 8:
            threading.Event().wait(0.001)
        go.set()
        assert first.result() == ["first"]
        assert [other.result() for other in others] == [[n] for n in range(8)]
    assert [len(batch) for batch in batches] == [1, 8]


def test_a_call_takes_no_more_than_it_may_unless_one_job_is_larger():
    sizes = []

    def run(items):
        sizes.append(len(items))
        return items

    together = Together(run, max_items=4)
    assert together(list(range(10))) == list(range(10))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(together, [[1, 2, 3]] * 20))
    assert sizes[0] == 10 and set(sizes[1:]) == {3}


def test_a_bad_item_fails_its_own_caller_alone():
    begun, go = threading.Event(), threading.Event()

    def run(items):
        if items == ["wait"]:
            begun.set()
            assert go.wait(10)
        if "bad" in items:
            raise ValueError("bad")
        return items

    together = Together(run, max_items=64)
    with ThreadPoolExecutor(4) as pool:
        held = pool.submit(together, ["wait"])
        assert begun.wait(10)
        good, bad = pool.submit(together, ["good"]), pool.submit(together, ["bad"])
        while len(together._waiting) < 2:
            threading.Event().wait(0.001)
        go.set()
        assert held.result() == ["wait"]
        assert good.result() == ["good"]
        with pytest.raises(ValueError, match="bad"):
            bad.result()
