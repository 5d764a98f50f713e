"""The load generators of `huida bench` against the real app on a real socket."""

import asyncio

import pytest

from assistant.errors import AssistantError
from tests.api.conftest import served, token_of
from training.bench_desk import Size, busy_hour
from training.connections import Connection


def test_a_busy_hour_writes_what_was_asked_for_and_every_stream_hears_all_of_it(parts, app):
    token = token_of(parts, "admin")["Authorization"].split()[1]
    size = Size(n_desks=2, n_conversations=3, pauses_s=(0.06,), n_steady=6, n_fast=9, n_writers=2, settle_s=0)
    with served(app, parts) as address:
        figures = {f.name: f for f in asyncio.run(busy_hour(address, token, size, lambda: 1.0))}
    with parts.store.read() as uow:
        assert uow.turns.count() == 15
    for name in ("refused", "acknowledged, but lost or twice", "not told to a desk", "not told to its visitor"):
        assert figures[name].value == 0, figures[name]
    assert figures["not told to a desk"].how == "of 30"
    assert figures["chat turns at full load"].how.startswith("9 turns, 2 live desks, 3 conversations")


def test_a_busy_hour_ends_with_one_line_when_agents_cannot_sign_in(parts, app):
    app.state.attempts = type(app.state.attempts)(per_address=1, per_account=1)
    token = token_of(parts, "admin")["Authorization"].split()[1]
    with served(app, parts) as address, pytest.raises(AssistantError, match="could not sign in .status 429"):
        asyncio.run(busy_hour(address, token, Size(n_desks=2, settle_s=0), lambda: 1.0))


def test_a_refused_stream_is_an_error_and_not_an_empty_one(parts, app):
    async def first(address):
        return await anext(Connection(address).events("/v1/desk/events"))

    with served(app, parts) as address, pytest.raises(ConnectionRefusedError, match="status 401"):
        asyncio.run(first(address))
