"""Every error that this package raises on purpose.

RetrievalError
├── CorruptFolder       a sealed folder is missing, half written, edited or of another kind
└── IndexMismatch       the index and the encoder (or the query vectors) do not belong together

A message names the value met, the value expected and the way out.
"""


class RetrievalError(Exception):
    """Root of the tree: catching it catches everything that is this package's and nothing that is a bug."""


class CorruptFolder(RetrievalError):
    pass


class IndexMismatch(RetrievalError):
    pass
