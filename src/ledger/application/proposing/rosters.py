"""The monthly roster (发放花名册): whole lists are compared with what is enrolled, never entered anew.

A household that is not known is confirmed (of a book's first roster: taken over as history), one whose terms differ is
changed, and one that is missing from the list is named to the user and stays enrolled until somebody confirms that it
left. Each row authorises its components; the batch promises the net total.
"""

from collections.abc import Mapping
from typing import Any, Final

from ledger.accounts.roles import Role
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.context import Context, is_organisation
from ledger.application.proposing.programmes import (
    batch_id,
    enrolment_id,
    first_day,
    payment_id,
    person_ref,
    programme,
)
from ledger.application.proposing.proposal import Proposal, Proposed, RowRefusedError, attempt
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.vault.people import Subject

_TERMS: Final = ("enrolment.confirmed", "enrolment.changed", "enrolment.ended")
_STATED: Final = ("category", "township", "village", "monthly", "payee", "person")
_SELF: Final = frozenset({"本人", "户主", "自己"})


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """Enrolments, the batch, and its lines, programme by programme."""
    proposal = Proposal()
    if parsed.month is None:
        for row in parsed.rows:
            proposal.refuse(row, "", "E_MONTH_NEEDED", kind="花名册", file=parsed.file)
        return proposal
    entity = context.entity("bureau")
    by_programme: dict[str, list[tuple[CleanRow, Any]]] = {}
    for row in parsed.rows:
        try:
            opened = programme(context, str(row.values.get("category") or ""))
        except RowRefusedError as refused:
            proposal.refuse(row, "保障类别", refused.code, **refused.params)
            continue
        by_programme.setdefault(opened.programme, []).append((row, opened))
    for rows in by_programme.values():
        _Roster(parsed, context, proposal, entity, rows[0][1]).read([row for row, _ in rows])
    return proposal


