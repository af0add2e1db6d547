"""The rules of authorising: entitled in each month, by the right amount, alive, once a month, and not twice over.

They are gates. Payments of a book's past (`origin: history`) were never authorised here and meet the same tests as
facts; a payment that was authorised is only compared with its authorisation (`payment_rules.py`).
"""

from collections.abc import Sequence
from typing import Final

from ledger.accounts.roles import Role
from ledger.flows.checks import OWN_SINCE, find, moved_before, own, own_matters
from ledger.flows.giving.funds import unknown
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.public_money.entitlement.deaths import earliest_month
from ledger.flows.public_money.entitlement.eligibility import difference_exceeded
from ledger.flows.public_money.entitlement.enrolments import enrolment_need, person_need, standings, taken_over, terms
from ledger.flows.public_money.entitlement.programmes import exclusion, for_the_dead, unknown_programmes
from ledger.flows.public_money.payment.batches import (
    batch_need,
    kinds_done,
    of_another,
    payment_need,
)
from ledger.flows.public_money.payment.beside import Claim, beside, first_component, makes_good
from ledger.flows.public_money.payment.lines import Line
from ledger.flows.public_money.payment.payments import SUMS_SINCE, SubsidyPaid, line
from ledger.flows.public_money.payment.subsidies import (
    ARREARS,
    DUE,
    MONTHS_MAX,
    SubsidyAuthorised,
    SubsidyOffset,
    arrears_needs,
    due_tags,
    length,
    months,
)
from ledger.flows.rules import Verdict, rule


def _judged_here(event: Claim) -> bool:
    """Whether the entitlement is judged on this event: when it is authorised, or when history never was."""
    return isinstance(event, SubsidyAuthorised) or event.origin == "history"


def _gross(event: Claim, model: Knowledge) -> int:
    """What the component is worth before deductions."""
    if isinstance(event, SubsidyAuthorised):
        return event.amount_fen
    return event.amount_fen + line(model, event.payment).offset_fen


@rule(SubsidyAuthorised, SubsidyPaid, code="PERIOD_ORDER", source="补发、提标补差", form=True)
def period_runs_forward(event: Claim, model: Knowledge) -> Verdict:
    if event.period_from == event.period_to:
        return
    span = length(event.period_from, event.period_to)
    if span < 1 or span > MONTHS_MAX:
        yield {"payment": event.payment, "period_from": event.period_from, "period_to": event.period_to}


@rule(SubsidyAuthorised, code="PROGRAMME_UNKNOWN", source="业务规则", form=True)
def programme_known(event: SubsidyAuthorised, model: Knowledge) -> Verdict:
    yield from unknown_programmes(model, event.programme)


@rule(SubsidyAuthorised, code="AUTHORISED_TWICE", source="制表", form=True)
def authorised_once(event: SubsidyAuthorised, model: Knowledge) -> Verdict:
    """A payment number comes back only when the bank had sent the line back."""
    before = line(model, event.payment)
    if before.authorised is not None and before.failed is None:
        yield {"payment": event.payment}


@own_matters(SubsidyAuthorised, SubsidyOffset, edition=OWN_SINCE)
def line_of_this_entity(event: SubsidyAuthorised | SubsidyOffset) -> Sequence[Need]:
    named = [batch_need(event.batch), payment_need(event.payment), enrolment_need(event.enrolment)]
    old = makes_good(event) if isinstance(event, SubsidyAuthorised) else None
    return named if old is None else [*named, payment_need(old)]


@rule(SubsidyAuthorised, code="AUTHORISED_TWICE", source="银行退票 (reissue once per return)", form=True, edition=5)
def authorised_once_per_return(event: SubsidyAuthorised, model: Knowledge) -> Verdict:
    """Nor does it come back when something was authorised in its place, but for what that left. What never failed is
    told above.
    """
    before = line(model, event.payment)
    if before.authorised is None or before.failed is None:
        return
    beyond = (before.is_bound or bool(before.anew)) and event.amount_fen > (before.anew_fen or 0)
    if beyond or not before.may_come_again:
        yield {"payment": event.payment}


