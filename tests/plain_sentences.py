"""What every sentence for people must be, whichever rule or reader says it: no ids, no codes, no gaps of the program.

Asked of every finding that a table of bad inputs brings, of every fault and remark of every file that a test imports,
and of every doubt of the year.
"""

import re
from functools import cache
from typing import Any, Final, get_args

from ledger.catalogue import codes
from ledger.flows.registry import event_classes

_REFERENCE: Final = re.compile(r"(?<![a-z0-9])(?:[a-z]+-)?[a-z2-7]{26}(?![a-z0-9])")
_NOTHING: Final = re.compile(r"(?<![A-Za-z0-9])(?:None|null|True|False|\[\]|\(\)|\[')")
_SNAKE: Final = re.compile(r"(?<![A-Za-z0-9_.])[a-z]+(?:_[a-z]+)+(?![A-Za-z0-9_.])")
_OF_FORMS: Final = frozenset({"E_EVENT_FIELD", "E_VOUCHER_FIELD", "E_REQUEST_FIELD", "E_EVENT_KIND"})
"""What is said to whoever writes events by hand, in the names of the fields."""
_FILE: Final = re.compile(r"[^\s/，。；：（）]+\.(?:csv|txt|zip|xlsx?)(?![A-Za-z0-9])")
"""The name of a file, which its office chose."""


def not_plain(code: str, text: str) -> list[str]:
    """What a Chinese sentence shows that only the program understands."""
    text = _FILE.sub("", text)
    found = [*_REFERENCE.findall(text), *_NOTHING.findall(text)]
    return found if code in _OF_FORMS or code.startswith("E_TEXT_") else [*found, *_words_in(text)]


def _words_in(text: str) -> list[str]:
    """The program's own words; what else looks like one is a number that an office gave."""
    return [word for word in _SNAKE.findall(text) if word in _own_words()]


@cache
def _own_words() -> frozenset[str]:
    """Kinds, fields and codes of every event, and the codes that have a word."""
    classes = event_classes().values()
    fields = {(name, field.annotation) for cls in classes for name, field in cls.model_fields.items()}
    named = {key.rpartition(".")[2] for key in codes() if key.startswith("word_")}
    return frozenset(named.union((name for name, _ in fields), *(_codes_in(annotation) for _, annotation in fields)))


def _codes_in(annotation: Any) -> set[str]:
    if isinstance(annotation, str):
        return {annotation}
    return set[str]().union(*map(_codes_in, get_args(annotation)))


def require_plain(code: str, text: str) -> None:
    """Fails where a sentence shows an id, a code or a gap; what has no sentence has none to fail."""
    if code in codes():
        assert not not_plain(code, text), f"{code}: {not_plain(code, text)} in {text}"
