"""huida user: from an empty data folder to people who sign in, and no longer do."""

import json

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.passwords import verified
from assistant import bootstrap, settings


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run `huida user ...` on an empty data folder."""
    monkeypatch.setenv("HUIDA_DATA_DIR", str(tmp_path / "data"))
    return lambda *arguments, **options: CliRunner().invoke(app, ["user", *arguments], **options)


@pytest.fixture
def read(run):
    """Ask the store of that folder something."""

    def read(question):
        store = bootstrap.open_store(settings.load())
        try:
            with store.read() as uow:
                return question(uow)
        finally:
            store.close()

    return read


def fits(read, name: str, password: str) -> bool:
    return verified(password, read(lambda uow: uow.users.password_hash(name)))[0]


def test_a_user_is_added_with_a_password_that_is_shown_once(run, read):
    added = json.loads(run("add", "Mei", "--display-name", "客服小美", "--json").output)
    assert (added["name"], added["display_name"], added["role"]) == ("mei", "客服小美", "agent")
    assert fits(read, "mei", added["password"]) and added["must_change_password"]
    assert added["password"] not in run("list").output
    assert "客服小美" in run("list").output and "one-time" in run("list").output


def test_a_password_may_come_from_standard_input_and_is_not_shown_then(run, read):
    done = run("add", "boss", "--role", "admin", "--stdin", input="a long sentence of mine\n")
    assert done.exit_code == 0 and "sentence" not in done.output
    assert fits(read, "boss", "a long sentence of mine")
    assert not read(lambda uow: uow.users.get("boss")).must_change_password


def test_a_disabled_user_may_not_sign_in_until_enabled(run, read):
    password = json.loads(run("add", "mei", "--json").output)["password"]
    assert "may not sign in" in run("disable", "mei").output
    assert not fits(read, "mei", password)
    assert run("enable", "MEI").exit_code == 0
    assert fits(read, "mei", password)


def test_a_new_password_takes_the_old_ones_place(run, read):
    old = json.loads(run("add", "mei", "--json").output)["password"]
    new, said = run("password", "mei").output.splitlines()
    assert "asks for another at the first sign-in" in said
    assert read(lambda uow: uow.users.get("mei")).must_change_password
    assert fits(read, "mei", new) and not fits(read, "mei", old)


def test_what_is_done_to_users_is_in_the_audit_without_their_passwords(run, read):
    run("add", "boss", "--role", "admin")
    password = json.loads(run("add", "mei", "--json").output)["password"]
    run("role", "mei", "supervisor")
    run("disable", "mei")
    entries = read(lambda uow: uow.audit.after(0, 10))
    assert [(e.action, e.subject_id) for e in entries] == [
        ("added", "boss"),
        ("added", "mei"),
        ("changed", "mei"),
        ("changed", "mei"),
    ]
    assert password not in str(entries)
    assert read(lambda uow: uow.audit.check()) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["add", "boss"], "already"),
        (["add", "a b"], "not usable"),
        (["add", "li", "--stdin"], "expected 10 to 256"),
        (["disable", "boss"], "last working administrator"),
        (["role", "boss", "agent"], "last working administrator"),
        (["disable", "nobody"], "no user 'nobody'"),
        (["password", "nobody"], "no user 'nobody'"),
    ],
)
def test_a_mistake_gets_one_clear_line_and_changes_nothing(run, read, arguments, message):
    run("add", "boss", "--role", "admin")
    done = run(*arguments, input="short\n")
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert message in done.stderr
    assert [user.name for user in read(lambda uow: uow.users.all())] == ["boss"]
    assert read(lambda uow: uow.audit.check()) == 1
