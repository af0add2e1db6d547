"""Twelve households in September, and what October's roster says of them: a change of every kind is planted."""

from ledger.application.proposing.reports import FileReport
from ledger.values.idno import id_check_character
from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, rows_of
from tests.application.proposing.county_facts import BUREAU

HEAD = rows_of("dibao_roster.csv")[0]
VILLAGES = (("石岭镇", "上坪村"), ("石岭镇", "下坪村"), ("大冲乡", "冲口村"), ("大冲乡", "冲尾村"))
OCTOBER = "2025-10"
OCTOBER_BATCH = "rural-dibao-2025-10-01"


def id_number(serial: int) -> str:
    """A resident ID of nobody, with its check digit right."""
    body = f"43109919480312{serial:03d}"
    return body + id_check_character(body)


def number_like(number: str) -> str:
    """Another resident ID that shows the same four signs at either end."""
    bodies = (f"431099194703{serial:05d}" for serial in range(1000, 29000))
    return next(full for body in bodies if (full := body + id_check_character(body))[-4:] == number[-4:])


def household(number: int, **cells: str) -> list[str]:
    """A row of the roster: one of twelve households in four villages; `cells` says what is otherwise."""
    township, village = VILLAGES[number % len(VILLAGES)]
    persons = int(cells.get("保障人口", str(1 + number % 3)))
    income = int(cells.get("家庭月人均收入(元)", str(100 + 10 * number)))
    base = (500 - income) * persons
    name = cells.get("户主姓名", f"示例户{number}")
    row = {
        "序号": str(number),
        "乡镇": township,
        "村(社区)": village,
        "组": "1",
        "家庭编号": f"431099S{number:05d}",
        "低保证号": f"NC2020-{number:04d}",
        "户主姓名": name,
        "户主身份证号": id_number(number),
        "保障类别": "农村B类",
        "保障人口": str(persons),
        "家庭月人均收入(元)": str(income),
        "保障标准(元/人月)": "500",
        "月人均补差(元)": str(500 - income),
        "基本保障金(元)": str(base),
        "分类施保人数": "0",
        "分类施保金(元)": "0",
        "补发(元)": "0",
        "扣回(元)": "0",
        "本月实发(元)": str(base),
        "领款人姓名": name,
        "领款人身份证号": id_number(number),
        "与户主关系": "本人",
        "代发银行": "示例农商行",
        "银行账号": f"820105300000{number:05d}",
    }
    row |= cells
    if "户主身份证号" in cells and "领款人身份证号" not in cells:
        row["领款人身份证号"] = cells["户主身份证号"]
    return [row.get(title, "") for title in HEAD]


SEPTEMBER: Grid = [HEAD, *(household(number) for number in range(1, 13))]


def with_quota(county: County) -> County:
    """A county whose quota pays the twelve for months."""
    (given,) = county.of_kind("appropriation.received")
    more = {"document": "湘财社指〔2025〕9号", "amount_fen": 10_000_000}
    stated = {name: value for name, value in given.model_dump(mode="json").items() if name not in ("id", "kind")}
    county.decide(BUREAU, ("appropriation.received", {**stated, **more}))
    return county


def with_september(county: County) -> County:
    """The county after September's roster."""
    report = county.one(county.write("花名册9月.csv", SEPTEMBER))
    assert (report.new, report.wrong) == (12, [])
    return county


MASKED = id_number(9)[:4] + "*" * 10 + id_number(9)[14:]
PLANTED: dict[int, tuple[dict[str, str], tuple[str, ...]]] = {
    1: ({"家庭月人均收入(元)": "50"}, ("increase",)),
    2: ({"家庭月人均收入(元)": "300"}, ("decrease",)),
    3: ({"保障人口": "2"}, ("members", "increase")),
    4: ({"银行账号": "82010530000088888"}, ("account",)),
    5: ({"领款人姓名": "示例代领", "领款人身份证号": id_number(105), "银行账号": "82010530000077777", "与户主关系": ""},
        ("payee",)),
    6: ({"户主姓名": "示例新户主", "户主身份证号": id_number(106), "领款人姓名": "示例新户主"}, ("payee",)),
    7: ({"户主姓名": "示例户柒", "领款人姓名": "示例户柒"}, ("correction",)),
    8: ({"户主身份证号": id_number(108)}, ("correction",)),
    9: ({"户主身份证号": MASKED, "领款人身份证号": ""}, ()),
    10: ({"乡镇": "石岭镇", "村(社区)": "上坪村"}, ("township",)),
    11: ({"保障类别": "农村C类"}, ("category",)),
}  # fmt: skip
"""Household -> what October says of it, and the reasons that are found."""


def october(*numbers: int, **more: Grid) -> Grid:
    """October's list of these households, with what was planted."""
    rows = [household(number, **PLANTED.get(number, ({}, ()))[0]) for number in numbers]
    return [HEAD, *rows, *more.get("beside", [])]


def import_october(county: County, grid: Grid, **more: object) -> FileReport:
    county.now = county.now.replace(month=10, day=8)
    return county.one(county.write("花名册10月.csv", grid), month=OCTOBER, today=county.now.date(), **more)
