"""Whether the keys at hand are the book's own: people registered under one vault are strangers to any other."""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, select

from ledger.errors import EvidenceError
from ledger.log.side_tables import identities, vault_check
from ledger.vault.keystore import MISSING, OTHER, KeyStore
from ledger.vault.people import Vault

OWN: Final = "own"
NONE: Final = "none"
"""No keys, and nothing in the book that hangs on any."""


def standing(connection: Connection, path: Path) -> str:
    """`own` or `none` where the book may go on with the keys at `path`; else `missing`, `other` or `damaged`. Raises
    E_VAULT_MODE when others may read the file.
    """
    check = None
    if inspect(connection).has_table(vault_check.name):
        check = connection.scalar(select(vault_check.c.digest))
    # A book from before the check was kept is asked for somebody whom the keys open.
    used = check is not None or connection.scalar(select(identities.c.reference).limit(1)) is not None
    if not path.exists():
        return MISSING if used else NONE
    try:
        vault = Vault(KeyStore(path))
    except EvidenceError as error:
        return str(error.params["reason"])
    if not used:
        return OWN
    return OWN if (vault.opens(connection) if check is None else bytes(check) == vault.check) else OTHER


def require_own(connection: Connection, path: Path) -> str:
    """The standing of keys that the book may go on with. Raises EvidenceError E_VAULT_KEYS."""
    found = standing(connection, path)
    if found not in {OWN, NONE}:
        raise EvidenceError("E_VAULT_KEYS", file=str(path), reason=found)
    return found


def vault_of(connection: Connection, path: Path) -> Vault:
    """The book's vault; its keys are made only where nothing was ever kept under any. Raises E_VAULT_KEYS."""
    return Vault(KeyStore.create(path) if require_own(connection, path) == NONE else KeyStore(path))
