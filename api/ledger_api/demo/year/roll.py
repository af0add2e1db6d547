"""Who is on a programme's list in each month: households that come, grow, shrink and leave, person by person as the
target says. Nothing here knows how a list is written or read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ledger_api.demo.year.people import Dice, Person
from ledger_api.demo.year.targets import MONTHS, RAISED, Target, spread

TOWNSHIPS: Final = (
    "城关镇", "石岭镇", "大冲乡", "白沙镇", "清水镇", "枫木乡", "竹溪乡",
    "龙塘镇", "桥头镇", "双江镇", "南山乡", "麦市镇", "西瑶乡",
)  # fmt: skip
VILLAGES: Final = ("上坪村", "下坪村", "冲口村", "新塘村", "桥边村", "东街社区")
_SIZES: Final = (1, 1, 1, 1, 1, 2, 2, 2, 3, 3)
"""How large households are: 1.7 persons on average."""
_JOINS: Final = 3
"""One month in so many has a household that grows."""
CHILDREN: Final = frozenset({"orphan", "unsupported_child"})
"""Schemes of children, who are cared for by a guardian."""
_BORN: Final[Mapping[str, Sequence[tuple[int, int]]]] = {
    "urban_dibao": ((1941, 1958), (1959, 1972), (1973, 1998)),
    "rural_dibao": ((1936, 1952), (1945, 1958), (1959, 1972), (1973, 1998)),
    "destitute": ((1932, 1945), (1940, 1952), (1946, 1958), (1950, 1963), (1964, 2002)),
    "disability_living": ((1946, 1962), (1963, 1985), (1986, 2005), (2006, 2016)),
    "disability_care": ((1938, 1958), (1959, 1980), (1981, 2005), (2006, 2018)),
    **dict.fromkeys(CHILDREN, ((2008, 2013), (2010, 2020))),
}
"""Between which years the people of a scheme are born, in turn: who cannot support themselves are nearly all of sixty
or more, and a child is one to the end of the year."""
_GUARDIANS: Final = (1955, 1990)
_ADOPTED: Final = "被依法收养"
_REASONS: Final = ("死亡", "收入超标", "死亡", "财产超标", "稳定就业或财政供养", "迁出", "主动放弃")


@dataclass(frozen=True, slots=True)
class Case:
    """A household, or a person, as it stands in one month."""

    number: str
    head: Person
    township: str
    village: str
    group: int
    persons: int
    amount_fen: int
    """A person and month."""
    beside_fen: int = 0
    """What the household gets on top in one month, and why."""
    back_fen: int = 0
    """What is kept back of the month for what must be paid back."""
    remark: str = ""
    grade: str = "B"
    """The letter of the category of a household."""
    payee: Person | None = None
    """Who receives the money, where that is somebody else."""

    @property
    def receiver(self) -> Person:
        """Whose name and account the money goes to."""
        return self.payee or self.head

    @property
    def total_fen(self) -> int:
        """The household's month."""
        return self.amount_fen * self.persons + self.beside_fen - self.back_fen


@dataclass(frozen=True, slots=True)
class Leaving:
    """Who left after a month, and why."""

    case: Case
    reason: str


@dataclass(slots=True)
class Roll:
    """A programme's lists of twelve months, and who left after each."""

    target: Target
    months: list[list[Case]] = field(default_factory=list)
    """The cases that each month pays, and as the thirteenth those that stand when the year is over."""
    gone: list[list[Leaving]] = field(default_factory=list)
    """Whole households that left after each month: its successor lacks them."""

    def person_times(self) -> int:
        """人次 of the year."""
        return sum(case.persons for month in self.paid() for case in month)

    def total_fen(self) -> int:
        """The money of the year."""
        return sum(case.total_fen for month in self.paid() for case in month)

    def beside_fen(self) -> int:
        """What was paid on top of the months' own amounts."""
        return sum(case.beside_fen for month in self.paid() for case in month)

    def household_times(self) -> int:
        """户次 of the year."""
        return sum(len(month) for month in self.paid())

    def paid(self) -> list[list[Case]]:
        """The twelve months that are paid."""
        return self.months[: len(MONTHS)]


class _Numbers:
    """Running numbers of a programme's cases."""

    def __init__(self, target: Target, dice: Dice) -> None:
        self._target, self._dice, self._last = target, dice, 0

    def case(self, persons: int) -> Case:
        """A new household of so many, or a new person."""
        self._last += 1
        years = _BORN[self._target.scheme]
        head = self._dice.person(*years[self._last % len(years)])
        guardian = self._dice.person(*_GUARDIANS) if self._target.scheme in CHILDREN else None
        where = self._dice.choose(TOWNSHIPS), self._dice.choose(VILLAGES)
        number = f"431099{self._target.bank_code[0]}{self._last:05d}"
        case = Case(number, head, *where, 1 + self._dice.below(9), persons, self._target.amount_fen)
        return case if guardian is None else replace(case, payee=guardian)


