"""Who is the same person: customer ids that share a phone or an e-mail address, merged with a report.

    met = identities.load(root)
    done = merged(met, [("c1", "138 0013 8000", ""), ("c7", "+86 13800138000", "")], salt)
    identities.publish(root, done.met);  done.met.same["c7"] == "c1"
    log = purchase_log.sales(joined(lines, done.met.same))

Nothing is rewritten: lines and conversations keep the id they came with and are only read under the first id of the
person, so a wrong merge is undone by importing the corrected file. Of phones and addresses only salted hashes are kept.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from assistant.customer.purchase_log import Lines
from assistant.errors import ArtifactError
from assistant.head_files import WEIGHTS, save_head
from index import folder as sealed
from index.errors import CorruptFolder

KIND = "identities"
MAX_SHARED = 5  # more ids than this under one phone are a shop's own number or a placeholder, and nobody's identity
_MIN_DIGITS = 7  # of a phone; less is an extension or a typing error
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class Met:
    """marks: customer id -> hashes of their phone and address, in the order in which the ids were first met.

    kinds: hash -> "phone" or "email", for those that say it: files of earlier versions do not.
    """

    salt: str
    marks: Mapping[str, frozenset[str]]
    kinds: Mapping[str, str] = field(default_factory=dict)

    @property
    def same(self) -> dict[str, str]:
        """Customer id -> the first id of the same person, for those who have another one."""
        first = _first_ids(self.marks)
        return {who: one for who, one in first.items() if who != one}


@dataclass(frozen=True, slots=True)
class Link:
    """`customer_id` is read as `merged_into` from now on, because of what it shares ("phone" or "email")
    with an id of that person; because: "" if not known."""

    customer_id: str
    merged_into: str
    because: str


@dataclass(frozen=True, slots=True)
class Alias:
    """Another id of the same person, which shares its phone or e-mail with one of theirs; because: "" if not known."""

    customer_id: str
    because: str


@dataclass(frozen=True, slots=True)
class MergeReport:
    """n_shared: phones and addresses that more than MAX_SHARED ids have and that therefore merge nobody."""

    met: Met
    n_people: int  # rows read
    n_unusable: int  # rows without a phone or address that can be read
    links: tuple[Link, ...]
    n_shared: int


def merged(met: Met, people: Iterable[tuple[str, str, str]]) -> MergeReport:
    """Take in (customer id, phone, e-mail) rows; a row for an id met before replaces what was known of it."""
    marks, kinds, n, n_unusable = dict(met.marks), dict(met.kinds), 0, 0
    for who, phone, email in people:
        n += 1
        found = {kind: value for kind, value in (("phone", phone_of(phone)), ("email", email_of(email))) if value}
        hashes = {_hash(met.salt, value): kind for kind, value in found.items()}
        kinds |= hashes
        marks[who] = frozenset(hashes)
        n_unusable += not hashes
    done = replace(met, marks=marks, kinds=kinds)
    before, owners = met.same, _owners(marks)
    links = (Link(who, one, _because(done, who, owners)) for who, one in done.same.items() if before.get(who) != one)
    n_shared = sum(len(ids) > MAX_SHARED for ids in owners.values())
    return MergeReport(done, n, n_unusable, tuple(links), n_shared)


def phone_of(cell: str) -> str:
    """Digits without the trunk and country code of China; "" for what is no phone."""
    digits = re.sub(r"\D", "", cell)
    digits = re.sub(r"^(00)?86(?=1\d{10}$)", "", digits)
    usable = len(digits) >= _MIN_DIGITS and len(set(digits)) > 2  # 00000000 and 13333333333 are placeholders
    return digits if usable else ""


def email_of(cell: str) -> str:
    text = cell.strip().casefold()
    return text if _EMAIL.fullmatch(text) else ""


def joined(lines: Lines, same: Mapping[str, str]) -> Lines:
    """The lines under the first id of each person."""
    places = {who: place for place, who in enumerate(lines.customer_ids)}
    for one in dict.fromkeys(same.values()):
        places.setdefault(one, len(places))
    code_of = np.array([places[same.get(who, who)] for who in places], np.int32)
    return replace(lines, customer=code_of[lines.customer], customer_ids=tuple(places))


def ids_of_person(root: Path, customer_id: str) -> list[str]:
    """All ids under which this customer is known, their own first."""
    same = load(root).same
    one = same.get(customer_id, customer_id)
    others = [who for who in (one, *(who for who, first in same.items() if first == one)) if who != customer_id]
    return [customer_id, *others]


def also_known(met: Met) -> dict[str, tuple[Alias, ...]]:
    """The other ids of each person, by every id of theirs; who has one id alone is not in it."""
    persons, owners = defaultdict(list), _owners(met.marks)
    for who, one in _first_ids(met.marks).items():
        persons[one].append(who)
    found = {}
    for ids in persons.values():
        known = [Alias(who, _because(met, who, owners)) for who in ids]
        found |= {who: tuple(one for one in known if one.customer_id != who) for who in ids if len(ids) > 1}
    return found


def _because(met: Met, who: str, owners: Mapping[str, list[str]]) -> str:
    shared = {met.kinds.get(mark, "") for mark in met.marks[who] if 1 < len(owners[mark]) <= MAX_SHARED}
    return next((kind for kind in ("phone", "email") if kind in shared), "")


def forget(root: Path, customer_id: str) -> int:
    """Remove what is known of an id; returns whether it was known."""
    met = load(root)
    if customer_id not in met.marks:
        return 0
    publish(root, replace(met, marks={who: marks for who, marks in met.marks.items() if who != customer_id}))
    return 1


def load(root: Path) -> Met:
    """Nobody before the first import. Raises ArtifactError when the folder was edited."""
    if not (root / sealed.CURRENT).exists():
        return Met(secrets.token_hex(16), {})
    try:
        folder = sealed.current(root)
        said = sealed.verify(folder, KIND)
        text = load_file(folder / WEIGHTS)["marks"].tobytes().decode()
    except (CorruptFolder, SafetensorError) as error:
        raise ArtifactError(f"{error} (or import your customers again into an empty data folder)") from error
    kinds: dict[str, str] = {}
    marks: dict[str, frozenset[str]] = {}
    for line in filter(None, text.split("\n")):
        who, *cells = line.split("\t")
        told = [cell.partition("=")[::2] for cell in cells]  # earlier versions wrote the mark alone
        marks[who] = frozenset(mark for mark, _ in told)
        kinds |= {mark: kind for mark, kind in told if kind}
    return Met(said["salt"], marks, kinds)


def publish(root: Path, met: Met) -> str:
    """Make this the live folder and remove the ones before it."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    incoming = root / f".incoming-{os.getpid()}"
    shutil.rmtree(incoming, ignore_errors=True)
    named = {mark: f"{mark}={kind}" for mark, kind in met.kinds.items()}
    text = "\n".join(
        "\t".join([who, *(named.get(mark, mark) for mark in sorted(marks))]) for who, marks in met.marks.items()
    )
    version = save_head(incoming, KIND, {"marks": np.frombuffer(text.encode(), np.uint8)}, {"salt": met.salt})
    sealed.publish(root, incoming, version)
    for folder in sealed.versions(root):
        if folder.name != version:
            shutil.rmtree(folder, ignore_errors=True)
    return version


def _first_ids(marks: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """Union by whatever two ids share, over any number of steps; the id met first stands for all."""
    first = {who: who for who in marks}
    order = {who: place for place, who in enumerate(marks)}

    def root(who: str) -> str:
        while first[who] != who:
            first[who] = first[first[who]]
            who = first[who]
        return who

    for ids in _owners(marks).values():
        if len(ids) <= MAX_SHARED:
            ends = sorted({root(who) for who in ids}, key=order.__getitem__)
            first |= dict.fromkeys(ends, ends[0])
    return {who: root(who) for who in marks}


def _owners(marks: Mapping[str, frozenset[str]]) -> dict[str, list[str]]:
    owners = defaultdict(list)
    for who, theirs in marks.items():
        for mark in theirs:
            owners[mark].append(who)
    return owners


def _hash(salt: str, value: str) -> str:
    return hashlib.blake2b(value.encode(), digest_size=12, key=salt.encode()).hexdigest()
