"""A query is taken only as it is declared: whoever misspells a clock must not be given today's figures for an answer.

Names that the route does not declare, and names given twice where one value is meant, are refused before anything else
is looked at; a near name is suggested where there is one.
"""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import islice
from typing import Final, get_args, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from ledger.errors import InputError

_SHOWN: Final = 64
"""How much of a name is looked at and said again."""
_TOLD: Final = 10
"""How many faults of one query are told."""


class QueryError(InputError):
    """The query asks in names that the route does not take; `others` are refused with it."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, **params)
        self.others: tuple[InputError, ...] = ()


async def plainly_asked(request: Request) -> None:
    """Raises QueryError E_QUERY_UNKNOWN, E_QUERY_NEAR, E_QUERY_TWICE."""
    if not request.scope["query_string"]:
        return
    route = request.scope.get("route")
    known = _declared(route) if isinstance(route, APIRoute) else {}
    faults = [*islice(_faults(known, [name for name, _ in request.query_params.multi_items()]), _TOLD)]
    if faults:
        faults[0].others = tuple(faults[1:])
        raise faults[0]


def _faults(known: Mapping[str, bool], names: Iterable[str]) -> Iterator[QueryError]:
    seen = set[str]()
    for name in names:
        told = f"?{name[:_SHOWN]}"
        if name not in known and name not in seen:
            near = _near(name, known)
            if near is None:
                yield QueryError("E_QUERY_UNKNOWN", field=told, known=", ".join(known) or "—")
            else:
                yield QueryError("E_QUERY_NEAR", field=told, near=near)
        elif name in seen and not known.get(name, True):
            yield QueryError("E_QUERY_TWICE", field=told)
        seen.add(name)


def _near(name: str, known: Iterable[str]) -> str | None:
    """The declared name that was meant: the same but for capitals and strokes, or nearly so."""
    plain = {one.replace("_", ""): one for one in known}
    found = get_close_matches(name[:_SHOWN].casefold().replace("-", "").replace("_", ""), plain, n=1, cutoff=0.75)
    return plain[found[0]] if found else None


def _declared(route: APIRoute) -> Mapping[str, bool]:
    """The names of a route's query, and whether one may be given several times."""
    found = dict[str, bool]()
    waiting: list[Dependant] = [route.dependant]
    while waiting:
        one = waiting.pop()
        found |= {each.alias: _is_list(each.field_info.annotation) for each in one.query_params}
        waiting.extend(one.dependencies)
    return found


def _is_list(annotation: object) -> bool:
    return get_origin(annotation) is list or any(_is_list(part) for part in get_args(annotation))
