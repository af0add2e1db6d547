"""A rehearsal: vouchers are judged one after another as if each had been posted, and nothing is written anywhere.

What a dry run says is thereby what the real run will say, also where one voucher rests on another.
"""

from datetime import datetime
from typing import cast

from sqlalchemy import Connection

from ledger.application import waiting
from ledger.application.batches import Batch, ids_of, judge_one
from ledger.application.outcomes import Outcome, VoucherRefusedError
from ledger.application.pins import Pins
from ledger.application.state import State
from ledger.application.telling.findings import named
from ledger.application.waiting import WaitingVoucher
from ledger.decisions.judging import needs_of
from ledger.decisions.model import World
from ledger.decisions.prepared import Prepared, Submission, prepare
from ledger.errors import LedgerError
from ledger.values.dates import timestamp_text


class Rehearsal:
    """One snapshot of the book and what was rehearsed on it; its memory is its own and not the writer's."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._state = State()
        head = self._state.catch_up(connection)
        self._batch = Batch(connection, self._state, head, max(timestamp_text(now), head.posted_at), "", {})
        self._world = World(connection, self._state.standing, self._state.authority, self._state.balances)
        self._pins = Pins(connection, head)
        self._taken: dict[str, int] = {}
        self.head = head
        """Where the log ends in this snapshot."""

    def preview(self, submission: Submission) -> Outcome:
        """What `submit` would answer now."""
        return self._judge(submission, keep=False)

    def again(self, row: WaitingVoucher) -> Outcome:
        """What a waiting voucher would be answered now, with the signatures that it has, and with what it would end."""
        prepared = prepare(Submission(row.submission.envelope, row.submission.events), self._state.keys)
        self._batch.kept = waiting.rows_of(self._batch.connection, [*ids_of([prepared])]) | {row.voucher: row}
        try:
            told = named(self._batch.connection, [self.judge(prepared, keep=False)], [prepared])
        except VoucherRefusedError as refused:
            named(self._batch.connection, [refused], [prepared])
            raise
        return cast("Outcome", told[0])

    def submit(self, submission: Submission) -> Outcome:
        """Judge a voucher; it counts for those that follow, unless it would wait for a signature or is refused."""
        return self._judge(submission, keep=True)

    def _judge(self, submission: Submission, *, keep: bool) -> Outcome:
        return self.judge(prepare(submission, self._state.keys), keep=keep)

    def judge(self, prepared: Prepared, *, keep: bool) -> Outcome:
        """What a voucher would be answered; with `keep` it counts for those that follow."""
        self._batch.rehearsed = keep
        self._world.histories.load(needs_of(prepared))  # at once, instead of a query for each event
        try:
            return judge_one(self._batch, self._world, self._pins, prepared, self._taken, dry=True)
        except LedgerError:
            self._world.forget(self._batch.next_position)
            raise
