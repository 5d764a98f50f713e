"""What a customer hears who wants a person at an hour when nobody works."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.hours import BusinessHours
from assistant.replies import Replies
from assistant.values import Language, Message

_WORDS = {"zh": ("{m}月{d}日 {t}", "{t}"), "en": ("{t} on {m}/{d}", "{t}")}


@dataclass(frozen=True, slots=True)
class Reception:
    hours: BusinessHours
    replies: Replies

    def closed_text(self, message: Message, language: Language) -> str:
        """The out-of-hours message at the time the message came in, in its language; empty while somebody works.

        `{opens}` in the wording becomes the local time of the next opening, with the day unless that is today.
        """
        at = message.received_at
        if self.hours.is_open(at):
            return ""
        said = self.replies.say("out_of_hours", language, message.conversation_id)
        opens = self.hours.opens(at)
        if opens is None:
            return said.replace("{opens}", "…")
        local, today = opens.astimezone(self.hours.zone), at.astimezone(self.hours.zone).date()
        later, same_day = _WORDS["en" if language == "en" else "zh"]
        words = same_day if local.date() == today else later
        return said.replace("{opens}", words.format(m=local.month, d=local.day, t=f"{local:%H:%M}"))