def roll_of(target: Target, dice: Dice) -> Roll:
    """A programme's year."""
    numbers = _Numbers(target, dice)
    roll = Roll(target)
    now = _newcomers(target, target.opening, numbers, dice)
    for came, left in zip(spread(target.came), target.leavings(), strict=True):
        roll.months.append(now)
        staying, gone = _without(target, now, left, dice)
        roll.gone.append(gone)
        staying, alone = _joined(target, staying, came, dice)
        now = [*staying, *_newcomers(target, alone, numbers, dice)]
    roll.months.append(now)
    _raise_incomes(roll)
    _raise_standard(roll)
    return roll


def _newcomers(target: Target, persons: int, numbers: _Numbers, dice: Dice) -> list[Case]:
    """New cases of exactly so many persons."""
    made: list[Case] = []
    while persons:
        size = 1 if target.unit == "person" else min(dice.choose(_SIZES), persons)
        made.append(numbers.case(size))
        persons -= size
    return made


def _joined(target: Target, staying: Sequence[Case], came: int, dice: Dice) -> tuple[list[Case], int]:
    """Now and then one of those who came is born or moves into a household that stands; how many come otherwise."""
    grown = list(staying)
    if target.unit == "household" and came and grown and dice.one_in(_JOINS):
        at = dice.below(len(grown))
        grown[at] = replace(grown[at], persons=grown[at].persons + 1)
        return grown, came - 1
    return grown, came


def _without(target: Target, now: Sequence[Case], persons: int, dice: Dice) -> tuple[list[Case], list[Leaving]]:
    """Exactly so many persons fewer: whole households, and at the end a member of one that stays."""
    gone: dict[str, Leaving] = {}
    smaller: dict[str, Case] = {}
    for case in dice.shuffled(now):
        if not persons:
            break
        if case.persons <= persons:
            reason = "死亡" if target.unit == "person" and dice.one_in(2) else dice.choose(_REASONS)
            reason = _ADOPTED if target.scheme in CHILDREN else reason
            gone[case.number] = Leaving(case, reason)
            persons -= case.persons
        else:
            smaller[case.number] = replace(case, persons=case.persons - persons)
            persons = 0
    staying = [smaller.get(case.number, case) for case in now if case.number not in gone]
    return staying, list(gone.values())


def _raise_incomes(roll: Roll) -> None:
    """Give the higher amount to whole years of households, and to the last months of one, until the target is met."""
    target, left = roll.target, roll.target.raised_times
    if not left:
        return
    times: dict[str, list[int]] = {}
    for listed in roll.paid():
        for case in listed:
            times.setdefault(case.number, []).append(case.persons)
    first: dict[str, int] = {}
    for number, each in times.items():
        if sum(each) <= left:
            first[number] = 0
            left -= sum(each)
    whole_year = [number for number, each in times.items() if number not in first and each == [1] * len(MONTHS)]
    if 0 < left < len(MONTHS) and whole_year:  # in a hamlet there may be nobody to whom the rest fits
        first[whole_year[0]] = len(MONTHS) - left
    for month, cases in enumerate(roll.months):
        roll.months[month] = [
            replace(case, amount_fen=target.raised_fen) if first.get(case.number, len(roll.months)) <= month else case
            for case in cases
        ]


def _raise_standard(roll: Roll) -> None:
    """Until a rise is decided everybody who lives to see it gets the less, and then the rest for all months at once.

    Who left before had an income that much lower: the amount was the same by the standard of then.
    """
    rise = roll.target.rise_fen
    if not rise:
        return
    staying = {case.number for case in roll.months[RAISED]}
    owed: dict[str, list[tuple[int, int]]] = {}
    for month, cases in enumerate(roll.months[:RAISED]):
        for case in cases:
            if case.number in staying:
                owed.setdefault(case.number, []).append((month + 1, rise * case.persons))
        roll.months[month] = [
            replace(case, amount_fen=case.amount_fen - rise) if case.number in staying else case for case in cases
        ]
    roll.months[RAISED] = [_paid_up(case, owed.get(case.number, ())) for case in roll.months[RAISED]]


def _paid_up(case: Case, owed: Sequence[tuple[int, int]]) -> Case:
    """A household with what it is owed of earlier months, (month, fen) each."""
    if not owed:
        return case
    first, last = owed[0][0], owed[-1][0]
    months = f"{first}-{last}月" if first < last else f"{last}月"
    return replace(case, beside_fen=sum(fen for _, fen in owed), remark=f"{months}提标补差")
