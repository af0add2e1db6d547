"""Making a year's files: everybody's lists, the dead, aid given once, the charity. The book has no part in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from ledger_api.demo.year.aid.lists import AidFiles, aid_of
from ledger_api.demo.year.aid.public import PublicMoney, public_money
from ledger_api.demo.year.deaths import PLANTED, Death, deaths_of
from ledger_api.demo.year.deaths import write_lists as write_deaths
from ledger_api.demo.year.giving.files import GivingFiles, within_reach, write_giving
from ledger_api.demo.year.giving.gifts import Charity, charity_of
from ledger_api.demo.year.offices import MonthFiles, Offices
from ledger_api.demo.year.papers.accounts import AccountFiles, write_accounts
from ledger_api.demo.year.papers.elders import Quarter, quarters_of
from ledger_api.demo.year.papers.families import Families, families_of
from ledger_api.demo.year.papers.province import Count, counts_of, write_counts
from ledger_api.demo.year.papers.receipts import Receipts, receipts_of
from ledger_api.demo.year.papers.roads import on_their_roads
from ledger_api.demo.year.papers.work import Counted, work_of, write_work
from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.plants.cast import cast_of
from ledger_api.demo.year.plants.disclosures import write_disclosures
from ledger_api.demo.year.plants.lists import write_lists
from ledger_api.demo.year.plants.play import Plants
from ledger_api.demo.year.plants.receipts import drop_numbers
from ledger_api.demo.year.plants.rolls import drawn, plant
from ledger_api.demo.year.plants.sheets import answers_of
from ledger_api.demo.year.registers.deducting import deduct
from ledger_api.demo.year.registers.keeping import Registers, registers_of
from ledger_api.demo.year.registers.matters import matters_of
from ledger_api.demo.year.roll import TOWNSHIPS, Case, Roll, roll_of
from ledger_api.demo.year.targets import MONTHS, NEXT, RETURNS, TARGETS

_PLANTED_MIN: Final = 3
_TWICE: Final = 5
"""Persons of a whole county who are paid twice over."""
_PEOPLE: Final = 5_000_000
"""From where on the people of papers are counted."""
_PAPERS: Final = 1 << 64
"""Papers are drawn from dice of their own, so that the people of a seed stay who they are."""


@dataclass(frozen=True, slots=True)
class Made:
    """A year of files with what they were made from; `months` are by month and then by programme."""

    scale: Decimal
    rolls: tuple[Roll, ...]
    months: tuple[tuple[MonthFiles, ...], ...]
    returned: tuple[Case, ...]
    """Whose payment came back, and was paid again."""
    late: tuple[Case, ...]
    """Whose payment came back weeks after it had been paid, and was paid again."""
    deaths: tuple[Death, ...]
    death_lists: tuple[Path, ...]
    """What police, funeral home and health office say, when the year is over."""
    aid: tuple[AidFiles, ...]
    """Lists of aid given once, in the order of their months."""
    public: PublicMoney
    charity: Charity
    giving: tuple[GivingFiles, ...]
    """The charity's files by month."""
    registers: Registers
    plants: Plants
    receipts: Receipts
    receipt_numbers: tuple[str, ...]
    """Every number that a receipt should have, also the one that nobody has."""
    accounts: tuple[AccountFiles, ...]
    """By month: what the platforms and the other banks export."""
    counts: tuple[Count, ...]
    """What the province's system counted."""
    exports: tuple[Path, ...]
    """Its exports by month."""
    work: tuple[Counted, ...]
    """What the offices counted of their own work."""
    work_lists: tuple[Path | None, ...]
    """Their lists by month."""
    elders: tuple[Quarter, ...]
    families: Families

    def total_fen(self) -> int:
        """What the relief money has to pay, next January's batches included."""
        once = sum(one.total_fen for one in self.aid if one.target.fund == "relief")
        return once + sum(files.total_fen for month in self.months for files in month)

    def aid_of(self, programme: str) -> list[AidFiles]:
        """The lists of one programme of aid given once."""
        return [one for one in self.aid if one.target.programme == programme]

    @property
    def late_fen(self) -> int:
        """What came back late."""
        return sum(case.total_fen for case in self.late)

    @property
    def returned_fen(self) -> int:
        """What came back."""
        return sum(case.total_fen for case in self.returned)


def make(folder: Path, scale: Decimal, seed: int, dirt: int, left_out: Sequence[str] = ()) -> Made:
    """Write the files of a year and of the January after it. About one row in `dirt` is untidy, none when it is 0;
    receipts of the numbers `left_out` are nowhere.
    """
    dice = Dice(seed)
    twice = round(_TWICE * scale)
    rolls = drawn(lambda: tuple(roll_of(target.scaled(scale), dice) for target in TARGETS), twice)
    planted = plant(rolls, twice, dice)
    deaths = tuple(deaths_of(rolls, dice, max(_PLANTED_MIN, round(PLANTED * scale))))
    cast = cast_of(rolls, deaths, planted, scale, dice)
    matters = deduct(rolls, matters_of(rolls, cast.founded(), scale))
    offices = [Offices(folder, roll, dice, dirt, round(RETURNS * scale)) for roll in rolls]
    months = tuple(tuple(office.month(index) for office in offices) for index in range(len(MONTHS) + 1))
    returned = tuple(case for office in offices for case in office.returned)
    late = tuple(case for office in offices for case in office.late)
    death_lists = write_deaths(folder / NEXT, deaths, dice)
    aid = aid_of(folder, scale, dice, dirt)
    charity = charity_of(scale, dice, len(TOWNSHIPS))
    own = Dice(seed + _PAPERS, _PEOPLE)
    charity.gifts = on_their_roads(charity.gifts, own)
    charity.passed = within_reach(charity)
    receipts = receipts_of(charity.gifts, own)
    numbers = [one.number for one in receipts.all]
    kept = {*drop_numbers(numbers)} - {*left_out}
    receipts = receipts.drop_numbers([one for one in numbers if one not in kept])
    giving = write_giving(folder, charity, receipts, dice, dirt)
    lists = write_lists(folder, cast, deaths, dice, dirt)
    plants = Plants(
        cast, planted.changed, lists, answers_of(cast.doubts, matters), write_disclosures(folder, dice, dirt)
    )
    counts, work = counts_of(rolls), work_of(own)
    registers = registers_of(folder, matters, scale, dice, dirt)
    return Made(
        scale,
        rolls,
        months,
        returned,
        late,
        deaths,
        death_lists,
        aid,
        public_money(scale),
        charity,
        giving,
        registers,
        plants,
        receipts,
        tuple(numbers),
        write_accounts(folder, charity.gifts, registers.matters),
        counts,
        write_counts(folder, counts, own, dirt),
        work,
        write_work(folder, work, own, dirt),
        quarters_of(folder, scale, own, dirt),
        families_of(folder, rolls, own, dirt),
    )
