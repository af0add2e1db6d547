"""Every rule about public money fires on what it is for and on nothing else, at the gate and on facts."""

from collections.abc import Iterator
from typing import Final

import pytest

from ledger.catalogue import say
from ledger.catalogue.sentences import sentences
from ledger.flows.event import Event, Stage
from ledger.flows.rules import Rule, rules_of
from tests.flows.event_samples import of_rooms
from tests.flows.public_money import (
    cases_entitlement,
    cases_payment,
    cases_redress,
    cases_rests,
    cases_tellings,
    test_relief_owners,
)
from tests.flows.public_money.relief_case import Case
from tests.flows.public_money.samples_relief import book

CASES: Final = (
    *cases_entitlement.CASES,
    *cases_payment.CASES,
    *cases_rests.RESTS,
    *cases_rests.ANEW_AND_PAID,
    *cases_rests.FILES,
    *cases_tellings.CASES,
    *cases_redress.CASES,
)


@pytest.mark.parametrize("one", CASES, ids=lambda one: f"{one.event.kind}: {one.name}")
def test_an_event_gives_exactly_these_codes(one: Case) -> None:
    assert set(book(*one.before).codes(one.event)) == one.codes


@pytest.mark.parametrize("one", [c for c in CASES if c.codes], ids=lambda one: f"{one.event.kind}: {one.name}")
def test_a_finding_says_its_sentence_in_full(one: Case) -> None:
    for found in book(*one.before).judge(one.event):
        for language in ("zh", "en"):
            sentence = say(found.code, language, **dict(found.params))
            assert found.code not in sentence
            assert "{" not in sentence


def _spellings(cls: type[Event], rule: Rule) -> Iterator[str]:
    if rule.form or (not rule.warns and cls.stage is Stage.GATE):
        yield f"E_{rule.code}"
    if rule.warns or (not rule.form and (cls.stage is Stage.FACT or "origin" in cls.model_fields)):
        yield f"W_{rule.code}"


def test_the_tables_hold_every_spelling_of_every_code() -> None:
    wanted = {code for cls in of_rooms("public_money") for rule in rules_of(cls) for code in _spellings(cls, rule)}
    shown = {code for one in CASES for code in one.codes} | {test_relief_owners.CODE}
    assert wanted - shown == set()


def test_every_class_meets_the_tables() -> None:
    """By kind, so that a rule registered for eight classes is not shown on one of them only."""
    kinds = {cls.model_fields["kind"].default for cls in of_rooms("public_money")}
    assert kinds - {one.event.kind for one in CASES} == set()


def test_every_kind_has_a_title() -> None:
    for cls in of_rooms("public_money"):
        title = sentences()[cls.model_fields["kind"].default]
        assert title["zh"]
        assert title["en"]
