"""The year at its desks: every month's files are imported, its batches go their way, and the banks' answers come in.

It is done as an office does it, with the files alone: nothing is told to the importers that the files do not say.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from ledger.values.dates import Period
from ledger.values.money import fen_to_yuan
from ledger_api.demo import setup_facts
from ledger_api.demo.acts import ACCOUNTANT, CLERK
from ledger_api.demo.cast import BUREAU, CHARITY
from ledger_api.demo.run import CHECKERS, INPUTS, opened
from ledger_api.demo.year.aid import play as aid
from ledger_api.demo.year.aid import public
from ledger_api.demo.year.desk import TRANSIT, Desk
from ledger_api.demo.year.following import Following
from ledger_api.demo.year.giving import acts as giving
from ledger_api.demo.year.making import Made, make
from ledger_api.demo.year.offices import MonthFiles
from ledger_api.demo.year.papers import elders
from ledger_api.demo.year.plants import play as plants
from ledger_api.demo.year.plants import refusals
from ledger_api.demo.year.plants.changes import GRADES
from ledger_api.demo.year.registers import keeping
from ledger_api.demo.year.targets import DECIDED_ON, MONTHS, NEXT, RAISED, TARGETS, YEAR, Target

_ON: Final = f"{YEAR}-01-01"
_START: Final = date(YEAR, 1, 1)
_PAPERS: Final = (
    (f"湘财社指〔{YEAR - 1}〕88号", "province", True, 5),
    (f"湘财社指〔{YEAR}〕1号", "central", False, 60),
    (f"示财预〔{YEAR}〕6号", "county", False, 35),
)
"""Funding documents: number, level, carried over, and the part of the year's money in hundredths."""
Fields = dict[str, Any]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Year(Desk):
    """A year of the county: its desk, and the files that it was played from."""

    made: Made = field(kw_only=True)


def prepared(folder: Path, scale: Decimal, seed: int, dirt: int) -> Year:
    """A county that has opened its book and its programmes, and the files of its year; nothing is imported yet.

    Raises E_DEMO_FOLDER when the folder holds something already.
    """
    county = opened(folder, lambda _step: None)
    made = _made_elsewhere(folder / INPUTS, scale, seed, dirt)
    county.post(CLERK, BUREAU, setup(made.total_fen()), (CHECKERS[BUREAU], "checker"), _START)
    more = (*aid.setup(made.aid), *elders.setup(made.elders))
    county.post(CLERK, BUREAU, more, (CHECKERS[BUREAU], "checker"), _START)
    books = [*giving.setup(made.charity, county.book.vault.reference), *refusals.setup()]
    county.post(ACCOUNTANT, CHARITY, books, (CHECKERS[CHARITY], "checker"), _START)
    year = Year(county, made=made)
    keeping.opened(year, _START)
    return year


def _made_elsewhere(folder: Path, scale: Decimal, seed: int, dirt: int) -> Made:
    """Made in a process of its own, as offices do: what it takes to write a year's workbooks is given back."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as office:
        return office.submit(make, folder, scale, seed, dirt).result()


def play(year: Year, tell: Callable[[str], None], progress: Progress) -> None:
    """Import the whole year month by month, the lists of next January, and the lists of the dead. While a programme's
    month is recorded, a second process reads the files of the next and folds what is recorded into the read models.
    """
    with closing(year.reader):
        _play(year, tell, progress)


def _play(year: Year, tell: Callable[[str], None], progress: Progress) -> None:
    months = (*MONTHS, NEXT)
    coming = [(files, month) for month, each in zip(months, year.made.months, strict=True) for files in each]
    steps = len(coming)
    done = 0
    book = year.county.book
    follower = Following(year.reader, book.store, book.settings.database)
    for month, each in zip(months, year.made.months, strict=True):
        if month == MONTHS[RAISED]:
            checker = (CHECKERS[BUREAU], "checker")
            year.county.post(CLERK, BUREAU, raised_standards(), checker, date.fromisoformat(DECIDED_ON))
        for roll, files in zip(year.made.rolls, each, strict=True):
            progress(done, steps)
            for following, its_month in coming[done + 1 : done + 2]:
                year.reader.begin(following.lists if its_month == NEXT else following.all, month=its_month)
            follower.look()
            hand_in(year, roll.target.programme, files, month)
            done += 1
        if month != NEXT:
            _beside(year, month)
        rows, fen = sum(len(files.cases) for files in each), sum(files.total_fen for files in each)
        tell(f"  · {month}: 花名册 {rows:,} 行,{fen_to_yuan(fen, grouped=True)} 元")
    for path in year.made.death_lists:  # they come when the year is paid: what was paid after a death is recorded
        year.read(CLERK, [path], NEXT)
        year.county.sign_off()
    progress(steps, steps)


def _beside(year: Year, month: str) -> None:
    """What the bureau gave once in a month, and the charity's month."""
    for one in year.made.aid:
        if one.month == month:
            aid.give(year, one)
    public.record(year, year.made.public, month)
    at, accounts = MONTHS.index(month), year.made.accounts[MONTHS.index(month)]
    refusals.draft_register(year, year.made.giving[at], month)
    refusals.spent_otherwise(year, month)
    giving.play(year, year.made.charity, giving.Month(year.made.giving[at], accounts, year.made.receipts), month)
    plants.play(year, year.made.plants, month)
    keeping.hand_over(year, year.made.registers, month)
    elders.pay(year, year.made.elders, month)
    families = year.made.families.path if month == MONTHS[0] else None
    lists = (year.made.exports[at], year.made.work_lists[at], families)
    year.read(CLERK, [one for one in lists if one is not None], month)
    year.county.sign_off()
    if accounts.of_bureau:
        year.read(CLERK, accounts.of_bureau, month)
        year.county.sign_off()
        giving.match(year, CLERK, BUREAU, keeping.RETURNS, Period.parse(month).last_day)


