"""Commands that say which state they were decided on: `If-Match` with the ETag of what was looked at, or `*` for
whatever there is. Who says nothing is asked to: else the later of two would undo the earlier one's choice unseen.

What is signed needs none: an approval names the digest of its statement, a voucher of a round the root of its events.
Source: RFC 9110 sections 8.8.3 and 13.1.1.
"""

from typing import Annotated, Any, Final

import orjson
from fastapi import Header, Response

from ledger.signing.digests import sha256
from ledger_api.http.problems import ConflictError, PreconditionError

ETAG_HEADER: Final[dict[str, Any]] = {
    "ETag": {"description": "Send it back as If-Match with a change", "schema": {"type": "string"}}
}

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=1_000,
        description=(
            "必填:所依据的 ETag;情况已变则不办。`*` 指不论现状。 Needed: the ETag of what was looked at; has it "
            "changed, nothing is done. `*` stands for whatever there is."
        ),
    ),
]


def etag_of(state: Any) -> str:
    """The strong ETag of a state, told in JSON values."""
    return f'"{sha256(orjson.dumps(state)).hex()[:40]}"'


def say_state(response: Response, state: Any) -> None:
    """Give an answer the ETag of what it shows."""
    response.headers["ETag"] = etag_of(state)


def require_state(if_match: str | None, state: Any) -> None:
    """Raises PreconditionError E_STATE_NEEDED (428) where `if_match` names no state, ConflictError E_STATE_CHANGED
    (412) where it names others.
    """
    if if_match is None or not if_match.strip():
        raise PreconditionError("E_STATE_NEEDED")
    if if_match.strip() == "*":
        return
    if etag_of(state) not in [one.strip() for one in if_match.split(",")]:
        raise ConflictError("E_STATE_CHANGED")
