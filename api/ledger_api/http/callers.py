"""Who sent a request, and what that person or key may do for which entity, as the log says at this moment.

Roles are events: one that is withdrawn counts no more with the very next request. A read-only key is bound to what
was written down when it was given out, and may never post.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from ledger.decisions.authority import EVERYWHERE, Authority
from ledger.decisions.policies import makers_of
from ledger.errors import AuthorityError, InputError
from ledger_api.access import duties, persons

EVERYTHING: Final = "*"
NOTHING: Final = "-"
"""How all entities and none are written in what a refusal says."""


class Permission(StrEnum):
    """What a route lets its caller do."""

    POST = "post"
    """Hand in vouchers and approvals; whether one may sign them is judged by the writer."""
    BOOKS = "books"
    """Read events, vouchers, balances and tables of an entity."""
    PEOPLE = "people"
    """Read a person's fields from the vault; each reading is written down."""
    DOUBTS = "doubts"
    """Give doubts out to the townships as sheets, with the names of those they are of; each name is written down."""
    IMPORT = "import"
    """Upload the offices' files and have them read; whoever keeps no books uploads answered check sheets only."""
    EXPORT = "export"
    """Take reports and inspection packages away."""
    MIRROR = "mirror"
    """Follow the whole log: leaves, events, tiles of entries."""
    TRAIL = "trail"
    """Read who read and exported what (审计管理员)."""
    ACCESS = "access"
    """Give people passwords and read-only keys, and take them away (安全管理员)."""
    SYSTEM = "system"
    """See how the service runs (系统管理员)."""
    SELF = "self"
    """See and end one's own sessions, and look after one's own password; a session that is not full does no more."""
    DUTIES = "duties"
    """See who holds the three administrations; administrators also name them."""


_BOOKKEEPING: Final = ("accountant", "cashier", "checker", "approver")
_LOOKING: Final = ("auditor", "supervisor")
_ANYBODY: Final = frozenset({*_BOOKKEEPING, *_LOOKING, "administrator", "machine", "witness"})

ROLES: Final[Mapping[Permission, frozenset[str]]] = {
    Permission.POST: frozenset({*_BOOKKEEPING, *_LOOKING, "administrator", "machine"}),
    Permission.BOOKS: frozenset({*_BOOKKEEPING, *_LOOKING, "administrator"}),
    Permission.PEOPLE: persons.READERS,
    Permission.DOUBTS: makers_of("clue.assigned") - {"machine"},
    Permission.IMPORT: frozenset({"accountant", *_LOOKING}),
    Permission.EXPORT: frozenset(_LOOKING),
    Permission.MIRROR: frozenset({*_LOOKING, "witness"}),
    Permission.TRAIL: frozenset({"auditor"}),
    Permission.ACCESS: frozenset({"administrator"}),
    Permission.SYSTEM: frozenset({"administrator"}),
    Permission.SELF: _ANYBODY,
    Permission.DUTIES: _ANYBODY,
}
"""Which roles carry a permission. What is not entity by entity (`MIRROR`, `TRAIL`, `ACCESS`, `SYSTEM`) needs the role
for every entity."""

PARTED: Final = frozenset({Permission.BOOKS, Permission.PEOPLE, Permission.DOUBTS})
"""What a role for some townships only opens at the doors that part what they show by township, and at no other."""

UNPARTED: Final = frozenset({Permission.POST, Permission.IMPORT, Permission.SELF, Permission.DUTIES})
"""What such a role carries as any other does: one hands in, and the writer judges where it lies."""

WHOLE: Final = frozenset({Permission.MIRROR, Permission.TRAIL, Permission.ACCESS, Permission.SYSTEM})

DUTY_OF: Final[Mapping[Permission, str]] = {
    Permission.SYSTEM: duties.SYSTEM,
    Permission.ACCESS: duties.SECURITY,
    Permission.TRAIL: duties.AUDIT,
}
"""The administration that a permission belongs to. Once a person is named for it, the role alone opens nothing."""

OWN: Final = frozenset({Permission.SELF, Permission.DUTIES})
"""What whoever holds an administration needs as well, with or without a role."""

STEPS: Final[Mapping[str, str]] = {
    "second_factor": "/v1/session/second-factor",
    "password": "/v1/session/password",
}
"""What a session may lack at first, and where each step is taken."""

