"""Which model serves after promotions and rollbacks: sealed folders that hold a few bytes stand for the weights."""

import pytest

from assistant.artifacts import seal
from assistant.errors import ArtifactError, InputError
from assistant.model_versions import ModelVersions


@pytest.fixture
def versions(tmp_path):
    return ModelVersions(tmp_path / "models", tmp_path / "shipped")


def added(versions: ModelVersions, version: str, encoder: str = "e1", kind: str = "sentiment") -> str:
    folder = versions.root / kind / ".incoming-test"
    folder.mkdir(parents=True)
    (folder / "weights").write_text(version)
    seal(folder, kind, version, {} if kind == "encoder" else {"encoder_version": encoder})
    return versions.add(kind, folder).version


def test_the_shipped_model_serves_until_one_is_promoted(versions):
    added(versions, "a")
    assert versions.live("sentiment", "e1") == versions.shipped / "sentiment"
    versions.promote("sentiment", "a", "e1")
    assert versions.live("sentiment", "e1") == versions.root / "sentiment" / "a"


def test_rolling_back_goes_through_what_served_before_down_to_the_shipped_one(versions):
    for version in ("a", "b"):
        versions.promote("sentiment", added(versions, version), "e1")
    assert versions.rollback("sentiment", "e1") == "b"
    assert versions.live("sentiment", "e1").name == "a"
    assert versions.rollback("sentiment", "e1") == "a"
    assert versions.live("sentiment", "e1") == versions.shipped / "sentiment"
    with pytest.raises(InputError, match="nothing before the shipped one"):
        versions.rollback("sentiment", "e1")
    assert {folder.name for folder in versions.folders("sentiment")} == {"a", "b"}


def test_promoting_twice_is_promoting_once(versions):
    for version in ("a", "a"):
        versions.promote("sentiment", added(versions, version), "e1")
    assert versions.promoted("sentiment") == ["a"]


def test_an_encoder_that_is_rolled_back_has_its_heads_again(versions):
    versions.promote("encoder", added(versions, "e1", kind="encoder"))
    versions.promote("sentiment", added(versions, "of-e1", "e1"), "e1")
    versions.promote("encoder", added(versions, "e2", kind="encoder"))
    assert versions.live("sentiment", "e2") == versions.shipped / "sentiment"
    versions.promote("sentiment", added(versions, "of-e2", "e2"), "e2")
    assert versions.rollback("encoder") == "e2"
    assert versions.live("sentiment", "e1").name == "of-e1"
    assert versions.rollback("sentiment", "e1") == "of-e1"
    assert versions.live("sentiment", "e2").name == "of-e2"


def test_a_head_of_another_encoder_is_refused_with_the_way_out(versions):
    added(versions, "a", "e1")
    with pytest.raises(ArtifactError, match="'e1', the encoder is 'e2'.*huida train sentiment"):
        versions.promote("sentiment", "a", "e2")
    assert versions.promoted("sentiment") == []


def test_an_edited_folder_is_neither_promoted_nor_served_and_can_be_rolled_back(versions):
    versions.promote("sentiment", added(versions, "a"), "e1")
    versions.promote("sentiment", added(versions, "b"), "e1")
    (versions.root / "sentiment" / "b" / "weights").write_text("edited")
    with pytest.raises(ArtifactError, match="weights has 6 bytes.*huida models rollback sentiment"):
        versions.live("sentiment", "e1")
    versions.rollback("sentiment", "e1")
    assert versions.live("sentiment", "e1").name == "a"
    with pytest.raises(ArtifactError, match="weights"):
        versions.promote("sentiment", "b", "e1")
    assert versions.live("sentiment", "e1").name == "a"


def test_a_version_that_is_not_there_is_named_beside_those_that_are(versions):
    added(versions, "a")
    with pytest.raises(InputError, match="no version 'c'.*there is a"):
        versions.find("c")
    assert versions.find("a") == ("sentiment", versions.root / "sentiment" / "a")


def test_a_folder_under_another_name_than_its_version_is_refused(versions):
    added(versions, "a")
    (versions.root / "sentiment" / "a").rename(versions.root / "sentiment" / "z")
    with pytest.raises(ArtifactError, match="holds 'a'"):
        versions.promote("sentiment", "z", "e1")
