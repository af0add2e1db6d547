"""Accounting entities (会计主体): who keeps books here, of which kind, on which chart.

A charity or a society keeps statutory books; a bureau keeps a control ledger (资金台账), for its statutory books
live in the budget-management system. An agent keeps the books of many small entities and is itself one.
"""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Final, Literal

from pydantic import StringConstraints

from ledger.accounts.charts import Chart, chart_for
from ledger.flows.checks import find
from ledger.flows.event import Event, Stage
from ledger.flows.fields import Day, DocumentNo, EntityId, Label
from ledger.flows.knowledge import Knowledge, Need, Recorded
from ledger.flows.rules import Verdict, rule
from ledger.values.uscc import uscc_last_holds

Uscc = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{18}$")]

EVERY_ENTITY: Final = "entity:*"
RESERVED: Final = "book"
"""The entity of acts that concern the whole book."""
"""The tag of what holds for every entity of the book: a role or policy whose `entity` is null."""


class EntityRegistered(Event):
    """An entity begins to keep its books here. Source: 主体登记."""

    stage: ClassVar[Stage] = Stage.GATE
    reversible: ClassVar[bool] = False

    kind: Literal["entity.registered"] = "entity.registered"
    version: Literal[1] = 1
    entity: EntityId
    name: Label
    uscc: Uscc | None
    entity_kind: Literal["charity", "society", "bureau", "agent"]
    book_kind: Literal["statutory", "control"]
    chart_family: Literal["npo", "control"]
    public_fundraising: bool
    registered_on: Day | None

    def needs(self) -> tuple[Need, ...]:
        return (entity_need(self.entity),)


class EntityRenamed(Event):
    """An entity goes by another name from a day on; its code stays."""

    stage: ClassVar[Stage] = Stage.GATE
    reversible: ClassVar[bool] = False

    kind: Literal["entity.renamed"] = "entity.renamed"
    version: Literal[1] = 1
    entity: EntityId
    name: Label
    document: DocumentNo | None
    valid_from: Day

    def needs(self) -> tuple[Need, ...]:
        return (entity_need(self.entity),)


def entity_need(entity: str) -> Need:
    """The history that tells what an entity is."""
    return Need(f"entity:{entity}", ("entity.registered",))


OFFICES: Final = Need("standing:book", ("entity.registered",))
"""Every entity of the book: a few standing facts, for those who ask what the voucher's entity is."""


def is_office(model: Knowledge) -> bool:
    """Whether the voucher's entity is an office of the state (民政局、审计局、财政局), which may follow up what another
    entity recorded. Needs `OFFICES`.
    """
    return model.folded(_is_office, OFFICES, model.entity)


def _is_office(history: Sequence[Recorded], entity: str) -> bool:
    facts = (recorded.event for recorded in history)
    return any(
        isinstance(one, EntityRegistered) and (one.entity, one.entity_kind) == (entity, "bureau") for one in facts
    )


def entity_facts(model: Knowledge, entity: str) -> EntityRegistered | None:
    """The registration of an entity, or None; needs `entity_need(entity)`."""
    for recorded in find(model, entity_need(entity)):
        if isinstance(recorded.event, EntityRegistered):
            return recorded.event
    return None


def chart_now(model: Knowledge, entity: str) -> Chart | None:
    """The chart that a voucher of an entity is posted in on the voucher's date; needs `entity_need(entity)`."""
    found = entity_facts(model, entity)
    return None if found is None else chart_for(found.chart_family, model.voucher_date)


def unknown_entity(model: Knowledge, entity: str | None) -> Verdict:
    """The body of every ENTITY_UNKNOWN rule; null means every entity and is known."""
    if entity is not None and entity_facts(model, entity) is None:
        yield {"entity": entity}


@rule(EntityRegistered, code="ENTITY_TWICE", source="主体登记", form=True)
def registered_once(event: EntityRegistered, model: Knowledge) -> Verdict:
    if entity_facts(model, event.entity) is not None:
        yield {"entity": event.entity}


@rule(EntityRegistered, code="ENTITY_RESERVED", source="docs/security.md", form=True)
def name_is_free(event: EntityRegistered, model: Knowledge) -> Verdict:
    if event.entity == RESERVED:
        yield {"entity": event.entity}


@rule(EntityRegistered, code="ENTITY_USCC", source="GB 32100-2015, last character", form=True)
def code_holds(event: EntityRegistered, model: Knowledge) -> Verdict:
    if event.uscc is not None and not uscc_last_holds(event.uscc):
        yield {"entity": event.entity, "uscc": event.uscc}


@rule(EntityRegistered, code="ENTITY_BOOK", source="资金台账; county practice", form=True)
def book_fits_kind(event: EntityRegistered, model: Knowledge) -> Verdict:
    book_kind = "control" if event.entity_kind == "bureau" else "statutory"
    family = "control" if book_kind == "control" else "npo"
    if (event.book_kind, event.chart_family) != (book_kind, family):
        yield {"entity": event.entity, "entity_kind": event.entity_kind, "book_kind": book_kind, "chart_family": family}


@rule(EntityRenamed, code="ENTITY_UNKNOWN", source="主体登记", form=True)
def renamed_is_known(event: EntityRenamed, model: Knowledge) -> Verdict:
    yield from unknown_entity(model, event.entity)
