"""Customers like this one: those who bought and asked alike, with what they have in common and what else they have.

neighbours = fit_similar(log, as_of, asked={"ann": {"refund": 3}})
neighbours.like("ann", 5), neighbours.save(folder), SimilarCustomers.load(folder)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.decomposition import TruncatedSVD

from assistant.customer.purchases import Purchases
from assistant.customer.rankers import faded
from assistant.errors import NotFound
from assistant.head_files import load_head, save_head
from index.dense import MAX_ROWS, Dense

KIND = "similar"
N_DIMENSIONS = 64
HALF_LIFE_DAYS = 365.0  # what somebody bought a year ago says half as much about them
MAX_LEARNED = 150_000  # customers from whom the dimensions are learned: the work of more grows past 2 GiB
BLOCK_ROWS = 50_000  # customers whose vectors are made at once
N_NAMED = 5  # products and intents named for each neighbour, the rarest and latest first


@dataclass(frozen=True, slots=True)
class Neighbour:
    """cosine in [-1, 1]. products, intents: what both bought and asked; other_*: what the neighbour alone did, which
    is what this customer may do next. What fewest others have comes first."""

    customer_id: str
    cosine: float
    products: tuple[str, ...]
    intents: tuple[str, ...]
    other_products: tuple[str, ...]
    other_intents: tuple[str, ...]


class SimilarCustomers:
    """Unit vectors of customers in an exact or, for many, an approximate FAISS index, under their codes."""

    def __init__(
        self, customer_ids: np.ndarray, names: np.ndarray, n_products: int, x: csr_matrix, vectors: np.ndarray
    ):
        """names: products, then intents, the columns of x. vectors: float32 (n, d), 0 for who has no row in x."""
        self._ids, self._names, self._n_products, self._x, self._vectors = customer_ids, names, n_products, x, vectors
        self._code_of = {customer_id: code for code, customer_id in enumerate(customer_ids)}
        self._index: Dense | None = None  # built by the first question: a scoring only saves the vectors

    def like(self, customer_id: str, n: int) -> list[Neighbour]:
        """The n nearest, nearest first, themselves left out.

        Raises NotFound for somebody of whom neither a purchase nor a question is known.
        """
        code = self._code_of.get(customer_id)
        if code is None or not self._x.indptr[code + 1] > self._x.indptr[code]:
            raise NotFound(f"no purchase or question of customer {customer_id!r} is known, so nobody is like them")
        vector = self._vectors[code]
        index = self._built()
        codes = index.nearest(vector[None], n + 1)[0] // MAX_ROWS
        codes = codes[codes != code][:n]
        cosines = index.cosines(vector, codes.tolist())
        order = np.lexsort((codes, -cosines))  # FAISS leaves the order of ties open
        return [self._neighbour(code, int(codes[i]), float(cosines[i])) for i in order]

    def forget(self, customer_id: str) -> None:
        """Remove a customer's vector; somebody unknown has none."""
        if (code := self._code_of.pop(customer_id, None)) is not None:
            self._built().remove(code)
            self._vectors[code] = 0

    def without(self, customer_id: str) -> SimilarCustomers:
        """All others, their vectors as they were: what is saved once a customer was erased."""
        kept = np.flatnonzero(self._ids != customer_id)
        return SimilarCustomers(self._ids[kept], self._names, self._n_products, self._x[kept], self._vectors[kept])

    def save(self, folder: Path) -> str:
        """Write the folder and return the version."""
        arrays = {"vectors": self._vectors, "data": self._x.data, "columns": self._x.indices, "starts": self._x.indptr}
        ids = {name: np.frombuffer("\n".join(names).encode(), np.uint8)
               for name, names in (("ids", self._ids), ("names", self._names))}  # fmt: skip
        return save_head(folder, KIND, arrays | ids, {"n_products": self._n_products})

    @classmethod
    def load(cls, folder: Path) -> SimilarCustomers:
        """Raises ArtifactError when the folder is missing, edited or of another kind."""
        arrays, manifest = load_head(folder, KIND)
        texts = (arrays[name].tobytes().decode() for name in ("ids", "names"))
        ids, names = (np.array(text.split("\n") if text else [], object) for text in texts)
        x = csr_matrix((arrays["data"], arrays["columns"], arrays["starts"]), shape=(len(ids), len(names)))
        return cls(ids, names, manifest.fields["n_products"], x, arrays["vectors"])

    def _built(self) -> Dense:
        if self._index is None:
            known = np.array(
                [code for code in self._code_of.values() if self._x.indptr[code + 1] > self._x.indptr[code]]
            )
            self._index = Dense.build(self._vectors[known], known.tolist())
        return self._index

    def _neighbour(self, code: int, other: int, cosine: float) -> Neighbour:
        theirs = self._x[other]
        rarest = theirs.indices[np.lexsort((theirs.indices, -theirs.data))]
        rarest = rarest[self._names[rarest] != ""]  # order lines without a product
        both, is_product = np.isin(rarest, self._x[code].indices), rarest < self._n_products
        kinds = (both & is_product, both & ~is_product, ~both & is_product, ~both & ~is_product)
        named = (tuple(map(str, self._names[rarest[kind][:N_NAMED]])) for kind in kinds)
        return Neighbour(str(self._ids[other]), cosine, *named)


