"""The dead of households that go on: a householder who still receives for the others (更换领款人), and a member who is
still counted (成员死亡未减员).

The household goes on and is paid; whoever imports a list that shows it is told at its row, of the list of the dead and
of every later roster and result, as long as the book knows nobody else who receives, or counts as many as before.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from ledger.application.importing.rows import CleanRow, Note
from ledger.application.proposing.context import Context
from ledger.application.proposing.relief.programmes import TERMS
from ledger.catalogue import Words
from ledger.flows.knowledge import Need
from ledger.flows.public_money.entitlement.deaths import DEATH, death_need, earliest_month
from ledger.flows.public_money.entitlement.households import still_counted
from ledger.flows.public_money.entitlement.programmes import funerals

PAYEE: Final = "W_PAYEE_TO_CHANGE"
MEMBER: Final = "W_MEMBER_DEAD"
_UNNUMBERED: Final = Words("一户", "a household")
_UNNAMED: Final = Words("该人员", "the person")

Shown = tuple[CleanRow, str, str, Any, str]
"""A row, the name that it has, the month that it pays, the terms by which, and who the householder is by them."""

Dead = Mapping[str, AbstractSet[str]]
"""Somebody of whom a death was reported -> the enrolments that name, or named, the person."""

Pair = tuple[str, str]
"""(enrolment, person)."""


def of_deaths(context: Context, entity: str, listed: Sequence[tuple[CleanRow, str, str, str]]) -> list[Note]:
    """Remarks at the rows of a list of the dead: (row, name, reference of the person, month of the death). Whose list
    it is, is told of its own households: those of another office are that one's matter, and no news for this one.
    """
    people = {person for _, _, person, _ in listed}
    known = context.find(Need(f"person:{person}", (*TERMS[:2], DEATH)) for person in people)
    histories: dict[str, list[Any]] = {
        need.tag.partition(":")[2]: [one.event for one in items if one.event.kind == DEATH or one.entity == entity]
        for need, items in known.items()
    }
    theirs = {
        person: {one.enrolment for one in events if one.kind != DEATH and _receives(one, person)}
        for person, events in histories.items()
    }
    terms = terms_of(context, {name for names in theirs.values() for name in names})
    died: dict[str, str] = {}
    for _, _, person, month in listed:
        before = [one.died_month for one in histories[person] if one.kind == DEATH]
        died[person] = min(month, died.get(person, month), *before)
    still = [
        (row, name, terms[enrolment], died[person])
        for row, name, person, _ in listed
        for enrolment in sorted(theirs[person])
        if enrolment in terms and _receives(terms[enrolment], person)
    ]
    counting = _counting(context, {(e, p) for p, events in histories.items() for e in _of(events)}, died)
    counted = [
        (row, name, term, died[person])
        for row, name, person, _ in listed
        for pair in sorted(counting)
        for term in (counting[pair],)
        if pair[1] == person
    ]
    return [*_notes(context, PAYEE, still), *_notes(context, MEMBER, counted)]


def of_rows(context: Context, shown: Sequence[Shown], dead: Dead) -> list[Note]:
    """Remarks at the rows of a roster or a result that pay a month after the death of the householder, or of somebody
    whom they count, by the terms as they are once the row is recorded; `dead` are those of whom a death was `reported`.
    """
    held = [one for one in shown if one[4] in dead and _receives(one[3], one[4])]
    needs = {person: death_need(person) for *_, person in held}
    reports = context.find(needs.values())
    died = {person: earliest_month(reports[need]) for person, need in needs.items()}
    late = ((row, name, term, died[person], month) for row, name, month, term, person in held)
    told = [(row, name, term, of) for row, name, term, of, month in late if of and of < month]
    return [*_notes(context, PAYEE, told), *_of_members(context, shown, dead)]


def _of_members(context: Context, shown: Sequence[Shown], dead: Dead) -> list[Note]:
    """Remarks at the rows that pay a month after the death of somebody whom the household counts."""
    rows = {term.enrolment: (row, month, term) for row, _, month, term, _ in shown}
    theirs = {(name, person) for person, mine in dead.items() for name in mine & rows.keys()}
    theirs |= {(name, person) for name, (_, _, term) in rows.items() for person in dead.keys() & _people(term)}
    reports = context.find(death_need(person) for _, person in theirs)
    died = {need.tag.partition(":")[2]: earliest_month(items) or "" for need, items in reports.items()}
    pairs = {(name, person) for name, person in theirs if died[person] and died[person] < rows[name][1]}
    counting = _counting(context, pairs, died, {name: term for name, (_, _, term) in rows.items()})
    names = context.opened({person for _, person in counting})
    told = [
        (rows[name][0], names.get(person, {}).get("name", ""), counting[name, person], died[person])
        for name, person in sorted(counting)
    ]
    return _notes(context, MEMBER, told)


def _counting(
    context: Context, pairs: AbstractSet[Pair], died: Mapping[str, str], brought: Mapping[str, Any] | None = None
) -> dict[Pair, Any]:
    """The (enrolment, dead person) of which the enrolment goes on counting the person, with its terms; `brought` are
    the terms that a row brings, after all that is recorded. A householder who receives is told as that.
    """
    new = brought or {}
    needs = {name: Need(f"enrolment:{name}", TERMS) for name, _ in pairs}
    known = context.find(needs.values())
    found: dict[Pair, Any] = {}
    for name, person in pairs:
        decisions: list[Any] = [item.event for item in known[needs[name]]]
        if name in new and all(one.id != new[name].id for one in decisions):
            decisions.append(new[name])
        term = decisions[-1] if decisions else None
        if term is None or term.kind == TERMS[2] or _receives(term, person):
            continue
        if still_counted(decisions, person, died[person]):
            found[name, person] = term
    return found


def _of(events: Iterable[Any]) -> set[str]:
    return {one.enrolment for one in events if one.kind != DEATH}


def _people(term: Any) -> set[str]:
    return {term.person, *(one.person for one in term.members)}


def reported(context: Context) -> Dead:
    """Of whom a death was reported, with their enrolments, few of those that a list pays; a report that was taken back
    may be among them.
    """
    items: list[Any] = [*context.by_kind(DEATH), *context.outside.of_kind(DEATH)]
    needs = {item.event.person: Need(f"person:{item.event.person}", TERMS[:2]) for item in items}
    found = context.find(needs.values())
    return {person: _of(item.event for item in found[need]) for person, need in needs.items()}


def terms_of(context: Context, enrolments: Iterable[str]) -> Mapping[str, Any]:
    """Enrolment -> its terms now; none of one that ended."""
    needs = {Need(f"enrolment:{name}", TERMS): name for name in enrolments}
    last = {needs[need]: items[-1].event for need, items in context.find(needs).items() if items}
    return {name: event for name, event in last.items() if event.kind != TERMS[2]}


def _receives(term: Any, person: str) -> bool:
    return bool(term.paid_to_householder and term.person == person)


def _notes(context: Context, code: str, still: Sequence[tuple[CleanRow, str, Any, str]]) -> list[Note]:
    opened = {one.programme: one for one in context.facts("programme.opened")} if still else {}
    funeral = funerals(opened.values())
    homes = context.opened([term.household for _, _, term, _ in still if term.household])
    notes = []
    for row, name, term, died in still:
        programme = opened.get(term.programme)
        if programme is None or programme.programme in funeral:
            continue
        home = homes.get(term.household or "", {})
        number = home.get("number") or home.get("certificate") or _UNNUMBERED
        where = f"{term.township}{term.village or ''}"
        zh, en = (f"{programme.name} {one}" for one in (number, getattr(number, "en", number)))
        household = Words(f"{zh}（{where}）", f"{en} ({where})")
        params = {"enrolment": household, "person": name or _UNNAMED, "died_month": died}
        params |= {"persons": term.monthly.persons} if code == MEMBER else {}
        notes.append(Note(row.place, code, params))
    return notes
