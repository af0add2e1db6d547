"""Which schemes of aid usually exclude each other (互斥待遇表): what a county is asked to set, and nothing by itself.

No rule of a book reads this table, for a county may decide otherwise: only what `exclusion.set` says counts. Source:
社会救助暂行办法, 特困人员认定办法, 国发〔2015〕52号 (残疾人两项补贴), 民发〔2019〕62号 (事实无人抚养儿童).
"""

from collections.abc import Iterable, Iterator
from typing import Final

from ledger.flows.event import Event
from ledger.flows.public_money.entitlement.programmes import Effect, ExclusionSet, ProgrammeOpened

_DIBAO: Final = ("urban_dibao", "rural_dibao")
_FORBIDDEN: Final = (
    *((dibao, "destitute") for dibao in _DIBAO),
    _DIBAO,
    ("destitute", "disability_living"),
    ("destitute", "disability_care"),
    ("orphan", "destitute"),
    ("orphan", "disability_living"),
)
_DIFFERENCE: Final = tuple(("unsupported_child", other) for other in (*_DIBAO, "destitute", "disability_living"))
"""Schemes of which a child draws only what lacks to the higher one (补差)."""

Pair = tuple[ProgrammeOpened, ProgrammeOpened, Effect]


def usual(opened: Iterable[Event]) -> Iterator[Pair]:
    """The pairs of the opened programmes of which usually not both may be drawn in full."""
    programmes = [one for one in opened if isinstance(one, ProgrammeOpened)]
    pairs: tuple[tuple[Effect, tuple[tuple[str, str], ...]], ...] = (
        ("forbidden", _FORBIDDEN),
        ("difference", _DIFFERENCE),
    )
    for effect, schemes in pairs:
        for first, second in schemes:
            yield from (
                (one, other, effect)
                for one in programmes
                for other in programmes
                if (one.scheme, other.scheme) == (first, second)
            )


def unset(standing: Iterable[Event]) -> list[Pair]:
    """The usual pairs of which an entity's standing facts say nothing, be it that both may be drawn."""
    standing = list(standing)
    said = {frozenset((one.programme, one.other)) for one in standing if isinstance(one, ExclusionSet)}
    return [pair for pair in usual(standing) if frozenset((pair[0].programme, pair[1].programme)) not in said]
