"""No name in words holds a person's number, whatever event says it; what may rightly be long digits is let through."""

import contextlib
import re
from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from ledger.application import batches
from ledger.application.drafting import draft_event
from ledger.application.outcomes import VoucherRefusedError
from ledger.decisions.judging import Judgement, judge
from ledger.errors import InputError
from ledger.flows.event import Event
from ledger.flows.fields import Label, NumberLabel
from ledger.flows.in_words import numbers_in_words, words_of
from ledger.flows.registry import event_classes, event_from_value, read_event, write_event
from tests.flows.event_samples import make_full
from tests.projections.opened_book import CHARITY, OpenedBook, opened

NUMBERS = ("431099196207050129", "13812345678", "6222021001001234567", "6222 0210 0100 1234 567", "43109919550921024X")
SAID = f"王小明{NUMBERS[0]}"
DIGITS = {
    *("order_no", "register_no", "code", "number", "uscc", "result_ref", "voucher_ref", "plan_no", "budget_code"),
    *("application_no", "function_code", "sheet", "address", "published_at", "budget_item", "rule_code", "serial"),
    *("certificate", "number_ref", "merchant_ref", "first", "last", "obtained_by"),
    *("document", "approval", "contract", "agreement", "slip"),
}
"""Numbers and addresses, which may rightly be long digits, by the names of their fields."""
ELSE = {"channel.opened": {"aliases"}, "attachment.added": {"name"}}
"""The same of single kinds: a register calls a channel by its merchant number, and a scanner a file by its day."""
THIRD = {"project_label", "user_label", "use", "payee_label", "progress", "self_score", "subject", "responsible"}
TOLD_BEFORE = {"lottery.allocated", "lottery.used", "lottery.progress_reported", "disclosure.published"}
"""Fields and kinds of which the third edition asked it already."""

Path = tuple[str | int, ...]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedBook]:
    made = opened(tmp_path_factory.mktemp("words"))
    yield made
    made.close()


def kind_of(cls: type[Event]) -> str:
    return str(cls.model_fields["kind"].default)


def leaves(value: Any, before: Path = ()) -> Iterator[Path]:
    """The places of all texts of an event."""
    if isinstance(value, str):
        yield before
    inner: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield from leaves(one, (*before, name))


def put(value: Any, at: Path, text: str) -> Any:
    """The same with another text at a place."""
    if not at:
        return text
    made: Any = dict(value) if isinstance(value, dict) else list(value)
    made[at[0]] = put(made[at[0]], at[1:], text)
    return made


@cache
def whole(cls: type[Event]) -> Mapping[str, Any]:
    return make_full(cls).model_dump(mode="json")


@cache
def words(cls: type[Event]) -> tuple[Path, ...]:
    """Where an event takes any words at all, by trial, but for numbers and addresses."""
    found = []
    for at in leaves(whole(cls)):
        field = next(name for name in reversed(at) if isinstance(name, str))
        try:
            event_from_value(put(whole(cls), at, SAID))
        except InputError:
            continue
        if field not in DIGITS | ELSE.get(kind_of(cls), set()) and field != "party":
            found.append(at)
    return tuple(found)


def dirty(cls: type[Event], said: str = SAID, *at: Path) -> Event:
    """An event that says a text in all of its words, or at these places."""
    value: Any = whole(cls)
    for one in at or words(cls):
        value = put(value, one, said)
    return event_from_value(value)


WORDED = [cls for cls in event_classes().values() if words(cls)]


