"""What the writer keeps in memory between batches, and how it catches up when another process has written.

Standing facts, the authority folded from them, and balances are derived from the log; after a failed batch they are
dropped and read again, so that memory never knows more than the disk.
"""

from sqlalchemy import Connection

from ledger.decisions.authority import Authority, speaks_of_authority
from ledger.decisions.balances import Balances
from ledger.decisions.histories import STANDING, Standing, recorded
from ledger.decisions.recent import Recent
from ledger.errors import EvidenceError
from ledger.flows.knowledge import Recorded
from ledger.flows.registry import event_classes
from ledger.log import reading
from ledger.log.appending import Head, is_head, read_head
from ledger.signing.keys import PublicKey
from ledger.signing.vkeys import NoteSigner


class State:
    """The writer's memory at `head`."""

    def __init__(self) -> None:
        self.standing_kinds = frozenset(kind for (kind, _), cls in event_classes().items() if cls.standing)
        self.drop()

    def drop(self) -> None:
        """Forget everything; the next `catch_up` reads it again."""
        self.head: Head | None = None
        self.standing = Standing()
        self.authority = Authority()
        self.balances = Balances()
        self.recent = Recent()
        self.keys: dict[str, PublicKey] = {}

    def catch_up(self, connection: Connection) -> Head:
        """Bring the memory to the log's head as this connection sees it."""
        if self.head is not None and is_head(connection, self.head):
            return self.head
        head = read_head(connection)
        self.balances = Balances()
        places = reading.tag_positions(connection, STANDING, after=self.standing.position)
        self._learn(recorded(connection, reading.events_at(connection, places)))
        self.head = head
        return head

    def recorded(self, items: list[Recorded], head: Head) -> None:
        """These events are now in the log, which ends at `head`."""
        self.recent.add(items)
        self._learn([item for item in items if item.event.standing])
        self.head = head

    def _learn(self, items: list[Recorded]) -> None:
        if items:
            self.standing.learn(items, self.standing_kinds)
            self.authority = self.authority.copy()
            self.authority.learn(items)
            self.keys = {keyid: PublicKey.parse(key.public) for keyid, key in self.authority.keys.items()}


def changes_authority(items: list[Recorded]) -> bool:
    """Whether any of these events must be seen by the next voucher's judgement of authority."""
    return any(speaks_of_authority(item.event) for item in items)


def require_named(authority: Authority, signer: NoteSigner) -> None:
    """EvidenceError E_OPERATOR_KEY, with both keys, unless the signer is the operator that the book names."""
    named, own = authority.operator_key, signer.key.public
    if authority.origin != signer.name or named != own.text:
        keyid = "?" if named is None else PublicKey.parse(named).keyid
        found = own.keyid if authority.origin == signer.name else f"{signer.name} {own.keyid}"
        raise EvidenceError("E_OPERATOR_KEY", origin=str(authority.origin), keyid=keyid, found=found)
