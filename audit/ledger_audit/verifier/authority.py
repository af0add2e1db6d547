"""Who may sign: keys, roles, entities and the operator's keys, as the log itself says at each position.

A voucher is judged by the state before it; the first one is judged by the administrators that it names itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ledger_audit.verifier.formats.canonical import FaultError, base64_of, digest_at, text_at
from ledger_audit.verifier.formats.notes import key_of_text, keyid_of, signed

BOOK: Final = "book"
"""The entity of vouchers that concern the book as a whole."""

RECORDING: Final = frozenset(
    {"accountant", "cashier", "checker", "approver", "auditor", "supervisor", "administrator", "machine"}
)
"""Roles that may make vouchers; a witness never does."""

BY_ADMINISTRATORS: Final = frozenset(
    {
        "entity.registered",
        "entity.renamed",
        "officer.named",
        "officer.left",
        "key.enrolled",
        "key.revoked",
        "role.granted",
        "role.withdrawn",
        "policy.set",
        "operator_key.rotated",
    }
)
"""Acts of two administrators: one makes them and another approves."""

CHECKED: Final = frozenset(
    {
        "opening.recorded",
        "period.closed",
        "period.reopened",
        "period.carried_forward",
        "event.reversed",
        "approval.recorded",
        "pledge.amended",
        "pledge.released",
        "donation.receipt_reversed",
        "restriction.released",
        "fund.allocated",
        "fund.advanced",
        "fund.deallocated",
        "fund.purpose_changed",
        "grant.committed",
        "batch.approved",
        "finding.confirmed",
        "recovery.written_off",
        "identity.erased",
        "identity.released",
        "cash.adjusted",
        "asset.disposed",
        "handover.completed",
    }
)
"""Acts that a checker signs besides their maker, although no money leaves by them; no paper stands for a checker."""
CHECKER: Final = "checker"

ENDINGS: Final = frozenset({"voucher.rejected", "voucher.withdrawn", "voucher.lapsed"})
"""Events after which a statement's bytes may never be posted."""


@dataclass(slots=True)
class Key:
    """An enrolled key: whose, since and until when, and for a machine which kinds it may record."""

    officer: str
    raw: bytes
    since: str | None = None
    until: str | None = None
    kinds: frozenset[str] | None = None
    revoked: bool = False

    def counts(self, day: str) -> bool:
        """Whether it is in force on a day: not revoked, begun, not ended."""
        return not self.revoked and (self.since or "") <= day and (self.until is None or day <= self.until)


@dataclass(slots=True)
class Authority:
    """The fold over authority events; `learn` yields the faults of an event and takes it in all the same."""

    origin: str = ""
    keys: dict[str, Key] = field(default_factory=dict)
    by_officer: dict[str, list[Key]] = field(default_factory=dict)
    roles: dict[str, set[tuple[str, str | None, str | None]]] = field(default_factory=dict)
    entities: set[str] = field(default_factory=set)
    ended: set[bytes] = field(default_factory=set)
    operator: list[tuple[int, bytes]] = field(default_factory=list)
    """(number of the voucher from which it signs, key), oldest first."""

    def holds(self, officer: str, role: str, entity: str) -> bool:
        """Whether the person has the role for the entity, or for all."""
        return any(held == role and where in {None, entity} for held, where, _ in self.roles.get(officer, ()))

    def may_record(self, officer: str, entity: str) -> bool:
        """Whether the person has any role in which vouchers are made."""
        return any(self.holds(officer, role, entity) for role in RECORDING)

    def signer(self, officer: str, day: str, message: bytes, signatures: tuple[bytes, ...]) -> Key:
        """The officer's key that signed; FaultError V_SIGNATURE, V_KEY_REVOKED, V_KEY_OF_OTHER. Hints are not asked."""
        own = self.by_officer.get(officer, [])
        for key in own:
            if key.counts(day) and any(signed(key.raw, signature, message) for signature in signatures):
                return key
        for key in self.keys.values():
            if any(signed(key.raw, signature, message) for signature in signatures):
                code = "V_KEY_REVOKED" if key.officer == officer else "V_KEY_OF_OTHER"
                raise FaultError(code, officer=officer, keyid=keyid_of(key.raw))
        raise FaultError("V_SIGNATURE", officer=officer)

    def operator_at(self, size: int) -> tuple[bytes, ...]:
        """The operator's keys that may sign at a size: the one in force, and just where it was rotated also the old."""
        known = [key for number, key in self.operator if number <= max(size, 1)]
        rotated_here = len(known) > 1 and self.operator[len(known) - 1][0] == size
        return tuple(known[-2:] if rotated_here else known[-1:])

    def learn(self, kind: str, event: Mapping[str, Any], number: int) -> Iterator[FaultError]:
        """Takes one event in; yields what is wrong with its own claims (possession of keys, the key it replaces)."""
        handler = _HANDLERS.get(kind)
        if handler is None:
            return
        try:
            yield from handler(self, event, number)
        except FaultError as fault:
            yield fault
        except (KeyError, TypeError, AttributeError) as error:
            yield FaultError("V_FIELD", field=kind, value=str(error)[:80])

    def enrol(self, officer: str, text: str, stated: str, possession: object) -> Iterator[FaultError]:
        """A key with its proof of possession; kept under its true id even when the proof fails, to name its holder."""
        raw = key_of_text(text)
        key = Key(officer, raw)
        if keyid_of(raw) != stated or not self._possessed(officer, text, raw, possession):
            yield FaultError("V_POSSESSION", officer=officer, keyid=stated)
        if keyid_of(raw) in self.keys:
            yield FaultError("V_KEY_TWICE", officer=officer, keyid=stated)
            return
        self.keys[keyid_of(raw)] = key
        self.by_officer.setdefault(officer, []).append(key)

    def _possessed(self, officer: str, text: str, raw: bytes, possession: object) -> bool:
        message = f"charity-ledger key possession\n{self.origin}\n{officer}\n{text}\n".encode()
        return signed(raw, base64_of(possession, "possession"), message)


