"""`charity-ledger hooks`: set up with the operator's key, tried out, and refused where they would lead inside."""

from collections.abc import Iterator

import pytest

from ledger.values.dates import parse_timestamp
from ledger_api.books import Book
from ledger_api.hooks.registry import Hooks
from tests.api.county import OPERATOR_WORD, Office
from tests.api.hooks.receiver import Receiver, receiving, status


@pytest.fixture
def receiver(office: Office) -> Iterator[Receiver]:
    """A receiver on this machine, which the settings of the server allow."""
    with receiving() as found:
        text = f'[serve]\nhook_networks = ["127.0.0.0/8"]\nhook_ports = [{found.port}]\n'
        (office.book / "serve.toml").write_text(text, encoding="utf-8")
        yield found


def test_a_hook_is_made_shown_tried_paused_rotated_and_removed(office: Office, receiver: Receiver) -> None:
    words = ("--entity", "charity", "--kind", "donation.received")
    (made,) = office.asked("hooks", "add", receiver.url, *words)["hooks"]
    assert (made["state"], made["entities"], made["kinds"]) == ("active", ["charity"], ["donation.received"])
    assert office.asked("hooks", "list")["hooks"] == [made]
    name, (key,) = made["id"], made["public_keys"]
    shown = office.done("hooks", "show", name)
    assert key in shown
    assert receiver.url in shown
    assert office.asked("hooks", "test", name)["answer"] == "200"
    (got,) = receiver.got
    assert got.signed_by(key)
    assert (got.data, office.asked("hooks", "show", name)["hooks"]) == (
        {"ledger": Book.open(office.book).origin},
        [made],
    )
    assert office.asked("hooks", "pause", name)["hooks"][0]["state"] == "paused"
    assert office.asked("hooks", "pause", name, "--resume")["hooks"][0]["state"] == "active"
    (rotated,) = office.asked("hooks", "rotate", name)["hooks"]
    assert rotated["public_keys"][1:] == [key]
    assert office.asked("hooks", "remove", name)["hooks"] == []
    assert office.asked("hooks", "show", name, code=2)["error"]["code"] == "E_HOOK_UNKNOWN"


def test_a_test_message_that_does_not_arrive_says_why(office: Office, receiver: Receiver) -> None:
    (made,) = office.asked("hooks", "add", receiver.url)["hooks"]
    receiver.answers = [status(500)]
    refused = office.asked("hooks", "test", made["id"], code=2)["error"]
    assert (refused["code"], refused["params"]["answer"]) == ("E_HOOK_TEST", "500")
    (office.book / "serve.toml").unlink()
    refused = office.asked("hooks", "test", made["id"], code=2)["error"]
    assert (refused["params"]["answer"], len(receiver.got)) == ("E_HOOK_URL", 1), "the settings no longer allow it"


def test_certificates_that_cannot_be_read_are_said_so(office: Office) -> None:
    settings = office.book / "serve.toml"
    for name, holds in (("nowhere.pem", None), ("empty.pem", ""), ("other.pem", "no certificate")):
        if holds is not None:
            (office.book / name).write_text(holds, encoding="utf-8")
        settings.write_text(f'[serve]\nhook_certificates = "{name}"\n', encoding="utf-8")
        refused = office.asked("hooks", "add", "https://hooks.test/", code=2)["error"]
        assert refused["code"] == "E_SERVE_FILE", name
        assert name in refused["params"]["file"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("add", "http://127.0.0.1/"), "E_HOOK_URL"),
        (("add", "https://hooks.test:22/"), "E_HOOK_URL"),
        (("add", "https://hooks.test/", "--entity", "nowhere"), "E_HOOK_WANTED"),
        (("add", "https://hooks.test/", "--kind", "gift"), "E_HOOK_WANTED"),
        (("add", "https://hooks.test/", "--settings", "nowhere.toml"), "E_SERVE_FILE"),
        (("pause", "nobody"), "E_HOOK_UNKNOWN"),
        (("rotate", "nobody"), "E_HOOK_UNKNOWN"),
        (("remove", "nobody"), "E_HOOK_UNKNOWN"),
        (("test", "nobody"), "E_HOOK_UNKNOWN"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(office: Office, words: tuple[str, ...], code: str) -> None:
    assert office.asked("hooks", *words, code=2)["error"]["code"] == code
    assert office.asked("hooks", "list")["hooks"] == []


def test_hooks_and_how_far_they_were_told_move_with_the_book(office: Office, pg_url: str) -> None:
    (made,) = office.asked("hooks", "add", "https://hooks.test/")["hooks"]
    office.done("backup", office.folder / "copy.tar")
    office.done("restore", office.folder / "copy.tar", office.folder / "again")
    with Book.open(office.folder / "again") as book:
        then = int(parse_timestamp(made["made_at"]).timestamp())
        found = Hooks(book.store, book.operator(OPERATOR_WORD)).find(made["id"], then)
        assert list(found.public_keys) == made["public_keys"]
    office.done("move", "--to", pg_url)
    assert office.asked("hooks", "list")["hooks"] == [made]
