"""Making a year's files: everybody's lists, every month's files, the list of the dead. The book has no part in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from ledger_api.demo.year.deaths import PLANTED, Death, deaths_of, write_list
from ledger_api.demo.year.offices import MonthFiles, Offices
from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.roll import Case, Roll, roll_of
from ledger_api.demo.year.targets import MONTHS, NEXT, RETURNS, TARGETS

_PLANTED_MIN: Final = 3


@dataclass(frozen=True, slots=True)
class Made:
    """A year of files with what they were made from; `months` are by month and then by programme."""

    rolls: tuple[Roll, ...]
    months: tuple[tuple[MonthFiles, ...], ...]
    returned: tuple[Case, ...]
    """Whose payment came back, and was paid again."""
    deaths: tuple[Death, ...]
    death_list: Path | None

    def total_fen(self) -> int:
        """What all batches promise, next January's included."""
        return sum(files.total_fen for month in self.months for files in month)

    @property
    def returned_fen(self) -> int:
        """What came back."""
        return sum(case.total_fen for case in self.returned)


def make(folder: Path, scale: Decimal, seed: int, dirt: int) -> Made:
    """Write the files of a year and of the January after it. About one row in `dirt` is untidy, none when it is 0."""
    dice = Dice(seed)
    rolls = tuple(roll_of(target.scaled(scale), dice) for target in TARGETS)
    offices = [Offices(folder, roll, dice, dirt, round(RETURNS * scale)) for roll in rolls]
    months = tuple(tuple(office.month(index) for office in offices) for index in range(len(MONTHS) + 1))
    deaths = tuple(deaths_of(rolls, dice, max(_PLANTED_MIN, round(PLANTED * scale))))
    returned = tuple(case for office in offices for case in office.returned)
    return Made(rolls, months, returned, deaths, _list(folder / NEXT / "死亡名单.csv", deaths, dice))


def _list(path: Path, deaths: Sequence[Death], dice: Dice) -> Path | None:
    if not deaths:
        return None
    write_list(path, deaths, dice)
    return path
