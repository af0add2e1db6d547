"""A program that is killed: it works through a bureau's year, step by step, and says what was acknowledged and done.

A step is one programme's month: who left and the roster, the batch's road, the pay file and what the banks answer. Run
again, a step imports its files again; of the road it takes only what was not decided yet, as a person does who looks.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ledger.application.importing.parse import parse_file
from ledger.application.outcomes import Receipt
from ledger.application.proposing.context import Context, Options
from ledger.flows.registry import event_classes
from ledger.signing.keys import SigningKey
from ledger.signing.merkle import leaf_hash
from ledger.signing.vkeys import NoteSigner
from ledger_api.books import Book
from ledger_api.demo import acts
from ledger_api.demo.cast import BUREAU, Keys
from ledger_api.demo.run import CHECKERS, ORIGIN, County
from ledger_api.demo.year.making import Made
from ledger_api.demo.year.play import raised_standards
from ledger_api.demo.year.targets import DECIDED_ON, MONTHS, NEXT, RAISED
from tests.application.importing.offices import SAMPLES
from tests.crash.serving import say, serve

Step = dict[str, Any]
OFFICERS = (acts.CLERK, "fenguan-sun")


class Bureau(County):
    """The county of the demonstration with its keys at hand: a sealed key takes longer to open than a life lasts."""

    def __init__(self, folder: Path, seeds: dict[str, str], operator: str) -> None:
        book = Book.open(folder / "book")
        keys = Keys(folder / "keys", ORIGIN)
        keys._open |= {name: SigningKey(bytes.fromhex(seed)) for name, seed in seeds.items()}  # noqa: SLF001 - as said
        self.folder, self.book, self.keys, self.tell = folder, book, keys, print
        self.operator = NoteSigner(ORIGIN, SigningKey(bytes.fromhex(operator)))
        self.writer = book.writer(self.operator)
        self.reports = []


def steps_of(made: Made) -> Iterator[Step]:
    """The year's steps in order, ready to be written down."""
    for month, each in zip((*MONTHS, NEXT), made.months, strict=True):
        for roll, files in zip(made.rolls, each, strict=True):
            lists = [*([] if files.exits is None else [files.exits]), files.roster]
            again = [*([] if files.again is None else [files.again]), *files.late]
            step: Step = {"month": month, "lists": _names(lists), "pay": [], "again": []}
            if month != NEXT:
                step |= {"pay": _names([files.pay_file, *files.results]), "again": _names(again)}
            batch = f"{roll.target.programme}-{month}-01"
            yield {**step, "batch": batch, "count": len(files.cases), "total_fen": files.total_fen}
    if made.death_lists:
        yield {"month": NEXT, "lists": _names(made.death_lists), "pay": [], "again": []}


def _names(files: Sequence[Path]) -> list[str]:
    return [str(file) for file in files]


def work(county: Bureau, step: Step) -> None:
    """One step, begun or begun again."""
    if step["month"] == MONTHS[RAISED]:
        _raise(county)
    _read(county, step["lists"], step["month"])
    if step["pay"]:
        county.send(step["batch"], step["month"], "transit", step["count"], step["total_fen"])
        _read(county, step["pay"], step["month"])
        if step["again"]:
            _read(county, step["again"], step["month"])


def _read(county: Bureau, files: Sequence[str], month: str) -> None:
    """Import files, say which vouchers are in the log, and have the rest signed."""
    report = county.read(acts.CLERK, [Path(file) for file in files], month, date.fromisoformat(f"{month}-28"))
    for one in report.files:
        if one.wrong or one.refused is not None:
            say("wrong", one.file, *(cell.code for cell in one.wrong[:5]), one.refused.code if one.refused else "")
    for receipt in report.vouchers:
        _acknowledged(receipt)
    county.sign_off()


def _raise(county: Bureau) -> None:
    """The standards that April decides, unless they are in the log."""
    known = Context(county.book.store, county.book.vault, Options(acts.CLERK, date(2024, 1, 1))).facts("standard.set")
    facts = list(raised_standards())
    if not {one.document for one in known} & {fields["document"] for _, fields in facts}:
        county.post(acts.CLERK, BUREAU, facts, (CHECKERS[BUREAU], "checker"), date.fromisoformat(DECIDED_ON))


def _acknowledged(receipt: Receipt) -> None:
    say("ack", receipt.voucher, receipt.number, receipt.first_position, leaf_hash(receipt.leaf).hex())


def play(order: dict[str, Any]) -> None:
    """Work from a step of the order's plan to its end, saying each step that is done."""
    county = Bureau(Path(order["folder"]), order["seeds"], order["operator"])
    county.tell = lambda _told: None
    for number in range(order["from"], len(order["steps"])):
        work(county, order["steps"][number])
        say("step", number)
    county.book.close()


if __name__ == "__main__":
    event_classes()
    parse_file(SAMPLES / "wechat_trade.csv")  # what reading imports is imported before the fork
    import openpyxl  # noqa: F401 - the same

    serve(play)
