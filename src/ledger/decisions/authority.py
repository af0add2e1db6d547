"""Who may sign and record: keys, roles, entities, policies and closed months, folded from the standing events.

The state is that of the voucher's position: it changes with each accepted voucher, and a voucher never authorises
itself. Persons count, not keys: one person's second key is no second person.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from ledger.accounts.chart import Family
from ledger.catalogue import Called
from ledger.flows.authority.policies import PolicySet
from ledger.flows.event import Event
from ledger.flows.knowledge import Recorded

EVERYWHERE: Final = "*"


@dataclass(slots=True)
class KeyState:
    """An enrolled key: whose it is, its public part, and since and until when it counts."""

    officer: str
    public: str
    revoked: bool = False
    valid_from: str | None = None
    valid_to: str | None = None
    machine_kinds: tuple[str, ...] | None = None


@dataclass(slots=True)
class EntityState:
    """What the books of an entity are."""

    book_kind: str
    chart_family: Family
    entity_kind: str
    name: str = ""


@dataclass(slots=True)
class Authority:
    """The fold. `learn` takes standing events in position order."""

    origin: str | None = None
    operator_key: str | None = None
    keys: dict[str, KeyState] = field(default_factory=dict)
    roles: defaultdict[str, set[tuple[str, str, str | None]]] = field(default_factory=lambda: defaultdict(set))
    entities: dict[str, EntityState] = field(default_factory=dict)
    officers: dict[str, str] = field(default_factory=dict)
    policies: dict[str, PolicySet] = field(default_factory=dict)
    closed: dict[str, set[str]] = field(default_factory=dict)
    locked: dict[str, set[str]] = field(default_factory=dict)

    def learn(self, items: Iterable[Recorded]) -> None:
        """Fold events; kinds without a say in authority pass by."""
        for item in items:
            apply = _FOLD.get(item.event.kind)
            if apply is not None:
                apply(self, item.event)

    def copy(self) -> "Authority":
        """An independent state, for judging the events of one voucher in order."""
        return deepcopy(self)

    def holds(self, officer: str, role: str, entity: str) -> bool:
        """Whether a person has a role for an entity, or for all entities; what narrows it is asked in `scopes`."""
        return any(held == role and where in (entity, EVERYWHERE) for held, where, _ in self.roles.get(officer, ()))

    def narrowed(self, officer: str) -> bool:
        """Whether a person has any role that a scope narrows."""
        return any(scope is not None for _, _, scope in self.roles.get(officer, ()))

    def scopes(self, officer: str, roles: Iterable[str], entity: str) -> frozenset[str | None]:
        """The scopes of the roles of some names that a person has for an entity; None among them narrows nothing."""
        held = self.roles.get(officer, ())
        return frozenset(scope for role, where, scope in held if role in roles and where in (entity, EVERYWHERE))

    def key_of(self, keyid: str, at: str) -> KeyState | None:
        """The key when it counts at an instant (`YYYY-MM-DDTHH:MM:SS+08:00`): enrolled, not revoked, in its season."""
        key = self.keys.get(keyid)
        if key is None or key.revoked:
            return None
        day = at[:10]
        early = key.valid_from is not None and day < key.valid_from[:10]
        late = key.valid_to is not None and day > key.valid_to[:10]
        return None if early or late else key

    def called(self, officer: str, entity: str) -> tuple[tuple[str, Called], tuple[str, Called]]:
        """A person and an entity as parameters of a finding: their ids, which people read as names."""
        known = self.entities.get(entity)
        named = Called(entity, None if known is None else known.name)
        return ("officer", Called(officer, self.officers.get(officer))), ("entity", named)

    def policy(self, entity: str) -> PolicySet | None:
        """The policy in force for an entity: its own latest, else the latest for all."""
        return self.policies.get(entity) or self.policies.get(EVERYWHERE)

    def month_open(self, entity: str, day: date) -> bool:
        """Whether neither a lock nor a close stands over the month of a day. A close closes what lies before it too."""
        month = day.isoformat()[:7]
        if any(month <= closed for closed in self.closed.get(entity, ())):
            return False
        return month not in self.locked.get(entity, ())


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _book(state: Authority, event: Any) -> None:
    state.origin, state.operator_key = event.origin, event.operator_key
    for admin in event.administrators:
        state.keys[admin.keyid] = KeyState(admin.officer, admin.key)
        state.officers[admin.officer] = admin.name
        state.roles[admin.officer].add(("administrator", EVERYWHERE, None))


def _rotated(state: Authority, event: Any) -> None:
    state.operator_key = event.operator_key


def _entity(state: Authority, event: Any) -> None:
    state.entities[event.entity] = EntityState(event.book_kind, event.chart_family, event.entity_kind, event.name)


def _renamed(state: Authority, event: Any) -> None:
    if event.entity in state.entities:
        state.entities[event.entity].name = event.name


def _officer(state: Authority, event: Any) -> None:
    state.officers[event.officer] = event.name


def _enrol(state: Authority, event: Any) -> None:
    state.keys[event.keyid] = KeyState(
        event.officer,
        event.key,
        valid_from=_text(event.valid_from),
        valid_to=_text(event.valid_to),
        machine_kinds=event.machine_kinds,
    )


def _revoke(state: Authority, event: Any) -> None:
    key = state.keys.get(event.keyid)
    if key is not None:
        key.revoked = True


def _grant(state: Authority, event: Any) -> None:
    state.roles[event.officer].add((event.role, event.entity or EVERYWHERE, event.scope))


def _withdraw(state: Authority, event: Any) -> None:
    state.roles[event.officer].discard((event.role, event.entity or EVERYWHERE, event.scope))


def _policy(state: Authority, event: Any) -> None:
    state.policies[event.entity or EVERYWHERE] = event


def _lock(state: Authority, event: Any) -> None:
    state.locked.setdefault(event.entity, set()).add(event.period)


def _close(state: Authority, event: Any) -> None:
    state.closed.setdefault(event.entity, set()).add(event.period)


def _reopen(state: Authority, event: Any) -> None:
    state.closed.get(event.entity, set()).discard(event.period)
    state.locked.get(event.entity, set()).discard(event.period)


_FOLD: Final[Mapping[str, Callable[[Authority, Any], None]]] = {
    "book.opened": _book,
    "operator_key.rotated": _rotated,
    "entity.registered": _entity,
    "entity.renamed": _renamed,
    "officer.named": _officer,
    "key.enrolled": _enrol,
    "key.revoked": _revoke,
    "role.granted": _grant,
    "role.withdrawn": _withdraw,
    "policy.set": _policy,
    "period.locked": _lock,
    "period.closed": _close,
    "period.reopened": _reopen,
}


def speaks_of_authority(event: Event) -> bool:
    """Whether an event changes what this fold knows."""
    return event.kind in _FOLD
