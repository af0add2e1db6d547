"""Secrets of a book for one purpose each, and what is made with them: tokens and the digests by which they are kept."""

import base64
from typing import Final

from nacl.utils import random

from ledger.signing.digests import blake2b_commit, sha256
from ledger.signing.vkeys import NoteSigner

TOKEN_BYTES: Final = 32


def secret_of(operator: NoteSigner, purpose: str) -> bytes:
    """A secret of this book for one purpose, the same in each of its processes and after each start.

    It is a digest of a signature that is never shown: no checkpoint begins with these words.
    """
    return blake2b_commit(sha256(operator.signature(f"charity-ledger secret: {purpose}")), purpose.encode())


def new_token() -> str:
    """256 random bits as text (base64url, 43 characters)."""
    return base64.urlsafe_b64encode(random(TOKEN_BYTES)).decode().rstrip("=")


def digest_of(secret: bytes, token: str) -> str:
    """How a token is kept: 64 hex digits of BLAKE2b under the book's secret."""
    return blake2b_commit(secret, token.encode("utf-8", "surrogatepass")).hex()
