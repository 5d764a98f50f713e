"""One customer taken out of purchases and scores, while all others keep theirs."""

import numpy as np
import pytest

from assistant.customer import purchase_log, scores, scoring
from assistant.customer.forgetting import forget
from assistant.customer.import_cells import State
from assistant.errors import NotFound

CANARY = "canary-8841@example.com"


@pytest.fixture
def root(tmp_path):
    """Twelve customers with three purchases each, scored on two days."""
    ids = ("", CANARY, *(f"c{n}" for n in range(11)))
    n = 3 * (len(ids) - 1)
    columns = {
        "customer": np.repeat(np.arange(1, len(ids)), 3).astype(np.int32),
        "product": np.zeros(n, np.int32),
        "day": np.tile([20_000, 20_030, 20_060], len(ids) - 1).astype(np.int32),
        "quantity": np.ones(n),
        "amount_cny": np.full(n, 9.5),
        "order": np.arange(n, dtype=np.uint64),
        "key": np.arange(n, dtype=np.uint64),
        "state": np.full(n, State.SALE, np.int8),
    }
    lines = purchase_log.Lines(*(columns[name] for name in purchase_log.COLUMNS), ids, ("tea",))
    version = purchase_log.publish(tmp_path / "purchases", lines)
    for day in (20_070, 20_080):
        done = scoring.score(purchase_log.sales(lines), np.datetime64(day, "D"), 30)
        scores.publish(tmp_path / "scores", done, version)
    return tmp_path


def holds(folder, word: str) -> list:
    return [path for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


def test_nothing_of_an_erased_customer_stays_in_any_file(root):
    assert len(holds(root, CANARY)) == 3  # the purchases and both scorings
    assert forget(root, CANARY) == {"purchases": 3, "scores": 1}
    assert holds(root, CANARY) == []
    assert forget(root, CANARY) == {}


def test_the_others_keep_their_purchases_and_scores(root):
    before = scores.latest(root / "scores")
    forget(root, CANARY)
    after, lines = scores.latest(root / "scores"), purchase_log.load(root / "purchases")
    assert [one for one in before if one.customer_id != CANARY] == list(after)
    assert (len(lines), lines.customer_ids) == (33, ("", *(f"c{n}" for n in range(11))))
    with pytest.raises(NotFound):
        after.of(CANARY)


def test_a_shop_without_purchases_has_nothing_to_forget(tmp_path):
    assert forget(tmp_path, CANARY) == {}
    assert list(tmp_path.iterdir()) == []
