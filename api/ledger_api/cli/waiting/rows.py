"""Vouchers that wait, by their ids; what they hold, in words; and the event that one ended."""

from collections.abc import Mapping
from typing import Final

from ledger.application import waiting
from ledger.application.drafting import draft_event
from ledger.application.waiting import WaitingVoucher
from ledger.catalogue import say
from ledger.errors import InputError
from ledger.flows.event import Event
from ledger_api.cli.desk import Desk, Session

SHORTEST_PART: Final = 6
"""How many characters of a voucher's id name it, where no other waiting voucher has them."""


def all_rows(session: Session, *states: str) -> list[WaitingVoucher]:
    """Every voucher that waits, or is in one of these states, oldest first."""
    with session.book.store.read() as connection:
        return waiting.all_waiting(connection, *states)


def find_waiting(session: Session, name: str, *states: str) -> WaitingVoucher:
    """The waiting voucher of an id, or of a part of one that no other has; E_NOT_PENDING, E_VOUCHER_PART."""
    found = all_rows(session, *states)
    whole = [one for one in found if one.voucher == name]
    if whole or len(name) < SHORTEST_PART:
        found = whole
    else:
        found = [one for one in found if one.voucher.startswith(name) or one.voucher.endswith(name)]
    if len(found) > 1:
        raise InputError("E_VOUCHER_PART", value=name, count=len(found))
    if found:
        return found[0]
    with session.book.store.read() as connection:
        waiting.waiting(connection, name)
    raise waiting.not_pending(name)


def contents(desk: Desk, events: Mapping[str, int]) -> list[str]:
    """What a voucher holds, in words: each kind of event with how many there are."""
    return [f"{say(kind, desk.language)} x {count}" for kind, count in events.items()]


def complete(desk: Desk) -> str:
    """What waits though it wants no signature any more, since a policy or a month has changed."""
    return desk.text("已签齐,请运行 pending --again", "wants nobody; run pending --again")


def ending(one: WaitingVoucher, kind: str, reason: str) -> Event:
    """The event that a waiting voucher ended, which keeps what it was."""
    said = {"voucher": one.voucher, "statement": one.statement, "maker": one.maker, "amount_fen": one.amount_fen}
    return draft_event(kind, {**said, "reason": reason})
