"""Every event of authority, books and running costs: strict bytes, tags frozen, legs balanced, sentences in place."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ledger.accounts.legs import require_balanced
from ledger.catalogue import codes, say
from ledger.errors import InputError
from ledger.flows.authority.identities import IdentityErased
from ledger.flows.books.journal import JournalPosted
from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.books.reversal import EventReversed
from ledger.flows.event import Event, Stage
from ledger.flows.registry import class_of, event_classes, read_event, write_event
from ledger.flows.rules import rules_of
from ledger.signing.canonical import canonical
from tests.flows.books_world import world
from tests.flows.event_samples import events_of, make, make_full, of_rooms

CLASSES = list(of_rooms("authority", "books", "running"))
EVERY = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
QUICK = settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
GOLDEN = Path(__file__).parents[1] / "assets" / "golden_tags_books.json"

WORLD = world()
"""Postings only read it."""

FREE_LEGS = (JournalPosted, OpeningRecorded)
"""Their legs are what somebody typed: a rule asks that they balance."""


@EVERY
@QUICK
@given(data=st.data())
def test_what_is_written_is_read_again(cls: type[Event], data: st.DataObject) -> None:
    event = data.draw(events_of(cls))
    assert read_event(write_event(event)) == event
    assert write_event(read_event(write_event(event))) == write_event(event)


@EVERY
@pytest.mark.parametrize("built", [make, make_full], ids=["nulls", "full"])
def test_every_field_must_stand_and_no_other(cls: type[Event], built: object) -> None:
    event = make(cls) if built is make else make_full(cls)
    value = json.loads(write_event(event))
    for name in cls.model_fields:
        without = {key: one for key, one in value.items() if key != name}
        with pytest.raises(InputError):
            read_event(canonical(without))
    with pytest.raises(InputError):
        read_event(canonical({**value, "extra": None}))


@EVERY
def test_events_are_frozen_and_strict(cls: type[Event]) -> None:
    event = make(cls)
    with pytest.raises(ValidationError):
        setattr(event, "id", event.id)  # noqa: B010 - an assignment in words would be a type error
    with pytest.raises(ValidationError):
        cls(**{**event.model_dump(), "version": "1"})


@EVERY
def test_legs_of_a_plain_event_balance(cls: type[Event]) -> None:
    if cls not in FREE_LEGS and cls is not EventReversed:
        for event in (make(cls), make_full(cls)):
            require_balanced(event.postings(WORLD))


@EVERY
@QUICK
@given(data=st.data())
def test_legs_of_any_event_balance(cls: type[Event], data: st.DataObject) -> None:
    if cls not in FREE_LEGS and cls is not EventReversed:
        require_balanced(data.draw(events_of(cls)).postings(WORLD))


@EVERY
def test_needs_are_narrow(cls: type[Event]) -> None:
    for need in (*make_full(cls).needs(), *make_full(cls).may_need()):
        narrow = need.kinds or need.tag.startswith("movement:") or cls is IdentityErased  # all that names one person
        assert narrow, f"{need} would load everything of a tag"


@EVERY
def test_kind_and_codes_have_sentences(cls: type[Event]) -> None:
    kind = str(cls.model_fields["kind"].default)
    assert class_of(kind, int(cls.model_fields["version"].default)) is cls
    assert kind in codes()
    assert say(kind, "zh") != say(kind, "en")


@EVERY
def test_authority_is_never_reversible(cls: type[Event]) -> None:
    if ".authority." in cls.__module__:
        assert not cls.reversible
    assert cls.stage in Stage


def spellings(cls: type[Event]) -> set[str]:
    """Every code that the rules of a class can give."""
    found: set[str] = set()
    for rule in rules_of(cls):
        if rule.form:
            found.add("E_" + rule.code)
        elif rule.warns:
            found.add("W_" + rule.code)
        elif "origin" in cls.model_fields:
            found |= {"E_" + rule.code, "W_" + rule.code}
        else:
            found.add(("E_" if cls.stage is Stage.GATE else "W_") + rule.code)
    return found


@EVERY
def test_every_finding_can_be_said(cls: type[Event]) -> None:
    assert spellings(cls) <= codes()
    for rule in rules_of(cls):
        assert rule.source


@pytest.mark.parametrize("key", sorted(json.loads(GOLDEN.read_text(encoding="utf-8"))))
def test_tags_and_postings_are_frozen(key: str) -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))[key]
    event = read_event(canonical(golden["event"]))
    assert list(event.tags()) == golden["tags"]
    legs = [[leg.fund, leg.role, leg.amount_fen, leg.party, leg.book, leg.code] for leg in event.postings(WORLD)]
    assert legs == golden["legs"]


def test_every_class_is_in_the_golden_file() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    expected = {f"{cls.model_fields['kind'].default}/{cls.model_fields['version'].default}" for cls in CLASSES}
    assert expected == golden.keys()


def test_every_posting_has_a_day_of_its_own() -> None:
    """A class that posts names the field with its business day, or its figures would bear the voucher's date."""
    posting = [cls for cls in event_classes().values() if cls.postings is not Event.postings]
    assert posting
    assert [cls.__name__ for cls in posting if not set(cls.day_fields) & cls.model_fields.keys()] == []
