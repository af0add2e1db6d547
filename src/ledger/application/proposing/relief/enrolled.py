"""What is enrolled in a programme, and which enrolment a roster's row speaks of.

By the household's number first, then by its certificate, then by the ID number, then by what a masked one shows and the
name, and where that is two people's or shows too little, or the person is in two households, also by the account or the
village. What could be two is nobody's.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from ledger.application.importing.fields.identity import mask_names
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import RowRefusedError
from ledger.application.proposing.relief.programmes import TERMS, UNSTATED, enrolment_id, person_ref
from ledger.application.proposing.relief.roster_rows import Entry, far, home_of, of_several_homes
from ledger.application.proposing.words import plain
from ledger.flows.knowledge import Need

Fields = Mapping[str, str]
_SEVERAL: Final = 2


class Named(Protocol):
    """A row of a list, as far as it names somebody."""

    @property
    def name(self) -> str:
        """The householder's or the person's name."""

    @property
    def id_masked(self) -> str | None:
        """What a masked number shows."""


@dataclass(slots=True)
class Matched:
    """Which enrolment each row of a list speaks of."""

    names: dict[int, str | RowRefusedError] = field(default_factory=dict)
    """Entry (by id) -> its enrolment, or why it cannot be told."""
    owners: dict[str, Entry] = field(default_factory=dict)
    """Enrolment -> the row that speaks of it; any other row under its name says it once more."""
    numbers: dict[int, str] = field(default_factory=dict)
    """Entry (by id) -> the number by which it is known, where its own is that of another household."""
    masked: list[Entry] = field(default_factory=list)
    """Rows that are taken for new although their number is masked."""

    def give(self, entry: Entry, name: str) -> None:
        """A row speaks of an enrolment; the first that does owns it."""
        self.names[id(entry)] = name
        self.owners.setdefault(name, entry)

    def free(self, names: Iterable[str]) -> list[str]:
        """Those of some enrolments of which no row speaks yet, in an order that is no row's."""
        return sorted(name for name in names if name not in self.owners)


@dataclass(slots=True)
class _NewHomes:
    """The households of a list that are new, by their certificates; those that have a number of theirs come first."""

    _alone: defaultdict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    """Certificate -> the first row of each household that has it."""
    _by_person: defaultdict[tuple[str, str], list[Entry]] = field(default_factory=lambda: defaultdict(list))
    """(certificate, number or name of the person) -> those rows."""

    def of(self, entry: Entry) -> Entry | RowRefusedError | None:
        """The row whose household a row is of by its certificate; None where it is the first of a household."""
        certificate = entry.text("certificate_no")
        if certificate is None:
            return None
        theirs = [(certificate, who) for who in (entry.id_number, plain(entry.name)) if who]
        same = [one for who in theirs for one in self._by_person.get(who, ()) if not _of_two_homes(one, entry)]
        alone = [] if entry.text("household_no") else self._alone[certificate]
        if same or len(alone) == 1:
            return (same or alone)[0]
        if alone:
            return _unclear(entry, len(alone))
        self._alone[certificate].append(entry)
        for who in theirs:
            self._by_person[who].append(entry)
        return None


