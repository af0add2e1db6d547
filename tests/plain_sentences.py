"""What every sentence for people must be, whichever rule or reader says it: no ids, no codes, no gaps of the program.

Asked of every finding that a table of bad inputs brings, of every fault and remark of every file that a test imports,
and of every doubt of the year.
"""

import re
from typing import Final

from ledger.catalogue import codes

_REFERENCE: Final = re.compile(r"(?<![a-z0-9])(?:[a-z]+-)?[a-z2-7]{26}(?![a-z0-9])")
_NOTHING: Final = re.compile(r"(?<![A-Za-z0-9])(?:None|null|True|False|\[\]|\(\)|\[')")
_SNAKE: Final = re.compile(r"(?<![A-Za-z0-9_.])[a-z]+(?:_[a-z]+)+(?![A-Za-z0-9_.])")
_OF_FORMS: Final = frozenset({"E_EVENT_FIELD", "E_VOUCHER_FIELD", "E_REQUEST_FIELD", "E_EVENT_KIND"})
"""What is said to whoever writes events by hand, in the names of the fields."""


def not_plain(code: str, text: str) -> list[str]:
    """What a Chinese sentence shows that only the program understands."""
    found = [*_REFERENCE.findall(text), *_NOTHING.findall(text)]
    return found if code in _OF_FORMS or code.startswith("E_TEXT_") else [*found, *_SNAKE.findall(text)]


def require_plain(code: str, text: str) -> None:
    """Fails where a sentence shows an id, a code or a gap; what has no sentence has none to fail."""
    if code in codes():
        assert not not_plain(code, text), f"{code}: {not_plain(code, text)} in {text}"
