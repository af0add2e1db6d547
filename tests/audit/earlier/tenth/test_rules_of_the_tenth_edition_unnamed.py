"""A grant that names its payee by a label only is remarked since the eleventh edition; what the tenth let in without a
word stands.
"""

import pytest

from tests.audit.earlier.editions import by_edition, earlier_ones, stands, verdict_of
from tests.projections.opened_book import CHARITY, OpenedBook, event

CODE = "W_PAYEE_UNNAMED"


def granted(book: OpenedBook, payee: str | None = None) -> list[str]:
    of = {"grant": "G9", "fund": "general", "payee_kind": "school", "payee_label": "示例学校", "payee": payee}
    said = {"amount_fen": 100, "purpose": "助学", "persons": 1, "on": "2025-09-10", "origin": "decision"}
    told = book.post(CHARITY, event("grant.committed", **of, **said)).warnings
    return [one.code for one in told if one.code == CODE]


def silently(book: OpenedBook) -> None:
    assert granted(book) == []


@pytest.mark.parametrize(("payee", "told"), [(None, [CODE]), ("school-9", [])])
def test_a_grant_that_names_nobody_is_remarked(mine: OpenedBook, payee: str | None, told: list[str]) -> None:
    assert granted(mine, payee) == told
    assert earlier_ones(verdict_of(mine)) == []


def test_what_the_tenth_edition_did_not_ask_stands(mine: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        by_edition(patch, 10)
        stands(mine, silently)
