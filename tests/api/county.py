"""A small office at the command line: its folder, its people's key files, and a runner that stands for the terminal.

Opened once for the session; a test takes a copy of the folder, so that no test sees what another has done.
"""

import datetime as dt
import functools
import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer import testing

from ledger.application import waiting
from ledger.application.drafting import Signer
from ledger.application.drafting import approve as sign_approval
from ledger.application.outcomes import VoucherRefusedError
from ledger.signing.dsse import APPROVAL_TYPE, sign
from ledger.signing.keyfile import read_key_file
from ledger.signing.statements import Approval
from ledger.values.dates import TZ
from ledger_api import books
from ledger_api.cli import app

ORIGIN = "ledger.example.org/shili"
NOW = dt.datetime(2025, 9, 30, 10, 0, 0, tzinfo=TZ)
ADMINISTRATORS = ("guan-yi", "guan-er", "guan-san")
MAKER, CHECKER = "zhang", "li"
WORD, OPERATOR_WORD = "开门见山请坐喝茶", "经办单位夜里锁门"
"""The passphrase of every officer's key, and of the operator's."""
LIGHT = ("--memory-mib", "64")


@functools.cache
def program() -> Any:
    """The program's commands, put together once: that takes longer than most of them."""
    return typer.main.get_command(app)


@dataclass
class Office:
    """A folder with `book`, key files and state; commands are run as one officer or as nobody."""

    folder: Path
    now: dt.datetime = NOW

    @property
    def book(self) -> Path:
        return self.folder / "book"

    def key(self, officer: str) -> Path:
        return self.folder / f"{officer}.clkey"

    def run(self, *words: object, officer: str | None = None, text: str | None = None) -> testing.Result:
        """Run a command; `officer` signs."""
        self.now += dt.timedelta(seconds=1)
        signs = ["--key", str(self.key(officer)), "--passphrase-file", str(self.folder / "word")] if officer else []
        surroundings = {
            "XDG_STATE_HOME": str(self.folder / "state"),
            "LEDGER_BOOK": str(self.book),
            "LANG": "zh_CN.UTF-8",
        }
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(books, "system_clock", lambda: self.now)
            patch.setattr(testing, "_get_command", lambda _app: program())
            return testing.CliRunner().invoke(app, [*map(str, words), *signs], env=surroundings, input=text)

    def done(self, *words: object, officer: str | None = None, code: int = 0) -> str:
        """What a command says, which must end with this exit code."""
        result = self.run(*words, officer=officer)
        assert result.exit_code == code, result.output
        return result.stdout

    def asked(self, *words: object, officer: str | None = None, code: int = 0) -> Any:
        """The JSON that a command answers."""
        return json.loads(self.done(*words, "--json", officer=officer, code=code))

    def submit(self, *vouchers: dict[str, Any], officer: str = MAKER, code: int = 0) -> Any:
        """Submit vouchers from a file; the answer as JSON."""
        file = self.folder / "voucher.json"
        file.write_text(json.dumps(vouchers[0] if len(vouchers) == 1 else vouchers), encoding="utf-8")
        return self.asked("submit", file, officer=officer, code=code)

    def position(self) -> int:
        """The newest position."""
        return int(self.asked("balances")["position"])

    def copy(self, to: Path) -> "Office":
        """The same office in another folder."""
        shutil.copytree(self.folder, to)
        settings = to / "book" / "book.toml"
        settings.write_text(settings.read_text().replace(str(self.folder), str(to)))
        return Office(to, self.now)


def opened(folder: Path) -> Office:
    """A book with a charity, its accountant and its checker, and one fund with a gift."""
    office = Office(folder)
    (folder / "word").write_text(f"{WORD}\n", encoding="utf-8")
    (folder / "operator.word").write_text(f"{OPERATOR_WORD}\n", encoding="utf-8")
    for officer in (*ADMINISTRATORS, MAKER, CHECKER):
        new = ("key", "new", office.key(officer), "--officer", officer, "--name", f"示例{officer}", "--origin", ORIGIN)
        office.done(*new, *LIGHT, "--passphrase-file", folder / "word")
    office.done("init", "--origin", ORIGIN, *administrators(office), *operator(office), *LIGHT)
    office.submit(voucher("book", entity_registered()), officer="guan-yi")
    approve(office, "guan-er")
    for officer, role in ((MAKER, "accountant"), (CHECKER, "checker")):
        request = f"{office.key(officer)}.request.json"
        office.done("key", "enrol", request, "--role", role, "--entity", "charity", officer="guan-yi")
    approve(office, "guan-san")
    office.submit(voucher("charity", fund("general")), voucher("charity", gift("D1", 100_000)))
    return office


def administrators(office: Office) -> list[str]:
    named = (f"{one}=示例{one}={office.key(one)}={office.folder / 'word'}" for one in ADMINISTRATORS)
    return [word for one in named for word in ("--administrator", one)]


def operator(office: Office) -> tuple[str, str]:
    return "--operator-passphrase-file", str(office.folder / "operator.word")


def approve(office: Office, officer: str = CHECKER) -> Any:
    """Approve all that waits; the answers as JSON."""
    return office.asked("approve", "--all", "--yes", officer=officer)


def refuse(office: Office, voucher: str, officer: str = CHECKER, capacity: str = "checker") -> None:
    """A signed rejection of what waits, as clients of the network send it."""
    signer = Signer(officer, read_key_file(office.key(officer), WORD), ORIGIN)
    with books.Book.open(office.book, lambda: office.now) as book:
        with book.store.read() as connection:
            kept = waiting.waiting(connection, voucher).submission
        said = Approval.from_bytes(sign_approval(signer, kept, capacity, office.now).payload)
        no = sign(APPROVAL_TYPE, replace(said, rejects=True, reason="不批").to_bytes(), signer.key)
        with pytest.raises(VoucherRefusedError):
            book.writer(book.operator(OPERATOR_WORD)).approve(voucher, no)


def voucher(entity: str, *events: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"entity": entity, "voucher_date": "2025-09-30", "events": list(events), **more}


def entity_registered(entity: str = "charity") -> dict[str, Any]:
    kinds = {"entity_kind": "charity", "book_kind": "statutory", "chart_family": "npo"}
    return {
        "kind": "entity.registered",
        "entity": entity,
        "name": "示例县慈善总会",
        "public_fundraising": True,
        **kinds,
    }


def fund(name: str, kind: str = "unrestricted") -> dict[str, Any]:
    given = {"name": name, "fund_kind": kind, "purpose": "", "purposes": [], "programmes": [], "no_cost": False}
    return {"kind": "fund.opened", "fund": name, "on": "2025-09-01", "origin": "decision", **given}


def gift(name: str, fen: int, on: str = "2025-09-05", to: str = "general") -> dict[str, Any]:
    donor = {"donor_kind": "anonymous", "publicity": "anonymous", "pledge_parts": [], "wants_receipt": False}
    money = {"amount_fen": fen, "means": "bank", "account": "icbc", "occurred_on": on}
    return {"kind": "donation.received", "donation": name, "fund": to, **donor, **money}


def fee(movement: str, fen: int) -> dict[str, Any]:
    money = {"account": "icbc", "fund": "general", "amount_fen": fen, "on": "2025-09-08"}
    return {"kind": "bank.fee", "movement": movement, **money}
