"""结账清单: what is still open of a month, and what a close must say of it before it is accepted. 期末结转: what of a
month's income and cost is to go to net assets.

A close names the root of the trial balance at its lock, and lists under `unsettled`, with a reason, whatever it lets
stand. Rules do not read books, so both are asked here, where the voucher is judged.
Source: 会计基础工作规范 (结账前须对账).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import orjson
from sqlalchemy import Column, Connection, func, select

from ledger.accounts.charts import chart_of
from ledger.accounts.roles import MONEY, Role
from ledger.application.open_items import open_lines
from ledger.application.waiting import all_waiting
from ledger.decisions.histories import REVERSED, STANDING, read_at_once, recorded, without_reversed
from ledger.decisions.prepared import Prepared
from ledger.decisions.recent import Recent
from ledger.errors import EvidenceError
from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.books.periods import CALENDAR_KINDS, RESULT, CarriedAccount, PeriodClosed
from ledger.flows.giving.in_kind import LOT_KINDS
from ledger.flows.granting.grant_use import PAID_KINDS, GrantUseReported
from ledger.flows.granting.grants import GrantCommitted, GrantDisbursed
from ledger.flows.knowledge import Finding, Need, Recorded
from ledger.flows.naming import is_reference
from ledger.flows.public_money.redress.stops import DECISIONS, orders_about
from ledger.log import reading, tables
from ledger.log.totals.trials import trial_of, trial_root
from ledger.signing.statements import Statement
from ledger.values.dates import Period

MATTERS: Final = {
    "funds": "E_CLOSE_FUNDS",
    "accounts": "E_CLOSE_ACCOUNTS",
    "suspense": "E_CLOSE_SUSPENSE",
    "advances": "E_CLOSE_ADVANCES",
    "offsets": "E_CLOSE_OFFSETS",
    "reports": "E_CLOSE_REPORTS",
    "stocks": "E_CLOSE_STOCKS",
    "bank_lines": "E_CLOSE_BANK_LINES",
    "statements": "E_CLOSE_STATEMENTS",
    "waiting": "E_CLOSE_WAITING",
}
"""What may stand open, in the order in which an accountant looks for it, and the code that says so."""
SHOWN: Final = 10
"""How many names a finding gives."""

_OWED: Final = frozenset({Role.SUSPENSE, Role.RECEIVABLE, Role.OFFSET_CLEARING})
_GRANT_KINDS: Final = ("grant.committed", *PAID_KINDS)
_KEPT: Final = ("subsidy.offset", "subsidy.paid", "batch.line_excluded", *DECISIONS)
"""What tells of an enrolment what was kept back of whom."""
Sums = Mapping[tuple[str, ...], int]
"""(fund, role, party) -> signed fen."""


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing of `MATTERS` that is open: how often, and what it concerns."""

    what: str
    names: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many of it there are."""
        return len(self.names)

    def finding(self, event: int, entity: str, period: str) -> Finding:
        """The finding that it is open, with the names of the first few."""
        shown = "、".join(self.names[:SHOWN]) + (" …" if self.count > SHOWN else "")
        told = {"entity": entity, "period": period, "count": self.count, "names": shown, "what": self.what}
        return Finding(MATTERS[self.what], event, tuple(told.items()))


def closing_findings(connection: Connection, voucher: Prepared) -> Iterator[Finding]:
    """E_CLOSE_ROOT, and one of each matter that a close neither finds settled nor lets stand by name."""
    for index, event in enumerate(voucher.events):
        if isinstance(event, PeriodClosed):
            yield from _root(connection, index, event)
            said: defaultdict[str, int] = defaultdict(int)
            for part in event.unsettled:
                said[part.what] += part.count
            for one in open_matters(connection, event.entity, event.period, event.position, voucher.statement.voucher):
                if one.count > said[one.what]:
                    yield one.finding(index, event.entity, event.period)


def open_matters(
    connection: Connection, entity: str, period: str, position: int, voucher: str | None = None
) -> list[Matter]:
    """What is open of a month: the books as they stood at a position, everything else as it is now. The waiting
    `voucher` that asks is not counted.
    """
    month = Period.parse(period)
    sums = _sums(connection, entity, month.last_day, position, MONEY | _OWED)
    accounts = _bank_accounts(connection, entity)
    found = {
        "funds": _below_zero((fund, fen) for (fund, role, _), fen in sums.items() if role in MONEY),
        "accounts": _below_zero((f"{role} {party}", fen) for (_, role, party), fen in sums.items() if role in MONEY),
        "suspense": sorted({party for (_, role, party), fen in sums.items() if role == Role.SUSPENSE and fen}),
        "advances": _advances(connection, sums),
        "offsets": _offsets(connection, sums),
        "reports": _unreported(connection, entity, month.last_day, position),
        "stocks": _more_out_than_in(connection, entity, month.last_day, position),
        "bank_lines": _lines(connection, entity, month.last_day, accounts),
        "statements": _unstated(connection, entity, month, accounts, position),
        "waiting": _waiting(connection, entity, month.last_day, voucher),
    }
    return [Matter(what, tuple(found[what])) for what in MATTERS if found[what]]


def to_carry_forward(connection: Connection, entity: str, period: str, position: int) -> list[CarriedAccount]:
    """The income and cost that stand at a month's end, as the lines of an entry that brings each account to zero."""
    until, columns = Period.parse(period).last_day, tables.postings.c
    accounts = (columns.chart, columns.code)
    found: defaultdict[tuple[str, str, str, str], int] = defaultdict(int)
    for (fund, role, party, chart, code), fen in _sums(connection, entity, until, position, RESULT, *accounts).items():
        found[fund, role, party, _detail(chart, code, Role(role), until)] += fen
    return [
        CarriedAccount(fund=fund, role=Role(role), party=party, code=code or None, balance_fen=fen)
        for (fund, role, party, code), fen in sorted(found.items())
        if fen
    ]


