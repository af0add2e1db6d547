"""What the seventh edition let in, a person's number as that of a paper: books that hold it are read and verified."""

import pytest

from ledger.flows.registry import event_from_value
from tests.audit.earlier.editions import Act, refused_today, still_holds, verdict_of
from tests.audit.full_book import DIGEST, gift
from tests.projections.opened_book import BUREAU, CHARITY, OpenedBook, event, fund

NUMBER = "431099196207050129"


def decided(book: OpenedBook) -> None:
    """A fund whose paper is numbered by its applicant."""
    clean = fund("s-1", origin="history", document="会议纪要1号")
    book.post(BUREAU, event_from_value({**clean.model_dump(mode="json"), "document": NUMBER}))


ACTS = [decided]


@pytest.mark.parametrize("act", ACTS, ids=lambda one: one.__name__)
def test_the_writer_of_today_refuses_it(mine: OpenedBook, act: Act) -> None:
    refused_today(mine, act, "E_TEXT_PERSONAL")


@pytest.mark.parametrize("act", ACTS, ids=lambda one: one.__name__)
def test_a_book_of_the_seventh_edition_still_holds(mine: OpenedBook, act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    still_holds(mine, act, monkeypatch, 7)


def test_the_name_of_a_scan_may_be_its_day_and_serial(mine: OpenedBook) -> None:
    """The seventh edition refused it as it refuses a name in words."""
    given = gift("D10", "general", 100)
    mine.post(CHARITY, given)
    told = {"attachment": "F1", "voucher": None, "event": given.id, "digest": DIGEST, "paper": "invoice", "pages": 1}
    scan = {"name": "IMG_20250930123456.jpg", "taken_by": "maker", "on": "2025-09-30"}
    mine.post(CHARITY, event("attachment.added", **told, **scan))
    assert verdict_of(mine).holds
