"""What the book says of the year, against what its files were written from: the generator's own control totals.

The two share no code: one side adds up the invented people, the other asks the book's projections.
"""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection

from ledger_api.demo.year.aid import control as aid
from ledger_api.demo.year.giving import control as giving
from ledger_api.demo.year.making import Made
from ledger_api.demo.year.papers import control as papers
from ledger_api.demo.year.plants import control as plants
from ledger_api.demo.year.published import PUBLISHED
from ledger_api.demo.year.registers import control as registers
from ledger_api.demo.year.roll import Roll
from ledger_api.demo.year.stated import Control
from ledger_api.demo.year.targets import MONTHS, NEXT
from ledger_projections.figures import figures
from ledger_projections.public_money.doubts import doubts
from ledger_projections.public_money.rosters import RosterMonth, rosters
from ledger_projections.public_money.subsidies import SubsidySum, subsidies


def controls(connection: Connection, made: Made) -> list[Control]:
    """Persons at the start and at the end, who came and left; 户次, 人次 and money; payments to the dead; what was
    sent back and paid again; then aid given once, the charity, and the registers.
    """
    paid = {row.programme: row for row in subsidies(connection, MONTHS[0], MONTHS[-1]).span}
    lists: dict[str, list[RosterMonth]] = {}
    for row in rosters(connection, MONTHS[0], NEXT).rows:
        lists.setdefault(row.programme, []).append(row)
    found = [
        control
        for roll in made.rolls
        for control in (
            *_of_lists(roll, lists.get(roll.target.programme, ())),
            *_of_payments(roll, paid.get(roll.target.programme)),
        )
    ]
    said = figures(connection, MONTHS[0], MONTHS[-1]).by_key()
    regular = [row for row in paid.values() if row.programme in {roll.target.programme for roll in made.rolls}]
    again = sum(row.reissued_fen for row in regular)
    failed = sum(row.failed_fen for row in regular)
    back = made.returned_fen
    after_death = sum(one.lines_after for one in made.deaths)
    return [
        *found,
        Control("", "死亡后发放笔数", after_death, _after_death(connection)),
        Control("", "退票(元)", back, failed, money=True),
        Control("", "到账后退回(元)", made.late_fen, sum(row.returned_fen for row in regular), money=True),
        Control("", "退票再发(元)", back + made.late_fen, again, money=True),
        *aid.controls(paid, said, made),
        *giving.controls(connection, said, made.charity),
        *registers.controls(connection, said, made.registers),
        *plants.controls(connection, made.plants, made.registers.matters, made.receipt_numbers),
        *papers.of_receipts(connection, made.charity, made.receipts),
        *papers.of_accounts(connection, made.charity, made.registers.matters),
        *papers.of_province(connection, made.counts),
        *papers.of_work(connection, made.work),
        *papers.of_elders(paid, made.elders),
        *papers.of_families(connection, made.families),
        *(_published(said) if made.scale == 1 else ()),
    ]


def _published(said: Mapping[str, int]) -> Iterator[Control]:
    """A whole county comes to what one published."""
    for key, value in PUBLISHED.items():
        yield Control("公开数字", key, value, said[key], money=key.endswith("_fen"))


def _after_death(connection: Connection) -> int:
    """Payments that the reported deaths showed to be after the death."""
    return len({row.detail.get("payment") for row in doubts(connection, code="W_PAYEE_DEAD").rows})


def _of_lists(roll: Roll, months: Sequence[RosterMonth]) -> Iterator[Control]:
    first, later, last = months[:1], months[1:], months[-1:]  # nothing, when nothing of a programme was imported
    name, persons = roll.target.name, [sum(case.persons for case in month) for month in roll.months]
    yield Control(name, "年初人数", persons[0], sum(one.closing_persons for one in first))
    yield Control(name, "新增人数", roll.target.came, sum(one.in_persons + one.added_persons for one in later))
    yield Control(name, "退出人数", roll.target.left, sum(one.out_persons + one.removed_persons for one in later))
    yield Control(name, "年末人数", persons[-1], sum(one.closing_persons for one in last))
    yield Control(name, "年末户数", len(roll.months[-1]), sum(one.closing_households for one in last))


def _of_payments(roll: Roll, paid: SubsidySum | None) -> Iterator[Control]:
    name = roll.target.name
    times = (0, 0, 0) if paid is None else (paid.household_times, paid.person_times, paid.paid_fen)
    yield Control(name, "发放户次", roll.household_times(), times[0])
    yield Control(name, "发放人次", roll.person_times(), times[1])
    yield Control(name, "实发(元)", roll.total_fen(), times[2], money=True)
    if roll.target.rise_fen:
        uplift = sum(one.paid_fen for one in paid.components if one.component == "uplift") if paid else 0
        yield Control(name, "提标补差(元)", roll.beside_fen(), uplift, money=True)
