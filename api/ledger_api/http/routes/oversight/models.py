"""The forms of what is to be looked after: doubts to be raised or given out, and the kinds of files."""

from collections.abc import Callable, Mapping, Sequence

from pydantic import Field

from ledger.flows.event import Event
from ledger.flows.registry import write_event
from ledger_api.check_sheets import in_parts
from ledger_api.http.models import Strict


class UnsignedModel(Strict):
    """A voucher that nobody has signed: its events, to be read, signed and handed in at `/v1/vouchers`."""

    entity: str
    note: str
    events: list[str] = Field(description="Each event as the JSON text that is signed")


def unsigned(wanted: Mapping[str, Sequence[Event]], note_of: Callable[[Sequence[Event]], str]) -> list[UnsignedModel]:
    """Events by entity as the vouchers that somebody has to sign."""
    return [
        UnsignedModel(entity=entity, note=note_of(part), events=[write_event(one).decode() for one in part])
        for entity, part in in_parts(wanted)
    ]


class DoubtFound(Strict):
    """A doubt that a self-check would raise now. Amounts are fen."""

    entity: str
    clue: str
    test: str
    township: str
    exposure_fen: int
    summary: str


class SelfCheck(Strict):
    """What a self-check finds: `found` with what was raised before, `rows` the new ones, `vouchers` to raise these.

    `exclusions_unset` are the pairs of programmes that usually exclude each other and of which nothing is set, in
    words: of persons who draw both, no doubt is found.
    """

    position: int
    found: int
    rows: list[DoubtFound]
    vouchers: list[UnsignedModel]
    exclusions_unset: list[str]


class SheetModel(Strict):
    """What would go out to one township. Amounts are fen; `unassigned` doubts have to be assigned first."""

    township: str
    issue: str
    doubts: int
    exposure_fen: int
    unassigned: int


class SheetList(Strict):
    """The check sheets of today, by township, and the vouchers that assign what is unassigned."""

    position: int
    sheets: list[SheetModel]
    vouchers: list[UnsignedModel]


class TemplateModel(Strict):
    """A kind of file; its empty form is at `/v1/templates/{kind}`."""

    kind: str = Field(examples=["matching"])
    title: str


class TemplateList(Strict):
    """Every kind of file that is imported."""

    templates: list[TemplateModel]
