"""Numbers that are missing between their neighbours (断号): what a series of receipts or vouchers must not have."""

from collections.abc import Iterable
from itertools import pairwise


def gaps(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """First and last number of each gap, in order. Before the first and after the last number nothing is missing."""
    return [(low + 1, high - 1) for low, high in pairwise(sorted(set(numbers))) if high - low > 1]
