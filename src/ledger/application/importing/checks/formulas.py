"""Formulas whose stored result is older than the cells they add up.

A workbook keeps the last result of each formula. Simple ones (sums of ranges, + - * /, ROUND, brackets, cells of the
same sheet) are computed again; anything else is taken by its stored result, and its number is told to the user.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal, DecimalException

from ledger.application.importing.readers.xlsx_marks import cell_place
from ledger.application.importing.tables import CellValue

Cells = Mapping[int, tuple[CellValue, ...]]
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>SUM|ROUND)(?=\()|(?P<cell>\$?[A-Z]{1,3}\$?\d{1,7})|(?P<sign>[-+*/(),:]))"
)
_FORMULA_CHARACTERS_MAX = 300
_RANGE_CELLS_MAX = 200_000
_TOLERANCE = Decimal("0.000001")
_PLACES_MAX = 9


class _NotSimpleError(Exception):
    """A formula that is left to the spreadsheet."""


class Formulas:
    """The formulas of one sheet; `cells` are its stored values by row. The work for one sheet is bounded."""

    def __init__(self, cells: Cells, cells_max: int = 2_000_000) -> None:
        self._cells, self._left = cells, cells_max

    def recomputed(self, formula: str) -> Decimal | None:
        """The result of a simple formula over the stored values; None when it is not simple or the bound is reached."""
        if not formula or len(formula) > _FORMULA_CHARACTERS_MAX or self._left <= 0:
            return None
        reader = _Reader(self._cells)
        try:
            return reader.whole(_tokens(formula.removeprefix("=").upper()))
        except (_NotSimpleError, DecimalException, ValueError, RecursionError):
            return None
        finally:
            self._left -= reader.cells_read


def is_stale(stored: CellValue, result: Decimal | None) -> bool:
    """Whether a stored number differs from the recomputed one by more than arithmetic noise."""
    if result is None or not isinstance(stored, int | Decimal):
        return False
    return abs(Decimal(stored) - result) > _TOLERANCE * max(Decimal(1), abs(result) / 1_000_000)


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _NotSimpleError
        tokens.append(match[0].strip())
        position = match.end()
    return tokens


class _Reader:
    """A reader of sums, products and brackets; every rule of the grammar is a method."""

    def __init__(self, cells: Cells) -> None:
        self._cells, self._at, self.cells_read = cells, 0, 0
        self._tokens: list[str] = []

    def whole(self, tokens: list[str]) -> Decimal:
        """The value of the whole formula."""
        self._tokens = tokens
        result = self._sum()
        if self._at != len(self._tokens):
            raise _NotSimpleError
        return result

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, wanted: str = "") -> str:
        token = self._peek()
        if not token or (wanted and token != wanted):
            raise _NotSimpleError
        self._at += 1
        return token

    def _sum(self) -> Decimal:
        result = self._product()
        while self._peek() in {"+", "-"}:
            result = result + self._product() if self._take() == "+" else result - self._product()
        return result

    def _product(self) -> Decimal:
        result = self._factor()
        while self._peek() in {"*", "/"}:
            result = result * self._factor() if self._take() == "*" else result / self._factor()
        return result

    def _factor(self) -> Decimal:
        sign = self._take()
        rules: dict[str, Callable[[], Decimal]] = {
            "-": lambda: -self._factor(),
            "+": self._factor,
            "(": self._bracket,
            "SUM": self._sum_call,
            "ROUND": self._round_call,
        }
        if sign in rules:
            return rules[sign]()
        if sign[0].isdigit():
            return Decimal(sign)
        if sign in ")*/,:":
            raise _NotSimpleError
        return self._cell(*cell_place(sign))

    def _bracket(self) -> Decimal:
        result = self._sum()
        self._take(")")
        return result

    def _sum_call(self) -> Decimal:
        self._take("(")
        result = Decimal(0)
        while True:
            result += sum(self._argument(), Decimal(0))
            if self._take() == ")":
                return result
            self._at -= 1
            self._take(",")

    def _argument(self) -> Iterator[Decimal]:
        """A range, or one expression; text inside a range counts nothing, as in a spreadsheet."""
        if self._at + 1 < len(self._tokens) and self._tokens[self._at + 1] == ":":
            first, last = cell_place(self._take()), (self._take(":"), cell_place(self._take()))[1]
            if (last[0] - first[0] + 1) * (last[1] - first[1] + 1) > _RANGE_CELLS_MAX:
                raise _NotSimpleError
            for row in range(first[0], last[0] + 1):
                for column in range(first[1], last[1] + 1):
                    yield self._cell(row, column, in_range=True)
        else:
            yield self._sum()

    def _round_call(self) -> Decimal:
        self._take("(")
        value = self._sum()
        self._take(",")
        places = self._sum()
        self._take(")")
        if places != places.to_integral_value() or not 0 <= places <= _PLACES_MAX:
            raise _NotSimpleError
        return value.quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP)

    def _cell(self, row: int, column: int, *, in_range: bool = False) -> Decimal:
        self.cells_read += 1
        cells = self._cells.get(row, ())
        value = cells[column] if column < len(cells) else None
        if isinstance(value, int | Decimal):
            return Decimal(value)
        if value is None or in_range:
            return Decimal(0)
        raise _NotSimpleError
