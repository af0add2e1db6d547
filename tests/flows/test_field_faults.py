"""A field of the wrong form is told in the reader's language, whatever is wrong with it, and never in a library's."""

import copy
import re
from enum import StrEnum
from typing import Any, Final, Literal

import pytest
from pydantic import TypeAdapter, ValidationError

from ledger.catalogue import Words
from ledger.errors import InputError
from ledger.flows.forms import form_fault
from ledger.flows.registry import event_classes, event_from_value
from tests.flows.event_samples import make_full

BAD: Final[tuple[Any, ...]] = (None, "", ":", "x" * 3000, "2025-13", -1, 10**12, 2**53 - 1, True, [], [1], {}, {"a": 1})
LIBRARY: Final = re.compile(r"[Ii]nput should|should (be|match|have)|a valid |[Ff]ield required|permitted|pydantic")
GAP: Final = re.compile(r"\{[a-z_]+\}")
KINDS: Final = sorted(event_classes().items())


@pytest.mark.parametrize("kind", KINDS, ids=[f"{kind}-{version}" for (kind, version), _ in KINDS])
def test_every_fault_of_every_field_is_told_in_both_languages(kind: Any) -> None:
    (_, cls) = kind
    whole = make_full(cls).model_dump(mode="json")
    for name in whole.keys() - {"kind", "version"}:
        without = {field: value for field, value in whole.items() if field != name}
        for given in ({**without, name: bad} for bad in BAD):
            _told(given)
        _told(without)
    _told({**whole, "nonsense": 1})


def _told(value: dict[str, Any]) -> None:
    fault = _fault(value)
    if fault is None:
        return
    assert not LIBRARY.search(fault.message()), fault.message()
    assert not re.search(r"只能是.* or ", fault.message()), fault.message()
    assert not GAP.search(fault.message()), fault.message()
    assert not LIBRARY.search(fault.message("en")), fault.message("en")
    if fault.code == "E_EVENT_FIELD":
        assert re.search("[一-鿿]", fault.params["reason"])
        assert fault.params["reason"] != fault.params["reason"].en, "the other language says the same"


def _fault(value: dict[str, Any]) -> InputError | None:
    try:
        event_from_value(value)
    except InputError as error:
        return error
    return None


class Size(StrEnum):
    """Something to choose by name."""

    SMALL = "small or so"
    LARGE = "l"


CHOICES: Final[dict[str, tuple[Any, str, str]]] = {
    "one": (Literal["all"], "'all'", "'all'"),
    "two": (Literal["valid_only", "atomic"], "'valid_only'、'atomic'", "'valid_only' or 'atomic'"),
    "words with or": (Literal["or", "a or b", "c, d"], "'or'、'a or b'、'c, d'", "'or', 'a or b' or 'c, d'"),
    "numbers": (Literal[1, 2, 3], "1、2、3", "1, 2 or 3"),
    "quotes": (Literal["it's", 'a "b"'], """"it's"、'a "b"'""", """"it's" or 'a "b"'"""),
    "names": (Size, "'small or so'、'l'", "'small or so' or 'l'"),
}


@pytest.mark.parametrize("choice", CHOICES)
def test_what_there_is_to_choose_from_is_told_in_one_language(choice: str) -> None:
    wanted, zh, en = CHOICES[choice]
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(wanted).validate_python("none of them")
    said = form_fault(raised.value.errors()[0])
    assert (said, said.en) == (f"只能是 {zh} 之一", f"it must be one of {en}")


def test_what_is_missing_is_called_empty() -> None:
    whole = make_full(event_classes()["fund.opened", 1]).model_dump(mode="json")
    with pytest.raises(InputError, match="E_EVENT_FIELD") as raised:
        event_from_value({**whole, "name": None})
    assert "“空”" in raised.value.message()
    assert "“nothing”" in raised.value.message("en")


def test_words_travel_whole() -> None:
    """Files are read in another process; what it says comes back in both languages."""
    words = copy.deepcopy(Words("大于零", "above zero"))
    assert (words, words.en) == ("大于零", "above zero")
