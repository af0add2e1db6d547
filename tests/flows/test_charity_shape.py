"""Every event of giving, collecting, granting and community money: strict bytes, frozen tags, sentences in place."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ledger.accounts.legs import require_balanced
from ledger.catalogue import codes, say
from ledger.errors import InputError
from ledger.flows.event import Event
from ledger.flows.registry import class_of, read_event, write_event
from ledger.flows.rules import rules_of
from ledger.signing.canonical import canonical
from tests.flows.charity_world import VALID, world
from tests.flows.event_samples import events_of, make, make_full, of_rooms

CLASSES = list(of_rooms("giving", "collecting", "granting", "community"))
EVERY = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
QUICK = settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
GOLDEN = Path(__file__).parents[1] / "assets" / "golden_tags_charity.json"

BOOK = world()
"""Postings only read it."""

FUND_FIELDS = ("fund", "source", "target", "waited_in")

ALLOCATE = ("fund.allocated", "fund.advanced", "fund.advance_repaid")
"""Kinds whose `source` is a fund; elsewhere it says who brought the money."""


def golden() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return found


@EVERY
@QUICK
@given(data=st.data())
def test_what_is_written_is_read_again(cls: type[Event], data: st.DataObject) -> None:
    event = data.draw(events_of(cls))
    assert read_event(write_event(event)) == event


@EVERY
@pytest.mark.parametrize("full", [False, True], ids=["nulls", "full"])
def test_every_field_must_stand_and_no_other(cls: type[Event], *, full: bool) -> None:
    value = json.loads(write_event(make_full(cls) if full else make(cls)))
    for name in cls.model_fields:
        with pytest.raises(InputError):
            read_event(canonical({key: one for key, one in value.items() if key != name}))
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
@QUICK
@given(data=st.data())
def test_legs_of_any_event_balance_by_fund_and_book(cls: type[Event], data: st.DataObject) -> None:
    """Whatever the fields say, as long as the funds exist: amounts, parties and references are arbitrary."""
    drawn = data.draw(events_of(cls))
    fields: dict[str, Any] = {name: getattr(drawn, name) for name in cls.model_fields}
    funds = st.sampled_from(["general", "school", "flood", "zixing", "town", "lottery"])
    fields |= {name: data.draw(funds) for name in FUND_FIELDS if isinstance(fields.get(name), str)}
    plain = VALID[drawn.kind]()
    kept: dict[str, Any] = {
        name: getattr(plain, name) for name in ("parts", "source") if name in fields and drawn.kind not in ALLOCATE
    }
    require_balanced(cls(**{**fields, **kept}).postings(BOOK))


@EVERY
def test_needs_are_narrow(cls: type[Event]) -> None:
    for need in (*make_full(cls).needs(), *make_full(cls).may_need()):
        assert need.kinds or need.tag.startswith("movement:"), f"{need} would load everything of a tag"


@EVERY
def test_the_kind_has_a_title_in_both_languages(cls: type[Event]) -> None:
    kind = str(cls.model_fields["kind"].default)
    assert class_of(kind, cls.model_fields["version"].default) is cls
    assert kind in codes()
    assert say(kind, "zh") != say(kind, "en")


@EVERY
def test_every_rule_has_a_source_and_a_sentence(cls: type[Event]) -> None:
    for rule in rules_of(cls):
        assert rule.source
        assert {f"E_{rule.code}", f"W_{rule.code}"} & codes()


@pytest.mark.parametrize("key", sorted(golden()))
def test_tags_and_postings_are_frozen(key: str) -> None:
    frozen = golden()[key]
    event = read_event(canonical(frozen["event"]))
    assert list(event.tags()) == frozen["tags"]
    legs = [[leg.fund, leg.role, leg.amount_fen, leg.party, leg.book, leg.code] for leg in event.postings(BOOK)]
    assert legs == frozen["legs"]


def test_every_class_is_in_the_golden_file() -> None:
    expected = {f"{cls.model_fields['kind'].default}/{cls.model_fields['version'].default}" for cls in CLASSES}
    assert expected == golden().keys()
