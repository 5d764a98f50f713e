"""A visitor's conversation id is their secret. What the store, the desk, the audit and the logs know is its SHA-256.

So nobody who reads those can listen or speak as the visitor, and an agent opens a conversation where the audit notes it.
"""

from __future__ import annotations

import base64
import hashlib

N_SECRET_CHARS = 22  # 128 bits in base64url: shorter ids can be guessed, so they open nothing to strangers
_OF_A_VISITOR = ":v"  # ends the name of a visitor's conversation; with its colon it is no secret itself


def is_secret(conversation_id: str) -> bool:
    """Whether the id alone opens its conversation. Channels write name:sender, which a stranger may guess."""
    return len(conversation_id) >= N_SECRET_CHARS and ":" not in conversation_id


def known_as(conversation_id: str) -> str:
    """Return the name under which a client's conversation is kept: ids that are no secrets stay as they are.

    A name that this function made is no way back into its conversation.
    """
    if not is_secret(conversation_id) and not conversation_id.endswith(_OF_A_VISITOR):
        return conversation_id
    digest = hashlib.sha256(f"conversation {conversation_id}".encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=") + _OF_A_VISITOR
