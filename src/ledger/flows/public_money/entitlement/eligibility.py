"""The rules of enrolments: is the amount what the formula gives, and may this person be enrolled at all.

A decision is a gate; the roster of a start in mid-year is history and is only marked. What a rule compares with is set
by events (`programmes.py`); the household's arithmetic stands in `monthly.py`.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ledger.flows.authority.entities import is_office
from ledger.flows.checks import OWN_SINCE, find, own_matters
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.public_money.entitlement.deaths import DeathReported, earliest_month
from ledger.flows.public_money.entitlement.enrolments import (
    LAST_MONTH,
    EnrolmentChanged,
    EnrolmentConfirmed,
    EnrolmentEnded,
    EnrolmentReasonFilled,
    Standing,
    enrolment_need,
    months_of_change,
    person_need,
    standings,
    terms,
)
from ledger.flows.public_money.entitlement.monthly import above_highest
from ledger.flows.public_money.entitlement.programmes import (
    ONCE,
    drawn_by_difference,
    exclusion,
    for_the_dead,
    opened,
    programme_need,
    standard,
    unknown_programmes,
)
from ledger.flows.rules import Verdict, rule

Terms = EnrolmentConfirmed | EnrolmentChanged

_FORMULA: Final = "民发〔2021〕57号 art. 23"
_OURS_SINCE: Final = 11


@rule(EnrolmentConfirmed, EnrolmentChanged, code="PROGRAMME_UNKNOWN", source="业务规则", form=True)
def programme_known(event: Terms, model: Knowledge) -> Verdict:
    yield from unknown_programmes(model, event.programme)


@own_matters(EnrolmentConfirmed, EnrolmentChanged, edition=OWN_SINCE, across=is_office)
def programme_of_this_entity(event: Terms) -> Sequence[Need]:
    """An office may enrol in another's programme; nobody else does."""
    return (programme_need(event.programme),)


@own_matters(EnrolmentConfirmed, EnrolmentChanged, EnrolmentEnded, EnrolmentReasonFilled, edition=OWN_SINCE)
def enrolment_of_this_entity(event: Terms | EnrolmentEnded | EnrolmentReasonFilled) -> Sequence[Need]:
    return (enrolment_need(event.enrolment),)


@rule(EnrolmentConfirmed, code="ENROLMENT_TWICE", source="审核确认", form=True)
def confirmed_once(event: EnrolmentConfirmed, model: Knowledge) -> Verdict:
    if terms(model, event.enrolment, LAST_MONTH) is not None:
        yield {"enrolment": event.enrolment}


@rule(EnrolmentConfirmed, code="OPENING_OF_PAST", source="期初建账", form=True)
def opening_is_history(event: EnrolmentConfirmed, model: Knowledge) -> Verdict:
    """An enrolment is taken over from before the book, and never decided here: months before it could be claimed."""
    if event.reason == "opening" and event.origin != "history":
        yield {"enrolment": event.enrolment}


@rule(EnrolmentChanged, EnrolmentEnded, code="ENROLMENT_INACTIVE", source="社会救助暂行办法 art. 13")
def stands_now(event: EnrolmentChanged | EnrolmentEnded, model: Knowledge) -> Verdict:
    if terms(model, event.enrolment, LAST_MONTH) is None:
        yield {"enrolment": event.enrolment}


@rule(EnrolmentChanged, EnrolmentEnded, code="ENROLMENT_PROGRAMME", source="审核确认", form=True, edition=5)
def programme_of_enrolment(event: EnrolmentChanged | EnrolmentEnded, model: Knowledge) -> Verdict:
    """Who changes to another programme leaves one enrolment and begins another."""
    standing = terms(model, event.enrolment, LAST_MONTH)
    if standing is not None and standing.programme != event.programme:
        yield {"enrolment": event.enrolment, "programme": event.programme, "standing": standing.programme}


@rule(EnrolmentChanged, EnrolmentEnded, code="PERSON_NOT_NAMED", source="动态管理 (退出)", form=True, edition=5)
def leavers_named(event: EnrolmentChanged | EnrolmentEnded, model: Knowledge) -> Verdict:
    """Whoever is covered no longer is named, else their own history would show them covered for ever. A list that only
    counts (a month's roster) cannot say who left, and is recorded as it stands.
    """
    if isinstance(event, EnrolmentChanged) and event.origin == "history" and not event.members:
        return
    standing = terms(model, event.enrolment, LAST_MONTH)
    for person in () if standing is None else dict.fromkeys(standing.covered()):
        if person not in _named(event):
            yield {"enrolment": event.enrolment, "person": person}


