"""What processes of one server tell each other, here three in one process."""

import asyncio

from api.limits import Attempts, RateLimit
from api.neighbours import Neighbours, introduced


def heard_by_all(do):
    """Run `do(neighbours)` with three that listen, and let everything said be heard."""

    went_wrong = []

    async def run():
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: went_wrong.append(context))
        three = [Neighbours(number, *ends) for number, ends in enumerate(introduced(3))]
        for one in three:
            one.listen()
        done = do(three)
        await asyncio.sleep(0)  # the event loop looks at its sockets
        await asyncio.sleep(0)
        for one in three:
            one.close()
        return done

    done = asyncio.run(run())
    assert not went_wrong
    return done


def test_what_one_tells_all_others_hear_and_it_does_not():
    heard = []

    def tell(three):
        for one in three:
            one.on("changed", lambda *said, number=one.number: heard.append((number, *said)))
        three[1].tell("changed", "会话", "7")

    heard_by_all(tell)
    assert sorted(heard) == [(0, "会话", "7"), (2, "会话", "7")]


def test_news_that_nobody_waits_for_are_passed_over():
    heard_by_all(lambda three: three[0].tell("weather", "rain"))


def test_more_news_than_an_ear_holds_are_dropped_and_nobody_waits():
    def tell(three):
        for _ in range(100_000):
            three[0].tell("changed")

    heard_by_all(tell)


def test_who_is_left_alone_hears_nothing_more():
    def leave(two):
        for voice in (*two[0]._voices, *two[2]._voices):
            voice.close()

    heard_by_all(leave)


def test_one_alone_tells_nobody():
    assert introduced(1) == [(None, [])]
    Neighbours().tell("changed")


def test_requests_at_all_of_them_count_against_one_limit():
    limits = heard_by_all(_asked)
    assert [limit.allows("203.0.113.7") for limit in limits] == [False, False, False]


def _asked(three):
    limits = [RateLimit(2, one) for one in three]
    assert limits[0].allows("203.0.113.7") and limits[1].allows("203.0.113.7")
    return limits


def test_who_signs_in_at_one_is_forgiven_at_all():
    def sign_in(three):
        attempts = [Attempts(10, 1, one) for one in three]
        assert attempts[0].allows("203.0.113.7", "mei")
        attempts[0].forget("mei")
        return attempts

    assert heard_by_all(sign_in)[2].allows("203.0.113.8", "mei")
