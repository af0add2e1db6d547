"""The keys of a book, for information: who holds which, since when, and which were revoked. Leaves are the evidence."""

from typing import Any

from sqlalchemy import Connection

from ledger.application.state import State


def key_list(connection: Connection) -> dict[str, Any]:
    """Origin, operator's key, officers by id, and every key that was ever enrolled."""
    state = State()
    state.catch_up(connection)
    authority = state.authority
    keys = [
        {
            "keyid": keyid,
            "key": key.public,
            "officer": key.officer,
            "valid_from": key.valid_from,
            "valid_to": key.valid_to,
            "revoked": key.revoked,
        }
        for keyid, key in sorted(authority.keys.items())
    ]
    operator = {"origin": authority.origin, "key": authority.operator_key}
    return {"operator": operator, "officers": dict(sorted(authority.officers.items())), "keys": keys}
