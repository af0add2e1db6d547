"""The rules of what the bank reports. Only form refuses; everything else is recorded, marked and explained.

A payment to somebody whose death was known gives the same finding as a death that was reported after the payment
(`deaths.py`): the order in which the two files arrive does not matter.
"""

from collections.abc import Sequence

from ledger.flows.checks import OWN_SINCE, in_future, own_matters
from ledger.flows.giving.funds import unknown
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.public_money.entitlement.deaths import dead_in
from ledger.flows.public_money.entitlement.enrolments import enrolment_need
from ledger.flows.public_money.entitlement.programmes import for_the_dead
from ledger.flows.public_money.payment.batches import batch_need, kinds_done, of_another, payment_need
from ledger.flows.public_money.payment.payments import (
    RESTS_SINCE,
    Line,
    SubsidyPaid,
    SubsidyReturned,
    SubsidyReturnedLate,
    line,
)
from ledger.flows.rules import Verdict, rule

Return = SubsidyReturned | SubsidyReturnedLate


@rule(
    SubsidyPaid,
    SubsidyReturned,
    SubsidyReturnedLate,
    code="FUND_UNKNOWN",
    source="社会救助暂行办法 art. 5",
    form=True,
)
def fund_known(event: SubsidyPaid | Return, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(SubsidyPaid, SubsidyReturned, SubsidyReturnedLate, code="BATCH_DIFFERS", source="应发=实发+失败+取消", form=True)
def of_its_batch(event: SubsidyPaid | Return, model: Knowledge) -> Verdict:
    yield from of_another(model, event.batch, event.fund, event.programme)


@own_matters(SubsidyPaid, SubsidyReturned, SubsidyReturnedLate, edition=OWN_SINCE)
def line_of_this_entity(event: SubsidyPaid | Return) -> Sequence[Need]:
    """What the bank did with a line stands in the books of whoever the line is. The enrolment was asked for when the
    line was authorised, and a payment of another is W_NOT_AUTHORISED; what is taken over was never authorised here.
    """
    named = (batch_need(event.batch), payment_need(event.payment))
    taken_over = isinstance(event, SubsidyPaid) and event.origin == "history"
    return (*named, enrolment_need(event.enrolment)) if taken_over else named


@rule(SubsidyPaid, SubsidyReturned, SubsidyReturnedLate, code="FACT_IN_FUTURE", source="会计期间", form=True)
def day_has_come(event: SubsidyPaid | Return, model: Knowledge) -> Verdict:
    yield from in_future(model, event.occurred_on)


@rule(SubsidyPaid, code="PAID_TWICE", source="到账回执", form=True)
def paid_once(event: SubsidyPaid, model: Knowledge) -> Verdict:
    """The same line of a result file again. Money that was really paid twice has two payment numbers; what was left of
    a line that was paid less than was due may be paid on another day.
    """
    before = line(model, event.payment)
    if before.standing > 0 and not _is_rest(event, before, model.edition):
        yield {"payment": event.payment}


def _is_rest(event: SubsidyPaid, before: Line, edition: int) -> bool:
    """Whether a payment pays what was left of a line, taken out or not."""
    if edition < RESTS_SINCE or before.authorised is None or before.authorised.batch != event.batch:
        return False
    is_new = event.occurred_on not in {day for day, _ in before.parts}
    return is_new and event.amount_fen <= before.rest_fen + before.rest_out_fen


@rule(SubsidyPaid, code="NOT_AUTHORISED", source="审批")
def was_authorised(event: SubsidyPaid, model: Knowledge) -> Verdict:
    if event.origin == "history":
        return
    before = line(model, event.payment).authorised
    if before is None or (before.enrolment, before.programme) != (event.enrolment, event.programme):
        yield {"payment": event.payment, "enrolment": event.enrolment}


@rule(SubsidyPaid, code="LINE_EXCLUDED", source="剔除清单", edition=5)
def not_taken_out(event: SubsidyPaid, model: Knowledge) -> Verdict:
    """The bank paid what was taken out of its batch, and not authorised since."""
    if event.origin == "history":
        return
    before = line(model, event.payment)
    out = before.taken_out
    if model.edition >= RESTS_SINCE and (before.standing <= 0 or event.amount_fen <= before.rest_fen):
        out -= before.rests_out
    if event.batch in out or (before.authorised is not None and before.authorised.batch in out):
        yield {"payment": event.payment, "enrolment": event.enrolment, "batch": event.batch}


@rule(SubsidyPaid, code="PAYMENT_AMOUNT", source="超标准")
def paid_as_authorised(event: SubsidyPaid, model: Knowledge) -> Verdict:
    before = line(model, event.payment)
    due = before.net_fen
    if due is not None and model.edition >= RESTS_SINCE:
        rest = before.rest_fen or before.rest_out_fen
        due = (rest or due) if before.standing > 0 else due - before.rest_out_fen
    if due is not None and due != event.amount_fen:
        yield {"payment": event.payment, "amount_fen": event.amount_fen, "due_fen": due}


@rule(SubsidyPaid, code="BATCH_STATE", source="代发全流程")
def batch_approved(event: SubsidyPaid, model: Knowledge) -> Verdict:
    if event.origin == "history":
        return
    done = kinds_done(model, event.batch)
    if "batch.approved" not in done or "batch.closed" in done:
        yield {"batch": event.batch, "step": event.kind, "state": done[-1] if done else "-"}


@rule(SubsidyPaid, code="PAYEE_DEAD", source="死亡冒领")
def subjects_alive(event: SubsidyPaid, model: Knowledge) -> Verdict:
    subjects = () if for_the_dead(model, event.programme) else event.subjects
    for found in dead_in(model, subjects, event.period_to):
        yield {**found, "payment": event.payment}


@rule(SubsidyReturned, SubsidyReturnedLate, code="RETURN_TWICE", source="银行退票", form=True)
def returned_once(event: Return, model: Knowledge) -> Verdict:
    """One return a day. A line that was said never to have left may prove to be money that came back."""
    last = line(model, event.payment).failed
    if last is not None and _tells_again(event, last):
        yield {"payment": event.payment}


@rule(SubsidyReturned, SubsidyReturnedLate, code="RETURN_TWICE", source="重复导入不重记", form=True, edition=5)
def returned_once_in_all(event: Return, model: Knowledge) -> Verdict:
    """However often the line was paid and came back since. What repeats the last return is told above."""
    before = line(model, event.payment)
    repeats = [one for one in before.returns if _tells_again(event, one)]
    if repeats and before.failed not in repeats:
        yield {"payment": event.payment}


def _tells_again(event: Return, before: Return) -> bool:
    """Whether a return is one that was told: of the same batch and day, and no proof that its money had left."""
    proves = isinstance(event, SubsidyReturnedLate) and isinstance(before, SubsidyReturned) and not before.was_paid
    return (before.batch, before.occurred_on) == (event.batch, event.occurred_on) and not proves


@rule(SubsidyReturned, SubsidyReturnedLate, code="RETURN_STATE", source="代发全流程 (late returns)")
def returned_as_paid(event: Return, model: Knowledge) -> Verdict:
    """The result says that money came back which the book never saw leave, or that a paid line never left. A failure
    that is told after the payment that made it good says neither.
    """
    before = line(model, event.payment)
    standing = before.standing > 0
    was_paid = event.was_paid if isinstance(event, SubsidyReturned) else True
    if standing != was_paid and not before.paid_after(event.occurred_on):
        yield {"payment": event.payment, "standing": standing}


@rule(SubsidyReturned, SubsidyReturnedLate, code="RETURN_AMOUNT", source="代发全流程")
def returned_whole(event: Return, model: Knowledge) -> Verdict:
    before = line(model, event.payment)
    expected = before.paid_fen if before.standing > 0 else before.net_fen
    if len(before.parts) > 1 and event.amount_fen in {fen for _, fen in before.parts}:
        return
    if expected is not None and expected != event.amount_fen:
        yield {"payment": event.payment, "amount_fen": event.amount_fen, "expected_fen": expected}
