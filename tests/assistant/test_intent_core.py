import numpy as np

from assistant import intent_core
from assistant.intent_core import IntentCore


def test_many_messages_are_compared_in_pages_and_score_as_one_by_one(monkeypatch):
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((40, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    core = IntentCore(4.0, 4.0).fit(vectors, vectors, np.arange(40) % 4, 4, vectors[:0])
    whole = core.logits(vectors, vectors)
    monkeypatch.setattr(intent_core, "PAGE", 7)
    np.testing.assert_allclose(core.logits(vectors, vectors), whole, atol=1e-6)
