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
    assert (found.error.code, found.status.holds, found.taken) == ("E_FORK", False, 0)
    evidence = forks.read(Path(found.status.fork))
    assert evidence.verdict == verdict
    shown, kept = (open_checkpoint(note, parse_vkey(town.vkey)) for note in (evidence.shown, evidence.kept))
    assert shown.origin == kept.origin == town.office.origin
    assert ledger_verify([found.status.fork, "--key", town.vkey]) == (1 if verdict == "proven" else 2)
    towns.towns["a"] = town
    again = pulled(mirror, towns)["a"]
    assert again.error is None
    assert (again.status.fork, again.status.holds) == (found.status.fork, False), "the evidence stays"
    fork.close()


def test_a_longer_log_that_proves_nothing_is_told_apart(towns: Towns, tmp_path: Path) -> None:
    town = towns.add("a", 100)
    mirror = towns.mirror(tmp_path / "mirror")
    assert pulled(mirror, towns)["a"].status.holds
    town.office.give("more", 5)

    def unjoined(request: Any, said: Any) -> Any:
        if request.url.path == "/v1/consistency":
            return 200, {"content-type": "application/json"}, json.dumps({"old": 1, "new": 2, "path": []}).encode()
        return said

    town.lie = unjoined
    found = pulled(mirror, towns)["a"]
    assert found.status.code == "E_FORK"
    assert forks.read(Path(found.status.fork)).verdict == "unjoined"


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
    made = consolidate(mirror, "balances", ("2025-09", "2025-09"), NOW)
    counted = [one for one in names if one not in {forked, tampered}]
    assert [row.cells[0] for row in made.rows] == counted
    column = [one.key for one in made.columns].index("balance_fen")
    expected = {name: 1_000 + number for number, name in enumerate(names)} | {grown: 1_005 + 9}
    assert [row.cells[column] for row in made.rows] == [expected[name] for name in counted]
    assert made.total.cells[column] == sum(expected[name] for name in counted)
    told = made.to_json(lambda one: one.code)
    assert told["left_out"] == [forked, tampered]
    assert {one["name"]: one["size"] for one in told["books"] if one["name"] in {grown, away}} == {grown: 5, away: 4}
    assert all(one["posted_at"] and one["root"] and one["pulled_at"] for one in told["books"])
    assert {one["age_s"] for one in told["books"]} == {3600}, "an hour after the pull"


def test_a_supervisors_table_has_one_row_a_book_and_a_total(towns: Towns, tmp_path: Path) -> None:
    for number, name in enumerate("ab"):
        towns.add(name, 1_000 * (number + 1))
    mirror = towns.mirror(tmp_path / "mirror")
    pulled(mirror, towns)
    for table in ("M7", "Y5", "M1"):
        made = consolidate(mirror, table, ("2025-09", "2025-09"), NOW).to_json(lambda one: one.code)
        assert [row["book"] for row in made["rows"]] == ["a", "b"]
        summed = [one["key"] for one in made["columns"][1:]]
        for key in summed:
            known = [row[key] for row in made["rows"] if row[key] is not None]
            assert made["total"][key] == (sum(known) if known else None)
    month = consolidate(mirror, "M7", ("2025-09", "2025-09"), NOW).to_json(lambda one: one.code)
    assert 3_000 in month["total"].values()
    with pytest.raises(InputError, match="E_MIRROR_TABLE"):
        consolidate(mirror, "Z1", ("2025-09", "2025-09"), NOW)


BAD_BOOKS: dict[str, tuple[dict[str, Any], str]] = {
    "name": ({"name": "../up"}, "E_MIRROR_NAME"),
    "name taken": ({"name": "a"}, "E_MIRROR_NAME"),
    "plain address": ({"url": "http://ledger.example.org"}, "E_SERVER_URL"),
    "no key": ({"vkey": "x"}, "E_VKEY"),
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
