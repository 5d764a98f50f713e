"""Who to contact today and why: the profiles of the store and the latest scores, joined.

for action in who_to_contact(store, ScoreBook(root), now, n=20): print(action.customer_id, action.step)
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO

from assistant.cells import quoted
from assistant.customer.next_action import NextAction, next_actions
from assistant.customer.profile import Profile
from assistant.customer.score_book import ScoreBook
from assistant.store import Store

HEARD_DAYS = 90  # an issue that nobody raised again for a quarter is no reason to call any more
COLUMNS = ("customer_id", "step", "at_stake_cny", "p_loss", "value_cny", "value_is_known", "why_zh", "why_en")
N_IN_HAND = 300  # as many as the desk's queue shows


def who_to_contact(store: Store, scores: ScoreBook, now: datetime, n: int = 20) -> list[NextAction]:
    """The n customers with most at stake, without those whom an agent has, or who wait for one, at this moment.

    Several ids of one person (identities) are one line, under the id that is scored, or else the one met first.
    """
    with store.read() as uow:
        profiles = list(uow.profiles.since(now - timedelta(days=HEARD_DAYS)))
        in_hand = uow.conversations.in_states(("waiting", "agent"), N_IN_HAND)
    score_of, same = scores.finder(), scores.people.same()

    def person(customer_id: str) -> str:
        return score.customer_id if (score := score_of(customer_id)) else same.get(customer_id, customer_id)

    leave_out = {person(conversation.customer_id) for conversation in in_hand if conversation.customer_id}
    return next_actions(_by_person(profiles, person), scores.latest(), now, n, leave_out)


def _by_person(profiles: Iterable[Profile], person: Callable[[str], str]) -> list[Profile]:
    """One profile a person: the mood is that of the id that wrote last, the open issues are those of all."""
    joined: dict[str, Profile] = {}
    for profile in sorted(profiles, key=lambda profile: profile.last_contact_at):
        who = person(profile.customer_id)
        issues = joined[who].open_issues if who in joined else ()
        joined[who] = replace(profile, customer_id=who, open_issues=(*issues, *profile.open_issues))
    return list(joined.values())


def as_csv(actions: Sequence[NextAction]) -> bytes:
    """The list as UTF-8 with a mark that spreadsheets know it by; no cell is a formula."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for a in actions:
        money = (f"{a.at_stake_cny:.2f}", f"{a.p_loss:.4f}", f"{a.value_cny:.2f}", a.value_is_known)
        why = ("; ".join(w.zh for w in a.reasons), "; ".join(w.en for w in a.reasons))
        writer.writerow([quoted(a.customer_id), a.step, *money, *map(quoted, why)])
    return out.getvalue().encode("utf-8-sig")
