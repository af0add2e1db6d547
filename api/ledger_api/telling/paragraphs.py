"""Sentences of reports with what stands in their slots: as JSON, and line by line for people."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from ledger.catalogue import say
from ledger.values.dates import Period
from ledger.values.money import fen_to_yuan
from ledger_api.asking import position_of, today_of
from ledger_api.books import Book
from ledger_api.spans import usual_month
from ledger_api.tables.speaking import Speaker

if TYPE_CHECKING:
    from ledger_projections.figures import Figure, Figures
    from ledger_projections.summaries.sentences import Paragraph, Slot
    from ledger_projections.summaries.sentences_catalogue import Template
    from ledger_projections.summaries.sentences_checking import CheckedReport
    from ledger_projections.summaries.sentences_facts import Fact

UNITS: Mapping[str, tuple[str, str]] = {
    "fen": ("元", "yuan"),
    "households": ("户", "households"),
    "household_times": ("户次", "household-times"),
    "persons": ("人", "persons"),
    "person_times": ("人次", "person-times"),
}
"""Unit of a figure -> its word."""


def paragraph_json(desk: Speaker, chosen: "Template", found: "Paragraph") -> dict[str, Any]:
    """The answer, each slot with its scope and, where it is open, the reason in words."""
    told = found.to_json()
    for sentence, one in zip(told["sentences"], found.sentences, strict=True):
        for slot, made in zip(sentence["slots"], one.slots, strict=True):
            slot["scope"] = scope_of(desk, made.fact)
            slot["told"] = "" if made.reason is None else reason_of(desk, made.reason, made.fact.edge)
    return told | {"title": chosen.title[desk.language]}


def paragraph_lines(desk: Speaker, chosen: "Template", found: "Paragraph") -> Iterator[str]:
    """The sentences as they are read, and under each what its figures are."""
    yield desk.text(
        f"{chosen.title['zh']}:{found.first} 至 {found.last}",
        f"{chosen.title['en']}: {found.first} to {found.last}",
    )
    yield from edge_lines(desk, found)
    for number, sentence in enumerate(found.sentences, 1):
        yield f"{number}. {sentence.zh}"
        if desk.language == "en":
            yield f"   {sentence.en}"
        for slot in sentence.slots:
            yield f"   · {_slot_line(desk, slot)}"


def edge_lines(desk: Speaker, found: "Paragraph | CheckedReport") -> Iterator[str]:
    """Whose figures they are where that must be said; a warning where a report begins before the book's payments do, or
    ends after them.
    """
    begins, ends = found.begins, found.ends
    if found.names:
        yield say("figure_scope.of", desk.language, names=desk.text("、", ", ").join(found.names))
    if begins is not None and found.first < begins:
        yield desk.text(
            f"注意:账内发放自 {begins} 起,更早的不在账内。", f"Note: the book's payments begin in {begins}."
        )
    if ends is not None and found.last > ends:
        yield desk.text(f"注意:账内发放到 {ends} 止,更晚的不在账内。", f"Note: the book's payments end in {ends}.")


def moment_and_month(
    book: Book,
    connection: Connection,
    last: str | None,
    clocks: tuple[date | None, str | None],
    entity: str | None = None,
) -> tuple[int, str]:
    """The position that is asked about, and the last month: the one that was named, else the newest that an entity
    (None: any) paid by the business day.
    """
    from ledger_projections.keeping.clocks import log_moment
    from ledger_projections.public_money.subsidies import newest_paid_month

    as_of, at = clocks
    position = log_moment(connection, None, position_of(connection, at)).position
    if last is not None:
        return position, str(Period.parse(last))
    return position, usual_month(newest_paid_month, connection, (as_of, position), today_of(book), entity)


def _slot_line(desk: Speaker, slot: "Slot") -> str:
    """What stands in the slot, then what it is, or why it is open."""
    if slot.reason is not None:
        return f"{slot.text}: {reason_of(desk, slot.reason, slot.fact.edge)}"
    return f"{slot.text} = {told_fact(desk, slot.fact)}"


def told_fact(desk: Speaker, found: "Fact") -> str:
    """A figure with its unit, scope, span, state and query."""
    span = found.first if found.first == found.last else f"{found.first}–{found.last}"
    return f"{value_text(desk, found)} · {scope_of(desk, found)} · {span} · {state_of(desk, found)} · {found.query}"


def state_of(desk: Speaker, found: "Fact") -> str:
    """As of when a figure is known: a business day, or all that the book holds at its position."""
    if found.on is None:
        return desk.text(f"账内已知(至序号 {found.position})", f"all known (at position {found.position})")
    return desk.text(f"截至 {found.on}", f"up to {found.on}")


def value_scope(desk: Speaker, found: "Fact") -> str:
    """A figure with its unit and scope alone."""
    return f"{value_text(desk, found)} · {scope_of(desk, found)}"


def value_text(desk: Speaker, found: "Fact") -> str:
    """A figure's value with its unit: yuan with fen, a percentage, or a number."""
    from ledger_projections.summaries.sentences import worded

    unit = desk.text(*UNITS.get(found.unit, ("", "")))
    if found.unit == "fen":
        return f"{fen_to_yuan(int(found.exact), grouped=True)} {unit}"
    if found.unit in {"rate", "average"}:
        # More came back than was paid: no wording says such a share, the two sums do.
        return parts_of(desk, found) if found.exact < 0 else worded(found)[0].replace("元", desk.text("元", " yuan"))
    return f"{int(found.exact):,} {unit}".strip()


def parts_of(desk: Speaker, found: "Fact") -> str:
    """What a rate or an average is made of, with the units of both: 15,280.00元/49人月."""
    return say(found.parts.code, desk.language, **found.parts.params)


def scope_of(desk: Speaker, found: "Fact") -> str:
    """What a figure takes in, in the reader's language; empty for a slot without a figure."""
    from ledger_projections.summaries.sentences import scope_words

    told = say(f"figure.{found.key}", desk.language) if found.key else ""
    words = scope_words(found, desk.language)
    return f"{told}({words})" if words else told


def figure_scope(desk: Speaker, found: "Figures", one: "Figure") -> str:
    """What a figure of the year takes in, and whose it is where that must be said."""
    from ledger_projections.summaries.sentences import entity_words

    told = say(f"figure.{one.key}", desk.language)
    words = entity_words([found.names.get(name, name) for name in one.entities], desk.language)
    return f"{told}({words})" if words else told


def reason_of(desk: Speaker, reason: str, edge: str) -> str:
    """Why a slot is open; `edge` is the first or the last month that the book holds, where that is why."""
    return say(f"missing.{reason}", desk.language, edge=edge)
