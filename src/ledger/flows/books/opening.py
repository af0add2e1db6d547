"""Opening balances (期初建账): once an entity, in any month, with every sub-ledger and the papers they were taken from.

The sums are form: an opening that does not tie is no opening. An error found later is an ordinary adjustment, never a
second opening. Source: 期初建账; 会计基础工作规范.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from ledger.accounts.legs import Leg, pledged
from ledger.accounts.roles import Role
from ledger.flows.authority.entities import chart_now, entity_need, unknown_entity
from ledger.flows.books.journal import MEMO_ROLES, odd_parties, own_accounts_need, place_of
from ledger.flows.books.opening_lists import (
    OpeningAsset,
    OpeningBankItem,
    OpeningLine,
    OpeningLot,
    OpeningPaper,
    OpeningPledge,
    OpeningReceipts,
    OpeningReceivable,
    OpeningRecovery,
    OpeningRoster,
)
from ledger.flows.checks import distinct
from ledger.flows.event import Event, Stage
from ledger.flows.fields import Day, EntityId, Month, SignedFen
from ledger.flows.giving.funds import covered, fund_need, unknown
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule

_RESULT_FREE: Final = frozenset({Role.NET_UNRESTRICTED, Role.PRIOR_YEAR})


class OpeningRecorded(Event):
    """Where an entity's books stand on the first day of `period`, as its old system and its papers say."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["opening.recorded"] = "opening.recorded"
    version: Literal[1] = 1
    entity: EntityId
    period: Month
    on: Day
    lines: Annotated[tuple[OpeningLine, ...], Field(min_length=1, max_length=5_000)]
    net_unrestricted_fen: SignedFen
    """非限定性净资产 of the old trial balance, credit positive: what all funds together must come to."""
    net_restricted_fen: SignedFen
    papers: Annotated[tuple[OpeningPaper, ...], Field(min_length=1, max_length=100)]
    pledges: Annotated[tuple[OpeningPledge, ...], Field(max_length=5_000)]
    lots: Annotated[tuple[OpeningLot, ...], Field(max_length=5_000)]
    receivables: Annotated[tuple[OpeningReceivable, ...], Field(max_length=5_000)]
    recoveries: Annotated[tuple[OpeningRecovery, ...], Field(max_length=5_000)]
    bank_items: Annotated[tuple[OpeningBankItem, ...], Field(max_length=5_000)]
    receipt_ranges: Annotated[tuple[OpeningReceipts, ...], Field(max_length=500)]
    assets: Annotated[tuple[OpeningAsset, ...], Field(max_length=5_000)]
    roster: OpeningRoster | None

    def needs(self) -> tuple[Need, ...]:
        funds = dict.fromkeys([line.fund for line in self.lines] + [pledge.fund for pledge in self.pledges])
        own = (entity_need(self.entity), opening_need(self.entity), own_accounts_need(self.entity))
        return (*own, *(fund_need(fund) for fund in funds))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        main = [Leg(row.fund, row.role, row.balance_fen, row.party, "main", row.code) for row in self.lines]
        memo = [leg for row in self.pledges for leg in pledged(row.fund, row.amount_fen, row.pledge)]
        return (*covered(model, tuple(main)), *memo)

    def of_role(self, *roles: Role) -> dict[str, int]:
        """Fund -> signed fen of its lines in some roles."""
        sums: defaultdict[str, int] = defaultdict(int)
        for line in self.lines:
            if line.role in roles:
                sums[line.fund] += line.balance_fen
        return dict(sums)


def opening_need(entity: str) -> Need:
    """The history of an entity's opening: one event, or none."""
    return Need(f"entity:{entity}", ("opening.recorded",))


