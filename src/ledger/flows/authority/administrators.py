"""Administrators who can act: in office, with the role for the whole book, and with a key of their own that counts.

Any two of them act together. Fewer, and nobody can ever grant a role or enrol a key again, so no act takes the book
there: neither a withdrawn role, nor a revoked key, nor a person who leaves.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Final

from ledger.flows.authority.book import ACTING, Opening
from ledger.flows.authority.keys import KeyEnrolled, KeyRevoked
from ledger.flows.authority.officers import OfficerLeft, OfficerNamed
from ledger.flows.authority.roles import Held, RoleGranted, RoleWithdrawn, roles_of
from ledger.flows.event import Event
from ledger.flows.knowledge import Knowledge
from ledger.flows.rules import Verdict, rule

TWO_ACT: Final = 2
_WHOLE_BOOK: Final = Held("administrator", None, None)


def acting(events: Iterable[Event], today: date) -> frozenset[str]:
    """Who can act as an administrator on a day, after these events in order."""
    known = list(events)
    opened = {one.officer for event in known if isinstance(event, Opening) for one in event.administrators}
    people = opened | {event.officer for event in known if isinstance(event, RoleGranted)}
    able = _with_keys(known, today) - _departed(known)
    return frozenset(one for one in people & able if _WHOLE_BOOK in roles_of(one, known))


def _with_keys(events: Iterable[Event], today: date) -> set[str]:
    """Who has a personal key that counts."""
    keys: dict[str, str] = {}
    for event in events:
        if isinstance(event, Opening):
            keys |= {one.keyid: one.officer for one in event.administrators}
        elif isinstance(event, KeyEnrolled):
            begun, over = event.valid_from <= today, event.valid_to is not None and event.valid_to < today
            if event.machine_kinds is None and begun and not over:
                keys[event.keyid] = event.officer
        elif isinstance(event, KeyRevoked):
            keys.pop(event.keyid, None)
    return set(keys.values())


def _departed(events: Iterable[Event]) -> set[str]:
    """Who had a post and has none any more."""
    posts: defaultdict[str, set[str | None]] = defaultdict(set)
    for event in events:
        if isinstance(event, OfficerNamed):
            posts[event.officer].add(event.entity)
        elif isinstance(event, OfficerLeft):
            posts[event.officer].discard(event.entity)
    return {officer for officer, places in posts.items() if not places}


@rule(RoleWithdrawn, KeyRevoked, OfficerLeft, code="ADMINISTRATORS_LEFT", source="docs/security.md (any two act)")
def two_stay(event: RoleWithdrawn | KeyRevoked | OfficerLeft, model: Knowledge) -> Verdict:
    events = [recorded.event for recorded in model.history(ACTING.tag, *ACTING.kinds)]
    left = acting([*events, event], model.today)
    if len(left) < TWO_ACT and event.officer in acting(events, model.today) - left:
        yield {"officer": event.officer, "left": len(left)}


@rule(OfficerLeft, code="LEFT_WITH_ROLES", source="会计基础工作规范 art. 25", warns=True)
def roles_end_too(event: OfficerLeft, model: Knowledge) -> Verdict:
    """Whoever leaves signs no longer: roles and keys end by their own events."""
    events = [recorded.event for recorded in model.history(ACTING.tag, *ACTING.kinds)]
    held = sorted(one.role for one in roles_of(event.officer, events) if one.entity in {event.entity, None})
    if held:
        yield {"officer": event.officer, "entity": event.entity or "*", "roles": list(dict.fromkeys(held))}