def _detail(chart: str, code: str, role: Role, day: date) -> str:
    """The code of an account that does not lead its role; '' for one that does, and where another chart is in force."""
    posted = chart_of(chart)
    return "" if posted.code(role) == code or not posted.covers(day) else code


def _root(connection: Connection, index: int, event: PeriodClosed) -> Iterator[Finding]:
    try:
        found = trial_root(trial_of(connection, event.entity, event.period, event.period, event.position))
    except EvidenceError as error:
        found = error.code
    if found != event.trial_balance_root:
        told = {"entity": event.entity, "period": event.period, "stated": event.trial_balance_root, "found": found}
        yield Finding("E_CLOSE_ROOT", index, tuple(told.items()))


def _sums(
    connection: Connection, entity: str, until: date, position: int, roles: Iterable[Role], *more: Column[str]
) -> dict[tuple[str, ...], int]:
    """(fund, role, party and what more is asked) -> what stands there by the end of a day, of some roles; signed."""
    columns = tables.postings.c
    names = (columns.fund, columns.role, columns.party, *more)
    wanted = sorted(role.value for role in roles)
    mine = (columns.entity == entity, columns.book == "main", columns.role.in_(wanted))
    dated = (columns.occurred_on <= until, columns.position <= position)
    rows = connection.execute(select(*names, func.sum(columns.amount_fen)).where(*mine, *dated).group_by(*names))
    return {tuple(row[:-1]): int(row[-1]) for row in rows}


def _below_zero(amounts: Iterable[tuple[str, int]]) -> list[str]:
    """The names that come to less than nothing."""
    held: defaultdict[str, int] = defaultdict(int)
    for name, fen in amounts:
        held[name] += fen
    return sorted(name for name, fen in held.items() if fen < 0)


def _facts(connection: Connection, tag: str, *kinds: str) -> list[Recorded]:
    """Recorded events with a tag that were not reversed."""
    wanted = (*kinds, REVERSED)
    rows = reading.events_at(connection, reading.tag_positions(connection, tag, wanted))
    return without_reversed(recorded(connection, rows), kinds)


def _bank_accounts(connection: Connection, entity: str) -> list[str]:
    events: list[Any] = [
        item.event for item in _facts(connection, STANDING, "bank.account_registered") if item.entity == entity
    ]
    return sorted(event.account for event in events if event.holding == "bank")


def _advances(connection: Connection, sums: Sums) -> list[str]:
    """Loans between funds that were not paid back; what is owed of one bears its name."""
    owed = sorted({party for (_, role, party), fen in sums.items() if role == Role.RECEIVABLE and fen})
    found = reading.places(connection, [f"advance:{party}" for party in owed], ("fund.advanced",))
    return [party for party in owed if found[f"advance:{party}"]]


def _offsets(connection: Connection, sums: Sums) -> list[str]:
    """Households of which something is kept back (扣回) and waits, though no recovery of theirs was ordered. What an
    opening took over was kept back for what was ordered then; of a line that was taken out unpaid nothing is.
    """
    kept = sorted({party for (_, role, party), fen in sums.items() if role == Role.OFFSET_CLEARING and fen})
    told = {enrolment: Need(f"enrolment:{enrolment}", _KEPT) for enrolment in kept}
    found = read_at_once(connection, told.values(), Recent())
    orders: dict[str, list[Need]] = {}
    for enrolment, need in told.items():
        events: list[Any] = [item.event for item in found[need]]
        paid = {one.payment for one in events if one.kind == "subsidy.paid"}
        out = {
            (one.payment, one.batch) for one in events if one.kind == "batch.line_excluded" and one.payment not in paid
        }
        bare = [one for one in events if one.kind == "subsidy.offset" and one.recovery is None]
        if any((one.payment, one.batch) not in out for one in bare):
            orders[enrolment] = orders_about(enrolment, [one for one in events if one.kind in DECISIONS])
    ordered = read_at_once(connection, [need for needs in orders.values() for need in needs], Recent())
    return [enrolment for enrolment, needs in orders.items() if not any(ordered[need] for need in needs)]


