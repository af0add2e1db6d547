"""Checkpoints against the log: those in the package, those the user kept or was given, and the one of the last run;
and the lines of witnesses under them.
"""

import os
import tempfile
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ledger_audit.verifier.authority import Authority
from ledger_audit.verifier.completeness import SHOWN, anchor
from ledger_audit.verifier.findings import NOWHERE, Finding, Findings, Place
from ledger_audit.verifier.formats.bag import SIGNATURE, TAG_MANIFEST, Bag
from ledger_audit.verifier.formats.canonical import FaultError, base64_of, count_at, fields, read_canonical, whole_line
from ledger_audit.verifier.formats.digests import sha256
from ledger_audit.verifier.formats.merkle import Tree
from ledger_audit.verifier.formats.notes import Checkpoint, Note, Witness, checkpoint_of, parse_note

CHECKPOINTS: Final = "data/checkpoints.jsonl"
LAST: Final = "checkpoint"
PACKAGE: Final = "charity-ledger/package@v1"
MAX_LINE_BYTES: Final = 1 << 20
CLOCKS_APART: Final = 300
"""How many seconds a witness's clock may be ahead of this one, or behind the one that posted."""
MAX_TIME: Final = 253_402_300_800
"""The year 10000."""


class Witnesses:
    """What the witnesses' lines come to: only those count that verify under a key which the user gave, whose time has
    come, and was not before the vouchers that they cover were posted. A key that the operator signs with himself is no
    witness's.
    """

    def __init__(self, known: Sequence[Witness], now: datetime) -> None:
        self._known = known
        self._now = now
        self._until = now.timestamp() + CLOCKS_APART
        self._unproven: set[str] = set()
        self._ahead: dict[str, int] = {}
        self._before: dict[str, tuple[int, str]] = {}
        """Name -> the earliest time that it states too early, and when the last voucher was posted."""
        self.latest: int | None = None
        """The latest time at which a witness signed, POSIX."""

    def take(self, note: Note, place: Place, own: Collection[bytes], findings: Findings, posted_at: str = "") -> None:
        """The lines under one of the log's checkpoints, of which the last voucher was posted at `posted_at` ("": not
        known); V_WITNESS_SIGNATURE for one that a witness did not make.
        """
        since = datetime.fromisoformat(posted_at).timestamp() - CLOCKS_APART if posted_at else 0
        claimed = note.cosigners()
        for witness in self._known:
            if witness.key in own:
                continue
            try:
                times = note.cosigned_at(witness)
            except FaultError as fault:
                findings.fault(fault, place)
                times = ()
            claimed.discard((witness.name, witness.key_id))
            for time in times:
                if time > self._until:
                    self._ahead[witness.name] = max(time, self._ahead.get(witness.name, 0))
                elif time < since:
                    self._before[witness.name] = min(
                        (time, posted_at), self._before.get(witness.name, (time, posted_at))
                    )
                else:
                    self.latest = max(time, self.latest or 0)
        self._unproven.update(name for name, _ in claimed)

    def findings(self) -> list[Finding]:
        """That no witness signed or how long ago, and which lines were not counted."""
        found = anchor(self._now, self.latest)
        if self._unproven:
            names = sorted(self._unproven)[:SHOWN]
            found.append(
                Finding("C_WITNESS_UNPROVEN", params={"count": len(self._unproven), "names": ", ".join(names)})
            )
        found += [
            Finding("C_WITNESS_AHEAD", params={"name": name, "time": _moment(time)})
            for name, time in self._ahead.items()
        ]
        found += [
            Finding("C_WITNESS_BEFORE", params={"name": name, "time": _moment(time), "posted_at": posted_at})
            for name, (time, posted_at) in self._before.items()
        ]
        return found


def _moment(time: int) -> str:
    """POSIX seconds as people write them, where they are a time at all."""
    return datetime.fromtimestamp(time, UTC).isoformat() if time < MAX_TIME else str(time)


