"""What the book says of the papers, against the gifts and people that they were written from."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, select

from ledger.flows.event import Event
from ledger.flows.giving.donations import DonationReceived
from ledger.flows.giving.receipts import COVER_KINDS, ReceiptCovered, ReceiptIssued, ReceiptReversed
from ledger.flows.public_money.entitlement.enrolments import EnrolmentChanged
from ledger.flows.public_money.entitlement.provincial import COUNTED, ProvincialCounted
from ledger.flows.registry import trusted_event
from ledger.log.tables import events
from ledger_api.demo.cast import BUREAU, CHARITY
from ledger_api.demo.year.giving.gifts import Charity
from ledger_api.demo.year.papers.accounts import nameless, of_channels, of_nameless, of_returns
from ledger_api.demo.year.papers.acts import ABC, ICBC
from ledger_api.demo.year.papers.elders import NAME, PROGRAMME, Quarter
from ledger_api.demo.year.papers.families import Families
from ledger_api.demo.year.papers.province import LATE, Count
from ledger_api.demo.year.papers.receipts import Receipts
from ledger_api.demo.year.papers.roads import CHANNELS
from ledger_api.demo.year.papers.work import Counted
from ledger_api.demo.year.registers.keeping import RETURNS
from ledger_api.demo.year.registers.matters import Matter
from ledger_api.demo.year.stated import Control
from ledger_api.demo.year.targets import MONTHS, YEAR
from ledger_projections.books.balances import account_balances
from ledger_projections.books.reconciliation import reconciliation
from ledger_projections.public_money.subsidies import SubsidySum
from ledger_projections.summaries.registry import TABLES
from ledger_projections.summaries.table import Asked, Table

_LAST: Final = date(YEAR, 12, 31)
_RECEIPTS: Final = "票据"
_BANKS: Final = "开户行与渠道"
_PROVINCE: Final = "省系统"
_WORK: Final = (
    ("C3", "应保未保排查", "enrolled", "纳入人数"),
    ("C5", "资金专项检查", "sampled", "抽查户数"),
    ("Y10", "信访", "answered", "办结件数"),
)
"""Table, how the figures' names begin, a column, and how they end."""
_GAPS: Final = ("gap_households", "gap_persons", "gap_fen")


def of_receipts(connection: Connection, charity: Charity, receipts: Receipts) -> Iterator[Control]:
    """Receipts made out, taken back and matched, and the gifts that a receipt stands for in full."""
    issued: dict[str, ReceiptIssued] = {}
    taken_back: set[str] = set()
    covered: dict[str, int] = {}
    for event in _told(connection, *COVER_KINDS):
        if isinstance(event, ReceiptIssued):
            issued[event.receipt] = event
        if isinstance(event, ReceiptReversed):
            taken_back.add(event.receipt)
        if isinstance(event, ReceiptIssued | ReceiptCovered | ReceiptReversed):
            sign = -1 if isinstance(event, ReceiptReversed) else 1
            for cover in event.covers:
                covered[cover.donation] = covered.get(cover.donation, 0) + sign * cover.fen
    standing = receipts.standing()
    yield Control(_RECEIPTS, "开票张数", len(receipts.all), len(issued))
    yield Control(_RECEIPTS, "冲红张数", len(receipts.all) - len(standing), len(taken_back))
    stands = sum(one.amount_fen for one in issued.values() if one.receipt not in taken_back)
    yield Control(_RECEIPTS, "有效票据(元)", sum(one.fen for one in standing), stands, money=True)
    yield Control(_RECEIPTS, "已对应捐赠(元)", sum(one.fen for one in standing), sum(covered.values()), money=True)
    with_receipt = {gift.serial for one in standing for gift in one.gifts}
    gifts = [one for one in charity.gifts if one.serial in with_receipt]
    yield Control(_RECEIPTS, "已开票捐赠笔数", len(gifts), sum(fen > 0 for fen in covered.values()))


