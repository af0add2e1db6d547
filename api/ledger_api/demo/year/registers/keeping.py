"""All registers of a year: made from the people of the year, and handed over by the offices that keep them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from ledger_api.demo import setup_facts
from ledger_api.demo.acts import CLERK
from ledger_api.demo.cast import AGENT, BUREAU
from ledger_api.demo.run import CHECKERS
from ledger_api.demo.year.desk import Desk
from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.registers.after import follow
from ledger_api.demo.year.registers.community import (
    LINE_FEN,
    Project,
    Society,
    projects_of,
    societies_of,
    write_projects,
    write_societies,
)
from ledger_api.demo.year.registers.counted import counted_of, write_counted
from ledger_api.demo.year.registers.matters import (
    DEDUCTED,
    HALVES,
    Matter,
    write_deducted,
    write_recoveries,
    write_rectification,
)
from ledger_api.demo.year.targets import MONTHS, YEAR

Fields = dict[str, Any]
AGENT_CLERK: Final = "daili-zhou"
RETURNS: Final = "bureau-return"
_CASH: Final = "bureau-cash"
RETURNS_NO: Final = "82010500000055504"
"""The account for what is paid back."""


@dataclass(frozen=True, slots=True)
class Registers:
    """What the registers were made from, and their files: of June and of December."""

    matters: tuple[Matter, ...]
    societies: tuple[Society, ...]
    projects: tuple[Project, ...]
    counted: Mapping[str, int]
    """Key of a figure -> what the offices counted by the year's end."""
    of_bureau: tuple[tuple[Path, ...], ...]
    of_agent: tuple[Path, ...]
    deducted: Path | None
    """August's register of what was kept back."""


def registers_of(folder: Path, matters: tuple[Matter, ...], scale: Decimal, dice: Dice, dirt: int) -> Registers:
    """Make and write them; `matters` are what must be recovered of whom."""
    societies, projects = societies_of(scale, dice), projects_of(scale)
    bureau = (
        write_projects(folder, projects, dice, dirt),
        write_recoveries(folder, matters, dice, dirt),
        write_rectification(folder, matters, dice, dirt),
    )
    agent = write_societies(folder, societies, dice, dirt)
    counted = counted_of(scale)
    halves: list[tuple[Path, ...]] = [*zip(*bureau, strict=True)]
    halves[-1] = (*halves[-1], write_counted(folder, counted, dice, dirt))
    deducted = write_deducted(folder, matters, dice, dirt)
    return Registers(matters, societies, projects, counted, tuple(halves), agent, deducted)


def of_bureau(reference: Callable[[str, str], str]) -> Iterator[tuple[str, Fields]]:
    """Where recovered money comes in."""
    yield setup_facts.account(
        RETURNS, "bank", "relief", bank="追缴专户", number_ref=reference("account-number", RETURNS_NO)
    )
    yield setup_facts.account(_CASH, "cash", "relief", aliases=["乡镇代收现金"])


def of_agent() -> Iterator[tuple[str, Fields]]:
    """The villages' account, and the county's line for societies."""
    yield from setup_facts.village_agent(f"{YEAR}-01-01")
    line = {"line_fen": LINE_FEN, "effective_from": f"{YEAR}-01-01", "document": f"示民发〔{YEAR}〕5号"}
    yield "mutual_aid.line_set", line


def hand_over(desk: Desk, registers: Registers, month: str) -> None:
    """The registers that are due at the end of a month, if any are."""
    if registers.deducted is not None and month == MONTHS[DEDUCTED]:
        desk.read(CLERK, [registers.deducted], month)
        desk.county.sign_off()
    for half, due in enumerate(HALVES):
        if month == f"{YEAR}-{due:02d}":
            desk.read(CLERK, registers.of_bureau[half], month)
            desk.read(AGENT_CLERK, [registers.of_agent[half]], month)
            desk.county.sign_off()
            follow(desk, registers.matters, month, (RETURNS, _CASH))


def opened(desk: Desk, day: date) -> None:
    """Both offices register what their registers speak of."""
    desk.county.post(CLERK, BUREAU, of_bureau(desk.county.book.vault.reference), (CHECKERS[BUREAU], "checker"), day)
    desk.county.post(AGENT_CLERK, AGENT, of_agent(), (CHECKERS[AGENT], "checker"), day)
