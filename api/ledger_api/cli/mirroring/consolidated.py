"""One table of many books on the screen: its title and months, each book's scope and notes, and no amount cut."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ledger.catalogue import codes, say
from ledger_api.cli.desk import Desk
from ledger_api.cli.output import line, table_in_blocks, write_json
from ledger_api.mirroring.consolidating import BALANCES, Consolidated
from ledger_api.tables.wording import row_texts, said_text
from ledger_projections.summaries.table import Row, Said, word

_SEPARATOR = {"zh": "、", "en": ", "}


def tell_consolidated(desk: Desk, made: Consolidated) -> None:
    """As `summary` shows a table of one book."""
    if desk.as_json:
        write_json(made.to_json(lambda one: said_text(one, desk.language)))
        return
    line(_title(desk, made))
    for text in _of_books(desk, made, made.scopes):
        line(desk.text(f"口径{text}", f"Scope{text}"))
    line(desk.text("单位:元、户、人、笔", "Units: yuan, households, persons, lines"))
    heads = [_head(one.key, desk.language) for one in made.columns]
    label = min(1, len(heads) - 1)
    texts = row_texts(made.columns, [*_worded(made), *made.totals], desk.language, label)
    numbers = [place for place, one in enumerate(made.columns) if one.is_number]
    kept = 1 + (len(heads) > 1 and made.columns[1].unit == "text")
    table_in_blocks(heads, texts, kept, numbers)
    if made.rows and not made.totals:
        line(desk.text("各行不是一类,不合计。", "The rows are not of one kind: nothing is added up."))
    for text in _of_books(desk, made, made.notes):
        line(desk.text(f"说明{text}", f"Note{text}"))


def _worded(made: Consolidated) -> Iterator[Row]:
    """The rows, with the kinds of funds as words: programs read them as codes."""
    place = next((at for at, one in enumerate(made.columns) if made.table == BALANCES and one.key == "kind"), None)
    for row in made.rows:
        if place is None:
            yield row
        else:
            kind = word("fund", str(row.cells[place]))
            yield replace(row, cells=(*row.cells[:place], kind, *row.cells[place + 1 :]))


def _title(desk: Desk, made: Consolidated) -> str:
    if made.table == BALANCES:
        return desk.text("各账本基金余额", "Balances of the funds of each book")
    months = made.first if made.first == made.last else f"{made.first} — {made.last}"
    return f"{made.table} {say(f'table_title.{made.table}', desk.language)}({months})"


def _head(key: str, language: str) -> str:
    """A column's title, from the words of tables or of read models."""
    found = next((code for code in (f"table_column.{key}", f"column.{key}") if code in codes()), key)
    return say(found, language)


def _of_books(desk: Desk, made: Consolidated, told: Sequence[tuple[str, Said]]) -> Iterator[str]:
    """Each sentence once, with the books that it is of; of all books, without their names."""
    books: dict[str, list[str]] = {}
    for book, one in told:
        mark = desk.text("【不符】", "[does not agree] ") if one.is_check else ""
        books.setdefault(mark + said_text(one, desk.language), []).append(book)
    every = [one.book.name for one in made.books if one.counted]
    for text, names in books.items():
        whose = "" if names == every else f"({_SEPARATOR[desk.language].join(names)})"
        yield f"{whose}:{text}"
