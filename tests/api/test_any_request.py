"""Requests made up from /openapi.json itself, to every route that strangers and callers on this machine may use.

Whatever comes, the answer is one that the document names, and never a fault of ours.
"""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from api.auth import POLICY, Access
from tests.api.conftest import caller_of

ENDLESS = "/v1/conversations/{conversation_id}/events"  # stays open; tests/api/test_live.py reads it
PAGES = {"/", "/docs", "/docs/{name}", "/openapi.json", "/widget.js", "/shop/{name}", "/shop/customers"}
PAGES |= {"/desk", "/desk/{name}", "/reports", "/reports/{name}"}  # for people: the document leaves them out
ROUTES = sorted(
    (path, method.lower())
    for (method, path), access in POLICY.items()
    if access in (Access.OPEN, Access.LOCAL) and path not in {ENDLESS, *PAGES}
)
N_REQUESTS = 10  # to each route: the whole file takes about 20 seconds on an idle core


@pytest.fixture(scope="module")
def caller(shared_app):
    return caller_of(shared_app)  # without its lifespan, which `shared_app` is inside of


@pytest.fixture(scope="module")
def document(caller):
    return caller.get("/openapi.json").json()


@pytest.fixture(scope="module")
def schema(document):
    return schemathesis.openapi.from_dict(document)


@pytest.mark.parametrize(("path", "method"), ROUTES)
def test_any_request_gets_an_answer_that_the_document_names(caller, document, schema, path, method):
    named = set(document["paths"][path][method]["responses"])

    @settings(
        max_examples=N_REQUESTS,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema[path][method].as_strategy())
    def ask(case):
        sent = case.as_transport_kwargs(base_url="http://testserver")
        sent |= {"content": sent.pop("data", None), "cookies": None}
        answer = caller.request(**{name: value for name, value in sent.items() if value is not None})
        assert answer.status_code < 500, (sent, answer.text)
        assert str(answer.status_code) in named, (sent, answer.status_code, answer.text)

    ask()
