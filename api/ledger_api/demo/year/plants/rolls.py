"""What is planted in the lists of people: somebody who heads two households, or stands in two programmes that exclude
each other; three households that are paid through one account.

Only who stands behind a case is changed, never how many there are nor what they get: the year's totals stay.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.plants.changes import Changed, change
from ledger_api.demo.year.roll import Case, Leaving, Roll
from ledger_api.demo.year.targets import MONTHS

SHARERS: Final = 3
RULED: Final = 4
"""The month, from 0, at whose end the county says which programmes exclude each other."""
_FEW: Final = 2
_DRAWS: Final = 100
_LEFT: Final = "主动放弃"
"""Why who was paid twice gave one of the two up."""
_DEATH: Final = "死亡"


@dataclass(frozen=True, slots=True)
class Twice:
    """One person who is paid as somebody else's case: `own` by right, `beside` not."""

    test: str
    own: Case
    beside: Case


@dataclass(frozen=True, slots=True)
class InRolls:
    """What was planted in the lists: double payments, and the cases of the one account, its holder first."""

    twice: tuple[Twice, ...]
    sharing: tuple[Case, ...]
    changed: tuple[Changed, ...]
    """Households to which something happened that is nothing to doubt."""

    @property
    def numbers(self) -> set[str]:
        """The cases that something was planted in."""
        both = {one.number for pair in self.twice for one in (pair.own, pair.beside)}
        return both | {case.number for case in self.sharing} | {one.number for one in self.changed}


@dataclass(frozen=True, slots=True)
class _Spell:
    """A case as it first stood, the months in which it stands, and whether it is one person throughout."""

    case: Case
    first: int
    last: int
    alone: bool

    @property
    def stays(self) -> bool:
        """Whether it stands all year and after."""
        return (self.first, self.last) == (0, len(MONTHS))


def drawn(draw: Callable[[], tuple[Roll, ...]], many: int) -> tuple[Roll, ...]:
    """Lists in which everything can be planted: those of a hamlet are drawn again where too few left at the right time.

    Raises RuntimeError where the targets leave no room for it.
    """
    for _ in range(_DRAWS):
        rolls = draw()
        early = _early(rolls[1], many)
        taken = {case.number for case in early}
        if early and any(one.case.number not in taken and one.first < one.last for one in _leaving(*rolls[:3])):
            return rolls
    raise RuntimeError("nobody leaves the lists of this county in time")


def _leaving(*rolls: Roll) -> list[_Spell]:
    """Who stood alone from the start and left before the year was over."""
    return [one for roll in rolls for one in _spells(roll) if one.alone and one.first == 0 and one.last < len(MONTHS)]


def _early(rural: Roll, many: int) -> list[Case]:
    """Who is to stand in two programmes: of those who left by May, the last ones."""
    early = sorted(_leaving(rural), key=lambda one: (-one.last, one.case.number))
    return [one.case for one in early if one.last <= RULED][: max(2, many) // 2]


def plant(rolls: Sequence[Roll], many: int, dice: Dice) -> InRolls:
    """Plant `many` double payments, at least two and about half of them in excluding programmes, and one account.

    Who leaves by May stands for the excluding ones, so that the county's rule of May comes after them. Whoever is paid
    twice does not leave for having died.
    """
    _, rural, destitute, *_ = rolls
    spells = [one for one in dice.shuffled(list(_spells(rural))) if one.alone and one.first == 0]
    by_right = iter([one.case for one in dice.shuffled(list(_spells(destitute))) if one.stays])
    twice = [Twice("T03", own, case) for case, own in zip(_early(rural, many), by_right, strict=False)]
    stand = iter([one.case for one in spells if one.stays])
    later = [one.case for one in spells if RULED < one.last < len(MONTHS)] if many > _FEW else []
    while len(twice) < max(2, many):
        twice.append(Twice("T02", next(stand), later.pop(0) if later else next(stand)))
    done = [replace(one, beside=_stand_in(rural, one)) for one in twice]
    used = {case.number for one in done for case in (one.own, one.beside)}
    _somebody_dies(rolls[:3], used)
    holder, *others = _neighbours([one.case for one in _spells(rural) if one.stays and one.case.number not in used])
    shared = [holder, *(_everywhere(rural, one.number, payee=holder.head) for one in others[: SHARERS - 1])]
    used |= {case.number for case in shared}
    staying = [one.case for one in dice.shuffled(list(_spells(rural))) if one.stays and one.case.number not in used]
    return InRolls(tuple(done), tuple(shared), change(rural, staying, dice))


def _spells(roll: Roll) -> Iterator[_Spell]:
    stands: dict[str, list[tuple[int, Case]]] = {}
    for month, cases in enumerate(roll.months):
        for case in cases:
            stands.setdefault(case.number, []).append((month, case))
    for each in stands.values():
        yield _Spell(each[0][1], each[0][0], each[-1][0], all(case.persons == 1 for _, case in each))


def _stand_in(roll: Roll, one: Twice) -> Case:
    """The other case is this person's too, with an account of its own; nobody dies of it."""
    head = replace(one.own.head, account=one.beside.head.account, bank=one.beside.head.bank)
    return _everywhere(roll, one.beside.number, head=head)


def _everywhere(roll: Roll, number: str, **changes: Any) -> Case:
    """Change a case in all months, and where it leaves; answers it as it first stood."""
    for index, cases in enumerate(roll.months):
        roll.months[index] = [replace(case, **changes) if case.number == number else case for case in cases]
    for index, gone in enumerate(roll.gone):
        roll.gone[index] = [
            Leaving(replace(one.case, **changes), _LEFT) if one.case.number == number and "head" in changes else one
            for one in gone
        ]
    return next(case for cases in roll.months for case in cases if case.number == number)


def _neighbours(cases: Sequence[Case]) -> Iterator[Case]:
    """The cases of the township that has most of them, then the others."""
    by_township: dict[str, list[Case]] = {}
    for case in cases:
        by_township.setdefault(case.township, []).append(case)
    for own in sorted(by_township.values(), key=len, reverse=True):
        yield from own


def _somebody_dies(rolls: Sequence[Roll], used: set[str]) -> None:
    """In a hamlet perhaps nobody who left had died after more than a month on the list; then one of them did."""
    found: list[tuple[Roll, int, Leaving]] = []
    for roll in rolls:
        spells = {one.case.number: one for one in _spells(roll)}
        for index, gone in enumerate(roll.gone):
            for one in gone:
                spell = spells[one.case.number]
                if spell.alone and spell.first < index and one.case.number not in used:
                    found.append((roll, index, one))
    if found and all(one.reason != _DEATH for _, _, one in found):
        roll, index, last = found[-1]
        roll.gone[index] = [replace(one, reason=_DEATH) if one is last else one for one in roll.gone[index]]