@rule(EnrolmentChanged, EnrolmentEnded, code="PERSON_NOT_COVERED", source="动态管理 (退出)", form=True, edition=5)
def leavers_were_covered(event: EnrolmentChanged | EnrolmentEnded, model: Knowledge) -> Verdict:
    """Nobody leaves who was never in it. Who left before and was not named then may be named now."""
    if terms(model, event.enrolment, LAST_MONTH) is None:
        return
    known = {person for one in _stated(model, event.enrolment) for person in (*one.covered(), one.person)}
    for person in dict.fromkeys(event.removed if isinstance(event, EnrolmentChanged) else event.persons):
        if person not in known:
            yield {"enrolment": event.enrolment, "person": person}


@rule(EnrolmentChanged, code="CHANGE_BEFORE_START", source="审核确认", warns=True, edition=5)
def begun_by_then(event: EnrolmentChanged, model: Knowledge) -> Verdict:
    """Months of before it began would be claimed as its own. Of one that was taken over nobody knows when it began."""
    began: Terms | None = None
    for recorded in find(model, enrolment_need(event.enrolment)):
        decision = recorded.event
        if isinstance(decision, EnrolmentEnded):
            began = None
        elif isinstance(decision, EnrolmentConfirmed | EnrolmentChanged):
            earlier = began is None or decision.from_month < began.from_month
            began = decision if earlier else began
    taken_over = isinstance(began, EnrolmentConfirmed) and began.reason == "opening"
    if began is not None and not taken_over and event.from_month < began.from_month:
        yield {"enrolment": event.enrolment, "from_month": event.from_month, "began": began.from_month}


@rule(EnrolmentConfirmed, EnrolmentChanged, code="ENROLMENT_UNIT", source="民发〔2021〕57号 art. 23")
def unit_of_programme(event: Terms, model: Knowledge) -> Verdict:
    programme = opened(model, event.programme)
    if programme is None:
        return
    whole = event.household is not None if event.unit == "household" else event.monthly.persons == 1
    if event.unit != programme.unit or not whole:
        yield {"enrolment": event.enrolment, "unit": event.unit, "programme_unit": programme.unit}


@rule(EnrolmentConfirmed, EnrolmentChanged, code="MONTHLY_SUM", source="民发〔2021〕57号 art. 23", form=True)
def sums_hold(event: Terms, model: Knowledge) -> Verdict:
    if not event.monthly.sums_hold():
        yield {"enrolment": event.enrolment, "total_fen": event.monthly.total_fen}


@rule(EnrolmentConfirmed, EnrolmentChanged, code="MONTHLY_FORMULA", source=_FORMULA)
def formula_holds(event: Terms, model: Knowledge) -> Verdict:
    for departure in event.monthly.departures():
        yield {"enrolment": event.enrolment, **departure}


@rule(EnrolmentConfirmed, EnrolmentChanged, code="ABOVE_STANDARD", source=f"超标准; {_FORMULA}")
def under_ceiling(event: Terms, model: Knowledge) -> Verdict:
    monthly = event.monthly
    if monthly.total_fen > monthly.ceiling_fen:
        yield {"enrolment": event.enrolment, "amount_fen": monthly.total_fen, "ceiling_fen": monthly.ceiling_fen}


@rule(EnrolmentConfirmed, EnrolmentChanged, code="STANDARD_DIFFERS", source="超标准")
def standard_in_force(event: Terms, model: Knowledge) -> Verdict:
    """The roster's standard is last year's, or nobody set one: both are the commonest dirt of a roster."""
    found = standard(model, event.programme, event.category, event.from_month)
    in_force = 0 if found is None else found.amount_fen_per_month
    if in_force != event.monthly.standard_fen:
        yield {"category": event.category, "standard_fen": event.monthly.standard_fen, "in_force_fen": in_force}


@rule(EnrolmentConfirmed, EnrolmentChanged, code="TIER_UNKNOWN", source=_FORMULA)
def tier_was_set(event: Terms, model: Knowledge) -> Verdict:
    if event.monthly.mode != "tier" or event.monthly.tier_fen is None:
        return
    found = standard(model, event.programme, event.category, event.from_month)
    if found is not None and event.monthly.tier_fen not in found.tiers_fen:
        yield {"category": event.category, "tier_fen": event.monthly.tier_fen}