def _unreported(connection: Connection, entity: str, until: date, position: int) -> list[str]:
    """Grants whose use was to be reported by then and that have money of that time of which nobody has said until now
    what became of it: a report that came after the month is a report.
    """
    decided: dict[str, GrantCommitted] = {}
    left: defaultdict[str, int] = defaultdict(int)
    for event in _done(connection, _GRANT_KINDS, entity, date.max, position):
        if isinstance(event, GrantCommitted):
            decided[event.grant] = event
        elif isinstance(event, GrantDisbursed):
            left[event.grant] += event.amount_fen if event.occurred_on <= until else 0
        else:
            left[event.grant] -= event.used_fen if isinstance(event, GrantUseReported) else event.amount_fen
    late = [one for one in decided.values() if one.due is not None and one.due <= until and left[one.grant] > 0]
    return [f"{one.on} {one.purpose}" if is_reference(one.grant) else one.grant for one in late]


def _more_out_than_in(connection: Connection, entity: str, until: date, position: int) -> list[str]:
    """Lots of goods of which more went out than came in."""
    items: dict[str, str] = {}
    left: defaultdict[str, int] = defaultdict(int)
    for event in _done(connection, LOT_KINDS, entity, until, position):
        left[event.lot] += event.stock_change()
        items[event.lot] = getattr(event, "item", items.get(event.lot, ""))
    return [items[lot] if items[lot] and is_reference(lot) else lot for lot, quantity in left.items() if quantity < 0]


def _done(connection: Connection, kinds: Sequence[str], entity: str, until: date, position: int) -> Iterator[Any]:
    """The events of some kinds that an entity did by a day and the book had at a position, without reversed pairs."""
    columns = tables.events.c
    asked = select(columns.position).where(columns.kind.in_((*kinds, REVERSED)), columns.position <= position)
    rows = reading.events_at(connection, connection.scalars(asked.order_by(columns.position)))
    for item in without_reversed(recorded(connection, rows), ()):
        if item.event.kind != REVERSED and item.entity == entity:
            own = getattr(item.event, "occurred_on", None) or getattr(item.event, "on", None) or item.voucher_date
            if own <= until:
                yield item.event


def _lines(connection: Connection, entity: str, until: date, accounts: Sequence[str]) -> list[str]:
    """Lines of statements that nothing in the book explains; those from before an opening are in the opening."""
    facts = (item.event for item in _facts(connection, f"entity:{entity}", "opening.recorded"))
    began = next((event.on for event in facts if isinstance(event, OpeningRecorded)), date.min)
    found = [(account, line) for account in accounts for line in open_lines(connection, entity, account, until)]
    return [f"{account} {line.day}" for account, line in found if line.day >= began]


def _unstated(connection: Connection, entity: str, month: Period, accounts: Sequence[str], position: int) -> list[str]:
    """Bank accounts that moved in the month and whose statements do not reach its end. A statement ends with its last
    line; when it was fetched on the month's last day or later, nothing followed.
    """
    columns, until = tables.postings.c, month.last_day
    dated = (columns.occurred_on.between(month.first_day, until), columns.position <= position)
    mine = (columns.entity == entity, columns.book == "main", columns.role == Role.BANK.value)
    moved = set(connection.scalars(select(columns.party).where(*mine, *dated).distinct()))
    left: list[str] = []
    for account in accounts:
        stated: list[Any] = [item.event for item in _facts(connection, f"account:{account}", "bank.statement_imported")]
        of_month = [event for event in stated if event.last_day >= month.first_day]
        if account in moved and not any(max(one.last_day, one.source.obtained_on) >= until for one in of_month):
            left.append(account)
    return left


def _waiting(connection: Connection, entity: str, until: date, voucher: str | None) -> list[str]:
    """Vouchers of the month, or of one before it, that wait for a signature; closing a month is none of them."""
    left: list[str] = []
    for one in all_waiting(connection):
        dated = Statement.from_bytes(one.submission.envelope.payload).voucher_date
        kinds = {orjson.loads(data)["kind"] for data in one.submission.events}
        if (
            one.entity == entity
            and one.voucher != voucher
            and dated <= until.isoformat()
            and kinds.difference(CALENDAR_KINDS)
        ):
            left.append(one.voucher)
    return left