@dataclass(slots=True)
class Enrolled:
    """The enrolments of a programme as they stand; `ended` are those that stood once."""

    context: Context
    programme: str
    standing: dict[str, Any]
    """Enrolment -> its terms now: the last event that confirmed or changed it."""
    ended: Mapping[str, Any]
    """Enrolment -> its terms when it ended."""
    pending: Mapping[str, str] = field(default_factory=dict)
    """Enrolment -> the event that confirmed it, where that event says no reason (待补原因)."""
    decisions: Sequence[Any] = ()
    """All that was decided, in order."""
    _by_household: defaultdict[str | None, set[str]] = field(default_factory=lambda: defaultdict(set))
    _by_person: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        for name, term in self.standing.items():
            self._by_household[term.household].add(name)
            self._by_person[term.person].add(name)

    @classmethod
    def read(cls, context: Context, programme: str) -> "Enrolled":
        """Everything that was decided in the programme, and what waits for a signature."""
        standing, ended, pending = dict[str, Any](), dict[str, Any](), dict[str, str]()
        decisions = context.events(Need(f"programme:{programme}", TERMS))
        for event in decisions:
            if event.kind == "enrolment.ended":
                ended[event.enrolment] = standing.pop(event.enrolment, ended.get(event.enrolment))
            else:
                standing[event.enrolment] = event
                ended.pop(event.enrolment, None)
            if event.kind == "enrolment.confirmed":
                pending.pop(event.enrolment, None)
                pending |= {event.enrolment: event.id} if event.reason == "pending" else {}
        return cls(context, programme, standing, ended, pending, decisions)

    def reason_needed(self, enrolment: str) -> str | None:
        """The event whose reason is still to be supplied; None where a reason stands, or waits for a signature."""
        about = self.pending.get(enrolment)
        need = Need(f"enrolment:{enrolment}", ("enrolment.reason_filled",))
        filled = {one.about for one in self.context.events(need)} if about else set()
        return None if about in filled else about

    def match(self, entries: Sequence[Entry]) -> Matched:
        """The enrolment of every row, the same in whatever order they stand: what is certain goes first, and rows that
        are alike in that are told together.
        """
        found = Matched()
        own = {id(entry): enrolment_id(self.context, self.programme, entry.number) for entry in entries}
        several = of_several_homes(entries)
        for entry in entries:
            known = own[id(entry)] in self.standing or own[id(entry)] in self.ended
            if known and not entry.by_mask and not self._may_be_another(entry, several):
                found.give(entry, own[id(entry)])
        lost = _left(entries, found)
        people, homes = self._people(lost), self._homes(lost)
        by_home = [(one, homes.get(one.text("certificate_no") or "", set())) for one in lost]
        self._settle(by_home, found, people, _of_two_homes)
        lost = _left(lost, found)
        # The number of a person does not make two households one: who is in both is for the rules to tell.
        self._settle([(e, self._by_number(e, found, people)) for e in lost], found, people, _two_of_person)
        lost = _left(lost, found)
        names = _names(self.standing, people) if lost else {}
        self._settle([(e, self._by_sight(e, own[id(e)], names, people)) for e in lost], found, people, _other)
        self._newcomers(_left(lost, found), own, found)
        return found

    def _may_be_another(self, entry: Entry, several: Container[str]) -> bool:
        """Whether the number of a row's person, for want of another, may name another household of the person's."""
        if not entry.by_household or entry.numbered or not entry.id_number:
            return False
        return entry.id_number in several or len(self._homes_of(entry)) >= _SEVERAL

    def _settle(
        self,
        claims: Iterable[tuple[Entry, set[str]]],
        found: Matched,
        people: Mapping[str, Fields],
        differs: Callable[[Entry, Entry], bool],
    ) -> None:
        """Rows of one degree of certainty: who can be only one is that one, and leaves the others fewer to be. Of two
        that are the same one, the nearer owns it. What is taken already, or could still be two, is told as that; what
        is taken by a row that certainly `differs`, this row is not, and of a row that is none nothing is said yet.
        """
        waiting = list(claims)
        while waiting := [claim for claim in _left_of(waiting, found, differs) if claim[1]]:
            free = [(entry, found.free(names)) for entry, names in waiting]
            certain = [(entry, names[0]) for entry, names in free if len(names) == 1]
            if not certain:
                break
            for entry, name in sorted(certain, key=lambda claim: self._rank(claim[0], claim[1], people)):
                owner = found.owners.get(name)
                if owner is None or not differs(owner, entry):
                    found.give(entry, name)
        for entry, names in waiting:
            if len(names) == 1:
                found.give(entry, *names)
            else:
                found.names[id(entry)] = self._of_several(entry, names, len(found.free(names)) or len(names))

    def _rank(self, entry: Entry, name: str, people: Mapping[str, Fields]) -> tuple[bool, bool, bool, str, str]:
        """The nearer first; of two that are equally near the number decides, for the order of rows must not."""
        term = self.standing.get(name)
        near = term is not None and _near(entry, term, people.get(term.payee.payee, {}))
        away = term is None or not _in_village(entry, term)
        return not near, entry.id_number is None, away, entry.number, home_of(entry)

    def _newcomers(self, entries: Sequence[Entry], own: Mapping[int, str], found: Matched) -> None:
        """Rows that are found nowhere. Of one certificate there is one household, unless several have numbers of their
        own; and a row that has no number of its own is that of its person, if it has one.
        """
        homes, people = _NewHomes(), defaultdict[str, list[Entry]](list)
        order = sorted(entries, key=lambda one: (own[id(one)], home_of(one)))
        for entry in sorted(order, key=lambda one: (not one.text("household_no"), not one.numbered)):
            if entry.nameless and own[id(entry)] not in found.owners:
                found.names[id(entry)] = _unclear(entry, 0)
                continue
            home = homes.of(entry)
            if isinstance(home, RowRefusedError):
                found.names[id(entry)] = home
                continue
            theirs = people[entry.id_number] if entry.id_number else []
            name = self._new_name(entry, own[id(entry)], theirs, found) if home is None else str(found.names[id(home)])
            found.masked += [entry] if entry.id_masked and not entry.id_number and name not in found.owners else []
            theirs += [] if name in found.owners else [entry]
            found.give(entry, name)
        found.masked.sort(key=lambda one: one.row.place.row)

    def _new_name(self, entry: Entry, own: str, theirs: Sequence[Entry], found: Matched) -> str:
        """What a row that is found nowhere is to be called; `theirs` are such rows of its person."""
        if entry.numbered:
            return own
        near = next((one for one in theirs if not far(one, entry)), None)
        if near is not None:
            return str(found.names[id(near)])
        if (owner := found.owners.get(own)) is None or not far(owner, entry):
            return own
        found.numbers[id(entry)] = f"{entry.number}/{home_of(entry)}"
        return enrolment_id(self.context, self.programme, found.numbers[id(entry)])

    def _people(self, lost: Sequence[Entry]) -> Mapping[str, Fields]:
        """Names, numbers and accounts of everybody enrolled, where somebody must be looked for among them."""
        if not lost or not self.standing:
            return {}
        terms = self.standing.values()
        return self.context.opened({term.person for term in terms} | {term.payee.payee for term in terms})

    def _homes(self, lost: Sequence[Entry]) -> Mapping[str, set[str]]:
        """Certificate -> the enrolments standing for its household."""
        certificates = [text for entry in lost if (text := entry.text("certificate_no"))]
        if not certificates or not self.standing:
            return {}
        with self.context.store.read() as connection:
            found = self.context.vault.find(connection, "certificate", certificates)
        return {text: {name for home in homes for name in self._by_household[home]} for text, homes in found.items()}

    def _by_number(self, entry: Entry, found: Matched, people: Mapping[str, Fields]) -> set[str]:
        """By the whole number of the person; of one who is in several households of which no row speaks yet, those of
        them that are paid to the row's account, and of these, or of all, those that live in its village.
        """
        names = self._homes_of(entry)
        if len(free := found.free(names)) < _SEVERAL:
            return names
        account = entry.text("account")
        paid = [one for one in free if account and self._account(one, people) == account]
        near = [one for one in paid or free if _in_village(entry, self.standing[one])]
        return set(near or paid) or names

    def _homes_of(self, entry: Entry) -> set[str]:
        number = entry.id_number
        return self._by_person.get(person_ref(self.context, number, None), set()) if number else set()

    def _of_several(self, entry: Entry, names: set[str], count: int) -> RowRefusedError:
        """A row that may be of several: where it says all that could tell its person's households apart, and they are
        alike in that, nothing helps but the number of one.
        """
        stated = entry.text("account") and entry.text("village")
        if entry.by_household and stated and names <= self._homes_of(entry):
            return RowRefusedError("家庭编号", "E_ROSTER_HOMES", name=entry.name, found=count)
        return _unclear(entry, count)

    def _account(self, name: str, people: Mapping[str, Fields]) -> str | None:
        return people.get(self.standing[name].payee.payee, {}).get("account")

    def _by_sight(
        self, entry: Entry, own: str, names: Mapping[str, set[str]], people: Mapping[str, Fields]
    ) -> set[str]:
        """By the name and what both numbers show, where either is masked: those of them whose account or village is
        the row's, else those of whom both numbers show enough. Whoever was known by no more is it still, also after an
        end.
        """
        near, shown = set[str](), set[str]()
        for name in names.get(plain(entry.name), ()):
            term = self.standing[name]
            person = people.get(term.person, {})
            if not _may_be(entry, person, masked=not entry.id_number):
                continue
            if _near(entry, term, people.get(term.payee.payee, {})):
                near.add(name)
            if not entry.veiled and mask_names(person.get("id_number", "")):
                shown.add(name)
        found, once = near or shown, self._once(entry, own)
        return found.union(name for name in once if name in self.standing) or set(once[:1])

    def _once(self, entry: Entry, own: str) -> list[str]:
        """The enrolments that a row without any whole number has, or had, under what it shows; rosters that were read
        by older releases named them by the mask alone.
        """
        if not entry.by_mask:
            return []
        old = enrolment_id(self.context, self.programme, entry.id_masked or "")
        term = self.standing.get(old) or self.ended.get(old)
        theirs = term is not None and term.person == person_ref(self.context, None, entry.name, entry.shown)
        return [*([own] if own in self.standing or own in self.ended else []), *([old] if theirs else [])]


