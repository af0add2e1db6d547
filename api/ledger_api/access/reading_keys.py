"""Read-only keys for supervisors' programs: `clk_<id>_<secret>`, shown once, with permissions, entities and an end.

They read; nothing that they send is ever written. A key that is unknown, wrong, over, revoked or used from elsewhere is
one answer after the same work.
"""

import ipaddress
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from nacl.bindings import sodium_memcmp
from nacl.utils import random
from sqlalchemy import Connection, Row, insert, select, update

from ledger.errors import InputError, NotFoundError
from ledger.log.access_tables import reading_keys
from ledger.log.store import LogStore
from ledger.signing.vkeys import NoteSigner
from ledger.values.dates import TZ
from ledger.values.text import check_free_text, says_nothing
from ledger_api.access.addresses import address_of
from ledger_api.access.secrets import digest_of, new_token, secret_of
from ledger_api.access.trail import note
from ledger_api.access.uses import Uses

PERMISSIONS: Final = ("books", "export", "mirror")
"""All that such a key may be given."""

MOST_DAYS: Final = 400
MOST_LISTED: Final = 100
_DAY_S: Final = 86_400
_FORM: Final = re.compile(r"clk_([0-9a-f]{16})_([A-Za-z0-9_-]{43})", re.ASCII)
_NOBODYS: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class ReadingKey:
    """What may be told of a key. Empty `entities` or `addresses` mean any; times are Unix seconds."""

    id: str
    label: str
    permissions: tuple[str, ...]
    entities: tuple[str, ...]
    addresses: tuple[str, ...]
    made_by: str
    made_at: int
    expires_at: int
    revoked_at: int | None
    used_at: int | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key to be made. `days` is how long it counts, at most 400, to the end of the last day; an address is one of IP
    or a network.
    """

    label: str
    permissions: Sequence[str]
    entities: Sequence[str]
    addresses: Sequence[str]
    days: int

    def check(self, entities: Sequence[str]) -> None:
        """Raises InputError E_READ_KEY_WANTED with the field, E_READ_KEY_WHOLE for a mirror of some entities, E_TEXT_…
        and E_FIELD_EMPTY for the label; `entities` are those that the book knows.
        """
        check_free_text(self.label, 80, field="label")
        if says_nothing(self.label):
            raise InputError("E_FIELD_EMPTY", field="label")
        if not self.permissions or set(self.permissions) - set(PERMISSIONS):
            raise InputError("E_READ_KEY_WANTED", field="permissions", allowed=", ".join(PERMISSIONS))
        if set(self.entities) - set(entities):
            raise InputError("E_READ_KEY_WANTED", field="entities", allowed=", ".join(sorted(entities)))
        if self.entities and "mirror" in self.permissions:
            raise InputError("E_READ_KEY_WHOLE", field="entities", entities=", ".join(self.entities))
        if not 1 <= self.days <= MOST_DAYS:
            raise InputError("E_READ_KEY_WANTED", field="days", allowed=f"1-{MOST_DAYS}")
        try:
            networks = [ipaddress.ip_network(one) for one in self.addresses]
        except ValueError:
            raise InputError("E_READ_KEY_WANTED", field="addresses", allowed="192.0.2.7, 192.0.2.0/24") from None
        if len(networks) > MOST_LISTED:
            raise InputError("E_READ_KEY_WANTED", field="addresses", allowed=f"<= {MOST_LISTED}")


class ReadingKeys:
    """The read-only keys of one book."""

    def __init__(self, store: LogStore, operator: NoteSigner) -> None:
        self._store = store
        self._secret = secret_of(operator, "read-only keys")
        self._uses = Uses(store, reading_keys.c.id, reading_keys.c.used_at)

    def make(self, connection: Connection, wanted: Wanted, made_by: str, now: int) -> tuple[str, ReadingKey]:
        """A new key and its text, which is shown this once."""
        name = random(8).hex()
        shown = f"clk_{name}_{new_token()}"
        lists = {
            "permissions": json.dumps(sorted(set(wanted.permissions))),
            "entities": json.dumps(sorted(set(wanted.entities))),
            "addresses": json.dumps(sorted(set(wanted.addresses))),
        }
        row = {
            "id": name,
            "digest": digest_of(self._secret, shown),
            "label": wanted.label,
            **lists,
            "made_by": made_by,
            "made_at": now,
            "expires_at": _end_of_day(now + wanted.days * _DAY_S),
        }
        connection.execute(insert(reading_keys).values(**row))
        note(connection, now, made_by, "read_key.made", name, wanted.label)
        made = connection.execute(select(reading_keys).where(reading_keys.c.id == name)).one()
        return shown, _told(made)

    def find(self, shown: str, address: str, now: int) -> ReadingKey | None:
        """The key that was shown, when it counts now and here; None for any other."""
        form = _FORM.fullmatch(shown)
        name = "" if form is None else form[1]
        with self._store.read() as connection:
            row = connection.execute(select(reading_keys).where(reading_keys.c.id == name)).one_or_none()
        kept = _NOBODYS if row is None else row.digest
        same = sodium_memcmp(kept.encode(), digest_of(self._secret, shown).encode())
        if row is None or not same or row.revoked_at is not None or now > row.expires_at:
            return None
        found = _told(row)
        if not _from_one_of(address, found.addresses):
            return None
        self._uses.note(name, found.used_at, now)
        return found

    def all(self) -> list[ReadingKey]:
        """Every key that was ever made, the newest first."""
        chosen = select(reading_keys).order_by(reading_keys.c.made_at.desc(), reading_keys.c.id)
        with self._store.read() as connection:
            found = [_told(row) for row in connection.execute(chosen)]
        return [replace(one, used_at=self._uses.latest(one.id, one.used_at) or None) for one in found]

    def revoke(self, name: str, by: str, now: int) -> ReadingKey:
        """It opens nothing from now on; again changes nothing. NotFoundError E_READ_KEY_UNKNOWN."""
        own = reading_keys.c.id == name
        with self._store.write(beside=True) as connection:
            living = own & reading_keys.c.revoked_at.is_(None)
            if connection.execute(update(reading_keys).where(living).values(revoked_at=now)).rowcount:
                note(connection, now, by, "read_key.revoked", name)
            row = connection.execute(select(reading_keys).where(own)).one_or_none()
        if row is None:
            raise NotFoundError("E_READ_KEY_UNKNOWN", id=name[:32])
        return _told(row)


def _end_of_day(at: int) -> int:
    """The last second of the day in China: a key is told by its last day, and counts on all of it."""
    return at + _DAY_S - 1 - (at + int(TZ.utcoffset(None).total_seconds())) % _DAY_S


def _told(row: Row[Any]) -> ReadingKey:
    found = row._asdict()
    lists = {name: tuple(json.loads(found[name])) for name in ("permissions", "entities", "addresses")}
    return ReadingKey(**{name: value for name, value in (found | lists).items() if name != "digest"})


def _from_one_of(address: str, networks: Sequence[str]) -> bool:
    if not networks:
        return True
    here = address_of(address)
    return here is not None and any(here in ipaddress.ip_network(one) for one in networks)
