"""Who pays back by deduction (抵扣): a household that owes and still stands on its list gets a month less in August.

In July it got as much more, for its income had been found to be lower: the year of its list comes to the same.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ledger_api.demo.year.registers.matters import DEDUCTED, Matter
from ledger_api.demo.year.roll import Case, Roll

_EACH_FEN: Final = 10_00
"""A person."""
_MONTHS: Final = 3
_TIER: Final = 2
_WAYS: Final = 8
"""Of eight households the one that is paid by a tier cannot get an amount between."""
_REMARK: Final = "抵扣追缴款"


def deduct(rolls: Sequence[Roll], matters: Sequence[Matter]) -> tuple[Matter, ...]:
    """Choose the first whom it fits, change its two months, and say what was kept back; nobody where it fits nobody."""
    for at, one in enumerate(matters):
        roll = next(roll for roll in rolls if roll.target.name == one.programme)
        case = _standing(roll, one.case.number)
        if (
            case is None
            or _twice(roll, case)
            or roll.target.unit != "household"
            or one.category.half
            or one.category.mode != "转账"
        ):
            continue
        fen = _EACH_FEN * case.persons
        if fen < one.came_in(1) and int(case.number[-5:]) % _WAYS != _TIER:
            _change(roll, DEDUCTED - 1, replace(case, amount_fen=case.amount_fen + _EACH_FEN))
            _change(roll, DEDUCTED, replace(case, back_fen=fen, remark=_REMARK))
            return (*matters[:at], replace(one, deducted_fen=fen), *matters[at + 1 :])
    return tuple(matters)


def _standing(roll: Roll, number: str) -> Case | None:
    """The household, when it stands unchanged in June, July and August."""
    found = [
        case for month in roll.months[DEDUCTED + 1 - _MONTHS : DEDUCTED + 1] for case in month if case.number == number
    ]
    return found[0] if len(found) == _MONTHS and len(set(found)) == 1 else None


def _twice(roll: Roll, own: Case) -> bool:
    """Whether the householder heads another household too: then nobody could say which of them pays."""
    heads = {case.number for month in roll.months for case in month if case.head.id_number == own.head.id_number}
    return len(heads) > 1


def _change(roll: Roll, month: int, case: Case) -> None:
    roll.months[month] = [case if one.number == case.number else one for one in roll.months[month]]
