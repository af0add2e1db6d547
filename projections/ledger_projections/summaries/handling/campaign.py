"""C1 工作进展统计表, C2 线索台账, C4 重点人群备案 and C6 回头看统计表: a campaign's problems by category, its clues,
relatives of officials who draw aid, its look backs.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from ledger.flows.event import Event
from ledger.flows.public_money.redress.clues import (
    ClueRaised,
    ClueRefuted,
    ClueRestated,
    ClueVerified,
    FindingReferred,
    as_restated,
)
from ledger.flows.public_money.redress.rectification import (
    FindingReopened,
    LookBackPerformed,
    RectificationPlanned,
    RectificationReported,
)
from ledger_projections.keeping.answers import per_mille_text
from ledger_projections.keeping.standing import standing
from ledger_projections.public_money.doubts import Clue, acted_on, clues
from ledger_projections.public_money.matching_runs import matching_runs
from ledger_projections.public_money.recoveries import Matter, recoveries
from ledger_projections.summaries.handling.clue_totals import clue_totals
from ledger_projections.summaries.handling.problems import Problem, Reports, disciplined, problems, rules_of, ungrouped
from ledger_projections.summaries.handling.redress import progress_of
from ledger_projections.summaries.table import Asked, Row, Said, Table, Value, columns, row_of, table_of, total_of, word

C1: Final = columns(
    ("category", "text"),
    ("findings", "count"),
    ("cases", "count"),
    ("concerned", "persons"),
    ("concerned_fen", "fen"),
    ("at_once", "count"),
    ("rectified", "count"),
    ("rectifying", "count"),
    ("unplanned", "count"),
    ("overdue", "count"),
    ("ordered_fen", "fen"),
    ("collected_fen", "fen"),
    ("given_back", "count"),
    ("given_back_fen", "fen"),
    ("systems", "count"),
    ("referred", "count"),
    ("referred_persons", "persons"),
    ("disciplined", "persons"),
    ("filed_cases", "count"),
    ("published_cases", "count"),
)
C2: Final = columns(
    ("clue", "text"),
    ("found_by", "text"),
    ("raised_on", "day"),
    ("summary", "text"),
    ("accused", "text"),
    ("test", "text"),
    ("township", "text"),
    ("unit", "text"),
    ("due_on", "day"),
    ("verifiers", "count"),
    ("state", "text"),
    ("result", "text"),
    ("measures", "text"),
    ("confirmed_fen", "fen"),
    ("settled_on", "day"),
    ("answered_on", "day"),
    ("closed_on", "day"),
    ("finding", "text"),
    ("is_overdue", "text"),
)
C4: Final = columns(
    ("accused", "text"),
    ("relation", "text"),
    ("programme", "text"),
    ("township", "text"),
    ("village", "text"),
    ("data_as_of", "day"),
    ("exposure_fen", "fen"),
    ("reviewers", "text"),
    ("state", "text"),
    ("result", "text"),
    ("confirmed_fen", "fen"),
    ("clue", "text"),
)
C6: Final = columns(
    ("finding", "text"),
    ("category", "text"),
    ("found_by", "text"),
    ("looked_on", "day"),
    ("looked_by", "text"),
    ("sampled", "count"),
    ("relapsed", "count"),
    ("reopened", "text"),
    ("state", "text"),
)
_OF_CLUES: Final = ("clue.raised", "clue.restated", "clue.verified", "clue.refuted")
_SETTLED: Final = frozenset({"verified", "refuted", "confirmed"})

_RELATIVES: Final = "T06"
"""The test that compares with the list of officials' near relatives (干部近亲属)."""

E = TypeVar("E", bound=Event)


