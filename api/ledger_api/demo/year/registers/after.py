"""What the bureau does beside its registers: townships pay in the cash they took, who cannot pay at once gets a plan,
what nobody can pay is written off, and a problem that came back is opened again.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final

from ledger.application.proposing.context import Context, Options
from ledger.flows.knowledge import Need
from ledger.values.dates import Period
from ledger_api.demo.acts import CLERK
from ledger_api.demo.cast import BUREAU
from ledger_api.demo.run import CHECKERS
from ledger_api.demo.year.desk import Desk
from ledger_api.demo.year.registers.matters import CATEGORIES, HALVES, LOOKED_BACK_ON, RELAPSED, Matter, problem
from ledger_api.demo.year.targets import YEAR

Fact = tuple[str, dict[str, Any]]
_HELD: Final = timedelta(days=7)
"""How long a township keeps the cash."""
_LAST: Final = date(YEAR, HALVES[1], 28)
_PLANNED_ON: Final = date(YEAR, HALVES[0], 28)


def handed_over(matters: Sequence[Matter]) -> Iterator[tuple[Matter, date, int, str]]:
    """The cash that townships paid in: whose, when, fen, and the number of the slip."""
    for one in matters:
        if one.category.mode == "现金":
            for half in range(len(HALVES)):
                fen = one.came_in(half)
                if fen:
                    yield one, one.paid_on(half) + _HELD, fen, f"{one.paid_under(half)}J"


def given_up_fen(one: Matter) -> int:
    """What is written off: what the dead still owe at the year's end."""
    return one.ordered_fen - one.collected_fen if one.category.name == "死亡后领取" else 0


def follow(desk: Desk, matters: Sequence[Matter], month: str, accounts: tuple[str, str]) -> None:
    """The acts of a month; `accounts` are the bank account and the cash box of what is paid back."""
    context = Context(desk.county.book.store, desk.county.book.vault, Options(CLERK, Period.parse(month).last_day))
    orders = {one: _order(context, one) for one in matters}
    for one, day, fen, slip in handed_over(matters):
        if f"{day:%Y-%m}" == month:
            named = {"movement": f"handed-over-{slip}", "amount_fen": fen, "cash_account": accounts[1]}
            fact = {**orders[one], **named, "account": accounts[0], "voucher_ref": slip, "occurred_on": day.isoformat()}
            _post(desk, [("recovery.handed_over", fact)], day)
    if month == f"{_PLANNED_ON:%Y-%m}":
        _post(desk, list(_plans(matters, orders)), _PLANNED_ON)
    if month == f"{_LAST:%Y-%m}":
        _post(desk, list(_written_off(matters, orders)), _LAST)
        _post(desk, list(_reopened(context)), _LAST)


def _order(context: Context, one: Matter) -> dict[str, Any]:
    """The recovery of a matter, as its other acts name it; nothing while it is not ordered."""
    person = context.reference("person", one.case.head.id_number)
    for found in context.events(Need(f"person:{person}", ("recovery.ordered",))):
        if found.document == one.document:
            return {"recovery": found.recovery, "finding": found.finding, "fund": found.fund}
    return {}


def _plans(matters: Sequence[Matter], orders: dict[Matter, dict[str, Any]]) -> Iterator[Fact]:
    """Whoever has not paid all of a cash matter by June pays the rest in two parts."""
    for one in matters:
        left = one.ordered_fen - one.collected_by(0)
        if one.category.mode == "现金" and left > 1:
            days = (f"{YEAR}-09-30", f"{YEAR}-12-31")
            parts = [{"due_on": day, "fen": fen} for day, fen in zip(days, (left // 2, left - left // 2), strict=True)]
            told = {"instalments": parts, "reason": "instalments", "document": one.document, "origin": "decision"}
            yield "recovery.planned", {**orders[one], **told, "on": _PLANNED_ON.isoformat()}


def _written_off(matters: Sequence[Matter], orders: dict[Matter, dict[str, Any]]) -> Iterator[Fact]:
    for one in matters:
        if fen := given_up_fen(one):
            told = {"reason": "deceased", "authority": "局党组会议", "document": f"局党组会议纪要〔{YEAR}〕12号"}
            rest = {"amount_fen": fen, "on": _LAST.isoformat(), "origin": "decision"}
            yield "recovery.written_off", {**orders[one], **told, **rest}


def _reopened(context: Context) -> Iterator[Fact]:
    """What the look back found to have come back is opened again."""
    for number in range(1, len(CATEGORIES) + 1):
        finding = context.reference("finding", "rectification", problem(number))
        if any(back.relapsed for back in context.events(Need(f"finding:{finding}", ("look_back.performed",)))):
            why = {"reason": f"{LOOKED_BACK_ON}回头看{RELAPSED}", "on": _LAST.isoformat(), "origin": "decision"}
            yield "finding.reopened", {"finding": finding, **why}


def _post(desk: Desk, facts: Sequence[Fact], day: date) -> None:
    if facts:
        desk.county.post(CLERK, BUREAU, facts, (CHECKERS[BUREAU], "checker"), day)