def _opened(state: Authority, event: Mapping[str, Any], number: int) -> Iterator[FaultError]:
    if state.operator:
        yield FaultError("V_BOOK_TWICE")
        return
    state.origin = text_at(event, "origin")
    state.operator.append((number, key_of_text(text_at(event, "operator_key"))))
    before = event.get("came_from")
    if before is not None and state.origin == text_at(before, "origin"):
        yield FaultError("V_CAME_FROM_ITSELF", origin=state.origin)
    people = event["administrators"]
    for one in people:
        officer = text_at(one, "officer")
        yield from state.enrol(officer, text_at(one, "key"), text_at(one, "keyid"), one["possession"])
        state.roles.setdefault(officer, set()).add(("administrator", None, None))
    keys = {one["key"] for one in people} | {event["operator_key"]}
    if len({one["officer"] for one in people}) != 3 or len(keys) != 4:
        yield FaultError("V_ADMINISTRATORS")


def _rotated(state: Authority, event: Mapping[str, Any], number: int) -> Iterator[FaultError]:
    text = text_at(event, "operator_key")
    raw = key_of_text(text)
    if not state.operator or key_of_text(text_at(event, "previous")) != state.operator[-1][1]:
        yield FaultError("V_OPERATOR_KEY")
    if not state._possessed("operator", text, raw, event["possession"]):  # noqa: SLF001 - the same module
        yield FaultError("V_POSSESSION", officer="operator", keyid=keyid_of(raw))
    state.operator.append((number, raw))


def _enrolled(state: Authority, event: Mapping[str, Any], _: int) -> Iterator[FaultError]:
    officer, stated = text_at(event, "officer"), text_at(event, "keyid")
    known = len(state.keys)
    yield from state.enrol(officer, text_at(event, "key"), stated, event["possession"])
    if len(state.keys) > known:
        key = state.by_officer[officer][-1]
        key.since, key.until = text_at(event, "valid_from"), event["valid_to"]
        key.kinds = None if event["machine_kinds"] is None else frozenset(event["machine_kinds"])


def _revoked(state: Authority, event: Mapping[str, Any], _: int) -> Iterator[FaultError]:
    key = state.keys.get(text_at(event, "keyid"))
    if key is None or key.officer != event["officer"]:
        yield FaultError("V_KEY_UNKNOWN", keyid=event["keyid"])
    else:
        key.revoked = True


def _role(event: Mapping[str, Any]) -> tuple[str, str | None, str | None]:
    return text_at(event, "role"), event["entity"], event["scope"]


def _granted(state: Authority, event: Mapping[str, Any], _: int) -> Iterator[FaultError]:
    state.roles.setdefault(text_at(event, "officer"), set()).add(_role(event))
    return iter(())


def _withdrawn(state: Authority, event: Mapping[str, Any], _: int) -> Iterator[FaultError]:
    state.roles.get(text_at(event, "officer"), set()).discard(_role(event))
    return iter(())


def _entity(state: Authority, event: Mapping[str, Any], _: int) -> Iterator[FaultError]:
    state.entities.add(text_at(event, "entity"))
    return iter(())


def _ended(state: Authority, event: Mapping[str, Any], _: int) -> Iterator[FaultError]:
    state.ended.add(digest_at(event, "statement"))
    return iter(())


_HANDLERS: Final = {
    "book.opened": _opened,
    "operator_key.rotated": _rotated,
    "key.enrolled": _enrolled,
    "key.revoked": _revoked,
    "role.granted": _granted,
    "role.withdrawn": _withdrawn,
    "entity.registered": _entity,
    **dict.fromkeys(ENDINGS, _ended),
}

TAKEN_IN: Final = frozenset(_HANDLERS)
"""Kinds whose values the fold needs."""
