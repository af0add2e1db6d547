"""What a roster pays beside the month's own amount (补发一栏), as its remark says: arrears, a rise from an earlier
month, a price supplement, a one-off payment; for which months; and what it refers to.

A roster has one column for all of these and says in the remark which it is. Months are those that the remark names; a
remark that names none means the roster's own, and one that names impossible ones, or such as nobody can date, is a
wrong row. Aid that has a name of its own and comes once or by the season (取暖费、节日补助) is paid once, and may be
paid ahead; all else is of months that have been.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any, Final, Literal, NamedTuple

from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import RowRefusedError
from ledger.application.proposing.relief.paying.months_said import NO_MONTH, Asked, months_said
from ledger.application.proposing.relief.programmes import payment_id
from ledger.flows.knowledge import Need, Recorded
from ledger.flows.public_money.payment.batches import OF_PAYMENT, BatchLineExcluded
from ledger.flows.public_money.payment.lines import Line
from ledger.flows.public_money.payment.payments import SubsidyPaid, SubsidyReturned, SubsidyReturnedLate, line_in
from ledger.flows.public_money.payment.subsidies import ARREARS, MONTHS_MAX, SubsidyAuthorised, length, tells_return
from ledger.flows.public_money.payment.tellings import had_left
from ledger.values.dates import Period
from ledger.values.money import fen_to_yuan

Component = Literal["arrears", "uplift", "price", "one_off"]

_SEASONAL: Final = "取暖|采暖|供暖|供热|烤火|御寒|过冬|高温|防暑|降温|清凉|水电|电费|电价|水费|燃气"
_MISSED: Final = re.compile("补发|退票|漏发|重发|补付")
_WORDS: Final[tuple[tuple[re.Pattern[str], Component], ...]] = (
    (re.compile("提标|调标|提高标准|标准提高|标准调整"), "uplift"),
    (re.compile(f"(?:补发|漏发|补付)[^、,,;；。及和与]{{0,12}}(?:{_SEASONAL})(?!.*(?:退|重发))"), "one_off"),
    (_MISSED, "arrears"),
    (re.compile("价格|物价"), "price"),
    (re.compile(f"一次性|慰问|春节|过节|节日|国庆|中秋|端午|元旦|重阳|{_SEASONAL}"), "one_off"),
    (re.compile("低保(?:金|款|费)|保障金|救助金|供养金|生活费|护理费|生活补贴|护理补贴|基本生活"), "arrears"),
)
"""What words mean, the first that fits: a word like 一次性 makes no arrears a one-off payment, the name of aid does."""
_AHEAD: Final = 3
"""How many months before they begin those of a season may be paid."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What a payment beside the normal one is, and its first and last month (`YYYY-MM`)."""

    component: Component
    first: str
    last: str
    is_dated: bool
    """Whether the remark names months."""
    says_returned: bool
    """Whether it says that the money came back from the bank."""


class Claim(NamedTuple):
    """Who is to be paid beside the normal amount, in which batch, under which payment number."""

    enrolment: str
    batch: str
    payment: str


class Share(NamedTuple):
    """One payment beside the normal one: its number, the payment that came back and that it makes good, its months."""

    payment: str
    old: str | None
    first: str
    last: str
    fen: int


class _Return(NamedTuple):
    """A payment that came back: its last return's batch, its months ("" where the book never authorised it), and what
    is to be made good of it.
    """

    payment: str
    batch: str
    first: str
    last: str
    fen: int
    is_open: bool
    waits_fen: int
    """What failed of a payment that stands in part and never left: its own batch still pays it, unless it is taken out.
    """


def component_of(text: str) -> Component | None:
    """What the words of a remark say is paid; None where they say nothing of the kind."""
    return next((found for pattern, found in _WORDS if pattern.search(text)), None)


def beside(remark: str | None, month: str, component: Component | None = None) -> Beside:
    """What a remark on a roster of `month` says; plain arrears of that month when it says nothing of the kind. The
    remark may be a part of one, which another part says the `component` of.

    E_REMARK_MONTHS: it names months that do not hold (no such month, backwards, still to come, more than twelve).
    """
    text = remark or ""
    meant: Component = component or component_of(text) or "arrears"
    named = months_said(text, Asked(month, meant in ARREARS, _ahead(text, meant)))
    first, last = named or (month, month)
    return sound(Beside(meant, first, last, is_dated=named is not None, says_returned=tells_return(text)), text, month)


