"""Who may see a person of the vault: by role, for an entity that has to do with the person, and while use is restricted
only whoever inspects. Source: PIPL art. 47.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final

from sqlalchemy import Connection, select

from ledger.errors import AuthorityError
from ledger.flows.authority.identities import restricted
from ledger.flows.registry import read_event
from ledger.log import reading
from ledger.log.side_tables import identities
from ledger.log.tables import event_tags

READERS: Final = frozenset({"accountant", "checker", "auditor"})
"""The roles in which a person's fields are read."""

INSPECTORS: Final = frozenset({"auditor"})
"""The roles in which they are read, and given out on a check sheet, although their use is restricted."""

_SUBJECTS: Final = ("identity", "person", "household", "donor", "payee")
_RESTRICTIONS: Final = ("identity.released", "identity.restricted")
_PAYEE: Final = "payee:"
_IDENTITY: Final = "identity:"
_AT_ONCE: Final = 1000
_SOME: Final = 500


def entities_of(connection: Connection, reference: str) -> set[str]:
    """The entities that have to do with a person: whoever registered, enrolled, paid or took money from the person."""
    found: set[str] = set()
    for subject in _SUBJECTS:
        after = 0
        while places := reading.tag_positions(connection, f"{subject}:{reference}", after=after, limit=_AT_ONCE):
            numbers = sorted({row.voucher_number for row in reading.events_at(connection, places)})
            found |= {entity for entity, _ in reading.vouchers_of(connection, numbers).values()}
            after = places[-1]
    return found


def payees_of(connection: Connection, reference: str) -> list[str]:
    """The payees that were named together with a person and are still held, sorted: account and holder stand under a
    reference of their own, which is erased for itself.
    """
    named: set[str] = set()
    after = 0
    while places := reading.tag_positions(connection, f"person:{reference}", after=after, limit=_AT_ONCE):
        for row in reading.events_at(connection, places):
            named |= {tag.removeprefix(_PAYEE) for tag in read_event(row.data).tags() if tag.startswith(_PAYEE)}
        after = places[-1]
    held = select(identities.c.reference).where(identities.c.reference.in_(sorted(named))).distinct()
    return sorted(connection.scalars(held))


def is_restricted(connection: Connection, reference: str) -> bool:
    """Whether the use of a person's fields is restricted, as the log says now."""
    return reference in restricted_among(connection, [reference])


def restricted_among(connection: Connection, references: Iterable[str]) -> set[str]:
    """Those of some persons whose use is restricted, as the log says now."""
    wanted = list(dict.fromkeys(references))
    said: defaultdict[str, list[str]] = defaultdict(list)
    for first in range(0, len(wanted), _SOME):
        tags = [f"{_IDENTITY}{one}" for one in wanted[first : first + _SOME]]
        chosen = select(event_tags.c.tag, event_tags.c.kind).where(
            event_tags.c.tag.in_(tags), event_tags.c.kind.in_(_RESTRICTIONS)
        )
        for row in connection.execute(chosen.order_by(event_tags.c.position)):
            said[row.tag.removeprefix(_IDENTITY)].append(row.kind)
    return {reference for reference, kinds in said.items() if restricted(kinds)}


def require_unrestricted(connection: Connection, reference: str, inspects: Callable[[], bool]) -> None:
    """Raises AuthorityError E_IDENTITY_RESTRICTED where use is restricted and the reader does not inspect."""
    if is_restricted(connection, reference) and not inspects():
        raise AuthorityError("E_IDENTITY_RESTRICTED", reference=reference)
