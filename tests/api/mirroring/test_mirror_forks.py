"""Two histories under one name: found, kept as evidence, and judged again from the file alone."""

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import InputError, LedgerError
from ledger.signing import base64_text
from ledger.signing.checkpoints import open_checkpoint
from ledger.signing.keys import SigningKey
from ledger.signing.vkeys import NoteSigner, parse_vkey
from ledger_api.mirroring import forks
from ledger_api.mirroring.consolidating import consolidate
from ledger_api.mirroring.directory import Followed, MirrorDirectory
from ledger_audit.verifier.__main__ import main as ledger_verify
from tests.api.mirroring.test_mirror_pulls import lines, pulled
from tests.api.mirroring.towns import Towns

NOW = datetime(2025, 9, 30, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("own", "theirs", "verdict"),
    [(1, 1, "proven"), (1, 3, "proven"), (3, 1, "proven"), (3, 2, "proven"), (2, 0, "cut_back")],
)
def test_a_fork_is_found_and_its_evidence_speaks_for_itself(
    towns: Towns, tmp_path: Path, own: int, theirs: int, verdict: str
) -> None:
    town = towns.add("a", 100)
    mirror = towns.mirror(tmp_path / "mirror")
    before = towns.forked("a", *range(11, 11 + theirs))
    fork = towns.towns["a"]
    towns.towns["a"] = town
    for number in range(own):
        before.office.give(f"own-{number}", 21 + number)
    assert pulled(mirror, towns)["a"].status.holds
    towns.towns["a"] = fork
    found = pulled(mirror, towns)["a"]
    assert found.error is not None
    code = "E_MIRROR_CUT_BACK" if verdict == "cut_back" else "E_FORK"
    assert (found.error.code, found.status.code, found.status.holds, found.taken) == (code, code, False, 0)
    evidence = forks.read(Path(found.status.fork))
    assert evidence.verdict == verdict
    shown, kept = (open_checkpoint(note, parse_vkey(town.vkey)) for note in (evidence.shown, evidence.kept))
    assert shown.origin == kept.origin == town.office.origin
    assert ledger_verify([found.status.fork, "--key", town.vkey]) == (1 if verdict == "proven" else 2)
    towns.towns["a"] = town
    again = pulled(mirror, towns)["a"]
    assert again.error is None
    if verdict == "cut_back":
        assert (again.status.fork, again.status.holds, again.status.code) == ("", True, ""), "it goes on from the copy"
    else:
        assert (again.status.fork, again.status.holds) == (found.status.fork, False), "the evidence stays"
        assert again.status.code == "E_MIRROR_FORKED", "and why it is not counted"
    assert Path(found.status.fork).exists()
    fork.close()


def test_what_was_proven_is_not_outweighed_by_an_older_state(towns: Towns, tmp_path: Path) -> None:
    town = towns.add("a", 100)
    mirror = towns.mirror(tmp_path / "mirror")
    towns.forked("a", 22)
    older, towns.towns["a"] = towns.towns["a"], town
    town.office.give("own", 21)
    pulled(mirror, towns)
    towns.towns["a"] = older
    proven = pulled(mirror, towns)["a"].status
    assert forks.read(Path(proven.fork)).verdict == "proven"
    towns.towns["a"] = town
    town.office.give("own-2", 23)
    pulled(mirror, towns)
    towns.forked("a")
    cut, towns.towns["a"] = towns.towns["a"], town
    town.office.give("own-3", 24)
    pulled(mirror, towns)
    towns.towns["a"] = cut
    assert pulled(mirror, towns)["a"].status.fork == proven.fork
    towns.towns["a"] = town
    last = pulled(mirror, towns)["a"].status
    assert (last.fork, last.holds, last.code) == (proven.fork, False, "E_MIRROR_FORKED")
    for one in (older, cut):
        one.close()


def no_path(request: Any, said: Any) -> Any:
    """A server that shows no consistency proof."""
    if request.url.path == "/v1/consistency":
        return 200, {"content-type": "application/json"}, json.dumps({"old": 1, "new": 2, "path": []}).encode()
    return said


