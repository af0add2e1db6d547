"""Events about public money: one spelling each, legs that balance, tags that never change."""

import json
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import LedgerError
from ledger.flows.event import Event
from ledger.flows.registry import read_event, write_event
from ledger.signing.canonical import canonical
from tests.flows.event_samples import events_of, of_rooms
from tests.flows.fake_knowledge import FakeKnowledge
from tests.flows.public_money import samples_relief as s
from tests.flows.public_money.cases_entitlement import CASES as ENTITLEMENT
from tests.flows.public_money.cases_payment import CASES as PAYMENT
from tests.flows.public_money.cases_redress import CASES as REDRESS

CLASSES: Final = tuple(of_rooms("public_money"))
GOLDEN: Final = Path(__file__).parents[2] / "assets" / "golden_tags_public_money.json"


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@settings(max_examples=10)
@given(data=st.data())
def test_bytes_and_event_are_one(cls: type[Event], data: st.DataObject) -> None:
    event = data.draw(events_of(cls))
    written = write_event(event)
    assert read_event(written) == event
    assert canonical(json.loads(written)) == written


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@settings(max_examples=10)
@given(data=st.data())
def test_any_event_posts_what_balances_and_judges_without_falling(cls: type[Event], data: st.DataObject) -> None:
    """Also: only announced histories are read. Sums that do not add up are refused by form, so legs are asked for only
    when nothing refuses.
    """
    event = data.draw(events_of(cls))
    model = FakeKnowledge()
    if not any(found.refuses for found in model.judge(event)):
        model.legs(event)
    assert len(set(event.tags())) == len(event.tags())


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_a_field_left_out_or_added_is_no_event(cls: type[Event]) -> None:
    whole = json.loads(write_event(_sample(cls)))
    for name in set(whole) - {"kind", "version"}:
        with pytest.raises(LedgerError):
            read_event(canonical({key: value for key, value in whole.items() if key != name}))
    with pytest.raises(LedgerError):
        read_event(canonical({**whole, "remark": "x"}))


def _sample(cls: type[Event]) -> Event:
    return next(one.event for one in (*ENTITLEMENT, *PAYMENT, *REDRESS) if type(one.event) is cls)


def test_posting_cases_balance() -> None:
    """Every event of the tables of rules, after what came before it."""
    for one in (*ENTITLEMENT, *PAYMENT, *REDRESS):
        model = s.book(*one.before)
        if not any(found.refuses for found in model.judge(one.event)):
            model.legs(one.event)


# ---- tags and legs are frozen for ever


def test_tags_and_legs_are_those_of_the_golden_file() -> None:
    """A difference means that every book would be read otherwise than it was written: make a new version instead."""
    model = FakeKnowledge(entity="bureau")
    for line in json.loads(GOLDEN.read_text(encoding="utf-8")):
        event = read_event(canonical(line["event"]))
        assert list(event.tags()) == line["tags"]
        assert [[leg.fund, leg.role, leg.amount_fen, leg.party, leg.book] for leg in model.legs(event)] == line["legs"]
        model.record(event)


def test_the_golden_file_holds_every_kind() -> None:
    golden = {
        (line["event"]["kind"], line["event"]["version"]) for line in json.loads(GOLDEN.read_text(encoding="utf-8"))
    }
    assert {(c.model_fields["kind"].default, c.model_fields["version"].default) for c in CLASSES} <= golden
