"""Register first, then sign: commitments of new people go into the log before the events that name them."""

from collections.abc import Mapping

from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, Proposed
from ledger.flows.knowledge import Need


def registration(
    context: Context,
    proposal: Proposal,
    made: Mapping[str, Mapping[str, str]],
    first: Proposed,
) -> list[Proposed]:
    """Items that commit what the vault has newly kept; `made` is {reference: {field: commitment}}."""
    items: list[Proposed] = []
    done: set[str] = set()
    for entity, subject in proposal.subjects:
        fields = made.get(subject.reference)
        if not fields or subject.reference in done:
            continue
        done.add(subject.reference)
        event = context.event(
            "identity.registered",
            identity=subject.reference,
            subject=subject.subject,
            fields=[{"name": name, "commitment": commitment} for name, commitment in sorted(fields.items())],
        )
        known = Need(f"identity:{subject.reference}", ("identity.registered",))
        items.append(Proposed(first.place, known, (event,), entity, first.day, file_level=True))
    return items