def told(book: OpenedBook, event: Event) -> list[str]:
    """The fields that the writer refuses for a person's number, whether or not it tells them to who has no say."""
    judged: list[Judgement] = []
    asked = vars(batches)["judge"]

    def noted(*given: Any, **named: Any) -> Judgement:
        judged.append(asked(*given, **named))
        return judged[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ledger.application.batches.judge", noted)
        with contextlib.suppress(VoucherRefusedError):
            book.writer.submit(book.draft(CHARITY, [event]))
    found = [dict(one.params) for one in judged[-1].findings if one.code == "E_TEXT_PERSONAL"]
    return [str(one["field"]) for one in found]


def dotted(at: Path) -> str:
    return ".".join(map(str, at))


def test_what_takes_words_is_known_and_the_lines_of_a_list_have_none() -> None:
    assert [cls for cls in event_classes().values() if words_of(cls)] == WORDED
    assert len(WORDED) > 50
    asked_nothing = {"subsidy.authorised", "subsidy.paid", "subsidy.returned", "subsidy.offset"}
    assert asked_nothing & {kind_of(cls) for cls in WORDED} == set()


@pytest.mark.parametrize("cls", WORDED, ids=lambda cls: f"{kind_of(cls)}-{cls.model_fields['version'].default}")
def test_the_writer_refuses_it_in_any_field_and_the_sixth_edition_lets_it_in(
    book: OpenedBook, cls: type[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    event = dirty(cls)
    assert read_event(write_event(event)) == event, "what stands in a book is read as ever"
    assert sorted(told(book, event)) == sorted(map(dotted, words(cls)))
    monkeypatch.setattr("ledger.application.batches.judge", partial(judge, edition=6))
    before = {name for name in THIRD & set(cls.model_fields) if kind_of(cls) in TOLD_BEFORE}
    assert set(told(book, dirty(cls))) == before


@given(st.sampled_from(WORDED), st.sampled_from(NUMBERS), st.data())
def test_nobody_can_draft_it(cls: type[Event], number: str, data: st.DataObject) -> None:
    at = data.draw(st.sampled_from(words(cls)))
    around = data.draw(st.sampled_from(["王小明{}", "{}", "示例县第一中学王小明{}电话", "卡号 {} 户"]))
    event = dirty(cls, around.format(number), at)
    assert list(numbers_in_words(event)) == [dotted(at)]
    given = {name: one for name, one in event.model_dump(mode="json").items() if name not in ("kind", "id")}
    with pytest.raises(InputError) as refused:
        draft_event(event.kind, given)
    assert (refused.value.code, refused.value.params) == ("E_TEXT_PERSONAL", {"field": dotted(at)})
    assert number not in refused.value.message()


HONEST = [
    *("2025年第3期", "一九三八年老兵", "105国道", "湘民发〔2025〕12号", "2025-09-05至2025-09-30", "3号楼2单元1101"),
    *("见 http://www.example.cn/202509120001.html", "2296002 社会福利", "0735-3331234", "2025 1001 大米"),
]


@given(st.sampled_from(WORDED), st.sampled_from(HONEST))
def test_honest_digits_pass(cls: type[Event], said: str) -> None:
    event = dirty(cls, said)
    assert list(numbers_in_words(event)) == []
    draft_event(event.kind, {name: one for name, one in event.model_dump(mode="json").items() if name != "id"})


@pytest.mark.parametrize("said", NUMBERS)
def test_numbers_and_addresses_may_be_long(said: str) -> None:
    gift = {"donation": "D1", "fund": "general", "donor_kind": "anonymous", "publicity": "anonymous", "amount_fen": 1}
    more = {"means": "bank", "account": "icbc", "pledge_parts": [], "wants_receipt": False, "occurred_on": "2025-09-01"}
    place = {"file_digest": "sha256:" + "1" * 64, "sheet": said, "row": 2}
    draft_event("donation.received", {**gift, **more, "order_no": said, "place": place})


def test_both_sorts_are_written_and_read_alike() -> None:
    labels, numbers = TypeAdapter(Label), TypeAdapter(NumberLabel)
    assert labels.json_schema() == numbers.json_schema()
    for text in (SAID, "名"):
        assert labels.validate_python(text) == numbers.validate_python(text) == text
    for bad in ("", "a\x00", "长" * 201):
        codes = [_refused(one, bad) for one in (labels, numbers)]
        assert codes[0] == codes[1]


def _refused(adapter: TypeAdapter[Any], text: str) -> str:
    with pytest.raises((InputError, ValueError)) as raised:
        adapter.validate_python(text)
    return re.sub(r"\s+", " ", str(raised.value))
