"""A copy posts by the edition of the rules that its book posted by, not only where the newest refuses."""

from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from ledger.application import batches
from ledger.application.drafting import draft, draft_event
from ledger.application.outcomes import Receipt
from ledger.decisions import judging
from ledger.flows.registry import event_from_value
from ledger.flows.rules import EDITION
from ledger.log import tables
from ledger_audit.derivation import verify_book
from tests.api.mirroring.test_mirror_pulls import TODAY, pulled, rows
from tests.api.mirroring.towns import Town, Towns
from tests.application.office import ENTITY, gift


@pytest.fixture
def town(towns: Towns) -> Town:
    """Money spent ahead of its gift twice: the fifth edition left the gift restricted, the sixth frees it."""
    town = towns.add("a")
    told = {"fund": "school", "name": "助学", "fund_kind": "restricted", "purpose": "助学", "on": TODAY.isoformat()}
    more = {"purposes": [], "programmes": [], "no_cost": False, "origin": "decision"}
    assert isinstance(town.office.post("maker", [("fund.opened", {**told, **more})]), Receipt)
    for edition, name in ((5, "old"), (EDITION, "new")):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(batches, "judge", partial(judging.judge, edition=edition))
            _spend_and_give(town, name)
    return town


def _spend_and_give(town: Town, name: str) -> None:
    spent = {"movement": name, "fund": "school", "nature": "programme", "amount_fen": 30, "means": "bank"}
    spending = ("expense.paid", {**spent, "account": "bank-1", "purpose": "助学", "on": TODAY.isoformat()})
    assert isinstance(town.office.post("maker", [spending], ("checker", "checker"), note="先支后收"), Receipt)
    kind, given = gift(name, 50)
    assert isinstance(town.office.post("maker", [(kind, {**given, "fund": "school"})]), Receipt)


def freed(connection: Connection) -> list[int]:
    chosen = select(tables.postings.c.amount_fen).where(tables.postings.c.role == "net_restricted")
    return [row[0] for row in connection.execute(chosen)]


def test_a_copy_posts_what_its_book_posted(town: Town, towns: Towns, tmp_path: Path) -> None:
    """The first gift stays restricted; of it 30 are free for the second spending, and none of the second gift."""
    mirror = towns.mirror(tmp_path / "mirror")
    assert pulled(mirror, towns)["a"].error is None
    with mirror.copy(mirror.book("a")) as copy, copy.store.read() as ours, town.office.store.read() as theirs:
        assert rows(ours) == rows(theirs)
        assert freed(ours) == [30]
        assert verify_book(ours, TODAY).holds


def test_a_copy_takes_over_words_that_an_earlier_edition_let_in(towns: Towns, tmp_path: Path) -> None:
    """A pupil is named by number in a gift of before; nobody can draft it today, and it is copied and verified."""
    town = towns.add("a")
    kind, values = gift("g-1", 50)
    said = draft_event(kind, {**values, "donor_kind": "organisation", "donor_label": "学校", "publicity": "name"})
    told = {**said.model_dump(mode="json"), "donor_label": "学校王小明431099196207050129"}
    office = town.office
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "judge", partial(judging.judge, edition=6))
        drafted = draft(office.signer("maker"), ENTITY, TODAY, [event_from_value(told)], office.clock())
        assert isinstance(office.writer.submit(drafted), Receipt)
    mirror = towns.mirror(tmp_path / "mirror")
    assert pulled(mirror, towns)["a"].error is None
    with mirror.copy(mirror.book("a")) as copy, copy.store.read() as ours, office.store.read() as theirs:
        assert rows(ours) == rows(theirs)
        assert verify_book(ours, TODAY).holds
