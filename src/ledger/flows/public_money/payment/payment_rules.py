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
from ledger.flows.public_money.payment.lines import Line
from ledger.flows.public_money.payment.payments import (
    RESTS_SINCE,
    SUMS_SINCE,
    SubsidyPaid,
    SubsidyReturned,
    SubsidyReturnedLate,
    line,
)
from ledger.flows.public_money.payment.tellings import as_told, distinct, had_left, is_same
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
    a line that was paid less than was due may be paid on another day; since the tenth edition on the same one as well.
    """
    before = line(model, event.payment)
    is_new = before.standing <= 0 or _is_rest(event, before, model.edition) or _is_back(event, before)
    if not is_new or (model.edition >= SUMS_SINCE and _is_told(event, before)):
        yield {"payment": event.payment}


def _is_told(event: SubsidyPaid, before: Line) -> bool:
    """Whether a payment of the same batch and day was told, and nothing says that it is another one."""
    mine = (one for one in before.payments if (one.batch, one.occurred_on) == (event.batch, event.occurred_on))
    return any(is_same(as_told(event), as_told(one)) for one in mine)


def _is_rest(event: SubsidyPaid, before: Line, edition: int) -> bool:
    """Whether a payment pays what was left of a line, taken out or not."""
    if edition < RESTS_SINCE or before.authorised is None or before.authorised.batch != event.batch:
        return False
    is_new = edition >= SUMS_SINCE or event.occurred_on not in {part.day for part in before.parts}
    return is_new and event.amount_fen <= before.rest_fen + before.rest_out_fen


def _is_back(event: SubsidyPaid, before: Line) -> bool:
    """Whether a payment is one that its batch sent back before it was told, of a line that stands paid in another."""
    return event.amount_fen <= before.waiting_in(event.batch)


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
    if _was_out(event, line(model, event.payment), model.edition):
        yield {"payment": event.payment, "enrolment": event.enrolment, "batch": event.batch}


def _was_out(event: SubsidyPaid, before: Line, edition: int) -> bool:
    out = before.taken_out
    if edition >= RESTS_SINCE and (before.standing <= 0 or event.amount_fen <= before.rest_fen):
        out -= before.rests_out
    return event.batch in out or (before.authorised is not None and before.authorised.batch in out)


@rule(SubsidyPaid, code="PAYMENT_AMOUNT", source="超标准")
def paid_as_authorised(event: SubsidyPaid, model: Knowledge) -> Verdict:
    before = line(model, event.payment)
    due = before.net_fen
    if due is not None and model.edition >= RESTS_SINCE:
        rest = before.rest_fen - sum(before.parts_anew.values())
        rest = rest if rest > 0 else before.rest_fen or before.rest_out_fen
        due = (rest or due) if before.standing > 0 else due - before.rest_out_fen
    if due is not None and due != event.amount_fen:
        yield {"payment": event.payment, "amount_fen": event.amount_fen, "due_fen": due}


@rule(SubsidyPaid, code="PAID_BESIDE_ANEW", source="银行退票 (reissue once per return)", edition=SUMS_SINCE)
def not_paid_beside_what_was_authorised_anew(event: SubsidyPaid, model: Knowledge) -> Verdict:
    """The bank paid what came back, and something else was authorised in its place, which may be paid as well: another
    payment, or the same number in another batch. What was taken out of its batch is told above.
    """
    before = line(model, event.payment)
    fen = event.amount_fen - before.waiting_in(event.batch)
    if before.authorised is None or before.net_fen is None or fen <= 0 or _was_out(event, before, model.edition):
        return
    anew = {**before.parts_anew, **({before.reissue: before.reissue_fen} if before.reissue else {})}
    if before.again and before.authorised.batch != event.batch:
        anew[event.payment] = before.net_fen
    if anew and fen + before.paid_fen + sum(anew.values()) > before.net_fen:
        yield {
            "payment": event.payment,
            "batch": event.batch,
            "amount_fen": event.amount_fen,
            "anew": ", ".join(sorted(anew)),
            "anew_fen": sum(anew.values()),
        }


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
    if model.edition < SUMS_SINCE and last is not None and _tells_again(event, last):
        yield {"payment": event.payment}


@rule(SubsidyReturned, SubsidyReturnedLate, code="RETURN_TWICE", source="重复导入不重记", form=True, edition=5)
def returned_once_in_all(event: Return, model: Knowledge) -> Verdict:
    """However often the line was paid and came back since. What repeats the last return is told above; since the tenth
    edition here, and another return of the same day is none that repeats it.
    """
    before = line(model, event.payment)
    repeats = [one for one in before.returns if _tells_again(event, one)]
    if not repeats:
        return
    is_again = _is_no_other(event, repeats, before) if model.edition >= SUMS_SINCE else before.failed not in repeats
    if is_again:
        yield {"payment": event.payment}


def _tells_again(event: Return, before: Return) -> bool:
    """Whether a return may be one that was told: of the same batch and day, and no proof that its money had left."""
    proves = isinstance(event, SubsidyReturnedLate) and not had_left(before)
    return (before.batch, before.occurred_on) == (event.batch, event.occurred_on) and not proves


def _is_no_other(event: Return, repeats: Sequence[Return], before: Line) -> bool:
    """Whether a return is one of those that were told of its batch and day, as far as anybody can know: told alike, or
    of more than can have come back on that day.
    """
    if any(is_same(as_told(event), as_told(one)) for one in repeats):
        return True
    mine = [one for one in before.returns if (one.batch, one.occurred_on) == (event.batch, event.occurred_on)]
    paid = [
        one.amount_fen for one in before.payments if one.batch == event.batch and one.occurred_on <= event.occurred_on
    ]
    back = [
        one.amount_fen
        for one in before.returns
        if one.batch == event.batch and one.occurred_on < event.occurred_on and had_left(one)
    ]
    most = max(before.net_fen or 0, sum(paid) - sum(back))
    return sum(one.amount_fen for one in distinct([*mine, event])) > most


@rule(SubsidyReturned, SubsidyReturnedLate, code="RETURN_STATE", source="代发全流程 (late returns)")
def returned_as_paid(event: Return, model: Knowledge) -> Verdict:
    """The result says that money came back which the book never saw leave, or that a paid line never left. A failure
    that is told after the payment that made it good says neither.
    """
    before = line(model, event.payment)
    standing = before.stands_in(event.batch)
    if standing != had_left(event) and not before.paid_after(event.occurred_on):
        yield {"payment": event.payment, "standing": standing}


@rule(SubsidyReturned, SubsidyReturnedLate, code="RETURN_AMOUNT", source="代发全流程")
def returned_whole(event: Return, model: Knowledge) -> Verdict:
    before = line(model, event.payment)
    expected = before.paid_in(event.batch) if before.stands_in(event.batch) else before.net_fen
    others = model.edition >= SUMS_SINCE
    parts = [part for part in before.parts if part.batch == event.batch or not others]
    if len(parts) > 1 and event.amount_fen in {part.fen for part in parts}:
        return
    if expected is not None and expected != event.amount_fen:
        yield {"payment": event.payment, "amount_fen": event.amount_fen, "expected_fen": expected}