def test_a_continuation_that_was_not_proven_is_judged_once_the_copy_has_come_so_far(
    towns: Towns, tmp_path: Path
) -> None:
    """Two longer logs are shown without a proof: one goes on from the copy, as is seen later, one contradicts it."""
    for honest in (True, False):
        name = "honest" if honest else "liar"
        town = towns.add(name, 100)
        mirror = MirrorDirectory(tmp_path / name)
        mirror.path.mkdir()
        mirror.add(Followed(name, f"https://{name}.test", town.vkey, key="/nobody.clkey"))
        assert pulled(mirror, towns)[name].status.holds
        other = town
        if not honest:
            towns.forked(name, 11, 12)
            other = towns.towns[name]
        else:
            town.office.give("one", 11)
            town.office.give("two", 12)
        other.lie = no_path
        shown = pulled(mirror, towns)[name].status
        assert (shown.code, shown.holds) == ("E_MIRROR_UNJOINED", False)
        assert forks.read(Path(shown.fork)).verdict == "unjoined"
        other.lie = lambda _ask, said: said
        towns.towns[name] = town
        if not honest:
            town.office.give("one", 21)
            shorter = pulled(mirror, towns)[name].status
            assert (shorter.code, shorter.holds, shorter.fork) == ("E_MIRROR_UNJOINED", False, shown.fork), "not yet"
            town.office.give("two", 22)
            town.office.give("three", 23)
        last = pulled(mirror, towns)[name].status
        if honest:
            assert (last.code, last.holds, last.fork) == ("", True, "")
        else:
            assert (last.code, last.holds) == ("E_MIRROR_FORKED", False)
            assert forks.read(Path(last.fork)).verdict == "proven"
            assert ledger_verify([last.fork, "--key", town.vkey]) == 1
            other.close()
        assert Path(shown.fork).exists(), "the first evidence is kept"


def test_evidence_that_is_gone_or_spoilt_heals_nothing(towns: Towns, tmp_path: Path) -> None:
    town = towns.add("a", 100)
    mirror = towns.mirror(tmp_path / "mirror")
    town.office.give("more", 5)
    pulled(mirror, towns)
    town.office.give("most", 5)
    town.lie = no_path
    file = Path(pulled(mirror, towns)["a"].status.fork)
    town.lie = lambda _ask, said: said
    whole = file.read_bytes()
    for spoilt in (b"{}", whole.replace(b"\\n6\\n", b"\\n5\\n"), None):
        file.unlink(missing_ok=True)
        if spoilt is not None:
            assert spoilt != whole
            file.write_bytes(spoilt)
        status = pulled(mirror, towns)["a"].status
        assert (status.holds, status.fork, status.code) == (False, str(file), "E_FORK_FILE"), spoilt
    file.write_bytes(whole)
    status = pulled(mirror, towns)["a"].status
    assert (status.holds, status.fork, status.code) == (True, "", "")


def test_a_longer_log_that_proves_nothing_is_told_apart(towns: Towns, tmp_path: Path) -> None:
    town = towns.add("a", 100)
    mirror = towns.mirror(tmp_path / "mirror")
    assert pulled(mirror, towns)["a"].status.holds
    town.office.give("more", 5)
    town.lie = no_path
    found = pulled(mirror, towns)["a"]
    assert found.status.code == "E_MIRROR_UNJOINED"
    assert forks.read(Path(found.status.fork)).verdict == "unjoined"


