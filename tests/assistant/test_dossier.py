"""One person under several ids: handed over and erased, beside an import and beside another erasure."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from assistant.customer import identities
from assistant.dossier import Dossiers
from assistant.errors import NotFound
from assistant.store import open_store

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


@pytest.fixture
def dossiers(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'huida.db'}")
    yield Dossiers(store, tmp_path / "customers")
    store.close()


def imported(dossiers, people) -> None:
    root = dossiers.folder / "identities"
    identities.publish(root, identities.merged(identities.load(root), people).met)


def test_of_somebody_imported_alone_the_marks_and_the_other_ids_are_exported(dossiers):
    imported(dossiers, [("ann", "13800138000", "ann@x.cn"), ("ann-2", "138 0013 8000", ""), ("bob", "", "")])
    held = dossiers.export("ann", NOW)
    assert sorted(mark["kind"] for mark in held["identity"]["marks"]) == ["email", "phone"]
    assert held["identity"]["also"] == [{"customer_id": "ann-2", "because": "phone"}]
    assert "13800138000" not in str(held)
    assert dossiers.export("bob", NOW)["identity"] == {"marks": [], "also": []}
    with pytest.raises(NotFound):
        dossiers.export("stranger", NOW)


def test_an_erasure_leaves_none_of_a_persons_ids_and_marks_in_any_file(dossiers):
    imported(dossiers, [("canary-1", "13800138000", ""), ("canary-2", "13800138000", ""), ("bob", "13912345678", "")])
    (dossiers.folder / "identities" / ".incoming-1").mkdir()
    (dossiers.folder / "identities" / ".incoming-1" / "of-a-killed-import").write_text("canary-1")
    assert dossiers.erase("canary-2", "boss", "admin", NOW).counts == {"identities": 2}
    files = [path for path in dossiers.folder.rglob("*") if path.is_file()]
    assert not [path for path in files if b"canary" in path.read_bytes()]
    with pytest.raises(NotFound):
        dossiers.export("canary-1", NOW)
    assert dossiers.export("bob", NOW)["identity"]["marks"]


def test_of_many_erased_at_once_nobody_comes_back(dossiers):
    ids = [f"c{n}" for n in range(12)]
    imported(dossiers, [(who, "", f"{who}@x.cn") for who in ids])
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda who: dossiers.erase(who, "boss", "admin", NOW), ids))
    assert not identities.load(dossiers.folder / "identities").marks
