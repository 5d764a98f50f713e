"""The users that an administrator keeps, and what their colleagues see of them."""

import pytest

from tests.api.conftest import signed_in


def sign_in(client, name, password):
    return client.post(
        "/v1/session", json={"name": name, "password": password}, headers={"Origin": "http://testserver"}
    )


def test_an_administrator_adds_changes_and_disables_users_and_all_of_it_is_in_the_audit(app, client, parts):
    admin = signed_in(app, "admin", "boss")
    added = admin.post("/v1/users", json={"name": "Mei", "display_name": "小美"}).json()
    assert (added["name"], added["role"]) == ("mei", "agent")
    assert sign_in(client, "mei", added["password"]).status_code == 200
    assert admin.patch("/v1/users/mei", json={"role": "supervisor"}).json()["role"] == "supervisor"
    assert client.get("/v1/session").status_code == 401  # a new role takes a new session
    assert sign_in(client, "mei", added["password"]).json()["user"]["role"] == "supervisor"
    assert admin.patch("/v1/users/mei", json={"password": "another long one"}).status_code == 200
    assert sign_in(client, "mei", "another long one").status_code == 200
    assert admin.patch("/v1/users/mei", json={"disabled": True}).json()["disabled_at"]
    assert client.get("/v1/session").status_code == 401
    assert sign_in(client, "mei", "another long one").status_code == 401
    assert admin.patch("/v1/users/mei", json={"disabled": False}).status_code == 200
    assert sign_in(client, "mei", "another long one").status_code == 200
    with parts.store.read() as uow:
        entries = uow.audit.after(0, 20)
    assert [(e.actor, e.action, e.subject_id) for e in entries] == [("boss", "added", "mei")] + [
        ("boss", "changed", "mei")
    ] * 4
    assert "another long one" not in str(entries)


def test_a_password_that_an_administrator_knows_is_changed_at_the_next_sign_in(app, client):
    admin = signed_in(app, "admin", "boss")
    must_change = lambda answer: answer.json()["must_change_password"]  # noqa: E731
    assert must_change(admin.post("/v1/users", json={"name": "drawn"}))
    assert must_change(admin.post("/v1/users", json={"name": "given", "password": "a long one of ours"}))
    owns = {"name": "owns", "password": "a long one of theirs", "must_change_password": False}
    assert not must_change(admin.post("/v1/users", json=owns))
    assert must_change(admin.post("/v1/users", json={"name": "tricked", "must_change_password": False}))
    assert must_change(admin.patch("/v1/users/owns", json={"password": "another long one"}))
    assert not must_change(admin.patch("/v1/users/boss", json={"password": "one's own of course"}))


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Boss"},  # taken
        {"name": "a b"},
        {"name": "", "role": "agent"},
        {"name": "x" * 65},
        {"name": "li", "role": "owner"},
        {"name": "li", "password": "short"},
        {"name": "li", "password_hash": "x"},
        {"name": "li", "disabled_at": None},
    ],
)
def test_a_user_that_cannot_be_is_refused_in_one_clear_line(shared_app, body):
    answer = signed_in(shared_app, "admin", "boss").post("/v1/users", json=body)
    assert answer.status_code == 422 and "\n" not in answer.json()["error"]["message"]


def test_the_last_administrator_cannot_be_put_out(app, client):
    admin = signed_in(app, "admin", "boss")
    for change in ({"disabled": True}, {"role": "agent"}):
        assert "last working administrator" in admin.patch("/v1/users/boss", json=change).json()["error"]["message"]
    assert admin.patch("/v1/users/nobody", json={"role": "agent"}).status_code == 404


def test_colleagues_are_those_who_work_here_and_nothing_else_is_said_of_them(app, client):
    admin = signed_in(app, "admin", "boss")
    admin.post("/v1/users", json={"name": "mei", "display_name": "小美"})
    admin.post("/v1/users", json={"name": "gone"})
    admin.patch("/v1/users/gone", json={"disabled": True})
    said = signed_in(app, "agent", "li").get("/v1/desk/colleagues").json()
    assert said["users"] == [
        {"name": "boss", "display_name": "Boss", "role": "admin"},
        {"name": "li", "display_name": "Li", "role": "agent"},
        {"name": "mei", "display_name": "小美", "role": "agent"},
    ]
    assert set(admin.get("/v1/users").json()["users"][0]) == {
        "name",
        "display_name",
        "role",
        "created_at",
        "disabled_at",
        "must_change_password",
    }