class _Roster:
    """The rows of one programme and month."""

    def __init__(self, parsed: ParsedFile, context: Context, proposal: Proposal, entity: str, opened: Any) -> None:
        self._parsed, self._context, self._proposal, self._entity = parsed, context, proposal, entity
        self._programme = opened
        self._month = parsed.month or ""
        self._day = first_day(self._month)
        self._batch = batch_id(opened.programme, self._month)

    def read(self, rows: list[CleanRow]) -> None:
        """Propose everything of these rows."""
        ids = {id(row): enrolment_id(self._context, self._programme.programme, _household(row)) for row in rows}
        needs = {key: Need(f"enrolment:{enrolment}", _TERMS) for key, enrolment in ids.items()}
        known = self._context.find(list(needs.values()))
        for row in rows:
            before = [item.event for item in known[needs[id(row)]]]
            attempt(row, self._proposal, lambda one: self._enrol(one, ids[id(one)], before))  # noqa: B023 - called at once
        attempt(rows[0], self._proposal, lambda _: self._prepare(rows))
        for row in rows:
            attempt(row, self._proposal, lambda one: self._lines(one, ids[id(one)]))

    def _enrol(self, row: CleanRow, enrolment: str, before: list[Event]) -> None:
        values, context = row.values, self._context
        person = person_ref(
            context, _text(values.get("head_id")), _text(values["head_name"]), _text(values.get("head_id_masked"))
        )
        household = context.reference("household", _household(row))
        self._keep(row, person, household)
        terms: dict[str, Any] = {
            "enrolment": enrolment,
            "programme": self._programme.programme,
            "unit": self._programme.unit,
            "household": household if self._programme.unit == "household" else None,
            "person": person,
            "category": values["category"],
            "township": values["township"],
            "village": values.get("village"),
            "members": [],
            "monthly": _monthly(values),
            "payee": self._payee(row, person),
            "from_month": self._month,
            "place": context.place(self._parsed, row),
        }
        if not before:
            event = context.event("enrolment.confirmed", **terms, reason="opening", origin="history")
        elif _same(before[-1], terms):
            event = before[0]
        else:
            event = context.event("enrolment.changed", **terms, removed=[], reasons=["pending"], origin="history")
        changed = event.kind == "enrolment.changed"
        kinds = ("enrolment.changed",) if changed else ("enrolment.confirmed",)
        known = Need(f"enrolment:{enrolment}", kinds)
        self._proposal.items.append(Proposed(row.place, known, (event,), self._entity, self._day, by_content=changed))

    def _keep(self, row: CleanRow, person: str, household: str) -> None:
        values = row.values
        who = _kept(("id_number", values.get("head_id") or values.get("head_id_masked")), ("name", values["head_name"]))
        home = _kept(("number", values.get("household_no")), ("certificate", values.get("certificate_no")))
        self._proposal.subjects += [
            (self._entity, Subject("person", person, who)),
            (self._entity, Subject("household", household, home)),
        ]

    def _payee(self, row: CleanRow, person: str) -> dict[str, Any]:
        values, context = row.values, self._context
        name, account = values.get("payee_name") or values["head_name"], values.get("account")
        payee = context.reference("payee", account or f"{name}/{values.get('payee_id')}")
        fields = _kept(
            ("name", name), ("account", account), ("bank", values.get("bank")), ("phone", values.get("phone"))
        )
        self._proposal.subjects.append((self._entity, Subject("payee", payee, fields)))
        other = person_ref(context, _text(values.get("payee_id")), _text(name), _text(values.get("payee_id_masked")))
        if is_organisation(str(name)):
            kind = "institution"
        elif other == person or values.get("payee_relation") in _SELF:
            kind = "self"
        else:
            kind = "guardian" if values.get("payee_relation") == "监护人" else "agent"
        return {"payee": payee, "payee_kind": kind, "authorisation": None}

    def _prepare(self, rows: list[CleanRow]) -> None:
        """The batch: how many, how much net, and which funding documents pay it, the oldest first."""
        total = sum(int(row.values["net_fen"] or 0) for row in rows)
        if total <= 0:
            return
        event = self._context.event(
            "batch.prepared",
            batch=self._batch,
            programme=self._programme.programme,
            month=self._month,
            fund=self._programme.fund,
            count=sum(1 for row in rows if int(row.values["net_fen"] or 0) > 0),
            persons=sum(int(row.values.get("persons") or 0) for row in rows),
            total_fen=total,
            fund_source=self._sources(total),
            carried=[],
            on=self._day.isoformat(),
            origin="decision",
        )
        known = Need(f"batch:{self._batch}", ("batch.prepared",))
        self._proposal.add_beside(rows[0], known, self._entity, self._day, event)

    def _sources(self, total: int) -> list[dict[str, Any]]:
        """Quotas of the fund by document until the total is covered; what is missing is put on the last one."""
        quotas = self._context.balances(self._entity, self._programme.fund, Role.QUOTA)
        found = self._context.find([Need(f"document:{document}", ("appropriation.received",)) for document in quotas])
        papers = [item.event for items in found.values() for item in items]
        papers.sort(key=lambda one: (str(getattr(one, "occurred_on", "")), str(getattr(one, "document", ""))))
        sources: list[dict[str, Any]] = []
        left = total
        for paper in papers:
            document = str(getattr(paper, "document", ""))
            fen = min(left, max(0, quotas[document]))
            if fen > 0:
                code, level = getattr(paper, "budget_code", ""), getattr(paper, "level", "county")
                sources.append({"document": document, "level": level, "budget_code": code, "fen": fen})
                left -= fen
        if left and sources:
            sources[-1]["fen"] += left
        return sources

    def _lines(self, row: CleanRow, enrolment: str) -> None:
        values = row.values
        normal = int(values["base_fen"] or 0) + int(values.get("supplement_fen") or 0)
        arrears, kept = int(values.get("arrears_fen") or 0), int(values.get("deduction_fen") or 0)
        if normal > 0:
            self._authorise(row, enrolment, "normal", normal)
        if arrears > 0:
            self._authorise(row, enrolment, "arrears", arrears)
        if kept > 0:
            self._offset(row, enrolment, kept)

    def _authorise(self, row: CleanRow, enrolment: str, component: str, fen: int) -> None:
        values, normal = row.values, component == "normal"
        remark = _text(values.get("remark")) or "补发"
        payment = payment_id(self._context, enrolment, self._batch, component)
        event = self._context.event(
            "subsidy.authorised",
            payment=payment,
            enrolment=enrolment,
            programme=self._programme.programme,
            batch=self._batch,
            component=component,
            period_from=self._month,
            period_to=self._month,
            amount_fen=fen,
            persons=int(values.get("persons") or 0) if normal else 0,
            subjects=[],
            reason=None if normal else remark,
            reference=None if normal else {"document": f"花名册 {self._month} {remark}"},
            origin="decision",
        )
        known = Need(f"payment:{payment}", ("subsidy.authorised",))
        self._proposal.add_beside(row, known, self._entity, self._day, event)

    def _offset(self, row: CleanRow, enrolment: str, fen: int) -> None:
        payment = payment_id(self._context, enrolment, self._batch, "normal")
        event = self._context.event(
            "subsidy.offset",
            movement=self._context.reference("movement", "offset", payment),
            payment=payment,
            enrolment=enrolment,
            programme=self._programme.programme,
            fund=self._programme.fund,
            batch=self._batch,
            amount_fen=fen,
            reason=_text(row.values.get("remark")),
            on=self._day.isoformat(),
            origin="history",
        )
        known = Need(f"payment:{payment}", ("subsidy.offset",))
        self._proposal.add_beside(row, known, self._entity, self._day, event)


def _household(row: CleanRow) -> str:
    number = row.values.get("household_no") or row.values.get("certificate_no") or row.values.get("head_id")
    if not number:
        raise RowRefusedError("家庭编号", "E_CELL_MISSING")
    return str(number)


def _monthly(values: Mapping[str, Any]) -> dict[str, Any]:
    """How the amount of the month came about, as the roster's columns say."""
    persons, base = int(values.get("persons") or 0), int(values["base_fen"] or 0)
    extra, heads = int(values.get("supplement_fen") or 0), int(values.get("supplement_persons") or 0)
    supplements = [{"supplement_class": "other", "persons": max(1, heads), "fen": extra}] if extra > 0 else []
    return {
        "mode": "difference",
        "income_per_head_fen": int(values.get("income_per_head_fen") or 0),
        "standard_fen": int(values.get("standard_fen") or 0),
        "tier_fen": None,
        "persons": persons,
        "base_fen": base,
        "supplements": supplements,
        "rounding": "none",
        "total_fen": base + extra,
    }


def _same(before: Event, terms: Mapping[str, Any]) -> bool:
    stated = before.model_dump(mode="json")
    return all(stated.get(name) == terms[name] for name in _STATED)


def _kept(*pairs: tuple[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(value)) for name, value in pairs if value)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
