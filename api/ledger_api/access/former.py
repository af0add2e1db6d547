"""What the operator's key of before kept secrets with, handed over to the key that takes its place.

Answers are kept for ever under names that only the operator's key makes. Whoever changes the key has both at hand, the
one before and the one to come, and leaves the secrets of before in table `requests`, sealed for the new one alone.
"""

from typing import Final

from nacl.secret import Aead
from sqlalchemy import Connection, insert, select

from ledger.log.side_tables import requests
from ledger.log.store import LogStore
from ledger.signing.digests import DIGEST_BYTES, blake2b_commit
from ledger.signing.vkeys import NoteSigner
from ledger_api.access.secrets import secret_of

Secrets = tuple[bytes, bytes]
"""What answers are named under, and what they are sealed under."""

_NAME: Final = b"handed over"
_PAIR: Final = 2 * DIGEST_BYTES


def own_secrets(operator: NoteSigner) -> Secrets:
    """The secrets under which a process with this key keeps answers."""
    return secret_of(operator, "requests"), secret_of(operator, "answers")


def former_secrets(connection: Connection, operator: NoteSigner) -> list[Secrets]:
    """The secrets of the keys before this one, the newest first; none where it took nobody's place."""
    name, seal = _place(operator)
    sealed = connection.scalar(select(requests.c.answer).where(requests.c.key == name))
    if sealed is None:
        return []
    told = seal.decrypt(sealed, name.encode())
    pairs = [told[start : start + _PAIR] for start in range(0, len(told), _PAIR)]
    return [(pair[:DIGEST_BYTES], pair[DIGEST_BYTES:]) for pair in pairs]


def hand_over(store: LogStore, before: NoteSigner, after: NoteSigner, at: str) -> None:
    """Leave the secrets of a key, and those that it was left, for the one that is to take its place. `at` is now."""
    name, seal = _place(after)
    with store.write() as connection:
        pairs = [own_secrets(before), *former_secrets(connection, before)]
        sealed = bytes(seal.encrypt(b"".join(part for pair in pairs for part in pair), name.encode()))
        connection.execute(insert(requests), {"key": name, "digest": "", "answer": sealed, "answered_at": at})


def _place(operator: NoteSigner) -> tuple[str, Aead]:
    secret = secret_of(operator, "former secrets")
    return blake2b_commit(secret, _NAME).hex(), Aead(secret)
