"""Voucher 1: the book is opened with its origin, the operator's key and three administrators, any two of whom act.

Keys have no backup: one lost laptop must not kill the book, so three people hold one each from the first day.
"""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, StringConstraints

from ledger.flows.event import Event, Part, Stage
from ledger.flows.fields import DigestText, FreeText, KeyId, Label, OfficerId, PublicKeyText, SignatureText
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule

OriginName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9./:_-]{2,119}$")]
"""The checkpoint origin: a schema-less address without spaces or plus signs. Source: C2SP tlog-checkpoint."""

BOOK_TAG: Final = "book:this"
"""The tag of the few events that concern the whole book."""

ACTING: Final = Need(
    "standing:book",
    (
        "book.opened",
        "key.enrolled",
        "key.revoked",
        "officer.left",
        "officer.named",
        "role.granted",
        "role.withdrawn",
    ),
)
"""All that says who can act as an administrator; what it comes to stands in `administrators`."""

ADMINISTRATORS: Final = 3
"""How many administrators a book opens with; two of them act together."""


class Administrator(Part):
    """One of the first administrators and the public key he or she holds."""

    officer: OfficerId
    name: Label
    key: PublicKeyText
    keyid: KeyId
    possession: SignatureText
    """Made with the key over `keys.possession_text(origin, officer, key)`."""


class CameFrom(Part):
    """Where a book continues another one: the newest checkpoint of the other log that was there to go on from.

    What that log recorded later, if anything, is lost; it stands in none of the two. `root` is the RFC 6962 root over
    the `size` vouchers, under the other log's own origin and the key that signed its checkpoint there.
    """

    origin: OriginName
    operator_key: PublicKeyText
    size: Annotated[int, Field(ge=1, le=100_000_000)]
    root: DigestText


class Opening(Event):
    """The first event of a log, and the only one of its kind."""

    stage: ClassVar[Stage] = Stage.GATE
    reversible: ClassVar[bool] = False

    origin: OriginName
    operator_key: PublicKeyText
    administrators: Annotated[
        tuple[Administrator, ...],
        Field(min_length=ADMINISTRATORS, max_length=ADMINISTRATORS),
    ]

    def more_tags(self) -> tuple[str, ...]:
        return (BOOK_TAG,)

    def needs(self) -> tuple[Need, ...]:
        return (Need(BOOK_TAG, ("book.opened",)),)


class BookOpened(Opening):
    """A book that begins with itself."""

    kind: Literal["book.opened"] = "book.opened"
    version: Literal[1] = 1


class BookOpenedAfter(Opening):
    """A book that takes the place of another one, whose last vouchers are lost: under a name of its own, for whoever
    went on under the old one would sign a second history of it.
    """

    kind: Literal["book.opened"] = "book.opened"
    version: Literal[2] = 2
    came_from: CameFrom
    reason: FreeText


class OperatorKeyRotated(Event):
    """The operator signs checkpoints with another key from here on; the old one signs nothing that follows."""

    stage: ClassVar[Stage] = Stage.GATE
    reversible: ClassVar[bool] = False

    kind: Literal["operator_key.rotated"] = "operator_key.rotated"
    version: Literal[1] = 1
    previous: PublicKeyText
    operator_key: PublicKeyText
    possession: SignatureText
    """Made with the new key over `keys.possession_text(origin, "operator", operator_key)`."""
    reason: FreeText

    def more_tags(self) -> tuple[str, ...]:
        return (BOOK_TAG,)

    def needs(self) -> tuple[Need, ...]:
        return (Need(BOOK_TAG, ("book.opened", "operator_key.rotated")),)


def operator_key(model: Knowledge) -> str | None:
    """The operator's public key in force; needs (BOOK_TAG, book.opened and operator_key.rotated)."""
    found = None
    for recorded in model.history(BOOK_TAG, "book.opened", "operator_key.rotated"):
        if isinstance(recorded.event, Opening | OperatorKeyRotated):
            found = recorded.event.operator_key
    return found


@rule(BookOpened, BookOpenedAfter, code="BOOK_TWICE", source="docs/security.md", form=True)
def opened_once(event: Opening, model: Knowledge) -> Verdict:
    if model.history(BOOK_TAG, "book.opened"):
        yield {"origin": event.origin}


@rule(
    BookOpened, BookOpenedAfter, code="ADMINISTRATORS_SAME", source="docs/security.md (any two of three act)", form=True
)
def three_people(event: Opening, model: Knowledge) -> Verdict:
    keys = {one.key for one in event.administrators} | {event.operator_key}
    people = {one.officer for one in event.administrators}
    if len(people) < ADMINISTRATORS or len(keys) <= ADMINISTRATORS:
        yield {"people": len(people), "keys": len(keys)}


@rule(BookOpenedAfter, code="FORK_ORIGIN_SAME", source="docs/operations.md", form=True)
def another_name(event: BookOpenedAfter, model: Knowledge) -> Verdict:
    """The old log's name is never continued, nor does its operator's key sign for another log."""
    del model
    if event.came_from.origin == event.origin or event.came_from.operator_key == event.operator_key:
        yield {"origin": event.origin}


@rule(OperatorKeyRotated, code="OPERATOR_KEY_ORDER", source="docs/security.md", form=True)
def follows_the_key_in_force(event: OperatorKeyRotated, model: Knowledge) -> Verdict:
    current = operator_key(model)
    if event.previous != current or event.operator_key == current:
        yield {"previous": event.previous, "current": current}
