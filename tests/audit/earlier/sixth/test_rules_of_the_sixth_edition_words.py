"""What the sixth edition let in, a person's number in a name: books that hold it are read, verified and copied."""

import pytest

from tests.audit.earlier.editions import Act, by_edition, refused_today, said_then, still_holds, verdict_of
from tests.audit.earlier.test_earlier_rules import goods
from tests.audit.full_book import gift
from tests.projections.opened_book import BUREAU, CHARITY, OpenedBook, fund

NUMBER = "431099196207050129"
NAMED = f"示例县第一中学王小明{NUMBER}电话13812345678"


def given(book: OpenedBook) -> None:
    """A gift of an organisation whose label names a pupil by number."""
    book.post(CHARITY, said_then(gift("D9", "general", 300), donor_kind="organisation", donor_label=NAMED, donor=None))


def stored(book: OpenedBook) -> None:
    book.post(CHARITY, said_then(goods(fund="general"), item=NAMED, store="卡号6222021001001234567"))


def opened(book: OpenedBook) -> None:
    """A fund of before the book, which is a fact and no gate: it is refused like any other."""
    book.post(BUREAU, said_then(fund("s-1", origin="history"), name=NAMED))


ACTS = [given, stored, opened]


@pytest.mark.parametrize("act", ACTS, ids=lambda one: one.__name__)
def test_the_writer_of_today_refuses_it(mine: OpenedBook, act: Act) -> None:
    refused_today(mine, act, "E_TEXT_PERSONAL")


@pytest.mark.parametrize("act", ACTS, ids=lambda one: one.__name__)
def test_a_book_of_the_sixth_edition_still_holds(mine: OpenedBook, act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    still_holds(mine, act, monkeypatch, 6)


def test_what_stands_can_be_taken_back(mine: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = said_then(gift("D9", "general", 300), donor_kind="organisation", donor_label=NAMED, donor=None)
    with monkeypatch.context() as patch:
        by_edition(patch, 6)
        posted = mine.post(CHARITY, wrong)
    mine.reverse(CHARITY, wrong, posted.first_position)
    assert verdict_of(mine).holds
