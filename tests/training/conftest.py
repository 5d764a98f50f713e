from tests.assistant.conftest import segmenter

__all__ = ["segmenter"]
