"""Every setting, read once and frozen: configs/default.toml, over it your TOML file, over that the environment.

    settings = load(Path("my.toml"))
    settings.policy.max_wrong_answers

A key lives in one table of the file (`[policy] max_wrong_answers = 0.03`) and under its own name in the environment
(`HUIDA_MAX_WRONG_ANSWERS=0.03`; lists with spaces between their items). A key that is none is refused by name.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import InputError

PREFIX = "HUIDA_"
_NOT_SETTINGS = {"HUIDA_CONFIG"}  # names the file itself
_SECRETS = {
    "database_url",
    "customer_key",
    "chatwoot_token",
    "chatwoot_secret",
    "order_webhook_secret",
}  # never repeated in a message


class Section(BaseModel):
    """No defaults here: configs/default.toml gives each key its value, unit and reason."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"no time zone is called {name!r}; expected a name such as Asia/Shanghai") from error
    return name


Share = Annotated[float, Field(gt=0, lt=1)]
Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]
Port = Annotated[int, Field(ge=0, le=65_535)]
Words = tuple[str, ...]


class StoreSettings(Section):
    database_url: str
    data_dir: Path
    busy_timeout_ms: Count


class ModelSettings(Section):
    encoder: str
    userdict: Path
    intents: Path
    replies: Path
    order_formats: Words
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    n_threads: Count


class FaqSettings(Section):
    n_hits: Count
    n_index_versions: Count


class PolicySettings(Section):
    max_wrong_answers: Share


class ChatSettings(Section):
    n_context_turns: Count
    max_text_chars: Count
    max_id_chars: Count


class ChatwootSettings(Section):
    chatwoot_url: str
    chatwoot_token: str
    chatwoot_secret: str
    chatwoot_suggestions: bool


class DeskSettings(Section):
    open_hours: Words
    closed_days: Words


class ActionSettings(Section):
    order_intents: Words
    order_webhook_url: str
    order_webhook_secret: str
    webhook_timeout_s: Seconds
    webhook_retries: Annotated[int, Field(ge=0, le=5)]
    webhook_allow_private: bool


class ServerSettings(Section):
    host: str
    port: Port
    workers: Annotated[int, Field(ge=0, le=64)]
    max_body_bytes: Count
    request_timeout_s: Seconds
    max_in_flight: Count
    max_live: Count
    requests_per_minute: Annotated[int, Field(ge=0)]
    max_import_bytes: Count
    allowed_origins: Words
    trusted_proxies: Words
    customer_key: str


class AccessSettings(Section):
    session_hours: Annotated[float, Field(gt=0, le=24 * 365)]
    sign_ins_per_address: Count
    sign_ins_per_account: Count
    desk_origins: Words


class PrivacySettings(Section):
    retention_days: Annotated[int, Field(ge=0)]


class Settings(Section):
    store: StoreSettings
    models: ModelSettings
    faq: FaqSettings
    policy: PolicySettings
    chat: ChatSettings
    actions: ActionSettings
    chatwoot: ChatwootSettings
    desk: DeskSettings
    server: ServerSettings
    access: AccessSettings
    privacy: PrivacySettings

    @property
    def database_url(self) -> str:
        """The database: the one named, or a SQLite file in the data folder."""
        return self.store.database_url or f"sqlite:///{self.store.data_dir / 'huida.db'}"


def configs_folder() -> Path:
    """The folder of the shipped configuration: inside the installed package, or beside it in a source tree."""
    package = Path(__file__).parent
    installed = package / "configs"
    return installed if installed.is_dir() else package.parent / "configs"


def load(file: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; `file` (or HUIDA_CONFIG) holds only what differs from configs/default.toml.

    Relative paths in a file start at the file's folder, those in the environment at the working folder. Raises
    InputError, one line for each key that is unknown or not usable: where it stands, its value, what was expected.
    """
    environment = os.environ if environment is None else environment
    if file is None and environment.get("HUIDA_CONFIG"):
        file = Path(environment["HUIDA_CONFIG"])
    values: dict[str, dict[str, Any]] = {section: {} for section in Settings.model_fields}
    origins: dict[tuple[str, str], str] = {}
    problems: list[str] = []
    for path in [configs_folder() / "default.toml", *([file] if file else [])]:
        for section, key, value in _entries(path, problems):
            values[section][key], origins[section, key] = value, f"{path}: [{section}] {key}"
    for name, (section, key), value in _from_environment(environment, problems):
        values[section][key], origins[section, key] = value, name
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        problems += [_said(problem, origins) for problem in error.errors()]
    if problems:
        raise InputError("\n".join(problems))
    return settings


def keys() -> dict[str, tuple[str, str]]:
    """Every key by its name in the environment: {"HUIDA_DATA_DIR": ("store", "data_dir"), ...}."""
    sections = {name: field.annotation.model_fields for name, field in Settings.model_fields.items()}
    return {PREFIX + key.upper(): (name, key) for name, fields in sections.items() for key in fields}


def _entries(path: Path, problems: list[str]) -> Iterator[tuple[str, str, Any]]:
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); give the path of a TOML file") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path} is not a TOML file: {error}") from error
    known = set(keys().values())
    for section, entries in tables.items():
        if section not in Settings.model_fields or not isinstance(entries, dict):
            problems.append(f"{path}: there is no table [{section}]{_like(section, Settings.model_fields)}")
            continue
        for key, value in entries.items():
            if (section, key) not in known:
                inside = [k for s, k in known if s == section]
                problems.append(f"{path}: [{section}] has no key {key!r}{_like(key, inside)}")
            else:
                yield section, key, _path_from(path.parent.resolve(), section, key, value)


def _from_environment(
    environment: Mapping[str, str], problems: list[str]
) -> Iterator[tuple[str, tuple[str, str], Any]]:
    known = keys()
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in _NOT_SETTINGS:
            if name not in known:
                problems.append(f"{name} in the environment is no setting{_like(name, known)}")
                continue
            section, key = known[name]
            is_list = _annotation(section, key) == Words
            value = tuple(environment[name].split()) if is_list else environment[name]
            yield name, (section, key), _path_from(Path.cwd(), section, key, value)


def _annotation(section: str, key: str) -> Any:
    return Settings.model_fields[section].annotation.model_fields[key].annotation


def _path_from(folder: Path, section: str, key: str, value: Any) -> Any:
    return folder / Path(value).expanduser() if _annotation(section, key) is Path and isinstance(value, str) else value


def _like(name: str, known) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else f"; expected one of {', '.join(sorted(known))}"


def _said(problem: Mapping[str, Any], origins: Mapping[tuple[str, str], str]) -> str:
    section, key = (*problem["loc"], "")[:2]
    where = origins.get((section, key), f"[{section}] {key}")
    met = "" if key in _SECRETS else f" = {problem['input']!r}"
    return f"{where}{met}: {problem['msg']}"