def campaign(connection: Connection, asked: Asked) -> Table:
    """C1: a row a category, of the problems found in the months, as they stand on the last day; each counts once, with
    the cases that it takes in.
    """
    found = recoveries(connection, asked.open_on, as_of=asked.until, at=asked.at, entity=asked.entity)
    parts: defaultdict[str, list[Problem]] = defaultdict(list)
    for problem in problems(found):
        if asked.begin <= problem.matter.confirmed_on <= asked.until:
            parts[problem.matter.category or ""].append(problem)
    plans = _last(connection, RectificationPlanned, asked, found.position)
    reports = _all(connection, RectificationReported, asked, found.position)
    handed = _all(connection, FindingReferred, asked, found.position)
    rows = []
    for category, mine in sorted(parts.items()):
        names = [name for one in mine for name in one.findings]
        back = [given_back(one, reports) for one in mine]
        values: dict[str, Value] = {
            "category": category or None,
            **progress_of(mine),
            "concerned": sum(one.matter.persons for one in mine),
            "concerned_fen": sum(one.matter.confirmed_fen for one in mine),
            "at_once": sum(_is_immediate(plans.get(one.matter.finding)) for one in mine),
            "ordered_fen": sum(order.sums.ordered_fen for one in mine for order in one.recoveries),
            "collected_fen": sum(order.sums.collected_fen for one in mine for order in one.recoveries),
            "given_back": sum(fen is not None for fen in back),
            "given_back_fen": sum(fen or 0 for fen in back),
            "systems": len(rules_of(one for name in names for one in reports.get(name, ()))),
            "referred": sum(one.is_referred for one in mine),
            "referred_persons": sum(one.persons for problem in mine for one in problem.told(handed)),
            "disciplined": sum(disciplined(one, reports) for one in mine),
        }
        rows.append(row_of(C1, values, [f"finding:{name}" for name in names]))
    scopes = (
        Said("table.scope.confirmed", asked.days),
        Said("table.scope.on", {"on": asked.open_on}),
    )
    shown = [one for mine in parts.values() for one in mine]
    made = [one for problem in shown for name in problem.findings for one in reports.get(name, ())]
    systems: dict[str, Value] = {"systems": len(rules_of(made))}
    total = [total_of(C1, rows, word("word", "total"), systems)] if rows else []
    notes = [*ungrouped(shown), Said("table.note.campaign")]
    return table_of("C1", asked, found.position, C1, [*rows, *total], scopes, notes)


def given_back(problem: Problem, reports: Reports) -> int | None:
    """What persons got back of a matter, by the last report of it that says so; None where none does."""
    found = problem.told(reports, _last_of_return)
    return sum(one.rectified_fen for one in found) if found else None


def _last_of_return(reports: Sequence[RectificationReported]) -> Sequence[RectificationReported]:
    return [one for one in reports if one.money_means == "returned_to_persons"][-1:]


def _is_immediate(plan: RectificationPlanned | None) -> bool:
    return plan is not None and plan.pace == "immediate"


def clue_ledger(connection: Connection, asked: Asked) -> Table:
    """C2: a row a clue that was raised in the months; persons are named by reference, never by name. What was refuted
    is struck off (销号) by that, what was confirmed when its finding, or the problem that takes it in, was closed.
    """
    clocks: dict[str, Any] = {"as_of": asked.until, "at": asked.at, "entity": asked.entity}
    found = clues(connection, asked.open_on, **clocks)
    raised, answers = _acts(connection, asked, found.position)
    mine = [one for one in found.rows if asked.begin <= one.raised_on <= asked.until]
    matters = {one.finding: one for one in recoveries(connection, asked.open_on, **clocks).matters}
    rows = []
    for one in mine:
        values = _clue(one, raised[one.clue], answers.get(one.clue))
        rows.append(row_of(C2, {**values, "closed_on": _struck_off(one, matters) or ""}, (f"clue:{one.clue}",)))
    scopes = (
        Said("table.scope.raised", asked.days),
        Said("table.scope.on", {"on": asked.open_on}),
        Said("table.scope.struck_off"),
    )
    notes = [Said("table.note.accused")]
    if mine:
        sums = clue_totals(mine)
        counts = {"clues": sums.clues, "founded": sums.founded, "answered": sums.answered}
        notes.append(Said("table.note.clues", {**counts, "rate": per_mille_text(sums.rate_per_mille)}))
    total = [total_of(C2, rows, word("word", "total"), {"verifiers": ""})] if rows else []
    return table_of("C2", asked, found.position, C2, [*rows, *total], scopes, notes)


