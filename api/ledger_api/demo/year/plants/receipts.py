"""A receipt number that is missing between its neighbours (票据跳号): what a receipt system's export must not have."""

from collections.abc import Sequence
from typing import Final

_FEWEST: Final = 3


def drop_numbers(numbers: Sequence[str]) -> list[str]:
    """The numbers of a year's receipts without the one in the middle; fewer than three are left as they are.

    The first and the last stay, so that the gap has an end on either side.
    """
    if len(numbers) < _FEWEST:
        return list(numbers)
    middle = len(numbers) // 2
    return [*numbers[:middle], *numbers[middle + 1 :]]
