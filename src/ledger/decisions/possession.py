"""Proof of possession: a key is taken in only when its holder signed for this book and this person with it."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from typing import Any, Final

from ledger.errors import InputError
from ledger.flows.authority.keys import possession_text
from ledger.flows.event import Event
from ledger.flows.knowledge import Finding
from ledger.signing.keys import PublicKey

OPERATOR = "operator"
_CLAIMING: Final = frozenset({"book.opened", "key.enrolled", "operator_key.rotated"})


def possessed(origin: str, events: Sequence[Event]) -> Iterator[Finding]:
    """E_POSSESSION for each enrolled key whose id or proof does not hold."""
    for index, event in enumerate(events):
        if event.kind not in _CLAIMING:
            continue
        for officer, key, keyid, proof in _claims(event):
            if not _holds(origin, officer, key, keyid, proof):
                yield Finding("E_POSSESSION", index, (("officer", officer), ("keyid", keyid or "")))


def _claims(event: Any) -> Iterator[tuple[str, str, str | None, str]]:
    if event.kind == "book.opened":
        for one in event.administrators:
            yield one.officer, one.key, one.keyid, one.possession
    elif event.kind == "key.enrolled":
        yield event.officer, event.key, event.keyid, event.possession
    elif event.kind == "operator_key.rotated":
        yield OPERATOR, event.operator_key, None, event.possession


def _holds(origin: str, officer: str, key: str, keyid: str | None, proof: str) -> bool:
    try:
        public = PublicKey.parse(key)
        signature = base64.b64decode(proof, validate=True)
    except (InputError, binascii.Error):
        return False
    return keyid in (None, public.keyid) and public.verify(signature, possession_text(origin, officer, key))
