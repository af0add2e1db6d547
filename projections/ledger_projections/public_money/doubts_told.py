"""The parameters of a doubt's sentence as people read them: a finding by document and text, a programme by its name, a
household by its village, not by their ids.

A program reads the ids, which stand in the doubt's detail as they are.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from ledger.flows.naming import wanted, words
from ledger.flows.registry import trusted_event
from ledger.log import reading
from ledger_projections.public_money.doubts import Doubt


def details_told(connection: Connection, rows: Sequence[Doubt], at: int) -> list[Mapping[str, Any]]:
    """The parameters of each doubt, as stated by a position; an office's own number without a statement stays."""
    needs = dict.fromkeys(need for row in rows for need in wanted(row.detail))
    known = {
        need: [trusted_event(one.kind, one.data) for one in found if one.position <= at]
        for need, found in reading.history(connection, list(needs)).items()
    }
    return [{**row.detail, **words(row.detail, known.__getitem__)} for row in rows]
