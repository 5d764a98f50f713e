"""The arrows of DESIGN.md, what the wheel carries, and what serving must not import."""

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
import pytest
from hatchling.builders.wheel import WheelBuilder
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PACKAGES = ("assistant", "training", "index", "api")


@pytest.fixture(scope="module")
def wheel():
    """Where each file of the tree lies in the wheel."""
    builder = WheelBuilder(str(ROOT))
    with builder.config.set_build_data({"force_include": {}, "artifacts": []}):
        return {Path(file.distribution_path).as_posix() for file in builder.recurse_included_files()}


def test_every_package_imports_only_what_lies_below_it():
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_logo=True, cache_dir=None) == 0


def test_the_store_knows_errors_values_and_customers_alone():
    graph = grimp.build_graph("assistant", cache_dir=None)
    store = {"assistant.store", *graph.find_descendants("assistant.store")}
    imported = {name for module in store for name in graph.find_modules_directly_imported_by(module)} - store
    assert {name.split(".")[1] for name in imported} == {"errors", "values", "customer"}


def test_the_wheel_carries_code_configuration_and_licence_but_no_tests(wheel):
    for name in PACKAGES:
        assert f"{name}/__init__.py" in wheel
    assert {f"assistant/{path.relative_to(ROOT).as_posix()}" for path in _files("configs")} <= wheel
    assert not [path for path in wheel if path.startswith("tests/") or "node_modules" in path or path.endswith(".pyc")]
    assert {path.split("/")[2] for path in wheel if path.startswith("api/web/")} == {"dist", "docs"}


def test_the_wheel_carries_the_weights_and_the_built_web_pages(wheel):
    for folder in ("assistant/models", "api/web/dist"):
        assert {path.relative_to(ROOT).as_posix() for path in _files(folder)} <= wheel


def test_serving_imports_neither_torch_nor_its_friends():
    heavy = (
        "torch",
        "transformers",
        "sentence_transformers",
        "gensim",
        "pandas",
        "mlxtend",
        "statsmodels",
        "matplotlib",
    )
    script = f"import api.cli, api.app, assistant.bootstrap, sys; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_app_is_imported_before_any_model_is():
    """`huida --help` and a request's schema wait for nothing that only a model needs."""
    late = ("sklearn", "scipy", "pandas", "onnxruntime", "faiss", "tokenizers")
    script = f"import api.cli, api.app, sys; print([m for m in {late!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture
def loaded(tmp_path):
    """The modules of a list that a program has loaded at its end; it starts with `settings`, of an empty data folder."""

    def run(program, *names):
        script = (
            "import sys; from datetime import UTC, datetime; from assistant import bootstrap, settings as s; "
            f"settings = s.load(); {program}; print([name for name in {names!r} if name in sys.modules])"
        )
        environment = {**os.environ, "HUIDA_DATA_DIR": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    return run


def test_a_batch_worker_loads_what_reading_needs_and_no_more(loaded):
    """Each worker pays for every import; the FAQ's libraries are for a shop that has built an index."""
    program = "bootstrap.build_scorer(settings).read([('几天能送到', (739_942,))]); import assistant.batch.pool"
    heavy = (
        "sqlalchemy",
        "fastapi",
        "typer",
        "rich",
        "scipy",
        "sklearn",
        "faiss",
        "bm25s",
        "pypinyin",
        "pandas",
        "torch",
    )
    assert loaded(program, *heavy) == "[]"


def test_the_processes_that_the_command_starts_do_not_load_the_commands(loaded):
    assert loaded("import api.__main__", "typer", "api.cli", "fastapi") == "[]"


def test_a_chat_turn_needs_nothing_that_only_builds_or_imports(loaded):
    """With the demo's index, which is read and not built; Alembic is there because the store is a new one."""
    program = (
        "from assistant.values import Message; parts = bootstrap.build(settings); bootstrap.load_demo(parts); "
        "parts.chat.chat(Message('c', '1', '几天能送到', datetime.now(UTC))); parts.close()"
    )
    assert loaded(program, "scipy", "sklearn", "bm25s", "pandas", "openpyxl", "charset_normalizer", "torch") == "[]"


def test_an_open_store_of_this_version_needs_no_alembic(loaded):
    assert loaded("bootstrap.open_store(settings).close()", "alembic") == "['alembic']"  # an empty one gets its tables
    assert loaded("bootstrap.open_store(settings).close()", "alembic") == "[]"


def test_importing_a_module_starts_no_thread():
    script = "import api.cli, api.app, assistant.bootstrap, threading; print(threading.active_count())"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"


def test_the_core_declares_what_it_imports_and_imports_what_it_declares():
    graph = grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)
    core = [name for name in graph.modules if name.split(".")[0] in ("assistant", "index", "api")]
    imported = {found.split(".")[0] for name in core for found in graph.find_modules_directly_imported_by(name)}
    imported -= {*PACKAGES, *sys.stdlib_module_names, "sentence_transformers"}  # the encoder's door for the train extra
    imported -= {
        "implicit",
        "mlxtend",
        "pandas",
        "pyarrow",
        "ray",
        "statsmodels",
    }  # the extras `customers` and `ray`, imported by the call alone
    # openpyxl, the store, zoneinfo and uvicorn look for these by name
    imported |= {"defusedxml", "pysqlite3", "tzdata", "httptools", "uvloop"}
    distributions = packages_distributions() | {"tzdata": ["tzdata"], "pysqlite3": ["pysqlite3"]}
    provided = {_normal(distributions[name][0]) for name in imported}
    assert provided - {"pydantic-core"} == {_name(need) for need in PROJECT["dependencies"]}


def test_every_dependency_is_pinned():
    pinned = {
        line.split("==")[0] for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if "==" in line
    }
    extras = PROJECT["optional-dependencies"]
    assert {
        _name(need) for need in [*PROJECT["dependencies"], *extras["train"], *extras["customers"], *extras["test"]]
    } <= pinned


def _name(requirement):
    return _normal(re.match("[A-Za-z0-9._-]+", requirement)[0])


def _normal(name):
    return re.sub("[-_.]+", "-", name).lower()


def _files(folder):
    return [p for p in (ROOT / folder).rglob("*") if p.is_file() and "__pycache__" not in p.parts]


def test_no_pattern_repeats_a_group_possessively():
    """Before Python 3.11.5 such a pattern fails where the group begins to match and then does not (python/cpython#106052):
    "yesterday I paid" lost its date. An atomic group, (?>(?:...)*), says the same and is right on all of them."""
    sources = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    possessive = re.compile(r"\)(?:[*+?]|\{[0-9,{}]+\})\+")
    found = [str(path.relative_to(ROOT)) for path in sources if possessive.search(path.read_text("utf-8"))]
    assert len(sources) > 300 and not found
