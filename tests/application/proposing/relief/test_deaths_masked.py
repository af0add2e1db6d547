"""A death is one of everybody who may be meant: a roster that hides digits of the number hides no dead from the book,
whichever of the lists and the payments comes first.
"""

from collections.abc import Callable
from itertools import permutations

import pytest

from tests.application.importing.offices import Grid, changed
from tests.application.proposing.county import County, rows_of

NAME, NUMBER = "示例乙", "431099196207050129"
HEAD = rows_of("deaths.csv")[0]
HIDDEN = "登记的证件号有隐去的位"


def shown(number: str, head: int = 4) -> str:
    return number[:head] + "*" * (14 - head) + number[-4:]


def roster(head: int = 4, **cells: str) -> Grid:
    """September's roster, of which the numbers hide all but their ends."""
    grid = rows_of("dibao_roster.csv")
    number, payee = grid[0].index("户主身份证号"), grid[0].index("领款人身份证号")
    for row in grid[1:]:
        row[number], row[payee] = shown(row[number], head), ""
    for title, value in cells.items():
        grid = changed(grid, 2, title, value)
    return grid


def deaths(name: str = NAME, number: str = NUMBER, *, died: str = "2025-07-19", note: str = "") -> Grid:
    cells = {"序号": "1", "数据来源": "公安", "姓名": name, "身份证号": number, "死亡日期": died}
    cells |= {"户籍地址": "石岭镇上坪村5组", "经办单位": "石岭派出所", "提供日期": "2025-09-05", "备注": note}
    return [HEAD, [cells.get(title, "") for title in HEAD]]


def paid(county: County) -> None:
    results = rows_of("payresult.csv")
    for column, value in {"处理结果": "成功", "失败代码": "", "失败原因": "", "银行流水号": "8501D0000002"}.items():
        results = changed(results, 2, column, value)
    county.road()
    county.take_in("payfile.csv")
    county.take_in(county.write("回盘.csv", results))


def took_in(county: County, steps: tuple[str, ...], masked: Grid, dead: Grid) -> County:
    for step in steps:
        if step == "roster":
            county.take_in(county.write("花名册.csv", masked))
        elif step == "deaths":
            assert county.one(county.write("死亡.csv", dead)).new == 1
        else:
            paid(county)
        county.sign_off()
    return county


def masked_person(county: County) -> str:
    """The reference under which the roster knows the household's head."""
    heads = [one for one in county.of_kind("enrolment.confirmed") if one.person in _of_name(county)]
    return str(heads[0].person)


def _of_name(county: County) -> set[str]:
    with county.store.read() as connection:
        return set(county.vault.find(connection, "name", [NAME])[NAME])


@pytest.mark.parametrize("steps", [("roster", "deaths", "payments"), ("roster", "payments", "deaths")])
def test_the_dead_of_a_masked_roster_are_found_before_and_after_the_payments(
    county: County, steps: tuple[str, ...]
) -> None:
    took_in(county, steps, roster(), deaths())
    assert county.doubts().count("W_PAYEE_DEAD") == 2, "the month's own and the arrears"
    whole, other = county.of_kind("death.reported")
    assert (whole.person, whole.note) == (county.vault.reference("person", NUMBER), None)
    assert (other.person, other.note) == (masked_person(county), f"({HIDDEN})")
    assert (whole.died_on, whole.documented_on, whole.place) == (other.died_on, other.documented_on, other.place)


def test_a_roster_that_hides_numbers_after_the_death_list_is_as_one_that_shows_them(
    new_county: Callable[[], County],
) -> None:
    found = []
    for grid in (rows_of("dibao_roster.csv"), roster()):
        county = took_in(new_county(), ("deaths", "roster", "payments"), grid, deaths())
        excluded = [(one.reason, one.amount_fen) for one in county.of_kind("batch.line_excluded")]
        found.append((excluded, county.doubts(), sorted(one.amount_fen for one in county.of_kind("subsidy.paid"))))
    assert found[0] == found[1]
    assert found[0][0], "the dead are taken out of the batch"


@pytest.mark.parametrize("steps", list(permutations(("deaths", "roster"))))
def test_either_way_the_same_reports_stand_and_again_nothing_is_added(county: County, steps: tuple[str, ...]) -> None:
    took_in(county, steps, roster(), deaths(note="村干部报"))
    reports = county.of_kind("death.reported")
    assert [(one.note, one.reported_by) for one in reports] == [
        ("村干部报", "public_security"),
        (f"村干部报({HIDDEN})", "public_security"),
    ]
    before = county.size()
    report = county.one(county.write("死亡.csv", deaths(note="村干部报")))
    assert (report.new, report.duplicate, report.wrong) == (0, 1, [])
    county.take_in(county.write("花名册.csv", roster()))
    assert county.size() == before


OTHERS: list[tuple[str, Grid, Grid]] = [
    ("another name", roster(), deaths("示例乙乙")),
    ("another last sign", roster(), deaths(number="431099196207050153")),
    ("a number that shows too little", roster(2), deaths()),
]


@pytest.mark.parametrize(("what", "masked", "dead"), OTHERS, ids=[case[0] for case in OTHERS])
@pytest.mark.parametrize("steps", list(permutations(("deaths", "roster"))))
def test_whom_the_mask_does_not_show_lives(
    county: County, steps: tuple[str, ...], what: str, masked: Grid, dead: Grid
) -> None:
    took_in(county, steps, masked, dead)
    assert [one.note for one in county.of_kind("death.reported")] == [None], what


def test_a_report_that_was_taken_back_of_the_masked_one_does_not_come_again(county: County) -> None:
    """The list was of another of the name: the roster's next month does not bring it back."""
    took_in(county, ("roster", "deaths"), roster(), deaths())
    (mine,) = [one for one in county.of_kind("death.reported") if one.note]
    county.reverse(mine, "bureau")
    county.now = county.now.replace(month=10, day=8)
    report = county.one(county.write("10月.csv", roster()), month="2025-10", today=county.now.date())
    assert report.new > 0
    assert len(county.of_kind("death.reported")) == 2


def test_a_dry_run_tells_of_it_and_keeps_nothing(county: County) -> None:
    took_in(county, ("roster", "payments"), roster(), deaths())
    size = county.size()
    report = county.one(county.write("死亡.csv", deaths()), dry_run=True)
    assert county.size() == size
    assert [(note.place.row, note.code) for note in report.findings] == [(2, "W_PAYEE_DEAD")] * 2
