"""Whether a book whose head states another format is one that this software knows all the same: whoever alters the head
would else keep the verification from looking.
"""

from importlib.metadata import version
from typing import Final

from sqlalchemy import Connection, inspect, select

from ledger.log.keeping.life import stated_step
from ledger.log.tables import BOOK_FORMAT, SCHEMA_STEP, vouchers

_NUMBERS: Final = 3


def is_known(connection: Connection, stated: object) -> bool:
    """Whether the log itself speaks against the format that its head states (None: there is no head). Formats count
    from 1, so nothing below was ever written; a newer one is believed unless both the program that posted the last
    voucher and the last step of the book's life are of this release or before.
    """
    if not inspect(connection).has_table(vouchers.name):
        return False
    by = connection.scalar(select(vouchers.c.software).order_by(vouchers.c.number.desc()).limit(1))
    if by is None:
        return False  # without a voucher there is nothing that says it
    if not isinstance(stated, int) or stated <= BOOK_FORMAT:
        return True
    step = stated_step(connection)
    return isinstance(step, int) and step <= SCHEMA_STEP and _numbers(str(by)) <= _numbers(version("charity-ledger"))


def _numbers(software: str) -> tuple[int, ...]:
    """The parts of a version, as in charity-ledger/1.2.0; what is none is newer than any."""
    parts = software.rpartition("/")[2].split(".")[:_NUMBERS]
    return tuple(int(part) if part.isdecimal() else 10**9 for part in parts)
