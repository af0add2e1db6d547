"""The query beside a sentence's figure gives that number: printed, in JSON and over the network."""

import shlex
from collections.abc import Iterator
from itertools import pairwise, takewhile
from typing import Any

import pytest

from ledger.values.money import fen_to_yuan
from ledger_projections.summaries.table import half_up
from tests.api.http.house import House
from tests.api.http.september import asked, printed

WHO = "auditor-1"
ADDRESSES = {"--rosters": "/v1/rosters", "--failures": "/v1/failures"}
OWN = {
    "paid_fen": ("paid_fen", "实发"),
    "paid_households": ("households", "户"),
    "paid_household_times": ("household_times", "户次"),
    "paid_persons": ("persons", "人"),
    "paid_person_times": ("person_times", "人次"),
    "level_fen": ("level_fen", "补助水平(元/人月)"),
    "failed_count": ("lines", "总计笔数"),
    "failed_fen": ("fen", "金额"),
    "failed_paid_count": ("paid_lines", "已补发笔数"),
    "failed_open_count": ("waiting_lines", "待补发笔数"),
    "in_households": ("in_households", "总计新增户"),
    "in_persons": ("in_persons", "新增人"),
    "out_cleared_households": ("out_cleared_households", "清退户"),
    "out_cleared_persons": ("out_cleared_persons", "清退人"),
}
"""Figure -> which of the totals it is, and what that is called where it is printed."""


def figures_of(house: House, template: str) -> Iterator[dict[str, Any]]:
    """The figures of a template that the book has and that the readers of payments and rosters show."""
    for sentence in asked(house, ["summary", template, "--from", "2025-09", "--to", "2025-09"])["sentences"]:
        for slot in sentence["slots"]:
            if slot["fact"]["value"] is not None and slot["fact"]["query"].startswith("subsidies "):
                yield slot["fact"]


def address(words: list[str]) -> str:
    """What asks over the network what a command asks."""
    options = {name[2:]: value for name, value in pairwise(words) if name.startswith("--") and name not in ADDRESSES}
    path = next((one for word, one in ADDRESSES.items() if word in words), "/v1/subsidies")
    return f"{path}?" + "&".join(f"{name.replace('-', '_')}={value}" for name, value in options.items())


def printed_under(text: str, title: str) -> str:
    """What stands under a title in the last row of its table, the total; of several tables with it the last."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    head = max(place for place, words in enumerate(lines) if title in words)
    rows = takewhile(lambda words: any(map(str.isdigit, "".join(words))), lines[head + 1 :])
    *_, total = (words for words in rows if not words[0].startswith("依据"))
    return dict(zip(reversed(lines[head]), reversed(total), strict=False))[title]  # names may be missing at its left


@pytest.mark.parametrize("template", ["month", "campaign"])
def test_the_query_of_a_figure_prints_it_and_answers_it(september: House, template: str) -> None:
    seen: set[str] = set()
    for fact in figures_of(september, template):
        words = shlex.split(fact["query"])
        found = asked(september, words)
        totals, (name, title) = found.get("totals", found), OWN[fact["key"]]
        assert totals[name] == fact["value"], fact
        assert fact["of"] is None or totals[fact["of_unit"]] == fact["of"], fact
        shown = half_up(fact["value"], fact["of"]) if fact["unit"] == "average" else fact["value"]
        assert shown is not None
        text = f"{shown:,}" if fact["unit"] not in {"fen", "average"} else fen_to_yuan(shown, grouped=True)
        assert printed_under(printed(september, words), title) == text, fact
        if fact["query"] not in seen:
            assert september.get(WHO, address(words)) == found
        seen.add(fact["query"])
    assert seen


def test_what_clues_come_to_is_printed(september: House) -> None:
    found = asked(september, ["clues"])["totals"]
    assert found == {"clues": 3, "answered": 3, "founded": 1, "rate_per_mille": 1000}
    assert september.get(WHO, "/v1/clues")["totals"] == found
    assert ["3", "1", "3", "100.0%"] in [line.split() for line in printed(september, ["clues"]).splitlines()]


BANDS = {
    "not_due_fen": "未追·未到期",
    "to_30_fen": "逾期30天内",
    "to_90_fen": "90天内",
    "to_365_fen": "一年内",
    "over_365_fen": "一年以上",
}


@pytest.mark.parametrize(("on", "band"), [("2025-09-30", "not_due_fen"), ("2028-01-01", "over_365_fen")])
def test_what_is_open_is_printed_by_age(september: House, on: str, band: str) -> None:
    """3,600.00 yuan of one recovery, in the band of the day that is asked for, and nothing in the others."""
    words = ["recoveries", "--on", on]
    ages = asked(september, words)["total"]["ages"]
    assert ages == dict.fromkeys(BANDS, 0) | {band: 360_000}
    text = printed(september, words)
    assert {name: printed_under(text, title) for name, title in BANDS.items()} == {
        name: fen_to_yuan(fen, grouped=True) for name, fen in ages.items()
    }


def test_no_age_is_printed_where_nothing_is_open(september: House) -> None:
    assert set(asked(september, ["clues"])["ages"].values()) == {0}
    assert not [title for title in BANDS.values() if title in printed(september, ["clues"])]


def test_schemes_choose_the_programmes(september: House) -> None:
    whole, none = (september.get(WHO, f"/v1/subsidies?month=2025-09&scheme={one}") for one in ("relief", "orphan"))
    assert whole["rows"]
    assert whole["batches"]
    assert (none["rows"], none["batches"], none["totals"]["paid_fen"]) == ([], [], 0)
    problem = september.get(WHO, "/v1/subsidies?month=2025-09&scheme=低保", 422)
    assert (problem["code"], [one["pointer"] for one in problem["errors"]]) == ("E_SCHEME_ASKED", ["?scheme"])
