"""Check sheets that come back (核查反馈): each row answers one doubt of the book, and answers nothing else.

What was given out must come back as it was; an answer is given once, another one is for whoever draws a sample of the
refuted. An open row says what is recorded already. A founded doubt becomes a finding in the same voucher.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from ledger.application.importing.check_sheets import WITHHELD, Issue, is_own_number, issue_of
from ledger.application.importing.kinds.oversight import DOUBTS, REASONS
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Note, Place
from ledger.application.proposing.cells import text, whole
from ledger.application.proposing.chains import coded
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, RowRefusedError, agree, says
from ledger.application.proposing.redress.found_dead import FoundDead
from ledger.application.proposing.redress.issued import PERSONAL, issued_fields
from ledger.application.proposing.redress.outstanding import unanswered
from ledger.application.proposing.relief.enrolled import Fields
from ledger.application.proposing.words import plain
from ledger.flows.event import Event
from ledger.flows.knowledge import Need, Recorded
from ledger.flows.public_money.entitlement.deaths import DEATH
from ledger.flows.public_money.redress.clues import ClueRaised, as_restated
from ledger.values.money import fen_to_yuan

REFUTED: Final = {
    "信息滞后": "stale_data",
    "数据错误": "data_error",
    "同名": "same_name",
    "政策": "policy_allows",
    "公益": "policy_allows",
    "渐退": "policy_allows",
    "单人保": "policy_allows",
    "机构": "institution_account",
    "敬老院": "institution_account",
    "监护": "guardian_account",
    "自行纠正": "self_corrected",
    "其他": "other",
}
REFUTED_SAID: Final = "不属实"
UNVERIFIABLE: Final = "无法核实"
RESULTS: Final = {"属实": "founded", "部分属实": "partly", UNVERIFIABLE: "unverifiable"}
COLUMNS: Final = {
    "E_TWO_VERIFIERS": "核查人二",
    "E_REFUTED_WITHOUT_EVIDENCE": "佐证材料",
    "E_DUE_PROCESS": "核查人二",
    "E_CLUE_STATE": "核查结果",
}
"""The columns that codes of a returned sheet are about."""
_STEPS: Final = ("clue.raised", "clue.restated", "clue.assigned", "clue.verified", "clue.refuted", "finding.confirmed")
_ANSWERS: Final = ("clue.verified", "clue.refuted")
_HEADERS: Final = {column.name: column.headers[0] for column in DOUBTS.shapes[0].columns}
_STATED: Final[Mapping[str, str]] = {
    "result": "result",
    "reason": "reason_class",
    "confirmed_fen": "confirmed_fen",
    "recover_fen": "due_fen",
    "measures": "treatment",
    "stop_from": "stop_month",
    "evidence_note": "evidence",
    "on": "checked_on",
}
"""Field of an answer -> its column, in the order in which a difference is looked for."""
_HIDDEN: Final = "***"
_SEVERAL: Final = 2


@dataclass(frozen=True, slots=True)
class Returned:
    """One file with sheets that came back, and what the book knows of the doubts in it."""

    _parsed: ParsedFile
    _context: Context
    _entity: str
    _issues: Mapping[tuple[str, str | None], Issue | None]
    """By file and sheet: all sheets that are given out bear one name, and a zip holds several."""
    _known: Mapping[str, Mapping[str, Recorded]]
    """Doubt -> kind -> its last act of the kind."""
    _stated: Mapping[str, Sequence[Any]]
    """Doubt -> what it was stated to be of, one after another: a sheet may have been given out at any of them."""
    _answers: Mapping[str, Sequence[Event]]
    """Doubt -> every answer that was recorded."""
    _people: Mapping[str, Fields]
    _again: frozenset[Place]
    """Rows that stand in the file a second time."""
    _dead: FoundDead

    @classmethod
    def read(cls, parsed: ParsedFile, context: Context, entity: str) -> "Returned":
        """Look up the doubts of all rows that may be answers."""
        issues = {(one.file, one.sheet): issue_of(one.titles) for one in parsed.sheets}
        rows = [row for row in parsed.rows if _is_answer(row, issues)]
        needs = {number: Need(f"clue:{number}", _STEPS) for row in rows if (number := _number(row)).isascii()}
        found = context.find(needs.values())
        known = {number: {item.event.kind: item for item in found[need]} for number, need in needs.items()}
        stated = {number: _statements(found[need]) for number, need in needs.items()}
        answers = {number: _given(found[need]) for number, need in needs.items()}
        raised = [one["clue.raised"].event for one in known.values() if "clue.raised" in one]
        people = {person for one in raised if (person := getattr(one, "person", None)) is not None}
        again = frozenset(one.place for one in parsed.duplicates)
        return cls(
            parsed, context, entity, issues, known, stated, answers, context.opened(people), again, FoundDead(context)
        )

    def has(self, row: CleanRow) -> bool:
        """Whether a row is an answer: its sheet was given out, or its number is one that this program gives."""
        return _is_answer(row, self._issues)

    def propose(self, proposal: Proposal, row: CleanRow) -> None:
        """The answer of one row."""
        number, issue = _number(row), self._issues.get((row.place.file, row.place.sheet))
        acts = self._known.get(number, {})
        if "clue.raised" not in acts:
            raise RowRefusedError("疑点编号", "E_CLUE_NUMBER", value=number)
        raised: Any = self._stated[number][-1]
        if issue is not None and plain(raised.township or "") != plain(issue.township or ""):
            told = {"township": raised.township or "-", "sheet": issue.township or "-"}
            raise RowRefusedError("疑点编号", "E_CLUE_TOWNSHIP", value=number, **told)
        today = self._context.options.today
        if issue is not None and (issue.on is None or issue.on > today):
            raise RowRefusedError("疑点编号", "E_ISSUE_DAY", value=str(issue.on or "-"), today=str(today))
        if changed := list(self._changed(row, raised)):
            for column, value, given in changed:
                proposal.refuse(row, column, "E_CLUE_CHANGED", {"value": value, "given": given})
            return
        if row.values.get("result") is None and row.place not in self._again:
            proposal.noted += 1
            return
        if row.place in self._again or self._was_given(row, raised):
            open_need = Need(f"clue:{number}", ("clue.raised",))
            proposal.add(row, open_need, self._entity, today, raised, sameness="exists")
            return
        self._answer(proposal, row, acts, issue)

    def left_open(self) -> Iterator[Note]:
        """What the sheets leave unanswered, and which of the doubts that were given out are gone from them."""
        rows = [row for row in self._parsed.rows if self.has(row)]
        answered = {number for number, given in self._answers.items() if given}
        return unanswered(self._context, self._parsed, rows, self._issues, answered)

    def _was_given(self, row: CleanRow, raised: Any) -> bool:
        """Whether this very answer is recorded, though another one followed it (a sample of the refuted was drawn)."""
        given = self._answers.get(_number(row), ())
        if len(given) < _SEVERAL:
            return False
        said, today = says(self._said(row, raised, self._day(row))), self._context.options.today
        return any(agree(says(event), said, today) for event in given)

    def _changed(self, row: CleanRow, raised: Any) -> Iterator[tuple[str, str, str]]:
        """Columns that no longer say what was given out: header, what stands there, what was given out."""
        values: dict[str, Any] = dict(row.values)
        values["months"] = None if values["month_from"] is None else (values["month_from"], values["month_to"])
        person = self._people.get(raised.person or "", {})
        ways = [issued_fields(self._context, one, person) for one in self._stated[raised.clue]]
        if raised.person is not None and values["name"] == WITHHELD and self._was_restricted(raised.person):
            ways = [{**one, "name": WITHHELD, "id_number": None} for one in ways]
        given = next((one for one in ways if all(_same(was, values.get(name)) for name, was in one.items())), ways[-1])
        for name, was in given.items():
            if _same(was, values.get(name)):
                continue
            shown = (_HIDDEN, _HIDDEN) if name in PERSONAL else (_shown(name, values.get(name)), _shown(name, was))
            yield _HEADERS[name], *shown

    def _was_restricted(self, person: str) -> bool:
        """Whether a sheet may have gone out without the person's name: its use was restricted once."""
        need = Need(f"identity:{person}", ("identity.restricted",))
        return bool(self._context.find([need])[need])

    def _answer(self, proposal: Proposal, row: CleanRow, acts: Mapping[str, Recorded], issue: Issue | None) -> None:
        raised: Any = self._stated[_number(row)][-1]
        day, today = self._day(row), self._context.options.today
        self._after_issue(day, issue)
        said = self._said(row, raised, day)
        before = next((acts[kind] for kind in _ANSWERS if kind in acts), None)
        if before is not None and not agree(says(before.event), says(said), today):
            column = _otherwise(before.event, said)
            value = row.values[column]
            shown = fen_to_yuan(value) if type(value) is int else str(value or "")
            raise RowRefusedError(_HEADERS[column], "E_CLUE_ANSWERED", value=shown, position=before.position or "-")
        if before is None:
            _require_two(row, raised.clue)
            tell_above(proposal, row, raised.clue, raised.exposure_fen)
        chain: list[tuple[Need, Event]] = []
        if issue is not None and "clue.assigned" not in acts:
            chain.append(self._act("clue.assigned", raised.clue, self._assigned(raised, issue)))
        chain.append(self._act(said.kind, raised.clue, said))
        if getattr(said, "result", "") in ("founded", "partly"):
            found = self._finding(row, raised, day)
            chain.append((Need(f"finding:{raised.clue}", (found.kind,)), found))
            if (death := self._dead.of(raised)) is not None:
                chain.append(death)
        need = Need(f"clue:{raised.clue}", (said.kind,))
        # Others may have reported the same death: only the same report is the same act.
        deaths = frozenset(one for one, event in chain if event.kind == DEATH)
        proposal.add_chain(row, need, self._entity, today, chain, deaths)

    @staticmethod
    def _act(kind: str, clue: str, event: Event) -> tuple[Need, Event]:
        return Need(f"clue:{clue}", (kind,)), event

    def _day(self, row: CleanRow) -> date:
        day, today = row.values.get("checked_on"), self._context.options.today
        if not isinstance(day, date):
            return today
        if day > today:
            raise RowRefusedError("核查日期", "E_FACT_IN_FUTURE", on=str(day), today=str(today))
        return day

    @staticmethod
    def _after_issue(day: date, issue: Issue | None) -> None:
        """Nobody verified a doubt before it was given out. E_CHECKED_BEFORE."""
        if issue is not None and issue.on is not None and day < issue.on:
            raise RowRefusedError("核查日期", "E_CHECKED_BEFORE", checked_on=str(day), on=str(issue.on))

    def _said(self, row: CleanRow, raised: Any, day: date) -> Event:
        """The answer, once it says all that such an answer must say."""
        values = row.values
        common = {
            "clue": raised.clue,
            "evidence": [],
            "evidence_note": text(values, "evidence"),
            "verifiers": _verifiers(row),
            "on": str(day),
            "origin": "decision",
        }
        if values["result"] == REFUTED_SAID:
            without_money(row)
            for name in ("reason_class", "evidence"):
                _demand(row, name)
            if (reason := coded(REFUTED, values["reason_class"], "")) == "":
                raise RowRefusedError(
                    "原因分类", "E_CELL_CHOICE", value=str(values["reason_class"]), choices="、".join(REASONS)
                )
            return self._context.event("clue.refuted", **common, reason=reason)
        if values["result"] == UNVERIFIABLE:
            nothing_established(row)
        else:
            _demand(row, "confirmed_fen")
        confirmed, due = whole(values, "confirmed_fen"), whole(values, "due_fen")
        if due > confirmed:
            told = {"value": fen_to_yuan(due), "confirmed_fen": confirmed}
            raise RowRefusedError("应追金额(元)", "E_ANSWER_DUE", **told)
        return self._context.event(
            "clue.verified",
            **common,
            result=RESULTS[str(values["result"])],
            confirmed_fen=confirmed,
            recover_fen=due,
            measures=text(values, "treatment"),
            stop_from=values.get("stop_month"),
        )

    def _assigned(self, raised: Any, issue: Issue) -> Event:
        """A sheet that came back was given out, also where that is not in the log."""
        due = None if issue.due_on is None else str(issue.due_on)
        fields = {"unit": raised.township or issue.number, "due_on": due, "on": str(issue.on), "origin": "history"}
        return self._context.event("clue.assigned", clue=raised.clue, **fields)

    def _finding(self, row: CleanRow, raised: Any, day: date) -> Event:
        return self._context.event(
            "finding.confirmed",
            finding=raised.clue,
            clues=[raised.clue],
            found_by=raised.found_by,
            authority=self._context.names_of(self._entity, day)[-1],
            confirmed_by=_verifiers(row),
            category=raised.test or "疑点核查",
            summary=raised.summary,
            programme=raised.programme,
            enrolment=raised.enrolment,
            household=raised.household,
            person=raised.person,
            period_from=raised.period_from,
            period_to=raised.period_to,
            persons=1,
            amount_fen=whole(row.values, "confirmed_fen"),
            reply_waived=False,
            on=str(day),
            origin="decision",
            place=self._context.place(self._parsed, row),
        )


