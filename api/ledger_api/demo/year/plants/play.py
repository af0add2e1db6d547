"""How the bureau finds what was planted: it compares lists, checks its own book, gives doubts out, reads the answers.

At the end of May the county says which programmes exclude each other; then, and in December, the lists come.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from ledger.application.drafting import draft
from ledger.application.proposing.context import Context, Options
from ledger.application.state import State
from ledger.flows.event import Event
from ledger.values.dates import timestamp_text
from ledger_api.check_sheets import GivingOut
from ledger_api.clients import moment
from ledger_api.demo.acts import CLERK
from ledger_api.demo.cast import BUREAU
from ledger_api.demo.run import CHECKERS
from ledger_api.demo.year.desk import Desk
from ledger_api.demo.year.plants.cast import Cast
from ledger_api.demo.year.plants.changes import Changed
from ledger_api.demo.year.plants.disclosures import hand_in
from ledger_api.demo.year.plants.lists import MONTHS_OF_LISTS
from ledger_api.demo.year.plants.sheets import Answers, fill
from ledger_api.demo.year.targets import YEAR
from ledger_api.self_checks import hits, raised
from ledger_projections.public_money.doubts import clues
from ledger_projections.registry import catch_up

_DECIDED_ON: Final = f"{YEAR}-05-20"
_FORBIDDEN: Final = (
    *(("rural-dibao", "destitute"), ("urban-dibao", "destitute"), ("urban-dibao", "rural-dibao")),
    *(("destitute", "disability-living"), ("destitute", "disability-care"), ("orphan", "destitute")),
    ("orphan", "disability-living"),
)
_DIFFERENCE: Final = tuple(
    ("unsupported-child", other) for other in ("urban-dibao", "rural-dibao", "destitute", "disability-living")
)
"""Programmes of which a child draws only what lacks to the higher one (补差)."""
_TERM: Final = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Plants:
    """What was planted in a year, the files that show it, and what the townships will answer."""

    cast: Cast
    changed: tuple[Changed, ...]
    lists: tuple[tuple[Path, ...], tuple[Path, ...]]
    """Of May and of December."""
    answers: Answers
    disclosures: Mapping[str, Path]
    """Month -> the charity's register of publications."""


def play(desk: Desk, plants: Plants, month: str) -> None:
    """What was published; and the comparisons of a month, from the lists to the answers."""
    hand_in(desk, plants.disclosures, month)
    if month not in MONTHS_OF_LISTS:
        return
    at = MONTHS_OF_LISTS.index(month)
    desk.read(CLERK, plants.lists[at], month)
    desk.county.sign_off()
    today = date.fromisoformat(f"{month}-28")
    if at == 0:
        facts = [("exclusion.set", fields) for fields in _excluding()]
        desk.county.post(CLERK, BUREAU, facts, (CHECKERS[BUREAU], "checker"), today)
        _self_check(desk, today)
    folder = plants.lists[at][0].parent / "疑点核查表"
    for path in _given_out(desk, folder, today):
        fill(path, plants.answers)
        desk.read(CLERK, [path], month)
    desk.county.sign_off()


def _excluding() -> Iterator[dict[str, Any]]:
    for effect, pairs in (("forbidden", _FORBIDDEN), ("difference", _DIFFERENCE)):
        for programme, other in pairs:
            pair = {"programme": programme, "other": other, "effect": effect, "effective_from": f"{YEAR}-01"}
            yield {**pair, "decided_on": _DECIDED_ON, "document": f"示民发〔{YEAR}〕8号", "origin": "decision"}


def _self_check(desk: Desk, today: date) -> None:
    """The bureau looks through its own payments."""
    book = desk.county.book
    catch_up(book.store)
    context = Context(book.store, book.vault, Options(CLERK, today))
    with book.store.read() as connection:
        found = hits(connection, context)
    _signed(desk, today, [event for _, event in raised(context, found)], "自查疑点")


def _given_out(desk: Desk, folder: Path, today: date) -> list[Path]:
    """The sheets of all townships; none where nothing is open."""
    book, state = desk.county.book, State()
    with book.store.read() as connection:
        state.catch_up(connection)
    now = timestamp_text(moment(book.clock))

    def post(_entity: str, events: Sequence[Event], note: str) -> None:
        _signed(desk, today, events, note)

    with book.store.read() as connection:
        if not {"raised", "assigned"} & clues(connection, today).counts.keys():
            return []
    giving = GivingOut(book, CLERK, state.authority, today, now, post)
    sheets, _ = giving.out(folder, None, today + _TERM, "比对疑点核查")
    return [file for file, _ in sheets]


def _signed(desk: Desk, today: date, events: Sequence[Event], note: str) -> None:
    """One voucher of the bureau, with its checker's signature where one is needed."""
    if events:
        county = desk.county
        now = moment(county.book.clock)
        county.writer.submit(draft(county.signer(CLERK), BUREAU, today, events, now, note=note))
        county.sign_off()
