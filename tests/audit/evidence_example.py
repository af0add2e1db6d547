"""The worked example of `docs/evidence.md`: a book of three vouchers, made by the tiny writer from the formats alone.

`python -m tests.audit.evidence_example docs/evidence.md` writes its blocks into the page anew.
"""

import base64
import json
import re
import sys
from pathlib import Path
from typing import Any, Final

from tests.audit import mini_writer as mini
from tests.audit.mini_books import enrolment, opened, role
from tests.audit.mini_writer import ORIGIN, MiniBook, Pen, b64, canonical, leaf_hash, path_of

PAGE: Final = Path(__file__).parents[2] / "docs" / "evidence.md"
WITNESS: Final = "witness.example.net/w"
WITNESS_PEN: Final = Pen(102)
SEEN_AT: Final = 1_756_950_000
"""When the witness signed, in POSIX seconds: 2025-09-04T09:40:00+08:00."""
BLOCK: Final = re.compile(r"^```([a-z][a-z0-9_]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

Blocks = dict[str, str]


def book() -> MiniBook:
    """Three administrators open it; they take in an entity and an accountant; she records a gift."""
    made = opened()
    made.clock = "2025-09-02T09:00:00+08:00"
    entity = made.event(
        "entity.registered",
        entity="charity",
        name="示例慈善会",
        uscc=None,
        entity_kind="charity",
        book_kind="statutory",
        chart_family="npo",
        public_fundraising=False,
        registered_on=None,
    )
    named = made.event(
        "officer.named",
        officer="mei",
        name="梅会计",
        entity="charity",
        post="accountant",
        title="会计",
        valid_from="2025-09-02",
    )
    events = [entity, named, enrolment(made, "mei", made.pens["mei"]), role(made, "mei", "accountant", "charity")]
    seen = {"seen": made.seen(1)}
    made.voucher("an", "book", events, (("cai", "administrator"),), numbered=False, statement=seen, approval=seen)
    made.anchor()
    made.clock = "2025-09-03T09:00:00+08:00"
    made.voucher(
        "mei", "charity", [_gift(made)], statement={"seen": made.seen(2), "attachments": 1, "note": "现场捐款"}
    )
    made.post(6, "charity", "general", 50_000, "bank", "income")
    made.anchor()
    return made


def _gift(made: MiniBook) -> dict[str, Any]:
    return made.event(
        "donation.received",
        donation="D-1",
        fund="general",
        donor=None,
        donor_kind="anonymous",
        donor_label=None,
        publicity="anonymous",
        amount_fen=50_000,
        means="bank",
        account="icbc",
        channel=None,
        order_no=None,
        campaign=None,
        earmark=None,
        pledge_parts=[],
        wants_receipt=False,
        occurred_on="2025-09-03",
        occurred_at=None,
        place=None,
    )


def blocks() -> Blocks:
    """Every block of the page by its name, as it stands between the fences."""
    made = book()
    leaves = [json.loads(leaf) for leaf in made.leaves]
    found: Blocks = {"keys": _keys(made)}
    an = made.pens["an"]
    found["possession"] = f"charity-ledger key possession\n{ORIGIN}\nan\n{an.text}\n"
    found["event_1"] = _text(made.events[0])
    found["statement_1"] = _payload(leaves[0]["envelope"])
    found["approval_1"] = _payload(leaves[0]["approvals"][0])
    found["leaf_1"] = _text(made.leaves[0])
    for number in range(2, 6):
        found[f"event_{number}"] = _text(made.events[number - 1])
    found["statement_2"] = _payload(leaves[1]["envelope"])
    found["approval_2"] = _payload(leaves[1]["approvals"][0])
    found["rejection_2"] = _text(canonical(_rejection(leaves[1])))
    found["leaf_2"] = _text(made.leaves[1])
    found["event_6"] = _text(made.events[5])
    found["statement_3"] = _payload(leaves[2]["envelope"])
    found["leaf_3"] = _text(made.leaves[2])
    found["hashes"] = _hashes(made)
    found["checkpoint"] = made.checkpoint()
    found["cosigned"] = _cosigned(made)
    found["witness_signs"] = mini.cosigned_text(made.checkpoint(), SEEN_AT)
    found["proof"] = _text(canonical(proof(made)))
    return found | _package(made)


def package_of(found: Blocks) -> mini.Files:
    """The package that the blocks of the page come to, without anything that does not stand there."""
    events = "".join(found[f"event_{number}"] for number in range(1, 7))
    return {
        "data/leaves.jsonl": "".join(found[f"leaf_{number}"] for number in (1, 2, 3)).encode(),
        "data/events.jsonl": events.encode(),
        **{f"data/{name}.jsonl": found[name].encode() for name in ("postings", "balances", "checkpoints")},
        "data/keys.json": found["keys_json"].encode(),
        "bagit.txt": found["bagit"].encode(),
        "bag-info.txt": found["bag_info"].encode(),
        "checkpoint": found["cosigned"].encode(),
        "manifest-sha256.txt": found["manifest"].encode(),
        "tagmanifest-sha256.txt": found["tagmanifest"].encode(),
        "signature.note": found["signature_note"].encode(),
    }


def proof(made: MiniBook) -> dict[str, Any]:
    """Event 4, the third of voucher 2."""
    own, hashes = [leaf_hash(event) for event in made.events[1:5]], [leaf_hash(leaf) for leaf in made.leaves]
    path = "".join(f"{b64(node)}\n" for node in path_of(1, hashes))
    return {
        "event": b64(made.events[3]),
        "line": 2,
        "voucher_path": [b64(node) for node in path_of(2, own)],
        "leaf": b64(made.leaves[1]),
        "log_proof": f"c2sp.org/tlog-proof@v1\nindex 1\n{path}\n{made.checkpoint()}",
    }


def _keys(made: MiniBook) -> str:
    pens = {"an": made.pens["an"], "bo": made.pens["bo"], "cai": made.pens["cai"], "mei": made.pens["mei"]}
    lines = [f"{name} {bytes([pen.seed]).hex()} {pen.text} {pen.keyid}" for name, pen in pens.items()]
    lines += [f"operator {bytes([made.operator.seed]).hex()} {made.operator.text} {made.operator.vkey()}"]
    lines += [f"witness {bytes([WITNESS_PEN.seed]).hex()} {WITNESS_PEN.text} {WITNESS_PEN.witness_vkey(WITNESS)}"]
    return "\n".join(lines) + "\n"


def _cosigned(made: MiniBook) -> str:
    return WITNESS_PEN.cosigned(made.checkpoint(), WITNESS, SEEN_AT)


def _rejection(leaf: dict[str, Any]) -> dict[str, Any]:
    approval: dict[str, Any] = json.loads(_payload(leaf["approvals"][0]))
    return {**approval, "rejects": True, "reason": "登记证号有误,请补正"}


def _hashes(made: MiniBook) -> str:
    nodes = [leaf_hash(leaf) for leaf in made.leaves]
    joined = mini.sha256(b"\x01" + nodes[0] + nodes[1])
    rows = [*((f"leaf {number}", node) for number, node in enumerate(nodes, 1)), ("node 1-2", joined)]
    rows += [("root 3", made.root()), ("events of 2", mini.tree_root([leaf_hash(one) for one in made.events[1:5]]))]
    return "".join(f"{name}: {node.hex()}\n" for name, node in rows)


def _package(made: MiniBook) -> Blocks:
    key_list = {"keys": [], "officers": {}, "operator": {"key": made.operator.text, "origin": ORIGIN}}
    files = made.files() | {
        "data/keys.json": canonical(key_list) + b"\n",
        "checkpoint": _cosigned(made).encode(),
        "bag-info.txt": f"Source-Organization: {ORIGIN}\n".encode(),
    }
    sealed = made.sealed(files)
    names = {
        "postings": "data/postings.jsonl",
        "balances": "data/balances.jsonl",
        "checkpoints": "data/checkpoints.jsonl",
        "keys_json": "data/keys.json",
        "bagit": "bagit.txt",
        "bag_info": "bag-info.txt",
        "manifest": "manifest-sha256.txt",
        "tagmanifest": "tagmanifest-sha256.txt",
        "signature_note": "signature.note",
    }
    return {block: sealed[name].decode() for block, name in names.items()}


def _text(data: bytes) -> str:
    return data.decode() + "\n"


def _payload(envelope: dict[str, Any]) -> str:
    return _text(base64.b64decode(envelope["payload"]))


def written(page: str) -> str:
    """The page with its blocks as they should be."""
    right = blocks()
    return BLOCK.sub(lambda one: f"```{one[1]}\n{right[one[1]]}```" if one[1] in right else one[0], page)


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(written(file.read_text(encoding="utf-8")), encoding="utf-8")