@rule(SubsidyAuthorised, code="BATCH_DIFFERS", source="应发=实发+失败+取消", form=True)
def programme_of_batch(event: SubsidyAuthorised, model: Knowledge) -> Verdict:
    yield from of_another(model, event.batch, None, event.programme)


@rule(SubsidyAuthorised, code="BATCH_STATE", source="代发全流程")
def batch_open(event: SubsidyAuthorised, model: Knowledge) -> Verdict:
    done = kinds_done(model, event.batch)
    if "batch.prepared" not in done or "batch.approved" in done or "batch.closed" in done:
        yield {"batch": event.batch, "step": event.kind, "state": done[-1] if done else "-"}


@rule(SubsidyAuthorised, SubsidyPaid, code="DUE_TWICE", source="重复领取; 补发、提标补差")
def month_claimed_once(event: Claim, model: Knowledge) -> Verdict:
    """A payment meets other payments only: what was authorised twice was said when it was authorised."""
    for tag in due_tags(event):
        for recorded in model.history(tag, *DUE):
            other = recorded.event
            if not isinstance(other, SubsidyPaid if isinstance(event, SubsidyPaid) else Claim):
                continue
            if other.payment != event.payment:
                yield {"enrolment": event.enrolment, "month": tag[-7:], "other": other.payment}


@rule(SubsidyAuthorised, SubsidyPaid, code="ARREARS_TWICE", source="重复领取; 补发、提标补差")
def arrears_claimed_once(event: Claim, model: Knowledge) -> Verdict:
    """A month is made up for once, unless the line came back or was taken out. What stands in place of a payment that
    failed is bound by that payment (`REISSUE`), and counts as what it stands for.
    """
    if event.component not in ARREARS or not _judged_here(event) or makes_good(event) is not None:
        return
    history = [recorded for need in arrears_needs(event) for recorded in own(model, need)]
    for other, _ in beside(history, event, model.edition):
        if first_component(history, other) == event.component:
            yield {
                "enrolment": event.enrolment,
                "month": max(other.period_from, event.period_from),
                "other": other.payment,
            }


@rule(SubsidyAuthorised, SubsidyPaid, code="MADE_UP_BEYOND", source="重复领取; 补发、提标补差", warns=True, edition=3)
def no_more_made_up_than_decided(event: Claim, model: Knowledge) -> Verdict:
    """With what was claimed of these months before, arrears bring the household more than its decisions give it.

    A month that was paid in full may be made up for when the amount rose; the decision then binds from that month on.
    """
    if event.component not in ARREARS or not _judged_here(event) or makes_good(event) is not None:
        return
    history = [recorded for need in arrears_needs(event) for recorded in own(model, need)]
    others = [one for one in beside(history, event, model.edition) if one[0].component in _DECIDED]
    if not others:
        return
    spans = [(one.period_from, one.period_to) for one in (event, *(other for other, _ in others))]
    covered = sorted({month for first, last in spans for month in months(first, last)})
    decided = [terms(model, event.enrolment, month) for month in covered]
    if None in decided:
        return  # of a month before the book nobody knows what was decided
    due = sum(one.monthly.total_fen for one in decided if one is not None)
    claimed = event.amount_fen + sum(fen for _, fen in others)
    if claimed > due:
        yield {
            "payment": event.payment,
            "amount_fen": event.amount_fen,
            "claimed_fen": claimed,
            "due_fen": due,
            "period_from": covered[0],
            "period_to": covered[-1],
        }


_DECIDED: Final = ARREARS | {"normal"}
"""Components that together are what was decided; a price or one-off supplement comes on top."""


@rule(SubsidyAuthorised, SubsidyPaid, code="NOT_ENROLLED", source="社会救助暂行办法 arts. 11-13")
def enrolled_each_month(event: Claim, model: Knowledge) -> Verdict:
    """Arrears may be of a month before the book took the enrolment over; of that month it knows no better."""
    if not _judged_here(event):
        return
    for month in months(event.period_from, event.period_to):
        entitled = terms(model, event.enrolment, month)
        if entitled is None and event.component != "normal":
            entitled = taken_over(model, event.enrolment, month)
        if entitled is None or entitled.programme != event.programme:
            yield {"enrolment": event.enrolment, "programme": event.programme, "month": month}
            return


