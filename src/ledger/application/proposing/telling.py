"""Refusals as the user is told them: each once, at the row or, where the sheet as a whole is meant, at the sheet."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ledger.application.importing.rows import WrongCell
from ledger.application.proposing.proposal import Proposed


def refusals_told(
    refused: Sequence[tuple[Proposed, str, Mapping[str, Any]]], columns: Mapping[str, str]
) -> Iterator[WrongCell]:
    """The wrong cells of items that were refused; `columns` is the header of the column that a code is about."""
    by_item: dict[int, tuple[Proposed, list[tuple[str, Mapping[str, Any]]]]] = {}
    for item, code, params in refused:
        by_item.setdefault(id(item), (item, []))[1].append((code, params))
    for item, findings in by_item.values():
        whole = item.whole or item.bearing == "file"
        place = item.place.as_a_whole() if whole else item.place
        told: list[tuple[str, Mapping[str, Any]]] = []
        for code, params in findings if item.restate is None else item.restate(findings):
            if (code, params) not in told:
                told.append((code, params))
                yield WrongCell(place, "" if whole else columns.get(code, ""), "", "", code, params)
