"""A server that lies: each lie has a name, and none is believed."""

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from ledger.application.drafting import draft_event
from ledger.application.outcomes import Receipt
from ledger.errors import EvidenceError
from ledger.flows.authority.keys import possession_text
from ledger.signing.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.signing.keys import SigningKey
from ledger.signing.vkeys import NoteSigner
from ledger_api.books import Book, Settings
from ledger_api.client import Client
from ledger_api.client.wire import LARGEST
from ledger_api.http.app import create_app
from ledger_api.http.service import Service
from tests.api.client.network import Lie, Network, Said, client_of, lying
from tests.api.client.test_client import allocation, gift
from tests.api.http.house import HOST, SHORT, House, donation
from tests.application.proposing.county import ORIGIN, TODAY, County

MAKER, CHECKER, LOOKER = "acct-charity", "check-charity", "auditor-1"


def reserved(house: House, folder: Path, operator: SigningKey | None = None) -> House:
    """The same book as it is now in another folder, behind another server; it goes its own way from here."""
    folder.mkdir()
    house.county.store.engine.dispose()
    for file in house.county.folder.glob("book.db*"):
        shutil.copy(file, folder / file.name)
    shutil.copy(house.county.folder / "vault.keys", folder / "vault.keys")
    county = County(folder, house.county.keys, operator or house.county.operator, house.county.now)
    settings = Settings(folder, ORIGIN, str(county.store.engine.url), Path("operator.clkey"), None)
    service = Service(Book(settings, lambda: county.now), NoteSigner(ORIGIN, county.operator))
    return House(county, TestClient(create_app(service, streams=SHORT), base_url=f"http://{HOST}"), service)


@pytest.fixture
def other(house: House, tmp_path: Path) -> Iterator[House]:
    """The fork: the same operator keeps two books that begin alike."""
    found = reserved(house, tmp_path / "fork")
    with found.client:
        yield found
    found.county.close()


def posted(house: House, *numbers: int) -> None:
    for number in numbers:
        assert isinstance(house.service.writer.submit(house.voucher(MAKER, "charity", donation(number))), Receipt)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_two_books_that_begin_alike_are_found(house: House, other: House, tmp_path: Path, length: int) -> None:
    posted(house, 1, 2)
    posted(other, *range(11, 11 + length))
    with client_of(house, MAKER, tmp_path / "state") as client:
        client.checkpoint()
    with client_of(other, MAKER, tmp_path / "state") as client:
        for act in (client.checkpoint, client.signer, lambda: client.post("charity", TODAY, [gift(9)])):
            with pytest.raises(EvidenceError, match="E_FORK"):
                act()


def test_a_book_that_was_cut_back_is_found(house: House, other: House, tmp_path: Path) -> None:
    posted(house, 1)
    with client_of(house, MAKER, tmp_path / "state") as client:
        client.checkpoint()
    with client_of(other, MAKER, tmp_path / "state") as client, pytest.raises(EvidenceError, match="E_FORK"):
        client.checkpoint()


def test_an_old_checkpoint_is_no_newest_one(house: House, tmp_path: Path) -> None:
    old = house.get(None, "/v1/checkpoint")
    with client_of(house, MAKER, tmp_path) as client:
        client.post("charity", TODAY, [gift(1)])
    lie = lying("/v1/checkpoint", lambda _: old)
    with client_of(house, MAKER, tmp_path, Network(house, lie)) as client, pytest.raises(EvidenceError, match="E_FORK"):
        client.post("charity", TODAY, [gift(2)])


def another_operator(found: Any) -> Any:
    told = open_checkpoint(found["note"], None)
    signer = NoteSigner(ORIGIN, SigningKey.generate())
    return found | {"note": sign_checkpoint(told, signer), "vkey": signer.vkey}


def another_origin(found: Any) -> Any:
    told = open_checkpoint(found["note"], None)
    signer = NoteSigner("elsewhere.example.org/x", SigningKey.generate())
    return found | {"note": sign_checkpoint(Checkpoint(signer.name, told.size, told.root), signer), "vkey": signer.vkey}


