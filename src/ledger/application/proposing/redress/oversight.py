"""Doubts (疑点核查表): issued by township, verified in the village, and returned with their answers.

A clue is not a finding; a refuted one keeps its coded reason, because the honest rate of refutation says how good a
test is. A list that somebody else drew up raises its doubts; a sheet that this book gave out only answers them (see
`returned.py`).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.cells import whole
from ledger.application.proposing.chains import Chain, coded, day_of
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, RowRefusedError, each_row
from ledger.application.proposing.redress.returned import (
    COLUMNS,
    REFUTED,
    REFUTED_SAID,
    RESULTS,
    UNVERIFIABLE,
    Returned,
    nothing_established,
    tell_above,
    without_money,
)
from ledger.application.proposing.relief.programmes import person_ref, programme
from ledger.flows.knowledge import Need
from ledger.vault.people import Subject

FOUND_BY: Final = {
    "数据比对": "matching",
    "自查": "self_check",
    "信访": "petition",
    "乡镇": "township",
    "审计": "audit",
    "巡察": "inspection",
    "巡视": "inspection",
    "纪": "discipline",
    "督查": "supervision",
}


def propose_doubts(parsed: ParsedFile, context: Context) -> Proposal:
    """`clue.raised` for each doubt of a list, and what its verification found."""
    proposal = Proposal(columns=COLUMNS)
    entity = context.entity("bureau")
    returned = Returned.read(parsed, context, entity)

    def one(row: CleanRow) -> None:
        if returned.has(row):
            returned.propose(proposal, row)
            return
        chain, clue = Chain(context), _clue(context, row.values)
        known = _raised(chain, clue, parsed, context, proposal, (entity, row))
        if row.values.get("result"):
            _answered(chain, clue, parsed, context, row)
            tell_above(proposal, row, clue, whole(row.values, "doubt_fen"))
        chain.close(proposal, row, entity, known)

    each_row(parsed, proposal, one)
    proposal.notes += returned.left_open()
    return proposal


def _raised(
    chain: Chain, clue: str, parsed: ParsedFile, context: Context, proposal: Proposal, at: tuple[str, CleanRow]
) -> Need:
    (entity, row), values = at, at[1].values
    day = day_of(values.get("cut_off_on"), context)
    return chain.add(
        f"clue:{clue}",
        day,
        "clue.raised",
        clue=clue,
        found_by="matching",
        test=values.get("model"),
        data_as_of=str(day),
        programme=_programme_id(context, values),
        person=person_of(context, proposal, entity, values),
        township=values.get("township"),
        village=values.get("village"),
        period_from=values.get("month_from"),
        period_to=values.get("month_to"),
        exposure_fen=whole(values, "doubt_fen"),
        summary=values.get("description") or "",
        evidence=[],
        raised_on=str(day),
        place=context.place(parsed, row),
    )


def _answered(chain: Chain, clue: str, parsed: ParsedFile, context: Context, row: CleanRow) -> None:
    values = row.values
    day = day_of(values.get("checked_on"), context)
    common = {
        "clue": clue,
        "evidence": [parsed.digest],
        "evidence_note": values.get("evidence"),
        "verifiers": [values[n] for n in ("checker_1", "checker_2") if values.get(n)],
        "on": str(day),
        "origin": "history",
    }
    cut_off = values.get("cut_off_on")
    if isinstance(cut_off, date) and day < cut_off:
        raise RowRefusedError("核查日期", "E_CHECKED_BEFORE_DATA", checked_on=str(day), cut_off=str(cut_off))
    if values["result"] == REFUTED_SAID:
        without_money(row)
        reason = coded(REFUTED, values.get("reason_class"))
        chain.add(f"clue:{clue}", day, "clue.refuted", **common, reason=reason)
        return
    if values["result"] == UNVERIFIABLE:
        nothing_established(row)
    chain.add(
        f"clue:{clue}",
        day,
        "clue.verified",
        **common,
        result=RESULTS[str(values["result"])],
        confirmed_fen=whole(values, "confirmed_fen"),
        recover_fen=whole(values, "due_fen"),
        measures=values.get("treatment"),
        stop_from=values.get("stop_month"),
    )


def _clue(context: Context, values: Mapping[str, Any]) -> str:
    number = str(values["doubt_no"])
    return number if number.isascii() and " " not in number else context.reference("clue", number)


def person_of(context: Context, proposal: Proposal, entity: str, values: Mapping[str, Any]) -> str:
    """The reference of a row's person, who is kept in the vault."""
    number, name = values.get("id_number"), values.get("name")
    person = person_ref(context, None if number is None else str(number), None if name is None else str(name))
    fields = tuple((field, str(value)) for field, value in (("id_number", number), ("name", name)) if value)
    proposal.subjects.append((entity, Subject("person", person, fields)))
    return person


def _programme_id(context: Context, values: Mapping[str, Any]) -> str | None:
    try:
        return str(programme(context, str(values.get("programme") or "")).programme)
    except RowRefusedError:
        return None
