"""A request that is sent again has its effect once, and the same answer: `once`. Kept for ever in table `requests`.

The answer is written in the transaction of the effect, so that neither stands without the other. What is refused is
not kept: the same request may succeed later. Keys and answers are sealed, for an answer may show a secret that is shown
once: without the caller's own key nobody opens it, and without the operator's key the caller's is of no use. The next
operator's key is left the secrets of those before it: see `former`.
Source: draft-ietf-httpapi-idempotency-key-header-07.
"""

import contextlib
from collections.abc import Callable
from typing import Annotated, Any, Final

import orjson
from fastapi import Depends, Header, Request, Response
from nacl.secret import Aead
from pydantic import BaseModel
from sqlalchemy import Connection, insert, select

from ledger.errors import InputError
from ledger.log.side_tables import requests
from ledger.signing.digests import blake2b_commit, sha256
from ledger_api.http.callers import Caller
from ledger_api.http.problems import MalformedError
from ledger_api.http.service import Service

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
_LONGEST: Final = 200

REPLAY_HEADERS: Final[dict[str, Any]] = {
    REPLAYED: {"description": "`true`: the kept answer of the same request", "schema": {"type": "string"}}
}

Work = Callable[[Connection], tuple[int, BaseModel]]
"""The effect, in the transaction of the connection: answers the status and the body. It must not hand in vouchers,
whose writer has a transaction of its own; those are known by their own ids."""


def _key(
    request: Request,
    given: Annotated[
        str | None,
        Header(alias=HEADER, description="必填:同一请求重发时用同一个值。 Needed: the same for a request sent again."),
    ] = None,
) -> str:
    return "" if given is None else f"{request.method} {request.url.path}\n{given}"


Keyed = Annotated[str, Depends(_key)]
"""The caller's key with the address that it was sent to: what `once` takes. Empty where none was sent."""


def once(
    service: Service, caller: Caller, key: str, body: bytes, work: Work, before: Callable[[], None] | None = None
) -> Response:
    """The answer of `work`, done now, or the one that was kept for the same key of the same caller. `before` is what
    takes long and has no effect: it is done without the writer's lock, once for all who send the same, and not at all
    where the answer was kept.

    Raises MalformedError E_IDEMPOTENCY_KEY (400) without a key, InputError E_IDEMPOTENCY_BODY (422) where the key came
    with another body, RefusedError E_REQUEST_RUNNING (409) while the first is being answered.
    """
    given = key.rpartition("\n")[2]
    if not given or len(given) > _LONGEST or not given.isprintable():
        raise MalformedError("E_IDEMPOTENCY_KEY")
    said = f"{caller.name}\n{key}".encode()
    # What was answered under an operator's key of before is known too, and nothing new is kept under it.
    seals = {blake2b_commit(names, said).hex(): Aead(blake2b_commit(seals, said)) for names, seals in service.answers()}
    name, seal = next(iter(seals.items()))
    digest = _fingerprint(body)

    def kept(connection: Connection) -> Response | None:
        found = connection.execute(select(requests).where(requests.c.key.in_(list(seals)))).first()
        if found is None:
            return None
        if found.digest != digest:
            raise InputError("E_IDEMPOTENCY_BODY", key=given)
        return _response(seals[found.key].decrypt(found.answer, found.key.encode()), replayed=True)

    with service.under_way.hold(name):
        if before is not None:
            with service.store.read() as connection:
                replayed = kept(connection)
            if replayed is not None:
                return replayed
            before()
        with service.store.write() as connection:
            replayed = kept(connection)
            if replayed is not None:
                return replayed
            status, answer = work(connection)
            text = f"{status}\n{answer.model_dump_json()}".encode()
            sealed = bytes(seal.encrypt(text, name.encode()))
            row = {"key": name, "digest": digest, "answer": sealed, "answered_at": service.now()}
            connection.execute(insert(requests), row)
    return _response(text, replayed=False)


def _fingerprint(body: bytes) -> str:
    """Equal for bodies that say the same in JSON, whatever the order of their names."""
    with contextlib.suppress(orjson.JSONDecodeError):  # no JSON: byte by byte
        body = orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
    return sha256(body).hex()


def _response(kept: bytes, *, replayed: bool) -> Response:
    status, _, body = kept.partition(b"\n")
    headers = {REPLAYED: "true"} if replayed else None
    return Response(body, status_code=int(status), media_type="application/json", headers=headers)
