"""A client that comes for the first time just after the operator's key was changed: no false alarm, and no lie passes.

Until the next voucher the newest checkpoint is the old key's last word, over the voucher that names the new key.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ledger.application.outcomes import Receipt
from ledger.errors import EvidenceError
from ledger.flows.authority.book import BOOK_TAG
from ledger.log import reading
from ledger.log.appending import read_head
from ledger.signing.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.signing.keys import SigningKey
from ledger.signing.vkeys import NoteSigner, parse_vkey
from ledger_api.books import Book
from ledger_api.client import Client
from ledger_api.http.app import create_app
from ledger_api.http.service import Service
from ledger_api.mirroring.directory import Followed, MirrorDirectory
from ledger_api.mirroring.pulling import pull_all
from ledger_api.rotations import with_todays_line
from tests.api.client.network import Network, client_of, lying
from tests.api.client.test_client import gift
from tests.api.client.test_client_lies import MAKER, posted, reserved, rotated
from tests.api.http.house import HOST, House
from tests.application.proposing.county import ORIGIN, TODAY

LOOKER = "auditor-1"


@pytest.fixture(name="after")
def _after(house: House, tmp_path: Path) -> Iterator[House]:
    """The same book behind a server that was started again with the new key; nothing was posted since."""
    found = reserved(house, tmp_path / "after", rotated(house))
    with found.client:
        yield found
    found.county.close()


def given(house: House, after: House, which: str) -> str | None:
    return {"old": house.service.operator.vkey, "new": after.service.operator.vkey}.get(which)


def vouchers(house: House) -> int:
    with house.service.store.read() as connection:
        return read_head(connection).number


@pytest.mark.parametrize("which", ["none", "old", "new"])
def test_the_first_meeting_after_a_change_is_no_alarm(house: House, after: House, tmp_path: Path, which: str) -> None:
    """Whichever key was published where this client looked; then it goes on under the new one."""
    with client_of(after, MAKER, tmp_path / "state", vkey=given(house, after, which)) as client:
        assert client.checkpoint().size == vouchers(after)
        assert isinstance(client.post("charity", TODAY, [gift(1)]), Receipt)
        known = client.known()
        assert known is not None
        assert known.vkey == after.service.operator.vkey


@pytest.mark.parametrize("which", ["none", "old", "new"])
def test_a_proof_may_be_the_first_that_is_asked_for(house: House, after: House, tmp_path: Path, which: str) -> None:
    with client_of(after, LOOKER, tmp_path / "state", vkey=given(house, after, which)) as client:
        events = list(client.events(BOOK_TAG, verified=True))
        assert events[-1].kind == "operator_key.rotated"


def test_a_mirror_may_begin_just_after_a_change(after: House, tmp_path: Path) -> None:
    mirror = MirrorDirectory(tmp_path / "mirror")
    mirror.path.mkdir()
    mirror.add(Followed("county", "https://ledger.test", after.service.operator.vkey, key="/nobody"))

    def connect(book: Followed, folder: Path) -> Client:
        return client_of(after, LOOKER, folder, vkey=book.vkey)

    (first,) = pull_all(mirror, connect, (), lambda: after.county.now)
    posted(after, 1)
    (second,) = pull_all(mirror, connect, (), lambda: after.county.now)
    assert (first.error, second.error) == (None, None)
    assert (first.taken + second.taken, second.taken) == (vouchers(after), 1)


def reading_only(house: House) -> House:
    """The same book behind a server that has no operator's key."""
    county = house.county
    service = Service(Book(house.service.book.settings, lambda: county.now), None)
    return House(county, TestClient(create_app(service), base_url=f"http://{HOST}"), service)


def test_a_server_without_the_key_is_met_under_the_key_that_signed(after: House, tmp_path: Path) -> None:
    """It cannot add the new key's word: who was given no key pins the one that signed, and follows the change later."""
    replica = reading_only(after)
    with replica.client, client_of(replica, LOOKER, tmp_path / "state") as client:
        size = client.checkpoint().size
        posted(after, 1)
        assert client.checkpoint().size == size + 1
        known = client.known()
        assert known is not None
        assert known.vkey == after.service.operator.vkey


def without_todays(found: Any) -> Any:
    """Only the first signature line is left: the old key's."""
    text, _, lines = found["note"].rpartition("\n\n")
    return found | {"note": f"{text}\n\n{lines.splitlines()[0]}\n"}


def test_a_key_that_was_given_has_to_sign_itself(after: House, tmp_path: Path) -> None:
    """Anybody could write a log that ends with naming that key, and with its proof of possession, which is public."""
    network = Network(after, lying("/v1/checkpoint", without_todays))
    published = after.service.operator.vkey
    with client_of(after, LOOKER, tmp_path / "state", network, vkey=published) as client:  # noqa: SIM117 - too long
        with pytest.raises(EvidenceError, match="E_OPERATOR_CHANGED"):
            client.checkpoint()
    with client_of(after, LOOKER, tmp_path / "state", vkey=published) as client:
        client.checkpoint()


def test_a_line_that_names_the_key_and_is_not_its_own_is_not_believed(after: House, tmp_path: Path) -> None:
    """Another root under the old key's true line and the new key's, taken from the true note."""

    def other_root(found: Any) -> Any:
        told = open_checkpoint(found["note"], None)
        text = Checkpoint(ORIGIN, told.size, bytes(32)).text()
        return found | {"note": text + "\n" + found["note"].rpartition("\n\n")[2]}

    network = Network(after, lying("/v1/checkpoint", other_root))
    for vkey in (None, after.service.operator.vkey):
        with client_of(after, LOOKER, tmp_path / "state", network, vkey=vkey) as client:  # noqa: SIM117 - too long
            with pytest.raises(EvidenceError, match=r"E_NOTE_SIGNATURE|E_OPERATOR_CHANGED"):
                client.checkpoint()


def test_the_new_key_adds_its_word_only_to_what_holds(house: House, after: House) -> None:
    operator, old = after.service.operator, house.service.operator
    with after.service.store.read() as connection:
        stored = reading.checkpoint(connection)
        assert stored is not None
        twice = with_todays_line(connection, stored.note, operator)
        assert open_checkpoint(twice, parse_vkey(operator.vkey)) == open_checkpoint(stored.note, parse_vkey(old.vkey))
        size, root = stored.size, open_checkpoint(stored.note, None).root
        stranger = NoteSigner(ORIGIN, SigningKey.generate())
        for signer, note in (
            (operator, sign_checkpoint(Checkpoint(ORIGIN, size, bytes(32)), old)),
            (operator, sign_checkpoint(Checkpoint(ORIGIN, size, root), stranger)),
            (stranger, stored.note),
            (old, stored.note),
            (operator, twice),
        ):
            assert with_todays_line(connection, note, signer) == note
        before = reading.checkpoint(connection, size - 1)
        assert before is not None
        assert with_todays_line(connection, before.note, operator) == before.note, "it signed nothing before"
