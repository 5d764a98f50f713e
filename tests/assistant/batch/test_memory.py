"""What earlier parts have read is known to later ones, to all runs alike."""

import pytest

from assistant.batch.memory import LAG, Memory
from assistant.batch.scoring import Read


def read(p=0.5, dated=False):
    return Read("zh", "negative", p, 0.3, 0.2, "complaint", 0.9, ('[{"type":"phone"}]',), "faq-1", 0.7, None, dated)


def test_a_part_knows_what_the_parts_before_the_last_have_read(tmp_path):
    memory = Memory()
    for number in range(3):
        memory.reveal(number)
        memory.learn(number, {f"第{number}\n句": read(number / 10)}, tmp_path / str(number))
    memory.reveal(3)
    assert [memory.known(f"第{number}\n句") for number in range(3)] == [read(0.0), read(0.1), None]
    assert LAG == 2


def test_dates_are_not_remembered(tmp_path):
    memory = Memory()
    memory.learn(0, {"昨天到": read(dated=True)}, tmp_path / "0")
    memory.reveal(LAG)
    assert memory.known("昨天到") is None


@pytest.mark.parametrize("n_before", range(5))
def test_a_run_that_goes_on_after_a_kill_knows_what_an_undisturbed_one_knows(tmp_path, n_before):
    """Four texts are all that there is room for; the fifth part's are not among them."""
    texts = [{f"{part}:{n}": read(part / 10) for n in range(2)} for part in range(5)]
    whole = Memory(max_known=4)
    for number, fresh in enumerate(texts):
        whole.reveal(number)
        whole.learn(number, fresh, tmp_path / str(number))
    again = Memory(max_known=4)
    for number in range(n_before):
        again.recall(number, tmp_path / str(number))
    for number, fresh in list(enumerate(texts))[n_before:]:
        again.reveal(number)
        again.learn(number, fresh, tmp_path / f"again-{number}")
    for memory in (whole, again):
        memory.reveal(9)
    known = [[memory.known(text) for fresh in texts for text in fresh] for memory in (whole, again)]
    assert known[0] == known[1] and sum(map(bool, known[0])) == 4
