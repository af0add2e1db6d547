"""Names in words: the fields of an event that say something in words, and whether one of them says a person's number.

A `Label` is a name in words unless its type says that it holds numbers or an address (`NumberLabel`). Books hold labels
that were judged by earlier editions of the rules, so a type refuses none of them: whoever drafts an event asks here,
and the writer does as a rule of the seventh edition.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, Final

from pydantic import BaseModel

from ledger.errors import InputError
from ledger.flows.fields import InWords
from ledger.flows.marks import reader_of
from ledger.values.text import has_personal_pattern

WORDS_SINCE: Final = 7
"""The edition of the rules since which no name in words may hold a person's number."""

_PAGE: Final = re.compile(r"(https?://|www\.)[!-~]+", re.IGNORECASE)
_Reader = Callable[[Any, str], Iterator[str]]


def says_a_number(text: str) -> bool:
    """Whether a text seems to hold a person's number. The digits of a page's address are no person's."""
    return has_personal_pattern(text) and has_personal_pattern(_PAGE.sub("", text))


def numbers_in_words(event: BaseModel) -> Iterator[str]:
    """The fields of an event, or of its parts (`parts.0.name`), that are names in words and hold a person's number."""
    return _read_fields(event, "")


def require_words(event: BaseModel) -> None:
    """E_TEXT_PERSONAL of the first name in words that holds a person's number."""
    if words_of(type(event)) and (field := next(numbers_in_words(event), None)) is not None:
        raise InputError("E_TEXT_PERSONAL", field=field)


@cache
def words_of(model: type[BaseModel]) -> tuple[tuple[str, _Reader], ...]:
    """The fields of a model that hold names in words, its own or those of its parts, each with what reads it. Cached:
    of the many events that have none, nothing more is asked than this.
    """
    made = ((name, _reader(info.annotation, info.metadata)) for name, info in model.model_fields.items())
    return tuple((name, read) for name, read in made if read is not None)


def _read_fields(owner: BaseModel, before: str) -> Iterator[str]:
    values = owner.__dict__
    for name, read in words_of(type(owner)):
        if values[name] is not None:
            yield from read(values[name], before + name)


def _read_text(text: str, field: str) -> Iterator[str]:
    if says_a_number(text):
        yield field


def _reader(annotation: Any, metadata: Sequence[Any]) -> _Reader | None:
    """What reads one annotation: a name in words, a part that has some, an optional or a tuple of them; else None."""
    return reader_of(annotation, metadata, of_mark=_of_mark, of_part=_of_part, of_each=_each)


def _of_mark(mark: Any) -> _Reader | None:
    return _read_text if isinstance(mark, InWords) else None


def _of_part(part: type[BaseModel]) -> _Reader | None:
    return _read_part if words_of(part) else None


def _read_part(part: BaseModel, field: str) -> Iterator[str]:
    return _read_fields(part, field + ".")


def _each(one: _Reader) -> _Reader:
    def read(values: tuple[Any, ...], field: str) -> Iterator[str]:
        for at, value in enumerate(values):
            if value is not None:
                yield from one(value, f"{field}.{at}")

    return read