class Checkpoints:
    """Judges notes by the walked log: its tree, the operator's keys and when each voucher was posted."""

    def __init__(
        self, tree: Tree, authority: Authority, findings: Findings, witnesses: Witnesses, posted: Sequence[str]
    ) -> None:
        self._posted = posted
        self._tree = tree
        self._authority = authority
        self._findings = findings
        self.checked = 0
        self._witnesses = witnesses
        self._good = 0
        self._bad: tuple[int, Place] | None = None
        self._signers: dict[int, list[bytes]] = {}
        """Size -> which of the operator's keys signed a checkpoint that agrees with the log, where a key changed."""
        self._vouching: set[bytes] = set()
        """Which of them signed the package: a checkpoint covers the vouchers, and neither postings nor balances."""
        self.last: Checkpoint | None = None
        self.last_note = ""

    def of_package(self, bag: Bag, starts: Sequence[int]) -> None:
        """Every checkpoint of the package; the last must cover the whole log.

        `starts` are the first positions of the vouchers, and of the one that would come next.
        """
        size = 0
        for at, (stated, text) in self._kept(bag):
            place = Place(file=CHECKPOINTS, line=at)
            found = self._judged(text, place)
            if found is not None and (found.size != stated or found.size <= size):
                self._findings.add("V_CHECKPOINT_ORDER", place, stated=stated)
            size = max(size, stated)
        try:
            self.last_note = bag.read(LAST).decode("utf-8", "replace")
        except FaultError as fault:
            self._findings.fault(fault)
            return
        self.last = self._judged(self.last_note, Place(file=LAST))
        if self.last is not None and self.last.size != self._tree.size:
            self._findings.add("V_CHECKPOINT_SIZE", Place(file=LAST), stated=self.last.size, found=self._tree.size)
        self._place_bad_root(starts)

    def of_signature(self, bag: Bag) -> None:
        """The operator's note over the tag manifest: postings and balances stand under no root, only under this."""
        place = Place(file=SIGNATURE)
        try:
            note = parse_note(bag.read(SIGNATURE))
            digest = sha256(bag.read(TAG_MANIFEST)).hex()
            lines = note.text.split("\n")
            root = base64_of(lines[4], "root") if len(lines) == 6 else b""
        except FaultError as fault:
            self._findings.fault(fault, Place(file=fault.params.get("file", SIGNATURE)))
            return
        origin, size = self._authority.origin, self._tree.size
        signers = self._operators(note, size)
        if lines[:4] != [PACKAGE, origin, digest, str(size)] or root != self._tree.root(size) or len(note.lines) != 1:
            self._findings.add("V_PACKAGE_NOTE", place)
        else:
            self._vouching.update(signers)
        if not signers:
            self._findings.add("V_PACKAGE_SIGNATURE", place)

    def vouched_by(self, trusted: bytes) -> bool:
        """Whether a key stands behind the package: it signed it, or signed the checkpoint over the voucher that
        names its successor, which did, and so on. That the log names a key proves nothing: anybody can write that.
        """
        behind, before = False, b""
        reached = set()
        for number, key in self._authority.operator:
            behind = key == trusted or (behind and before in self._signers.get(number, ()))
            before = key
            if behind:
                reached.add(key)
        return not reached.isdisjoint(self._vouching)

    def known(self, text: str, file: str) -> None:
        """A checkpoint from outside: the log must be its continuation; FaultError when it is no checkpoint at all."""
        note = parse_note(text.encode("utf-8", "replace"))
        found = checkpoint_of(note.text)
        place = Place(file=file)
        if found.origin != self._authority.origin:
            self._findings.add("V_KNOWN_ORIGIN", place, origin=found.origin, own=self._authority.origin)
        elif not any(note.signed_by(found.origin, key) for _, key in self._authority.operator):
            self._findings.add("V_KNOWN_SIGNATURE", place)
            if found.size > self._tree.size:
                # A log that ends before a change of key does not know the key that signed what came after it.
                self._findings.add("V_KNOWN_LATER", place, known=found.size, found=self._tree.size)
        elif found.size > self._tree.size:
            self._findings.add("V_CUT_BACK", place, known=found.size, found=self._tree.size)
        elif self._tree.root(found.size) != found.root:
            self._findings.add("V_FORK", place, known=found.size)

    def _kept(self, bag: Bag) -> Iterator[tuple[int, tuple[int, str]]]:
        try:
            file = bag.open(CHECKPOINTS)
        except FaultError as fault:
            self._findings.fault(fault)
            return
        with file:
            at = 0
            while line := file.readline(MAX_LINE_BYTES):
                at += 1
                try:
                    value = fields(read_canonical(whole_line(line)), ("note", "size"), CHECKPOINTS)
                    yield at, (count_at(value, "size", 0), str(value["note"]))
                except FaultError as fault:
                    self._findings.fault(fault, Place(file=CHECKPOINTS, line=at))

    def _judged(self, text: str, place: Place) -> Checkpoint | None:
        """Form, signature and root of one checkpoint of the package; None when its form does not hold."""
        try:
            note = parse_note(text.encode("utf-8", "replace"))
            found = checkpoint_of(note.text)
        except FaultError as fault:
            self._findings.fault(fault, place)
            return None
        self.checked += 1
        if found.origin != self._authority.origin:
            self._findings.add("V_KNOWN_ORIGIN", place, origin=found.origin, own=self._authority.origin)
        signers = self._operators(note, found.size)
        if not signers:
            self._findings.add("V_CHECKPOINT_SIGNATURE", place, size=found.size)
        if self._tree.root(found.size) == found.root:
            own = {key for _, key in self._authority.operator}
            posted_at = self._posted[found.size - 1] if found.size else ""
            self._witnesses.take(note, place, own, self._findings, posted_at)
            if len(self._authority.operator_at(found.size)) > 1:
                self._signers.setdefault(found.size, []).extend(signers)
            self._good = found.size if self._bad is None else self._good
        elif self._bad is None:
            self._bad = found.size, place
        else:
            self._findings.add("V_CHECKPOINT_ROOT", place, size=found.size)
        return found

    def _place_bad_root(self, starts: Sequence[int]) -> None:
        """What changed stands after the last root that agrees and not after the first that does not.

        When nothing else was found there, the first of those vouchers is named: its leaf was changed in a field that
        only the tree holds.
        """
        if self._bad is None:
            return
        size, place = self._bad
        first = self._good + 1 if size <= self._tree.size else self._tree.size + 1
        direct = [finding.place.number or 0 for finding in self._findings.kept if finding.code != "V_SEEN"]
        found = any(first <= number <= size for number in direct)
        if not found and first <= len(starts):
            place = Place(first, starts[first - 1], place.file, place.line)
        self._findings.add("V_CHECKPOINT_ROOT", place, size=size)

    def _operators(self, note: Note, size: int) -> list[bytes]:
        """Which of the operator's keys that may sign at a size signed a note."""
        return [key for key in self._authority.operator_at(size) if note.signed_by(self._authority.origin, key)]


