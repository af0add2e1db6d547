"""How the marks of field types are found in a model: on the field itself, in a part, in an optional or a tuple of them.

Whoever looks for a mark says what to make of it, of a part, and of a tuple; made once for each class and kept.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel

R = TypeVar("R")


def reader_of(
    annotation: Any,
    metadata: Sequence[Any],
    *,
    of_mark: Callable[[Any], R | None],
    of_part: Callable[[type[BaseModel]], R | None],
    of_each: Callable[[R], R],
) -> R | None:
    """What reads a field of this annotation; None where no mark is found in it."""
    for mark in metadata:
        if (made := of_mark(mark)) is not None:
            return made
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return of_part(annotation)

    def within(inner: Any, marks: Sequence[Any] = ()) -> R | None:
        return reader_of(inner, marks, of_mark=of_mark, of_part=of_part, of_each=of_each)

    if hasattr(annotation, "__metadata__"):
        return within(annotation.__origin__, annotation.__metadata__)
    found = next((made for made in map(within, get_args(annotation)) if made is not None), None)
    return of_each(found) if found is not None and get_origin(annotation) is tuple else found
