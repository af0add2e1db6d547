"""What a check sheet says of a doubt when it is given out, as fields of the `doubts` kind.

The same function serves the sheet that goes out and the comparison when it comes back.
"""

from collections.abc import Mapping
from typing import Any, Final

from ledger.application.importing.check_sheets import UNSTATED
from ledger.application.proposing.context import Context
from ledger.application.proposing.relief.enrolled import Fields

PERSONAL: Final = frozenset({"name", "id_number"})
"""Fields that come from the vault: what they said is never told in a message."""


def issued_fields(context: Context, raised: Any, person: Fields) -> Mapping[str, Any]:
    """The fields of a `clue.raised` and of its person, by name; None where the book knows nothing."""
    number = person.get("id_number", "")
    months = None if raised.period_from is None else (raised.period_from, raised.period_to or raised.period_from)
    return {
        "doubt_no": raised.clue,
        "model": raised.test or UNSTATED,
        "cut_off_on": raised.data_as_of,
        "township": raised.township,
        "village": raised.village,
        "name": person.get("name") or UNSTATED,
        "id_number": number if number and "*" not in number else None,
        "programme": _programme_name(context, raised.programme),
        "description": raised.summary or None,
        "months": months,
        "doubt_fen": raised.exposure_fen,
    }


def _programme_name(context: Context, programme: str | None) -> str | None:
    opened = [one for one in context.facts("programme.opened") if one.programme == programme]
    return str(opened[0].name) if opened else programme