@pytest.mark.parametrize("change", [another_operator, another_origin])
def test_another_operators_checkpoint_is_not_believed(
    house: House, tmp_path: Path, change: Callable[[Any], Any]
) -> None:
    with client_of(house, MAKER, tmp_path) as client:
        client.checkpoint()
    network = Network(house, lying("/v1/checkpoint", change))
    with client_of(house, MAKER, tmp_path, network) as client, pytest.raises(EvidenceError, match="E_OPERATOR_CHANGED"):
        client.checkpoint()
    published = house.service.operator.vkey
    with (
        client_of(house, MAKER, tmp_path / "new", network, vkey=published) as client,
        pytest.raises(EvidenceError, match="E_OPERATOR_CHANGED"),
    ):
        client.checkpoint()


def test_a_key_that_is_given_must_be_the_books(house: House, tmp_path: Path) -> None:
    stranger = NoteSigner(ORIGIN, SigningKey.generate()).vkey
    with client_of(house, MAKER, tmp_path) as client:
        client.checkpoint()
    with (
        client_of(house, MAKER, tmp_path, vkey=stranger) as client,
        pytest.raises(EvidenceError, match="E_OPERATOR_CHANGED"),
    ):
        client.checkpoint()


def flipped(text: str) -> str:
    data = bytearray(base64.b64decode(text))
    data[len(data) // 2] ^= 1
    return base64.b64encode(bytes(data)).decode()


RECEIPT_LIES: dict[str, Callable[[Any, Any], Any]] = {
    "wrong leaf": lambda found, _: found | {"leaf": flipped(found["leaf"])},
    "leaf of another voucher": lambda found, early: found | {"leaf": early["leaf"]},
    "receipt of another voucher": lambda _, early: early,
    "receipt of another voucher under this id": lambda found, early: early | {"voucher": found["voucher"]},
    "wrong path": lambda found, _: found | {"path": [flipped(found["path"][0]), *found["path"][1:]]},
    "path too short": lambda found, _: found | {"path": found["path"][1:]},
    "no path": lambda found, _: found | {"path": []},
    "path of no digests": lambda found, _: found | {"path": ["AAAA"]},
    "endless path": lambda found, _: found | {"path": found["path"] * 200},
    "another number": lambda found, _: found | {"number": found["number"] - 1},
    "other positions": lambda found, _: found | {"positions": [found["positions"][0], found["positions"][1] + 1]},
    "another time": lambda found, _: found | {"posted_at": "2025-01-01T00:00:00+08:00"},
    "another accountant's number": lambda found, _: found | {"voucher_no": found["voucher_no"] | {"no": 99}},
    "no accountant's number": lambda found, _: found | {"voucher_no": None},
    "checkpoint of before": lambda found, early: found | {"checkpoint": early["checkpoint"]},
    "checkpoint of nobody": lambda found, _: found | {"checkpoint": found["checkpoint"].rpartition("\n\n")[0] + "\n\n"},
    "checkpoint spoilt": lambda found, _: found | {"checkpoint": found["checkpoint"].replace("\n", "\n9", 1)},
    "no checkpoint": lambda found, _: found | {"checkpoint": ""},
    "leaf is no base64": lambda found, _: found | {"leaf": "?"},
    "waits, they say, under another id": lambda _, early: {
        "state": "pending", "voucher": early["voucher"], "statement": "x",
        "missing": [], "amount_fen": 1, "warnings": [],
    },
}  # fmt: skip


@pytest.mark.parametrize("lie", RECEIPT_LIES)
def test_a_receipt_that_does_not_prove_itself_is_not_believed(house: House, tmp_path: Path, lie: str) -> None:
    early: list[Any] = []

    def change(found: Any) -> Any:
        early.append(found)
        return found if len(early) == 1 else RECEIPT_LIES[lie](found, early[0])

    with client_of(house, MAKER, tmp_path, Network(house, lying("/v1/vouchers", change))) as client:
        client.post("charity", TODAY, [gift(1)])
        submission, known = client.draft("charity", TODAY, [gift(2)]), client.known()
        with pytest.raises(EvidenceError) as found:
            client.submit(submission)
        assert found.value.code in {"E_RECEIPT", "E_ANSWER_OTHER", "E_ANSWER_FORM", "E_NOTE_SIGNATURE"}, found.value
        kept = client.known()
        assert known is not None
        assert kept is not None
        assert kept.note == known.note or open_checkpoint(kept.note, None).size > open_checkpoint(known.note, None).size


PENDING_LIES: dict[str, Callable[[Any], Any]] = {
    "swapped events": lambda one: one | {"voucher": one["voucher"] | {"events": one["voucher"]["events"][::-1]}},
    "another event": lambda one: (
        one | {"voucher": one["voucher"] | {"events": [one["voucher"]["events"][0]] * len(one["voucher"]["events"])}}
    ),
    "an event fewer": lambda one: one | {"voucher": one["voucher"] | {"events": one["voucher"]["events"][:1]}},
    "another amount in the bytes": lambda one: json.loads(
        json.dumps(one, ensure_ascii=False).replace('\\"amount_fen\\":100', '\\"amount_fen\\":900')
    ),
    "another digest": lambda one: one | {"statement": "sha256:" + "0" * 64},
    "another note": lambda one: one | {"summary": one["summary"] | {"note": "合规"}},
    "another maker": lambda one: one | {"summary": one["summary"] | {"maker": "guan-1"}},
    "another id": lambda one: one | {"summary": one["summary"] | {"voucher": "0"}},
    "no statement": lambda one: (
        one | {"voucher": one["voucher"] | {"envelope": one["voucher"]["envelope"] | {"payload": "e30="}}}
    ),
}


@pytest.mark.parametrize("lie", PENDING_LIES)
def test_other_bytes_than_the_makers_are_not_signed(house: House, tmp_path: Path, lie: str) -> None:
    with client_of(house, MAKER, tmp_path) as maker:
        waits = maker.post("charity", TODAY, [allocation(), gift(5)])
    network = Network(house, lying("/v1/pending/", PENDING_LIES[lie]))
    with client_of(house, CHECKER, tmp_path, network) as checker:
        network.sent.clear()
        with pytest.raises(EvidenceError, match="E_PENDING_BYTES"):
            checker.approve(waits.voucher, lambda _: True)
        assert not [one for one in network.sent if one[0] == "POST"]


def test_another_waiting_voucher_is_not_signed_instead(house: House, tmp_path: Path) -> None:
    with client_of(house, MAKER, tmp_path) as maker:
        first = maker.post("charity", TODAY, [allocation()])
        second = maker.post("charity", TODAY, [draft_event("fund.allocated", _other(allocation()))])
    shown = house.get(CHECKER, f"/v1/pending/{second.voucher}")
    network = Network(house, lying("/v1/pending/", lambda _: shown))
    with client_of(house, CHECKER, tmp_path, network) as checker, pytest.raises(EvidenceError, match="E_PENDING_BYTES"):
        checker.approve(first.voucher, lambda _: True)


def _other(event: Any) -> dict[str, Any]:
    return {**event.model_dump(mode="json", exclude={"id", "kind", "version"}), "movement": "c-2"}


PROOF_LIES: dict[str, tuple[str, Callable[[Any, Any], Any]]] = {
    "changed event": ("/v1/events/", lambda one, _: one | {"data": one["data"].replace("5000", "5001")}),
    "another's proof": ("/proof", lambda _, other: other),
    "another line": ("/proof", lambda one, _: one | {"line": one["line"] + 1}),
    "changed leaf": ("/proof", lambda one, _: one | {"leaf": flipped(one["leaf"])}),
    "changed event in the proof": ("/proof", lambda one, _: one | {"event": flipped(one["event"])}),
    "no log proof": ("/proof", lambda one, _: one | {"log_proof": ""}),
    "changed path": ("/proof", lambda one, _: one | {"log_proof": one["log_proof"].replace("\n", f"\n{'A' * 43}=\n")}),
}  # fmt: skip


@pytest.mark.parametrize("lie", PROOF_LIES)
def test_an_event_without_its_proof_is_not_believed(house: House, tmp_path: Path, lie: str) -> None:
    path, change = PROOF_LIES[lie]
    with client_of(house, MAKER, tmp_path) as client:
        receipt = client.post("charity", TODAY, [gift(1), gift(2)])
    assert isinstance(receipt, Receipt)
    at = receipt.first_position
    other = house.get(MAKER, f"/v1/events/{at + 1}/proof")

    def lies(request: httpx2.Request, said: Said) -> Said:
        status, headers, body = said
        if request.url.path.endswith("/proof") != (path == "/proof") or "/v1/events/" not in request.url.path:
            return said
        return status, headers, json.dumps(change(json.loads(body), other)).encode()

    with client_of(house, MAKER, tmp_path, Network(house, lies)) as client:
        with pytest.raises(EvidenceError) as found:
            client.event(at, verified=True)
        assert found.value.code in {"E_EVENT_UNPROVEN", "E_FORK"}, found.value
    with (
        client_of(
            house, MAKER, tmp_path, Network(house, lying("/v1/events/", lambda one: one | {"position": 1}))
        ) as client,
        pytest.raises(EvidenceError, match="E_ANSWER_OTHER"),
    ):
        client.event(at)


def answer(status: int, media: str, body: bytes, **headers: str) -> Lie:
    return lambda _request, _said: (status, {"content-type": media, **headers}, body)


def problem(status: int, code: str) -> bytes:
    return json.dumps({"type": "", "title": "", "status": status, "detail": "", "code": code, "trace": ""}).encode()


JSON = "application/json"
PROBLEM = "application/problem+json"
GARBAGE: dict[str, tuple[Lie, str]] = {
    "huge": (answer(200, JSON, b" " * (LARGEST + 1)), "E_ANSWER_SIZE"),
    "garbage": (answer(200, JSON, b"{"), "E_ANSWER_FORM"),
    "nothing": (answer(200, JSON, b""), "E_ANSWER_FORM"),
    "not text": (answer(200, JSON, b"\xff\xfe"), "E_ANSWER_FORM"),
    "a list": (answer(200, JSON, b"[]"), "E_ANSWER_FORM"),
    "deep": (answer(200, JSON, b"[" * 100_000), "E_ANSWER_FORM"),
    "a page": (answer(200, "text/html", b"<h1>login</h1>"), "E_ANSWER_MEDIA"),
    "no type": (lambda _request, _said: (200, {}, b"{}"), "E_ANSWER_MEDIA"),
    "packed": (lambda _ask, said: (200, {"content-type": JSON, "content-encoding": "br"}, said[2]), "E_ANSWER_MEDIA"),
    "sent elsewhere": (answer(302, "text/html", b"", location="https://elsewhere.test/"), "E_ANSWER_STATUS"),
    "a status of nobody": (answer(418, "text/plain", b"tea"), "E_ANSWER_STATUS"),
    "a problem of another status": (answer(409, PROBLEM, problem(404, "E_X")), "E_ANSWER_FORM"),
    "a problem without a code": (answer(409, PROBLEM, problem(409, "?")), "E_ANSWER_FORM"),
    "a spoilt problem": (answer(409, PROBLEM, b"{"), "E_ANSWER_FORM"),
}  # fmt: skip


@pytest.mark.parametrize("what", GARBAGE)
def test_what_is_no_answer_is_named(house: House, tmp_path: Path, what: str) -> None:
    lie, code = GARBAGE[what]
    network = Network(house)
    with client_of(house, MAKER, tmp_path, network) as client:
        submission = client.draft("charity", TODAY, [gift(1)])
        network.lie = lie
        for act in (client.checkpoint, client.pending, lambda: client.submit(submission)):
            with pytest.raises(EvidenceError) as found:
                act()
            assert found.value.code == code
        assert len(network.sent) < 8, "it is not asked again"


def rotated(house: House) -> SigningKey:
    """The operator's key is exchanged in the log; answers the new one."""
    new, old = SigningKey.generate(), house.county.operator
    proof = base64.b64encode(new.sign(possession_text(ORIGIN, "operator", new.public.text))).decode()
    fields = {"previous": old.public.text, "operator_key": new.public.text, "reason": "换机", "possession": proof}
    outcome = house.county.post("guan-1", "book", [("operator_key.rotated", fields)], "guan-2", day=TODAY)
    assert isinstance(outcome, Receipt)
    return new


def test_a_recorded_change_of_the_operators_key_is_followed(house: House, tmp_path: Path) -> None:
    first = house.service.operator.vkey
    with client_of(house, MAKER, tmp_path) as client:
        client.checkpoint()
    after = reserved_after(house, tmp_path / "one")
    again = reserved_after(after, tmp_path / "two")
    with again.client:
        for folder, vkey in ((tmp_path, None), (tmp_path, first), (tmp_path / "new", first)):
            with client_of(again, MAKER, folder, vkey=vkey) as client:
                assert isinstance(client.post("charity", TODAY, [gift(again.county.size()[0])]), Receipt)
                known = client.known()
                assert known is not None
                assert known.vkey == again.service.operator.vkey
        stranger = client_of(again, MAKER, tmp_path, vkey=NoteSigner(ORIGIN, SigningKey.generate()).vkey)
        with stranger as client, pytest.raises(EvidenceError, match="E_OPERATOR_CHANGED"):
            client.checkpoint()


def test_who_may_only_follow_the_log_follows_its_keys_too(house: House, tmp_path: Path) -> None:
    with client_of(house, "witness-1", tmp_path) as client:
        client.checkpoint()
    after = reserved_after(house, tmp_path / "after")
    with after.client, client_of(after, "witness-1", tmp_path) as client:
        client.checkpoint()
        known = client.known()
        assert known is not None
        assert known.vkey == after.service.operator.vkey


def reserved_after(house: House, folder: Path) -> House:
    new = rotated(house)
    found = reserved(house, folder, new)
    posted(found, found.county.size()[0])
    return found


ROTATION_LIES: dict[str, Callable[[Any, SigningKey], Any]] = {
    "another key": lambda one, evil: one | {"operator_key": evil.public.text},
    "another event": lambda one, evil: json.loads(
        json.dumps(one, ensure_ascii=False).replace(one["operator_key"], evil.public.text)
    ),
    "no note": lambda one, _: one | {"note": ""},
    "no path": lambda one, _: one | {"path": []},
    "another place": lambda one, _: one | {"number": one["number"] - 1},
    "another leaf": lambda one, _: one | {"leaf": flipped(one["leaf"])},
    "not told": lambda _one, _: None,
}  # fmt: skip


@pytest.mark.parametrize("lie", ROTATION_LIES)
def test_a_change_that_the_log_does_not_prove_is_not_followed(house: House, tmp_path: Path, lie: str) -> None:
    with client_of(house, MAKER, tmp_path) as client:
        client.checkpoint()
    after, evil = reserved_after(house, tmp_path / "after"), SigningKey.generate()

    def change(found: Any) -> Any:
        told = [ROTATION_LIES[lie](one, evil) for one in found["rotations"]]
        return {"rotations": [one for one in told if one is not None]}

    network = Network(after, lying("/v1/log/rotations", change))
    with after.client, client_of(after, MAKER, tmp_path, network) as client:  # noqa: SIM117 - the line would be too long
        with pytest.raises(EvidenceError, match="E_OPERATOR_CHANGED"):
            client.checkpoint()


def test_what_is_known_is_kept_for_each_person_and_never_goes_back(house: House, tmp_path: Path) -> None:
    def size_of(client: Client) -> int:
        known = client.known()
        return 0 if known is None else open_checkpoint(known.note, None).size

    with client_of(house, MAKER, tmp_path) as maker, client_of(house, LOOKER, tmp_path) as looker:
        looker.checkpoint()
        early = size_of(looker)
        maker.post("charity", TODAY, [gift(1)])
        note = house.get(None, f"/v1/checkpoints/{early}")["note"]
        assert maker.believe_note(note).size == early
        assert size_of(maker) == early + 1
        assert size_of(looker) == early
