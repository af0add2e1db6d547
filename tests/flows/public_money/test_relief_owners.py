"""Public money of one entity is no matter of another: who may act on which of it, kind by kind."""

from typing import Any, Final

import pytest

from ledger.flows.authority.entities import EntityRegistered
from ledger.flows.checks import OWN_SINCE
from ledger.flows.event import Event
from ledger.flows.public_money.entitlement.enrolments import EnrolmentReasonFilled
from ledger.flows.public_money.payment.payments import line
from ledger.flows.public_money.redress.recoveries import money_need, unsettled_fen
from ledger.flows.rules import rules_of
from tests.flows.event_samples import make, of_rooms
from tests.flows.fake_knowledge import FakeKnowledge
from tests.flows.public_money import samples_redress as r
from tests.flows.public_money import samples_relief as s

CODE: Final = "E_OF_ANOTHER_ENTITY"
WORLD: Final = (
    *r.recoverable(),
    r.clue(),
    s.confirmed(),
    s.prepared(),
    s.authorised(),
)
FILLED: Final = make(EnrolmentReasonFilled, enrolment="E1")
FOLLOWED: Final = (
    r.assigned(),
    r.verified(),
    r.refuted(),
    r.restated(),
    r.finding(finding="F2", clues=("YD-1",)),
    r.notice(),
    r.referred(),
    r.plan(),
    r.report(),
    r.accepted(),
    r.look_back(),
    r.grouped(),
    r.grouped(finding="F9", cases=("F1",)),
    r.closed(),
    r.reopened(),
    r.ordered(recovery="R2"),
    s.standard_set(category="农村A类"),
    s.exclusion_set(programme="own", other=s.DIBAO),
    s.confirmed(enrolment="E9"),
    s.prepared(batch="B9"),
)
"""What an office may do about what another entity recorded, and nobody else."""
KEPT: Final = (
    r.planned(r.FEN),
    r.plan_listed(r.FEN),
    r.collected(),
    r.handed_over(),
    r.remitted(),
    r.refunded(),
    r.written_off(),
    s.confirmed(),
    s.changed(),
    s.ended(),
    FILLED,
    s.prepared(),
    s.reviewed(),
    s.approved(),
    s.sent(),
    s.instructed(),
    s.funded(),
    s.result(),
    s.excluded(batch="B9"),
    s.excluded(enrolment="E9", payment=None),
    s.unspent(),
    s.unspent(batch="B9", carried_to="B1"),
    s.closed_batch(),
    s.authorised(batch="B9", payment="L9"),
    s.authorised(enrolment="E9", payment="L9"),
    s.authorised(enrolment="E9", batch="B9"),
    s.authorised(enrolment="E9", batch="B9", payment="L9", reference=s.reference(payment="L1")),
    s.offset(batch="B9", enrolment="E9"),
    s.paid(enrolment="E9", batch="B9"),
    s.paid(payment="L9", batch="B9", origin="history"),
    s.returned(enrolment="E9", batch="B9"),
    s.returned_late(payment="L9", enrolment="E9"),
)
"""What only the entity does that recorded the first of it."""
NAMED: Final = ("clue", "clues", "finding", "recovery", "enrolment", "batch", "payment")
BEGINS: Final = {"clue.raised"}
"""Kinds that name such a thing and act on nothing that stands."""


def world(judged_by: str) -> FakeKnowledge:
    """The bureau's matters, and beside it another office and a charity."""
    model = s.book(*WORLD)
    for entity, kind in (("bureau", "bureau"), ("audit", "bureau"), ("charity", "charity"), ("agent", "agent")):
        model.record(make(EntityRegistered, entity=entity, entity_kind=kind), entity="book")
    model.entity = judged_by
    return model


def named(*events: Event) -> list[Any]:
    return [pytest.param(one, id=f"{at}: {one.kind}") for at, one in enumerate(events)]


@pytest.mark.parametrize("entity", ["charity", "agent"])
@pytest.mark.parametrize("one", named(*FOLLOWED, *KEPT))
def test_no_charity_and_no_agent_acts_on_an_office_s_matter(one: Event, entity: str) -> None:
    found = [finding for finding in world(entity).judge(one) if finding.code == CODE]
    assert found
    assert {dict(finding.params)["owner"] for finding in found} == {"bureau"}


@pytest.mark.parametrize("one", named(*KEPT))
def test_an_office_leaves_another_s_money_and_roll_alone(one: Event) -> None:
    assert CODE in world("audit").codes(one)


@pytest.mark.parametrize("one", named(*FOLLOWED))
def test_an_office_follows_up_what_another_recorded(one: Event) -> None:
    assert CODE not in world("audit").codes(one)


@pytest.mark.parametrize("one", named(*FOLLOWED, *KEPT))
def test_an_entity_acts_on_its_own(one: Event) -> None:
    assert CODE not in world("bureau").codes(one)


@pytest.mark.parametrize("one", named(*FOLLOWED, *KEPT))
def test_an_earlier_edition_knew_no_owners(one: Event) -> None:
    model = world("charity")
    asking = {rule.edition for rule in rules_of(type(one)) for found in rule.judge(one, 0, model) if found.code == CODE}
    assert asking == {OWN_SINCE}


def test_every_kind_that_names_such_a_thing_is_in_the_tables() -> None:
    naming = [cls for cls in of_rooms("public_money") if any(name in cls.model_fields for name in NAMED)]
    kinds = {cls.model_fields["kind"].default for cls in naming}
    assert kinds - {one.kind for one in (*FOLLOWED, *KEPT)} == BEGINS


def test_what_another_entity_collected_settles_nothing() -> None:
    """As an earlier edition let it in: the order stands where it was made."""
    model = world("bureau")
    model.record(r.collected(amount_fen=r.FEN), entity="charity")
    need = money_need("F1")
    assert [one.entity for one in model.history(need.tag, *need.kinds)] == ["bureau", "charity"]
    assert unsettled_fen(model, "F1") == r.FEN
    model.edition = 4
    assert unsettled_fen(model, "F1") == 0


def test_a_line_is_paid_by_its_own_entity() -> None:
    model = world("bureau")
    model.record(s.paid(), entity="charity")
    assert line(model, "L1").standing == 0
    assert "E_PAID_TWICE" not in model.codes(s.paid())
    model.edition = 4
    assert line(model, "L1").standing == 1
    model.edition, model.entity = 5, "charity"
    assert (line(model, "L1").authorised, line(model, "L1").standing) == (None, 1)