class State:
    """The largest checkpoint that held before, one file for each origin in the user's own directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def path(self, origin: str) -> Path:
        """The file of an origin."""
        return self._directory / f"{sha256(origin.encode()).hex()}.checkpoint"

    def read(self, origin: str) -> str | None:
        """The note kept for an origin; FaultError V_STATE when it cannot be read."""
        try:
            return self.path(origin).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise FaultError("V_STATE", file=str(self.path(origin))) from error

    def keep(self, origin: str, note: str) -> None:
        """Replaces the note at once and durably; FaultError V_STATE."""
        path = self.path(origin)
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._directory)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(note)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except OSError as error:
            raise FaultError("V_STATE", file=str(path)) from error


def check_key(authority: Authority, checkpoints: Checkpoints, name: str, key: bytes, findings: Findings) -> None:
    """The key the user trusts must be one that the operator of this very log signs with, or signed with; and it must
    stand behind the package itself, or behind the change to the key that does.
    """
    if name != authority.origin or key not in [own for _, own in authority.operator]:
        findings.add("V_NOT_THIS_KEY", NOWHERE, name=name, origin=authority.origin)
    elif not checkpoints.vouched_by(key):
        findings.add("V_KEY_UNPROVEN", NOWHERE, name=name)


def witnessed_alone(
    note: Note,
    witnesses: Sequence[Witness],
    key: tuple[str, bytes] | None,
    now: datetime | None,
    findings: Findings,
    posted_at: str = "",
) -> list[Finding]:
    """What the witnesses whom the user named say of a checkpoint that comes without its log, over a voucher that was
    posted at `posted_at`; nothing where none is.
    """
    if not witnesses:
        return []
    found = Witnesses(witnesses, now or datetime.now(UTC))
    found.take(note, NOWHERE, () if key is None else (key[1],), findings, posted_at)
    return found.findings()


def compared_alone(
    own: Checkpoint,
    known: Sequence[tuple[str, str]],
    state: State | None,
    key: tuple[str, bytes] | None,
    findings: Findings,
) -> Iterator[Finding]:
    """Checkpoints from elsewhere beside one that comes without its log (a proof, an export): of one size they must have
    one root. Yields C_NOT_COMPARED for those of another size, which nothing here joins; FaultError for what is none.
    """
    kept = None if state is None else state.read(own.origin)
    last = [] if state is None or kept is None else [(str(state.path(own.origin)), kept)]
    for file, text in [*known, *last]:
        note, place = parse_note(text.encode("utf-8", "replace")), Place(file=file)
        found = checkpoint_of(note.text)
        if found.origin != own.origin:
            findings.add("V_KNOWN_ORIGIN", place, origin=found.origin, own=own.origin)
        elif found.size != own.size:
            yield Finding("C_NOT_COMPARED", place, {"known": found.size, "size": own.size})
        elif found.root != own.root:
            theirs = key is None or note.signed_by(found.origin, key[1])
            findings.add("V_FORK" if theirs else "V_KNOWN_SIGNATURE", place, known=found.size)


def check_all_known(checkpoints: Checkpoints, known: Sequence[tuple[str, str]]) -> None:
    """Every (file, text) of a checkpoint from outside."""
    for file, text in known:
        checkpoints.known(text, file)
