"""Customer tokens: only what the shop signed, for as long as it said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import Problem
from api.identity import customer_of, sign

KEY, NOW = "a key of the shop", 1_800_000_000.0


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
def test_a_signed_id_comes_back_as_it_was(customer_id):
    assert customer_of(sign(customer_id, int(NOW) + 60, KEY), KEY, NOW) == customer_id


def test_the_signature_is_the_one_that_any_other_language_would_make():
    # printf 'dTE.1800000060' | openssl dgst -sha256 -hmac 'a key of the shop' -binary | base64url
    assert sign("u1", 1_800_000_060, KEY) == "dTE.1800000060.9Fo5JaWHsDk8pLOuEoa71U-MRD7SxMC7FbgsIAoUYXk"


@pytest.mark.parametrize(
    "token",
    [
        "u1",
        "",
        "dTE.1800000060.",
        "dTE.1800000060.AAAA",
        sign("u1", int(NOW) + 60, "another key"),
        sign("u1", int(NOW), KEY),
        sign("u1", int(NOW) + 60, KEY).replace("dTE", "dTI"),
        sign("u1", int(NOW) + 60, KEY).replace("1800000060", "1900000060"),
        sign("u1", int(NOW) + 60, KEY) + ".x",
        "\udc80.1.x",
        "é.1.é",
    ],
)
def test_unsigned_altered_expired_and_foreign_tokens_are_refused(token):
    with pytest.raises(Problem) as refused:
        customer_of(token, KEY, NOW)
    assert (refused.value.status_code, refused.value.field) == (403, "customer_token")


def test_a_server_without_a_key_takes_no_token_at_all():
    with pytest.raises(Problem, match="customer_key"):
        customer_of(sign("u1", int(NOW) + 60, ""), "", NOW)
