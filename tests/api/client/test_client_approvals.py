"""A receipt is proven to each of its signers: the maker's envelope and the approval that was sent stand in the leaf."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from ledger.application.outcomes import Receipt, Waiting
from ledger.errors import EvidenceError
from ledger.log import tables
from ledger.signing.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.signing.dsse import VOUCHER_TYPE, Signature, sign
from ledger.signing.leaves import Leaf
from ledger.signing.merkle import Frontier, consistency_path, inclusion_path, leaf_hash
from ledger.signing.vkeys import NoteSigner
from tests.api.client.network import Network, Said, client_of
from tests.api.client.test_client import allocation
from tests.api.http.house import House
from tests.application.proposing.county import ORIGIN, TODAY

MAKER, CHECKER = "acct-charity", "check-charity"


@dataclass
class Resigned:
    """An operator who changes the newest leaf before it is shown, and signs and proves that log: a source of nodes."""

    house: House
    change: Callable[[Leaf], Leaf]
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def node(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]

    def __call__(self, request: httpx2.Request, said: Said) -> Said:
        status, headers, body = said
        if status >= 400:
            return said
        value = json.loads(body)
        if request.url.path.endswith("/approvals") and value["state"] == "posted":
            value |= self.shown()
        elif request.url.path == "/v1/consistency" and self.nodes:
            path = consistency_path(self, value["old"], value["new"])
            value["path"] = [base64.b64encode(one).decode() for one in path]
        else:
            return said
        return status, headers, json.dumps(value).encode()

    def shown(self) -> dict[str, Any]:
        with self.house.county.store.read() as connection:
            leaves = [bytes(one) for one in connection.scalars(select(tables.vouchers.c.leaf).order_by("number"))]
        leaves[-1] = self.change(Leaf.from_bytes(leaves[-1])).to_bytes()
        edge = Frontier()
        hashes = [leaf_hash(one) for one in leaves]
        self.nodes = {(level, index): found for level, index, found in edge.append(hashes)}
        size = len(leaves)
        note = sign_checkpoint(Checkpoint(ORIGIN, size, edge.root()), NoteSigner(ORIGIN, self.house.county.operator))
        path = [base64.b64encode(one).decode() for one in inclusion_path(self, size - 1, size)]
        return {"leaf": base64.b64encode(leaves[-1]).decode(), "path": path, "checkpoint": note}


def resigned_by(house: House, who: str) -> Callable[[Leaf], Leaf]:
    """The maker's words under another's signature."""
    return lambda leaf: replace(leaf, envelope=sign(VOUCHER_TYPE, leaf.envelope.payload, house.county.keys[who]))


def other_approval(house: House) -> Callable[[Leaf], Leaf]:
    def change(leaf: Leaf) -> Leaf:
        (found,) = leaf.approvals
        spoilt = replace(found, signatures=(Signature(found.signatures[0].keyid, bytes(64)),))
        return replace(leaf, approvals=(spoilt,))

    return change


LIES: dict[str, tuple[Callable[[House], Callable[[Leaf], Leaf]], str]] = {
    "without the approval": (lambda _: lambda leaf: replace(leaf, approvals=()), "E_APPROVAL_ABSENT"),
    "with another in its place": (other_approval, "E_APPROVAL_ABSENT"),
    "the maker's words by another": (lambda house: resigned_by(house, CHECKER), "E_RECEIPT"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_leaf_without_what_was_signed_is_no_receipt(house: House, tmp_path: Path, lie: str) -> None:
    change, code = LIES[lie]
    with client_of(house, MAKER, tmp_path) as maker:
        waits = maker.post("charity", TODAY, [allocation()])
    assert isinstance(waits, Waiting)
    network = Network(house, Resigned(house, change(house)))
    with client_of(house, CHECKER, tmp_path, network) as checker:
        with pytest.raises(EvidenceError) as found:
            checker.approve(waits.voucher, lambda _: True)
        assert (found.value.code, found.value.params["voucher"]) == (code, waits.voucher)
    assert not list((tmp_path / "receipts").rglob(f"{waits.voucher}.json")), "it is not kept either"


def test_the_same_operator_is_believed_when_nothing_was_changed(house: House, tmp_path: Path) -> None:
    with client_of(house, MAKER, tmp_path) as maker:
        waits = maker.post("charity", TODAY, [allocation()])
    network = Network(house, Resigned(house, lambda leaf: leaf))
    with client_of(house, CHECKER, tmp_path, network) as checker:
        posted = checker.approve(waits.voucher, lambda _: True)
        assert isinstance(posted, Receipt)
        assert open_checkpoint(posted.checkpoint, None).size == posted.number
    assert list((tmp_path / "receipts").rglob(f"{waits.voucher}.json"))


def test_an_approval_that_came_too_late_is_told(house: House, tmp_path: Path) -> None:
    """Another signed first and the voucher was posted meanwhile: it is in the log, and this signature is not."""
    with client_of(house, MAKER, tmp_path) as maker:
        waits = maker.post("charity", TODAY, [allocation()])
    with client_of(house, CHECKER, tmp_path) as first, client_of(house, CHECKER, tmp_path / "two") as second:

        def look(_shown: Any) -> bool:
            return isinstance(first.approve(waits.voucher, lambda _: True), Receipt)

        with pytest.raises(EvidenceError, match="E_APPROVAL_ABSENT"):
            second.approve(waits.voucher, look, capacity="approver")