@rule(SubsidyAuthorised, SubsidyPaid, code="SUBSIDY_AMOUNT", source="超标准")
def amount_as_decided(event: Claim, model: Knowledge) -> Verdict:
    """The normal component is what the enrolment says, month by month."""
    if event.component != "normal" or not _judged_here(event):
        return
    due = 0
    for month in months(event.period_from, event.period_to):
        entitled = terms(model, event.enrolment, month)
        if entitled is None:
            return
        due += entitled.monthly.total_fen
    gross = _gross(event, model)
    if gross != due:
        yield {"payment": event.payment, "amount_fen": gross, "due_fen": due}


@rule(SubsidyAuthorised, SubsidyPaid, code="PAID_ABOVE_STANDARD", source="超标准")
def within_ceiling(event: Claim, model: Knowledge) -> Verdict:
    if event.component in {"price", "one_off"} or not _judged_here(event):
        return
    ceiling = 0
    for month in months(event.period_from, event.period_to):
        entitled = terms(model, event.enrolment, month) or taken_over(model, event.enrolment, month)
        if entitled is None:
            return
        ceiling += entitled.monthly.ceiling_fen
    gross = _gross(event, model)
    if gross > ceiling:
        yield {"payment": event.payment, "amount_fen": gross, "ceiling_fen": ceiling}


@rule(SubsidyAuthorised, code="PAYEE_DEAD", source="死亡冒领")
def subjects_alive(event: SubsidyAuthorised, model: Knowledge) -> Verdict:
    for person in () if for_the_dead(model, event.programme) else event.subjects:
        died = earliest_month(find(model, person_need(person)))
        if died is not None and died < event.period_to:
            yield {"person": person, "died_month": died, "month": event.period_to, "payment": event.payment}


@rule(SubsidyAuthorised, SubsidyPaid, code="EXCLUSIVE_BENEFIT", source="互斥待遇表, set by exclusion.set")
def no_excluded_programme(event: Claim, model: Knowledge) -> Verdict:
    if event.component != "normal" or not _judged_here(event):
        return
    for person in event.subjects:
        for other in standings(model, person, event.period_to):
            if other.programme == event.programme:
                continue  # no programme excludes itself
            if exclusion(model, event.programme, other.programme, event.period_to) == "forbidden":
                yield {"person": person, "programme": event.programme, "other": other.programme}


@rule(SubsidyAuthorised, SubsidyPaid, code="DIFFERENCE_EXCEEDED", source="补差发放, set by exclusion.set")
def no_more_than_the_difference(event: Claim, model: Knowledge) -> Verdict:
    if event.component != "normal" or not event.subjects or not _judged_here(event):
        return
    entitled = ((month, terms(model, event.enrolment, month)) for month in months(event.period_from, event.period_to))
    own = [(month, found) for month, found in entitled if found is not None]
    for person in event.subjects:
        yield from difference_exceeded(model, person, own)


@rule(SubsidyAuthorised, code="COMPONENT_REFERENCE", source="补发、提标补差")
def others_explained(event: SubsidyAuthorised, model: Knowledge) -> Verdict:
    named = event.reference is not None and event.reference.named
    if event.component != "normal" and not (named and event.reason):
        yield {"payment": event.payment, "component": event.component}


@rule(SubsidyAuthorised, code="REISSUE", source="银行退票 (reissue once per return)")
def reissued_after_return(event: SubsidyAuthorised, model: Knowledge) -> Verdict:
    old = None if event.reference is None else event.reference.payment
    if old is None:
        return
    before = line(model, old)
    if model.edition >= SUMS_SINCE:
        most = before.anew_fen
        refused = most is not None and event.amount_fen > most and not _came_again(before)
    else:
        refused = before.failed is None or before.standing > 0 or before.reissue is not None
    if refused:
        yield {"payment": event.payment, "old": old, "reissue": before.reissue or next(iter(before.parts_anew), None)}


