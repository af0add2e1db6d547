"""What the writer answers: a receipt with its proof, a voucher that waits, or every finding of a refusal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.catalogue import say
from ledger.errors import LedgerError, RefusedError
from ledger.flows.knowledge import Finding
from ledger.log.rows import NewPosting
from ledger.signing.leaves import VoucherNo
from ledger.values.dates import day_text

_TOLD_MOST: Final = 20
"""How many reasons a refusal spells out in a traceback; all of them are in `findings`."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A posted voucher. `leaf` and `path` prove it under `checkpoint` (a signed note); the client verifies and keeps
    them. `warnings` are the W_ findings; `repeated` says that the same request was answered before. `released` tells
    what became of the waiting vouchers that a paper in this one covers: posted by the same act, waiting on, or refused.
    `entries` (分录) are what a preview found it would book, with positions that count from 0 in the voucher; None for
    what was posted.
    """

    voucher: str
    number: int
    first_position: int
    count: int
    posted_at: str
    voucher_no: VoucherNo | None
    leaf: bytes
    path: tuple[bytes, ...]
    checkpoint: str
    warnings: tuple[Finding, ...] = ()
    repeated: bool = False
    released: "tuple[Outcome | LedgerError, ...]" = ()
    entries: tuple[NewPosting, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """For machines: places and numbers, without the proof."""
        return {
            "state": "posted",
            "voucher": self.voucher,
            "number": self.number,
            "positions": [self.first_position, self.first_position + self.count - 1],
            "posted_at": self.posted_at,
            "voucher_no": None if self.voucher_no is None else self.voucher_no.to_json_value(),
            "warnings": [finding_json(finding) for finding in self.warnings],
            "repeated": self.repeated,
            "released": [released_json(one) for one in self.released],
            **_previewed(self.entries),
        }


@dataclass(frozen=True, slots=True)
class Waiting:
    """A submitted voucher that waits outside the log for signatures in these capacities; it reserves nothing."""

    voucher: str
    statement: str
    missing: tuple[str, ...]
    amount_fen: int
    warnings: tuple[Finding, ...] = ()
    once_fen: int | None = None
    """The amount with money that several events speak of counted once; None where nobody looked."""
    entries: tuple[NewPosting, ...] | None = None
    """What a preview found it would book once it is signed; None for what was kept to wait."""

    @property
    def shown_fen(self) -> int:
        """How much money it is about."""
        return self.amount_fen if self.once_fen is None else self.once_fen

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "state": "pending",
            "voucher": self.voucher,
            "statement": self.statement,
            "missing": list(self.missing),
            "amount_fen": self.amount_fen,
            "once_fen": self.shown_fen,
            "warnings": [finding_json(finding) for finding in self.warnings],
            **_previewed(self.entries),
        }


Outcome = Receipt | Waiting


def released_json(one: Outcome | LedgerError) -> dict[str, Any]:
    """What became of a voucher that waited for a paper, as JSON."""
    if not isinstance(one, LedgerError):
        return one.to_json()
    return {"state": "refused", "voucher": one.params.get("voucher"), "code": one.code, "params": dict(one.params)}


def _previewed(entries: tuple[NewPosting, ...] | None) -> dict[str, Any]:
    """What only a preview says."""
    return {} if entries is None else {"entries": [entry_json(one) for one in entries]}


def entry_json(entry: NewPosting) -> dict[str, Any]:
    """What an event of a judged voucher would book, as JSON; `event` counts from 0 in the voucher."""
    told = entry._asdict()
    return {"event": told.pop("position"), **told, "occurred_on": day_text(entry.occurred_on)}


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding as JSON: code, index of the event in its voucher, parameters."""
    return {"code": finding.code, "event": finding.event, "params": dict(finding.params)}


class VoucherRefusedError(RefusedError):
    """The voucher is refused; `findings` holds every reason, judged at `position`."""

    def __init__(self, voucher: str, findings: Sequence[Finding], position: int) -> None:
        self.findings = tuple(findings)
        refusing = [finding for finding in findings if finding.refuses]
        codes = ", ".join(dict.fromkeys(finding.code for finding in refusing))
        super().__init__(
            "E_REFUSED",
            voucher=voucher,
            codes=codes,
            position=position,
            findings=[finding_json(finding) for finding in findings],
        )

    def __str__(self) -> str:
        """The refusal, and a line for each reason: which event, and the sentence with what it names."""
        told = [one for one in self.findings if one.refuses]
        lines = [_told(one) for one in told[:_TOLD_MOST]]
        more = [f"+ {len(told) - _TOLD_MOST}"] if len(told) > _TOLD_MOST else []
        return "\n  ".join([super().__str__(), *lines, *more])


def refusing(error: LedgerError) -> list[Finding]:
    """What a refusal rests on: each finding, or the error itself."""
    if isinstance(error, VoucherRefusedError):
        return [found for found in error.findings if found.refuses]
    return [Finding(error.code, -1, tuple(error.params.items()))]


def _told(one: Finding) -> str:
    """A reason for whoever reads a traceback: events are counted from 1, as people do."""
    place = "" if one.event < 0 else f"[{one.event + 1}] "
    zh, en = (say(one.code, language, **dict(one.params)) for language in ("zh", "en"))
    return f"{place}{one.code}: {zh} / {en}"