def _by_fund(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: defaultdict[str, int] = defaultdict(int)
    for fund, fen in rows:
        sums[fund] += fen
    return dict(sums)


def _sub_ledgers(event: OpeningRecorded) -> Iterator[tuple[str, dict[str, int], dict[str, int]]]:
    """For each list: its name, what it adds up to by fund, and what the accounts behind it say."""
    yield "lots", _by_fund((row.fund, row.value_fen) for row in event.lots), event.of_role(Role.INVENTORY)
    owed = [row for row in event.receivables if row.role is Role.RECEIVABLE]
    paid = [row for row in event.receivables if row.role is Role.PREPAID]
    yield "receivables", _by_fund((row.fund, row.amount_fen) for row in owed), event.of_role(Role.RECEIVABLE)
    yield "prepayments", _by_fund((row.fund, row.amount_fen) for row in paid), event.of_role(Role.PREPAID)
    open_fen = ((row.fund, row.ordered_fen - row.collected_fen) for row in event.recoveries)
    yield "recoveries", _by_fund(open_fen), event.of_role(Role.RECOVERABLE)
    worth = ((row.fund, row.cost_fen - row.depreciation_fen) for row in event.assets)
    yield "assets", _by_fund(worth), event.of_role(Role.FIXED_ASSET, Role.DEPRECIATION)


@rule(OpeningRecorded, code="ENTITY_UNKNOWN", source="ADR-0003", form=True)
def entity_is_known(event: OpeningRecorded, model: Knowledge) -> Verdict:
    yield from unknown_entity(model, event.entity)


@rule(OpeningRecorded, code="ENTITY_OTHER", source="会计主体分账 (a voucher belongs to one entity)", form=True)
def entity_is_the_vouchers(event: OpeningRecorded, model: Knowledge) -> Verdict:
    if event.entity != model.entity:
        yield {"entity": event.entity, "voucher_entity": model.entity}


@rule(OpeningRecorded, code="OPENING_TWICE", source="期初建账: once an entity", form=True)
def opened_once(event: OpeningRecorded, model: Knowledge) -> Verdict:
    for recorded in model.history(f"entity:{event.entity}", "opening.recorded"):
        yield {"entity": event.entity, "number": recorded.number}
        return


@rule(OpeningRecorded, code="FUND_UNKNOWN", source="ADR-0003", form=True)
def funds_are_known(event: OpeningRecorded, model: Knowledge) -> Verdict:
    yield from unknown(model, *(line.fund for line in event.lines), *(pledge.fund for pledge in event.pledges))


@rule(OpeningRecorded, code="OPENING_DAY", source="期初建账", form=True)
def dated_when_it_begins(event: OpeningRecorded, model: Knowledge) -> Verdict:
    if str(event.on) != f"{event.period}-01":
        yield {"period": event.period, "on": str(event.on)}


@rule(OpeningRecorded, code="OPENING_UNBALANCED", source="期初建账", form=True)
def every_fund_balances(event: OpeningRecorded, model: Knowledge) -> Verdict:
    for fund, difference_fen in _by_fund((line.fund, line.balance_fen) for line in event.lines).items():
        if difference_fen:
            yield {"fund": fund, "difference_fen": difference_fen}


@rule(OpeningRecorded, code="OPENING_YEAR_TO_DATE", source="期初建账", form=True)
def year_to_date_leads_to_balance(event: OpeningRecorded, model: Knowledge) -> Verdict:
    for line in event.lines:
        reached = line.year_start_fen + line.debit_fen - line.credit_fen
        if reached != line.balance_fen:
            yield {"fund": line.fund, "role": line.role.value, "reached_fen": reached, "balance_fen": line.balance_fen}


@rule(OpeningRecorded, code="OPENING_NET_ASSETS", source="期初建账 (funds together equal net assets)", form=True)
def funds_come_to_net_assets(event: OpeningRecorded, model: Knowledge) -> Verdict:
    for name, roles, stated in (
        ("unrestricted", _RESULT_FREE, event.net_unrestricted_fen),
        ("restricted", {Role.NET_RESTRICTED}, event.net_restricted_fen),
    ):
        funds_fen = -sum(event.of_role(*roles).values())
        if funds_fen != stated:
            yield {"net_assets": name, "funds_fen": funds_fen, "stated_fen": stated}


@rule(OpeningRecorded, code="OPENING_SUBLEDGER", source="期初建账", form=True)
def lists_explain_their_accounts(event: OpeningRecorded, model: Knowledge) -> Verdict:
    for name, listed, booked in _sub_ledgers(event):
        for fund in sorted(listed.keys() | booked.keys()):
            if listed.get(fund, 0) != booked.get(fund, 0):
                found = {"list_fen": listed.get(fund, 0), "account_fen": booked.get(fund, 0)}
                yield {"list": name, "fund": fund, **found}


@rule(OpeningRecorded, code="PARTY_NAME", source="GB/T 35273 (no names in the books)", form=True)
def parties_are_names_of_ledgers(event: OpeningRecorded, model: Knowledge) -> Verdict:
    owed = ((row.role, row.party) for row in event.receivables)
    yield from odd_parties((*((line.role, line.party) for line in event.lines), *owed))


@rule(OpeningRecorded, code="OPENING_LINES", source="期初建账", form=True)
def lines_are_plain(event: OpeningRecorded, model: Knowledge) -> Verdict:
    keys = [(line.fund, line.role, line.code, line.party) for line in event.lines]
    if not distinct(keys) or any(line.role in MEMO_ROLES for line in event.lines):
        yield {"lines": len(keys)}


@rule(OpeningRecorded, code="JOURNAL_ACCOUNT", source="一般凭证", form=True)
def codes_fit_roles(event: OpeningRecorded, model: Knowledge) -> Verdict:
    chart = chart_now(model, event.entity)
    for line in event.lines if chart is not None else ():
        found = None if line.code is None or chart is None else place_of(model, event.entity, chart, line.code)
        if line.code is not None and (found is None or found.role is not line.role):
            yield {"code": line.code, "role": line.role.value, "chart": "" if chart is None else chart.version}