def without_money(row: CleanRow) -> None:
    """What is unfounded, or could not be established, was found for no money. E_REFUTED_FEN."""
    for name in ("confirmed_fen", "due_fen"):
        if fen := whole(row.values, name):
            said = str(row.values["result"])
            raise RowRefusedError(_HEADERS[name], "E_REFUTED_FEN", value=fen_to_yuan(fen), result=said)


def nothing_established(row: CleanRow) -> None:
    """What could not be established takes no money and stops no payment. E_REFUTED_FEN, E_UNVERIFIABLE_STOP."""
    without_money(row)
    if stop := row.values.get("stop_month"):
        raise RowRefusedError(_HEADERS["stop_month"], "E_UNVERIFIABLE_STOP", value=str(stop))


def tell_above(proposal: Proposal, row: CleanRow, clue: str, exposure_fen: int) -> None:
    """W_ANSWER_ABOVE where more was established than was in doubt."""
    if (fen := whole(row.values, "confirmed_fen")) > exposure_fen:
        told = {"clue": clue, "amount_fen": fen, "doubt_fen": exposure_fen}
        proposal.notes.append(Note(row.place, "W_ANSWER_ABOVE", told))


def _is_answer(row: CleanRow, issues: Mapping[tuple[str, str | None], Issue | None]) -> bool:
    return issues.get((row.place.file, row.place.sheet)) is not None or is_own_number(_number(row))


