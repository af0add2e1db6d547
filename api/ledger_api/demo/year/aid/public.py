"""Public money of the year that no list brings: the province's grant, and what the lottery's stations sold."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from ledger_api.demo.acts import CLERK
from ledger_api.demo.cast import BUREAU
from ledger_api.demo.run import CHECKERS
from ledger_api.demo.year.desk import Desk
from ledger_api.demo.year.targets import MONTHS, YEAR, spread

_PROVINCE_YUAN: Final = 1_900_000
_SALES_YUAN: Final = 18_390_000
_STATIONS: Final = 25
_GRANTED_ON: Final = date(YEAR, 3, 15)


@dataclass(frozen=True, slots=True)
class PublicMoney:
    """The province's grant and the sales of each month, in fen."""

    province_fen: int
    sales_fen: tuple[int, ...]
    stations: int


def public_money(scale: Decimal) -> PublicMoney:
    """That of a county of some size."""
    sales = spread(max(len(MONTHS), round(_SALES_YUAN * scale)))
    province = max(1, round(_PROVINCE_YUAN * scale)) * 100
    return PublicMoney(province, tuple(yuan * 100 for yuan in sales), max(1, round(_STATIONS * scale)))


def record(desk: Desk, money: PublicMoney, month: str) -> None:
    """The grant in March; in December the lottery centre's list of its months."""
    checker = (CHECKERS[BUREAU], "checker")
    if month == f"{_GRANTED_ON:%Y-%m}":
        desk.county.post(CLERK, BUREAU, [("appropriation.received", _grant(money))], checker, _GRANTED_ON)
    if month == MONTHS[-1]:
        desk.county.post(CLERK, BUREAU, _sales(money), checker, date(YEAR, 12, 31))


def _grant(money: PublicMoney) -> dict[str, Any]:
    paper = {"document": f"湘民发〔{YEAR}〕17号", "fund": "relief", "level": "province", "budget_code": "20819"}
    rest = {"fiscal_year": YEAR, "carried_over": False, "direct": False, "amount_fen": money.province_fen}
    return {**paper, **rest, "occurred_on": _GRANTED_ON.isoformat()}


def _sales(money: PublicMoney) -> Iterator[tuple[str, dict[str, Any]]]:
    for month, fen in zip(MONTHS, money.sales_fen, strict=True):
        yield "lottery.sales_reported", {"version": 2, "month": month, "amount_fen": fen, "stations": money.stations}
