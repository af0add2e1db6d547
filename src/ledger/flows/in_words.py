"""Names in words and numbers of papers: the fields of an event that hold them, and whether one says a person's number.

A `Label` is a name in words unless its type says that it holds numbers or an address (`NumberLabel`). The
number of a paper (`DocumentNo`, `PaperNumber`) may be as long as an account, and is asked only for what can be nobody's
but a person's. Books hold labels that were judged by earlier editions of the rules, so a type refuses none of them:
whoever drafts an event asks here, and the writer does as rules of the seventh and the eighth edition.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, Literal

from pydantic import BaseModel

from ledger.errors import InputError
from ledger.flows.fields import InWords, Numbered
from ledger.flows.marks import reader_of
from ledger.values.private_numbers import holds_private_number
from ledger.values.text import has_personal_pattern

WORDS_SINCE: Final = 7
"""The edition of the rules since which no name in words may hold a person's number."""
PAPERS_SINCE: Final = 8
"""The edition of the rules since which no number of a paper may be a person's."""

_PAGE: Final = re.compile(r"(https?://|www\.)[!-~]+", re.IGNORECASE)
Sort = Literal["words", "papers"]
"""What is asked for: names in words, or numbers of papers."""
_Reader = Callable[[Any, str], Iterator[str]]


def says_a_number(text: str) -> bool:
    """Whether a text seems to hold a person's number. The digits of a page's address are no person's."""
    return has_personal_pattern(text) and has_personal_pattern(_PAGE.sub("", text))


def numbers_in_words(event: BaseModel) -> Iterator[str]:
    """The fields of an event, or of its parts (`parts.0.name`), that are names in words and hold a person's number."""
    return _read_fields(event, "", "words")


def numbers_of_papers(event: BaseModel) -> Iterator[str]:
    """The fields of an event, or of its parts, that number a paper and hold a person's number."""
    return _read_fields(event, "", "papers")


def require_words(event: BaseModel) -> None:
    """E_TEXT_PERSONAL of the first name in words, or number of a paper, that holds a person's number."""
    for sort in _SORTS:
        if marked(type(event), sort) and (field := next(_read_fields(event, "", sort), None)) is not None:
            raise InputError("E_TEXT_PERSONAL", field=field)


def words_of(model: type[BaseModel]) -> tuple[tuple[str, _Reader], ...]:
    """The fields of a model that hold names in words, its own or those of its parts, each with what reads it."""
    return marked(model, "words")


def papers_of(model: type[BaseModel]) -> tuple[tuple[str, _Reader], ...]:
    """The same of the fields that number a paper."""
    return marked(model, "papers")


@cache
def marked(model: type[BaseModel], sort: Sort) -> tuple[tuple[str, _Reader], ...]:
    """The fields of a model of a sort, its own or those of its parts. Cached: of the many events that have none,
    nothing more is asked than this.
    """
    made = ((name, _reader(info.annotation, info.metadata, sort)) for name, info in model.model_fields.items())
    return tuple((name, read) for name, read in made if read is not None)


def _read_fields(owner: BaseModel, before: str, sort: Sort) -> Iterator[str]:
    values = owner.__dict__
    for name, read in marked(type(owner), sort):
        if values[name] is not None:
            yield from read(values[name], before + name)


_SORTS: Final[Mapping[Sort, tuple[type[object], Callable[[str], bool]]]] = {
    "words": (InWords, says_a_number),
    "papers": (Numbered, holds_private_number),
}
"""What marks a text of a sort, and what such a text must not hold."""


def _reader(annotation: Any, metadata: Sequence[Any], sort: Sort) -> _Reader | None:
    """What reads one annotation: a text with the mark, a part that has one, an optional or a tuple of them; or None."""
    mark, holds = _SORTS[sort]

    def read_text(text: str, field: str) -> Iterator[str]:
        if holds(text):
            yield field

    def read_part(part: BaseModel, field: str) -> Iterator[str]:
        return _read_fields(part, field + ".", sort)

    def of_mark(found: Any) -> _Reader | None:
        return read_text if isinstance(found, mark) else None

    def of_part(part: type[BaseModel]) -> _Reader | None:
        return read_part if marked(part, sort) else None

    return reader_of(annotation, metadata, of_mark=of_mark, of_part=of_part, of_each=_each)


def _each(one: _Reader) -> _Reader:
    def read(values: tuple[Any, ...], field: str) -> Iterator[str]:
        for at, value in enumerate(values):
            if value is not None:
                yield from one(value, f"{field}.{at}")

    return read
