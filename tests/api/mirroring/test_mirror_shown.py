"""Every note that bears the operator's signature is judged, whatever the server says beside it or refuses after it."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx2
import pytest

from ledger.log.proofs import log_root
from ledger.signing.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.signing.keys import SigningKey
from ledger.signing.vkeys import NoteSigner
from ledger_api.mirroring import forks, pulling
from ledger_api.mirroring.directory import MirrorDirectory
from ledger_api.mirroring.pulling import Pulled
from ledger_audit.verifier.__main__ import main as ledger_verify
from tests.api.client.network import Lie
from tests.api.mirroring.test_mirror_pulls import pulled
from tests.api.mirroring.towns import Town, Towns

OTHER = bytes(31) + b"7"


def note(town: Town, size: int, root: bytes = OTHER, key: SigningKey | None = None) -> str:
    """A note that the operator signs (or another, with the operator's name)."""
    signer = NoteSigner(town.office.origin, key or town.office.operator.key)
    return sign_checkpoint(Checkpoint(town.office.origin, size, root), signer)


def newest(*notes: str, replica: bool = False) -> Lie:
    """These notes are shown as the newest, one after the other, and then the truth; the last one for ever if it is
    given as the only one.
    """
    left = list(notes)

    def lie(request: httpx2.Request, said: Any) -> Any:
        status, headers, body = said
        if request.url.path != "/v1/checkpoint" or not left:
            return said
        shown = left[0] if len(notes) == 1 else left.pop(0)
        size = open_checkpoint(shown, None).size
        return (
            status,
            headers,
            json.dumps(json.loads(body) | {"note": shown, "size": size, "replica": replica}).encode(),
        )

    return lie


def away(path: str, first: Lie) -> Lie:
    """Nobody answers at a path."""

    def lie(request: httpx2.Request, said: Any) -> Any:
        if request.url.path == path:
            raise httpx2.ConnectError("refused")
        return first(request, said)

    return lie


def truth(_request: httpx2.Request, said: Any) -> Any:
    return said


@pytest.fixture
def town(towns: Towns) -> Town:
    return towns.add("a", 100, 200)


@pytest.fixture
def mirror(towns: Towns, town: Town, tmp_path: Path) -> MirrorDirectory:
    """A copy of five vouchers that holds."""
    found = towns.mirror(tmp_path / "mirror")
    assert pulled(found, towns)["a"].status.size == 5
    return found


def evidence(mirror: MirrorDirectory) -> list[Path]:
    return sorted((mirror.folder(mirror.book("a")) / "evidence").glob("*.json"))


def shows(towns: Towns, mirror: MirrorDirectory, lie: Lie) -> Pulled:
    towns.towns["a"].lie = lie
    found = pulled(mirror, towns)["a"]
    towns.towns["a"].lie = truth
    return found


SHOWN: dict[str, tuple[Callable[[Town], Lie], str, str]] = {
    "longer, the proof refused": (lambda town: newest(note(town, 9)), "unjoined", "E_MIRROR_UNJOINED"),
    "longer, as a replica": (lambda town: newest(note(town, 9), replica=True), "unjoined", "E_MIRROR_UNJOINED"),
    "of the same size": (lambda town: newest(note(town, 5)), "proven", "E_FORK"),
    "of the same size, as a replica": (lambda town: newest(note(town, 5), replica=True), "proven", "E_FORK"),
    "shorter": (lambda town: newest(note(town, 3)), "proven", "E_FORK"),
    "shorter, as a replica": (lambda town: newest(note(town, 3), replica=True), "proven", "E_MIRROR_FORKED"),
    "shorter once, then the truth": (
        lambda town: newest(note(town, 3), note(town, 3), replica=True),
        "proven",
        "E_MIRROR_FORKED",
    ),
}


@pytest.mark.parametrize("what", SHOWN)
def test_a_signed_note_is_judged_whatever_stands_beside_it(
    towns: Towns, town: Town, mirror: MirrorDirectory, what: str
) -> None:
    lie, verdict, code = SHOWN[what]
    found = shows(towns, mirror, lie(town)).status
    assert (found.code, found.holds) == (code, False)
    assert forks.read(Path(found.fork)).verdict == verdict
    assert ledger_verify([found.fork, "--key", town.vkey]) == (1 if verdict == "proven" else 2)
    after = shows(towns, mirror, truth).status
    assert (after.fork, after.holds) == (found.fork, False), "the next pull forgets nothing"
    assert after.code == ("E_MIRROR_FORKED" if verdict == "proven" else "E_MIRROR_UNJOINED")


def test_two_notes_of_one_size_contradict_each_other_before_the_copy_has_come_so_far(
    towns: Towns, town: Town, mirror: MirrorDirectory
) -> None:
    first = shows(towns, mirror, newest(note(town, 9))).status
    assert forks.read(Path(first.fork)).verdict == "unjoined"
    second = shows(towns, mirror, newest(note(town, 9, bytes(31) + b"8"))).status
    assert second.code == "E_MIRROR_FORKED"
    assert forks.read(Path(second.fork)).verdict == "proven"
    assert ledger_verify([second.fork, "--key", town.vkey]) == 1


@pytest.mark.parametrize("honest", [True, False])
def test_a_line_that_breaks_accuses_nobody_and_loses_nothing(
    towns: Towns, town: Town, mirror: MirrorDirectory, *, honest: bool
) -> None:
    """The proof could not be asked for: that is no refusal, and yet the note is kept until the copy has come so far."""
    town.office.give("more", 7)
    with town.office.store.read() as connection:
        root = log_root(connection, 6) if honest else OTHER
    broken = shows(towns, mirror, away("/v1/consistency", newest(note(town, 6, root)))).status
    assert (broken.code, broken.holds, broken.fork) == ("E_SERVER_UNREACHED", True, "")
    assert len(evidence(mirror)) == 1
    last = shows(towns, mirror, truth).status
    if honest:
        assert (last.code, last.holds, last.fork) == ("", True, "")
        assert evidence(mirror) == [], "what only waited and was the same is no evidence"
    else:
        assert (last.code, last.holds) == ("E_MIRROR_FORKED", False)
        assert ledger_verify([last.fork, "--key", town.vkey]) == 1


def test_a_note_that_waited_and_is_never_reached_is_told(towns: Towns, town: Town, mirror: MirrorDirectory) -> None:
    shows(towns, mirror, away("/v1/consistency", newest(note(town, 9))))
    after = shows(towns, mirror, truth).status
    assert (after.code, after.holds) == ("E_MIRROR_UNJOINED", False)
    assert forks.read(Path(after.fork)).verdict == "unjoined"
    assert mirror.evidence(mirror.book("a"), after.fork) == [Path(after.fork)]


def test_a_replica_that_is_behind_is_no_evidence(towns: Towns, town: Town, mirror: MirrorDirectory) -> None:
    with town.office.store.read() as connection:
        root = log_root(connection, 3)
    found = shows(towns, mirror, newest(note(town, 3, root), replica=True)).status
    assert (found.code, found.holds, found.fork, evidence(mirror)) == ("E_REPLICA_BEHIND", True, "", [])


def test_what_another_signed_says_nothing_of_the_operator(towns: Towns, town: Town, mirror: MirrorDirectory) -> None:
    for size in (3, 5, 9):
        strange = note(town, size, key=SigningKey.generate())
        found = shows(towns, mirror, newest(strange, replica=True)).status
        assert (found.fork, evidence(mirror)) == ("", []), size


def test_a_copy_whose_state_was_lost_still_contradicts(towns: Towns, town: Town, mirror: MirrorDirectory) -> None:
    for file in (mirror.folder(mirror.book("a")) / "state").iterdir():
        file.unlink()
    found = shows(towns, mirror, newest(note(town, 5))).status
    assert (found.code, found.holds) == ("E_FORK", False)
    assert forks.read(Path(found.fork)).verdict == "proven"


def test_a_note_inside_a_page_that_says_another_root_is_kept(towns: Towns, town: Town, mirror: MirrorDirectory) -> None:
    town.office.give("more", 7)
    town.office.give("most", 8)

    def lie(request: httpx2.Request, said: Any) -> Any:
        status, headers, body = said
        if request.url.path != "/v1/log/leaves" or status != 200:
            return said
        told: Sequence[Any] = [json.loads(one) for one in body.splitlines()]
        told[0]["checkpoint"] = note(town, 6)
        return status, headers, "".join(f"{json.dumps(one)}\n" for one in told).encode()

    found = shows(towns, mirror, lie).status
    assert (found.code, found.holds) == ("E_FOLLOW_CHECKPOINT", False)
    assert len(evidence(mirror)) == 1
    last = shows(towns, mirror, truth).status
    assert (last.code, last.holds) == ("E_MIRROR_FORKED", False)
    assert ledger_verify([last.fork, "--key", town.vkey]) == 1


def test_a_page_that_is_refused_accuses_no_checkpoint_that_was_joined(
    towns: Towns, town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest is asked for again while the log grows; then a page is spoilt on its way."""
    monkeypatch.setattr(pulling, "PAGE", 1)
    mirror, pages = towns.mirror(tmp_path / "mirror"), [0]

    def lie(request: httpx2.Request, said: Any) -> Any:
        status, headers, body = said
        if request.url.path != "/v1/log/leaves" or status != 200:
            return said
        pages[0] += 1
        if pages[0] == 2:
            town.office.give("grown", 9)
        told = [json.loads(one) for one in body.splitlines()]
        if pages[0] == 3:
            told[0]["events"] = told[0]["events"][:0]
        return status, headers, "".join(f"{json.dumps(one)}\n" for one in told).encode()

    found = shows(towns, mirror, lie).status
    assert (found.code, found.fork, evidence(mirror)) == ("E_FOLLOW_FORM", "", [])
