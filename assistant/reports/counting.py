"""Counts to shares with intervals, and the difference of two shares."""

from __future__ import annotations

from math import hypot, sqrt

from assistant.reports.figures import Difference, Share

Z = 1.959964  # the 97.5 % point of the normal distribution: intervals hold 95 in 100
MIN_N = 20  # messages below which a share says too little to be compared


def share(n_hit: int, n: int) -> Share:
    """Wilson's interval (Wilson 1927), which is honest for small n and for shares near 0."""
    if not n:
        return Share(0, 0, 0.0, 0.0, 1.0)
    p, weight = n_hit / n, Z * Z / n
    centre, reach = (p + weight / 2) / (1 + weight), Z * sqrt(p * (1 - p) / n + weight / n / 4) / (1 + weight)
    return Share(int(n), int(n_hit), p, max(0.0, centre - reach), min(1.0, centre + reach))


def difference(dimension: str, name: str, old: Share, new: Share) -> Difference:
    """new - old with Newcombe's interval (Newcombe 1998, method 10), made of the two shares' own."""
    change = new.value - old.value
    low = change - hypot(new.value - new.low, old.high - old.value)
    high = change + hypot(new.high - new.value, old.value - old.low)
    return Difference(dimension, name, old, new, change, low, high)


def is_clear(difference: Difference) -> bool:
    """Whether the change is more than chance would make 19 times in 20."""
    return difference.low > 0 or difference.high < 0
