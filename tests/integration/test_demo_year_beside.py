"""The year beside its monthly lists: aid given once, the charity, the registers; totals, and that they can fail."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_api.demo.year.aid.lists import AidFiles, aid_of
from ledger_api.demo.year.aid.public import public_money
from ledger_api.demo.year.aid.targets import AID
from ledger_api.demo.year.control import controls
from ledger_api.demo.year.deaths import deaths_of
from ledger_api.demo.year.giving.files import PASSED_ON
from ledger_api.demo.year.giving.gifts import Charity, charity_of
from ledger_api.demo.year.making import Made, make
from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.plants.cast import cast_of
from ledger_api.demo.year.plants.rolls import drawn, plant
from ledger_api.demo.year.play import Year
from ledger_api.demo.year.published import PUBLISHED
from ledger_api.demo.year.registers.community import projects_of, societies_of
from ledger_api.demo.year.registers.counted import counted_of
from ledger_api.demo.year.registers.matters import Matter, matters_of
from ledger_api.demo.year.roll import TOWNSHIPS, roll_of
from ledger_api.demo.year.targets import TARGETS
from ledger_api.demo.year.telling import sentences
from ledger_projections.figures import FIGURES

ONCE = {
    "temporary-aid": (1250, 150_000_000),
    "street-station": (162, 9_276_000),
    "street-return": (52, 962_000),
    "funeral": (47, 8_299_900),
    "child-insurance": (13, 10_000_000),
    "child-condolence": (26, 16_475_000),
    "elder-month": (26, 40_685_000),
    "dream": (57, 14_250_000),
}
"""Programme -> rows of the year and fen, as a county published them."""
SCALES = st.integers(5, 120).map(lambda thousandths: Decimal(thousandths) / 1000)
SEEDS = st.integers(0, 2**64)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[AidFiles, ...]:
    return aid_of(tmp_path_factory.mktemp("aid"), Decimal(1), Dice(5), 20)


def test_a_whole_county_gives_once_what_was_published(whole: tuple[AidFiles, ...]) -> None:
    found = {
        target.programme: (
            sum(len(one.rows) for one in whole if one.target.programme == target.programme),
            sum(one.total_fen for one in whole if one.target.programme == target.programme),
        )
        for target in AID
    }
    assert found == ONCE
    dream = [len(one.rows) for one in whole if one.target.programme == "dream"]
    assert dream == [14, 14, 14, 15]
    insured = sum(row.persons for one in whole if one.target.programme == "child-insurance" for row in one.rows)
    assert insured == 3125
    relief = sum(one.total_fen for one in whole if one.target.fund == "relief")
    assert relief + sum(roll_of(target, Dice(5)).total_fen() for target in TARGETS) == 8_176_388_000


@pytest.mark.parametrize("seed", [0, 1, 2**40])
def test_a_whole_county_gives_what_was_published_whatever_the_seed(seed: int) -> None:
    year = charity_of(Decimal(1), Dice(seed), len(TOWNSHIPS))
    assert (len(year.pledges), year.promised_fen(ours=True), year.promised_fen(ours=False)) == (
        52,
        311_000_000,
        1_241_500_000,
    )
    assert year.received_fen(appeal=False) == 260_000_000
    assert sum(len(one.arrived) for one in year.pledges) == 25
    assert year.received_fen(appeal=True) == 238_461_236
    assert year.passed == (120_000_000, 90_000_000, 28_461_236)
    assert (year.goods_fen, year.granted_fen, sum(year.grants)) == (5_300_000, 18_000_000, 360)
    kinds = [one.giver.kind for one in year.gifts if one.appeal]
    assert [kinds.count(kind) for kind in ("企业", "集体", "个人")] == [24, 58, 1236]
    public = public_money(Decimal(1))
    assert (public.province_fen, sum(public.sales_fen), public.stations) == (190_000_000, 1_839_000_000, 25)


def test_every_published_figure_is_one_that_the_book_answers() -> None:
    assert PUBLISHED.keys() <= set(FIGURES)
    assert PUBLISHED["vagrant_times"] == PUBLISHED["vagrant_in_station"] + PUBLISHED["vagrant_return"]
    assert {key: PUBLISHED[key] for key in counted_of(Decimal(1))} == counted_of(Decimal(1))


def test_what_the_offices_counted_is_what_was_published() -> None:
    assert counted_of(Decimal(1)) == {
        "special_bond_applied_fen": 5_000_000_000,
        "home_adaptations": 152,
        "canteens": 3,
        "npo_count": 141,
        "cremations": 165,
    }
    assert min(counted_of(Decimal("0.005")).values()) == 1


@given(SCALES, SEEDS)
def test_a_charity_of_any_size_has_every_kind_and_never_passes_on_what_it_does_not_hold(
    scale: Decimal, seed: int
) -> None:
    year = charity_of(scale, Dice(seed), len(TOWNSHIPS))
    given_fen = [one.fen for one in year.gifts] + [one.fen for one in year.pledges] + [one.fen for one in year.goods]
    assert min(given_fen) > 0
    assert all(fen > 0 for fen in year.passed)
    assert {one.giver.kind for one in year.gifts} == {"企业", "集体", "个人"}
    assert len({one.serial for one in year.gifts}) == len(year.gifts)
    assert year.granted_fen <= year.opening_fen
    held = 0
    for day, fen in zip(PASSED_ON, year.passed, strict=True):
        held = sum(one.fen for one in year.gifts if one.appeal and one.on <= day) - sum(
            before for on, before in zip(PASSED_ON, year.passed, strict=True) if on < day
        )
        assert fen <= held + year.boxes_fen * (day == PASSED_ON[-1])
    assert held + year.boxes_fen == year.passed[-1]
    for one in year.pledges:
        assert sum(fen for _, fen in one.arrived) <= one.fen


def matters(scale: Decimal, seed: int, size: Decimal) -> tuple[Matter, ...]:
    """What must be paid back, of as many as a county of a scale has; the lists may be of another size."""
    dice = Dice(seed)
    twice = round(5 * scale)
    rolls = drawn(lambda: tuple(roll_of(target.scaled(size), dice) for target in TARGETS), twice)
    planted = plant(rolls, twice, dice)
    deaths = deaths_of(rolls, dice, max(3, round(14 * scale)))
    return matters_of(rolls, cast_of(rolls, deaths, planted, scale, dice).founded(), deaths, scale)


@pytest.mark.parametrize("seed", [0, 1, 2**40])
def test_what_must_be_paid_back_is_what_was_published(seed: int) -> None:
    found = matters(Decimal(1), seed, Decimal("0.3"))
    assert (len(found), sum(one.ordered_fen for one in found)) == (27, 9_124_000)
    assert sum(one.collected_fen for one in found) == 8_346_000
    assert len({one.case.number for one in found}) == 27
    assert all(0 <= one.collected_by(0) <= one.collected_by(1) <= one.ordered_fen for one in found)


@given(SCALES, st.integers(0, 2**32))
def test_registers_of_any_size_have_every_kind(scale: Decimal, seed: int) -> None:
    found = matters(scale, seed, Decimal("0.02"))
    assert len({one.category for one in found}) == 5
    societies = societies_of(scale, Dice(seed))
    assert {one.raised_fen >= 3_000_000 for one in societies} == {True, False}
    assert len({(one.township, one.village) for one in societies}) == len(societies)
    assert all(one.helped_fen <= one.raised_fen for one in societies)
    for one in projects_of(scale):
        assert 0 <= one.paid_fen[0] <= one.paid_fen[1] <= one.allotted_fen
        assert one.allotted_fen > 0


def test_the_same_seed_gives_the_same_year(tmp_path: Path) -> None:
    """All text files to the byte; the monthly workbooks are compared elsewhere."""
    years = [(tmp_path / name, seed) for name, seed in (("a", 7), ("b", 7), ("c", 8))]
    made = [make(folder, Decimal("0.005"), seed, 3) for folder, seed in years]
    files = [{p.relative_to(folder): p.read_bytes() for p in folder.rglob("*.csv")} for folder, _ in years]
    assert files[0] == files[1]
    assert files[0].keys() == files[1].keys() != set()
    assert files[0] != files[2]
    assert made[0].charity == made[1].charity != made[2].charity
    names = {path.name for path in files[0]}
    assert names >= {"认捐登记表.csv", "捐赠登记表.csv", "建行流水.csv", "追缴台账.csv", "问题整改台账.csv"}
    assert names >= {
        "互助社台账.csv",
        "福彩公益金项目台账.csv",
        "统计指标表.csv",
        "临时救助发放表.csv",
        "临时救助回盘.csv",
    }


def changed(made: Made) -> Iterator[tuple[str, Made]]:
    """The year with one thing counted otherwise, and the control that must then fail."""
    charity = made.charity
    yield "慈善认捐到账(元)", replace(made, charity=_with(charity, gifts=charity.gifts[1:]))
    yield "救灾物资(元)", replace(made, charity=_with(charity, goods=charity.goods[1:]))
    yield "救灾善款转赠(元)", replace(made, charity=_with(charity, passed=charity.passed[1:]))
    yield "迎春送温暖(元)", replace(made, charity=_with(charity, grants=charity.grants[1:]))
    yield "银行存款账面(元)", replace(made, charity=_with(charity, opening_fen=charity.opening_fen + 1))
    yield "pledge_charity_received_fen", replace(made, scale=Decimal(1))
    yield "省级专项下达(元)", replace(made, public=replace(made.public, province_fen=1))
    yield "福彩销售(元)", replace(made, public=replace(made.public, sales_fen=(1,)))
    yield "救助人次", replace(made, aid=made.aid[1:])
    registers = made.registers
    yield "npo_count", replace(made, registers=replace(registers, counted={**registers.counted, "npo_count": 142}))
    yield "已追(元)", replace(made, registers=replace(registers, matters=registers.matters[1:]))
    yield "筹资(元)", replace(made, registers=replace(registers, societies=registers.societies[1:]))
    yield "已用(元)", replace(made, registers=replace(registers, projects=registers.projects[1:]))


def _with(charity: Charity, **parts: object) -> Charity:
    """The charity's year with another part."""
    stated = {name: getattr(charity, name) for name in Charity.__dataclass_fields__}
    return Charity(**{**stated, **parts})


def test_every_control_can_fail(hamlet: Year) -> None:
    with hamlet.county.book.store.read() as connection:
        for what, made in changed(hamlet.made):
            failed = {one.what for one in controls(connection, made) if not one.holds}
            assert what in failed, (what, failed)


def test_the_year_is_told_in_sentences_whose_figures_are_the_books(hamlet: Year) -> None:
    with hamlet.county.book.store.read() as connection:
        told = "\n".join(sentences(connection))
    charity = hamlet.made.charity
    for fen in (charity.promised_fen(ours=True), charity.received_fen(appeal=True), charity.goods_fen):
        assert f"{fen // 100:,}.{fen % 100:02d} 元" in told
    assert "站内" in told
    assert "不是本级收入" in told
    assert Path(hamlet.county.folder, "inputs", "2024-08", "捐赠登记表.csv").exists()