def of_accounts(connection: Connection, charity: Charity, matters: Sequence[Matter]) -> Iterator[Control]:
    """Each account by book and by statement with nothing unexplained; channels emptied; nameless money found."""
    balances = account_balances(connection)
    for entity, account, lines in (
        (CHARITY, ICBC, list(of_channels(charity.gifts))),
        (CHARITY, ABC, list(of_nameless(charity.gifts))),
        (BUREAU, RETURNS, list(of_returns(matters))),
    ):
        stands, row = sum(one.fen for one in lines), reconciliation(connection, entity, account, _LAST)
        yield Control(_BANKS, f"{account} 账面(元)", stands, balances.total_fen(entity, account), money=True)
        yield Control(_BANKS, f"{account} 对账单(元)", stands, row.bank_fen or 0, money=True)
        left = row.book_in_fen + row.book_out_fen + row.bank_in_fen + row.bank_out_fen + row.breaks
        yield Control(_BANKS, f"{account} 未达(元)", 0, left, money=True)
    gifts = [one for one in _told(connection, "donation.received") if isinstance(one, DonationReceived)]
    for channel in CHANNELS:
        came = [one.fen for one in charity.gifts if one.road == channel]
        found = [one.amount_fen for one in gifts if one.channel == channel]
        yield Control(_BANKS, f"{channel} 捐赠笔数", len(came), len(found))
        yield Control(_BANKS, f"{channel} 捐赠(元)", sum(came), sum(found), money=True)
        yield Control(_BANKS, f"{channel} 未结算(元)", 0, balances.total_fen(CHARITY, channel, "channel"), money=True)
    for what, kind in (("待查款(元)", "suspense.received"), ("待查款查明(元)", "suspense.identified")):
        found = [getattr(one, "amount_fen", 0) for one in _told(connection, kind)]
        yield Control(_BANKS, what, nameless(charity.gifts).fen, sum(found), money=True)


def of_province(connection: Connection, counts: Sequence[Count]) -> Iterator[Control]:
    """The province's counts of the year, and that nothing differs from the rosters but what its exports say."""
    found = [one for one in _told(connection, COUNTED) if isinstance(one, ProvincialCounted)]
    yield Control(_PROVINCE, "条数", len(counts), len(found))
    yield Control(_PROVINCE, "户次", sum(one.households for one in counts), sum(one.households for one in found))
    yield Control(_PROVINCE, "人次", sum(one.persons for one in counts), sum(one.persons for one in found))
    stated, said = sum(one.fen for one in counts), sum(one.amount_fen for one in found)
    yield Control(_PROVINCE, "金额(元)", stated, said, money=True)
    table = TABLES["M4"].make(connection, Asked(MONTHS[LATE], MONTHS[LATE], _LAST))
    gaps = [row for row in _rows(table) if any(row[key] for key in _GAPS)]
    yield Control(_PROVINCE, "与名册不一致的项目", sum(bool(one.remark) for one in counts), len(gaps))
    yield Control(_PROVINCE, "三方核对未解释", 0, sum(note.is_check for note in table.notes))


def of_work(connection: Connection, work: Sequence[Counted]) -> Iterator[Control]:
    """What the offices counted, as the year's tables add it up."""
    for code, table, column, name in _WORK:
        found = TABLES[code].make(connection, Asked(MONTHS[0], MONTHS[-1], _LAST))
        stated = sum(one.value for one in work if (one.table, one.column) == (table, name))
        told = [row[column] for row in _rows(found)]
        yield Control(table, name, stated, sum(one for one in told if isinstance(one, int)))
        yield Control(table, "不符", 0, sum(note.is_check for note in found.notes))


def of_elders(paid: Mapping[str, SubsidySum], quarters: Sequence[Quarter]) -> Iterator[Control]:
    """Persons on the year's last list, person-times and money of the quarterly allowance."""
    found = paid.get(PROGRAMME)
    numbers = (0, 0, 0) if found is None else (found.persons, found.person_times, found.paid_fen)
    yield Control(NAME, "人数", len(quarters[-1].elders), numbers[0])
    yield Control(NAME, "发放人次", sum(len(one.elders) for one in quarters), numbers[1])
    yield Control(NAME, "实发(元)", sum(one.total_fen for one in quarters), numbers[2], money=True)


def of_families(connection: Connection, families: Families) -> Iterator[Control]:
    """Households whose members a sheet stated, and the members; a roster's own changes state none anew."""
    told = [one for one in _told(connection, "enrolment.changed") if isinstance(one, EnrolmentChanged)]
    found = [one.members for one in told if one.reasons == ("members",) and one.members]
    yield Control("家庭成员", "户数", len(families.all), len(found))
    yield Control("家庭成员", "人数", sum(len(one.members) for one in families.all), sum(map(len, found)))


def _rows(table: Table) -> Iterator[dict[str, Any]]:
    """A table's rows as cells by column."""
    keys = [column.key for column in table.columns]
    yield from (dict(zip(keys, row.cells, strict=True)) for row in table.rows if row.kind == "row")


def _told(connection: Connection, *kinds: str) -> Iterator[Event]:
    """Every event of some kinds, in the order in which they were recorded."""
    chosen = select(events.c.kind, events.c.data).where(events.c.kind.in_(kinds)).order_by(events.c.position)
    for kind, data in connection.execute(chosen):
        yield trusted_event(kind, data)
