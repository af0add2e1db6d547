"""Lists of who left (退出名单): the confirmation that a household's absence from the roster is an exit.

A row ends a whole household, so all that it says must be true of it: the number, the person, how many left. What left
already is a duplicate when the list says the same, and a change when it says something else.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.cells import text
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, Proposed, RowRefusedError, attempt, each_row
from ledger.application.proposing.relief.enrolled import Fields, same_person
from ledger.application.proposing.relief.programmes import enrolment_id, first_day, person_ref, programme_of
from ledger.application.proposing.relief.spells import Spell, Spells, meant
from ledger.application.proposing.words import area, hamlet, plain
from ledger.flows.knowledge import Need


@dataclass(frozen=True, slots=True)
class _Leaving:
    """Who left, as a row names them."""

    row: CleanRow
    number: str
    name: str
    id_number: str | None
    id_masked: str | None
    month: str

    def text(self, name: str) -> str | None:
        """A field of the row as text."""
        return text(self.row.values, name)

    def named_in(self) -> str:
        """The column that says who left: the first that the row fills in."""
        columns = (("household_no", "家庭编号"), ("certificate_no", "低保证号"))
        return next((column for name, column in columns if self.text(name)), "身份证号")


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """`enrolment.ended` for each row, programme by programme."""
    proposal = Proposal(columns={"E_PROGRAMME_CHOICE": "保障类别"})
    by_programme: dict[str, list[_Leaving]] = {}

    def sort(row: CleanRow) -> None:
        opened = programme_of(context, parsed, row, "category")
        by_programme.setdefault(opened.programme, []).append(_leaving(row))

    each_row(parsed, proposal, sort)
    for name, leaving in by_programme.items():
        _Exits(parsed, context, name).propose(proposal, leaving)
    return proposal


def _leaving(row: CleanRow) -> _Leaving:
    number, masked = text(row.values, "id_number"), text(row.values, "id_number_masked")
    known = text(row.values, "household_no") or text(row.values, "certificate_no") or number or masked
    return _Leaving(row, str(known), str(row.values["name"]), number, masked, str(row.values["from_month"]))


class _Exits:
    """The rows of one programme."""

    def __init__(self, parsed: ParsedFile, context: Context, name: str) -> None:
        self._parsed, self._context, self._programme = parsed, context, name
        self._entity = context.entity("bureau")
        self._spells = Spells.read(context, name)
        self._people: Mapping[str, Fields] = {}
        self._called: defaultdict[str, list[str]] = defaultdict(list)
        """Plain name -> the people who are called so."""
        self._homes: Mapping[str, Sequence[str]] = {}

    def propose(self, proposal: Proposal, leaving: Sequence[_Leaving]) -> None:
        """An ending for each row whose enrolment can be told."""
        if any(one.id_number is None for one in leaving):
            self._people = self._spells.people(self._context)
            for ref, fields in self._people.items():
                self._called[plain(fields.get("name", ""))].append(ref)
        certificates = [number for one in leaving if (number := one.text("certificate_no"))]
        with self._context.store.read() as connection:
            self._homes = self._context.vault.find(connection, "certificate", certificates)
        for one in leaving:
            attempt(one.row, proposal, partial(self._propose, proposal, one))

    def _propose(self, proposal: Proposal, one: _Leaving, row: CleanRow) -> None:
        spell = self._spell(one)
        self._agrees(spell, one)
        values, terms = row.values, spell.terms
        known = spell.end if spell.end is not None and spell.end.from_month == one.month else None
        decided = values.get("decided_on")
        event = self._context.event(
            "enrolment.ended",
            enrolment=spell.enrolment,
            programme=self._programme,
            household=terms.household,
            persons=list(terms.covered() if known is None else known.persons),
            from_month=one.month,
            reason=str(values["reason_code"]),
            decided_on=None if decided is None else str(decided),
            document=one.text("document"),
            origin="history",
            place=self._context.place(self._parsed, row),
        )
        day = decided if isinstance(decided, date) else min(first_day(one.month), self._context.options.today)
        need = Need(f"enrolment:{spell.enrolment}", ("enrolment.ended",))
        month = one.month
        item = Proposed(row.place, need, (event,), self._entity, day)
        # Only ends from the same month are the same: somebody may leave again after coming back.
        proposal.items.append(replace(item, among=lambda event: getattr(event, "from_month", None) == month))

    def _spell(self, one: _Leaving) -> Spell:
        """The spell that the row ends. E_EXIT_UNKNOWN, E_ENROLMENT_CHOICE."""
        # A mask alone names nobody: others show the same signs.
        number = None if one.number == one.id_masked else one.number
        named = self._spells.of_enrolment(enrolment_id(self._context, self._programme, number)) if number else ()
        known = named or self._otherwise(one)
        found = meant(known, one.month)
        if not found:
            column = "停发月份" if known else one.named_in()
            raise RowRefusedError(column, "E_EXIT_UNKNOWN", number=one.number, programme=self._programme)
        if len(found) > 1:
            raise RowRefusedError(one.named_in(), "E_ENROLMENT_CHOICE", programme=self._programme, found=len(found))
        return found[0]

    def _otherwise(self, one: _Leaving) -> Sequence[Spell]:
        """By the certificate, then the ID number, then what a masked one shows and the name."""
        by_home = self._spells.of_households(self._homes.get(one.text("certificate_no") or "", ()))
        if by_home or not (one.id_number or one.id_masked):
            return by_home
        if one.id_number:
            return self._spells.of_person(person_ref(self._context, one.id_number, None))
        fits = [ref for ref in self._called.get(plain(one.name), ()) if same_person(one, self._people[ref])]
        return [spell for ref in fits for spell in self._spells.of_person(ref)]

    def _agrees(self, spell: Spell, one: _Leaving) -> None:
        """Refuse a row that says something else of whom it names: a slip of the number would end a neighbour."""
        persons, known = one.row.values.get("persons"), spell.terms.monthly.persons
        if persons is not None and persons != known:
            raise RowRefusedError("退出人数", "E_EXIT_PERSONS", value=str(persons), persons=known)
        here = {spell.terms.person, *spell.terms.covered()}
        if one.id_number and person_ref(self._context, one.id_number, None) not in here:
            raise RowRefusedError("身份证号", "E_EXIT_OTHER", value=one.name)
        if one.id_masked and not any(same_person(one, self._people.get(ref, {})) for ref in here):
            raise RowRefusedError("身份证号", "E_EXIT_OTHER", value=one.name)
        if not one.id_number and not self._is_called(one.name, here):
            raise RowRefusedError("姓名", "E_EXIT_OTHER", value=one.name)
        _lives(spell, one)

    def _is_called(self, name: str, here: Iterable[str]) -> bool:
        """Whether one of some people has a name, as far as the vault still knows what they are called."""
        names = [self._people.get(ref, {}).get("name") for ref in here]
        return None in names or plain(name) in {plain(known) for known in names if known}


def _lives(spell: Spell, one: _Leaving) -> None:
    """Refuse a row that names another township or village than those in which the household lived. E_EXIT_PLACE."""
    townships, villages = {place[0] for place in spell.places}, {place[1] for place in spell.places}
    stated = plain(one.text("township") or "")
    if stated and None not in townships and area(stated) not in {area(known) for known in townships}:
        raise RowRefusedError("乡镇", "E_EXIT_PLACE", value=stated, places="、".join(sorted(map(str, townships))))
    told = plain(one.text("village") or "")
    for named in sorted(filter(None, (stated, *townships)), key=len, reverse=True):
        told = told.removeprefix(named)
    if told and None not in villages and hamlet(told) not in {hamlet(known) for known in villages}:
        raise RowRefusedError("村(社区)", "E_EXIT_PLACE", value=told, places="、".join(sorted(map(str, villages))))
