"""Members' sheets (家庭成员表): who each enrolled household consists of. The sheet changes nothing else of its terms.

A household's rows stand together: its covered members are stated by one change of its enrolment, in the month that the
sheet is of. Whoever stood there and is not on the sheet, or whose cover has ended, is removed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Place
from ledger.application.proposing.cells import spoilt_names, text
from ledger.application.proposing.chains import coded
from ledger.application.proposing.context import Context
from ledger.application.proposing.known import older_told
from ledger.application.proposing.proposal import Proposal, Proposed, RowRefusedError, attempt_together, of_file
from ledger.application.proposing.relief.enrolled import Enrolled
from ledger.application.proposing.relief.programmes import enrolment_id, first_day, person_ref
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.vault.people import Subject

_RELATIONS: Final[Mapping[str, str]] = {
    "孙": "grandchild",
    "祖": "grandparent",
    "爷": "grandparent",
    "奶": "grandparent",
    "本人": "self",
    "户主": "self",
    "配偶": "spouse",
    "夫": "spouse",
    "妻": "spouse",
    "子": "child",
    "女": "child",
    "父": "parent",
    "母": "parent",
    "兄": "sibling",
    "弟": "sibling",
    "姐": "sibling",
    "妹": "sibling",
}
"""Words in the order in which they are looked for: 孙女 is no daughter."""
_CLASSES: Final = {"老年": "elderly", "未成年": "minor", "重残": "disabled", "重病": "ill", "孕": "pregnant"}
_TERMS: Final = (
    *("enrolment", "programme", "unit", "household", "person", "category", "township", "village", "monthly", "payee"),
)


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """`enrolment.changed` for each household whose members the sheet states."""
    sheet = _Sheet(parsed, context)
    for number, rows in sheet.households.items():
        if number in sheet.spoilt:
            sheet.proposal.hold(number, rows)
            continue
        attempt_together(rows, sheet.proposal, partial(sheet.household, rows), number)
    sheet.proposal.notes += older_told(sheet.older)
    return sheet.proposal


class _Sheet:
    """One sheet, and the households of every programme that it may speak of."""

    def __init__(self, parsed: ParsedFile, context: Context) -> None:
        self._parsed, self._context = parsed, context
        self._entity = context.entity("bureau")
        self.proposal = Proposal(columns={"E_MEMBERS_HOUSEHOLD": "家庭编号", "E_MEMBERS_COUNT": "是否保障对象"})
        programmes = [one.programme for one in context.facts("programme.opened") if one.unit == "household"]
        self._enrolled = {name: Enrolled.read(context, name) for name in programmes}
        self.older: list[Place] = []
        """The first row of each household of which this file said so before, and the book has heard otherwise since."""
        self.spoilt = spoilt_names(parsed, "household_no")
        self.households: dict[str, list[CleanRow]] = {}
        for row in parsed.rows:
            self.households.setdefault(str(row.values["household_no"]), []).append(row)

    def household(self, rows: Sequence[CleanRow], first: CleanRow) -> None:
        """One household: its terms as they stand, with these members. E_MEMBERS_HOUSEHOLD, E_MEMBERS_COUNT."""
        before = self._before(str(first.values["household_no"]))
        month = max(str(first.values["month"]), str(before.from_month))
        known = {one.person: one for one in before.members}
        covered = [row for row in rows if _covered(row, month)]
        members = [self._member(row, month, known) for row in covered]
        if len(members) < before.monthly.persons and None in self.spoilt:  # the other may be of this household
            self.proposal.hold(str(first.values["household_no"]), rows)
            return
        if len(members) != before.monthly.persons:
            params = {"members": len(members), "persons": before.monthly.persons}
            raise RowRefusedError("是否保障对象", "E_MEMBERS_COUNT", enrolment=before.enrolment, **params)
        people = {str(one["person"]): row.place for one, row in zip(members, covered, strict=True)}
        terms = before.model_dump(mode="json")
        event = self._context.event(
            "enrolment.changed",
            **{name: terms[name] for name in _TERMS},
            members=members,
            removed=[person for person in before.covered() if before.members and person not in people],
            reasons=["members"],
            from_month=month,
            origin="history",
            place=self._context.place(self._parsed, first),
        )
        need = Need(f"enrolment:{before.enrolment}", ("enrolment.changed",))
        day = min(first_day(month), self._context.options.today)
        item = Proposed(first.place, need, (event,), self._entity, day, sameness="exists", people=people)
        self.proposal.items.append(replace(item, among=self._sayings(event, before, need, first)))

    def _sayings(self, event: Any, before: Any, need: Need, first: CleanRow) -> Callable[[Event], bool]:
        """Which changes of an enrolment say what the sheet says: the terms as they stand; else what was read from this
        very file for its month, of which the book has heard otherwise since.
        """
        stated = _said(event.members)
        if stated == _said(before.members):
            return lambda known: _said(getattr(known, "members", ())) == stated
        here, month = of_file(event), str(first.values["month"])
        mine = _apart_from_since(event.members)

        def once(known: Event) -> bool:
            members, since = getattr(known, "members", ()), getattr(known, "from_month", "")
            return of_file(known) == here and since >= month and _apart_from_since(members) == mine

        if any(once(one) for one in self._context.events(need)):
            self.older.append(first.place)
        return once

    def _before(self, number: str) -> Any:
        """The household's terms now, in the one programme that has it."""
        found = [
            term
            for name, enrolled in self._enrolled.items()
            if (term := enrolled.standing.get(enrolment_id(self._context, name, number))) is not None
        ]
        if len(found) != 1:
            raise RowRefusedError("家庭编号", "E_MEMBERS_HOUSEHOLD", value=number, found=len(found))
        return found[0]

    def _member(self, row: CleanRow, month: str, known: Mapping[str, Any]) -> dict[str, Any]:
        """Whoever is covered already is so since then, unless the sheet says otherwise."""
        values = row.values
        number, masked = text(values, "id_number"), text(values, "id_number_masked")
        person = person_ref(self._context, number, str(values["name"]), masked)
        kept = (("id_number", number or masked), ("name", text(values, "name")))
        fields = tuple((name, value) for name, value in kept if value)
        self.proposal.subjects.append((self._entity, Subject("person", person, fields)))
        group = coded(_CLASSES, values.get("person_class"), "")
        return {
            "person": person,
            "relation": coded(_RELATIONS, values["relation"]),
            "supplement_class": group or None,
            "since": text(values, "since") or (known[person].since if person in known else month),
        }


def _said(members: Iterable[Any]) -> list[tuple[str, ...]]:
    """What is said of the members, in whatever order they stand."""
    return sorted((one.person, one.relation, one.supplement_class or "", one.since) for one in members)


def _apart_from_since(members: Iterable[Any]) -> list[tuple[str, ...]]:
    return [one[:-1] for one in _said(members)]


def _covered(row: CleanRow, month: str) -> bool:
    """Whether somebody is covered in a month: not said to be none, and not ended by then."""
    until = text(row.values, "until")
    return row.values.get("covered") is not False and (until is None or until > month)