def hand_in(year: Year, programme: str, files: MonthFiles, month: str) -> None:
    """A programme's month: who left, who is to be paid, and, but for next January, the payment."""
    for path in files.late:
        year.read(CLERK, [path], month)
        year.county.sign_off()
    year.read(CLERK, files.lists, month)
    year.county.sign_off()
    if month != NEXT:
        _payment(year, f"{programme}-{month}-01", files, month)


def _payment(year: Year, batch: str, files: MonthFiles, month: str) -> None:
    """The batch's road, the pay file, what the banks answer, and what is paid again."""
    year.county.send(batch, month, TRANSIT, len(files.cases), files.total_fen)
    year.read(CLERK, [files.pay_file, *files.results], month)
    if files.again is not None:
        year.read(CLERK, [files.again], month)
    year.county.sign_off()


def raised_standards() -> Iterator[tuple[str, Fields]]:
    """The standards that are raised in April from January on."""
    papers = {"decided_on": DECIDED_ON, "document": f"示民发〔{YEAR}〕9号", "origin": "decision"}
    for target in TARGETS:
        if target.before_fen:
            yield _standard(target, target.standard_fen, MONTHS[0], papers)


def _categories(target: Target) -> list[str]:
    """The categories of a programme, the one of nearly everybody first."""
    return [f"{target.name[:2]}{grade}类" for grade in GRADES] if target.unit == "household" else [target.name]


def _standard(target: Target, fen: int, since: str, papers: Fields) -> tuple[str, Fields]:
    named = {"programme": target.programme, "category": _categories(target)[0], "tiers_fen": target.tiers_fen}
    return "standard.set", {**named, "amount_fen_per_month": fen, "effective_from": since, **papers}


def setup(total_fen: int) -> Iterator[tuple[str, Fields]]:
    """The relief fund, the transit account, the programmes with their standards, and the year's quotas."""
    yield setup_facts.fund("relief", "困难群众救助补助资金", "fiscal", "低保、特困、两项补贴等", on=_ON)
    yield setup_facts.account(TRANSIT, "transit", "relief", bank="农村商业银行")
    for target in TARGETS:
        named = {"programme": target.programme, "name": target.name, "scheme": target.scheme, "unit": target.unit}
        fields = {"function_code": target.function_code, "fund": "relief", "categories": _categories(target)}
        yield "programme.opened", {**named, **fields, "on": _ON, "origin": "history"}
        standing = target.before_fen or target.standard_fen
        year = YEAR - 1 if target.before_fen else YEAR
        papers = {"decided_on": f"{year - 1}-12-20", "document": f"示民发〔{year - 1}〕30号", "origin": "history"}
        yield _standard(target, standing, f"{year}-01", papers)
        for other in _categories(target)[1:]:
            kind, fields = _standard(target, target.standard_fen, f"{year}-01", papers)
            yield kind, {**fields, "category": other}
    for document, level, carried, hundredths in _PAPERS:
        quota = {"document": document, "fund": "relief", "level": level, "budget_code": "20819", "fiscal_year": YEAR}
        part = -(-total_fen * hundredths // 100)
        yield (
            "appropriation.received",
            {
                **quota,
                "carried_over": carried,
                "direct": False,
                "amount_fen": part,
                "occurred_on": _ON,
            },
        )