@rule(EnrolmentConfirmed, EnrolmentChanged, code="MEMBERS_COUNT", source="发放花名册 (户 and 人 mixed)")
def members_counted(event: Terms, model: Knowledge) -> Verdict:
    known = len({member.person for member in event.members})
    if event.members and known != event.monthly.persons:
        yield {"enrolment": event.enrolment, "members": known, "persons": event.monthly.persons}


@rule(EnrolmentConfirmed, EnrolmentChanged, code="PAYEE_DEAD", source="死亡冒领")
def members_alive(event: Terms, model: Knowledge) -> Verdict:
    """A household of several whose members nobody listed may go on without its householder: PAYEE_TO_CHANGE."""
    if for_the_dead(model, event.programme) or (not event.members and event.monthly.persons > 1):
        return
    for person in event.covered():
        died = earliest_month(find(model, person_need(person)))
        if died is not None and died < event.from_month:
            yield {"person": person, "died_month": died, "month": event.from_month}


@rule(EnrolmentConfirmed, EnrolmentChanged, code="PAYEE_TO_CHANGE", source="更换领款人", warns=True)
def householder_alive(event: Terms, model: Knowledge) -> Verdict:
    died = None if for_the_dead(model, event.programme) else earliest_month(find(model, person_need(event.person)))
    if event.paid_to_householder and died is not None and died < event.from_month:
        yield {"enrolment": event.enrolment, "person": event.person, "died_month": died}


@rule(DeathReported, code="PAYEE_TO_CHANGE", source="更换领款人", warns=True)
def another_receives(event: DeathReported, model: Knowledge) -> Verdict:
    """The households that go on after this death and are still paid to the dead; told with the first report only. Up to
    the tenth edition those of another bureau, too.
    """
    history = find(model, person_need(event.person))
    if earliest_month(history) is not None:
        return
    found: dict[str, Terms] = {}
    for recorded in history:
        decision = recorded.event
        if isinstance(decision, EnrolmentEnded) and _ends_by(decision, event.died_month):
            found.pop(decision.enrolment, None)
        elif isinstance(decision, EnrolmentConfirmed | EnrolmentChanged):
            found.pop(decision.enrolment, None)
            receives = decision.person == event.person and decision.paid_to_householder
            is_ours = recorded.entity == model.entity or model.edition < _OURS_SINCE
            if receives and is_ours and not for_the_dead(model, decision.programme):
                found[decision.enrolment] = decision
    for enrolment in found:
        yield {"enrolment": enrolment, "person": event.person, "died_month": event.died_month}


@rule(EnrolmentConfirmed, EnrolmentChanged, code="ENROLLED_TWICE", source="重复领取 (分户重复)")
def once_in_programme(event: Terms, model: Knowledge) -> Verdict:
    for person in event.covered():
        for other in _others(event, model, person):
            if other.programme == event.programme:
                yield {"person": person, "programme": event.programme, "other": other.enrolment}


@rule(EnrolmentConfirmed, EnrolmentChanged, code="EXCLUSIVE_BENEFIT", source="互斥待遇表, set by exclusion.set")
def no_excluded_programme(event: Terms, model: Knowledge) -> Verdict:
    for person in event.covered():
        for other in _others(event, model, person):
            if exclusion(model, event.programme, other.programme, event.from_month) == "forbidden":
                yield {"person": person, "programme": event.programme, "other": other.programme}


@rule(EnrolmentConfirmed, EnrolmentChanged, code="DIFFERENCE_EXCEEDED", source="补差发放, set by exclusion.set")
def only_the_difference(event: Terms, model: Knowledge) -> Verdict:
    """Where the county pays the difference of programmes, all together stay within the highest standard: from the month
    on, as far as the decisions on the person reach today.
    """
    for person in event.covered():
        yield from difference_exceeded(
            model, person, [(month, event) for month in months_of_change(model, person, event.from_month)]
        )


