"""What the book says of recoveries, problems, societies and lottery projects, against their registers' makers."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from sqlalchemy import Connection

from ledger_api.demo.year.registers.after import given_up_fen
from ledger_api.demo.year.registers.community import LINE_FEN
from ledger_api.demo.year.registers.keeping import Registers
from ledger_api.demo.year.registers.matters import CATEGORIES
from ledger_api.demo.year.stated import Control
from ledger_api.demo.year.targets import YEAR
from ledger_projections.charity.societies import societies
from ledger_projections.public_money.lottery.report import lottery_report
from ledger_projections.public_money.recoveries import recoveries

_LAST: Final = date(YEAR, 12, 31)


def controls(connection: Connection, said: Mapping[str, int], made: Registers) -> Iterator[Control]:
    """Ordered and collected; problems and those that are closed; raised, helped and below the line; used."""
    yield from _matters(connection, made)
    yield from _societies(connection, made)
    for key, value in made.counted.items():
        yield Control("统计指标", key, value, said.get(key, 0))
    projects = [one.sums for one in lottery_report(connection, year=YEAR).projects]
    allotted = sum(one.allotted_fen for one in made.projects)
    yield Control("福彩公益金", "项目数", len(made.projects), len(projects))
    paid = sum(one.paid_fen[1] for one in made.projects)
    given_fen, used_fen = (sum(getattr(one, name) for one in projects) for name in ("allocated_fen", "used_fen"))
    yield Control("福彩公益金", "安排(元)", allotted, given_fen, money=True)
    yield Control("福彩公益金", "已用(元)", paid, used_fen, money=True)


def _matters(connection: Connection, made: Registers) -> Iterator[Control]:
    found = recoveries(connection, _LAST)
    ordered = sum(one.ordered_fen for one in made.matters)
    collected = sum(one.collected_fen for one in made.matters)
    yield Control("追缴", "人数", len(made.matters), found.total.recoveries)
    yield Control("追缴", "应追(元)", ordered, found.total.ordered_fen, money=True)
    yield Control("追缴", "已追(元)", collected, found.total.collected_fen, money=True)
    kept = sum(one.deducted_fen for one in made.matters)
    yield Control("追缴", "抵扣(元)", kept, found.total.offset_fen, money=True)
    given_up = sum(map(given_up_fen, made.matters))
    yield Control("追缴", "核销(元)", given_up, sum(one.sums.written_off_fen for one in found.recoveries), money=True)
    yield Control("追缴", "未追(元)", ordered - collected - given_up, found.total.open_fen, money=True)
    problems = [one for one in found.matters if not one.sums.recoveries]
    done = sum(
        all(one.ordered_fen == one.collected_fen for one in made.matters if one.category == category)
        for category in CATEGORIES
    )
    yield Control("整改", "问题数", len(CATEGORIES), len(problems))
    again = sum(bool(one.relapsed) for one in problems)
    yield Control("整改", "回头看反弹", 1, again)
    yield Control("整改", "重新整改", 1, sum(one.state == "reopened" for one in problems))
    yield Control("整改", "已销号", done - 1, sum(one.state == "closed" for one in problems))


def _societies(connection: Connection, made: Registers) -> Iterator[Control]:
    rows, own = societies(connection, _LAST).rows, made.societies
    line = societies(connection, _LAST).line_fen or 0
    yield Control("互助社", "家数", len(own), len(rows))
    yield Control("互助社", "筹资(元)", sum(one.raised_fen for one in own), sum(r.raised_fen for r in rows), money=True)
    helped = sum(one.helped_fen for one in own)
    yield Control("互助社", "救助(元)", helped, sum(row.granted_fen for row in rows), money=True)
    below = sum(one.raised_fen < LINE_FEN for one in own)
    yield Control("互助社", "不足标准", below, sum(row.raised_fen < line for row in rows))
