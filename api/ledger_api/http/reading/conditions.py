"""What an asker has already and need not be sent again.

Source: RFC 9110 sections 8.8.3.2 and 13.1.2.
"""

from typing import Final

from fastapi import Request

_ANY: Final = "*"


def holds(request: Request, etag: str, *, is_there: bool) -> bool:
    """Whether If-None-Match says that the asker holds what has this ETag: it names it (weakly compared), or with `*`
    whatever there is, so that it must be certain that there is an answer (`is_there`).
    """
    asked = request.headers.get("if-none-match", "").strip()
    if asked == _ANY:
        return is_there
    return etag.removeprefix("W/") in [one.strip().removeprefix("W/") for one in asked.split(",")]
