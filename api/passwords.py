"""Passwords of the desk's users: argon2id through pwdlib, one-time passwords, and what a password must be.

Source: RFC 9106, section 4 (pwdlib's defaults are its second recommendation: 64 MiB, 3 passes, 4 lanes).
"""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from assistant.errors import InputError

MIN_CHARS, MAX_CHARS = 10, 256
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that look like one another
_MAX_NAME_CHARS = 64


def one_time() -> str:
    """Draw a password to be read from a screen: four groups of four characters, 79 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def hashed(password: str, name: str) -> str:
    """Return the hash to store. Raises InputError for a password that is too short, too long or the name itself."""
    if not MIN_CHARS <= len(password) <= MAX_CHARS:
        raise InputError(f"the password has {len(password)} characters; expected {MIN_CHARS} to {MAX_CHARS}")
    if name in _folded(password) and len(password) < len(name) + MIN_CHARS:
        raise InputError("the password is little more than the user's name; choose another")
    return _hasher().hash(_composed(password))


def verified(password: str, stored: str | None) -> tuple[bool, str | None]:
    """Whether it is this password, and a new hash to store when the old one was made with weaker settings.

    stored: None for a user who may not sign in; it takes as long, so that nobody learns which names exist.
    """
    fits, newer = _hasher().verify_and_update(_composed(password), stored or _nobodys())
    return fits and stored is not None, newer if stored else None


def usable_name(name: str) -> str:
    """Return the name as it is stored: NFKC, without capitals. Raises InputError."""
    folded = _folded(name.strip())
    good = all(letter.isalnum() or letter in "._-@" for letter in folded)
    if not folded or not good or len(folded) > _MAX_NAME_CHARS:
        raise InputError(
            f"the user name {name[:80]!r} is not usable; expected 1 to {_MAX_NAME_CHARS} letters, digits, . _ - or @"
        )
    return folded


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _composed(password: str) -> str:
    """The same bytes whatever keyboard composed its accents: half a surrogate pair becomes a question mark."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "replace").decode()


@cache
def _hasher() -> PasswordHash:
    return PasswordHash((Argon2Hasher(),))


@cache
def _nobodys() -> str:
    return _hasher().hash(secrets.token_urlsafe(32))
