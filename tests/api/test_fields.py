"""What goes in and what comes out, by role: no field too many on either side, checked over every route there is."""

from collections.abc import Iterator

import pytest

from api.auth import POLICY, Access
from tests.api.conftest import signed_in, token_of

# never on any route
SECRETS = {"password_hash", "secret", "secret_sha256", "salt", "customer_key", "csrf_token"}
# not for those who are not signed in: what the shop thinks of them, who works on it, and who else there is
SHOPS = {
    "customer_id",
    "owner",
    "owner_name",
    "urgency",
    "n_unread",
    "labels",
    "data",
    "role",
    "profile",
    "orders",
    "p_churn",
    "spend_cny",
    "customer",
    "summary",
    "outcome",
    "users",
}
# for supervisors and administrators alone: who watched whom, and everything of one customer
WATCH = {"subject", "subject_id", "tables", "purchases", "receipt_id", "disabled_at"}
HIDDEN = {
    Access.OPEN: SECRETS | SHOPS | WATCH,
    Access.LOCAL: SECRETS | SHOPS | WATCH,
    Access.AGENT: SECRETS | WATCH,
    Access.PERSON: SECRETS | WATCH,
    Access.SUPERVISOR: SECRETS | {"disabled_at"},
    Access.ADMIN: SECRETS,
}
# signing in tells a person who they are
EXCEPTIONS = {("POST", "/v1/session"): {"role"}}
FREE_FORM = {"/webhooks/rest/webhook", "/model/parse"}  # Rasa's shapes, which clients extend


@pytest.fixture(scope="module")
def description(shared_app):
    return shared_app.openapi()


def names(schema, description, seen=()) -> Iterator[str]:
    """Every property name that a schema can hold, at any depth."""
    if isinstance(schema, list):
        for part in schema:
            yield from names(part, description, seen)
        return
    if not isinstance(schema, dict):
        return
    if reference := schema.get("$ref"):
        name = reference.rsplit("/", 1)[1]
        if name not in seen:
            yield from names(description["components"]["schemas"][name], description, (*seen, name))
        return
    properties = schema.get("properties", {})
    yield from properties
    for part in (*properties.values(), *(value for key, value in schema.items() if key != "properties")):
        yield from names(part, description, seen)


def operations(description) -> Iterator[tuple[tuple[str, str], dict]]:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield (method.upper(), path), operation


def test_no_route_can_answer_with_a_field_above_its_role(description):
    for route, operation in operations(description):
        answers = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
        shown = set(names(answers, description))
        too_much = shown & HIDDEN[POLICY[route]] - EXCEPTIONS.get(route, set())
        assert not too_much, (route, too_much)


def test_no_request_takes_a_field_that_it_does_not_name(description):
    schemas = description["components"]["schemas"]
    for route, operation in operations(description):
        content = operation.get("requestBody", {}).get("content", {})
        reference = content.get("application/json", {}).get("schema", {}).get("$ref")
        if reference and route[1] not in FREE_FORM:
            schema = schemas[reference.rsplit("/", 1)[1]]
            assert schema.get("additionalProperties") is False, route


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/chat", {"conversation_id": "x" * 43, "message_id": "1", "text": "hi", "customer_id": "ann"}),
        ("POST", "/v1/session", {"name": "mei", "password": "x", "role": "admin"}),
        ("POST", "/v1/session/password", {"old": "x", "new": "long enough to be", "role": "admin"}),
        ("POST", "/v1/feedback", {"turn_id": "x", "conversation_id": "x", "vote": "up", "author": "mei"}),
    ],
)
def test_nobody_raises_themselves_by_a_field_of_their_own(shared_app, method, path, body):
    answer = signed_in(shared_app, "agent").request(method, path, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")


def test_an_agents_key_reads_no_more_than_an_agent(shared_app):
    key = token_of(shared_app.state.parts, "agent")
    for path in ("/v1/users", "/v1/audit", "/v1/customers/ann", "/v1/customers/ann/export"):
        assert signed_in(shared_app, "agent").get(path).status_code == 403
        assert signed_in(shared_app, "agent").get(path, headers=key | {"Cookie": ""}).status_code == 403