def sound(meant: Beside, text: str, month: str) -> Beside:
    """The same, where its months hold; E_REMARK_MONTHS."""
    begins = str(Period.parse(month).plus(_ahead(text, meant.component)))
    ends = month if meant.component in ARREARS else NO_MONTH
    backwards = not meant.first <= meant.last < NO_MONTH
    if backwards or meant.first > begins or meant.last > ends or length(meant.first, meant.last) > MONTHS_MAX:
        raise RowRefusedError("备注", "E_REMARK_MONTHS", value=text)
    return meant


def _ahead(text: str, component: Component) -> int:
    return _AHEAD if component == "one_off" and not _MISSED.search(text) else 0


def rise(standards: Sequence[Any], category: str, meant: Beside, until: date) -> Any | None:
    """The decision that raised the standard: of those that bind the first month, taken by a day, the newest."""
    binding = [one for one in standards if one.effective_from <= meant.first and one.decided_on <= until]
    mine = [one for one in binding if one.category == category]
    return max(mine, key=lambda one: (one.effective_from, one.decided_on), default=None)


def shares(context: Context, claim: Claim, meant: Beside, fen: int) -> list[Share]:
    """What the arrears of a row are made of. Payments that came back are made good one by one: those of earlier batches
    and of the months that the remark names, or of the lists of those months, which are not made good yet and come to
    the amount together, the fewest and oldest. A row that none of them explains is paid for itself, unless it says
    that it stands for them. A claim that was recorded stands for what it stood for, whatever came back since.

    E_REISSUE_SUM: no payments that came back come to the amount. E_REISSUE_DONE: they were all made good.
    E_REISSUE_REST: what failed never left, and waits in its own batch.
    """
    need = Need(f"enrolment:{claim.enrolment}", OF_PAYMENT)
    history = context.find([need])[need]
    recorded = _recorded(history, claim)
    if recorded:
        if sum(one.fen for one in recorded) == fen:
            return recorded
        return [Share(claim.payment, recorded[0].old, meant.first, meant.last, fen)]
    returns = _came_back(history, claim)
    inside = [one for one in returns if one.first and meant.first <= one.first and one.last <= meant.last]
    of_lists = [one for one in returns if one.first and meant.first <= _month_of(context, one.batch) <= meant.last]
    anywhere = [one for one in returns if not one.first or not meant.is_dated]
    named = _both(inside, of_lists)
    for pool in (inside, named, _both(named, anywhere)):
        chosen = _coming_to([one for one in pool if one.is_open], fen)
        if chosen:
            return [_share(context, claim, meant, one, alone=len(chosen) == 1) for one in chosen]
    _refuse(meant, named if meant.is_dated else _both(named, anywhere), fen)
    return [Share(claim.payment, None, meant.first, meant.last, fen)]


def _recorded(history: Sequence[Recorded], claim: Claim) -> list[Share]:
    """The arrears that the batch has already of this household."""
    return [
        Share(one.payment, None if one.reference is None else one.reference.payment, *_period(one), one.amount_fen)
        for one in (item.event for item in history)
        if isinstance(one, SubsidyAuthorised) and (one.batch, one.component) == (claim.batch, "arrears")
    ]


def _period(claim: SubsidyAuthorised) -> tuple[str, str]:
    return claim.period_from, claim.period_to


def _came_back(history: Sequence[Recorded], claim: Claim) -> list[_Return]:
    """The payments of earlier batches that came back, the oldest first, and whether they are still to be made good."""
    out = {one.event.payment for one in history if isinstance(one.event, BatchLineExcluded)}
    found: list[_Return] = []
    for name in dict.fromkeys(str(getattr(item.event, "payment", None) or "") for item in history):
        mine = [item for item in history if item.event.kind in OF_PAYMENT and name in _touched(item.event)]
        back = [one.event for one in mine if isinstance(one.event, SubsidyReturned | SubsidyReturnedLate)]
        if not name or not back or back[-1].batch >= claim.batch:
            continue
        state = line_in(mine, name)
        if out & ({state.reissue, *state.parts_anew} - {None}):  # a line may go out before it has a payment
            continue  # what stood for it was taken out: the book cannot tell what becomes of it
        first, last = ("", "") if state.authorised is None else _period(state.authorised)
        in_part = state.open_back_fen if state.reissue is None else 0
        never_left = state.standing > 0 and not in_part and not had_left(back[-1])
        if never_left and not state.rest_fen and state.rest_out_fen:
            continue  # it was taken out, and is arrears like others
        fen = in_part or (_all_back(state, mine) if state.may_come_again else 0)
        waits = state.rest_fen if never_left else 0
        found.append(_Return(name, back[-1].batch, first, last, fen or back[-1].amount_fen, fen > 0, waits))
    return found


