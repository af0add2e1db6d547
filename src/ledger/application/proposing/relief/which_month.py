"""Of which month a list is that does not say so: of the one that the rest of the import or the book leaves open.

A list that was read before is of the month that it was read as. Else the bank's files of the same import tell, where
they are of one month; else the book, where exactly one month of the programme has results and no list yet. Whatever was
taken so is told at the file.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import Note, Place
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import RowRefusedError, of_file
from ledger.application.proposing.relief.programmes import (
    MONTH,
    TERMS,
    batch_id,
    of_batch_no,
    programme,
    programme_of,
)
from ledger.errors import InputError
from ledger.flows.knowledge import Need
from ledger.flows.public_money.payment.batches import RESULTS

_BATCH: Final = re.compile(r"batch:(.+)-((?:19|20)\d{2}-\d{2})-(\d+)")
_KINDS: Final = ("batch.prepared", *RESULTS)
_ROSTER: Final = "花名册"
_LISTS: Final = frozenset({"exits", "roster", "members", "aid-list", "deaths"})
"""Kinds of lists of people, of which several of one month may speak of the same person."""


def month_of_list(parsed: ParsedFile, context: Context) -> tuple[str, list[Note]]:
    """The month of a roster, with a remark where it does not stand in the list itself. E_MONTH_NEEDED."""
    if parsed.month is not None:
        return parsed.month, [_taken(parsed, parsed.month, "name")] if parsed.month_named else []
    programmes = _programmes(parsed, context)
    for where, found in (
        ("before", _read_before(parsed, context, programmes)),
        ("beside", {month for name, month in context.bank_months if name in programmes}),
        ("book", _without_list(context, programmes)),
    ):
        if len(found) == 1:
            month = found.pop()
            return month, [_taken(parsed, month, where)]
        if found:
            break
    raise InputError("E_MONTH_NEEDED", kind=_ROSTER, file=parsed.file)


def order_of(parsed: ParsedFile, context: Context) -> tuple[object, ...]:
    """Where a list stands among those of its kind, so that the order in which files are named says nothing: by its
    month, and by its programmes as the county opened them. The files of other kinds come as they are named.
    """
    if parsed.kind not in _LISTS:
        return ()
    rank = opened_order(context)
    named = sorted(rank[one] for one in _programmes(parsed, context)) if parsed.kind != "deaths" else []
    return parsed.month or "", named, parsed.file, parsed.digest


def opened_order(context: Context) -> Mapping[str, int]:
    """Programme -> its place among those that the county opened."""
    return {str(one.programme): place for place, one in enumerate(context.facts("programme.opened"))}


def bank_months(files: Iterable[ParsedFile], context: Context) -> frozenset[tuple[str, str]]:
    """(programme, month) of every batch that the bank's files of an import name with its year."""
    return frozenset(found for parsed in files for found in _named(parsed, context))


def month_of_memo(parsed: ParsedFile, memo: str) -> str | None:
    """A pay file's month; None where but the file's name gives it and the memo is of another month."""
    stated = MONTH.search(memo)
    named = parsed.month
    if named is not None and parsed.month_named and stated is not None and int(stated[2]) != int(named[5:]):
        return None
    return named


def _named(parsed: ParsedFile, context: Context) -> Iterator[tuple[str, str]]:
    if parsed.kind not in {"pay-file", "pay-result"}:
        return
    column = "memo" if parsed.kind == "pay-file" else "batch_no"
    for text in dict.fromkeys(str(row.values.get(column) or "") for row in parsed.rows):
        try:
            if column == "batch_no":
                opened, month, _ = of_batch_no(context, text)
                yield str(opened.programme), month
            elif (month_of := month_of_memo(parsed, text) or _dated(text)) is not None:
                yield str(programme(context, re.sub(r"\d+年?|月|补发", "", text)).programme), month_of
        except RowRefusedError:
            continue  # told when that file is proposed


def _dated(memo: str) -> str | None:
    stated = MONTH.search(memo)
    return f"{stated[1]}-{int(stated[2]):02d}" if stated is not None and stated[1] else None


def _programmes(parsed: ParsedFile, context: Context) -> set[str]:
    """The programmes of a list's rows."""
    found: set[str] = set()
    for row in parsed.rows:
        try:
            found.add(str(programme_of(context, parsed, row, "category", "subsidy_type").programme))
        except RowRefusedError:
            continue  # told at the row
    return found


def _read_before(parsed: ParsedFile, context: Context, programmes: set[str]) -> set[str]:
    """The months from which this very file changed what anybody is entitled to."""
    events = [one for name in programmes for one in context.events(Need(f"programme:{name}", TERMS))]
    months = {str(one.from_month) for one in events if of_file(one) == parsed.digest}
    batches = [batch_id(name, month, context.options.batch_no) for name in programmes for month in months]
    made = [context.events(Need(f"batch:{batch}", ("batch.prepared",))) for batch in batches]
    return {str(one.month) for events in made for one in events}


def _without_list(context: Context, programmes: set[str]) -> set[str]:
    """The months of these programmes of which the bank told results, and which have no list."""
    number = context.options.batch_no.zfill(2)
    tags = [tag for name in programmes for tag in context.tags_from(f"batch:{name}-")]
    months = {
        Need(match[0], _KINDS): match[2] for tag in tags if (match := _BATCH.fullmatch(tag)) and match[3] == number
    }
    known = context.find(months)
    return {month for need, month in months.items() if _lacks_list([item.event.kind for item in known[need]])}


def _lacks_list(kinds: Sequence[str]) -> bool:
    """Whether what stands of a batch are results and no list."""
    return bool(kinds) and "batch.prepared" not in kinds


def _taken(parsed: ParsedFile, month: str, where: str) -> Note:
    return Note(
        Place(parsed.file, None, 0), "W_MONTH_TAKEN", {"month": month, "where_words": (f"month_taken.{where}",)}
    )
