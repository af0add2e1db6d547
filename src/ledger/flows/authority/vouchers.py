"""What became of a voucher that never reached the books: rejected, withdrawn or lapsed.

A cancelled payment request is evidence, so its digest, maker, amount and reason stay in the log even though the
voucher itself does not.
"""

from typing import ClassVar, Literal

from ledger.flows.event import Event, Stage
from ledger.flows.fields import DigestText, Fen, FreeText, OfficerId, Uuid7


class _Ended(Event):
    """What the three ends have in common: the statement that ended, whose it was, what it asked for, and why."""

    stage: ClassVar[Stage] = Stage.FACT
    reversible: ClassVar[bool] = False

    voucher: Uuid7
    statement: DigestText
    maker: OfficerId
    amount_fen: Fen
    reason: FreeText

    def more_tags(self) -> tuple[str, ...]:
        """The statement's digest is a tag: it is how a later posting of the same bytes is refused."""
        return ("statement:" + self.statement.removeprefix("sha256:"), "voucher:" + self.voucher)


class VoucherRejected(_Ended):
    """A person with a say refused the voucher; the same bytes can never be posted afterwards."""

    kind: Literal["voucher.rejected"] = "voucher.rejected"
    version: Literal[1] = 1


class VoucherWithdrawn(_Ended):
    """The maker took the voucher back before it was posted."""

    kind: Literal["voucher.withdrawn"] = "voucher.withdrawn"
    version: Literal[1] = 1


class VoucherLapsed(_Ended):
    """The voucher's `valid_until` passed before it was complete."""

    kind: Literal["voucher.lapsed"] = "voucher.lapsed"
    version: Literal[1] = 1
