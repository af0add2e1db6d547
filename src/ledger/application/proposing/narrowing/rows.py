"""Which rows of a file are for somebody whose role is for some townships only: of the others E_SCOPE, and nothing more.

What a township does is named by the gate (`decisions.scopes`). A file of a kind that only the county records is refused
whole. Of the others a row is held against the whole book only to see where it lies; what is told of it is told from the
book of the own townships (see `near.py`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import Place, WrongCell
from ledger.application.proposing.cells import text
from ledger.application.proposing.context import Context
from ledger.application.proposing.narrowing.near import NearContext
from ledger.application.proposing.proposal import Proposal, Proposed, RowRefusedError
from ledger.application.proposing.reports import FileReport
from ledger.application.proposing.words import area
from ledger.decisions.authority import Authority
from ledger.decisions.scopes import is_of_townships, lies_nowhere, lying, townships_of
from ledger.errors import InputError

_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "doubts": ("bureau",),
    "exits": ("bureau",),
    "members": ("bureau",),
    "roster": ("bureau",),
    "mutual-aid": ("agent", "society"),
}
"""The kinds of file of which a township may record something, and of which entities their rows are."""

_Propose = Callable[[Sequence[ParsedFile], Context], Sequence[Proposal]]


class Narrowing:
    """One file of somebody who is narrowed to townships for one entity at least."""

    def __init__(self, whole: Context, authority: Authority, officer: str, found: FileReport) -> None:
        self._authority, self._officer, self._found = authority, officer, found
        self._whole = whole
        self._barred: set[Place] = set()
        self.context: Final = NearContext(whole, self._townships)

    def own_rows(self, parsed: ParsedFile, propose: _Propose) -> ParsedFile:
        """The file with the rows that lie in the own townships, as far as a row or the book says where it lies. Raises
        InputError E_SCOPE for a file that is the county's.
        """
        entity = self._entity(parsed.kind)
        names = None if entity is None else self._townships(entity)
        if names is None:
            return parsed
        near = {area(name) for name in names}
        far: dict[Place, str] = {}
        for row in parsed.rows:
            stated = text(row.values, "township")
            if stated is not None and area(stated) not in near:
                far[row.place] = stated
        left = replace(parsed, rows=tuple(row for row in parsed.rows if row.place not in far))
        gone = self._lying_elsewhere(left, propose)
        self._bar({**dict.fromkeys(gone, ""), **far}, names)
        return replace(left, rows=tuple(row for row in left.rows if row.place not in gone))

    def own_items(self, items: Sequence[Proposed]) -> list[Proposed]:
        """The items that lie in the own townships; those of the file as a whole are the county's, and say nothing."""
        self._look_at(items)
        far = [item for item in items if self._is_far(item)]
        for item in far:
            if item.bearing != "file":
                self._bar(dict.fromkeys(item.rows or (item.place,), ""), self._townships(item.entity) or frozenset())
        gone, dropped = {item.place for item in far if item.bearing != "file"}, {id(item) for item in far}
        return [one for one in items if id(one) not in dropped and (one.bearing == "file" or one.place not in gone)]

    def recordable(self, items: Sequence[Proposed]) -> list[Proposed]:
        """Those of the new items that a township may record; of a household's payments only the county does, wherever
        it lives.
        """
        barred = [one for one in items if self._townships(one.entity) is not None and not _is_of_townships(one)]
        for item in barred:
            self._bar(dict.fromkeys(item.rows or (item.place,), ""), self._townships(item.entity) or frozenset())
        gone = {item.place for item in barred}
        return [item for item in items if item.place not in gone]

    def _townships(self, entity: str) -> frozenset[str] | None:
        return townships_of(self._authority, self._officer, entity)

    def _entity(self, kind: str) -> str | None:
        """Whose file it is, where that is sure."""
        if kind in _KINDS:
            return self._whole.entity(*_KINDS[kind])
        entity = self._whole.options.entity
        roles = self._authority.roles.get(self._officer, ())
        if all(scope is not None for _, _, scope in roles) if entity is None else self._townships(entity) is not None:
            names = frozenset(scope for _, _, scope in roles if scope is not None)
            raise InputError("E_SCOPE", **self._told(names, ""))
        return entity

    def _lying_elsewhere(self, parsed: ParsedFile, propose: _Propose) -> set[Place]:
        """The rows that are about what lies elsewhere by the whole book. Nothing else is taken from that."""
        options = replace(self._whole.options, absences_known=True)
        whole = Context(self._whole.store, self._whole.vault, options, self._whole.at_hand)
        try:
            items = propose([parsed], whole)[0].items
        except (InputError, RowRefusedError):
            return set()
        rows = [item for item in items if item.bearing == "row"]
        self._look_at(rows)
        return {place for item in rows if self._is_far(item) for place in item.rows}

    def _look_at(self, items: Iterable[Proposed]) -> None:
        self.context.where.look_at(event for item in items for event in item.events)

    def _is_far(self, item: Proposed) -> bool:
        """Whether an item lies elsewhere, or nowhere, in the books of an entity to which townships narrow."""
        names = self._townships(item.entity)
        if names is None:
            return False
        lies = zip(item.events, lying(self.context.where, item.events), strict=True)
        return any(not lies_nowhere(event) and (not places or not places <= names) for event, places in lies)

    def _bar(self, places: Mapping[Place, str], names: frozenset[str]) -> None:
        for place, stated in places.items():
            if place not in self._barred:
                self._barred.add(place)
                self._found.wrong.append(WrongCell(place, "", "", "", "E_SCOPE", self._told(names, stated)))

    def _told(self, names: frozenset[str], stated: str) -> dict[str, Any]:
        """Of where a row lies what it says itself: what the book knows of it is not told."""
        return {"officer": self._officer, "scope": "、".join(sorted(names)), "township": stated or "?"}


def _is_of_townships(item: Proposed) -> bool:
    return all(is_of_townships(event) or lies_nowhere(event) for event in item.events)


def narrowing(whole: Context, authority: Authority, officer: str, found: FileReport) -> Narrowing | None:
    """How townships narrow somebody; None for whom they narrow nowhere."""
    entities = {entity for _, entity, scope in authority.roles.get(officer, ()) if scope is not None}
    if all(townships_of(authority, officer, entity) is None for entity in entities):
        return None
    return Narrowing(whole, authority, officer, found)
