"""What is enrolled in a programme, and which enrolment a roster's row speaks of.

By the household's number first, then by its certificate, then by the ID number, then by what a masked one shows and the
name, and where that is two people's or shows too little, also by the account or the village. What could be two is
nobody's.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import RowRefusedError
from ledger.application.proposing.relief.programmes import TERMS, enrolment_id, person_ref
from ledger.application.proposing.relief.roster_rows import Entry
from ledger.application.proposing.words import plain
from ledger.flows.knowledge import Need

Fields = Mapping[str, str]


class Named(Protocol):
    """A row of a list, as far as it names somebody."""

    @property
    def name(self) -> str:
        """The householder's or the person's name."""

    @property
    def id_masked(self) -> str | None:
        """What a masked number shows."""


@dataclass(slots=True)
class Enrolled:
    """The enrolments of a programme as they stand; `ended` are those that stood once."""

    context: Context
    programme: str
    standing: dict[str, Any]
    """Enrolment -> its terms now: the last event that confirmed or changed it."""
    ended: frozenset[str]
    pending: Mapping[str, str] = field(default_factory=dict)
    """Enrolment -> the event that confirmed it, where that event says no reason (待补原因)."""
    masked: list[Entry] = field(default_factory=list)
    """Rows whose number is masked and who were found nowhere."""
    _by_household: defaultdict[str | None, set[str]] = field(default_factory=lambda: defaultdict(set))
    _by_person: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        for name, term in self.standing.items():
            self._by_household[term.household].add(name)
            self._by_person[term.person].add(name)

    @classmethod
    def read(cls, context: Context, programme: str) -> "Enrolled":
        """Everything that was decided in the programme, and what waits for a signature."""
        standing: dict[str, Any] = {}
        ended: set[str] = set()
        pending: dict[str, str] = {}
        for event in context.events(Need(f"programme:{programme}", TERMS)):
            if event.kind == "enrolment.ended":
                standing.pop(event.enrolment, None)
                ended.add(event.enrolment)
            else:
                standing[event.enrolment] = event
                ended.discard(event.enrolment)
            if event.kind == "enrolment.confirmed":
                pending.pop(event.enrolment, None)
                pending |= {event.enrolment: event.id} if event.reason == "pending" else {}
        return cls(context, programme, standing, frozenset(ended), pending)

    def reason_needed(self, enrolment: str) -> str | None:
        """The event whose reason is still to be supplied; None where a reason stands, or waits for a signature."""
        about = self.pending.get(enrolment)
        need = Need(f"enrolment:{enrolment}", ("enrolment.reason_filled",))
        filled = {one.about for one in self.context.events(need)} if about else set()
        return None if about in filled else about

    def match(self, entries: Sequence[Entry]) -> dict[int, str | RowRefusedError]:
        """Entry (by id) -> its enrolment, or why it cannot be told. Whoever is taken for new although the number is
        masked stands in `masked` then.
        """
        found: dict[int, str | RowRefusedError] = {}
        own = {id(entry): enrolment_id(self.context, self.programme, entry.number) for entry in entries}
        taken = {name for name in own.values() if name in self.standing or name in self.ended}
        lost = [entry for entry in entries if own[id(entry)] not in taken]
        people, homes = self._people(lost), self._homes(lost)
        self.masked = []
        for entry in entries:
            name = own[id(entry)]
            if name not in taken:
                others = self._otherwise(entry, people, homes)
                free = others - taken
                if len(free) > 1 or (not others and entry.nameless):
                    found[id(entry)] = _unclear(entry, len(free))
                    continue
                if entry.id_masked and not entry.id_number and not others:
                    self.masked.append(entry)
                certain = bool(homes.get(entry.text("certificate_no") or ""))
                name = next(iter(free or (others if certain else ())), name)  # of a certificate there is one household
            taken.add(name)
            found[id(entry)] = name
        return found

    def _people(self, lost: Sequence[Entry]) -> Mapping[str, Fields]:
        """Names, numbers and accounts of everybody enrolled, where somebody must be looked for among them."""
        if not lost or not self.standing:
            return {}
        terms = self.standing.values()
        return opened(self.context, {term.person for term in terms} | {term.payee.payee for term in terms})

    def _homes(self, lost: Sequence[Entry]) -> Mapping[str, set[str]]:
        """Certificate -> the enrolments standing for its household."""
        certificates = [text for entry in lost if (text := entry.text("certificate_no"))]
        if not certificates or not self.standing:
            return {}
        with self.context.store.read() as connection:
            found = self.context.vault.find(connection, "certificate", certificates)
        return {text: {name for home in homes for name in self._by_household[home]} for text, homes in found.items()}

    def _otherwise(self, entry: Entry, people: Mapping[str, Fields], homes: Mapping[str, set[str]]) -> set[str]:
        """By the certificate, by the whole number, or by the name and what both numbers show: where either is masked,
        those of them whose account or village is the row's, if the number alone does not tell.
        """
        found = homes.get(entry.text("certificate_no") or "")
        if found:
            return found
        if entry.id_number and (whole := self._by_person[person_ref(self.context, entry.id_number, None)]):
            return set(whole)
        alike = {
            name: term
            for name, term in self.standing.items()
            if _may_be(entry, people.get(term.person, {}), masked=not entry.id_number)
        }
        near = {name for name, term in alike.items() if _near(entry, term, people.get(term.payee.payee, {}))}
        if entry.nameless:
            return near
        return near if len(alike) > 1 and near else set(alike)


def _unclear(entry: Entry, found: int) -> RowRefusedError:
    """A row that may be of two, or of anybody."""
    number = "户主身份证号" if entry.by_household else "身份证号"
    if not found:
        return RowRefusedError(number, "E_ID_MASKED", value=entry.id_masked)
    column = number if entry.nameless or not entry.by_household else "家庭编号"
    return RowRefusedError(column, "E_ROSTER_CHOICE", name=entry.name, found=found)


def _may_be(entry: Entry, fields: Fields, *, masked: bool) -> bool:
    """Whether somebody enrolled may be the row's person: the same name, and numbers that fit where one is masked."""
    number = fields.get("id_number", "")
    if masked:
        return same_person(entry, fields)
    return "*" in number and _fits(number, entry.id_number or "") and plain(fields.get("name", "")) == plain(entry.name)


def _near(entry: Entry, term: Any, payee: Fields) -> bool:
    """Whether an enrolment is paid to the row's account, or, where the row has none, lives in its village."""
    account = entry.text("account")
    if account and payee.get("account"):
        return payee["account"] == account
    return (term.township, term.village) == (entry.text("township") or "未填", entry.text("village"))


def _fits(one: str, other: str) -> bool:
    """Whether two numbers show no sign that differs."""
    return len(one) == len(other) and all("*" in (a, b) or a == b for a, b in zip(one, other, strict=True))


def same_person(entry: Named, fields: Fields) -> bool:
    """Whether what a masked number shows, and the name, are those of somebody in the vault."""
    fits = _fits(fields.get("id_number", ""), entry.id_masked or "")
    return fits and bool(entry.id_masked) and plain(fields.get("name", "")) == plain(entry.name)


def opened(context: Context, references: Iterable[str]) -> Mapping[str, Fields]:
    """Fields of people in clear, to be compared and not to be shown."""
    with context.store.read() as connection:
        return context.vault.opened(connection, references)
