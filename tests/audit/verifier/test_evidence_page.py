"""The published page of formats: its example is recomputed, read by the ledger, and believed by the stranger."""

import base64
import json
import re
from pathlib import Path

import pytest

from ledger.decisions.policies import ADMINISTRATIVE, CHECKED
from ledger.flows.authority.book import BookOpened
from ledger.flows.registry import read_event
from ledger.signing.checkpoints import open_checkpoint
from ledger.signing.dsse import Envelope, pae
from ledger.signing.keys import PublicKey
from ledger.signing.statements import Approval, Leaf, Statement
from ledger.signing.vkeys import parse_vkey
from ledger_audit import events_export, packages
from ledger_audit.verifier import authority, fork
from ledger_audit.verifier.__main__ import main
from tests.audit import evidence_example as example
from tests.audit import mini_writer as mini

TEXT = example.PAGE.read_text(encoding="utf-8")
SHOWN: dict[str, str] = dict(example.BLOCK.findall(TEXT))
VKEY = SHOWN["keys"].split("operator ")[1].split()[2]
WITNESS_VKEY = SHOWN["keys"].split("witness ")[1].split()[2]


def test_every_byte_of_the_example_is_what_the_formats_give() -> None:
    assert example.blocks() | {name: SHOWN[name] for name in ("administrative", "checked")} == SHOWN
    assert example.written(TEXT) == TEXT


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_stranger_believes_the_example_and_no_other_bytes(
    lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = mini.write(example.package_of(SHOWN), tmp_path / "package")
    asked = [str(folder), "--key", VKEY, "--witness", WITNESS_VKEY, "--now", "2025-09-05", "--lang", lang]
    assert main(asked) == 0
    assert "C_" not in capsys.readouterr().out
    spoilt = example.package_of(SHOWN | {"event_6": SHOWN["event_6"].replace("50000", "50001")})
    mini.write(spoilt, folder)
    assert main(asked) == 1


def test_the_stranger_believes_the_proof_of_the_example(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "four.ledger-proof"
    file.write_text(SHOWN["proof"], encoding="utf-8")
    assert main([str(file), "--key", VKEY, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["proven"]["event"] == json.loads(SHOWN["event_4"])


def payload(name: str) -> bytes:
    return SHOWN[name].removesuffix("\n").encode()


def test_the_ledger_reads_the_example_as_its_own() -> None:
    statements = [Statement.from_bytes(payload(f"statement_{number}")) for number in (1, 2, 3)]
    leaves = [Leaf.from_bytes(payload(f"leaf_{number}")) for number in (1, 2, 3)]
    keys = {line.split()[0]: PublicKey.parse(line.split()[2]) for line in SHOWN["keys"].splitlines()}
    for leaf, statement in zip(leaves, statements, strict=True):
        assert leaf.envelope.payload == statement.to_bytes()
        assert _signed(leaf.envelope, keys[statement.maker])
    for name, leaf, statement in (("approval_1", leaves[0], statements[0]), ("approval_2", leaves[1], statements[1])):
        approval = Approval.from_bytes(payload(name))
        assert approval.statement == statement.digest
        assert leaf.approvals[0].payload == approval.to_bytes()
        assert _signed(leaf.approvals[0], keys[approval.person])
    rejection = Approval.from_bytes(payload("rejection_2"))
    assert (rejection.rejects, rejection.statement) == (True, statements[1].digest)
    events = [read_event(payload(f"event_{number}")) for number in range(1, 7)]
    assert [event.kind for event in events] == [json.loads(SHOWN[f"event_{n}"])["kind"] for n in range(1, 7)]
    opened = events[0]
    assert isinstance(opened, BookOpened)
    proof = base64.b64decode(opened.administrators[0].possession)
    assert keys["an"].verify(proof, SHOWN["possession"].encode())
    witness = parse_vkey(WITNESS_VKEY)
    found = open_checkpoint(SHOWN["cosigned"], parse_vkey(VKEY), [witness], quorum=1)
    assert f"root 3: {found.root.hex()}\n" in SHOWN["hashes"]


def _signed(envelope: Envelope, key: PublicKey) -> bool:
    return key.verify(envelope.signatures[0].sig, pae(envelope.payload_type, envelope.payload))


def listed(name: str) -> set[str]:
    return set(SHOWN[name].split())


def test_the_page_names_every_kind_that_takes_two_and_every_field() -> None:
    assert listed("administrative") == ADMINISTRATIVE == authority.BY_ADMINISTRATORS
    assert listed("checked") == CHECKED == authority.CHECKED
    for kind in authority.TAKEN_IN | {"policy.set"}:
        assert f"`{kind}`" in TEXT
    for cls in (Statement, Approval, Leaf):
        assert [name for name in cls.__dataclass_fields__ if f"`{name}`" not in TEXT] == []
    names = {*json.loads(SHOWN["postings"].splitlines()[0]), *json.loads(SHOWN["proof"])}
    assert [name for name in names if name not in TEXT] == []
    assert {fork.FORMAT, packages.FORMAT, events_export.FORMAT} <= {*re.findall(r"charity-ledger/[a-z]+@v1", TEXT)}
