"""Papers, openings' sub-ledgers and files are numbered as long as anybody likes, and by nobody's own number."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.application.drafting import draft_event
from ledger.errors import InputError
from ledger.flows.in_words import numbers_of_papers, papers_of
from ledger.flows.registry import event_classes, event_from_value
from ledger.values.cards import card_check_digit
from ledger.values.idno import id_check_character
from ledger.values.private_numbers import holds_private_number
from tests.flows.event_samples import make_full
from tests.flows.words.test_names_in_words import dotted, leaves, put

PRIVATE = [
    *("431099196207050129", "王小明431099196207050129", "合同431099195509210242号", "4310 9919 5509 2102 42"),
    *(
        "13812345678",
        "电话13812345678",
        "王小明 138 1234 5678",
        "１３８１２３４５６７８",
        "(13812345678)",
        "13812345678.jpg",
    ),
    *("6222021001001234563", "卡6222 0210 0100 1234 563", "王小明-431099196207050129.jpg"),
]
HONEST = [
    *(
        "HT20250930001234567",
        "IMG_20250930123456.jpg",
        "mmexport1696123456789.jpg",
        "202509301234567",
        "湘民发〔2025〕12号",
    ),
    *(
        "431099202509300012",
        "431099-20250930-0012",
        "6222021001001234567",
        "622801202509300012",
        "2296002",
        "HT13812345678",
    ),
    *("4200001234202509301234567890", "138123456789", "12430000448767009A", "2025-09-30", "第1号", "5105105105105100"),
]

AROUND = ["{}", "王小明{}", "({})", "石政{}号", "A{}.pdf"]


@pytest.mark.parametrize("said", PRIVATE)
def test_what_can_only_be_a_persons(said: str) -> None:
    assert holds_private_number(said)


@pytest.mark.parametrize("said", HONEST)
def test_what_numbers_a_paper(said: str) -> None:
    assert not holds_private_number(said)


@given(
    st.dates(date(1900, 1, 1), date(2024, 12, 31)),
    st.integers(0, 999),
    st.sampled_from(AROUND),
)
def test_any_identity_number_is_one_and_another_check_character_is_none(day: date, serial: int, around: str) -> None:
    first = f"431099{day:%Y%m%d}{serial:03d}"
    right = id_check_character(first)
    assert holds_private_number(around.format(first + right))
    for last in "0123456789X":
        assert last == right or not holds_private_number(around.format(first + last))


@given(st.sampled_from(["62", "9558"]), st.integers(15, 18), st.data())
def test_any_card_is_one_and_another_check_digit_is_none(begins: str, many: int, data: st.DataObject) -> None:
    drawn = data.draw(st.text("3456789", min_size=many - len(begins), max_size=many - len(begins)))
    first = begins + drawn
    assert holds_private_number(first + card_check_digit(first))
    wrong = str((int(card_check_digit(first)) + 1) % 10)
    assert not holds_private_number(first + wrong) or len(first) == 17  # an identity number by chance


NUMBERED = [cls for cls in event_classes().values() if papers_of(cls)]


def test_what_is_numbered_is_known() -> None:
    kinds = {str(cls.model_fields["kind"].default) for cls in NUMBERED}
    assert {"attachment.added", "opening.recorded", "lottery.allocated", "approval.recorded"} <= kinds
    assert {"subsidy.paid", "subsidy.returned", "event.reversed"} & kinds == set()


@given(st.sampled_from(NUMBERED), st.data())
def test_nobody_can_draft_it(cls: Any, data: st.DataObject) -> None:
    whole = make_full(cls).model_dump(mode="json")
    names = {name for name, _ in papers_of(cls)}
    said = data.draw(st.sampled_from(PRIVATE))
    for at in leaves(whole):
        if at[0] not in names:
            continue
        try:
            made = event_from_value(put(whole, at, said))
        except InputError:
            continue
        if not (fields := list(numbers_of_papers(made))):
            continue
        assert fields == [dotted(at)]
        with pytest.raises(InputError) as refused:
            draft_event(made.kind, {name: one for name, one in made.model_dump(mode="json").items() if name != "id"})
        assert (refused.value.code, refused.value.params) == ("E_TEXT_PERSONAL", {"field": dotted(at)})
