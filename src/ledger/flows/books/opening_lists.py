"""The sub-ledgers that an opening brings: lists behind the accounts, each row with what its flow must know later.

A list is compared with the account it explains (see `opening.py`); its rows carry the tags of what they name, so that
whoever reads a pledge, a lot, a recovery or an asset finds where it began. Source: 期初建账.
"""

from typing import Annotated, Literal

from pydantic import Field

from ledger.accounts.roles import Role
from ledger.flows.books.journal import AccountCode, Party
from ledger.flows.event import Part
from ledger.flows.fields import (
    AccountId,
    AssetId,
    Count,
    Day,
    DigestText,
    DonorRef,
    Fen,
    FindingId,
    FreeText,
    FundId,
    Label,
    LotId,
    Numbered,
    NumberLabel,
    PersonRef,
    PledgeId,
    PositiveFen,
    ProgrammeId,
    RecoveryId,
    SignedFen,
)

OpeningParty = Annotated[Party, Numbered()]
"""A sub-ledger that the book begins with: named here first, so that nothing has to be called by a person's number."""


class OpeningLine(Part):
    """One account of a fund and a party: where the year began, what moved since, and where the book begins."""

    fund: FundId
    role: Role
    code: AccountCode | None
    party: OpeningParty
    year_start_fen: SignedFen
    debit_fen: Fen
    credit_fen: Fen
    balance_fen: SignedFen


class OpeningPaper(Part):
    """A paper the opening rests on, by digest."""

    paper: Literal[
        "trial_balance",
        "bank_statement",
        "reconciliation",
        "cash_count",
        "stock_count",
        "roster",
        "head_approval",
    ]
    digest: DigestText
    dated: Day


class OpeningPledge(Part):
    """A pledge that is still owed."""

    pledge: PledgeId
    donor: DonorRef | None
    fund: FundId
    due: Day | None
    amount_fen: PositiveFen


class OpeningLot(Part):
    """Goods in stock, at the value they were taken in at."""

    lot: LotId
    fund: FundId
    item: Label
    unit: Label
    scale: Annotated[int, Field(ge=0, le=6)]
    quantity: Annotated[int, Field(ge=1, le=10**12)]
    """In the smallest parts: 12.5 with scale 1 is 125."""
    value_fen: Fen
    expires_on: Day | None


class OpeningReceivable(Part):
    """Somebody owes: an advance, a prepayment, a deposit paid."""

    fund: FundId
    role: Literal[Role.RECEIVABLE, Role.PREPAID]
    party: OpeningParty
    since: Day
    amount_fen: PositiveFen


class OpeningRecovery(Part):
    """A recovery ordered before the book began, and what came in of it; its flow goes on from here."""

    recovery: RecoveryId
    finding: FindingId
    programme: ProgrammeId
    destination: Literal["programme", "treasury"]
    fund: FundId
    person: PersonRef | None
    ordered_fen: PositiveFen
    collected_fen: Fen
    ordered_on: Day


class OpeningBankItem(Part):
    """An item of the last reconciliation (未达账项): the bank or the book had it, the other not yet."""

    account: AccountId
    seen_by: Literal["bank", "book"]
    on: Day
    amount_fen: SignedFen
    note: FreeText


class OpeningReceipts(Part):
    """A range of donation receipts that were not used yet (未用票段)."""

    code: NumberLabel
    first: NumberLabel
    last: NumberLabel


class OpeningAsset(Part):
    """A fixed asset in use."""

    asset: AssetId
    fund: FundId
    name: Label
    acquired_on: Day
    cost_fen: PositiveFen
    depreciation_fen: Fen
    residual_fen: Fen
    life_months: Annotated[int, Field(ge=1, le=1_200)]


class OpeningRoster(Part):
    """The roster of public aid on that day, by its file; its enrolments come with `origin: history`."""

    digest: DigestText
    households: Count
    persons: Count
    monthly_fen: Fen
