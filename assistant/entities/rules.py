"""What an owner configures about entities."""

from __future__ import annotations

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from assistant.errors import InputError

_PART = re.compile(r"(?P<kind>[#@]|[A-Za-z0-9-])(?:\{(?P<least>\d{1,2})(?:,(?P<most>\d{1,2}))?\})?")
_CLASSES = {"#": "[0-9]", "@": "[A-Za-z]"}


@dataclass(frozen=True, slots=True)
class EntityRules:
    """order_formats: templates of the shop's order numbers. # is a digit, @ a letter, {11} and {8,12} repeat what stands
    before them, other letters, digits and - stand for themselves. (Templates rather than regular expressions: whatever
    is written here, finding it takes linear time.)
    time_zone: where yesterday begins and ends.
    """

    order_formats: tuple[str, ...] = ("QH#{11}",)
    time_zone: str = "Asia/Shanghai"

    def order_pattern(self) -> re.Pattern[str]:
        """All formats as one pattern; the typist may put a space or a hyphen between the characters."""
        formats = "|".join(map(_compile_format, self.order_formats)) or "(?!)"
        return re.compile(rf"(?<![A-Za-z0-9])(?:{formats})(?![A-Za-z0-9])", re.IGNORECASE | re.ASCII)

    def zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise InputError(f"time_zone {self.time_zone!r} is not known; give a name such as Asia/Shanghai") from error


def _compile_format(template: str) -> str:
    position, parts = 0, []
    while part := _PART.match(template, position):
        unit = _CLASSES.get(part["kind"]) or re.escape(part["kind"])
        least, most = int(part["least"] or 1), int(part["most"] or part["least"] or 1)
        if least > most or most == 0 or (least == 0 and not parts):
            break
        parts += [rf"[ -]?{unit}"] * least + [rf"(?>(?:[ -]?{unit})?)"] * (most - least)
        position = part.end()
    if position != len(template) or not parts:
        raise InputError(
            f"order format {template!r} is not understood at character {position + 1}: write # for a digit, @ for a "
            "letter, {11} or {8,12} to repeat, and plain letters, digits and -, as in QH#{11}"
        )
    return "".join(parts).removeprefix("[ -]?")
