"""The ordinary voucher (一般凭证) with free legs, and the entity's own detail accounts (明细科目).

A free leg may not touch a control account: what a donor gave, what is owed to a payee or moves between funds has its
own typed event, and a free leg would hide it. A policy may lift that bar, and then everyone sees that it did. Source:
一般凭证; 期初建账.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints

from ledger.accounts.chart import Account, Chart
from ledger.accounts.legs import Leg
from ledger.accounts.roles import CONTROL_ACCOUNTS, LIQUID, Role
from ledger.flows.authority.entities import chart_now, entity_need, unknown_entity
from ledger.flows.authority.policies import policy_needs, policy_of
from ledger.flows.checks import distinct, find, in_future
from ledger.flows.event import Event, Part, Stage
from ledger.flows.fields import Day, DocumentNo, EntityId, FreeText, FundId, Label, Origin, SignedFen, check_party
from ledger.flows.giving.funds import RESTRICTED_KINDS, covered, fund_need, kind_of, restricted_left, unknown
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.running.costs import PURPOSE_SINCE, cost_astray

AccountCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,20}$")]
Party = Annotated[str, AfterValidator(check_party)]
"""A sub-ledger's name: an account, a payee, an advance, and for public money a funding document (湘财社指〔2024〕1号).
Empty when the account has none. Which roles may have a document's name is a rule: no person's name is in the books.
"""
_ID_PARTY: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._:~-]{0,119})?")
_OF_DOCUMENTS: Final = frozenset({Role.QUOTA, Role.FISCAL_INCOME})

_LEFT_SINCE: Final = 11
MEMO_ROLES: Final = frozenset({Role.COMMITTED, Role.COMMITTED_CONTRA, Role.PLEDGED, Role.PLEDGED_CONTRA})


class AccountOpened(Event):
    """An entity opens a detail account under an account of a chart version, or under another detail account."""

    stage: ClassVar[Stage] = Stage.GATE
    reversible: ClassVar[bool] = False

    kind: Literal["account.opened"] = "account.opened"
    version: Literal[1] = 1
    entity: EntityId
    chart: Label
    code: AccountCode
    parent: AccountCode
    name: Label
    aux: Literal["fund", "project", "party"] | None

    def needs(self) -> tuple[Need, ...]:
        return (entity_need(self.entity), own_accounts_need(self.entity))


class FreeLeg(Part):
    """One leg, signed, debit positive. `code` null posts to the role's leading account of the chart in force."""

    fund: FundId
    role: Role
    code: AccountCode | None
    party: Party
    amount_fen: SignedFen


class JournalPosted(Event):
    """An ordinary voucher: legs that sum to zero in each fund, with what it is about."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["journal.posted"] = "journal.posted"
    version: Literal[1] = 1
    entity: EntityId
    legs: Annotated[tuple[FreeLeg, ...], Field(min_length=2, max_length=1_000)]
    summary: FreeText
    approval: DocumentNo | None
    on: Day
    origin: Origin

    def needs(self) -> tuple[Need, ...]:
        funds = dict.fromkeys(leg.fund for leg in self.legs)
        accounts = (entity_need(self.entity), own_accounts_need(self.entity))
        return (*accounts, *policy_needs(self.entity), *(fund_need(fund) for fund in funds))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        legs = tuple(Leg(leg.fund, leg.role, leg.amount_fen, leg.party, "main", leg.code) for leg in self.legs)
        return covered(model, legs)


def own_accounts_need(entity: str) -> Need:
    """The history of an entity's detail accounts."""
    return Need(f"entity:{entity}", ("account.opened",))


def own_accounts(model: Knowledge, entity: str, chart: str) -> dict[str, AccountOpened]:
    """Code -> the detail account that an entity opened in a chart version; needs `own_accounts_need(entity)`."""
    opened = (recorded.event for recorded in find(model, own_accounts_need(entity)))
    return {one.code: one for one in opened if isinstance(one, AccountOpened) and one.chart == chart}


def place_of(model: Knowledge, entity: str, chart: Chart, code: str) -> Account | None:
    """The chart's account that a code is, or that an opened detail account stands under; None for an unknown code."""
    found = chart.find(code)
    if found is not None:
        return found
    return chart.place(code) if code in own_accounts(model, entity, chart.version) else None


@rule(AccountOpened, JournalPosted, code="ENTITY_UNKNOWN", source="ADR-0003", form=True)
def entity_is_known(event: AccountOpened | JournalPosted, model: Knowledge) -> Verdict:
    yield from unknown_entity(model, event.entity)


@rule(AccountOpened, JournalPosted, code="ENTITY_OTHER", source="会计主体分账", form=True)
def entity_is_the_vouchers(event: AccountOpened | JournalPosted, model: Knowledge) -> Verdict:
    if event.entity != model.entity:
        yield {"entity": event.entity, "voucher_entity": model.entity}


@rule(AccountOpened, code="ACCOUNT_PARENT", source="一般凭证", form=True)
def stands_under_its_parent(event: AccountOpened, model: Knowledge) -> Verdict:
    chart = chart_now(model, event.entity)
    if chart is None:
        return
    fits = event.code.startswith(event.parent) and len(event.code) > len(event.parent)
    known = place_of(model, event.entity, chart, event.parent) is not None
    if event.chart != chart.version or not fits or not known:
        yield {"code": event.code, "parent": event.parent, "chart": chart.version}


@rule(AccountOpened, code="ACCOUNT_CODE_TWICE", source="一般凭证", form=True)
def opened_once(event: AccountOpened, model: Knowledge) -> Verdict:
    chart = chart_now(model, event.entity)
    if chart is not None and place_of(model, event.entity, chart, event.code) is not None:
        yield {"code": event.code, "chart": chart.version}


