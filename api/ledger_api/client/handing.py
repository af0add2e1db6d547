"""Vouchers and receipts as they travel: from the words of the interface to those of the ledger, and back."""

from typing import Annotated, Any

from pydantic import Field, RootModel

from ledger.application.outcomes import Receipt
from ledger.decisions.prepared import Submission
from ledger.errors import EvidenceError, InputError
from ledger.flows.knowledge import Finding
from ledger.signing.dsse import Envelope
from ledger.signing.leaves import Leaf
from ledger_api.client.remote import nodes, unpacked
from ledger_api.http.models import EnvelopeModel, ReceiptModel, VoucherIn, WaitingModel


class Answered(RootModel[Annotated[ReceiptModel | WaitingModel, Field(discriminator="state")]]):
    """What a voucher that was handed in is answered."""


def voucher_body(submission: Submission) -> dict[str, Any]:
    """A submission as the interface takes it."""
    return {
        "envelope": submission.envelope.to_json_value(),
        "events": [data.decode() for data in submission.events],
        "approvals": [one.to_json_value() for one in submission.approvals],
    }


def voucher_of(given: VoucherIn) -> Submission:
    """A submission as the interface answers it; raises InputError as `Envelope.from_json_value`."""
    events = tuple(event.encode() for event in given.events)
    return Submission(_envelope(given.envelope), events, tuple(map(_envelope, given.approvals)))


def _envelope(given: EnvelopeModel) -> Envelope:
    return Envelope.from_json_value(given.model_dump())


def unpacked_receipt(found: ReceiptModel, warnings: tuple[Finding, ...]) -> Receipt:
    """A receipt as it was answered, still to be proven; its accountant's number is the leaf's, which must be the one
    that was answered. EvidenceError E_RECEIPT.
    """
    first, last = found.positions
    data = unpacked(found.leaf)
    try:
        no = Leaf.from_bytes(data).voucher_no
    except InputError:
        raise EvidenceError("E_RECEIPT", voucher=found.voucher, number=found.number) from None
    told = None if found.voucher_no is None else (found.voucher_no.period, found.voucher_no.word, found.voucher_no.no)
    if told != (None if no is None else (no.period, no.word, no.no)):
        raise EvidenceError("E_RECEIPT", voucher=found.voucher, number=found.number)
    return Receipt(
        found.voucher,
        found.number,
        first,
        last - first + 1,
        found.posted_at,
        no,
        data,
        tuple(nodes(found.path)),
        found.checkpoint,
        warnings,
        found.repeated,
    )
