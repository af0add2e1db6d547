"""Every kind of file that an office brings, good, and what must stand in the book before it; to be spoilt by tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.application.importing.offices import Grid
from tests.application.proposing import test_cashier_registers as registers
from tests.application.proposing import test_statistics as statistics
from tests.application.proposing.county import FILES, County, rows_of
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.giving import test_disclosures as disclosures
from tests.application.proposing.redress.test_matching_lists import CARS
from tests.application.proposing.relief import test_aid_lists as aid_lists
from tests.application.proposing.relief import test_exits as exits
from tests.application.proposing.relief import test_members as members
from tests.application.proposing.relief import test_provincial as provincial
from tests.application.proposing.relief.october import SEPTEMBER


@dataclass(frozen=True, slots=True)
class Source:
    """A good file, and the files (by name) that come before it; `more` adds what no file brings."""

    grid: Grid
    before: tuple[str, ...] = ()
    more: Callable[[County], None] = lambda _county: None


def _funds(county: County) -> None:
    """Quota for twelve households, and a programme of aid given once."""
    (given,) = county.of_kind("appropriation.received")
    stated = {name: value for name, value in given.model_dump(mode="json").items() if name not in ("id", "kind")}
    county.decide(
        BUREAU, ("appropriation.received", {**stated, "document": "湘财社指〔2025〕9号", "amount_fen": 10_000_000})
    )
    fields = {"programme": "temporary-aid", "name": "临时救助", "scheme": "temporary_aid", "unit": "household"}
    rest = {"fund": "relief", "categories": [], "function_code": "20820", "on": "2025-09-01", "origin": "history"}
    county.decide(BUREAU, ("programme.opened", {**fields, **rest}))


_BEFORE: Mapping[str, tuple[str, ...]] = {
    "payfile.csv": ("dibao_roster.csv", "road"),
    "payresult.csv": ("dibao_roster.csv", "road"),
    "recoveries.csv": ("dibao_roster.csv", "road", "payresult.csv"),
    "doubts.csv": ("dibao_roster.csv",),
    "deaths.csv": ("dibao_roster.csv",),
}
_MADE: Mapping[str, Source] = {
    "认捐.csv": Source(registers.PLEDGES),
    "票据.csv": Source(registers.RECEIPTS),
    "入库.csv": Source(registers.GOODS_IN),
    "出库.csv": Source(registers.GOODS_OUT, ("入库.csv",)),
    "盘点.csv": Source(registers.COUNTED, ("入库.csv",)),
    "花名册.csv": Source(SEPTEMBER, more=_funds),
    "救助发放.csv": Source([aid_lists.HEAD.split(","), aid_lists.helped(1), aid_lists.helped(2)], more=_funds),
    "退出.csv": Source([exits.EXIT_HEAD.split(","), exits.leaving(1), exits.leaving(2)], ("花名册.csv",), _funds),
    "成员.csv": Source(
        [
            members.HEAD.split(","),
            members.member(2, 2),
            members.member(2, 51, "配偶"),
            members.member(2, 52, "子女"),
        ],
        ("花名册.csv",),
        _funds,
    ),
    "指标.csv": Source([statistics.HEAD.split(","), statistics.counted()]),
    "公开.csv": Source([disclosures.HEAD.split(","), disclosures.told()]),
    "省系统.csv": Source([provincial.HEAD.split(","), provincial.row()]),
    "比对.csv": Source(CARS, ("dibao_roster.csv",)),
}
SOURCES: Mapping[str, Source] = {**{name: Source(rows_of(name), _BEFORE.get(name, ())) for name in FILES}, **_MADE}


def ready(county: County, name: str) -> Source:
    """The county just before a file of the corpus arrives."""
    source = SOURCES[name]
    source.more(county)
    for one in source.before:
        county.road() if one == "road" else county.one(county.write(one, SOURCES[one].grid))
    county.sign_off()
    return source
