"""Numbers of bank cards: the check digit. Source: ISO/IEC 7812-1 annex B (Luhn)."""


def card_check_digit(digits: str) -> str:
    """The digit that follows `digits` (all but the last of a card's number)."""
    doubled = (int(digit) * (1 if place % 2 else 2) for place, digit in enumerate(reversed(digits)))
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)
