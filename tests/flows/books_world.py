"""A small association in memory: what tests of the books, of authority and of running costs record against.

Entity `charity` (npo chart), bureau `bureau`; funds `free`, `school` (restricted), `agent` (held for a payee), `bare`
(donors forbade cost); 10,000 yuan of each fund on the bank account `icbc`, 100 yuan of free money in the box `till`.
"""

from typing import Any, Final

from ledger.accounts.roles import Role
from ledger.flows.authority.book import Administrator, BookOpened
from ledger.flows.authority.entities import EntityRegistered
from ledger.flows.authority.officers import OfficerNamed
from ledger.flows.books.journal import FreeLeg, JournalPosted
from ledger.flows.giving.funds import FundOpened
from tests.flows.event_samples import make
from tests.flows.fake_knowledge import FakeKnowledge

FUNDS: Final[dict[str, dict[str, Any]]] = {
    "free": {"fund_kind": "unrestricted"},
    "school": {"fund_kind": "restricted"},
    "agent": {"fund_kind": "agency", "final_payee": "town"},
    "bare": {"fund_kind": "restricted", "no_cost": True},
}

_INCOME: Final = {"free": Role.DONATION_UNRESTRICTED, "agent": Role.AGENCY}


def journal(*legs: tuple[str, Role, int, str], **given: Any) -> JournalPosted:
    """An ordinary voucher of legs (fund, role, fen, party)."""
    rows = tuple(make(FreeLeg, fund=f, role=r, amount_fen=fen, party=party) for f, r, fen, party in legs)
    return make(JournalPosted, entity="charity", legs=rows, **given)


def administrators() -> tuple[Administrator, ...]:
    """Three people with three keys."""
    return tuple(
        make(Administrator, officer=f"admin-{n}", keyid=f"{n:016x}", key=f"ed25519:{'A' * 42}{letter}=")
        for n, letter in enumerate("AEI", 1)
    )


def world() -> FakeKnowledge:
    """The association on 2025-09-30, with nothing else recorded."""
    model = FakeKnowledge()
    model.record(
        make(BookOpened, administrators=administrators(), operator_key=f"ed25519:{'O' * 42}M="),
        make(EntityRegistered, entity="charity", entity_kind="charity", book_kind="statutory", chart_family="npo"),
        make(EntityRegistered, entity="bureau", entity_kind="bureau", book_kind="control", chart_family="control"),
        *(make(OfficerNamed, officer=name, entity="charity", post="clerk") for name in ("li", "wang", "zhao")),
        *(make(FundOpened, fund=fund, **given) for fund, given in FUNDS.items()),
    )
    for fund in FUNDS:
        income = _INCOME.get(fund, Role.DONATION_RESTRICTED)
        party = "town" if fund == "agent" else ""
        model.record(journal((fund, Role.BANK, 1_000_000, "icbc"), (fund, income, -1_000_000, party)))
    model.record(journal(("free", Role.CASH, 10_000, "till"), ("free", Role.DONATION_UNRESTRICTED, -10_000, "")))
    return model
