"""What a roster pays beside the month's own amount (补发一栏), as its remark says: arrears, a rise from an earlier
month, a price supplement, a one-off payment; for which months; and what it refers to.

A roster has one column for all of these and says in the remark which it is. Months are those that the remark names; a
remark that names none means the roster's own, and one that names impossible ones is a wrong row: nobody knows what was
meant.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, NamedTuple

from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import RowRefusedError
from ledger.flows.knowledge import Need
from ledger.flows.public_money.payment.batches import PAYMENT
from ledger.flows.public_money.payment.payments import line_in
from ledger.flows.public_money.payment.subsidies import MONTHS_MAX, SubsidyAuthorised, length
from ledger.values.dates import Period

Component = Literal["arrears", "uplift", "price", "one_off"]

_WORDS: Final[tuple[tuple[re.Pattern[str], Component], ...]] = (
    (re.compile("提标|调标|提高标准|标准提高|标准调整"), "uplift"),
    (re.compile("补发|退票|漏发|重发|补付"), "arrears"),
    (re.compile("价格|物价"), "price"),
    (re.compile("一次性|慰问|春节|过节|节日"), "one_off"),
)
_YEAR = r"(?:(?P<{0}>20\d\d)年)?"
_SPAN: Final = re.compile(
    _YEAR.format("from_year") + r"(?P<first>\d{1,2})月?(?:份)?\s*[-—–~～至到]+\s*"
    + _YEAR.format("to_year") + r"(?P<last>\d{1,2})月(?!\d{1,2}日)"
)  # fmt: skip
_SINCE: Final = re.compile(_YEAR.format("from_year") + r"(?P<first>\d{1,2})月(?:份)?(?:起|开始|以来)")
_EACH: Final = re.compile(_YEAR.format("from_year") + r"(?P<months>\d{1,2}(?:[、,,和及]\d{1,2})*)月(?!\d{1,2}日)")
_DECEMBER: Final = 12
_NO_MONTH: Final = "9999-12"


@dataclass(frozen=True, slots=True)
class Beside:
    """What a payment beside the normal one is, and its first and last month (`YYYY-MM`)."""

    component: Component
    first: str
    last: str
    is_dated: bool
    """Whether the remark names months."""


class Claim(NamedTuple):
    """Who is to be paid beside the normal amount, in which batch, under which payment number."""

    enrolment: str
    batch: str
    payment: str


def beside(remark: str | None, month: str) -> Beside:
    """What a remark on a roster of `month` says; plain arrears of that month when it says nothing of the kind.

    E_REMARK_MONTHS: it names months that do not hold (no such month, backwards, still to come, more than twelve).
    """
    text = remark or ""
    component: Component = next((found for pattern, found in _WORDS if pattern.search(text)), "arrears")
    named = _months(text, month)
    first, last = named or (month, month)
    if not first <= last <= month or length(first, last) > MONTHS_MAX:
        raise RowRefusedError("备注", "E_REMARK_MONTHS", value=text)
    return Beside(component, first, last, is_dated=named is not None)


def _months(text: str, month: str) -> tuple[str, str] | None:
    if found := _SPAN.search(text):
        last = _month(found["last"], found["to_year"] or found["from_year"], month)
        return _month(found["first"], found["from_year"], last), last
    if found := _SINCE.search(text):
        return _month(found["first"], found["from_year"], month), str(Period.parse(month).plus(-1))
    if found := _EACH.search(text):
        each = [_month(one, found["from_year"], month) for one in re.findall(r"\d{1,2}", found["months"])]
        return min(each), max(each)
    return None


def _month(number: str, year: str | None, until: str) -> str:
    """The month of that number in the year stated, else the last one not after `until`; `_NO_MONTH` for 13月."""
    if not 1 <= int(number) <= _DECEMBER:
        return _NO_MONTH
    stated = year or until[:4]
    found = f"{stated}-{int(number):02d}"
    return found if year or found <= until else f"{int(stated) - 1}-{int(number):02d}"


def rise(standards: Sequence[Any], category: str, meant: Beside, until: date) -> Any | None:
    """The decision that raised the standard: of those that bind the first month, taken by a day, the newest."""
    binding = [one for one in standards if one.effective_from <= meant.first and one.decided_on <= until]
    mine = [one for one in binding if one.category == category]
    return max(mine, key=lambda one: (one.effective_from, one.decided_on), default=None)


def failed_payment(context: Context, claim: Claim, meant: Beside, fen: int) -> str | None:
    """The payment that came back and that the claim makes good: of an earlier batch, of the same amount, of the months
    that the remark names, and not made good since. The oldest, when several are. Of a payment that the book never
    authorised it does not know the months. A claim that was recorded refers to what it referred to, whatever came back
    since.
    """
    found = context.find([Need(f"enrolment:{claim.enrolment}", PAYMENT)])
    history = [item for items in found.values() for item in items]
    for item in history:
        if isinstance(item.event, SubsidyAuthorised) and item.event.payment == claim.payment:
            return None if item.event.reference is None else item.event.reference.payment
    came_back: list[str] = []
    inside: list[str] = []
    for name in dict.fromkeys(str(getattr(item.event, "payment", "")) for item in history):
        state = line_in([item for item in history if name in _touched(item.event)], name)
        failed, known = state.failed, state.authorised
        if failed is None or failed.amount_fen != fen or failed.batch >= claim.batch:
            continue
        if state.standing <= 0 and state.reissue is None:
            came_back += [name] if known is None or not meant.is_dated else []
            inside += [name] if known and meant.first <= known.period_from and known.period_to <= meant.last else []
    return next(iter(inside or came_back), None)


def _touched(event: Any) -> tuple[str, ...]:
    """The payments that an event says something of: its own, and the one that it stands in place of."""
    reference = getattr(event, "reference", None)
    return (str(getattr(event, "payment", "")), *([] if reference is None else [str(reference.payment or "")]))
