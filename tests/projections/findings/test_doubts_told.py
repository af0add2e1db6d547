"""A doubt's sentence names a finding by its document and text, and tells only the causes that there are."""

from datetime import date
from typing import Any

import pytest

from ledger.catalogue import say
from ledger.flows.naming import SHOWN
from ledger_projections.public_money.doubts import Doubt
from ledger_projections.public_money.doubts_told import details_told
from tests.flows.public_money import samples_redress as redress
from tests.projections.plain_log import folder, written

ON = date(2025, 9, 30)
LONG = "救助资金滞留乡镇" * 20


def told(detail: dict[str, Any], at: int = 9, **finding: Any) -> dict[str, Any]:
    with folder() as here:
        store = written(here / "log.db", [redress.clue(), redress.finding(**finding)])
        with store.read() as connection:
            (found,) = details_told(connection, [Doubt(2, "W_X", "bureau", ON, 1, "x", detail, None)], at)
        store.close()
    return dict(found)


def test_a_finding_and_a_clue_are_named_by_what_they_say() -> None:
    ids = {"finding": redress.finding().finding, "clue": redress.clue().clue}
    found = told({**ids, "left_fen": 5}, document="示审报〔2025〕9号", summary="救助资金滞留乡镇")
    assert found["finding"] == "示审报〔2025〕9号“救助资金滞留乡镇”"
    assert found["finding"].en == "示审报〔2025〕9号 “救助资金滞留乡镇”"
    assert found["clue"] == f"“{redress.clue().summary}”"
    assert found["left_fen"] == 5


@pytest.mark.parametrize(
    ("finding", "expected"),
    [
        ({"document": None, "summary": "滞留"}, "“滞留”"),
        ({"document": None, "summary": LONG}, f"“{LONG[:SHOWN]}…”"),
        ({"document": "示审报〔2025〕9号", "summary": "", "category": "滞留"}, "示审报〔2025〕9号“滞留”"),
    ],
)
def test_what_there_is_of_it_names_it(finding: dict[str, Any], expected: str) -> None:
    assert told({"finding": redress.finding().finding}, **finding)["finding"] == expected


def test_of_what_nothing_was_stated_the_id_stays() -> None:
    own = redress.finding().finding
    assert told({"finding": "nobody", "why": own}) == {"finding": "nobody", "why": own}
    assert told({"finding": own}, at=0) == {"finding": own}, "it was not stated yet"


_OVER = "more than was due were collected and not given back"
CAUSES = [
    (0, False, "问题 甲 整改未验收", "Finding 甲: its rectification is not accepted"),
    (-70_000, True, "问题 甲 多收 700.00 元未退还", f"Finding 甲: 700.00 yuan {_OVER}"),
    (500, True, "问题 甲 还有 5.00 元未追缴", "Finding 甲: 5.00 yuan are outstanding"),
    (
        *(500, False, "问题 甲 还有 5.00 元未追缴,整改未验收"),
        "Finding 甲: 5.00 yuan are outstanding, and its rectification is not accepted",
    ),
]


@pytest.mark.parametrize("code", ["E_NOT_SETTLED", "W_NOT_SETTLED"])
@pytest.mark.parametrize(("left_fen", "accepted", "zh", "en"), CAUSES)
def test_what_keeps_a_finding_open_is_told_and_nothing_else(
    code: str, left_fen: int, *, accepted: bool, zh: str, en: str
) -> None:
    said = {"finding": "甲", "left_fen": left_fen, "accepted": accepted}
    assert say(code, "zh", **said).startswith((f"{zh};", f"{zh}。"))
    assert say(code, "en", **said).startswith((f"{en};", f"{en}."))


@pytest.mark.parametrize("code", ["E_OVER_COLLECTED", "W_OVER_COLLECTED", "W_OFFSET_OVER_RECOVERY", "W_PLAN_SUM"])
def test_more_than_is_due_is_told_as_that_and_no_negative_rest(code: str) -> None:
    said = {"recovery": "甲", "amount_fen": 100, "planned_fen": 100}
    assert "已比应追多收 700.00 元" in say(code, "zh", **said, left_fen=-70_000)
    assert "700.00 yuan collected beyond what was due" in say(code, "en", **said, left_fen=-70_000)
    assert "只剩 7.00 元未追" in say(code, "zh", **said, left_fen=700)
    assert "7.00 yuan outstanding" in say(code, "en", **said, left_fen=700)


def test_that_it_was_written_off_before_it_was_paid_is_told_with_the_cure() -> None:
    said = {"recovery": "甲", "amount_fen": 27_500, "left_fen": 21_500, "given_up_fen": 6_000, "position": 13_271}
    zh, en = say("W_OVER_COLLECTED", "zh", **said), say("W_OVER_COLLECTED", "en", **said)
    assert "只剩 215.00 元未追,已核销 60.00 元,核销后又追回的请先冲回核销(位置 13271)" in zh
    assert "60.00 yuan were written off" in en
    assert "reverse that (position 13271)" in en
