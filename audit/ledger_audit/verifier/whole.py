"""A whole package: the walk through the log beside the reading of the money, then everything that joins the two.

Two processes where the system can fork: one hashes files and events, the other walks the log and adds up the postings.
"""

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from ledger_audit.verifier.checkpoints import Checkpoints, State, Witnesses, check_all_known, check_key
from ledger_audit.verifier.completeness import Completeness
from ledger_audit.verifier.findings import GONE, Finding, Findings, Place
from ledger_audit.verifier.formats.bag import Bag, looks_like_bag, unzip
from ledger_audit.verifier.formats.canonical import FaultError
from ledger_audit.verifier.formats.notes import Witness
from ledger_audit.verifier.hashing import Hashing
from ledger_audit.verifier.money import POSTINGS, Money
from ledger_audit.verifier.pairing import EVENTS, LEAVES
from ledger_audit.verifier.sentences import NOTES
from ledger_audit.verifier.walking import Counts, Walk

Checked = Literal["package", "events", "fork"]
"""What was verified: a package or a proof, exported events, or the evidence of two histories."""
COUNTED: Final[Mapping[Checked, Sequence[str]]] = {
    "package": (),
    "events": ("vouchers", "events", "signatures", "checkpoints"),
    "fork": ("checkpoints",),
}
"""Which counts of each there can be; of a package all."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What the user brings: the operator's key, checkpoints from elsewhere as (file, text), the last run's state, and
    the witnesses' keys.
    """

    key: tuple[str, bytes] | None = None
    known: Sequence[tuple[str, str]] = ()
    state: State | None = None
    witnesses: Sequence[Witness] = ()


@dataclass(slots=True)
class Verdict:
    """Both verdicts, apart. `holds` needs a key: without one the package only agrees with itself."""

    self_consistent_only: bool
    of: Checked = "package"
    integrity: Findings = field(default_factory=Findings)
    counts: Counts = field(default_factory=Counts)
    completeness: list[Finding] = field(default_factory=list)
    checkpoint: dict[str, Any] | None = None

    @property
    def holds(self) -> bool:
        """Whether the log is proven intact to somebody who trusts the key."""
        return not self.integrity.total and not self.self_consistent_only

    def checked(self) -> dict[str, int]:
        """How much was checked of what such a file holds; what it never holds is not counted as nothing."""
        counts = asdict(self.counts)
        return {name: counts[name] for name in COUNTED[self.of] or counts}

    def to_json(self) -> dict[str, Any]:
        """The shape that `--json` prints."""
        first = self.integrity.first_bad()
        return {
            "integrity": {
                "ok": not self.integrity.total,
                "first_bad": None if first is None else first.to_json(),
                "count": self.integrity.total,
                "findings": [finding.to_json() for finding in self.integrity.sorted()],
                "checked": self.checked(),
            },
            "completeness": {
                "ok": all(finding.code in NOTES for finding in self.completeness),
                "findings": [finding.to_json() for finding in self.completeness],
            },
            "self_consistent_only": self.self_consistent_only,
            "checkpoint": self.checkpoint,
        }


def verify_package(path: Path, trust: Trust, now: datetime, jobs: int = 2, hashing: Hashing | None = None) -> Verdict:
    """Verifies a folder or a zip of one. FaultError when it is no package, or the user's own files are unusable.

    `hashing` is that of the folder when it was already begun.
    """
    with ExitStack() as stack:
        bag = Bag(path)
        if path.is_file():
            target = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ledger-verify-")))
            bag = unzip(path, target)
        elif not looks_like_bag(path):
            raise FaultError("V_NO_PACKAGE", file=str(path))
        hashing = hashing or Hashing(bag, jobs)
        bag = hashing.bag
        verdict = Verdict(self_consistent_only=trust.key is None)
        walk = Walk(verdict.integrity, verdict.counts, Completeness())
        money = Money()
        read = _read(bag, walk, money)
        digests = hashing.digests()
        for fault in digests.faults:
            verdict.integrity.fault(fault)
        for number in digests.bad_roots:
            verdict.integrity.add("V_ROOT", Place(number, walk.starts[number - 1]))
        if read:
            _join(walk, money)
            _conclude(verdict, walk, bag, trust, now)
        return verdict


def _read(bag: Bag, walk: Walk, money: Money) -> bool:
    """Whether there was a log to read; without one nothing else can be compared with it."""
    money.run(bag)
    try:
        with bag.open(LEAVES) as leaves, bag.open(EVENTS) as events:
            walk.run(leaves, events)
    except FaultError as fault:
        walk.findings.fault(fault)
        return fault.code != GONE
    return True


def _join(walk: Walk, money: Money) -> None:
    """Positions of postings are placed in their vouchers, and each posting's entity is its voucher's."""
    walk.counts.postings, walk.counts.balances = money.postings, money.balances
    for finding in money.findings.kept:
        place = finding.place
        if place.position is not None:
            place = walk.place_of(place.position)
        walk.findings.take(Finding(finding.code, place, finding.params, finding.place.position))
    walk.findings.total += money.findings.total - len(money.findings.kept)
    _unchecked(walk, money)
    for first, last, entity, line in money.runs:
        if last > walk.position:
            walk.findings.add("V_POSTING_NOWHERE", Place(file=POSTINGS, line=line), stated=last)
            continue
        number = walk.place_of(first).number or 1
        while number <= len(walk.starts) and walk.starts[number - 1] <= last:
            if walk.entities[number - 1] not in {entity, ""}:
                place = Place(number, walk.starts[number - 1])
                walk.findings.add("V_POSTING_ENTITY", place, entity=entity, own=walk.entities[number - 1])
            number += 1


def _unchecked(walk: Walk, money: Money) -> None:
    """Vouchers by which money leaves or cash comes in, and which no checker signed; each is told once."""
    number, told = 0, 0
    for position in money.handled:
        if not 0 < position <= walk.position:
            continue
        if number and walk.starts[number - 1] > position:
            number = 0  # postings out of order, which was told
        while number < len(walk.starts) and walk.starts[number] <= position:
            number += 1
        if number > told and not walk.checked[number - 1]:
            told = number
            walk.findings.add("V_UNCHECKED", Place(number, walk.starts[number - 1]), position)


def _conclude(verdict: Verdict, walk: Walk, bag: Bag, trust: Trust, now: datetime) -> None:
    """Checkpoints, keys and what the user knows; the state moves on only after everything held."""
    witnesses = Witnesses(trust.witnesses, now)
    checkpoints = Checkpoints(walk.tree, walk.authority, walk.findings, witnesses, walk.posted)
    if not walk.tree.size:
        walk.findings.add("V_EMPTY")
    checkpoints.of_package(bag, [*walk.starts, walk.position + 1])
    checkpoints.of_signature(bag)
    if trust.key is not None:
        check_key(walk.authority, checkpoints, *trust.key, walk.findings)
    check_all_known(checkpoints, trust.known)
    kept = trust.state.read(walk.authority.origin) if trust.state is not None else None
    if trust.state is not None and kept is not None:
        checkpoints.known(kept, str(trust.state.path(walk.authority.origin)))
    verdict.counts.checkpoints = checkpoints.checked
    verdict.completeness = [*walk.completeness.findings(now, walk.posted_at), *witnesses.findings()]
    if checkpoints.last is not None:
        root = checkpoints.last.root.hex()
        verdict.checkpoint = {"origin": checkpoints.last.origin, "size": checkpoints.last.size, "root": root}
    if trust.state is not None and verdict.holds:
        trust.state.keep(walk.authority.origin, checkpoints.last_note)
