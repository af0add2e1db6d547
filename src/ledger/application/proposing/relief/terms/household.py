"""How the amount of a household's month came about: as the row says, and as the formula fits.

A row says it only in part. Which rounding the county uses and whether it pays by tiers is found by trying the formula;
a single person's cover (单人保) and a tapering amount (渐退), which follow none, are believed where the row says so.
Where nothing fits and nothing is said, the amount stands and the rule says so.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.application.proposing.cells import text, whole
from ledger.application.proposing.proposal import RowRefusedError
from ledger.flows.public_money.entitlement.monthly import Monthly

_UP: Final = ("household_yuan_up", "head_yuan_up")
_YUAN_FEN: Final = 100
_SAYING: Final = ("came_reason", "cover", "category", "remark")
"""The cells that may say how a household is covered."""
_DENIALS: Final = ("非", "不", "不是", "不再", "不享受", "不予", "未", "无", "取消", "停止", "结束", "退出", "原")
_NOT: Final = "".join(f"(?<!{word})" for word in _DENIALS)
_OVER: Final = r"(?!期?(?:已|到)?(?:满|届满|结束|终止|停止|取消|完成)|已?(?:转|改))"
_CASES: Final = (
    ("taper", re.compile(f"{_NOT}渐退{_OVER}")),
    ("single", re.compile(f"{_NOT}单人(?:户)?保{_OVER}")),
)
"""What is decided case by case, and how a row says that it is so now."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What the county has decided of a programme: its name, the amounts a head that it pays by, and the standard of
    each category.
    """

    programme: str
    tiers: Sequence[int]
    standards: Mapping[str, int]


def plain_monthly(base: int, extra: int, persons: int, supplement: str) -> dict[str, Any]:
    """An amount and what comes on top of it, without anything about where it comes from."""
    parts = [{"supplement_class": supplement, "persons": persons, "fen": extra}] if extra > 0 else []
    return {
        "mode": "difference",
        "income_per_head_fen": 0,
        "standard_fen": 0,
        "tier_fen": None,
        "persons": 1,
        "base_fen": base,
        "supplements": parts,
        "rounding": "none",
        "total_fen": base + extra,
    }


def household_monthly(values: Mapping[str, Any], base: int, extra: int, county: Decided) -> dict[str, Any]:
    """How the amount of the month came about. E_CELL_MISSING where no standard is known."""
    standard = values.get("standard_fen")
    if standard is None:
        standard = county.standards.get(text(values, "category") or county.programme)
    if standard is None:
        raise RowRefusedError("保障标准(元/人月)", "E_CELL_MISSING")
    persons, heads = whole(values, "persons"), whole(values, "supplement_persons")
    stated = {
        **plain_monthly(base, extra, max(1, heads), "other"),
        "income_per_head_fen": whole(values, "income_per_head_fen"),
        "standard_fen": standard,
        "persons": persons,
    }
    for tried in _formulas(county.tiers):
        if _gives(stated, tried) == base:
            return {**stated, **tried}
    return _rounded_sum(values, stated, county.tiers) or {**stated, **_case(values, stated)}


def _formulas(tiers: Sequence[int]) -> Iterator[dict[str, Any]]:
    """What is tried, in this order: another of the same result would be no other amount, and is not told from it."""
    yield from ({"mode": "difference", "rounding": rounding} for rounding in ("none", *_UP))
    yield from _exact(tiers)
    for rounding in _UP:
        yield from ({**one, "rounding": rounding} for one in _exact(tiers))


def _exact(tiers: Sequence[int]) -> Iterator[dict[str, Any]]:
    yield from ({"mode": "tier", "tier_fen": tier} for tier in tiers)
    yield {"mode": "full"}


def _gives(stated: Mapping[str, Any], tried: Mapping[str, Any]) -> int | None:
    return Monthly.model_validate({**stated, **tried, "supplements": ()}).expected_base_fen()


def _rounded_sum(values: Mapping[str, Any], stated: Mapping[str, Any], tiers: Sequence[int]) -> dict[str, Any] | None:
    """An amount whose base is exact and whose sum with what comes beside it was rounded up (见角进元): what that added
    comes on top. None unless what is paid is whole yuan, less than one above the sum.
    """
    column, base = values.get("base_fen"), stated["base_fen"]
    if whole(values, "net_fen") % _YUAN_FEN:
        return None
    for tried in ({"mode": "difference"}, *_exact(tiers)):
        exact = _gives(stated, tried)
        if exact is not None and 0 < base - exact < _YUAN_FEN and column in {None, exact}:
            added = {"supplement_class": "other", "persons": 1, "fen": base - exact}
            return {**stated, **tried, "base_fen": exact, "supplements": [*stated["supplements"], added]}
    return None


def _case(values: Mapping[str, Any], stated: Mapping[str, Any]) -> dict[str, Any]:
    """The mode that the row says itself, where its own columns do not contradict it: one person's cover is of one
    person, and 月人均补差 is the amount of a head.
    """
    persons, base = stated["persons"], stated["base_fen"]
    head = whole(values, "difference_fen")
    if head and base not in {head * persons, -(-head * persons // _YUAN_FEN) * _YUAN_FEN}:
        return {}
    said = " ".join(text(values, name) or "" for name in _SAYING)
    mode = next((mode for mode, words in _CASES if words.search(said)), None)
    return {} if mode is None or (mode == "single" and persons != 1) else {"mode": mode}


def as_it_stands(now: Mapping[str, Any], extra: int, was: Mapping[str, Any]) -> Mapping[str, Any]:
    """The monthly of a row beside the one that stands: where every figure is the same (`extra` is what the row's own
    column says of supplements), how it came about is what was recorded, for lists give the reason once and a later
    release finds more formulas. A figure that changed is told with how it came about now.
    """
    same = all(now[name] == was[name] for name in ("persons", "standard_fen", "income_per_head_fen", "total_fen"))
    extras = [sum(part["fen"] for part in one["supplements"]) for one in (now, was)]
    heads = [[part["persons"] for part in one["supplements"][:1]] for one in (now, was)] if extra else [[], []]
    return was if same and extras[1] in {extra, extras[0]} and heads[0] == heads[1] else now
