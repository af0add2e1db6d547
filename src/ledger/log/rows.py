"""The rows that are added to the log and the rows that are read back: plain values, no judgement.

Amounts are signed fen, debit positive. Times are `YYYY-MM-DDTHH:MM:SS+08:00`, days are dates. Empty `fund` or `party`
is the empty string, never None.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from ledger.signing.merkle import Frontier


class NewEvent(NamedTuple):
    """An event's bytes as they were signed; `tags` in the order of its fields, each once."""

    event_id: str
    kind: str
    data: bytes
    tags: tuple[str, ...]


class NewPosting(NamedTuple):
    """One leg. `balance_after_fen` is the running balance of (entity, fund, chart, code, party, book) after it."""

    position: int
    line: int
    entity: str
    fund: str
    chart: str
    code: str
    role: str
    party: str
    book: str
    amount_fen: int
    occurred_on: date
    balance_after_fen: int


@dataclass(slots=True)
class NewFinding:
    """What a rule had to say of a recorded event; `detail` holds JSON values."""

    position: int
    code: str
    stage: str
    detail: Mapping[str, Any]


@dataclass(slots=True)
class NewVoucher:
    """A judged voucher with everything that is written for it. `voucher_no` is (period, word, no) or None."""

    number: int
    voucher_id: str
    first_position: int
    entity: str
    voucher_date: date
    voucher_no: tuple[str, str, int] | None
    posted_at: str
    statement_digest: str
    maker: str
    amount_fen: int
    software: str
    leaf: bytes
    events: list[NewEvent]
    postings: list[NewPosting] = field(default_factory=list)
    findings: list[NewFinding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log ends: last voucher number and event position (0: none), root over the leaves, last `posted_at`
    ('' when empty), and the right edge of the tree, which `append_vouchers` copies before it grows it.
    """

    number: int
    position: int
    root: bytes
    posted_at: str
    frontier: Frontier


class StoredEvent(NamedTuple):
    """An event as the log holds it; `voucher_number` is 0 for a bare event that no voucher holds."""

    position: int
    kind: str
    data: bytes
    voucher_number: int
    tags_text: str

    def tags(self) -> tuple[str, ...]:
        """The event's tags in their order."""
        return tuple(json.loads(self.tags_text))


@dataclass(frozen=True, slots=True)
class StoredVoucher:
    """A voucher's row."""

    number: int
    voucher_id: str
    first_position: int
    count: int
    entity: str
    voucher_date: date
    period: str | None
    word: str | None
    no: int | None
    posted_at: str
    statement_digest: str
    maker: str
    amount_fen: int
    software: str
    leaf: bytes

    @property
    def last_position(self) -> int:
        """Position of the voucher's last event."""
        return self.first_position + self.count - 1

    @property
    def voucher_no(self) -> tuple[str, str, int] | None:
        """(period, word, no), or None when the accountant's numbering does not count this voucher."""
        if self.period is None or self.word is None or self.no is None:
            return None
        return self.period, self.word, self.no


class AccountKey(NamedTuple):
    """What a running balance belongs to."""

    entity: str
    fund: str
    chart: str
    code: str
    party: str
    book: str


class StoredPosting(NamedTuple):
    """A leg's row."""

    position: int
    line: int
    voucher: int
    entity: str
    fund: str
    chart: str
    code: str
    party: str
    book: str
    role: str
    amount_fen: int
    occurred_on: date
    balance_after_fen: int

    @property
    def key(self) -> AccountKey:
        """The account that this leg moved."""
        return AccountKey(self.entity, self.fund, self.chart, self.code, self.party, self.book)


class StoredBalance(NamedTuple):
    """What stands on an account in one role now; `position` is that of the last posting that moved it."""

    entity: str
    fund: str
    chart: str
    code: str
    party: str
    book: str
    role: str
    amount_fen: int
    position: int

    @property
    def key(self) -> AccountKey:
        """The account, whatever its role."""
        return AccountKey(*self[:6])


class StoredCheckpoint(NamedTuple):
    """A signed note over the log's first `size` vouchers."""

    size: int
    root: bytes
    note: str