def _left(entries: Iterable[Entry], found: Matched) -> list[Entry]:
    """The rows of which nothing is said yet."""
    return [entry for entry in entries if id(entry) not in found.names]


def _left_of(
    claims: Iterable[tuple[Entry, set[str]]], found: Matched, differs: Callable[[Entry, Entry], bool]
) -> list[tuple[Entry, set[str]]]:
    """The rows of which nothing is said yet, without the enrolments of which a row that differs speaks."""
    return [
        (entry, {name for name in names if (owner := found.owners.get(name)) is None or not differs(owner, entry)})
        for entry, names in claims
        if id(entry) not in found.names
    ]


def _names(standing: Mapping[str, Any], people: Mapping[str, Fields]) -> Mapping[str, set[str]]:
    """Plain name -> the enrolments of everybody who is called so."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name, term in standing.items():
        found[plain(people.get(term.person, {}).get("name", ""))].add(name)
    return found


def _of_two_homes(owner: Entry, entry: Entry) -> bool:
    """Whether two rows of one certificate are of two households: both have a number of theirs, and another person."""
    return bool(owner.text("household_no") and entry.text("household_no")) and not _one_person(owner, entry)


def _one_person(one: Entry, other: Entry) -> bool:
    """Whether two rows name the same person, as far as they show."""
    if one.id_number and other.id_number:
        return one.id_number == other.id_number
    numbers = [row.id_number or row.id_masked for row in (one, other)]
    return plain(one.name) == plain(other.name) and (None in numbers or fits(numbers[0] or "", numbers[1] or ""))


def _both_numbered(owner: Entry, entry: Entry) -> bool:
    """Whether two rows of one person are of two households: both have a number of their own."""
    return owner.numbered and entry.numbered


def _two_of_person(owner: Entry, entry: Entry) -> bool:
    """Whether two rows of one person are of two households: by their numbers, or by where they live and are paid."""
    return _both_numbered(owner, entry) or far(owner, entry)


def _other(owner: Entry, entry: Entry) -> bool:
    """Whether the row that speaks of an enrolment is certainly another's than this row: its number differs; or both
    have numbers of their own, one shows nothing of its person, and they are not paid to one account.
    """
    if not fits(owner.id_number or owner.id_masked or "", entry.id_number or entry.id_masked or ""):
        return True
    accounts = {owner.text("account"), entry.text("account")}
    veiled = owner.veiled or entry.veiled
    return _both_numbered(owner, entry) and veiled and (len(accounts) > 1 or None in accounts)


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
    return "*" in number and fits(number, entry.id_number or "") and plain(fields.get("name", "")) == plain(entry.name)


def _near(entry: Entry, term: Any, payee: Fields) -> bool:
    """Whether an enrolment is paid to the row's account, or, where the row has none, lives in its village."""
    account = entry.text("account")
    if account and payee.get("account"):
        return payee["account"] == account
    return _in_village(entry, term)


def _in_village(entry: Entry, term: Any) -> bool:
    return (term.township, term.village) == (entry.text("township") or UNSTATED, entry.text("village"))


def fits(one: str, other: str) -> bool:
    """Whether two numbers show no sign that differs."""
    return len(one) == len(other) and all("*" in (a, b) or a == b for a, b in zip(one, other, strict=True))


def same_person(entry: Named, fields: Fields) -> bool:
    """Whether what a masked number shows, and the name, are those of somebody in the vault."""
    shown = fits(fields.get("id_number", ""), entry.id_masked or "")
    return shown and bool(entry.id_masked) and plain(fields.get("name", "")) == plain(entry.name)
