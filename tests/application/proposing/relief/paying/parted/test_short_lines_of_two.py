"""A line of two components is paid short: it is spread component by component, and the rest is the last one's."""

import pytest

from tests.application.proposing.county import County
from tests.application.proposing.relief.paying.bank import results
from tests.application.proposing.relief.paying.test_equal_lines import (
    BAD,
    OK,
    YUAN,
    Files,
    line,
    october,
    read,
    standing,
    told,
)

MORE = 50
REST = 30
SHORT = YUAN + MORE - REST


def test_the_rest_of_a_line_of_two_components_is_paid(enrolled: County) -> None:
    county = october(enrolled, MORE)
    assert results(county, line(OK, 9, yuan=SHORT)).wrong == []
    assert sorted(standing(county).values()) == [(MORE - REST) * 100, YUAN * 100]
    assert results(county, line(OK, 14, yuan=REST), name="回盘2.csv").wrong == []
    assert sorted(standing(county).values()) == [MORE * 100, YUAN * 100]
    assert sum(one.households for one in county.of_kind("subsidy.paid")) == 1
    count = len(told(county))
    again = results(county, line(OK, 14, yuan=REST), line(OK, 9, yuan=SHORT), name="再来.csv")
    assert (again.new, again.duplicate, again.wrong) == (0, 2, [])
    assert len(told(county)) == count


CAME_BACK: dict[str, Files] = {
    "what was paid short": [[line(OK, 9, yuan=SHORT)], [line(BAD, 14, yuan=SHORT)]],
    "what was paid short, paid anew and whole": [
        [line(OK, 9, yuan=SHORT)],
        [line(BAD, 14, yuan=SHORT)],
        [line(OK, 20, yuan=YUAN + MORE)],
    ],
}


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("files", CAME_BACK.values(), ids=CAME_BACK.keys())
def test_what_comes_back_of_it_does_component_by_component(enrolled: County, files: Files, *, backward: bool) -> None:
    county = october(enrolled, MORE)
    read(county, files[::-1] if backward else files)
    assert sorted(standing(county).values()) == ([0, 0] if len(files) == 2 else [MORE * 100, YUAN * 100])


def test_a_line_beyond_all_that_is_due_is_of_the_month(enrolled: County) -> None:
    county = october(enrolled, MORE)
    assert results(county, line(OK, 9, yuan=YUAN + MORE + 1)).wrong == []
    assert list(standing(county).values()) == [(YUAN + MORE + 1) * 100]
