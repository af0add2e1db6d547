"""Which problem of the rectification ledger a row tells of: one report names several, and offices share documents.

A problem is known by its document, its words, its units and where it came from, in the book of the office whose
register it is. A row that says otherwise is the problem that the register names no more, and changed; where it names
them all, it is another one.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.context import Context
from ledger.application.proposing.words import plain
from ledger.flows.knowledge import Need
from ledger.flows.public_money.redress.clues import FindingConfirmed, is_case

UNSAID = "未填"
"""What stands where the register says nothing."""
Words = tuple[str, str, str]
"""问题描述, 涉及单位, 问题来源, as they can be compared."""


class Problems:
    """The findings of a register's rows, document by document."""

    def __init__(self, context: Context, entity: str, rows: Sequence[CleanRow]) -> None:
        self._context, self._entity = context, entity
        self._own = () if context.is_only(entity, "bureau") else (entity,)
        self._rows: defaultdict[str, list[CleanRow]] = defaultdict(list)
        for row in rows:
            self._rows[str(row.values["document"])].append(row)
        self._found: dict[str, Mapping[Words, str]] = {}

    def of(self, row: CleanRow) -> str:
        """The finding of a row."""
        document = str(row.values["document"])
        if document not in self._found:
            self._found[document] = self._shared_out(document)
        return self._found[document][_words_of(row.values)]

    def _shared_out(self, document: str) -> Mapping[Words, str]:
        """What rows of a document say -> finding: what is surely the same first, then what is most alike."""
        rows, known = {_words_of(row.values): row for row in self._rows[document]}, dict(self._recorded(document))
        found: dict[Words, str] = {}
        first = not known
        for sure in (3, 2, 1, 0):
            for said in [one for one in rows if one not in found]:
                alike = [name for name, words in known.items() if _alike(words, said) >= sure]
                if alike:
                    found[said] = alike[0]
                    del known[alike[0]]
        for said, row in ((said, row) for said, row in rows.items() if said not in found):
            natural = () if first else _natural(row.values)
            first = False
            found[said] = self._context.reference("finding", "rectification", *self._own, document, *natural)
        return found

    def _recorded(self, document: str) -> list[tuple[str, Words]]:
        """The problems of a document that the office has, with their words."""
        need = Need(f"document:{document}", ("finding.confirmed",))
        events = [item.event for item in self._context.find([need])[need] if item.entity == self._entity]
        problems = [one for one in events if isinstance(one, FindingConfirmed) and not is_case(one)]
        return [(one.finding, (plain(one.summary), plain(one.unit or ""), plain(one.authority))) for one in problems]


def _natural(values: Mapping[str, Any]) -> tuple[str, str, str]:
    return str(values.get("problem") or ""), str(values.get("units") or ""), str(values.get("origin") or "")


def _words_of(values: Mapping[str, Any]) -> Words:
    problem, units, origin = _natural(values)
    return plain(problem), plain(units), plain(origin or UNSAID)


def _alike(one: Words, other: Words) -> int:
    """3 where all is the same, 2 where the problem is, 1 where its units and its origin are, else 0."""
    if one == other:
        return 3
    return 2 if one[0] == other[0] else int(one[1:] == other[1:])
