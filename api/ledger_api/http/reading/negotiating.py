"""Which of several forms an answer takes: as Accept asks, or as the query field `format` says where a link cannot ask.

Source: RFC 9110 section 12.5.1.
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from ledger.errors import InputError

JSON: Final = "application/json"
CSV: Final = "text/csv"
TEXT: Final = "text/plain"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LONGEST: Final = 1_000


class NotAcceptableError(InputError):
    """There is no form that the asker takes."""

    http_status: ClassVar[int] = 406


def form_of(accept: str | None, named: str | None, forms: Mapping[str, str]) -> str:
    """The media type to answer with, of `forms` (name in `format` -> media type, the usual one first).

    Raises NotAcceptableError E_FORM for none of them.
    """
    if named is not None:
        if named in forms:
            return forms[named]
        raise NotAcceptableError("E_FORM", asked=named[:64], known=", ".join(forms))
    wishes = _wishes(accept)
    best = max(forms.values(), key=lambda one: _quality(one, wishes))  # the first of the best
    if _quality(best, wishes) <= 0:
        raise NotAcceptableError("E_FORM", asked=(accept or "")[:64], known=", ".join(forms.values()))
    return best


def _wishes(accept: str | None) -> dict[str, int]:
    """Range -> quality in thousandths."""
    found: dict[str, int] = {}
    for part in (accept or "*/*")[:_LONGEST].split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weight = next((one[2:] for one in parameters if one.lower().startswith("q=")), "1")
        found[name.lower()] = _thousandths(weight)
    return found


def _thousandths(weight: str) -> int:
    whole, _, rest = weight.partition(".")
    if whole not in {"0", "1"} or (rest and not (rest.isascii() and rest.isdigit())):
        return 0
    return min(1000, int(whole) * 1000 + int(f"{rest:0<3}"[:3]))


def _quality(media_type: str, wishes: Mapping[str, int]) -> int:
    """What the most exact range that holds a media type says of it."""
    family = media_type.partition("/")[0] + "/*"
    return next((wishes[name] for name in (media_type, family, "*/*") if name in wishes), 0)
