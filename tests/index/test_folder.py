"""Sealed folders: whole and unchanged, or refused."""

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import CorruptFolder, RetrievalError
from index.folder import CURRENT, MANIFEST, current, publish, seal, verify, versions


def _sealed(folder, version="v1", text="hello"):
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text(text, "utf-8")
    (folder / "sub" / "b.bin").write_bytes(bytes(range(256)))
    seal(folder, "demo", version, {"weights": [0.5, 0.25], "note": "中文"})
    return folder


@pytest.fixture
def folder(tmp_path):
    return _sealed(tmp_path / "folder")


def test_a_sealed_folder_returns_its_manifest(folder):
    manifest = verify(folder, "demo")
    assert manifest["version"] == "v1"
    assert manifest["weights"] == [0.5, 0.25]
    assert manifest["note"] == "中文"
    assert set(manifest["files"]) == {"a.txt", "sub/b.bin"}


def test_sealing_the_same_files_twice_writes_the_same_bytes(folder):
    before = (folder / MANIFEST).read_bytes()
    seal(folder, "demo", "v1", {"note": "中文", "weights": [0.5, 0.25]})
    assert (folder / MANIFEST).read_bytes() == before


@pytest.mark.parametrize(
    "damage",
    [
        lambda f: (f / "a.txt").unlink(),
        lambda f: (f / "a.txt").write_text("hellO", "utf-8"),
        lambda f: (f / "a.txt").write_text("hello!", "utf-8"),
        lambda f: (f / "extra.txt").write_text("x", "utf-8"),
        lambda f: (f / MANIFEST).unlink(),
        lambda f: (f / MANIFEST).write_text("{}", "utf-8"),
        lambda f: (f / MANIFEST).write_text("[" * 100_000, "utf-8"),
        lambda f: (f / MANIFEST).write_bytes((f / MANIFEST).read_bytes() + b" "),
        lambda f: (f / MANIFEST).write_text((f / MANIFEST).read_text("utf-8").replace("0.25", "0.75"), "utf-8"),
        lambda f: (f / "link").symlink_to("/etc/hostname"),
    ],
)
def test_a_damaged_folder_is_refused(folder, damage):
    damage(folder)
    with pytest.raises(CorruptFolder, match="folder"):
        verify(folder, "demo")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_changed_byte_is_found(folder, data):
    path = folder / data.draw(st.sampled_from(["a.txt", "sub/b.bin", MANIFEST]))
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    path.write_bytes(whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :])
    try:
        with pytest.raises(CorruptFolder):
            verify(folder, "demo")
    finally:
        path.write_bytes(whole)


def test_a_folder_of_another_kind_is_refused_by_name(folder):
    with pytest.raises(CorruptFolder, match="kind 'demo', expected 'encoder'"):
        verify(folder, "encoder")


def test_a_missing_folder_is_refused_with_its_path(tmp_path):
    with pytest.raises(CorruptFolder, match="nowhere"):
        verify(tmp_path / "nowhere", "demo")


def test_a_manifest_without_the_needed_names_is_refused_even_with_a_right_digest(tmp_path):
    from index.folder import _manifest_bytes

    (tmp_path / MANIFEST).write_bytes(_manifest_bytes({"kind": "demo"}))
    with pytest.raises(CorruptFolder, match="missing"):
        verify(tmp_path, "demo")


def test_publishing_makes_a_version_live_and_keeps_the_earlier_one(tmp_path):
    publish(tmp_path, _sealed(tmp_path / ".incoming-1", "v1"), "v1")
    publish(tmp_path, _sealed(tmp_path / ".incoming-2", "v2", "later"), "v2")
    assert current(tmp_path).name == "v2"
    assert [folder.name for folder in versions(tmp_path)] == ["v2", "v1"]
    assert verify(tmp_path / "v1", "demo")["version"] == "v1"


def test_a_half_written_build_is_never_seen(tmp_path):
    publish(tmp_path, _sealed(tmp_path / ".incoming-1", "v1"), "v1")
    killed = tmp_path / ".incoming-2"  # a writer killed before `seal`
    killed.mkdir()
    (killed / "a.txt").write_text("hal", "utf-8")
    assert current(tmp_path).name == "v1"
    assert [folder.name for folder in versions(tmp_path)] == ["v1"]
    with pytest.raises(CorruptFolder):
        publish(tmp_path, killed, "v2")
    assert current(tmp_path).name == "v1"


def test_a_publication_killed_between_rename_and_pointer_can_be_repeated(tmp_path):
    publish(tmp_path, _sealed(tmp_path / ".incoming-1", "v1"), "v1")
    os.rename(_sealed(tmp_path / ".incoming-2", "v2"), tmp_path / "v2")  # killed here: CURRENT still says v1
    assert current(tmp_path).name == "v1"
    publish(tmp_path, _sealed(tmp_path / ".incoming-3", "v2"), "v2")
    assert current(tmp_path).name == "v2"
    assert not (tmp_path / ".incoming-3").exists()


def test_a_damaged_version_is_replaced_by_publishing_it_again(tmp_path):
    publish(tmp_path, _sealed(tmp_path / ".incoming-1", "v1"), "v1")
    (tmp_path / "v1" / "a.txt").write_text("edited", "utf-8")
    publish(tmp_path, _sealed(tmp_path / ".incoming-2", "v1"), "v1")
    assert verify(current(tmp_path), "demo")["version"] == "v1"


def test_an_intact_version_is_not_overwritten_by_other_content(tmp_path):
    publish(tmp_path, _sealed(tmp_path / ".incoming-1", "v1"), "v1")
    with pytest.raises(RetrievalError, match="another build"):
        publish(tmp_path, _sealed(tmp_path / ".incoming-2", "v1", "other"), "v1")
    assert (tmp_path / "v1" / "a.txt").read_text("utf-8") == "hello"


@pytest.mark.parametrize("pointer", ["", "../elsewhere", "v9", "v1/../v1"])
def test_a_pointer_that_names_no_folder_beside_it_is_refused(tmp_path, pointer):
    publish(tmp_path, _sealed(tmp_path / ".incoming-1", "v1"), "v1")
    (tmp_path / CURRENT).write_text(pointer, "utf-8")
    with pytest.raises(CorruptFolder, match="publish a version"):
        current(tmp_path)


def test_without_a_publication_the_error_says_so(tmp_path):
    with pytest.raises(CorruptFolder, match="nothing was published"):
        current(tmp_path)


def test_the_manifest_is_readable_json(folder):
    assert json.loads((folder / MANIFEST).read_text("utf-8"))["kind"] == "demo"


def test_a_caller_may_not_shadow_the_manifests_own_names(folder):
    with pytest.raises(ValueError, match="files"):
        seal(folder, "demo", "v1", {"files": {}})
