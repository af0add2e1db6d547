"""Invented people: names that fit their sex, ID numbers with their check digit, birthdays all over the years, accounts.
The same seed gives the same people.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, TypeVar

from nacl.utils import randombytes_deterministic

from ledger.values.cards import card_check_digit
from ledger.values.idno import id_check_character

_SURNAMES: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
_GIVEN: Final = ("芳娜敏静丽艳娟秀霞桂英玉兰春梅", "伟强磊军洋勇杰涛明超平刚文华建国")
"""Of women and of men."""
_AREA: Final = "431099"
"""A county that no list of administrative divisions has."""
_SEQUENCES: Final = 997
_NUMBERS: Final = _SEQUENCES * 365
"""So many people have an ID number of their own: a day of the year and a sequence number, whatever the year."""
_STEP: Final = 225_101
"""Relatively prime to all of them, so that running numbers go through them in no order."""
_YEARS_STEP: Final = 0x9E37_79B1
_DAYS: Final = [{"month": day.month, "day": day.day} for day in (date(2023, 1, 1) + timedelta(at) for at in range(365))]
"""The days that every year has."""
_SEED_BYTES: Final = 32
_WORD_BYTES: Final = 8
_BLOCK_BYTES: Final = 1 << 16
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist."""

    name: str
    id_number: str
    account: str
    bank: str

    @property
    def born(self) -> date:
        """The birthday, as the number says it."""
        return date.fromisoformat(self.id_number[6:14])

    @property
    def male(self) -> bool:
        """The sex, as the number says it."""
        return int(self.id_number[16]) % 2 == 1


class Dice:
    """Everything that is drawn for one year, from a seed; it never gives two people one number. Dice that are used
    beside others begin to count their people at `first`.
    """

    def __init__(self, seed: int, first: int = 0) -> None:
        self._seed = seed.to_bytes(_SEED_BYTES, "big")
        self._stream: Iterator[int] = iter(())
        self._made = first

    def below(self, number: int) -> int:
        """A whole number from 0 to below `number`."""
        drawn = next(self._stream, None)
        if drawn is None:
            block = randombytes_deterministic(_BLOCK_BYTES, self._seed)
            self._seed = block[:_SEED_BYTES]
            words = range(_SEED_BYTES, _BLOCK_BYTES, _WORD_BYTES)
            self._stream = iter([int.from_bytes(block[at : at + _WORD_BYTES], "big") for at in words])
            drawn = next(self._stream)
        return drawn % number

    def one_in(self, number: int) -> bool:
        """True once in so many times, on average."""
        return self.below(number) == 0

    def choose(self, many: Sequence[T]) -> T:
        """One of many."""
        return many[self.below(len(many))]

    def shuffled(self, many: Sequence[T]) -> list[T]:
        """All of them in another order."""
        mixed = list(many)
        for last in range(len(mixed) - 1, 0, -1):
            other = self.below(last + 1)
            mixed[last], mixed[other] = mixed[other], mixed[last]
        return mixed

    def person(self, oldest: int, youngest: int, *, male: bool | None = None) -> Person:
        """Somebody born between two years, both included; of either sex unless one is said."""
        number = self._made
        while male is not None and _sequence(number) % 2 != male:
            number += 1
        self._made = number + 1
        sequence = _sequence(number)
        born = date(_year(number, oldest, youngest), 1, 1)
        born = born.replace(**_DAYS[number * _STEP % _NUMBERS // _SEQUENCES])
        body = f"{_AREA}{born:%Y%m%d}{sequence:03d}"
        given = _GIVEN[sequence % 2]
        name = self.choose(_SURNAMES) + "".join(self.choose(given) for _ in range(1 + self.below(2)))
        rural = self.below(5) > 0
        card = f"62179955{number:010d}"
        account = f"8201053{number:010d}" if rural else card + card_check_digit(card)
        return Person(name, body + id_check_character(body), account, "示例农商行" if rural else "示例邮储")


def _sequence(number: int) -> int:
    """The last digits before the check digit; odd for men."""
    return number * _STEP % _NUMBERS % _SEQUENCES + 1


def _year(number: int, oldest: int, youngest: int) -> int:
    """Any of the years, by the number alone."""
    return oldest + (number * _YEARS_STEP >> 16) % (youngest - oldest + 1)
