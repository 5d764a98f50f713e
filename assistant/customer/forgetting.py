"""One customer taken out of the files of purchases and scores, and out of the earlier versions of both."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from safetensors import SafetensorError
from safetensors.numpy import load_file

from assistant.customer import purchase_log, scores
from assistant.customer.similar import SimilarCustomers
from assistant.errors import ArtifactError, NotFound
from assistant.head_files import WEIGHTS
from index import folder as sealed
from index.errors import CorruptFolder


def forget(root: Path, customer_id: str) -> dict[str, int]:
    """Remove the customer from `root`/purchases and `root`/scores; returns how many lines and scores were theirs.

    Both folders are replaced whole, so a reader sees the old state or the new one. Running it again is safe. What a
    killed import or scoring left goes too, and a scoring that is under way ends without a result.
    """
    for unfinished in (*root.glob("*/.incoming-*"), *root.glob("scores/.run-*"), *root.glob("scores/.models-*")):
        shutil.rmtree(unfinished)
    counts = {"purchases": _from_purchases(root / "purchases", customer_id)}
    counts["scores"] = _from_scores(root / "scores", customer_id)
    return {name: n for name, n in counts.items() if n}


def _from_purchases(root: Path, customer_id: str) -> int:
    lines, n = purchase_log.without_customer(purchase_log.load(root), customer_id)
    if n:
        purchase_log.publish(root, lines)  # removes the versions before it
    return n


def _from_scores(root: Path, customer_id: str) -> int:
    """The scoring goes on without them. Its models had seen their purchases, and say so from now on: `Scores.n_erased`
    counts who was erased since the models were fitted, until the next scoring fits them anew."""
    n = 0
    try:
        latest, live = scores.latest(root), sealed.current(root)
        n = int(customer_id in latest.customer_ids)
        if customer_id in _ids(live, customer_id):
            with TemporaryDirectory(prefix=".models-", dir=root) as models:
                _models_without(live, customer_id, Path(models))
                scores.publish(root, latest.without(customer_id), f"without one of {live.name}", Path(models))
    except NotFound:
        pass
    except ArtifactError:  # of another version or damaged: it goes with all it might hold
        (root / sealed.CURRENT).unlink()
    for folder in sealed.versions(root):
        if customer_id in _ids(folder, customer_id):
            shutil.rmtree(folder)
    return n


def _models_without(live: Path, customer_id: str, models: Path) -> None:
    """Copies of what was learned; of the vectors of similar customers, all but theirs."""
    for folder in live.iterdir():
        if folder.name == "similar":
            SimilarCustomers.load(folder).without(customer_id).save(models / folder.name)
        elif folder.is_dir():
            shutil.copytree(folder, models / folder.name)


def _similar(folder: Path) -> tuple[str, ...]:
    try:
        return scores.ids_of(load_file(folder / "similar" / WEIGHTS), "ids")
    except FileNotFoundError:
        return ()


def _ids(folder: Path, but: str) -> tuple[str, ...]:
    """The customers of one scoring; a folder that cannot be read might hold anybody."""
    try:
        sealed.verify(folder, scores.KIND)
        return (*scores.ids_of(load_file(folder / WEIGHTS), "customer_ids"), *_similar(folder))
    except (CorruptFolder, SafetensorError, KeyError):
        return (but,)
