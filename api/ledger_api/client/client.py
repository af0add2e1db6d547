"""A person's program in front of a served book: it signs, hands in, and verifies what it is answered.

Before anything is signed the newest checkpoint must extend the one that this person's programs know. A receipt counts
when its leaf holds the very envelopes that were signed and sent, the maker's and any approval's, under a checkpoint of
the operator; only then it is kept.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx2
from pydantic import ValidationError

from ledger.application.drafting import Signer, draft, draft_event
from ledger.application.drafting import approve as sign_approval
from ledger.application.outcomes import Outcome, Receipt, Waiting
from ledger.decisions.prepared import Submission, check_events
from ledger.errors import EvidenceError, InputError, LedgerError, RefusedError
from ledger.flows.event import Event
from ledger.flows.knowledge import Finding
from ledger.log.rows import NewPosting
from ledger.signing.dsse import Envelope
from ledger.signing.keys import SigningKey
from ledger.signing.leaves import Leaf, VoucherNo
from ledger.signing.statements import Seen, Statement
from ledger.values.dates import TZ, parse_day
from ledger_api.client import overseeing
from ledger_api.client.handing import Answered, unpacked_receipt, voucher_body, voucher_of
from ledger_api.client.imports import Accept, Imported, import_file
from ledger_api.client.reader import Reader
from ledger_api.client.signed_requests import SignedRequests
from ledger_api.client.wire import Manners
from ledger_api.http.models import (
    EntryModel,
    FindingModel,
    PendingDetail,
    PendingModel,
    PendingPage,
    ReceiptModel,
    Released,
    WaitingModel,
)
from ledger_api.knowing import keep_receipt, require_proven

Look = Callable[[Submission], bool]
"""Is shown the very bytes that would be approved; True signs."""


class Client(Reader):
    """One officer with a key. `vkey` is the operator's published key; without it the first one met is pinned."""

    def __init__(
        self,
        url: str,
        officer: str,
        key: SigningKey,
        *,
        vkey: str | None = None,
        folder: Path | None = None,
        manners: Manners | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        found = manners or Manners()
        auth = SignedRequests(key, found.unix)
        super().__init__(url, officer, auth, vkey=vkey, folder=folder, manners=found, transport=transport)
        self.officer: Final = officer
        self._key = key

    def now(self) -> datetime:
        """The machine's time in whole seconds."""
        return datetime.fromtimestamp(int(self._wire.manners.unix()), UTC)

    def today(self) -> date:
        """Today in China."""
        return self.now().astimezone(TZ).date()

    def signer(self) -> Signer:
        """The signer, pinned to the newest checkpoint after it was verified; raises as `checkpoint`."""
        seen = self.checkpoint()
        return Signer(self.officer, self._key, self.origin, Seen(seen.size, seen.root))

    # ---- handing in

    def post(self, entity: str, day: date, events: Sequence[Event], *, note: str = "", attachments: int = 0) -> Outcome:
        """Sign events as one voucher of an entity and hand it in."""
        return self.submit(self.draft(entity, day, events, note=note, attachments=attachments))

    def draft(
        self, entity: str, day: date, events: Sequence[Event], *, note: str = "", attachments: int = 0
    ) -> Submission:
        """A signed voucher that is not handed in yet: keep it, and hand it in as often as it takes."""
        return draft(self.signer(), entity, day, events, self.now(), note=note, attachments=attachments)

    def submit(self, submission: Submission) -> Outcome:
        """Hand in a signed voucher; again with the same bytes where no answer came. `repeated` says that an earlier
        answer was lost.

        Raises what the server refuses (VoucherRefusedError holds every finding), and EvidenceError E_RECEIPT for an
        answer that does not prove itself, E_APPROVAL_ABSENT where an approval that was handed in is not in the leaf.
        """
        return self._hand_in("/v1/vouchers", voucher_body(submission), submission, submission.approvals)

    def preview(self, submission: Submission) -> Outcome:
        """What `submit` would be answered now, with nothing written, and what it would book; a receipt of it proves
        nothing.
        """
        made = self._wire.read(
            Answered, "/v1/vouchers", {"dry_run": True}, method="POST", body=voucher_body(submission)
        )
        found = made.root
        if isinstance(found, ReceiptModel):
            return _placed(found, Statement.from_bytes(submission.envelope.payload).entity)
        return replace(self._waiting(found, submission), entries=_entries(found.entries))

    def _hand_in(self, path: str, body: Any, submission: Submission, approvals: Sequence[Envelope]) -> Outcome:
        found = self._wire.read(Answered, path, method="POST", body=body).root
        if isinstance(found, ReceiptModel):
            given = unpacked_receipt(found, _findings(found.warnings))
            receipt = self._believed(given, submission.envelope, approvals)
            return replace(receipt, released=tuple(map(self._released, found.released)))
        return self._waiting(found, submission)

    def _released(self, one: Released) -> Outcome | LedgerError:
        """What became of a voucher that a paper covers; its receipt is proven like that of the paper."""
        if isinstance(one, ReceiptModel):
            return self._believed(unpacked_receipt(one, _findings(one.warnings)))
        if isinstance(one, WaitingModel):
            told = _findings(one.warnings)
            return Waiting(one.voucher, one.statement, tuple(one.missing), one.amount_fen, told, one.once_fen)
        return RefusedError(one.code, **{**one.params, "voucher": one.voucher})

    def _waiting(self, found: Any, submission: Submission) -> Waiting:
        statement = Statement.from_bytes(submission.envelope.payload)
        if (found.voucher, found.statement) != (statement.voucher, statement.digest):
            raise EvidenceError("E_ANSWER_OTHER", path="/v1/vouchers", found=found.voucher)
        warnings = _findings(found.warnings)
        return Waiting(found.voucher, found.statement, tuple(found.missing), found.amount_fen, warnings, found.once_fen)

    def _believed(
        self, receipt: Receipt, envelope: Envelope | None = None, approvals: Sequence[Envelope] = ()
    ) -> Receipt:
        """The receipt, once it is proven; with an envelope, that it is of this very one, and holds these approvals."""
        wrong = EvidenceError("E_RECEIPT", voucher=receipt.voucher, number=receipt.number)
        try:
            leaf = Leaf.from_bytes(receipt.leaf)
        except InputError:
            raise wrong from None
        if envelope is not None and leaf.envelope != envelope:
            raise wrong
        if not set(approvals) <= set(leaf.approvals):
            raise EvidenceError("E_APPROVAL_ABSENT", voucher=receipt.voucher, number=receipt.number)
        require_proven(receipt, self.believe_note(receipt.checkpoint))
        self._standing.proven(receipt.first_position + receipt.count - 1)
        keep_receipt(receipt, self.origin, self._folder)
        return receipt

    def import_file(
        self,
        path: Path,
        *,
        chosen: Mapping[str, Any] | None = None,
        accept: Accept = lambda _proposed: True,
        rehearsed: bool = True,
    ) -> Imported:
        """An office's file: uploaded, looked at, signed round by round, handed in, every receipt proven and kept.

        Raises as `imports.import_file`, and EvidenceError E_RECEIPT for an answer that does not prove itself.
        """
        return import_file(
            self._wire.http,
            path,
            self.signer,
            self.now,
            chosen=chosen,
            accept=accept,
            rehearsed=rehearsed,
            believe=self._believe_import,
        )

    def _believe_import(self, answer: Mapping[str, Any], submission: Submission) -> None:
        if answer["state"] == "refused":
            return
        try:
            found = Answered.model_validate(answer, extra="ignore").root
        except ValidationError as error:
            raise EvidenceError("E_ANSWER_FORM", path="/v1/imports", reason=str(error)[:200]) from None
        if isinstance(found, ReceiptModel):
            self._believed(unpacked_receipt(found, _findings(found.warnings)), submission.envelope)
        else:
            self._waiting(found, submission)

    # ---- doubts

    def self_check(
        self, entity: str | None = None, accept: overseeing.Accept = lambda _entity, _events: True
    ) -> list[Outcome]:
        """Raise the doubts that the book shows and nobody has raised; see `overseeing.self_check`."""
        return overseeing.self_check(self._wire, self, entity, accept)

    def give_out(
        self,
        township: str | None = None,
        due: date | None = None,
        accept: overseeing.Accept = lambda _entity, _events: True,
    ) -> list[Outcome]:
        """Assign open doubts to their townships, before their check sheets are taken."""
        return overseeing.give_out(self._wire, self, township, due, accept)

    def check_sheet(self, township: str, purpose: str, due: date | None = None) -> bytes:
        """The workbook of one township, with names: each is written down as read for this purpose."""
        path = f"{overseeing.CHECK_SHEETS}/{quote(township, safe='')}"
        return overseeing.workbook(self._wire, path, {"purpose": purpose, "due": due})

    def template(self, kind: str) -> bytes:
        """The empty form of a kind of file."""
        return overseeing.workbook(self._wire, f"/v1/templates/{quote(kind, safe='')}", {})

    # ---- the second person

    def pending(self, entity: str | None = None) -> list[PendingModel]:
        """What waits for signatures, oldest first."""
        return self._wire.read(PendingPage, "/v1/pending", {"entity": entity}).pending

    def waiting(self, voucher: str) -> tuple[Submission, PendingModel]:
        """A waiting voucher with every byte that was signed, which are those that its statement names.

        Raises EvidenceError E_PENDING_BYTES when the server shows other bytes than those that would be signed.
        """
        detail = self._wire.read(PendingDetail, f"/v1/pending/{voucher}")
        wrong = EvidenceError("E_PENDING_BYTES", voucher=voucher)
        try:
            submission = voucher_of(detail.voucher)
            statement = Statement.from_bytes(submission.envelope.payload)
            check_events(statement, submission.events)
        except InputError:
            raise wrong from None
        summary = detail.summary
        told = (detail.statement, summary.voucher, summary.entity, summary.maker, summary.voucher_date, summary.note)
        stated = (statement.digest, statement.voucher, statement.entity, statement.maker, statement.voucher_date)
        if told != (*stated, statement.note) or statement.voucher != voucher or statement.ledger != self.origin:
            raise wrong
        return submission, summary

    def approve(self, voucher: str, look: Look, *, capacity: str = "checker") -> Outcome:
        """Look at a waiting voucher and approve it in a capacity; a receipt holds this approval. RefusedError
        E_NOT_APPROVED when `look` says no; EvidenceError E_APPROVAL_ABSENT when the voucher was posted without it.
        """
        signer = self.signer()
        submission, _ = self.waiting(voucher)
        if not look(submission):
            raise RefusedError("E_NOT_APPROVED", voucher=voucher)
        envelope = sign_approval(signer, submission, capacity, self.now())
        body = {"envelope": envelope.to_json_value()}
        return self._hand_in(f"/v1/vouchers/{voucher}/approvals", body, submission, (envelope,))

    def reject(self, voucher: str, reason: str) -> Outcome:
        """Reject another's voucher: the same bytes can never be posted."""
        return self._end(voucher, "voucher.rejected", reason)

    def withdraw(self, voucher: str, reason: str) -> Outcome:
        """Take one's own voucher back."""
        return self._end(voucher, "voucher.withdrawn", reason)

    def _end(self, voucher: str, kind: str, reason: str) -> Outcome:
        submission, summary = self.waiting(voucher)
        statement = Statement.from_bytes(submission.envelope.payload)
        values = {"voucher": voucher, "statement": statement.digest, "maker": statement.maker}
        event = draft_event(kind, {**values, "amount_fen": summary.amount_fen, "reason": reason})
        return self.post(statement.entity, self.today(), [event])

    def receipt(self, voucher: str) -> Receipt:
        """The receipt of a posted voucher again, verified."""
        found = self._wire.read(ReceiptModel, f"/v1/vouchers/{voucher}")
        if found.voucher != voucher:
            raise EvidenceError("E_ANSWER_OTHER", path=f"/v1/vouchers/{voucher}", found=found.voucher)
        return self._believed(unpacked_receipt(found, _findings(found.warnings)))


def _placed(found: ReceiptModel, entity: str) -> Receipt:
    """Where a voucher would stand, which nothing proves."""
    first, last = found.positions
    warnings = _findings(found.warnings)
    told = found.voucher_no
    no = None if told is None else VoucherNo(entity, told.period, told.word, told.no)
    made = Receipt(found.voucher, found.number, first, last - first + 1, found.posted_at, no, b"", (), "", warnings)
    return replace(made, entries=_entries(found.entries))


def _entries(found: Sequence[EntryModel] | None) -> tuple[NewPosting, ...] | None:
    return None if found is None else tuple(map(_entry, found))


def _entry(found: EntryModel) -> NewPosting:
    told = found.model_dump(exclude={"event", "name"})
    return NewPosting(**{**told, "position": found.event, "occurred_on": parse_day(found.occurred_on)})


def _findings(found: Sequence[FindingModel]) -> tuple[Finding, ...]:
    return tuple(Finding(one.code, one.event, tuple(one.params.items())) for one in found)
