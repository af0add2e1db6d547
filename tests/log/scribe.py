"""Makes vouchers that continue a log, as the writer would: positions, numbers and running balances follow."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from ledger.log.appending import Head, NewEvent, NewFinding, NewPosting, NewVoucher, append_vouchers, read_head
from ledger.log.store import LogStore

DAY = date(2025, 9, 5)


class Said(NamedTuple):
    """An event to record."""

    kind: str = "donation.received"
    tags: tuple[str, ...] = ("fund:1",)


class Posted(NamedTuple):
    """A leg to post on the event of that index."""

    event: int
    code: str
    amount_fen: int
    fund: str = "fund:1"
    role: str = "bank"
    party: str = ""
    book: str = "main"
    day: date = DAY


class Scribe:
    """Writes one voucher after another. Use one scribe a log."""

    def __init__(self, head: Head) -> None:
        self.number = head.number
        self.position = head.position
        self.running: defaultdict[tuple[str, ...], int] = defaultdict(int)
        self.numbers: defaultdict[tuple[str, str, str], int] = defaultdict(int)

    def voucher(
        self,
        events: Sequence[Said] = (Said(),),
        legs: Sequence[Posted] = (),
        *,
        entity: str = "entity:1",
        word: str | None = "记",
        findings: Sequence[NewFinding] = (),
    ) -> NewVoucher:
        """The next voucher."""
        self.number += 1
        first = self.position + 1
        self.position += len(events)
        return NewVoucher(
            number=self.number,
            voucher_id=f"voucher-{self.number}",
            first_position=first,
            entity=entity,
            voucher_date=DAY,
            voucher_no=None if word is None else self._next_no(entity, word),
            posted_at=f"2025-09-05T{self.number // 3600:02}:{self.number // 60 % 60:02}:{self.number % 60:02}+08:00",
            statement_digest=f"sha256:{self.number:064}",
            maker="officer:1",
            amount_fen=sum(leg.amount_fen for leg in legs if leg.amount_fen > 0),
            software="0.1.0",
            leaf=f"leaf {self.number}".encode(),
            events=[
                NewEvent(f"event-{at}", said.kind, f"data {at}".encode(), said.tags)
                for at, said in enumerate(events, first)
            ],
            postings=[
                self._posting(entity, first, line, leg)
                for line, leg in enumerate(sorted(legs, key=lambda leg: leg.event), 1)
            ],
            findings=list(findings),
        )

    def _next_no(self, entity: str, word: str) -> tuple[str, str, int]:
        key = (entity, "2025-09", word)
        self.numbers[key] += 1
        return "2025-09", word, self.numbers[key]

    def _posting(self, entity: str, first: int, line: int, leg: Posted) -> NewPosting:
        key = (entity, leg.fund, "chart-1", leg.code, leg.party, leg.book)
        self.running[key] += leg.amount_fen
        return NewPosting(
            position=first + leg.event,
            line=line,
            entity=entity,
            fund=leg.fund,
            chart="chart-1",
            code=leg.code,
            role=leg.role,
            party=leg.party,
            book=leg.book,
            amount_fen=leg.amount_fen,
            occurred_on=leg.day,
            balance_after_fen=self.running[key],
        )


def gift(fen: int, day: date = DAY, fund: str = "fund:1") -> tuple[Posted, Posted]:
    """Money in the bank, and income."""
    return (
        Posted(0, "1002", fen, fund, "bank", "account:1", day=day),
        Posted(0, "4001", -fen, fund, "donation_unrestricted", day=day),
    )


def write(store: LogStore, vouchers: Sequence[NewVoucher]) -> Head:
    """Append vouchers after the head as it stands."""
    with store.write() as connection:
        return append_vouchers(connection, read_head(connection), vouchers)


def scribe_of(store: LogStore) -> Scribe:
    """A scribe that continues an empty log."""
    with store.read() as connection:
        return Scribe(read_head(connection))
