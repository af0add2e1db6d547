"""A cell of a CSV is no formula, whoever wrote its text and in whichever width."""

import pytest

from ledger_api.tables.delimited import as_text

SIGNS = "=+-@\t\r\n＝＋－＠"


@pytest.mark.parametrize("sign", SIGNS)
def test_what_might_be_a_formula_is_a_text(sign: str) -> None:
    for text in (f"{sign}1+1", f"\x00{sign}cmd", sign):
        assert as_text(text)[0] == "'"


@pytest.mark.parametrize("text", ["", "张三", "1+1", "a=b", "第1页-2"])
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert as_text(text) == text
