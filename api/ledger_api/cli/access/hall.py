"""What each of the access commands needs: the book, its operator, who may act, and the clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ledger.application.state import State
from ledger.decisions.authority import Authority
from ledger.errors import InputError
from ledger_api.access.desk import Access
from ledger_api.books import Book
from ledger_api.cli.desk import Desk, operator_of


@dataclass(frozen=True, slots=True)
class Hall:
    """The open book before whoever holds the operator's key. `now` is Unix time in seconds."""

    book: Book
    access: Access
    authority: Authority
    now: int

    def require_officer(self, officer: str) -> None:
        """Raises InputError E_OFFICER_UNKNOWN for somebody whom the book does not know."""
        if officer not in self.authority.officers:
            raise InputError("E_OFFICER_UNKNOWN", officer=officer)


@contextmanager
def hall(desk: Desk) -> Iterator[Hall]:
    """Open the book with the operator's key: without it, nobody gives anybody a way in."""
    with desk.book() as book:
        operator = operator_of(desk, book)
        state = State()
        with book.store.read() as connection:
            state.catch_up(connection)
        yield Hall(book, Access(book.store, operator), state.authority, int(book.clock().timestamp()))
