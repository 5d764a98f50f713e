import pytest


@pytest.fixture(scope="session")
def segmenter(tmp_path_factory):
    from assistant.text import Segmenter

    folder = tmp_path_factory.mktemp("jieba")
    folder.chmod(0o700)
    return Segmenter(cache_dir=folder)
