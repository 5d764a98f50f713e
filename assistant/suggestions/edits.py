"""How much an agent changed a suggestion before sending it."""

from __future__ import annotations


def edit_distance(a: str, b: str) -> int:
    """Levenshtein's distance in characters, bit-parallel (Hyyro 2003): 2,000 characters take a millisecond or two."""
    if not a or not b:
        return len(a) + len(b)
    mask = (1 << len(a)) - 1
    places: dict[str, int] = {}
    for i, character in enumerate(a):
        places[character] = places.get(character, 0) | 1 << i
    up, down, distance, last = mask, 0, len(a), 1 << (len(a) - 1)
    for character in b:
        match = places.get(character, 0)
        across = (((match & up) + up) ^ up) | match | down
        right, left = down | ~(across | up) & mask, up & across
        distance += bool(right & last) - bool(left & last)
        right, left = right << 1 | 1, left << 1
        up, down = (left | ~(across | right)) & mask, right & across
    return distance


def kept_share(suggested: str, sent: str) -> float:
    """1 when a suggestion was sent as it stood, 0 when nothing of it was kept."""
    longest = max(len(suggested), len(sent))
    return 1.0 - edit_distance(suggested, sent) / longest if longest else 1.0
