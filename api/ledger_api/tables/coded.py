"""Codes in an answer's rows as words for people: the same in the command line's tables and in a report's files.

Programs read the codes; they stand in JSON as they are.
"""

from collections.abc import Mapping
from typing import Any, Final

from ledger.catalogue import codes, say

_VOCABULARIES: Final[Mapping[tuple[str, str], str]] = {
    ("AccountBalance", "role"): "table_place",
    ("Batch", "state"): "table_batch",
    ("Clue", "found_by"): "table_found_by",
    ("Clue", "result"): "table_clue",
    ("Clue", "state"): "table_clue",
    ("ClueList", "counts"): "table_clue",
    ("DoubtTold", "kind"): "",
    ("Failure", "code"): "table_failure",
    ("Failure", "state"): "table_failure",
    ("FundBalance", "kind"): "table_fund",
    ("LotteryCell", "level"): "table_level",
    ("LotteryCell", "purpose"): "table_purpose",
    ("LotteryList", "level"): "table_level",
    ("LotteryProject", "level"): "table_level",
    ("LotteryProject", "purpose"): "table_purpose",
    ("MatchingRun", "data"): "table_data",
    ("Matter", "found_by"): "table_found_by",
    ("Matter", "state"): "table_matter",
    ("Pledge", "pledge_kind"): "table_pledge",
    ("Recovery", "destination"): "table_destination",
    ("Recovery", "reason"): "table_open_reason",
    ("Recovery", "state"): "table_recovery",
    ("RecoveryGroup", "name"): "table_found_by",
    ("Society", "money_with"): "table_money_with",
    ("Society", "status"): "table_registration",
}
"""(kind of row, field) -> the vocabulary of the field's codes; kinds of events are codes by themselves."""
_SAID: Final = frozenset({("DoubtTold", "detail")})
"""(kind of row, field) -> what the row's own sentence says in words; programs read it in JSON."""


def is_for_programs(row: Any, field: str) -> bool:
    """Whether a field is nothing that people need beside the rest of its row."""
    return (type(row).__name__, field) in _SAID


def counted(answer: Any, field: str, language: str) -> dict[str, Any]:
    """A table of how many there are of each code, with words for the codes."""
    vocabulary = _VOCABULARIES.get((type(answer).__name__, field))
    return {_word(vocabulary, code, language): count for code, count in getattr(answer, field).items()}


def worded(row: Any, field: str, language: str) -> Any:
    """A field of a row: its word where it is a code; any other text, number or day as it is."""
    value = getattr(row, field)
    vocabulary = _VOCABULARIES.get((type(row).__name__, field))
    return _word(vocabulary, value, language) if isinstance(value, str) else value


def _word(vocabulary: str | None, value: str, language: str) -> str:
    if vocabulary is None:
        return value
    code = f"{vocabulary}.{value}" if vocabulary else value
    return say(code, language) if code in codes() else value
