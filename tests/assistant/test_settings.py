import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from assistant.errors import InputError
from assistant.settings import Settings, configs_folder, keys, load

DEFAULT = (configs_folder() / "default.toml").read_text("utf-8")


def written(folder: Path, text: str) -> Path:
    file = folder / "mine.toml"
    file.write_text(text, "utf-8")
    return file


def test_the_defaults_stand_alone():
    settings = load(environment={})
    assert settings.policy.max_wrong_answers == 0.05
    assert settings.database_url == f"sqlite:///{Path.home()}/.local/share/huida/huida.db"
    assert settings.models.userdict == configs_folder().resolve() / "userdict.txt"


def test_the_environment_overrules_the_file_and_the_file_the_defaults(tmp_path):
    file = written(tmp_path, "[server]\nport = 9000\n[policy]\nmax_wrong_answers = 0.02")
    assert load(file, {}).server.port == 9000
    settings = load(file, {"HUIDA_PORT": "9001", "HUIDA_ALLOWED_ORIGINS": "https://a.example https://b.example"})
    assert (settings.server.port, settings.policy.max_wrong_answers) == (9001, 0.02)
    assert settings.server.allowed_origins == ("https://a.example", "https://b.example")


def test_the_file_may_be_named_in_the_environment(tmp_path):
    file = written(tmp_path, "[server]\nport = 9000")
    assert load(environment={"HUIDA_CONFIG": str(file)}).server.port == 9000


def test_paths_in_a_file_start_at_its_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "etc").mkdir()
    file = written(tmp_path / "etc", '[store]\ndata_dir = "data"')
    assert load(file, {}).store.data_dir == tmp_path / "etc" / "data"
    assert load(file, {"HUIDA_DATA_DIR": "here"}).store.data_dir == tmp_path / "here"
    assert load(file, {}).database_url == f"sqlite:///{tmp_path}/etc/data/huida.db"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "[policy]\nmax_wrong_answer = 0.1",
            "mine.toml: [policy] has no key 'max_wrong_answer'; did you mean max_wrong",
        ),
        ("[polcy]\nmax_wrong_answers = 0.1", "mine.toml: there is no table [polcy]; did you mean policy?"),
        ("port = 80", "mine.toml: there is no table [port]; expected one of access, actions, chat, "),
        ("[policy]\nmax_wrong_answers = 5", "[policy] max_wrong_answers = 5: Input should be less than 1"),
        ("[server]\nport = 'http'", "[server] port = 'http': Input should be a valid integer"),
        ("[models]\ntime_zone = 'Mars'", "no time zone is called 'Mars'; expected a name such as Asia/Shanghai"),
        ("[policy\n", "mine.toml is not a TOML file"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_what_was_expected(tmp_path, text, line):
    with pytest.raises(InputError) as caught:
        load(written(tmp_path, text), {})
    assert line in str(caught.value)


def test_a_mistake_in_the_environment_is_named_with_what_was_expected():
    with pytest.raises(InputError, match="HUIDA_MAX_WRONG_ANSWER in the environment.*mean HUIDA_MAX_WRONG_ANSWERS?"):
        load(environment={"HUIDA_MAX_WRONG_ANSWER": "0.1"})
    with pytest.raises(InputError, match="HUIDA_PORT = 'web': Input should be a valid integer"):
        load(environment={"HUIDA_PORT": "web"})


def test_every_mistake_is_told_at_once(tmp_path):
    with pytest.raises(InputError) as caught:
        load(written(tmp_path, "[server]\nport = -1\nprot = 2"), {"HUIDA_N_HITS": "0", "HUIDA_NHITS": "1"})
    assert len(str(caught.value).splitlines()) == 4


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="nowhere.toml cannot be read .No such file"):
        load(tmp_path / "nowhere.toml", {})


def test_settings_are_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        load(environment={}).server.port = 1


def test_every_key_has_a_name_of_its_own_in_the_environment():
    n_fields = sum(len(field.annotation.model_fields) for field in Settings.model_fields.values())
    assert len(keys()) == n_fields


def test_every_key_of_the_shipped_files_says_what_it_means():
    for line in DEFAULT.splitlines():
        if re.match(r"\w+ = ", line):
            assert re.search(r"# .{10}", line), line
    assert {key for _, key in keys().values()} == set(re.findall(r"^(\w+) = ", DEFAULT, re.MULTILINE))


@pytest.mark.parametrize("name", ["postgres", "test"])
def test_the_shipped_examples_load(name):
    assert load(configs_folder() / f"{name}.toml", {}) != load(environment={})
