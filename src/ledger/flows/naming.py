"""What the things of a book are called in sentences: by what was stated of each, not by the ids that the book gives.

A program reads the ids, which stand in the parameters as they are. A person of whom the book holds a reference only is
told by the place that was stated, never by a name.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from ledger.catalogue import Words
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.values.money import fen_to_yuan

SHOWN: Final = 40
"""So much of a long text tells which one is meant."""
_KEYED: Final = re.compile(r"(?:[a-z]+-)?[a-z2-7]{26}")
"""A reference that a book makes of a natural key: nobody types it, as the id of a voucher is typed."""
_REFERENCE: Final = re.compile(
    rf"{_KEYED.pattern}|[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}|sha256:[0-9a-f]{{64}}"
)

Ask = Callable[[Need], Sequence[Event]]
"""What is recorded under a need, in the order of recording."""
_Told = Callable[[Any], Words]


def is_reference(value: Any) -> bool:
    """Whether a value is one that only the book understands."""
    return isinstance(value, str) and _REFERENCE.fullmatch(value) is not None


def _by_name(event: Any) -> Words:
    return Words(event.name, event.name)


def _by_text(event: Any) -> Words:
    """示审报〔2025〕9号“救助资金滞留乡镇”."""
    document = getattr(event, "document", None) or ""
    text = event.summary or event.category
    text = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    return Words(f"{document}“{text}”", f"{document} “{text}”".strip())


def _where(event: Any) -> str:
    return f"{getattr(event, 'township', None) or ''}{event.village or ''}"


def _by_unit(event: Any) -> Words:
    where, one = _where(event), event.unit == "household"
    return Words(f"{where}的一{'户' if one else '名对象'}", f"a {'household' if one else 'person'} of {where}")


def _by_place(event: Any) -> Words:
    return Words(f"{_where(event)}的一名对象", f"a person of {_where(event)}")


def _by_batch(event: Any) -> Words:
    yuan = fen_to_yuan(event.amount_fen, grouped=True)
    return Words(f"批次 {event.batch} 的一笔 {yuan} 元", f"a payment of {yuan} yuan in batch {event.batch}")


def _by_order(event: Any) -> Words:
    yuan, document = fen_to_yuan(event.amount_fen, grouped=True), event.document or ""
    return Words(f"{document}责令退回 {yuan} 元", f"{yuan} yuan to be paid back by {document or 'order'}")


def _by_project(event: Any) -> Words:
    return Words(f"{event.document}“{event.project_label}”", f"{event.document} “{event.project_label}”")


def _by_gift(event: Any) -> Words:
    yuan, day = fen_to_yuan(event.amount_fen, grouped=True), event.occurred_on
    who = event.donor_label or ""
    return Words(f"{day} {who}捐赠 {yuan} 元", f"the gift of {yuan} yuan of {day}{f' by {who}' if who else ''}")


def _by_pledge(event: Any) -> Words:
    yuan, who = fen_to_yuan(event.amount_fen, grouped=True), event.donor_label or ""
    by = f" by {who}" if who else ""
    return Words(f"{event.on} {who}认捐 {yuan} 元", f"the pledge of {yuan} yuan of {event.on}{by}")


def _by_goods(event: Any) -> Words:
    return Words(f"{event.occurred_on} 收到的{event.item}", f"{event.item} received on {event.occurred_on}")


def _by_purpose(event: Any) -> Words:
    yuan = fen_to_yuan(event.amount_fen, grouped=True)
    return Words(f"{event.on} “{event.purpose}” {yuan} 元", f"“{event.purpose}” of {event.on}, {yuan} yuan")


class _Thing(NamedTuple):
    """How one sort of thing is told: the kinds of events that state it, and what they call it; else a noun."""

    told: Mapping[str, _Told]
    noun: Words


_TERMS: Final = ("enrolment.confirmed", "enrolment.changed")
_SOCIETY: Final = ("mutual_aid.society_registered", "mutual_aid.society_changed")
THINGS: Final[Mapping[str, _Thing]] = {
    "programme": _Thing({"programme.opened": _by_name}, Words("该项目", "the programme")),
    "finding": _Thing({"finding.confirmed": _by_text}, Words("该问题", "the finding")),
    "clue": _Thing({"clue.raised": _by_text}, Words("该疑点", "the clue")),
    "enrolment": _Thing(dict.fromkeys(_TERMS, _by_unit), Words("该对象", "the entitlement")),
    "household": _Thing(dict.fromkeys(_TERMS, _by_unit), Words("该户", "the household")),
    "person": _Thing(dict.fromkeys(_TERMS, _by_place), Words("该人员", "the person")),
    "payment": _Thing({"subsidy.authorised": _by_batch, "subsidy.paid": _by_batch}, Words("该笔发放", "the payment")),
    "recovery": _Thing({"recovery.ordered": _by_order}, Words("该笔追缴", "the recovery")),
    "society": _Thing(dict.fromkeys(_SOCIETY, _by_name), Words("该互助社", "the society")),
    "fund": _Thing({"fund.opened": _by_name, _SOCIETY[0]: _by_name}, Words("该基金", "the fund")),
    "allocation": _Thing({"lottery.allocated": _by_project}, Words("该指标", "the allocation")),
    "donation": _Thing(
        {"donation.received": _by_gift, "donation.collective": _by_gift, "in_kind.received": _by_goods},
        Words("该笔捐赠", "the gift"),
    ),
    "channel": _Thing({"channel.opened": _by_name}, Words("该渠道", "the channel")),
    "lot": _Thing({"in_kind.received": _by_goods}, Words("该批物资", "the lot")),
    "pledge": _Thing({"pledge.made": _by_pledge}, Words("该笔认捐", "the pledge")),
    "grant": _Thing({"grant.committed": _by_purpose}, Words("该笔资助", "the grant")),
}
"""Prefix of the tag that names a thing -> how it is told."""
_NAMED: Final[Mapping[str, tuple[str, ...]]] = {
    **{name: (name,) for name in THINGS},
    "other": ("programme", "enrolment", "payment", "finding"),
    "standing": ("programme",),
    "old": ("payment",),
    "reissue": ("payment",),
    "case": ("clue", "finding"),
    "between": ("finding",),
    "target": ("fund",),
}
"""Parameter of a sentence -> what it may name."""
_OF_CODES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "W_CHANNEL_SHORT": {"account": ("channel",)},
    "E_CHANNEL_TWICE": {"channel": ()},
}
"""Code -> what a parameter may name in its sentence only: whoever takes an id twice is told the id."""
_ANY: Final = Words("本笔", "this one")
_ALWAYS: Final = frozenset({"programme", "fund", "finding", "clue", "society", "channel"})
"""Things whose ids nobody reads, references or not; of others an id that is none is the office's own number."""


