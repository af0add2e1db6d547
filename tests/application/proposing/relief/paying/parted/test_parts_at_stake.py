"""What is at stake of somebody on a list of another office: all that stands of a line, of however many parts it is."""

from collections.abc import Sequence

import pytest

from tests.application.proposing.county import County
from tests.application.proposing.redress.test_matching_lists import HEAD
from tests.application.proposing.relief.october import id_number
from tests.application.proposing.relief.paying.parted.test_parts_that_come_back import (
    BAD,
    OK,
    PART,
    REST,
    YUAN,
    Line,
    october,
    read,
)

ROW = ["1", "车辆", "示例户12", id_number(12), "小型客车", "2025-10-01", "2025-10-28", "示例县某局", ""]
STAKES: dict[str, tuple[Sequence[Line], int]] = {
    "paid in two": ([(OK, 9, REST), (OK, 16, PART)], YUAN),
    "one of two came back": ([(OK, 9, REST), (OK, 16, PART), (BAD, 20, PART)], REST),
    "all of two came back at once": ([(OK, 9, REST), (OK, 16, PART), (BAD, 20, YUAN)], 0),
    "a part came back": ([(OK, 9, YUAN), (BAD, 20, PART)], REST),
    "all came back in two": ([(OK, 9, YUAN), (BAD, 20, PART), (BAD, 21, REST)], 0),
}


@pytest.mark.parametrize(("lines", "yuan"), STAKES.values(), ids=STAKES)
def test_what_stands_of_a_line_is_at_stake(enrolled: County, lines: Sequence[Line], yuan: int) -> None:
    county = october(enrolled)
    assert read(county, lines) == []
    assert county.one(county.write("车辆.csv", [HEAD, ROW]), today=county.now.date()).wrong == []
    (run,) = county.of_kind("matching.performed")
    assert run.exposure_fen == yuan * 100