@rule(JournalPosted, code="FUND_UNKNOWN", source="ADR-0003", form=True)
def funds_are_known(event: JournalPosted, model: Knowledge) -> Verdict:
    yield from unknown(model, *(leg.fund for leg in event.legs))


@rule(JournalPosted, code="FACT_IN_FUTURE", source="会计期间", form=True)
def not_in_future(event: JournalPosted, model: Knowledge) -> Verdict:
    yield from in_future(model, event.on)


@rule(JournalPosted, code="JOURNAL_UNBALANCED", source="红字冲销", form=True)
def sums_to_zero(event: JournalPosted, model: Knowledge) -> Verdict:
    sums: defaultdict[str, int] = defaultdict(int)
    for leg in event.legs:
        sums[leg.fund] += leg.amount_fen
    for fund, difference_fen in sums.items():
        if difference_fen:
            yield {"fund": fund, "difference_fen": difference_fen}


@rule(JournalPosted, code="JOURNAL_LEGS", source="会计基础工作规范", form=True)
def legs_say_something(event: JournalPosted, model: Knowledge) -> Verdict:
    keys = [(leg.fund, leg.role, leg.code, leg.party, leg.amount_fen > 0) for leg in event.legs]
    if not distinct(keys) or any(not leg.amount_fen or leg.role in MEMO_ROLES for leg in event.legs):
        yield {"legs": len(event.legs)}


@rule(JournalPosted, code="JOURNAL_ACCOUNT", source="一般凭证", form=True)
def codes_fit_roles(event: JournalPosted, model: Knowledge) -> Verdict:
    chart = chart_now(model, event.entity)
    if chart is None:
        return
    for leg in event.legs:
        found = None if leg.code is None else place_of(model, event.entity, chart, leg.code)
        if leg.code is not None and (found is None or found.role is not leg.role):
            yield {"code": leg.code, "role": leg.role.value, "chart": chart.version}


@rule(JournalPosted, code="PARTY_NAME", source="GB/T 35273 (no names in the books)", form=True)
def parties_are_names_of_ledgers(event: JournalPosted, model: Knowledge) -> Verdict:
    yield from odd_parties((leg.role, leg.party) for leg in event.legs)


def odd_parties(places: Iterable[tuple[Role, str]]) -> Verdict:
    """The body of PARTY_NAME: a party that is no id, where the role is not kept by funding document."""
    for role, party in dict.fromkeys(places):
        if role not in _OF_DOCUMENTS and _ID_PARTY.fullmatch(party) is None:
            yield {"role": role.value, "party": party}


@rule(JournalPosted, code="CONTROL_ACCOUNT", source="期初建账: control accounts barred to free legs", form=True)
def control_accounts_barred(event: JournalPosted, model: Knowledge) -> Verdict:
    policy = policy_of(model, event.entity)
    if policy is not None and policy.free_control_accounts:
        return
    for role in sorted({leg.role for leg in event.legs} & CONTROL_ACCOUNTS):
        yield {"role": role.value}


@rule(JournalPosted, code="ACCOUNT_SHORT", source="no fund below zero")
def accounts_hold_it(event: JournalPosted, model: Knowledge) -> Verdict:
    moves: defaultdict[tuple[str, Role, str], int] = defaultdict(int)
    for leg in event.legs:
        if leg.role in LIQUID:
            moves[leg.fund, leg.role, leg.party] += leg.amount_fen
    for (fund, role, party), change in moves.items():
        held = model.balance(fund, role, party)
        if change < 0 and held + change < 0:
            yield {"fund": fund, "account": party, "amount_fen": -change, "held_fen": held}


@rule(
    JournalPosted,
    code="COST_OUTSIDE_PURPOSE",
    source="Charity Law arts. 54 and 56",
    warns=True,
    edition=PURPOSE_SINCE,
)
def uses_of_the_funds(event: JournalPosted, model: Knowledge) -> Verdict:
    for fund in _programme_costs(event):
        yield from cost_astray(model, fund, "programme", event.summary)


@rule(
    JournalPosted,
    code="COST_NOT_RELEASED",
    source="民间非营利组织会计制度 (限定性净资产)",
    warns=True,
    edition=PURPOSE_SINCE,
)
def spending_frees_the_restriction(event: JournalPosted, model: Knowledge) -> Verdict:
    """Free legs move what they say and nothing else: what is spent of a restricted fund stays restricted by them. Of
    a cost that is more than what was left to free, the tenth edition told the whole.
    """
    freed = {leg.fund for leg in event.legs if leg.role is Role.NET_RESTRICTED}
    for fund, fen in _programme_costs(event).items():
        if kind_of(model, fund) not in RESTRICTED_KINDS or fund in freed:
            continue
        kept = fen if model.edition < _LEFT_SINCE else min(fen, _to_free(event, model, fund))
        if kept > 0:
            yield {"fund": fund, "amount_fen": kept}


def _to_free(event: JournalPosted, model: Knowledge, fund: str) -> int:
    """Fen of a fund that are still under restriction, with what the voucher itself brings."""
    brought = sum(leg.amount_fen for leg in event.legs if (leg.fund, leg.role) == (fund, Role.DONATION_RESTRICTED))
    return restricted_left(model, fund) - brought


def _programme_costs(event: JournalPosted) -> dict[str, int]:
    """Fund -> the programme cost that a voucher of today's books adds to it; what was of the past is told as it was."""
    found: defaultdict[str, int] = defaultdict(int)
    for leg in event.legs:
        if leg.role is Role.PROGRAMME_COST and event.origin == "decision":
            found[leg.fund] += leg.amount_fen
    return {fund: fen for fund, fen in found.items() if fen > 0}
