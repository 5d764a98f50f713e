"""Fixtures that several packages' tests share."""

import pytest
from hypothesis import settings

from tests import postgres

# no example is too slow: how long one takes says more about the machine's neighbours than about the code
settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")


@pytest.fixture(scope="session")
def postgres_cluster():
    if postgres.programs() is None:
        pytest.fail("PostgreSQL's server is not installed (apt-get install postgresql)", pytrace=False)
    with postgres.running_cluster() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path) -> str:
    """The URL of a new empty database, once on SQLite and once on a real PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'huida.db'}"
    return request.getfixturevalue("postgres_cluster").emptied_database()


@pytest.fixture
def store(database_url):
    from assistant.store import open_store

    store = open_store(database_url)
    yield store
    store.close()