def _all_back(state: Line, history: Sequence[Recorded]) -> int:
    """What came back of a payment of which nothing stands, in however many parts, and what failed of it beside that;
    without what was authorised in place of some of the parts.
    """
    stands, most = 0, 0
    failed, of_day = set[int](), defaultdict[date, int](int)
    for event in (one.event for one in history):
        if event is state.authorised:
            most = stands
            failed.clear()
            of_day.clear()
        elif isinstance(event, SubsidyPaid):
            stands += event.amount_fen
            most = max(most, stands)
        elif isinstance(event, SubsidyReturned) and not event.was_paid:
            failed.add(event.amount_fen)
            of_day[event.occurred_on] += event.amount_fen
        elif isinstance(event, SubsidyReturned | SubsidyReturnedLate):
            stands = max(0, stands - event.amount_fen)
    last = state.returns[-1].amount_fen
    together = {*failed, *of_day.values(), sum(failed)}  # one, the slices of a day, or those of several days
    if state.net_fen is not None and not state.rest_out_fen and state.net_fen - most in together:
        most = state.net_fen
    return max(most, last) - sum(state.parts_anew.values())


def _month_of(context: Context, batch: str) -> str:
    """The month of the list that a batch was made of; "" where the book has none."""
    return next((one.month for one in context.events(Need(f"batch:{batch}", ("batch.prepared",)))), "")


def _both(some: Sequence[_Return], others: Sequence[_Return]) -> list[_Return]:
    return [*some, *(one for one in others if one not in some)]


def _coming_to(pool: Sequence[_Return], fen: int) -> Sequence[_Return]:
    """The fewest payments that come to an amount together, the oldest of them; none where no payments do."""
    some = pool[:MONTHS_MAX]
    for count in range(1, len(some) + 1):
        for chosen in combinations(some, count):
            if sum(one.fen for one in chosen) == fen:
                return chosen
    return ()


def _share(context: Context, claim: Claim, meant: Beside, one: _Return, *, alone: bool) -> Share:
    name = claim.payment if alone else payment_id(context, claim.enrolment, claim.batch, f"arrears/{one.payment}")
    return Share(name, one.payment, one.first or meant.first, one.last or meant.last, one.fen)


def _refuse(meant: Beside, named: Sequence[_Return], fen: int) -> None:
    """Refuse an amount that says it stands for what came back, or is large enough to, and does not."""
    left = [one for one in named if one.is_open]
    says = meant.says_returned or (meant.is_dated and any(one.fen <= fen for one in left))
    period = {"first": meant.first, "last": meant.last}
    if left and says:
        open_ones = "、".join(f"{one.last} {fen_to_yuan(one.fen, grouped=True)}" for one in left)
        raise RowRefusedError("补发(元)", "E_REISSUE_SUM", value=fen_to_yuan(fen), **period, open=open_ones)
    waiting = [one for one in named if one.waits_fen]
    if waiting and meant.says_returned:
        left_fen = sum(one.waits_fen for one in waiting)
        told = {"batch": waiting[0].batch, "left_fen": left_fen, **period}
        raise RowRefusedError("补发(元)", "E_REISSUE_REST", value=fen_to_yuan(fen), **told)
    if named and meant.says_returned and meant.is_dated:
        raise RowRefusedError("补发(元)", "E_REISSUE_DONE", value=fen_to_yuan(fen), **period)


def _touched(event: Any) -> tuple[str, ...]:
    """The payments that an event says something of: its own, and the one that it stands in place of."""
    reference = getattr(event, "reference", None)
    return (str(getattr(event, "payment", "")), *([] if reference is None else [str(reference.payment or "")]))
