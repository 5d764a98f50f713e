"""The demo shop's data: its FAQ and some orders, from configs/demo, into an empty store."""

from __future__ import annotations

import csv
import secrets
from datetime import UTC, datetime
from pathlib import Path

from assistant.errors import InputError
from assistant.faq import FaqService, Imported
from assistant.faq_files import read_faq
from assistant.settings import Settings
from assistant.store import Store
from assistant.text import language
from assistant.values import CannedReply, Order

CUSTOMERS = {"demo-lin": "林晓", "demo-wang": "王宁", "demo-emma": "Emma"}  # of orders.csv, by customer id


def load_demo(folder: Path, store: Store, faq: FaqService) -> Imported:
    """Import faq_*.csv and orders.csv of the folder; the index is built once, for all of them."""
    files = [read_faq(path, language) for path in sorted(folder.glob("faq_*.csv"))]
    if rejects := [reject for file in files for reject in file.rejects]:
        raise InputError(f"{folder}: row {rejects[0].row} of an FAQ file cannot be used: {rejects[0].reason}")
    with store.begin() as uow:
        uow.orders.put(read_orders(folder / "orders.csv"))
        for reply in read_canned(folder / "canned.csv"):
            uow.canned.put(reply, datetime.now(UTC))
    return faq.import_entries(entry for file in files for entry in file.entries)


def thrown_away(settings: Settings, folder: Path) -> Settings:
    """The settings with database and index in `folder`, a temporary one, and with the owner's own trained models.

    Where no key of a shop is set, one is drawn, so that the demo's customers can be signed in.
    """
    own = settings.store.data_dir.resolve() / "models"
    if own.is_dir():
        (folder / "models").symlink_to(own, target_is_directory=True)
    store = settings.store.model_copy(update={"data_dir": folder, "database_url": ""})
    key = settings.server.customer_key or secrets.token_urlsafe(32)
    server = settings.server.model_copy(update={"customer_key": key})
    return settings.model_copy(update={"store": store, "server": server})


def read_orders(path: Path) -> list[Order]:
    """Read orders from CSV; items have | between them. Raises InputError with the row of the first mistake."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [_order(path, row, cells) for row, cells in enumerate(csv.DictReader(file), start=2)]


def read_canned(path: Path) -> list[CannedReply]:
    """The demo's canned replies; labels have | between them."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        CannedReply(r["shortcut"], r["title"], r["text"], r["language"], tuple(r["labels"].split("|"))) for r in rows
    ]


def _order(path: Path, row: int, cells: dict[str, str]) -> Order:
    try:
        ordered_at = datetime.fromisoformat(cells["ordered_at"])
        if ordered_at.tzinfo is None:
            raise ValueError("ordered_at has no time zone")
        return Order(
            order_no=cells["order_no"],
            customer_id=cells["customer_id"] or None,
            status=cells["status"],
            items=tuple(item.strip() for item in cells["items"].split("|")),
            amount_cny=float(cells["amount_cny"]),
            ordered_at=ordered_at,
            carrier=cells["carrier"],
            tracking_no=cells["tracking_no"],
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise InputError(f"{path}, row {row}: {error!r}; see the heading of configs/demo/orders.csv") from error
