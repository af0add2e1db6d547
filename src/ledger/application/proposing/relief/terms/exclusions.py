"""What usually excludes what (互斥待遇) and is not set: then nobody is found who draws both."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import Note, Place
from ledger.application.proposing.context import Context
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.flows.public_money.entitlement.usual_exclusions import Pair, unset

_PAIRS_SHOWN: Final = 3


def unset_by_entity(context: Context) -> dict[str, list[Pair]]:
    """Entity -> the usual pairs of its programmes of which it has set nothing; none of an entity without such."""
    standing: defaultdict[str, list[Event]] = defaultdict(list)
    for item in context.standing:
        standing[item.entity].append(item.event)
    found = {entity: unset(events) for entity, events in standing.items()}
    return {entity: pairs for entity, pairs in found.items() if pairs}


def names_of(pairs: Sequence[Pair]) -> list[str]:
    """The pairs in words."""
    return [f"{one.name}与{other.name}" for one, other, _ in pairs]


def params_of(pairs: Sequence[Pair]) -> dict[str, Any]:
    """What the sentence of W_EXCLUSIONS_UNSET names: how many, and the first of them."""
    return {"found": len(pairs), "pairs": "、".join(names_of(pairs[:_PAIRS_SHOWN]))}


def notes(context: Context, listed: Mapping[str, ParsedFile]) -> Iterator[tuple[ParsedFile, Note]]:
    """Of each entity whether two of its programmes have lists, in the book or in this import, that usually exclude each
    other, told once at the first file that lists one of them. `listed` are the programmes of this import, each with a
    file that lists it.
    """
    by_entity = unset_by_entity(context)
    others = {one.programme for pairs in by_entity.values() for pair in pairs for one in pair[:2]} - listed.keys()
    needs = {name: Need(f"programme:{name}", ("batch.prepared",)) for name in others}
    found = context.find(needs.values())
    used = {*listed, *(name for name, need in needs.items() if found[need])}
    for pairs in by_entity.values():
        both = [pair for pair in pairs if {pair[0].programme, pair[1].programme} <= used]
        here = [listed[one.programme] for pair in both for one in pair[:2] if one.programme in listed]
        if here:
            yield here[0], Note(Place(here[0].file, None, 0), "W_EXCLUSIONS_UNSET", params_of(both))
