"""Administrators who can act: whatever takes one away is refused where fewer than two would be left."""

from datetime import date
from typing import Any

import pytest

from ledger.flows.authority.keys import KeyEnrolled, KeyRevoked
from ledger.flows.authority.officers import OfficerLeft, OfficerNamed
from ledger.flows.authority.roles import RoleGranted, RoleWithdrawn
from ledger.flows.event import Event
from ledger.flows.registry import class_of
from tests.flows.books_world import world
from tests.flows.event_samples import make

assert class_of("key.revoked", 1) is KeyRevoked, "asking the registry reads every flow, and so every rule"


def grant(officer: str, role: str, where: str | None = "charity") -> RoleGranted:
    return make(RoleGranted, officer=officer, role=role, entity=where)


def withdrawal(officer: str, role: str, where: str | None = "charity") -> RoleWithdrawn:
    return make(RoleWithdrawn, officer=officer, role=role, entity=where)


def left(where: str, officer: str) -> OfficerLeft:
    return make(OfficerLeft, officer=officer, entity=where)


def lost(number: int, officer: str = "") -> KeyRevoked:
    """The key of one of the three who opened the book."""
    return make(KeyRevoked, officer=officer or f"admin-{number}", keyid=f"{number:016x}")


def at_post(officer: str, *places: str) -> tuple[OfficerNamed, ...]:
    return tuple(make(OfficerNamed, officer=officer, entity=where, post="clerk") for where in places)


def second_key(officer: str, **more: Any) -> KeyEnrolled:
    """Another key of an administrator."""
    season = {"valid_from": date(2025, 1, 1), "valid_to": None, "machine_kinds": None, **more}
    return make(KeyEnrolled, officer=officer, keyid="f" * 16, **season)


ROADS: dict[str, tuple[tuple[Event, ...], Event, bool]] = {
    "three keys and one is lost": ((), lost(1), False),
    "two keys and one is lost": ((lost(1),), lost(2), True),
    "the key of somebody without the role": ((lost(1),), lost(2, officer="li"), False),
    "a new key first": ((lost(1), second_key("admin-2")), lost(2), False),
    "a new key that does not count yet": (
        (lost(1), second_key("admin-2", valid_from=date(2025, 10, 1))),
        lost(2),
        True,
    ),
    "a new key that is over": ((lost(1), second_key("admin-2", valid_to=date(2025, 9, 29))), lost(2), True),
    "a new key of a machine": ((lost(1), second_key("admin-2", machine_kinds=("bank.fee",))), lost(2), True),
    "a role, where a key is lost": ((lost(1),), withdrawal("admin-2", "administrator", None), True),
    "a key, where a role is gone": ((withdrawal("admin-1", "administrator", None),), lost(2), True),
    "the second key of one who has both": (
        (lost(1), second_key("admin-2")),
        make(KeyRevoked, officer="admin-2", keyid="f" * 16),
        False,
    ),
    "who leaves the last post": ((lost(1), *at_post("admin-2", "charity")), left("charity", "admin-2"), True),
    "who leaves one of two posts": (
        (lost(1), *at_post("admin-2", "charity", "bureau")),
        left("charity", "admin-2"),
        False,
    ),
    "a key, where one has left": ((*at_post("admin-1", "charity"), left("charity", "admin-1")), lost(2), True),
    "who could not act before either": ((lost(1),), withdrawal("admin-1", "administrator", None), False),
    "a new administrator first": ((lost(1), grant("li", "administrator", None), second_key("li")), lost(2), False),
    "a new administrator without a key": ((lost(1), grant("li", "administrator", None)), lost(2), True),
    "an administrator of one entity": ((lost(1), grant("li", "administrator"), second_key("li")), lost(2), True),
}


@pytest.mark.parametrize(("before", "event", "refused"), ROADS.values(), ids=ROADS.keys())
def test_no_road_leads_to_fewer_than_two_who_act(before: tuple[Event, ...], event: Event, refused: bool) -> None:  # noqa: FBT001 - a table's column
    model = world()
    model.record(*before)
    assert ("E_ADMINISTRATORS_LEFT" in model.codes(event)) is refused