def test_evidence_is_found_from_wherever_the_mirror_is_looked_at(
    towns: Towns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pulled under a relative name and looked at from elsewhere; what earlier mirrors wrote down is found too."""
    town = towns.add("a", 100)
    towns.mirror(tmp_path / "mirror")
    monkeypatch.chdir(tmp_path)
    near = MirrorDirectory(Path("mirror"))
    before = towns.forked("a", 11)
    fork, towns.towns["a"] = towns.towns["a"], before
    town.office.give("own", 21)
    pulled(near, towns)
    towns.towns["a"] = fork
    found = pulled(near, towns)["a"].status
    monkeypatch.chdir("/")
    far = MirrorDirectory(tmp_path / "mirror")
    book = far.book("a")
    assert forks.read(Path(far.status(book).fork)).verdict == "proven"
    assert found.fork == far.status(book).fork, "told as a whole path"
    kept = json.loads((far.folder(book) / "status.json").read_bytes())
    (far.folder(book) / "status.json").write_text(
        json.dumps(kept | {"fork": f"mirror/books/a/evidence/{Path(found.fork).name}"}), encoding="utf-8"
    )
    assert far.status(book).fork == found.fork
    moved = tmp_path / "moved"
    (tmp_path / "mirror").rename(moved)
    assert forks.read(Path(MirrorDirectory(moved).status(book).fork)).verdict == "proven"
    towns.towns["a"] = town
    fork.close()


def test_nobody_can_make_evidence_against_an_operator(towns: Towns, tmp_path: Path) -> None:
    town = towns.add("a", 100)
    mirror = towns.mirror(tmp_path / "mirror")
    pulled(mirror, towns)
    before = towns.forked("a", 11)
    before.office.give("own", 21)
    fork, towns.towns["a"] = towns.towns["a"], town
    pulled(mirror, towns)
    towns.towns["a"] = fork
    evidence = forks.read(Path(pulled(mirror, towns)["a"].status.fork))
    fork.close()
    other = NoteSigner(town.office.origin, SigningKey.generate())
    spoilt = {
        "another root": dataclasses.replace(
            evidence, shown=evidence.shown.replace("\n6\n", "\n7\n").replace("\n5\n", "\n6\n")
        ),
        "another key": dataclasses.replace(evidence, vkey=other.vkey),
    }
    for what, one in spoilt.items():
        with pytest.raises(LedgerError):
            assert one.verdict, what
    same = dataclasses.replace(evidence, shown=evidence.kept)
    assert same.verdict == "cut_back"
    root = base64_text.encode(bytes(32))
    assert dataclasses.replace(evidence, root=root, path=(root,)).verdict == evidence.verdict
    file = tmp_path / "not-evidence.json"
    for text in ("", "[]", "{}", '{"format": "charity-ledger/fork@v1"}', '{"format": "x", "verdict": "proven"}'):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match="E_FORK_FILE"):
            forks.read(file)


def test_a_hundred_books_and_two_that_do_not_hold(towns: Towns, tmp_path: Path) -> None:
    names = [f"town-{number:03}" for number in range(100)]
    for number, name in enumerate(names):
        towns.add(name, 1_000 + number)
    mirror = towns.mirror(tmp_path / "mirror")
    first = pulled(mirror, towns)
    assert [(one.taken, one.error) for one in first.values()] == [(4, None)] * 100
    forked, tampered, grown, away = names[17], names[42], names[5], names[99]
    before = towns.forked(forked, 7)
    fork, towns.towns[forked] = towns.towns[forked], before
    before.office.give("own", 3)
    pulled(mirror, towns)
    towns.towns[forked] = fork
    towns.towns[tampered].office.give("more", 9)
    towns.towns[tampered].lie = lines(
        lambda told: [told[0] | {"events": [told[0]["events"][0].replace(":9", ":8")]}, *told[1:]]
    )
    towns.towns[grown].office.give("more", 9)
    towns.down = {away}
    found = pulled(mirror, towns)
    before.close()
    trouble = {name: one.error.code for name, one in found.items() if one.error is not None}
    assert trouble == {forked: "E_FORK", tampered: "E_FOLLOW_FORM", away: "E_SERVER_UNREACHED"}
    assert forks.read(Path(found[forked].status.fork)).verdict == "proven"
    made = consolidate(mirror, "balances", None, NOW)
    counted = [one for one in names if one not in {forked, tampered}]
    assert [row.cells[0] for row in made.rows] == counted
    column = [one.key for one in made.columns].index("balance_fen")
    expected = {name: 1_000 + number for number, name in enumerate(names)} | {grown: 1_005 + 9}
    assert [row.cells[column] for row in made.rows] == [expected[name] for name in counted]
    assert made.totals[0].cells[column] == sum(expected[name] for name in counted)
    told = made.to_json(lambda one: one.code)
    assert told["left_out"] == [forked, tampered]
    assert {one["name"]: one["size"] for one in told["books"] if one["name"] in {grown, away}} == {grown: 5, away: 4}
    assert all(one["posted_at"] and one["root"] and one["pulled_at"] for one in told["books"])
    assert {one["age_s"] for one in told["books"]} == {3600}, "an hour after the pull"


BAD_BOOKS: dict[str, tuple[dict[str, Any], str]] = {
    "name": ({"name": "../up"}, "E_MIRROR_NAME"),
    "name taken": ({"name": "a"}, "E_MIRROR_NAME"),
    "plain address": ({"url": "http://ledger.example.org"}, "E_SERVER_URL"),
    "no key": ({"vkey": "x"}, "E_VKEY"),
    "followed already": ({}, "E_MIRROR_TWICE"),
    "followed under another key": (
        {"vkey": NoteSigner("a.example.org/x", SigningKey.generate()).vkey},
        "E_MIRROR_TWICE",
    ),
    "as nobody": ({"key": None}, "E_MIRROR_CALLER"),
    "as two": ({"read_key": "/b"}, "E_MIRROR_CALLER"),
}


@pytest.mark.parametrize("what", BAD_BOOKS)
def test_a_book_that_cannot_be_followed_is_refused_whole(tmp_path: Path, what: str) -> None:
    mirror = MirrorDirectory(tmp_path)
    vkey = NoteSigner("a.example.org/x", SigningKey.generate()).vkey
    good = Followed("a", "https://a.test", vkey, key="/a")
    mirror.add(good)
    change, code = BAD_BOOKS[what]
    with pytest.raises(InputError) as found:
        mirror.add(dataclasses.replace(good, **{"name": "b", **change}))
    assert found.value.code == code
    assert mirror.books() == [good]
    (tmp_path / "mirror.toml").write_text("[[book]]\nstrange = 1\n", encoding="utf-8")
    with pytest.raises(InputError, match="E_MIRROR_SETTING"):
        mirror.books()
