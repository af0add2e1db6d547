"""The operator's key changes: the old key's last checkpoint ends exactly with the voucher that names the new one."""

from typing import Any

import pytest

from ledger.application.outcomes import Outcome, Receipt, Waiting
from ledger.application.rehearsal import Rehearsal
from ledger.decisions.prepared import Submission
from ledger.errors import LedgerError
from ledger.log import reading
from ledger.log.appending import read_head
from ledger.signing.checkpoints import open_checkpoint
from ledger.signing.keys import SigningKey
from tests.application.edges import codes, refused, tried
from tests.application.office import Office, gift

OWN, FIRST, SECOND = SigningKey.generate(), SigningKey.generate(), SigningKey.generate()
"""`OWN` stands for the key that the office signs with."""


def rotated(office: Office, previous: SigningKey, new: SigningKey) -> tuple[str, dict[str, Any]]:
    """The event that names another operator's key."""
    fields = {"previous": previous.public.text, "operator_key": new.public.text, "reason": "年度更换"}
    return "operator_key.rotated", {**fields, "possession": office.enrolment("operator", new)["possession"]}


def by_two(office: Office, *facts: tuple[str, dict[str, Any]]) -> Submission:
    """A voucher signed by two administrators."""
    return office.approved(office.draft("guan-1", facts, "book"), ("guan-2", "administrator"))


def told(outcome: Outcome | LedgerError) -> object:
    """The kind of an outcome, or the codes of an error."""
    return codes(outcome) if isinstance(outcome, LedgerError) else type(outcome)


def size_of(office: Office) -> int:
    """How many vouchers the log holds."""
    with office.store.read() as connection:
        return read_head(connection).number


CHAINS = {
    "one after the other": ((OWN, FIRST), (FIRST, SECOND)),
    "there and back": ((OWN, FIRST), (FIRST, OWN)),
    "three": ((OWN, FIRST), (FIRST, SECOND), (SECOND, OWN)),
}


@pytest.mark.parametrize("name", CHAINS)
def test_a_voucher_changes_the_operators_key_once(office: Office, name: str) -> None:
    """The key between two changes of one voucher signs no checkpoint: the log could never be verified again."""
    before = size_of(office)
    chain = [rotated(office, *(office.operator.key if key is OWN else key for key in pair)) for pair in CHAINS[name]]
    assert "E_ROTATION_TWICE" in refused(tried(office, by_two(office, *chain)))
    assert size_of(office) == before


def test_a_change_of_the_key_may_stand_beside_other_events(office: Office) -> None:
    """Whatever else its voucher says is covered by the old key's last checkpoint, as in books from before."""
    named = {"officer": "neu", "name": "新人", "entity": None, "post": "other", "title": "测试"}
    beside = ("officer.named", {**named, "valid_from": "2025-01-01"})
    receipt = office.writer.submit(by_two(office, rotated(office, office.operator.key, FIRST), beside))
    assert isinstance(receipt, Receipt)
    assert open_checkpoint(receipt.checkpoint, office.operator.verifier).size == receipt.number


def test_together_nothing_is_posted_after_a_change_of_the_key(office: Office) -> None:
    """All or none: the old key may not sign what follows the change, so none is posted, and the one behind is told."""
    before = size_of(office)
    change = by_two(office, rotated(office, office.operator.key, FIRST))
    results = office.writer.submit_together([change, office.draft("maker", [gift()])])
    assert [told(one) for one in results] == [{"E_NOT_TOGETHER"}, {"E_ROTATION_LAST"}]
    assert size_of(office) == before
    results = office.writer.submit_together([office.draft("maker", [gift("g-2")]), change])
    assert [told(one) for one in results] == [Receipt, Receipt]
    assert size_of(office) == before + 2


def test_a_batch_ends_with_the_change_of_the_key(office: Office) -> None:
    """What is behind it is told so; what was posted before answers, and what only waits is kept."""
    office.post("maker", [gift("g-0")])
    known = office.draft("maker", [gift("g-1")])
    assert isinstance(office.writer.submit(known), Receipt)
    change = by_two(office, rotated(office, office.operator.key, FIRST))
    waits = office.draft("guan-1", [("role.granted", {"officer": "maker", "role": "checker", "entity": None})], "book")
    batch = [office.draft("maker", [gift("g-2")]), change, known, office.draft("maker", [gift("g-3")]), waits]
    results = office.writer.submit_all(batch)
    assert [told(one) for one in results] == [Receipt, Receipt, Receipt, {"E_ROTATION_LAST"}, Waiting]
    with office.store.read() as connection:
        newest = reading.checkpoint(connection)
    assert newest is not None
    assert isinstance(results[1], Receipt)
    assert open_checkpoint(newest.note, office.operator.verifier).size == results[1].number


def test_a_rehearsal_says_what_the_batch_will_say(office: Office) -> None:
    change = by_two(office, rotated(office, office.operator.key, FIRST))
    with office.store.read() as connection:
        rehearsal = Rehearsal(connection, office.clock())
        assert isinstance(rehearsal.submit(change), Receipt)
        with pytest.raises(LedgerError, match="E_ROTATION_LAST"):
            rehearsal.submit(office.draft("maker", [gift()]))


def test_a_change_that_is_refused_ends_no_batch(office: Office) -> None:
    """It names a key before it that is not the one in force; nobody behind it pays for that."""
    wrong = by_two(office, rotated(office, FIRST, SECOND))
    results = office.writer.submit_all([wrong, office.draft("maker", [gift()])])
    assert told(results[0]) == {"E_OPERATOR_KEY_ORDER"}
    assert told(results[1]) is Receipt
