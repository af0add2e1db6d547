"""What the month comes to, told in plain words: funds, relief, societies, lottery, recoveries, pledges, bank."""

from datetime import date
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from ledger.application.matching import propose_allocations
from ledger.log.appending import read_head
from ledger.values.money import fen_to_yuan
from ledger_api.demo.run import CHECKERS, MONTH, County
from ledger_audit.packages import export_package
from ledger_projections.books.balances import fund_balances
from ledger_projections.books.reconciliation import reconciliation
from ledger_projections.charity.pledge_report import pledge_report
from ledger_projections.charity.societies import societies
from ledger_projections.public_money.lottery.report import lottery_report
from ledger_projections.public_money.recoveries import recoveries
from ledger_projections.public_money.subsidies import subsidies
from ledger_projections.registry import catch_up
from ledger_projections.summaries.programmes import programme_names

_DAY: Final = date(2025, 9, 30)
_ACCOUNTS: Final = (
    ("charity", "icbc-9991", "工商银行", "kuaiji-wang"),
    ("charity", "ccb-9992", "建设银行", "kuaiji-wang"),
    ("charity", "abc-zhuxue", "农业银行", "kuaiji-wang"),
    ("bureau", "rcc-transit", "农商行代发户", "jiuzhu-qian"),
)


def _yuan(fen: int) -> str:
    return fen_to_yuan(fen, grouped=True)


def match(county: County) -> int:
    """Explain bank lines by what is booked where only one reading is possible; answers how many were explained."""
    explained = 0
    for entity, account, _, officer in _ACCOUNTS:
        with county.book.store.read() as connection:
            events = propose_allocations(connection, entity, account, until=_DAY).events(account)
        if events:
            facts = [(event.kind, event.model_dump(mode="json", exclude={"kind", "id"})) for event in events]
            county.post(officer, entity, facts, (CHECKERS[entity], "checker"), _DAY)
            explained += len(events)
    return explained


def tell(county: County) -> None:
    """Every figure with its position, so that it can be asked for again."""
    catch_up(county.book.store)
    with county.book.store.read() as connection:
        head = read_head(connection)
        county.tell(f"7. 账上的数(依据序号 1 至 {head.position},共 {head.number} 张凭证)")
        _funds(county, connection)
        _relief(county, connection)
        _others(county, connection)
        _bank(county, connection)


def _funds(county: County, connection: Connection) -> None:
    county.tell("  基金余额:")
    for row in fund_balances(connection).rows:
        if row.balance_fen or row.available_fen:
            county.tell(f"    {row.entity} {row.name}: {_yuan(row.balance_fen)} 元,可用 {_yuan(row.available_fen)} 元")


def _relief(county: County, connection: Connection) -> None:
    found = subsidies(connection, MONTH, MONTH)
    names = programme_names(connection, found.position)
    for row in found.span:
        name = names[row.entity, row.programme]
        county.tell(
            f"  {name}: {row.households} 户 {row.persons} 人,应发 {_yuan(row.authorised_fen)} 元,"
            f"实发 {_yuan(row.paid_fen)} 元(其中退票后再发 {_yuan(row.reissued_fen)} 元),"
            f"扣回 {_yuan(row.offset_fen)} 元"
        )
    total = recoveries(connection, _DAY).total
    county.tell(
        f"  追缴: 应追 {_yuan(total.ordered_fen)} 元,已追 {_yuan(total.collected_fen)} 元,"
        f"未追 {_yuan(total.open_fen)} 元"
    )


def _others(county: County, connection: Connection) -> None:
    found = societies(connection, _DAY)
    line = found.line_fen or 0
    below = [row.name for row in found.rows if row.raised_fen < line]
    raised = sum(row.raised_fen for row in found.rows)
    county.tell(
        f"  互助社: {len(found.rows)} 家,筹资 {_yuan(raised)} 元,"
        f"不足 {_yuan(line)} 元的 {len(below)} 家({'、'.join(below)})"
    )
    sums = lottery_report(connection).total
    county.tell(f"  福彩公益金: 安排 {_yuan(sums.allocated_fen)} 元,已用 {_yuan(sums.used_fen)} 元")
    for row in pledge_report(connection, _DAY.year).rows:
        if row.pledged_fen:
            county.tell(f"  认捐: {_yuan(row.pledged_fen)} 元,到账 {_yuan(row.pledged_arrived_fen)} 元")


def _bank(county: County, connection: Connection) -> None:
    county.tell("  银行余额调节(账面 / 对账单 / 未达):")
    for entity, account, name, _ in _ACCOUNTS:
        row = reconciliation(connection, entity, account, _DAY)
        bank = "无对账单" if row.bank_fen is None else _yuan(row.bank_fen)
        open_fen = row.book_in_fen + row.book_out_fen + row.bank_in_fen + row.bank_out_fen
        county.tell(f"    {name}: {_yuan(row.book_fen)} / {bank} / {_yuan(open_fen)}")


def package(county: County) -> Path:
    """Export the inspection package beside the book."""
    target = county.folder / "package"
    with county.book.store.read() as connection:
        head = read_head(connection)
        export_package(connection, county.operator, target, head.posted_at)
    return target