def difference_exceeded(model: Knowledge, person: str, months: Iterable[tuple[str, Terms]]) -> Verdict:
    """The body of DIFFERENCE_EXCEEDED: in a month a person draws more than the highest standard from an enrolment and
    others of which only the difference is due, each beside each. The fewest that exceed are told, each once.
    """
    told: set[frozenset[str]] = set()
    for month, own in months:
        for group in _by_difference(model, own, person, month):
            names = frozenset(other.enrolment for other in group)
            if any(before <= names for before in told) or not above_highest(
                [own.monthly, *(other.monthly for other in group)]
            ):
                continue
            told.add(names)
            others = "、".join(other.programme for other in group)
            yield {"person": person, "programme": own.programme, "other": others, "month": month}


def _by_difference(model: Knowledge, own: Terms, person: str, month: str) -> Iterator[tuple[Standing, ...]]:
    """The groups of other enrolments that all stand to this one and to each other by difference, the small ones first.

    A person is in a handful of programmes at most, so that every group can be looked at.
    """

    def due(programme: str, other: Standing) -> bool:
        return drawn_by_difference(model, programme, other.programme, month)

    beside = [
        other
        for other in standings(model, person, month)
        if other.enrolment != own.enrolment and due(own.programme, other)
    ]
    groups: list[tuple[Standing, ...]] = [()] if beside else []
    while groups:
        groups = [
            (*group, other)
            for group in groups
            for other in beside[beside.index(group[-1]) + 1 if group else 0 :]
            if all(due(one.programme, other) for one in group)
        ]
        yield from groups


@rule(EnrolmentConfirmed, code="EFFECTIVE_EARLY", source="民发〔2021〕57号 (次月起发放)", warns=True)
def from_next_month(event: EnrolmentConfirmed, model: Knowledge) -> Verdict:
    programme = opened(model, event.programme)
    if programme is not None and programme.scheme in ONCE:
        return
    if event.decided_on is not None and event.from_month <= event.decided_on.strftime("%Y-%m"):
        yield {"enrolment": event.enrolment, "from_month": event.from_month, "decided_on": event.decided_on.isoformat()}


@rule(EnrolmentConfirmed, EnrolmentEnded, code="REASON_PENDING", source="名册比对 (待补原因)", warns=True)
def reason_given(event: EnrolmentConfirmed | EnrolmentEnded, model: Knowledge) -> Verdict:
    if event.reason == "pending":
        yield {"enrolment": event.enrolment}


@rule(EnrolmentChanged, code="REASON_PENDING", source="名册比对 (待补原因)", warns=True)
def reasons_given(event: EnrolmentChanged, model: Knowledge) -> Verdict:
    if not event.reasons or "pending" in event.reasons:
        yield {"enrolment": event.enrolment}


@rule(EnrolmentReasonFilled, code="REASON_NOT_PENDING", source="名册比对 (待补原因)")
def was_pending(event: EnrolmentReasonFilled, model: Knowledge) -> Verdict:
    waiting = [
        recorded.event.id
        for recorded in find(model, enrolment_need(event.enrolment))
        if "pending" in {getattr(recorded.event, "reason", None), *getattr(recorded.event, "reasons", ())}
    ]
    if event.about not in waiting or event.reason == "pending":
        yield {"enrolment": event.enrolment, "about": event.about}


def _stated(model: Knowledge, enrolment: str) -> list[Terms]:
    """Every decision that said what an enrolment is entitled to."""
    events = (recorded.event for recorded in find(model, enrolment_need(enrolment)))
    return [one for one in events if isinstance(one, EnrolmentConfirmed | EnrolmentChanged)]


def _named(event: EnrolmentChanged | EnrolmentEnded) -> set[str]:
    """The persons whose histories show a decision."""
    if isinstance(event, EnrolmentEnded):
        return set(event.persons)
    return {*event.covered(), event.person, *event.removed}


def _ends_by(end: EnrolmentEnded, died_month: str) -> bool:
    """Whether an enrolment is paid no later than for the month of a death."""
    year, month = divmod(int(died_month[:4]) * 12 + int(died_month[5:]), 12)
    return end.from_month <= f"{year:04d}-{month + 1:02d}"


def _others(event: Terms, model: Knowledge, person: str) -> Iterator[Standing]:
    """The other enrolments that cover a person when this one begins, or later on."""
    found: dict[str, Standing] = {}
    for month in (event.from_month, LAST_MONTH):
        for standing in standings(model, person, month):
            if standing.enrolment != event.enrolment:
                found[standing.enrolment] = standing
    yield from found.values()
