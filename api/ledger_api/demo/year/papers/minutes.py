"""The minutes of the charity's council, as its office keeps them: a paper that a decision rests on, and the voucher
with which its scan is filed.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from nacl.bindings import crypto_hash_sha256

from ledger.signing.digests import digest_text
from ledger.values.money import fen_to_yuan
from ledger_api.demo.acts import ACCOUNTANT

Fields = dict[str, Any]
_DECIDERS: Final = (("示例陈", "会长"), ("示例赵", "秘书长"))
_BEFORE: Final = timedelta(days=4)
"""How long before the money moves the council meets."""
_SUBJECT: Final = "会长办公会讨论通过"


def text_of(document: str, day: date, fen: int) -> bytes:
    """The paper on which a spending of a day rests."""
    present = "、".join(f"{name}({post})" for name, post in _DECIDERS)
    lines = (document, f"时间:{day - _BEFORE}", f"出席:{present}", f"议定:{_SUBJECT},金额不超过{fen_to_yuan(fen)}元。")
    return "\r\n".join((*lines, "")).encode()


def digest_of(document: str, day: date, fen: int) -> str:
    """How the paper is named in the log."""
    return digest_text(crypto_hash_sha256(text_of(document, day, fen)))


def minutes(document: str, day: date, of: tuple[str, str, int]) -> Fields:
    """A meeting that decided with pen and paper; `of` are the kind of event, the fund, and fen at most."""
    kind, fund, fen = of
    signed = [{"name": name, "post": post} for name, post in _DECIDERS]
    paper = {"document": document, "form": "minutes", "decided_on": (day - _BEFORE).isoformat()}
    limits = {"kinds": [kind], "fund": fund, "max_fen": fen, "vouchers": []}
    return {**paper, "deciders": signed, "subject": _SUBJECT, **limits, "scan": digest_of(document, day, fen)}


def filed(paper: Mapping[str, Any], voucher: str, day: date) -> tuple[str, Fields]:
    """The scan as an attachment of the voucher that rests on it."""
    document = str(paper["document"])
    named = {"attachment": f"scan-{paper['decided_on']}", "voucher": voucher, "event": None, "digest": paper["scan"]}
    rest = {"paper": "minutes", "pages": 1, "name": document, "taken_by": ACCOUNTANT, "on": day.isoformat()}
    return "attachment.added", {**named, **rest}


def write_minutes(folder: Path, document: str, day: date, fen: int) -> Path:
    """The file among those of its month."""
    path = folder / f"{day:%Y-%m}" / f"{document}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text_of(document, day, fen))
    return path