def fit_similar(
    log: Purchases, as_of: np.datetime64 | str, asked: Mapping[str, Mapping[str, int]] | None = None, seed: int = 0
) -> SimilarCustomers:
    """Learn the vectors: purchases and questions weighed by rarity, reduced to N_DIMENSIONS (Deerwester et al. 1990).

    `asked`: turns by intent of each customer, as in Profile.n_intents; who only asked and never bought counts too.
    """
    asked = asked or {}
    newcomers = sorted(asked.keys() - set(log.customer_ids))
    ids = np.array([*log.customer_ids, *newcomers], object)
    bought = faded(log.until(as_of), as_of, HALF_LIFE_DAYS)
    bought.resize(len(ids), len(log.product_ids))
    questions, intents = _questions(asked, ids)
    x = _rare_first(hstack([bought, questions], format="csr"))
    names = np.array([*log.product_ids, *intents], object)
    return SimilarCustomers(ids, names, len(log.product_ids), x, _vectors(x, seed))


def _vectors(x: csr_matrix, seed: int) -> np.ndarray:
    """float32 (n, N_DIMENSIONS or less), rows of length 1; the dimensions are those of at most MAX_LEARNED rows."""
    n_dimensions = min(N_DIMENSIONS, min(x.shape) - 1)
    if n_dimensions < 2:
        return _unit(x.toarray())
    model = TruncatedSVD(n_dimensions, random_state=seed).fit(x[:: -(-x.shape[0] // MAX_LEARNED)])
    vectors = np.empty((x.shape[0], n_dimensions), np.float32)
    for first in range(0, len(vectors), BLOCK_ROWS):
        some = slice(first, first + BLOCK_ROWS)
        vectors[some] = _unit(model.transform(x[some]))
    return vectors


def _questions(asked: Mapping[str, Mapping[str, int]], ids: np.ndarray) -> tuple[csr_matrix, list[str]]:
    intents = sorted({name for counts in asked.values() for name in counts})
    column = {name: i for i, name in enumerate(intents)}
    row = {customer_id: i for i, customer_id in enumerate(ids)}
    cells = [(row[who], column[name], n) for who, counts in asked.items() for name, n in counts.items() if n]
    rows, columns, counts = (np.array([cell[i] for cell in cells], dtype=np.int64) for i in range(3))
    return csr_matrix((np.log1p(counts), (rows, columns)), shape=(len(ids), len(intents)), dtype=np.float32), intents


def _rare_first(x: csr_matrix) -> csr_matrix:
    """Weighed by ln(customers / customers with it) + 1, so that what everybody buys says little."""
    n_with = np.bincount(x.indices, minlength=x.shape[1])
    return (x @ diags(np.log(x.shape[0] / np.maximum(n_with, 1)) + 1)).tocsr().astype(np.float32)


def _unit(vectors: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(length, 1e-12)).astype(np.float32)
