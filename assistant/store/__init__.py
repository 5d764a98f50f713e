"""What must outlive the process: conversations, feedback, FAQ, orders, profiles, tokens. Start at `open_store`."""

from assistant.store.store import Store, UnitOfWork, open_store

__all__ = ["Store", "UnitOfWork", "open_store"]
