"""A signed change counts once, whichever process takes it and whenever that process began.

A POST has its effect once by its idempotency key or its voucher's id. What PUT, PATCH and DELETE ask for may have been
undone meanwhile, so that the same again is a change once more: the number of such a request is kept in table
`requests`, beside the answers of others, before it is looked at. A reading is no change, and writes nothing.
"""

from typing import Final

from sqlalchemy import insert, select

from ledger.errors import AuthorityError
from ledger.log.side_tables import requests
from ledger.signing.digests import blake2b_commit, sha256
from ledger_api.http.message_signatures import Verified
from ledger_api.http.service import Service

CHANGES: Final = frozenset({"PUT", "PATCH", "DELETE"})
"""Methods of requests that carry nothing else by which they would be known again."""


def take_once(service: Service, found: Verified) -> None:
    """Raises AuthorityError E_REQUEST_REPLAYED for a number that came with this key before, to any process."""
    said = f"{found.keyid}\n{found.nonce}".encode()
    name = blake2b_commit(service.secret("nonces"), said).hex()
    with service.store.write(beside=True) as connection:
        if connection.scalar(select(requests.c.key).where(requests.c.key == name)) is not None:
            raise AuthorityError("E_REQUEST_REPLAYED", nonce=found.nonce[:64])
        row = {"key": name, "digest": sha256(said).hex(), "answer": b"", "answered_at": service.now()}
        connection.execute(insert(requests), row)
