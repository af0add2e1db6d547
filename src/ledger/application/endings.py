"""What waits may end only as what it is: the row itself says whose it is, of which entity, and when it lapses."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from ledger.application.waiting import ENDED, PENDING, REFUSED, WaitingVoucher
from ledger.decisions.authority import Authority
from ledger.decisions.prepared import Prepared, SignedApproval, read_approval
from ledger.decisions.signatures import approval_counts
from ledger.errors import InputError, LedgerError, RefusedError
from ledger.flows.knowledge import Finding
from ledger.signing.dsse import Envelope
from ledger.signing.keys import PublicKey
from ledger.signing.statements import Approval


def ending_findings(kept: Mapping[str, WaitingVoucher], voucher: Prepared, posted_at: str) -> Iterator[Finding]:
    """E_ENDING, E_NOT_MAKER and E_SAME_PERSON of events that reject, withdraw or let lapse."""
    signer = voucher.statement.maker
    for index, event in enumerate(voucher.events):
        if event.kind not in ENDED:
            continue
        row = kept.get(str(getattr(event, "voucher", "")))
        said = tuple(getattr(event, name, None) for name in ("statement", "maker", "amount_fen"))
        if row is None or not _is_of(row, said, voucher.statement.entity):
            yield Finding("E_ENDING", index, (("voucher", str(getattr(event, "voucher", ""))),))
        if row is None:
            continue
        if event.kind == "voucher.lapsed" and posted_at <= row.valid_until:
            yield Finding("E_ENDING", index, (("voucher", row.voucher),))
        elif getattr(event, "maker", None) == row.maker:
            continue  # what the event says of itself was judged with its signatures
        elif event.kind == "voucher.withdrawn" and row.maker != signer:
            yield Finding("E_NOT_MAKER", index, (("officer", signer),))
        elif event.kind == "voucher.rejected" and row.maker == signer:
            yield Finding("E_SAME_PERSON", index, (("officer", signer), ("capacity", "checker")))


def rejection_stands(envelope: Envelope, findings: Iterable[Finding]) -> bool:
    """Whether a signed approval is a rejection by somebody who has a say, whatever else keeps its voucher out: nothing
    was found against the signer, the key, the capacity or the time of it.
    """
    approval = Approval.from_bytes(envelope.payload)
    keyids = {signature.keyid for signature in envelope.signatures}
    against = [
        finding
        for finding in findings
        if finding.refuses and finding.code != "E_REJECTED" and _speaks_of(finding, approval.person, keyids)
    ]
    return approval.rejects and not against


def _speaks_of(finding: Finding, officer: str, keyids: AbstractSet[str]) -> bool:
    said = dict(finding.params)
    return finding.event < 0 and (said.get("officer") == officer or said.get("keyid") in keyids)


def _is_of(row: WaitingVoucher, said: tuple[object, ...], entity: str) -> bool:
    open_still = row.state in {PENDING, REFUSED}
    return open_still and row.entity == entity and said == (row.statement, row.maker, row.amount_fen)


def joined(
    row: WaitingVoucher | None, voucher: Prepared, keys: dict[str, PublicKey], state: Authority, posted_at: str
) -> tuple[Prepared, tuple[SignedApproval, ...]]:
    """The voucher with the approvals that were collected before, each person's newest; what no longer counts stays out.
    And the standing approvals that gave way to one of the same person in another capacity.

    Raises E_VOUCHER_ID_REUSED when another statement waits under the id, E_REJECTED when a signed rejection stands.
    """
    if row is None:
        return voucher, ()
    if row.statement != voucher.digest:
        raise InputError("E_VOUCHER_ID_REUSED", voucher=row.voucher)
    if row.state == REFUSED:
        raise RefusedError("E_REJECTED", voucher=row.voucher)
    newest = {item.approval.person: item.approval.capacity for item in voucher.approvals}
    entity = voucher.statement.entity
    before = [item for item in _collected(row, voucher, keys) if approval_counts(state, item, entity, posted_at)]
    standing = tuple(item for item in before if item.approval.person not in newest)
    replaced = tuple(item for item in before if newest.get(item.approval.person) not in {None, item.approval.capacity})
    return (voucher.with_approvals((*standing, *voucher.approvals)) if standing else voucher), replaced


def twice_signed(replaced: Iterable[SignedApproval], missing: Sequence[str]) -> Iterator[Finding]:
    """E_SAME_PERSON of whoever would sign in a second capacity where the first one is wanted too: two capacities are
    two persons. A signature in a capacity that nobody asked for gives way without a word.
    """
    for item in replaced:
        if item.approval.capacity in missing:
            said = (("officer", item.approval.person), ("capacity", item.approval.capacity))
            yield Finding("E_SAME_PERSON", -1, said)


def _collected(row: WaitingVoucher, voucher: Prepared, keys: dict[str, PublicKey]) -> Iterator[SignedApproval]:
    for envelope in row.submission.approvals:
        try:
            yield read_approval(envelope, voucher.statement, keys)
        except LedgerError:
            continue
