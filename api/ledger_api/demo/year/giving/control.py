"""What the book says of the charity's year, against the gifts that its files were written from."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from sqlalchemy import Connection

from ledger_api.demo.cast import CHARITY
from ledger_api.demo.year.giving.acts import BANK, FUND
from ledger_api.demo.year.giving.gifts import Charity
from ledger_api.demo.year.stated import Control
from ledger_api.demo.year.targets import YEAR
from ledger_projections.books.balances import account_balances, fund_balances
from ledger_projections.books.reconciliation import reconciliation
from ledger_projections.charity.pledge_report import pledge_list

_LAST: Final = date(YEAR, 12, 31)
_NAME: Final = "慈善总会"


def controls(connection: Connection, said: Mapping[str, int], year: Charity) -> Iterator[Control]:
    """Pledges and what came of them; the appeal in, out and left; grants; the bank by book and by statement."""
    promised = year.promised_fen(ours=True)
    moved = sum(one.fen for one in year.gifts) + year.boxes_fen - sum(year.passed) - year.granted_fen
    for what, stated, found in (
        ("认捐(元)", promised + year.promised_fen(ours=False), said["pledge_total_fen"]),
        ("慈善认捐(元)", promised, said["pledge_charity_fen"]),
        ("慈善认捐到账(元)", year.received_fen(appeal=False), said["pledge_charity_received_fen"]),
        ("慈善认捐未到账(元)", promised - year.received_fen(appeal=False), _outstanding(connection)),
        ("救灾善款(元)", year.received_fen(appeal=True), said["disaster_cash_fen"]),
        ("救灾物资(元)", year.goods_fen, said["disaster_in_kind_fen"]),
        ("救灾善款转赠(元)", sum(year.passed), said["disaster_transferred_fen"]),
        ("救灾款物结存(元)", 0, _left(connection)),
        ("迎春送温暖(元)", year.granted_fen, said["spring_grant_fen"]),
        ("银行存款账面(元)", year.opening_fen + moved, _booked(connection)),
        ("银行对账单余额(元)", year.opening_fen + moved, _stated(connection)),
        ("未达账项(元)", 0, _open(connection)),
    ):
        yield Control(_NAME, what, stated, found, money=True)


def _outstanding(connection: Connection) -> int:
    return sum(row.outstanding_fen for row in pledge_list(connection, _LAST, entity=CHARITY).rows)


def _left(connection: Connection) -> int:
    """Money of the appeal that was not passed on, and what is still owed to the neighbour."""
    rows = [row for row in fund_balances(connection, entity=CHARITY).rows if row.fund == FUND]
    return sum(row.balance_fen + row.agency_fen for row in rows)


def _booked(connection: Connection) -> int:
    return account_balances(connection, entity=CHARITY).total_fen(CHARITY, BANK)


def _stated(connection: Connection) -> int:
    return reconciliation(connection, CHARITY, BANK, _LAST).bank_fen or 0


def _open(connection: Connection) -> int:
    """What stands in the books or at the bank alone, in and out."""
    row = reconciliation(connection, CHARITY, BANK, _LAST)
    return row.book_in_fen + row.book_out_fen + row.bank_in_fen + row.bank_out_fen
