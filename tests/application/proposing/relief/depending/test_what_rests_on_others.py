"""What is put off until others are recorded: what can be right becomes so, each row once, and the rest is told."""

from collections.abc import Sequence
from datetime import date
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.application.drafting import draft_event
from ledger.application.importing.rows import Place, WrongCell
from ledger.application.outcomes import Outcome, VoucherRefusedError, Waiting
from ledger.application.proposing.filing import Codes, Fate, Filing, PutOff, settle
from ledger.application.proposing.proposal import Proposed
from ledger.application.proposing.reports import FileReport
from ledger.application.proposing.telling.teller import Refusal, Teller
from ledger.flows.knowledge import Finding, Need

CODE = "E_DIFFERENCE_EXCEEDED"
DAY = date(2025, 10, 1)
Rests = dict[int, frozenset[int]]


class Sayer:
    """Tells a refusal as a fault of its row."""

    def refused(self, refusals: Sequence[Refusal]) -> list[WrongCell]:
        return [WrongCell(one.item.place, "", "", "", one.code, one.params) for one in refusals]


class Book:
    """A desk that refuses a row as long as one of those that it rests on is not recorded."""

    def __init__(self, rests: Rests) -> None:
        self.rests = rests
        self.recorded: list[int] = []

    def preview(self, items: Sequence[Proposed], codes: Codes) -> Outcome:
        known, found = set(self.recorded), list[Finding]()
        for index, item in enumerate(items):
            if not self.rests[item.place.row] <= known:
                found.append(Finding(CODE, index))
            known.add(item.place.row)
        if found:
            raise VoucherRefusedError("v", found, 0)
        return Waiting("v", "", (), 0)

    def submit(self, items: Sequence[Proposed], codes: Codes | None, *, passing: bool) -> Outcome:
        assert not passing, "nothing of these lists waits for a signature"
        outcome = self.preview(items, codes or ())
        self.recorded += [item.place.row for item in items]
        return outcome


def item(row: int) -> Proposed:
    entity = draft_event("entity.renamed", {"entity": "bureau", "name": f"第{row}", "valid_from": "2025-01-01"})
    return Proposed(Place("f", None, row), Need(f"row:{row}"), (entity,), "bureau", DAY)


def reachable(rests: Rests) -> set[int]:
    """The rows that come to be right in some order."""
    found: set[int] = set()
    while more := {row for row, others in rests.items() if row not in found and others <= found}:
        found |= more
    return found


ROWS = st.integers(0, 7)
LISTS = st.dictionaries(ROWS, st.frozensets(ROWS, max_size=2), min_size=1)


@settings(max_examples=200, deadline=None)
@given(LISTS, st.data())
def test_whatever_can_be_right_is_recorded_once_in_any_order(drawn: Rests, data: st.DataObject) -> None:
    rests = {row: others & drawn.keys() for row, others in drawn.items()}
    rows = data.draw(st.permutations(sorted(rests)))
    cuts = data.draw(st.lists(st.integers(1, 3), min_size=len(rows), max_size=len(rows)))
    book, filings, reports = Book(rests), list[Filing](), list[FileReport]()
    while rows:
        part, rows = rows[: cuts[0]], rows[cuts.pop(0) :]
        report = FileReport("f", "roster")
        filing = Filing(book, report, cast("Teller", Sayer()), set(), Fate(), PutOff())
        list(filing.file(filing.left([item(row) for row in part])))
        assert report.wrong == []
        filings.append(filing)
        reports.append(report)
    list(settle(filings))
    right = reachable(rests)
    together = set(book.recorded) - right
    assert len(book.recorded) == len(set(book.recorded))
    assert right <= set(book.recorded)
    wrong = [cell.place.row for report in reports for cell in report.wrong]
    assert sorted([*wrong, *book.recorded]) == sorted(rests)
    assert all(rests[row] & (together | right) == rests[row] for row in together), "right by what is beside them"
