"""What judging a step of a batch reads: its lines are as many as households, and the first pay file asks for none."""

from collections.abc import Sequence

from ledger.flows.event import Event
from ledger.flows.knowledge import Recorded
from ledger.flows.public_money.payment.batches import LINES, RESULTS
from tests.flows.fake_knowledge import FakeKnowledge
from tests.flows.public_money import samples_relief as s
from tests.flows.public_money.cases_payment import FUNDED
from tests.flows.public_money.cases_rests import SHORT

LONG = {*LINES, *RESULTS} - {"batch.line_excluded", *RESULTS[1:]}
"""Kinds of which a batch has as many as it has lines."""
NEXT = s.instructed(total_fen=8_000, file_digest="sha256:" + "b" * 64)


class Asked(FakeKnowledge):
    """Notes the kinds that are asked for of a batch."""

    def history(self, tag: str, *kinds: str) -> Sequence[Recorded]:
        self.kinds = {*getattr(self, "kinds", ()), *(kinds if tag.startswith("batch:") else ())}
        return super().history(tag, *kinds)


def asked(*before: Event) -> Asked:
    model = Asked(entity="bureau")
    model.record(*before)
    model.kinds = set()
    return model


def test_the_first_pay_file_of_a_batch_reads_none_of_its_lines() -> None:
    model = asked(*FUNDED)
    assert model.codes(s.instructed()) == []
    assert not model.kinds & LONG
    assert not LONG.intersection(kind for need in s.instructed().needs() for kind in need.kinds)


def test_the_file_of_a_rest_reads_what_was_due() -> None:
    model = asked(*FUNDED, s.instructed(), SHORT[-1])
    assert model.codes(NEXT) == []
    assert model.kinds >= LONG


def test_an_earlier_edition_knew_of_no_rests() -> None:
    model = asked(*FUNDED, s.instructed(), SHORT[-1])
    model.edition = 8
    assert model.codes(NEXT) == ["E_PAY_FILE_SUM"]
    assert not model.kinds & LONG