def relatives(connection: Connection, asked: Asked) -> Table:
    """C4: a row a near relative of an official or village cadre who draws aid, as the lists of the months said, and
    what whoever looked at it found; how many the lists name stands below. Persons are named by reference.
    """
    clocks: dict[str, Any] = {"as_of": asked.until, "at": asked.at, "entity": asked.entity}
    found = clues(connection, asked.open_on, **clocks)
    raised, answers = _acts(connection, asked, found.position)
    rows = []
    for one in found.rows:
        if (one.test or "").startswith(_RELATIVES) and asked.begin <= one.raised_on <= asked.until:
            answer = answers.get(one.clue)
            values: dict[str, Value] = {
                "accused": one.enrolment or one.person or None,
                "relation": raised[one.clue].summary,
                "programme": one.programme,
                "township": one.township,
                "village": one.village or "",
                "data_as_of": one.data_as_of,
                "exposure_fen": one.exposure_fen,
                "reviewers": "" if answer is None else "、".join(answer.verifiers),
                "state": word("clue", one.state),
                "result": word("clue", one.result) if one.result else "",
                "confirmed_fen": one.confirmed_fen,
                "clue": one.clue,
            }
            rows.append(row_of(C4, values, (f"clue:{one.clue}",)))
    lists = {
        run.list_digest: run
        for run in matching_runs(connection, asked.open_on, **clocks).rows
        if run.test.startswith(_RELATIVES) and asked.begin <= run.voucher_date <= asked.until
    }.values()
    sums = {"lists": len(lists), "listed": sum(run.listed for run in lists), "hits": sum(run.hits for run in lists)}
    scopes = (Said("table.scope.raised", asked.days), Said("table.scope.relatives"))
    notes = [Said("table.note.relatives", sums) if lists else Said("table.note.no_relatives")]
    total = [total_of(C4, rows, word("word", "total"))] if rows else []
    return table_of("C4", asked, found.position, C4, [*rows, *total], scopes, notes)


def look_backs(connection: Connection, asked: Asked) -> Table:
    """C6: a row a look back that was performed in the months, with what became of its finding."""
    found = recoveries(connection, asked.open_on, as_of=asked.until, at=asked.at, entity=asked.entity)
    matters = {one.finding: one for one in found.matters}
    shown = problems(found)
    rows: list[Row] = []
    looked: set[str] = set()
    relapsed: set[str] = set()
    reopened: set[str] = set()
    backs = _all(connection, LookBackPerformed, asked, found.position)
    again = _all(connection, FindingReopened, asked, found.position)
    for back in _events(connection, LookBackPerformed, asked, found.position):
        matter = matters.get(back.finding)
        if matter is None or not asked.begin <= back.on <= asked.until:
            continue
        is_again = _reopens(back, backs[back.finding], again.get(back.finding, ()))
        values: dict[str, Value] = {
            "finding": back.finding,
            "category": matter.category,
            "found_by": word("found_by", matter.found_by) if matter.found_by else None,
            "looked_on": back.on,
            "looked_by": back.performed_by,
            "sampled": back.sample,
            "relapsed": back.relapsed,
            "reopened": word("truth", "yes" if is_again else "no"),
            "state": word("matter", matter.state),
        }
        rows.append(row_of(C6, values, (f"finding:{back.finding}",)))
        looked.add(back.finding)
        relapsed.update([back.finding] if back.relapsed else [])
        reopened.update([back.finding] if is_again else [])
    scopes = (Said("table.scope.looked", asked.days),)
    sets = {"looked_back": looked, "relapsed": relapsed, "reopened": reopened}
    counts = {name: sum(one.is_among(known) for one in shown) for name, known in sets.items()}
    total = [total_of(C6, rows, word("word", "total"))] if rows else []
    return table_of(
        "C6", asked, found.position, C6, [*rows, *total], scopes, [Said("table.note.looked", counts)] if rows else ()
    )


