"""Lists of other departments (比对名单), compared with who is on the rosters and who was paid.

Everybody in a list is looked for by the keyed reference of the number, so the log learns nothing of those who are not
found, and the vault keeps nobody because a list named him. Each programme that a listed person is in becomes one clue
with what was paid to it in the time that the list speaks of; each comparison becomes one run, also where nobody is hit.

Where a book has several bureaus, each compares its own people, with the same list too: its runs and clues are its own.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final

from ledger.application.importing.check_sheets import own_number
from ledger.application.importing.keys import row_content
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Note
from ledger.application.proposing.cells import text
from ledger.application.proposing.context import Context
from ledger.application.proposing.own_numbers import own_reference
from ledger.application.proposing.proposal import (
    Proposal,
    Proposed,
    RowRefusedError,
    attempt,
    attempt_together,
    each_row,
)
from ledger.application.proposing.redress.exposed import Exposed, Stake, Window
from ledger.application.proposing.relief.masked import HIDDEN
from ledger.application.proposing.words import plain
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.flows.public_money.redress.clues import STATED, ClueRaised, as_restated
from ledger.signing.canonical import canonical
from ledger.signing.digests import commitment_text
from ledger.values.dates import Period

TESTS: Final = {
    "deaths": "T01死亡后领取",
    "payroll": "T04财政供养",
    "pension": "T04养老金",
    "housing_fund": "T04公积金",
    "social_insurance": "T04社保缴纳",
    "vehicles": "T05车辆",
    "property": "T05房产",
    "business": "T05工商登记",
    "deposits": "T05存款",
    "relatives": "T06干部近亲属",
    "population": "T09户籍",
    "prison": "T09服刑",
    "other": "T00其他比对",
}
"""Kind of data -> the test that compares with it, by its number and name."""
_RUNS: Final = ("matching.performed",)
_ANSWERS: Final = frozenset(("clue.verified", "clue.refuted"))
_CLUE: Final = ("clue.raised", "clue.restated", *sorted(_ANSWERS))
_SAID: Final = ("period_from", "period_to", "exposure_fen", "summary")
_SUMMARY_CHARACTERS_MAX: Final = 2000
_SINCE: Final = re.compile(r",(([0-9]{4}-[0-9]{2})(?:-[0-9]{2})?)起")
_CODE_CHARACTERS: Final = 3


@dataclass(frozen=True, slots=True)
class _Listed:
    """A row of a list: of whom it speaks, and since which month (None where it does not say)."""

    row: CleanRow
    person: str
    since: str | None

    @property
    def name(self) -> str:
        """The name as the list writes it."""
        return str(self.row.values["name"])

    def says(self) -> str:
        """What the list says, in its own words."""
        values = self.row.values
        since = "" if self.since is None else f",{values.get('since_on') or self.since}起"
        return f"{values['source']}:{values['statement']}{since}"


def said_since(summary: str) -> list[tuple[str, str]]:
    """What `says` wrote into a doubt's description of since when each row of a list said it: as it was said, and the
    month of it.
    """
    return [(found[1], found[2]) for found in _SINCE.finditer(summary)]


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """A run for each kind of data and cut-off day, and its clues."""
    proposal = Proposal(columns={"E_FACT_IN_FUTURE": "数据截止日"})
    entity = context.entity("bureau")
    runs: defaultdict[tuple[str, date], list[_Listed]] = defaultdict(list)

    def sort(row: CleanRow) -> None:
        cut_off, data = row.values["cut_off_on"], str(row.values["data"])
        if not isinstance(cut_off, date) or cut_off > context.options.today:
            raise RowRefusedError("数据截止日", "E_FACT_IN_FUTURE", on=str(cut_off), today=str(context.options.today))
        number, since = str(row.values["id_number"]), text(row.values, "since_month")
        runs[data, cut_off].append(_Listed(row, context.reference("person", number), since))

    each_row(parsed, proposal, sort)
    people = {one.person: (str(one.row.values["id_number"]), one.name) for listed in runs.values() for one in listed}
    exposed = Exposed.read(context, people, None if context.is_only(entity, "bureau") else entity)
    for (data, cut_off), listed in runs.items():
        _Run(parsed, context, entity, (data, cut_off), exposed).propose(proposal, listed)
    return proposal


class _Run:
    """One comparison: the rows of one kind of data and one cut-off day."""

    def __init__(
        self, parsed: ParsedFile, context: Context, entity: str, of: tuple[str, date], exposed: Exposed
    ) -> None:
        self._parsed, self._context, self._entity, self._exposed = parsed, context, entity, exposed
        self._data, self._cut_off = of
        self._own = () if context.is_only(entity, "bureau") else (entity,)
        """What tells the bureau's numbers from another's; what it recorded without it, before the other came, is known
        by that for ever.
        """
        self._numbers: dict[tuple[str, str], str] = {}
        """(person, programme) -> the number of the doubt."""
        self._open: dict[str, ClueRaised] = {}
        self._answered: dict[str, ClueRaised] = {}
        """What the doubts are of by now, those that wait for an answer and those that have one."""
        """Doubts that the book has and nobody has answered, as they stand."""

    def propose(self, proposal: Proposal, listed: Sequence[_Listed]) -> None:
        """The run first, then what it hit, in the order of the list."""
        by_person: defaultdict[str, list[_Listed]] = defaultdict(list)
        for one in listed:
            by_person[one.person].append(one)
        hits = {person: list(self._hits(person, rows)) for person, rows in by_person.items()}
        self._number(hits)
        self._read_clues(hits)
        attempt(listed[0].row, proposal, lambda row: self._performed(proposal, row, listed, hits))
        for person, rows in by_person.items():
            if hits[person]:
                raised = partial(self._raised, proposal, rows=rows, hits=hits[person])
                attempt_together([one.row for one in rows], proposal, raised)
            else:
                proposal.noted += len(rows)

    def _hits(self, person: str, rows: Sequence[_Listed]) -> Iterator[Stake]:
        """Where somebody is enrolled or was paid from the earliest month on that any row names."""
        last = Period.of(self._cut_off)
        firsts = [last if one.since is None else Period.parse(one.since) for one in rows]
        first = min(firsts, key=str)
        if self._data == "deaths":  # the month of the death itself is due
            first = first.plus(1)
        return self._exposed.at_stake(person, Window(str(first), str(last)))

    def _performed(
        self, proposal: Proposal, row: CleanRow, listed: Sequence[_Listed], hits: dict[str, list[Stake]]
    ) -> None:
        found = sorted((person, one.programme, one.fen, one.months) for person, part in hits.items() for one in part)
        said = canonical(sorted(row_content(self._parsed.kind, one.row) for one in listed))
        digest = commitment_text(self._context.vault.fingerprint(said))
        who = sorted(
            (person, one.programme) for person, part in hits.items() for one in part
        )  # not what was paid since
        run = self._run(digest, who)
        told = self._context.events(_run_need(run))
        if told and told[0].exposure_fen != sum(fen for _, _, fen, _ in found):  # more was paid, or came back, since
            run = self._run(digest, found)
        event = self._context.event(
            "matching.performed",
            run=run,
            data=self._data,
            data_as_of=str(self._cut_off),
            test=TESTS[self._data],
            list_digest=digest,
            listed=len(listed),
            compared=len(hits),
            hits=len(found),
            exposure_fen=sum(fen for _, _, fen, _ in found),
            source=self._source(row),
        )
        proposal.add_beside(row, _run_need(run), self._entity, self._context.options.today, event, sameness="exists")

    def _raised(self, proposal: Proposal, row: CleanRow, rows: Sequence[_Listed], hits: Sequence[Stake]) -> None:
        said = ";".join(dict.fromkeys(one.says() for one in rows))
        today = self._context.options.today
        for index, hit in enumerate(hits):
            names_differ = hit.name is not None and all(plain(hit.name) != plain(one.name) for one in rows)
            remarks = (("姓名与登记不符", names_differ), (HIDDEN, hit.masked))
            told = said + "".join(f"({remark})" for remark, holds in remarks if holds)
            clue = self._numbers[rows[0].person, hit.programme]
            event = self._context.event(
                "clue.raised", clue=clue, **self._of(hit, row), summary=told[:_SUMMARY_CHARACTERS_MAX]
            )
            again = self._restated(proposal, row, clue, event)
            item = Proposed(
                row.place,
                Need(f"clue:{clue}", ("clue.raised",) if again is None else (again.kind,)),
                (event if again is None else again,),
                self._entity,
                today,
                "beside" if index else "row",
                "exists",
                among=None if again is None else lambda _: False,  # it was compared with what stands
            )
            proposal.items.append(item)

    def _read_clues(self, hits: dict[str, list[Stake]]) -> None:
        """Which of the doubts the book has, and what they are of by now."""
        clues = [self._numbers[person, hit.programme] for person, part in hits.items() for hit in part]
        found = self._context.find(Need(f"clue:{clue}", _CLUE) for clue in clues)
        for clue in clues:
            events = [item.event for item in found[Need(f"clue:{clue}", _CLUE)]]
            raised = next((event for event in events if isinstance(event, ClueRaised)), None)
            if raised is not None:
                answered = any(event.kind in _ANSWERS for event in events)
                (self._answered if answered else self._open)[clue] = as_restated(raised, events)

    def _restated(self, proposal: Proposal, row: CleanRow, clue: str, now: Any) -> Event | None:
        """What an open doubt is of anew, told at the row: by a list of the source of what stands, or where that
        of another source shows more. None where nothing is to be said.
        """
        was = self._open.get(clue)
        if was is None:
            self._stands(proposal, row, clue, now)
            return None
        differs = any(getattr(was, name) != getattr(now, name) for name in _SAID)
        if not differs or (_organisation(was) != _organisation(now) and now.exposure_fen <= was.exposure_fen):
            return None
        told = {"clue": clue, "was_fen": was.exposure_fen, "amount_fen": now.exposure_fen}
        told |= {"was": was.summary, "summary": now.summary}
        proposal.notes.append(Note(row.place, "W_CLUE_RESTATED", told))
        said = {
            name: value for name, value in now.model_dump(mode="json").items() if name in (*STATED, "source", "place")
        }
        return self._context.event("clue.restated", clue=clue, **said, on=str(self._context.options.today))

    def _stands(self, proposal: Proposal, row: CleanRow, clue: str, now: Any) -> None:
        """What was answered is not stated anew: where another sum is at stake by now, that is told, of another office's
        list where it is more. W_CLUE_ANSWERED.
        """
        was = self._answered.get(clue)
        if was is None or now.exposure_fen == was.exposure_fen:
            return
        if now.exposure_fen > was.exposure_fen or _organisation(was) == _organisation(now):
            told = {"clue": clue, "was_fen": was.exposure_fen, "amount_fen": now.exposure_fen}
            proposal.notes.append(Note(row.place, "W_CLUE_ANSWERED", told))

    def _of(self, hit: Stake, row: CleanRow) -> dict[str, Any]:
        first, last = hit.months or (None, None)
        return {
            "found_by": "matching",
            "test": TESTS[self._data],
            "data_as_of": str(self._cut_off),
            "programme": hit.programme,
            "enrolment": hit.enrolment,
            "household": hit.household,
            "person": hit.person,
            "township": hit.township,
            "village": hit.village,
            "period_from": first,
            "period_to": last,
            "exposure_fen": hit.fen,
            "evidence": [self._parsed.digest],
            "raised_on": str(self._context.options.today),
            "source": self._source(row),
            "place": self._context.place(self._parsed, row),
        }

    def _run(self, digest: str, found: Sequence[object]) -> str:
        """The reference of a comparison: the same list with the same people found is the same one."""
        natural = (self._data, self._cut_off, digest, found)
        return own_reference(
            self._context, self._entity, "matching-run", "matching-run", *natural, kind="bureau", kinds=_RUNS
        )

    def _number(self, hits: dict[str, list[Stake]]) -> None:
        """The number under which each doubt travels. Beside other bureaus it is the bureau's own, unless the book has
        the doubt of this enrolment already: from before, when whoever read a list compared everybody.
        """
        pairs = [(person, hit) for person, part in hits.items() for hit in part]
        alone = {(person, hit.programme): self._clue(person, hit.programme) for person, hit in pairs}
        self._numbers = alone
        if not self._own:
            return
        needs = {key: Need(f"clue:{number}", ("clue.raised",)) for key, number in alone.items()}
        found = self._context.find(needs.values())
        for person, hit in pairs:
            key = (person, hit.programme)
            is_there = any(
                self._entity == item.entity or hit.enrolment == getattr(item.event, "enrolment", None)
                for item in found[needs[key]]
            )
            if not is_there:
                self._numbers[key] = self._clue(*self._own, *key)

    def _clue(self, *natural: str) -> str:
        """Cut-off day, test, and what tells a doubt from others: a corrected list of the day gives the same numbers."""
        own = self._context.reference("clue", self._data, self._cut_off, *natural)
        return own_number(self._cut_off, TESTS[self._data][:_CODE_CHARACTERS], own)

    def _source(self, row: CleanRow) -> dict[str, Any]:
        organisation = text(row.values, "provider") or str(row.values["source"])
        return self._context.source(self._parsed, organisation)


def _run_need(run: str) -> Need:
    return Need(f"matching-run:{run}", _RUNS)


def _organisation(event: Any) -> str | None:
    """Whose list a doubt is of."""
    return None if event.source is None else str(event.source.organisation)