BUSINESS: Final = frozenset({Permission.POST, Permission.IMPORT})
"""What whoever watches over the access log never does."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request. `officer` is a person or machine of the log, None for a read-only key.

    `granted` and `entities` bind a read-only key, or narrow a session; None leaves it to the roles. `duties` says who
    was named for the three administrations.
    """

    name: str
    way: str
    officer: str | None
    authority: Authority
    granted: frozenset[Permission] | None = None
    entities: frozenset[str] | None = None
    duties: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    """The id of the enrolled key that signed the request, where one did."""
    missing: str = ""
    """The step that a session lacks before it is more than its own beginning: a name in `STEPS`."""

    def require(self, permission: Permission, *, parted: bool = False) -> None:
        """Raises AuthorityError E_NOT_ALLOWED unless the caller has the permission for some entity at least; where it
        has it for some townships only, E_TOWNSHIP_ROLE unless what is behind the door is `parted` by township.
        """
        found = self.where(permission)
        if found is None or found or (parted and self.near(permission)):
            return
        narrowed = self._narrowed(permission)
        if narrowed:
            names = "、".join(sorted(frozenset().union(*narrowed.values())))
            raise AuthorityError("E_TOWNSHIP_ROLE", permission=permission.value, caller=self.name, townships=names)
        raise self.refused(permission)

    def refused(self, permission: Permission, entity: str = EVERYTHING, *, never: bool = False) -> AuthorityError:
        """E_NOT_ALLOWED for an entity or for all of them, with those for which the caller has the permission; `never`
        where it is not for this kind of caller at all. E_SIGN_IN_UNFINISHED where a step of signing in is what lacks.
        """
        if self.missing and self.granted is not None and permission not in self.granted:
            return AuthorityError(
                "E_SIGN_IN_UNFINISHED", caller=self.name, step=self.missing, where=STEPS[self.missing]
            )
        found = frozenset[str]() if never else self.where(permission)
        within = EVERYTHING if found is None else ", ".join(sorted(found)) or NOTHING
        return AuthorityError(
            "E_NOT_ALLOWED", permission=permission.value, caller=self.name, entity=entity, within=within
        )

    def where(self, permission: Permission) -> frozenset[str] | None:
        """For which entities the caller has a permission; None for all of them."""
        if self._is_barred(permission):
            return frozenset()
        if self.officer is None:
            return self.entities
        if permission in DUTY_OF and DUTY_OF[permission] in self.duties:
            return None if self._administers(DUTY_OF[permission]) else frozenset()
        if permission in OWN and self.officer in self.duties.values():
            return None
        held = {
            entity
            for role, entity, scope in self.authority.roles.get(self.officer, ())
            if role in ROLES[permission] and (scope is None or permission in UNPARTED)
        }
        found = None if EVERYWHERE in held else frozenset(held)
        if permission in WHOLE and found is not None:
            return frozenset()
        if self.entities is None:
            return found
        return self.entities if found is None else self.entities & found

    def near(self, permission: Permission) -> Mapping[str, frozenset[str]]:
        """Entity (EVERYWHERE: each) -> the townships to which the caller's roles for a permission narrow it there;
        where another role opens all of an entity, there is nothing narrow.
        """
        return self._narrowed(permission) if permission in PARTED else {}

    def _narrowed(self, permission: Permission) -> Mapping[str, frozenset[str]]:
        if self.officer is None or self.entities is not None or self._is_barred(permission):
            return {}
        found: defaultdict[str, set[str]] = defaultdict(set)
        for role, entity, scope in self.authority.roles.get(self.officer, ()):
            if role in ROLES[permission] and scope is not None and not self.sees(permission, entity):
                found[entity].add(scope)
        return {entity: frozenset(names) for entity, names in found.items()}

    def townships(self, permission: Permission, entity: str) -> frozenset[str] | None:
        """To which townships an entity's matters are narrowed for the caller; None for all of them."""
        if self.sees(permission, entity):
            return None
        near = self.near(permission)
        return near.get(entity, frozenset()) | near.get(EVERYWHERE, frozenset())

    def place(self, permission: Permission, asked: str | None) -> tuple[str | None, frozenset[str] | None]:
        """The entity to answer for, as `entity` finds it, and the townships of it; None for all of them."""
        near, allowed = self.near(permission), self.where(permission)
        if not near or allowed is None:
            return self.entity(permission, asked), None
        if asked is not None:
            found = self.townships(permission, asked)
            if found == frozenset():
                raise self.refused(permission, asked)
            return asked, found
        entities = allowed | near.keys()
        if len(entities) > 1:
            raise InputError("E_ENTITY_NEEDED", entities=", ".join(sorted(entities)))
        (only,) = entities
        return (None, near[only]) if only == EVERYWHERE else self.place(permission, only)

    def _is_barred(self, permission: Permission) -> bool:
        """Whether a permission is beyond what this caller was let in with, or not for whoever watches the trail."""
        if self.granted is not None and permission not in self.granted:
            return True
        if permission in WHOLE and self.entities is not None:
            return True
        watches = self.officer is not None and self.duties.get(duties.AUDIT) == self.officer
        return permission in BUSINESS and watches

    def _administers(self, duty: str) -> bool:
        """Whether the caller was named for a duty and still keeps nobody's books."""
        named = self.officer is not None and self.duties[duty] == self.officer
        return named and not duties.keeps_books(self.authority, self.officer or "")

    def entity(self, permission: Permission, asked: str | None) -> str | None:
        """The entity to answer for: the one asked for, the only one that the caller may see, or None for all.

        Raises AuthorityError E_NOT_ALLOWED for another's, InputError E_ENTITY_NEEDED where there are several.
        """
        allowed = self.where(permission)
        if allowed is None:
            return asked
        if asked is None:
            if len(allowed) == 1:
                return next(iter(allowed))
            if allowed:
                raise InputError("E_ENTITY_NEEDED", entities=", ".join(sorted(allowed)))
        if asked is None or asked not in allowed:
            raise self.refused(permission, asked or EVERYTHING)
        return asked

    def keeps_books(self) -> bool:
        """Whether the caller is an accountant of anything; whoever imports and is none looks after others' work."""
        return any(role == "accountant" for role, _, _ in self.authority.roles.get(self.officer or "", ()))

    def sees(self, permission: Permission, entity: str) -> bool:
        """Whether the caller has a permission for an entity."""
        allowed = self.where(permission)
        return allowed is None or entity in allowed