def _given(history: Sequence[Recorded]) -> list[Event]:
    return [item.event for item in history if item.event.kind in _ANSWERS]


def _statements(history: Sequence[Recorded]) -> list[Any]:
    """The doubt as it was raised, and as it was restated since, the last one last."""
    found: list[ClueRaised] = []
    for event in (item.event for item in history):
        if isinstance(event, ClueRaised):
            found.append(event)
        elif found:
            found += [as_restated(found[0], (event,))] if event.kind == "clue.restated" else []
    return found


def _number(row: CleanRow) -> str:
    return str(row.values["doubt_no"])


def _verifiers(row: CleanRow) -> list[str]:
    return [str(row.values[name]) for name in ("checker_1", "checker_2") if row.values.get(name)]


def _require_two(row: CleanRow, clue: str) -> None:
    """Two persons verify. It is told here, for the finding that follows would be refused for the same lack."""
    if (verifiers := len(set(_verifiers(row)))) < _SEVERAL:
        raise RowRefusedError(COLUMNS["E_TWO_VERIFIERS"], "E_TWO_VERIFIERS", clue=clue, verifiers=verifiers)


def _demand(row: CleanRow, name: str) -> None:
    if row.values.get(name) is None:
        raise RowRefusedError(_HEADERS[name], "E_ANSWER_MISSING", result=str(row.values["result"]))


def _same(was: Any, now: Any) -> bool:
    if isinstance(was, str) and isinstance(now, str):
        return plain(was) == plain(now)
    return bool(was == now)


def _shown(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name.endswith("_fen"):
        return fen_to_yuan(value)
    return "至".join(value) if isinstance(value, tuple) else str(value)


def _otherwise(before: Event, said: Event) -> str:
    """The column in which an answer is another one: the result's where that is, or where no other column tells."""
    if before.kind != said.kind:
        return "result"
    differing = (field for field in _STATED if getattr(before, field, None) != getattr(said, field, None))
    return _STATED[next(differing, "result")]