@rule(SubsidyAuthorised, code="REISSUE", source="银行退票 (reissue once per return)", edition=5)
def not_reissued_under_its_own_number(event: SubsidyAuthorised, model: Knowledge) -> Verdict:
    """A payment that was authorised again as itself is made good by that. Other causes are told above."""
    old = None if event.reference is None else event.reference.payment
    before = None if old is None else line(model, old)
    if before is not None and _came_again(before):
        yield {"payment": event.payment, "old": old, "reissue": old}


def _came_again(before: Line) -> bool:
    return before.failed is not None and before.again and before.standing <= 0 and not before.reissue


@rule(SubsidyOffset, code="FUND_UNKNOWN", source="社会救助暂行办法 art. 5", form=True)
def fund_known(event: SubsidyOffset, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(SubsidyOffset, code="BATCH_DIFFERS", source="应发=实发+失败+取消", form=True)
def deduction_of_batch(event: SubsidyOffset, model: Knowledge) -> Verdict:
    yield from of_another(model, event.batch, event.fund, event.programme)


@rule(SubsidyOffset, code="OFFSET_DIFFERS", source="追缴实务 (抵扣)", form=True, edition=5)
def deduction_of_its_line(event: SubsidyOffset, model: Knowledge) -> Verdict:
    """What is kept back waits under the household and the batch of the line that it was kept back of."""
    of = line(model, event.payment).authorised
    if of is not None and (of.batch, of.enrolment) != (event.batch, event.enrolment):
        yield {"payment": event.payment, "batch": of.batch, "enrolment": of.enrolment}


@rule(SubsidyOffset, code="BATCH_STATE", source="代发全流程 (制表之后、签批之前)", edition=5)
def deducted_before_the_signature(event: SubsidyOffset, model: Knowledge) -> Verdict:
    """What was signed is what the bank pays: later on nothing is kept back any more. Of no batch no line is known."""
    done = kinds_done(model, event.batch)
    if done and ("batch.prepared" not in done or "batch.approved" in done or "batch.closed" in done):
        yield {"batch": event.batch, "step": event.kind, "state": done[-1]}


@rule(SubsidyOffset, code="OFFSET_SETTLED", source="追缴实务 (抵扣)", edition=5)
def nothing_kept_back_of_what_is_settled(event: SubsidyOffset, model: Knowledge) -> Verdict:
    """The line was paid, or taken out: there is nothing left of which to keep anything back."""
    of = line(model, event.payment)
    if of.standing > 0 or of.is_out:
        yield {"payment": event.payment, "paid": of.standing > 0, "amount_fen": event.amount_fen}


@rule(SubsidyOffset, code="MOVEMENT_TWICE", source="重复导入不重记", form=True)
def moved_once(event: SubsidyOffset, model: Knowledge) -> Verdict:
    yield from moved_before(event, model)


@rule(SubsidyOffset, code="OFFSET_OVER_PAYMENT", source="补发、提标补差 (net ≥ 0)")
def net_not_negative(event: SubsidyOffset, model: Knowledge) -> Verdict:
    left = line(model, event.payment).net_fen
    if left is None or event.amount_fen > left:
        yield {"payment": event.payment, "amount_fen": event.amount_fen, "left_fen": left or 0}


@rule(SubsidyOffset, code="OFFSET_OVER_RECOVERY", source="应追=已追+核销+未追")
def recovery_outstanding(event: SubsidyOffset, model: Knowledge) -> Verdict:
    """What is kept back and still waits in clearing counts as collected already."""
    if event.recovery is None:
        return
    ordered = model.balance(event.fund, Role.RECOVERABLE, event.recovery)
    waiting = -model.balance(event.fund, Role.OFFSET_CLEARING, event.enrolment)
    if event.amount_fen > ordered - waiting:
        yield {"recovery": event.recovery, "amount_fen": event.amount_fen, "left_fen": ordered - waiting}


@rule(SubsidyOffset, code="OFFSET_WITHOUT_RECOVERY", source="追缴实务", warns=True)
def recovery_named(event: SubsidyOffset, model: Knowledge) -> Verdict:
    if event.recovery is None:
        yield {"payment": event.payment, "amount_fen": event.amount_fen}
