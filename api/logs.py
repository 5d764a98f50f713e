"""The server's log: one line an event with its fields, and no phone, e-mail, identity card or bank card in it.

We log ids and never customers' words; this is for what others say: a library's warning, an exception that quotes its
input, an id that is somebody's phone number. Lines are masked as they are written, tracebacks too.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime

from assistant.entities import EntityExtractor, EntityRules
from assistant.privacy import mask
from assistant.settings import ModelSettings

# an entity is not looked for inside a link; in a log the links are our own paths, with ids in them
_OF_LINKS = re.compile("([/?&=])")
_OURS = {*logging.makeLogRecord({}).__dict__, "message", "asctime", "taskName", "color_message"}


class Masked(logging.Formatter):
    """2026-11-22 08:30:00 WARNING assistant.service: turn saved turn_id=5f0c latency_ms=12.1"""

    def __init__(self, mask: Callable[[str], str]):
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S")
        self._mask = mask

    def formatMessage(self, record: logging.LogRecord) -> str:
        said = {name: value for name, value in record.__dict__.items() if name not in _OURS}
        # libraries keep what is their own under a leading underscore: Ray stamps every record of its process so
        fields = "".join(f" {name}={value}" for name, value in said.items() if not name.startswith("_"))
        return super().formatMessage(record) + fields

    def format(self, record: logging.LogRecord) -> str:
        return "".join(map(self._mask, _OF_LINKS.split(super().format(record))))


def masking(models: ModelSettings) -> Callable[[str], str]:
    """Return the function that masks personal data in any text."""
    extractor = EntityExtractor(EntityRules(models.order_formats, models.time_zone))
    return lambda text: mask(text, extractor.extract(text, datetime.now(UTC)))


def install(models: ModelSettings, level: int = logging.WARNING) -> logging.Handler:
    """Send what all loggers say to standard error, masked; returns the handler."""
    handler = logging.StreamHandler()
    handler.setFormatter(Masked(masking(models)))
    handler.setLevel(level)  # a library that gives its own logger a level of its own passes the root's by
    logging.basicConfig(level=level, handlers=[handler], force=True)
    return handler
