"""Signing in, staying signed in, and no longer being so."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import text

from api import passwords
from api.sessions import COOKIE, CSRF_HEADER
from assistant.store.users import User

PASSWORD = "k7mx-p3vd-9wqs-t6hn"
QUICK = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=1_024, parallelism=1),))
HASHED = QUICK.hash(PASSWORD)
OURS = {"Origin": "http://testserver"}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """The same argon2id with a small memory: these tests sign in a hundred times."""
    monkeypatch.setattr(passwords, "_hasher", lambda: QUICK)
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()


@pytest.fixture
def mei(parts):
    """An agent with a password."""
    with parts.store.begin() as uow:
        uow.users.add(User("mei", "小美", "agent", datetime.now(UTC)), HASHED)
    return parts.store


def sign_in(client, name="mei", password=PASSWORD, headers=OURS):
    return client.post("/v1/session", json={"name": name, "password": password}, headers=headers)


def again(app, client, address="203.0.113.9") -> TestClient:
    """Another browser, at another address."""
    return TestClient(app, client=(address, 50_000), raise_server_exceptions=False, headers=client.headers)


def test_who_signs_in_is_known_from_then_on(client, mei):
    said = sign_in(client).json()
    assert said["user"] == {"name": "mei", "display_name": "小美", "role": "agent"}
    assert client.get("/v1/session").json() == said
    assert client.get("/v1/conversations").status_code == 200
    assert client.get("/v1/users").status_code == 403


def test_the_name_may_be_typed_in_any_width_and_case(client, mei):
    assert sign_in(client, " ＭＥＩ ").status_code == 200


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("mei", "wrong"),
        ("mei", ""),
        ("mei", PASSWORD + " "),
        ("nobody", PASSWORD),
        ("' OR 1=1 --", "x"),
        pytest.param("mei", HASHED, id="mei-the hash itself"),  # salted anew in each process
    ],
)
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(client, mei, name, password):
    answer = sign_in(client, name, password)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "bad_credentials")
    assert "set-cookie" not in answer.headers


def test_the_cookie_is_for_no_script_and_no_other_site(client, mei):
    cookie = sign_in(client).headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=strict", "path=/", "max-age=43200"))
    assert "secure" not in cookie
    secure = sign_in(client, headers={"Origin": "https://testserver"}).headers["set-cookie"]
    assert "Secure" in secure


@pytest.mark.parametrize("headers", [{}, {"Origin": "null"}, {"Origin": "https://evil.example"}, {"Origin": "http:"}])
def test_no_other_page_signs_anybody_in(client, mei, headers):
    answer = sign_in(client, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "bad_origin")


def test_the_desk_behind_a_proxy_is_known_by_its_named_origin(app, client, mei):
    app.state.desk_origins = ("https://desk.example",)
    assert sign_in(client, headers={"Origin": "https://desk.example"}).status_code == 200
    assert sign_in(client, headers={"Origin": "https://desk.example.evil.example"}).status_code == 403


def test_the_store_knows_neither_password_nor_session_nor_csrf_token(client, mei):
    csrf = sign_in(client).json()["csrf"]
    with mei.read() as uow:
        kept = str([uow.connection.execute(text(f"SELECT * FROM {t}")).all() for t in ("users", "sessions", "audit")])
    assert "argon2id" in kept
    assert not [secret for secret in (PASSWORD, client.cookies[COOKIE], csrf) if secret in kept]


def test_signing_out_makes_the_session_worthless(app, client, mei):
    client.headers[CSRF_HEADER] = sign_in(client).json()["csrf"]
    client.headers |= OURS
    stolen = again(app, client)
    stolen.cookies.set(COOKIE, client.cookies[COOKIE])
    assert stolen.get("/v1/session").status_code == 200
    assert client.delete("/v1/session").status_code == 204
    assert COOKIE not in client.cookies
    assert stolen.get("/v1/session").status_code == 401


def test_a_new_password_ends_every_session_but_the_one_that_changed_it(app, client, mei):
    elsewhere = again(app, client)
    sign_in(elsewhere)
    client.headers |= OURS | {CSRF_HEADER: sign_in(client).json()["csrf"]}
    old = client.cookies[COOKIE]
    answer = client.post("/v1/session/password", json={"old": PASSWORD, "new": "another long one"})
    assert answer.status_code == 200 and client.cookies[COOKIE] != old
    assert client.get("/v1/session").json() == answer.json()
    assert elsewhere.get("/v1/session").status_code == 401
    assert sign_in(elsewhere).status_code == 401
    assert sign_in(elsewhere, password="another long one").status_code == 200


def test_a_password_is_changed_by_its_owner_alone_and_not_for_a_weak_one(client, mei):
    client.headers |= OURS | {CSRF_HEADER: sign_in(client).json()["csrf"]}
    change = lambda **body: client.post("/v1/session/password", json=body)  # noqa: E731
    assert change(old="wrong", new="another long one").status_code == 401
    assert change(old=PASSWORD, new="short").json()["error"]["message"].startswith("the password has 5 characters")
    assert change(old=PASSWORD, new="x" * 257).status_code == 422
    assert change(old=PASSWORD, new="MEI-2026!!!!").status_code == 422
    assert change(old=PASSWORD, new="another long one", role="admin").status_code == 422
    assert sign_in(client).status_code == 200


def test_a_password_that_somebody_else_drew_opens_nothing_but_the_change_of_it(app, client, mei):
    with mei.begin() as uow:
        uow.users.change("mei", must_change_password=True)
    session = sign_in(client).json()
    assert session["must_change_password"] is True
    client.headers |= OURS | {CSRF_HEADER: session["csrf"]}
    for method, path in (("GET", "/v1/desk/queue"), ("GET", "/v1/desk/events"), ("GET", "/v1/conversations")):
        refused = client.request(method, path)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "password_must_change")
    assert client.get("/v1/session").json() == session
    same = client.post("/v1/session/password", json={"old": PASSWORD, "new": PASSWORD})
    assert same.status_code == 422 and "choose another" in same.json()["error"]["message"]
    changed = client.post("/v1/session/password", json={"old": PASSWORD, "new": "another long one"})
    assert (changed.status_code, changed.json()["must_change_password"]) == (200, False)
    assert client.get("/v1/desk/queue").status_code == 200
    assert sign_in(client, password="another long one").json()["must_change_password"] is False


def test_who_does_not_change_a_drawn_password_can_still_sign_out(client, mei):
    with mei.begin() as uow:
        uow.users.change("mei", must_change_password=True)
    client.headers |= OURS | {CSRF_HEADER: sign_in(client).json()["csrf"]}
    assert client.delete("/v1/session").status_code == 204
    assert client.get("/v1/session").status_code == 401


def test_a_session_ends_after_its_hours(client, mei, settings):
    sign_in(client)
    now = datetime.now(UTC)
    with mei.begin() as uow:
        secret = client.cookies[COOKIE]
        ends = timedelta(hours=settings.access.session_hours)
        assert uow.sessions.find(secret, now + ends - timedelta(minutes=1)).name == "mei"
        assert uow.sessions.find(secret, now + ends + timedelta(minutes=1)) is None


def test_the_eleventh_attempt_on_one_account_is_refused_wherever_it_comes_from(app, client, mei):
    for i in range(10):
        assert sign_in(again(app, client, f"203.0.113.{i}"), password="wrong").status_code == 401
    refused = sign_in(again(app, client, "203.0.113.77"))
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_attempts")
    assert refused.headers["retry-after"] == "900"


def test_the_thirty_first_attempt_of_one_address_is_refused_whoever_it_names(app, client, mei):
    guesser = again(app, client)
    statuses = [sign_in(guesser, f"user{i}", "wrong").status_code for i in range(31)]
    assert statuses == [401] * 30 + [429]
    assert sign_in(client).status_code == 200


def test_attempts_sent_at_once_get_no_further_than_one_by_one(client, mei):
    with ThreadPoolExecutor(15) as pool:
        statuses = list(pool.map(lambda _: sign_in(client, password="wrong").status_code, range(15)))
    assert sorted(statuses) == [401] * 10 + [429] * 5


def test_who_gets_in_may_sign_in_as_often_as_they_like(client, mei):
    assert [sign_in(client).status_code for _ in range(12)] == [200] * 12


@settings(max_examples=15)
@given(name=st.text(max_size=80), password=st.text(max_size=80))
def test_whatever_is_typed_signs_nobody_in_and_breaks_nothing(name, password):
    try:
        usable = passwords.usable_name(name)
    except passwords.InputError:
        return
    assert usable == passwords.usable_name(usable) and len(usable) <= 64
    assert passwords.verified(password, HASHED)[0] is False


def test_a_hash_made_with_weaker_settings_is_renewed_at_sign_in(client, parts, monkeypatch):
    with parts.store.begin() as uow:
        uow.users.add(User("old", "Old", "agent", datetime.now(UTC)), HASHED)
    monkeypatch.undo()
    assert sign_in(client, "old").status_code == 200
    with parts.store.read() as uow:
        assert uow.users.password_hash("old").startswith("$argon2id$v=19$m=65536,t=3,p=4$")  # RFC 9106
    assert sign_in(client, "old").status_code == 200


def test_one_time_passwords_are_all_different_and_good_enough_to_be_kept():
    drawn = {passwords.one_time() for _ in range(200)}
    assert len(drawn) == 200
    assert passwords.verified(next(iter(drawn)), passwords.hashed(next(iter(drawn)), "mei"))[0]