def _reopens(back: LookBackPerformed, backs: Sequence[LookBackPerformed], again: Iterable[FindingReopened]) -> bool:
    """Whether a finding was reopened after a look back and before its next one, however far it has come since."""
    following = min((one.on for one in backs if one.on > back.on), default=date.max)
    return any(back.on <= one.on < following for one in again)


def _acts(
    connection: Connection, asked: Asked, position: int
) -> tuple[Mapping[str, ClueRaised], Mapping[str, ClueVerified | ClueRefuted]]:
    """How each clue was stated last, and its last answer by the last day."""
    raised: dict[str, ClueRaised] = {}
    answers: dict[str, ClueVerified | ClueRefuted] = {}
    for event in (item.event for item in standing(connection, _OF_CLUES, position, asked.until, acted_on)):
        if isinstance(event, ClueRaised):
            raised[event.clue] = event
        elif isinstance(event, ClueRestated) and event.clue in raised:
            raised[event.clue] = as_restated(raised[event.clue], (event,))
        elif isinstance(event, ClueVerified | ClueRefuted):
            answers[event.clue] = event
    return raised, answers


def _clue(one: Clue, raised: ClueRaised, answer: ClueVerified | ClueRefuted | None) -> dict[str, Value]:
    settled = one.state in _SETTLED
    return {
        "clue": one.clue,
        "found_by": word("found_by", one.found_by),
        "raised_on": one.raised_on,
        "summary": raised.summary,
        "accused": one.enrolment or one.person or None,
        "test": one.test,
        "township": one.township,
        "unit": one.unit or "",
        "due_on": one.due_on or "",
        "verifiers": "" if answer is None else len(answer.verifiers),
        "state": word("clue", one.state),
        "result": word("clue", one.result) if one.result else "",
        "measures": (answer.measures or "") if isinstance(answer, ClueVerified) else "",
        "confirmed_fen": one.confirmed_fen,
        "settled_on": one.state_on if settled else "",
        "finding": one.finding or "",
        "is_overdue": word("truth", "yes" if one.overdue else "no"),
    }


def _struck_off(clue: Clue, matters: Mapping[str, Matter]) -> date | None:
    """The day on which a clue was struck off (销号); None while it is open, and again once its finding is reopened."""
    if clue.state == "refuted":
        return clue.state_on
    own = matters.get(clue.finding or "")
    if own is None or own.state == "reopened":
        return None
    whole = matters.get(own.problem or "")
    return next((one.state_on for one in (own, whole) if one is not None and one.state == "closed"), None)


def _events(connection: Connection, cls: type[E], asked: Asked, position: int) -> Iterable[E]:
    """The events of a class that had been done by the last day, whenever they were recorded, and still stood then."""
    kind = str(cls.model_fields["kind"].default)
    for item in standing(connection, (kind,), position, asked.until, acted_on):
        if isinstance(item.event, cls) and asked.wants(item.entity):
            yield item.event


def _all(connection: Connection, cls: type[E], asked: Asked, position: int) -> Mapping[str, Sequence[E]]:
    """Finding -> its events of a class, in order."""
    found: defaultdict[str, list[E]] = defaultdict(list)
    for event in _events(connection, cls, asked, position):
        found[str(getattr(event, "finding", ""))].append(event)
    return dict(found)


def _last(connection: Connection, cls: type[E], asked: Asked, position: int) -> Mapping[str, E]:
    """Finding -> its last event of a class."""
    return {name: events[-1] for name, events in _all(connection, cls, asked, position).items()}
