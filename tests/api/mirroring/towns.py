"""Many small books, each of its own operator and behind its own server, and one supervisor who may read them all."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from fastapi.testclient import TestClient

from ledger.application.outcomes import Receipt
from ledger.log.store import LogStore
from ledger.signing.keys import SigningKey
from ledger.signing.vkeys import NoteSigner
from ledger_api.books import Book, Settings
from ledger_api.client import Client, Manners
from ledger_api.http.app import create_app
from ledger_api.http.service import Service
from ledger_api.mirroring.directory import Followed, MirrorDirectory
from tests.api.client.network import Lie, honest
from tests.application.office import Facts, Office, gift

SUPERVISOR = "auditor"


class TownOffice(Office):
    """An office whose auditor is the supervisor of every entity, with the key that the supervisor has everywhere."""

    def __init__(self, folder: Path, origin: str, supervisor: SigningKey) -> None:
        super().__init__(f"sqlite:///{folder / 'book.db'}", origin)
        self.keys[SUPERVISOR] = supervisor
        self.folder = folder

    def _authority(self) -> Facts:
        yield from super()._authority()
        yield "role.granted", {"officer": SUPERVISOR, "role": "supervisor", "entity": None}

    def give(self, number: str, fen: int) -> Receipt:
        """A gift is posted."""
        receipt = self.post("maker", [gift(number, fen)])
        assert isinstance(receipt, Receipt)
        return receipt


@dataclass
class Town:
    """A served book: a fork or a lie can take its place."""

    name: str
    office: TownOffice
    client: TestClient
    service: Service
    lie: Lie = honest

    @property
    def vkey(self) -> str:
        return self.office.operator.vkey

    def close(self) -> None:
        self.service.close()
        self.office.store.close()


@dataclass
class Towns(httpx2.BaseTransport):
    """All of them on one network, by host name; who is in `down` cannot be reached."""

    folder: Path
    supervisor: SigningKey = field(default_factory=SigningKey.generate)
    towns: dict[str, Town] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)

    def add(self, name: str, *gifts: int) -> Town:
        """A new town with its book and some gifts."""
        folder = self.folder / name
        folder.mkdir(parents=True)
        office = TownOffice(folder, f"{name}.example.org/ledger", self.supervisor)
        office.open()
        for number, fen in enumerate(gifts):
            office.give(f"{name}-{number}", fen)
        self.towns[name] = served(name, office)
        return self.towns[name]

    def forked(self, name: str, *gifts: int) -> Town:
        """The town's book goes another way from here, behind the same address; answers the town as it was."""
        before = self.towns[name]
        folder = self.folder / f"{name}-fork-{len(gifts)}"
        folder.mkdir()
        for file in before.office.folder.glob("book.db*"):
            shutil.copy(file, folder / file.name)
        office = TownOffice.__new__(TownOffice)
        office.__dict__.update(before.office.__dict__)
        office.folder = folder
        office.store = LogStore.open(f"sqlite:///{folder / 'book.db'}")
        office.writer = office.new_writer()
        for number, fen in enumerate(gifts):
            office.give(f"{name}-fork-{number}", fen)
        self.towns[name] = served(name, office)
        return before

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        request.read()
        town = self.towns[request.url.host.partition(".")[0]]
        if town.name in self.down:
            raise httpx2.ConnectError("refused")
        answer = town.client.send(
            httpx2.Request(request.method, request.url, headers=request.headers, content=request.content)
        )
        status, headers, body = town.lie(request, (answer.status_code, dict(answer.headers), answer.content))
        kept = {name: value for name, value in headers.items() if name != "content-length"}
        return httpx2.Response(status, headers=kept, content=body)

    def connect(self, book: Followed, folder: Path) -> Client:
        """The supervisor's client of a followed book."""
        clock = [0.0]

        def sleep(seconds: float) -> None:
            clock[0] += seconds

        office = self.towns[book.name].office
        manners = Manners(unix=lambda: office.clock().timestamp(), monotonic=lambda: clock[0], sleep=sleep)
        return Client(
            book.url, SUPERVISOR, self.supervisor, vkey=book.vkey, folder=folder, manners=manners, transport=self
        )

    def mirror(self, path: Path) -> MirrorDirectory:
        """A mirror that follows every town."""
        made = MirrorDirectory(path)
        path.mkdir()
        for name, town in self.towns.items():
            made.add(Followed(name, f"https://{name}.test", town.vkey, key="/nobody.clkey"))
        return made

    def end(self) -> None:
        """Close every town; `close` is what a client calls when it hangs up, and ends nobody's service."""
        for town in self.towns.values():
            town.close()


def served(name: str, office: TownOffice) -> Town:
    """An office's book behind a server."""
    url = str(office.store.engine.url)
    settings = Settings(office.folder, office.origin, url, Path("operator.clkey"), None)
    service = Service(Book(settings, office.clock), NoteSigner(office.origin, office.operator.key))
    return Town(name, office, TestClient(create_app(service), base_url=f"https://{name}.test"), service)
