"""Under which name a conversation is kept."""

from hypothesis import given
from hypothesis import strategies as st

from assistant.visitors import is_secret, known_as

IDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)
SECRETS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=22, max_size=64)


def test_a_secret_is_kept_under_its_digest():
    assert known_as("Yk3xq8Xr0mJm5cQnqE2v7w") == "r0VJFjgaZYPiu3v5DoC5wGoOCz9USLMiwu_OqnaNEPw:v"


def test_ids_of_the_shops_own_systems_stay_as_they_are():
    assert [known_as(name) for name in ("c1", "13800138000", "rest:a-sender-with-a-long-name")] == [
        "c1",
        "13800138000",
        "rest:a-sender-with-a-long-name",
    ]


@given(SECRETS)
def test_the_name_of_a_conversation_is_no_key_to_it(secret):
    name = known_as(secret)
    assert not is_secret(name) and secret not in name
    assert known_as(name) != name


@given(IDS, IDS)
def test_two_ids_never_share_a_name(one, other):
    assert (known_as(one) == known_as(other)) == (one == other)
