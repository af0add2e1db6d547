"""Every column of every answer has a title in both languages, and every model a name."""

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

import ledger_projections
from ledger.catalogue import say
from ledger_projections.keeping.ageing import Ages, aged, ages_of, still_open
from ledger_projections.keeping.answers import Answer
from ledger_projections.registry import PROJECTIONS
from ledger_projections.summaries.sentences_catalogue import TEMPLATES, SentencePlan, SlotPlan, template

for found in pkgutil.walk_packages(ledger_projections.__path__, "ledger_projections."):
    importlib.import_module(found.name)


def answers(cls: type[Answer] = Answer) -> Iterator[type[Answer]]:
    for sub in cls.__subclasses__():
        yield sub
        yield from answers(sub)


COLUMNS = sorted({name for cls in answers() for name in getattr(cls, "__dataclass_fields__", {})})


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_column_has_a_title(language: str) -> None:
    assert [name for name in COLUMNS if say(f"column.{name}", language) == f"column.{name}"] == []
    assert [name for name in PROJECTIONS if say(f"projection.{name}", language) == f"projection.{name}"] == []


def test_every_figure_that_a_slot_asks_for_has_words() -> None:
    """Also one that no book gives yet: its scope is told beside the open slot."""
    plans = [plan for name in TEMPLATES for one in template(name).sentences for plan in _slots_of(one)]
    asked = {plan.figure for plan in plans if plan.figure is not None}
    assert len(asked) > len(TEMPLATES)
    assert [key for key in sorted(asked) for to in ("zh", "en") if say(f"figure.{key}", to) == f"figure.{key}"] == []


def _slots_of(plan: SentencePlan) -> list[SlotPlan]:
    return [*plan.slots.values(), *(plan.each.slots.values() if plan.each is not None else ())]


@pytest.mark.parametrize(
    ("days", "band"),
    [
        (-1, "not_due_fen"),
        (0, "not_due_fen"),
        (1, "to_30_fen"),
        (30, "to_30_fen"),
        (31, "to_90_fen"),
        (91, "to_365_fen"),
        (366, "over_365_fen"),
    ],
)
def test_ages_are_cut_where_the_offices_cut_them(days: int, band: str) -> None:
    due = date(2025, 1, 1)
    found = aged([(due, 5)], date.fromordinal(due.toordinal() + days))
    assert found == Ages(**{band: 5})
    assert ages_of([found, found]).total_fen == 10


def test_payments_go_to_the_earliest_instalment() -> None:
    parts = [(date(2025, 3, 1), 100), (date(2025, 1, 1), 100), (date(2025, 2, 1), 100)]
    assert still_open(parts, 150, date(2024, 1, 1)) == [(date(2025, 2, 1), 50), (date(2025, 3, 1), 100)]
    assert still_open(parts, 310, date(2024, 1, 1))[0] == (date(2024, 1, 1), 10)
    assert still_open(parts, 0, date(2024, 1, 1)) == []


def test_answers_are_plain_json() -> None:
    shown: dict[str, Any] = Ages(1, 2, 3, 4, 5).to_json()
    assert shown == {"not_due_fen": 1, "to_30_fen": 2, "to_90_fen": 3, "to_365_fen": 4, "over_365_fen": 5}
