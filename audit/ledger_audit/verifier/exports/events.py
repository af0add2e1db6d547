"""Exported events (JSON Lines): every line under one digest, and that under the operator's signature in the last line.

It proves that the operator gave out exactly these lines, how many, from which position on, and under which checkpoint.
Who made and who checked a voucher does not stand in the file: that is for a whole package to say.
"""

from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ledger_audit.verifier.checkpoints import compared_alone, witnessed_alone
from ledger_audit.verifier.findings import Finding, Place
from ledger_audit.verifier.formats.canonical import (
    FaultError,
    count_at,
    day_at,
    digest_at,
    fields,
    instant_at,
    read_canonical,
    text_at,
)
from ledger_audit.verifier.formats.digests import sha256
from ledger_audit.verifier.formats.lines import Lines
from ledger_audit.verifier.formats.merkle import NODE, leaf_hash
from ledger_audit.verifier.formats.notes import Checkpoint, checkpoint_of, parse_note
from ledger_audit.verifier.whole import Trust, Verdict

FORMAT: Final = "charity-ledger/events@v1"
MAX_LINE_BYTES: Final = 8 << 20
_TRAILER: Final = b'{"trailer":'
_BEGINS: Final = (b'{"entity":', _TRAILER)
_NAMES: Final = ("entity", "event", "number", "position", "posted_at", "voucher_date")
_AT_ONCE: Final = 1000


def is_export(path: Path) -> bool:
    """Whether the file begins as exported events do."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(16).startswith(_BEGINS)


def verify_export(path: Path, trust: Trust, now: datetime | None = None) -> Verdict:
    """The verdict on the file. What it cannot show stands beside it, as notes on completeness."""
    made = _Export(path.name, trust, now)
    with path.open("rb") as file:
        lines = Lines(file, MAX_LINE_BYTES)
        last = None
        while found := lines.take(_AT_ONCE):
            for line in found:
                if last is not None:
                    made.line(last)
                last = line
        whole = not lines.left()
    if last is not None and not (whole and last.startswith(_TRAILER)):
        made.line(last)
    made.close(last if whole and last is not None and last.startswith(_TRAILER) else None)
    return made.verdict


class _Export:
    """The lines as they come, and what they come to."""

    def __init__(self, name: str, trust: Trust, now: datetime | None) -> None:
        self.verdict = Verdict(self_consistent_only=trust.key is None, of="events")
        self._name = name
        self._trust = trust
        self._now = now
        self._edge: list[tuple[int, bytes]] = []
        self._first = self._next = self._number = 0
        self._posted_at = ""

    def line(self, data: bytes) -> None:
        """One event: its bytes under the digest, its place after the one before."""
        self._push(leaf_hash(data))
        counts = self.verdict.counts
        counts.events += 1
        place = Place(file=self._name, line=counts.events)
        try:
            value = fields(read_canonical(data), _NAMES, "line")
            number, position = count_at(value, "number"), count_at(value, "position")
            posted_at = instant_at(value, "posted_at")
            text_at(value, "entity")
            day_at(value, "voucher_date")
            if not isinstance(value["event"], dict):
                raise FaultError("V_FIELD", field="event", value=str(value["event"])[:80])  # noqa: TRY301 - one fault a line
        except FaultError as fault:
            self.verdict.integrity.fault(fault, place)
            self._next += 1
            return
        if counts.events == 1:
            self._first = self._next = position
        if position != self._next:
            self.verdict.integrity.add("V_EXPORT_POSITION", place, stated=position, expected=self._next)
        if number < self._number or posted_at < self._posted_at:
            self.verdict.integrity.add("V_EXPORT_ORDER", place)
        counts.vouchers += number != self._number
        self._next, self._number, self._posted_at = position + 1, number, posted_at

    def close(self, line: bytes | None) -> None:
        """The trailer: count, digest and checkpoint of these lines, and the operator's word on them."""
        findings, place = self.verdict.integrity, Place(file=self._name, line=self.verdict.counts.events + 1)
        if line is None:
            findings.add("V_EXPORT_CUT", place)
            return
        try:
            told = read_canonical(line)["trailer"]
            names = ("checkpoint", "count", "digest", "signature")
            signed = isinstance(told, dict) and "signature" in told
            told = fields(told, names if signed else names[:3], "trailer")
            count, digest = count_at(told, "count", 0), digest_at(told, "digest")
            note = parse_note(text_at(told, "checkpoint").encode("utf-8", "replace"))
            checkpoint = checkpoint_of(note.text)
            if count != self.verdict.counts.events:
                findings.add("V_EXPORT_COUNT", place, stated=count, found=self.verdict.counts.events)
            if digest != self._root():
                findings.add("V_EXPORT_DIGEST", place)
            if count and self._number != checkpoint.size:
                findings.add("V_EXPORT_END", place, found=self._number, size=checkpoint.size)
            self._signed(told.get("signature"), count, digest, checkpoint, place)
            trust = self._trust
            alone = compared_alone(checkpoint, trust.known, trust.state, trust.key, findings)
            self.verdict.completeness.extend(alone)
            self.verdict.completeness += witnessed_alone(note, trust.witnesses, trust.key, self._now, findings)
        except FaultError as fault:
            findings.fault(fault, place)
            return
        root = checkpoint.root.hex()
        self.verdict.checkpoint = {"origin": checkpoint.origin, "size": checkpoint.size, "root": root}
        self.verdict.counts.checkpoints = 1
        self.verdict.completeness.append(Finding("C_EXPORT_ALONE"))

    def _signed(self, text: Any, count: int, digest: bytes, under: Checkpoint, place: Place) -> None:
        findings = self.verdict.integrity
        if not text:
            findings.add("V_EXPORT_UNSIGNED", place)
            return
        note = parse_note(str(text).encode("utf-8", "replace"))
        head, origin, first, *rest = [*note.text.split("\n"), "", ""][:9]
        root = [count, digest.hex(), under.size]
        begins = int(first) if first.isascii() and first.isdigit() and len(first) < 17 else 0
        same = (head, origin, rest[:3]) == (FORMAT, under.origin, [str(one) for one in root])
        stated = checkpoint_of("\n".join((origin, *rest[2:4], "")))
        if not same or stated != under or begins < 1 or (count and begins != self._first) or note.text.count("\n") != 7:
            findings.add("V_EXPORT_NOTE", place)
        if begins > 1:
            self.verdict.completeness.append(Finding("C_EXPORT_FROM", params={"first": begins}))
        if self._trust.key is None:
            return
        name, key = self._trust.key
        if name != under.origin:
            findings.add("V_NOT_THIS_KEY", place, name=name, origin=under.origin)
        elif not note.signed_by(name, key):
            findings.add("V_EXPORT_SIGNATURE", place)
        else:
            self.verdict.counts.signatures = 1

    def _push(self, leaf: bytes) -> None:
        height = 0
        while self._edge and self._edge[-1][0] == height:
            height, leaf = height + 1, sha256(NODE + self._edge.pop()[1] + leaf)
        self._edge.append((height, leaf))

    def _root(self) -> bytes:
        if not self._edge:
            return sha256(b"")
        value = self._edge[-1][1]
        for _, left in reversed(self._edge[:-1]):
            value = sha256(NODE + left + value)
        return value
