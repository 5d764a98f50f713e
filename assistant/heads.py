"""The heads that read the encoder's vector; each keeps scikit-learn's estimator contract."""

from assistant.intent_head import IntentHead
from assistant.sentiment_head import SentimentHead

__all__ = ["IntentHead", "SentimentHead"]
