"""Related parties (关联方): who may not simply be given money. Source: Charity Law arts. 14, 40 and 59."""

from datetime import date
from typing import ClassVar, Literal

from ledger.flows.checks import find
from ledger.flows.event import Event, Stage
from ledger.flows.fields import Day, DocumentNo, Label, PayeeRef
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict


class RelatedPartyDeclared(Event):
    """A payee is declared related to the entity, from a day on, and until a day when that is known."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["related_party.declared"] = "related_party.declared"
    version: Literal[1] = 1
    payee: PayeeRef
    payee_label: Label | None
    relation: Literal["initiator", "donor", "manager", "family_of_manager", "controlled", "other"]
    since: Day
    until: Day | None
    document: DocumentNo | None


def related_need(payee: str) -> Need:
    """The history in which a payee was declared related."""
    return Need(f"payee:{payee}", ("related_party.declared",))


def related_now(model: Knowledge, payee: str, day: date) -> Verdict:
    """The body of every RELATED_BENEFICIARY rule: the relations that held on a day. Needs `related_need(payee)`."""
    for recorded in find(model, related_need(payee)):
        event = recorded.event
        if not isinstance(event, RelatedPartyDeclared):
            continue
        if event.since <= day and (event.until is None or day <= event.until):
            yield {"payee": payee, "relation": event.relation}
