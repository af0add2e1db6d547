"""One line of the tables of rules: what was recorded before, the event, and every code that it must give."""

from typing import NamedTuple

from ledger.flows.event import Event


class Case(NamedTuple):
    """`codes` is exact: a case that expects nothing shows that no rule fires without a cause."""

    name: str
    before: tuple[Event, ...]
    event: Event
    codes: frozenset[str]


def case(name: str, before: tuple[Event, ...], event: Event, *codes: str) -> Case:
    """A case; no codes means that nothing is to be said of the event."""
    return Case(name, before, event, frozenset(codes))


def both(name: str, before: tuple[Event, ...], events: tuple[Event, Event], *codes: str) -> tuple[Case, Case]:
    """A decision and the same act as history: the gate refuses, the fact is marked. Codes without their prefix."""
    decision, history = events
    return (
        case(f"{name}, decided now", before, decision, *(f"E_{code}" for code in codes)),
        case(f"{name}, of the past", before, history, *(f"W_{code}" for code in codes)),
    )
