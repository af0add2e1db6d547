"""Whether the figures of a text add up to another one, each as far as its words reach."""

from collections.abc import Sequence
from fractions import Fraction

from ledger.values.quantities import Quantity, Reading

_Ends = tuple[Fraction, Fraction | None]
"""The least and the most (None: without end), both reached."""


def sum_gap(whole: Quantity, parts: Sequence[Quantity]) -> Fraction | None:
    """How far a whole lies above (negative: below) what its parts come to, 0 where they meet; None where one of them
    is not read as an exact range.
    """
    readings = [one.strict for one in parts]
    strict = [one for one in readings if one is not None]
    if whole.strict is None or len(strict) < len(readings):
        return None
    step = 0 if whole.unit == "percent" else 1
    ends = [_ends(one, step) for one in strict]
    highs = [high for _, high in ends if high is not None]
    together = sum((low for low, _ in ends), Fraction()), sum(highs, Fraction()) if len(highs) == len(ends) else None
    gaps = [_gap(_ends(reading, step), together) for reading in whole.readings]
    return Fraction() if Fraction() in gaps else gaps[0]


def _ends(reading: Reading, step: int) -> _Ends:
    """The ends of a reading of whole fen or pieces (`step` 1), or of ratios (`step` 0)."""
    low = reading.low if reading.has_low else reading.low + step
    return low, reading.high if reading.high is None or reading.has_high else reading.high - step


def _gap(one: _Ends, other: _Ends) -> Fraction:
    """How far one lies above (negative: below) the other; 0 where they meet."""
    if other[1] is not None and one[0] > other[1]:
        return one[0] - other[1]
    if one[1] is not None and one[1] < other[0]:
        return one[1] - other[0]
    return Fraction()
