"""The hooks of a book: who is told of what, how far each was told, and the keys that sign for each.

A hook's key is a seed of its own, sealed under the book's secret: whoever reads the database can sign nothing. After a
rotation both keys sign for a week, so that receivers can change over.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from nacl.exceptions import CryptoError
from nacl.secret import Aead
from nacl.utils import random
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from ledger.errors import EvidenceError, InputError, NotFoundError
from ledger.flows.registry import event_classes
from ledger.log.side_tables import hooks
from ledger.log.store import LogStore
from ledger.log.tables import head, vouchers
from ledger.signing.keys import SEED_BYTES, SigningKey
from ledger.signing.vkeys import NoteSigner
from ledger.values.dates import unix_text
from ledger_api.access.secrets import secret_of
from ledger_api.access.trail import note
from ledger_api.hooks.signing import public_text

ACTIVE: Final = "active"
PAUSED: Final = "paused"
GONE: Final = "gone"
"""The receiver answered 410."""
FAILED: Final = "failed"
"""Nothing arrived for as many days as are allowed."""

MOST: Final = 100
BOTH_S: Final = 7 * 86_400
"""How long the key before signs as well."""


@dataclass(frozen=True, slots=True)
class Hook:
    """One hook. Empty `entities` or `kinds` mean any; `delivered` is the number of the last voucher that is done with;
    `public_keys` are shown newest first; times are Unix seconds.
    """

    id: str
    url: str
    entities: tuple[str, ...]
    kinds: tuple[str, ...]
    state: str
    made_at: int
    delivered: int
    failures: int
    failing_since: int | None
    next_at: int
    tried_at: int | None
    last_answer: str
    public_keys: tuple[str, ...]

    def told(self) -> dict[str, Any]:
        """What readers are told: times as they are written everywhere, none for what happens at once."""
        at = ("made_at", "failing_since", "next_at", "tried_at")
        values = asdict(self)
        return values | {name: unix_text(values[name]) if values[name] else None for name in at}


class Hooks:
    """The hooks of one book."""

    def __init__(self, store: LogStore, operator: NoteSigner) -> None:
        self._store = store
        self._seal = Aead(secret_of(operator, "web hooks"))

    def add(
        self, url: str, entities: Collection[str], kinds: Collection[str], known: Collection[str], by: str, now: int
    ) -> Hook:
        """A hook for what is posted from now on. InputError E_HOOK_WANTED with the field that is wrong."""
        if unknown := sorted(set(entities) - set(known)):
            raise InputError("E_HOOK_WANTED", field="entity", value=unknown[0][:80])
        if unknown := sorted(set(kinds) - {kind for kind, _ in event_classes()}):
            raise InputError("E_HOOK_WANTED", field="kind", value=unknown[0][:80])
        name = random(8).hex()
        with self._store.write() as connection:
            if connection.execute(select(func.count()).select_from(hooks)).scalar_one() >= MOST:
                raise InputError("E_HOOK_WANTED", field="hooks", value=f"> {MOST}")
            row = {
                "id": name,
                "url": url,
                "entities": json.dumps(sorted(set(entities))),
                "kinds": json.dumps(sorted(set(kinds))),
                "state": ACTIVE,
                "seed": self._new_seed(name),
                "made_at": now,
                "delivered": connection.scalar(select(func.max(vouchers.c.number))) or 0,
                "failures": 0,
                "next_at": 0,
                "last_answer": "",
            }
            connection.execute(insert(hooks).values(**row))
            note(connection, now, by, "hook.added", name)
        return self.find(name, now)

    def all(self, now: int) -> list[Hook]:
        """Every hook, the oldest first."""
        with self._store.read() as connection:
            rows = connection.execute(select(hooks).order_by(hooks.c.made_at, hooks.c.id)).all()
        return [self._told(row, now) for row in rows]

    def due(self, now: int) -> list[str]:
        """The ids of those that were not told of everything and may be told now, the oldest first. It is asked every
        second: no key is opened for it.
        """
        waits = (hooks.c.state == ACTIVE) & (hooks.c.next_at <= now) & (hooks.c.delivered < head.c.number)
        with self._store.read() as connection:
            found = connection.execute(select(hooks.c.id).where(waits).order_by(hooks.c.made_at, hooks.c.id))
            return list(found.scalars())

    def find(self, name: str, now: int) -> Hook:
        """One hook; NotFoundError E_HOOK_UNKNOWN."""
        return self._told(self._row(name), now)

    def keys(self, name: str, now: int) -> list[SigningKey]:
        """The keys that sign for a hook now, the newest first. Raises EvidenceError E_HOOK_KEY when they were sealed
        under another operator's key: rotate the hook.
        """
        return self._keys_of(self._row(name), now)

    def pause(self, name: str, by: str, now: int) -> Hook:
        """Send nothing to a hook until it is resumed; what is posted meanwhile is told then."""
        return self._change(name, by, now, "hook.paused", state=PAUSED)

    def resume(self, name: str, by: str, now: int) -> Hook:
        """Send again, at once, from where it stood; whatever ended it."""
        fresh: dict[str, Any] = {"state": ACTIVE, "failures": 0, "failing_since": None, "next_at": 0}
        return self._change(name, by, now, "hook.resumed", **fresh)

    def rotate(self, name: str, by: str, now: int) -> Hook:
        """A new key; the one before signs as well for a week."""
        old = self._row(name).seed
        return self._change(
            name, by, now, "hook.rotated", seed=self._new_seed(name), old_seed=old, old_until=now + BOTH_S
        )

    def remove(self, name: str, by: str, now: int) -> None:
        """Forget a hook and its keys."""
        self._row(name)
        with self._store.write() as connection:
            connection.execute(delete(hooks).where(hooks.c.id == name))
            note(connection, now, by, "hook.removed", name)

    def _change(self, name: str, by: str, now: int, action: str, **values: Any) -> Hook:
        self._row(name)
        with self._store.write() as connection:
            connection.execute(update(hooks).where(hooks.c.id == name).values(**values))
            note(connection, now, by, action, name)
        return self.find(name, now)

    def _row(self, name: str) -> Row[Any]:
        with self._store.read() as connection:
            row = connection.execute(select(hooks).where(hooks.c.id == name)).one_or_none()
        if row is None:
            raise NotFoundError("E_HOOK_UNKNOWN", id=name[:32])
        return row

    def _new_seed(self, name: str) -> bytes:
        return bytes(self._seal.encrypt(random(SEED_BYTES), name.encode()))

    def _keys_of(self, row: Row[Any], now: int) -> list[SigningKey]:
        sealed = [row.seed]
        if row.old_seed is not None and row.old_until > now:
            sealed.append(row.old_seed)
        try:
            return [SigningKey(self._seal.decrypt(one, row.id.encode())) for one in sealed]
        except CryptoError:
            raise EvidenceError("E_HOOK_KEY", id=row.id) from None

    def _told(self, row: Row[Any], now: int) -> Hook:
        try:
            shown = tuple(public_text(key.public) for key in self._keys_of(row, now))
        except EvidenceError:
            shown = ()
        found = row._asdict() | {"entities": tuple(json.loads(row.entities)), "kinds": tuple(json.loads(row.kinds))}
        kept = {name: value for name, value in found.items() if name not in {"seed", "old_seed", "old_until"}}
        return Hook(**kept, public_keys=shown)


def settle(connection: Connection, hook: Hook, values: dict[str, Any], states: Sequence[str]) -> None:
    """Write down what came of an attempt, unless the hook was moved on or removed or is in another state meanwhile."""
    same = (hooks.c.id == hook.id) & (hooks.c.delivered == hook.delivered) & hooks.c.state.in_(states)
    connection.execute(update(hooks).where(same).values(**values))