_MEASURED: Final = ("quantity", "held", "difference")
"""Parameters of a sentence about a lot that are counted in the smallest parts of its unit."""
_OF_LOTS: Final = ("in_kind.received", "in_kind.opened")


def measured(quantity: int, scale: int, unit: str = "") -> str:
    """A quantity as people say it: in its unit, with as many decimals as that has, where they are not all nothing."""
    whole, rest = divmod(abs(quantity), 10**scale)
    told = f"{'-' if quantity < 0 else ''}{whole:,}" + (f".{rest:0{scale}d}" if rest else "")
    return f"{told} {unit}".strip()


def wanted(params: Mapping[str, Any], code: str = "") -> Iterator[Need]:
    """The histories that say what the parameters name."""
    for name, value in params.items():
        for thing in _asked(code, name, value):
            yield _need(thing, value)
    if lot := _measured_lot(params):
        yield Need(f"lot:{lot}", _OF_LOTS)


def words(params: Mapping[str, Any], ask: Ask, code: str = "") -> dict[str, Words]:
    """The parameters that name things, in words: by the last that was stated, references of which nothing is stated by
    a noun. Other parameters are not answered.
    """
    found: dict[str, Words] = {}
    for name, value in params.items():
        things = list(_asked(code, name, value))
        stated = ((THINGS[thing], event) for thing in things for event in reversed(ask(_need(thing, value))))
        said = next((thing.told[event.kind](event) for thing, event in stated), None)
        if said is None and isinstance(value, str) and _KEYED.fullmatch(value):
            said = THINGS[things[0]].noun if len(things) == 1 else _ANY
        if said is not None:
            found[name] = said
    if lot := _measured_lot(params):
        for event in ask(Need(f"lot:{lot}", _OF_LOTS))[-1:]:
            scale, unit = int(getattr(event, "scale", 0)), str(getattr(event, "unit", ""))
            shown = {name: measured(params[name], scale, unit) for name in _MEASURED if _is_whole(params.get(name))}
            found.update({name: Words(text, text) for name, text in shown.items()})
    return found


def _measured_lot(params: Mapping[str, Any]) -> str:
    """The lot in whose unit the parameters are counted, if they are."""
    lot = params.get("lot")
    counted = any(_is_whole(params.get(name)) for name in _MEASURED)
    return lot if counted and isinstance(lot, str) and not isinstance(lot, Words) else ""


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _asked(code: str, name: str, value: Any) -> Iterator[str]:
    """What a parameter may name. A number that an office gave, of a gift or a pledge, is said as it is."""
    if not isinstance(value, str) or isinstance(value, Words) or not value:
        return
    for thing in _OF_CODES.get(code, {}).get(name, _NAMED.get(name, ())):
        if thing in _ALWAYS or is_reference(value):
            yield thing


def _need(thing: str, value: str) -> Need:
    return Need(f"{thing}:{value}", tuple(THINGS[thing].told))
