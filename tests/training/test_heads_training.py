"""The fit functions behind `huida train sentiment` and `huida train intents`, on real material and a small encoder."""

import pytest

from assistant.heads import IntentHead
from assistant.settings import configs_folder
from tests.encoders import HashedWords
from training.examples import read_written
from training.intents import none_bank, train_intents
from training.leaks import fingerprint
from training.sentiment import own_messages

ENCODER = HashedWords(16)


def test_own_messages_hold_nothing_of_the_test_topics():
    written = read_written()
    rows = own_messages(written)
    held = {fingerprint(text) for text in written.of("test").texts()}
    assert not held & {fingerprint(text) for text in rows.texts}
    assert 0 < rows.held_out.sum() < len(rows.texts) / 4
    assert not rows.polar.any()


def test_only_messages_that_belong_nowhere_are_in_the_bank():
    bank = none_bank(read_written().of("train", "dev"))
    assert len(bank) > 150 and not set(bank) & set(none_bank(read_written().of("test")))


@pytest.fixture
def small_shop(tmp_path):
    """Four of the demo's intents and its names, so that fitting takes a second."""
    text = (configs_folder() / "intents" / "zh.yml").read_text("utf-8")
    blocks = text.split("\n- ")
    kept = [b for b in blocks[1:] if b.startswith(("intent: invoice", "intent: coupon", "intent: greet", "lookup"))]
    (tmp_path / "shop.yml").write_text("\n- ".join([blocks[0], *kept]), "utf-8")
    return tmp_path / "shop.yml"


def test_intents_are_fitted_from_the_owners_files_and_saved(small_shop, tmp_path):
    report = train_intents(ENCODER, [small_shop], tmp_path / "intents")
    head = IntentHead.load(tmp_path / "intents")
    assert head.classes_ == ("coupon", "greet", "invoice", "out_of_scope")
    assert (report["intents"], report["version"], head.encoder_version) == (3, head.version_, ENCODER.version)
    assert head.gazetteer.names
