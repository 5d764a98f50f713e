"""Every error that this package raises on purpose.

AssistantError
├── InputError          the caller's text, file or setting is not usable
│   └── TooLong         it is longer than the stated cap
├── NotFound            there is nothing under that id
├── OwnedByOther        another agent has the conversation, or nobody took it yet
├── ActionFailed        a look-up in the shop's own system could not be made now
├── ArtifactError       a model or index folder is missing, edited or of another kind
├── Overloaded          the bounded queue is full; try again shortly
└── StoreError          the store cannot be opened, read or written
    ├── Conflict        somebody else changed it first
    ├── StoreBusy       it is locked, restarting or out of reach; try again shortly
    └── StoreFull       there is no room left to write; reading goes on

A message names the value met, the value expected and the way out.
"""


class AssistantError(Exception):
    """Root of the tree: catching it catches everything that is ours and nothing that is a bug."""


class InputError(AssistantError):
    pass


class TooLong(InputError):
    pass


class NotFound(AssistantError):
    pass


class OwnedByOther(AssistantError):
    pass


class ActionFailed(AssistantError):
    pass


class ArtifactError(AssistantError):
    pass


class Overloaded(AssistantError):
    pass


class StoreError(AssistantError):
    pass


class Conflict(StoreError):
    pass


class StoreBusy(StoreError):
    pass


class StoreFull(StoreError):
    pass
