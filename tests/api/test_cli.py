"""The command line: grouped help, one clear line for every mistake, JSON for machines."""

import json
import os
import signal
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from api.cli import app
from assistant.store import open_store
from training.load import chat_load, demo_server

HEAVY = ("numpy", "fastapi", "onnxruntime", "faiss", "sklearn", "sqlalchemy", "torch")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command on an empty data folder of its own."""
    monkeypatch.setenv("HUIDA_DATA_DIR", str(tmp_path / "data"))
    return lambda *arguments, **options: CliRunner().invoke(app, list(arguments), **options)


def test_help_groups_the_commands_and_loads_nothing_heavy():
    program = f"""
import sys
from typer.testing import CliRunner
from api.cli import app
print(CliRunner().invoke(app, ["--help"]).output)
print("loaded:", [name for name in {HEAVY} if name in sys.modules])
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert "loaded: []" in said
    for word in ("Talk", "What it knows", "Training and figures", "Operation", "serve", "demo", "bench", "token"):
        assert word in said


@pytest.mark.parametrize("command", ["faq", "train", "models", "db", "token"])
def test_a_group_without_a_command_shows_its_help(run, command):
    assert "Usage" in run(command).output


def test_a_token_is_shown_once_listed_without_its_secret_and_worthless_after_it_is_revoked(run, tmp_path):
    made = json.loads(run("token", "create", "shop", "--json").stdout)
    listed = run("token", "list", "--json").stdout
    assert made["secret"] not in listed and json.loads(listed)["name"] == "shop"
    assert run("token", "revoke", made["token_id"]).exit_code == 0
    with open_store(f"sqlite:///{tmp_path}/data/huida.db").read() as uow:
        assert uow.tokens.find(made["secret"]) is None


def test_a_token_that_is_none_is_one_line_and_exit_status_1(run):
    done = run("token", "revoke", "nobody")
    assert (done.exit_code, done.stderr) == (1, "huida: there is no working token 'nobody'\n")


def test_an_empty_database_is_brought_up_to_date_and_stays_so(run):
    first, second = (json.loads(run("db", "upgrade", "--json").stdout) for _ in range(2))
    assert first["before"] is None
    assert second["before"] == second["after"] == first["after"]


def test_an_empty_faq_lists_nothing(run):
    done = run("faq", "list", "--json")
    assert (done.exit_code, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (["token", "list"], {"HUIDA_DATABASE_URL": "mysql://x"}, "mysql"),
        (["token", "list"], {"HUIDA_PROT": "1"}, "HUIDA_PORT"),
        (["token", "list"], {"HUIDA_PORT": "many"}, "HUIDA_PORT = 'many'"),
        (["token", "list", "--config", "/nowhere.toml"], {}, "/nowhere.toml"),
        (["token", "list"], {"HUIDA_DATA_DIR": "/proc/huida"}, "HUIDA_DATA_DIR"),
        (["token", "customer", "u1"], {}, "customer_key"),
        (["faq", "import", "/nowhere.csv"], {}, "/nowhere.csv"),
        (["faq", "search", " "], {}, "the query is empty"),
        (["parse", " "], {}, "the text is empty"),
    ],
)
def test_a_mistake_ends_in_one_line_that_names_it(run, monkeypatch, arguments, environment, said):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    done = run(*arguments)
    assert done.exit_code == 1
    assert done.stderr.startswith("huida: ") and said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_unknown_command_is_refused_with_status_2(run):
    assert run("fly").exit_code == 2


def test_a_port_in_use_is_one_line_from_the_real_program(tmp_path):
    from api.server import listen

    with listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "api", "serve", "--port", port],
            env={**os.environ, "HUIDA_DATA_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"huida: cannot listen on 127.0.0.1 port {port} (Address already in use); choose another with --port or --host"
    ]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_demo_answers_ends_when_told_to_and_leaves_nothing_behind(tmp_path, how):
    place = {"TMPDIR": str(tmp_path), "HUIDA_DATA_DIR": str(tmp_path / "data")}
    with demo_server(place) as server:
        assert len(list(tmp_path.glob("huida-demo-*"))) == 1
        load = chat_load(server.address, ["怎么退货", "how do I return this"], n_connections=2, n_turns=6, max_s=60)
        assert (len(load.seconds), load.n_failed) == (6, 0)
        assert server.resident_mib() > 50
        server.process.send_signal(how)
        assert server.process.wait(60) == 0
    assert list(tmp_path.iterdir()) == []
