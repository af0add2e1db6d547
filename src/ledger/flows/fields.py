"""Field types of events: each has one spelling, a bound, and, where it names something, the tag it leaves.

An identifier type carries `Tag(prefix)`; the tags of an event are read from its field types (see `event.Event.tags`),
so a flow cannot forget one.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints

from ledger.values.ids import check_uuid7
from ledger.values.text import check_free_text, check_text

MAX_INTEGER: Final = 2**53 - 1
"""RFC 8785 numbers are IEEE doubles: beyond this an integer would not survive another implementation."""


@dataclass(frozen=True, slots=True)
class Tag:
    """Marks a field type: a value `v` leaves the tag `prefix:v`."""

    prefix: str


@dataclass(frozen=True, slots=True)
class InWords:
    """Marks a field type as a name in words: it holds nobody's number (see `in_words`)."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """Marks a field type as a number of a paper or a file: it may be long, and is nobody's (see `in_words`)."""


def _label(text: str) -> str:
    return check_text(text, 200)


def check_party(text: str) -> str:
    """A sub-ledger's name as it is, when it is empty or a label; raises as a label does."""
    return text and _label(text)


def _free(text: str) -> str:
    return check_free_text(text, 2000)


IDENTIFIER: Final = r"^[A-Za-z0-9][A-Za-z0-9._~-]{0,79}$"
MONTH: Final = r"^[12][0-9]{3}-(0[1-9]|1[0-2])$"
INSTANT: Final = (
    r"^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\+08:00$"
)
_ID = StringConstraints(pattern=IDENTIFIER)

Uuid7 = Annotated[str, AfterValidator(check_uuid7)]
Month = Annotated[str, StringConstraints(pattern=MONTH)]
Instant = Annotated[str, StringConstraints(pattern=INSTANT)]
Day = date
DigestText = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Commitment = Annotated[str, StringConstraints(pattern=r"^blake2b:[0-9a-f]{64}$")]
PublicKeyText = Annotated[str, StringConstraints(pattern=r"^ed25519:[A-Za-z0-9+/]{43}=$")]
SignatureText = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{86}==$")]
"""A 64-byte Ed25519 signature in standard base64."""
Label = Annotated[str, StringConstraints(min_length=1), AfterValidator(_label), InWords()]
"""A name of public life, in words: a firm, a project, a place. Never a private person's, and no number of one."""
NumberLabel = Annotated[str, StringConstraints(min_length=1), AfterValidator(_label)]
"""A number or an address of public life, which may rightly be long digits: an order, a voucher, a sheet, a page."""
PaperNumber = Annotated[str, StringConstraints(min_length=1), AfterValidator(_label), Numbered()]
"""The same of a paper, an account or a file that offices number themselves: no identity, card or mobile number."""
FreeText = Annotated[str, AfterValidator(_free)]
"""What somebody typed; refuses identity numbers, phones and account numbers."""
PositiveFen = Annotated[int, Field(gt=0, le=MAX_INTEGER)]
Fen = Annotated[int, Field(ge=0, le=MAX_INTEGER)]
SignedFen = Annotated[int, Field(ge=-MAX_INTEGER, le=MAX_INTEGER)]
Count = Annotated[int, Field(ge=0, le=100_000_000)]
Origin = Literal["decision", "history"]
"""Whether an event decides something now (a gate may refuse it) or records what was decided before this book knew."""

EntityId = Annotated[str, _ID, Tag("entity")]
OfficerId = Annotated[str, _ID, Tag("officer")]
FundId = Annotated[str, _ID, Tag("fund")]
ProjectId = Annotated[str, _ID, Tag("project")]
CampaignId = Annotated[str, _ID, Tag("campaign")]
AccountId = Annotated[str, _ID, Tag("account")]
"""A bank account, cash box or treasury quota of the entity, by its own short name, never its number."""
ChannelId = Annotated[str, _ID, Tag("channel")]
LineId = Annotated[str, _ID, Tag("line")]
"""A line of a bank statement."""
DonationId = Annotated[str, _ID, Tag("donation")]
DonorRef = Annotated[str, _ID, Tag("donor")]
PledgeId = Annotated[str, _ID, Tag("pledge")]
ReceiptId = Annotated[str, _ID, Tag("receipt")]
LotId = Annotated[str, _ID, Tag("lot")]
GrantId = Annotated[str, _ID, Tag("grant")]
PayeeRef = Annotated[str, _ID, Tag("payee")]
MovementId = Annotated[str, _ID, Tag("movement")]
"""One payment out, receipt back, settlement or transfer: its own number, so that a file read twice doubles nothing."""
BoxId = Annotated[str, _ID, Tag("box")]
"""A donation box."""
SuspenseId = Annotated[str, _ID, Tag("suspense")]
AdvanceId = Annotated[str, _ID, Tag("advance")]
SocietyId = Annotated[str, _ID, Tag("society")]
AllocationId = Annotated[str, _ID, Tag("allocation")]
ProgrammeId = Annotated[str, _ID, Tag("programme")]
EnrolmentId = Annotated[str, _ID, Tag("enrolment")]
HouseholdRef = Annotated[str, _ID, Tag("household")]
PersonRef = Annotated[str, _ID, Tag("person")]
BatchId = Annotated[str, _ID, Tag("batch")]
PaymentId = Annotated[str, _ID, Tag("payment")]
"""One payment line of one enrolment: what is authorised, paid, returned and paid again."""
ClueId = Annotated[str, _ID, Tag("clue")]
FindingId = Annotated[str, _ID, Tag("finding")]
RecoveryId = Annotated[str, _ID, Tag("recovery")]
MatchingRunId = Annotated[str, _ID, Tag("matching-run")]
"""One comparison of another department's list with the book."""
AttachmentId = Annotated[str, _ID, Tag("attachment")]
DocumentNo = Annotated[str, StringConstraints(min_length=1), AfterValidator(_label), Tag("document"), Numbered()]
KeyId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$"), Tag("key")]
"""The first 16 hex digits of the SHA-256 of a public key: a name, never a proof."""
StatementId = Annotated[str, _ID, Tag("bank-statement")]
"""A bank statement file as one import."""
DisclosureId = Annotated[str, _ID, Tag("disclosure")]
"""One publication of something that must be published."""
FigureId = Annotated[str, _ID, Tag("figure")]
"""A figure of reports that no book holds."""
DepositId = Annotated[str, _ID, Tag("deposit")]
AssetId = Annotated[str, _ID, Tag("asset")]
IdentityId = Annotated[str, _ID, Tag("identity")]
EventId = Annotated[str, AfterValidator(check_uuid7), Tag("event")]
