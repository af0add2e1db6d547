"""What every reader asks with, whichever way it came in: a day, a place in the log, an entity.

The read models are imported where they are needed, so that a command which needs none answers at once.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from ledger.errors import EvidenceError, InputError, NotFoundError
from ledger.values.dates import parse_day, parse_timestamp, timestamp_text
from ledger_api.books import Book
from ledger_api.clients import moment

if TYPE_CHECKING:
    from ledger_projections.keeping.folding import Progress

# An int64 is what the log counts in.
_POSITION: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
NAMELESS: Final = frozenset({"date", "period", "timestamp"})
"""What a day, month or time is called by what reads it, where nobody says better."""
_SAID: Final = 64
"""So many characters of a value are said again."""


def day_of(text: str | None, field: str = "date") -> date | None:
    """A day option."""
    return None if text is None else parse_day(text, field)


def position_of(connection: Connection, text: str | None) -> int | None:
    """The position of `--at`: one as it is, or the last that was recorded by a time `YYYY-MM-DDTHH:MM:SS+08:00`.

    A time before the first voucher gives 0, an answer from an empty log. Raises InputError E_AT_OPTION, NotFoundError
    E_POSITION_AHEAD for a position that the log has not reached.
    """
    from ledger_projections.keeping.clocks import head_position, position_at

    if text is None:
        return None
    if _POSITION.fullmatch(text) is not None:
        position, head = int(text), head_position(connection)
        if position > head:
            raise NotFoundError("E_POSITION_AHEAD", position=position, head=head)
        return position
    try:
        instant = timestamp_text(parse_timestamp(text))
    except InputError:
        raise InputError("E_AT_OPTION", field="at", value=text[:_SAID]) from None
    return position_at(connection, instant)


def today_of(book: Book) -> date:
    """Today in China, by the book's clock."""
    return parse_day(timestamp_text(moment(book.clock))[:10])


def on_day(book: Book, text: str | None, as_of: str | None = None) -> date:
    """The day of `--on`, or that of `--as-of`, or today."""
    return aged_by(text, as_of, today_of(book))


def aged_by(on: str | None, as_of: str | None, today: date) -> date:
    """The day by which what is open is aged: as the user said; else the last day whose business is looked at, for what
    was due later was not overdue then; and never after today.
    """
    return day_of(on) or open_on(day_of(as_of), today)


def open_on(as_of: date | None, last_day: date) -> date:
    """The last day whose business is looked at: `last_day`, or `as_of` where it is earlier."""
    return last_day if as_of is None else min(as_of, last_day)


def refuse_unknown(connection: Connection, entity: str | None, position: int | None) -> None:
    """Refuse with E_ENTITY_UNKNOWN an entity that the book did not know at a position (None: now)."""
    from ledger_projections.keeping.clocks import log_moment
    from ledger_projections.keeping.entities import knows_entity

    if entity is not None and not knows_entity(connection, entity, log_moment(connection, None, position).position):
        raise InputError("E_ENTITY_UNKNOWN", entity=entity)


def stopped(progress: "Progress") -> EvidenceError:
    """The error for a read model whose fold failed."""
    where = {"name": progress.name, "position": progress.position}
    return EvidenceError("E_MODEL_STOPPED", **where, reason=progress.failure)


def say_where(error: Exception, given: Mapping[str, tuple[str, object]]) -> None:
    """Let an error of a value speak of it by the name by which it was given: what reads it does not know where it
    stood. `given` holds, by the name of an option, how it is written and its value. Any other error stays as it is.
    """
    field = error.params.get("field") if isinstance(error, InputError) else None
    if not isinstance(error, InputError) or not isinstance(field, str):
        return
    option, value = given.get(field, ("", None))
    if option and isinstance(value, str) and (error.code.startswith("E_TEXT_") or is_value(error.params, value)):
        error.params["field"] = option
    elif field in NAMELESS:
        names = (option for option, value in given.values() if is_value(error.params, value))
        error.params["field"] = next(names, field)


def is_value(params: Mapping[str, object], given: object) -> bool:
    """Whether an error's parameters name this value, of which they hold the beginning."""
    said = params.get("value")
    return said is not None and given is not None and str(given)[: max(len(str(said)), _SAID)] == str(said)
