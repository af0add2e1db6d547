"""How figures of sentences are told at the command line, where their words would fail."""

import datetime as dt

import pytest

from ledger_api.cli.desk import Desk
from ledger_api.telling.paragraphs import scope_of, value_text
from ledger_projections.summaries.sentences_facts import Fact

ZH = Desk.of(book=None, key=None, passphrase_file=None, as_json=False, lang="zh")
EN = Desk.of(book=None, key=None, passphrase_file=None, as_json=False, lang="en")


def figure(key: str, value: int, unit: str, of: int | None = None, schemes: tuple[str, ...] = ()) -> Fact:
    return Fact(key, value, of, unit, schemes, (), None, "2025-01", "2025-09", dt.date(2025, 9, 30), 9, "figures")


@pytest.mark.parametrize(
    ("found", "zh", "en"),
    [
        (figure("paid_fen", 8_176_388_000, "fen"), "81,763,880.00 元", "81,763,880.00 yuan"),
        (figure("paid_fen", -69_000, "fen"), "-690.00 元", "-690.00 yuan"),
        (figure("in_persons", 1786, "persons"), "1,786 人", "1,786 persons"),
        (figure("clue_count", 31, "count"), "31", "31"),
        (figure("recovery_rate", 8346, "rate", 9124), "91.5%", "91.5%"),
        (figure("appropriation_relief_rate", -690, "rate", 5000), "-690/5000", "-690/5000"),
        (figure("paid_average_fen", 401_123_000, "average", 12_857), "311.99元", "311.99 yuan"),
    ],
)
def test_values_are_told_with_their_unit(found: Fact, zh: str, en: str) -> None:
    assert (value_text(ZH, found), value_text(EN, found)) == (zh, en)


def test_scopes_come_from_the_measures_the_figures_or_nowhere() -> None:
    assert scope_of(ZH, figure("paid_fen", 1, "fen", schemes=("orphan",))).endswith("(孤儿)")
    assert scope_of(ZH, figure("recovery_ordered_fen", 1, "fen")) == "应追,至期末"
    assert scope_of(EN, figure("recovery_ordered_fen", 1, "fen")) == "ordered to be recovered"
    assert scope_of(ZH, figure("", 1, "")) == ""
