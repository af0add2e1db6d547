"""What changed between the last roster and this one: the coded reasons of one household, and the whole list's balance.

Absence is not an exit: a household that is missing is named and stays enrolled until somebody confirms that it left. A
township or village that is missing whole, or an unusual loss, stops the import, for then a sheet was forgotten.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.application.importing.fields.identity import mask_names
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Note, Place
from ledger.application.proposing.cells import spoilt_rows, text
from ledger.application.proposing.context import Context, Options
from ledger.application.proposing.relief.enrolled import Fields, fits
from ledger.application.proposing.relief.programmes import TERMS, UNSTATED
from ledger.application.proposing.relief.roster_rows import Entry
from ledger.application.proposing.words import plain, veiled
from ledger.catalogue import Words, say
from ledger.errors import InputError

_WHOLE_MIN: Final = 2
"""A place with fewer households says nothing when all of them are missing."""
_LOSS_MIN: Final = 5
"""Fewer missing households than this are no unusual loss, whatever the percentage."""
_OF_HOMES: Final = ("household_no", "certificate_no")
_OF_PEOPLE: Final = ("head_id", "id_number")
_NUMBERS: Final = (*_OF_HOMES, *_OF_PEOPLE)
"""The columns by which a row names whom it is about."""
_NAMES: Final = ("head_name", "name")
_PLACES: Final = ("township", "village")
_ERASED: Final = Words("（身份信息已删除）", "(identity erased)")
STATED: Final = ("category", "township", "village", "monthly", "payee", "person")


@dataclass(frozen=True, slots=True)
class Receivers:
    """Who receives by the accounts of a list: an account's reference is the same whoever it is said to be of."""

    _known: Mapping[str, Fields]
    """Reference -> what the vault keeps of the account and its holder."""
    _named: Mapping[str, frozenset[str]]
    """Account -> the plain names of all who receive by it in the list."""
    _rows: Mapping[str, int] = field(default_factory=dict)
    """Account -> how many rows of the list have it."""

    @classmethod
    def of(cls, context: Context, entries: Iterable[Entry]) -> "Receivers":
        """Of the rows of a list."""
        named: defaultdict[str, set[str]] = defaultdict(set)
        rows: defaultdict[str, int] = defaultdict(int)
        for entry in entries:
            if account := entry.text("account"):
                named[account].add(plain(entry.receiver))
                rows[account] += 1
        known = context.opened(context.reference("payee", account) for account in named)
        return cls(known, {account: frozenset(names) for account, names in named.items()}, dict(rows))

    def is_shared(self, entry: Entry) -> bool:
        """Whether several rows of the list are paid by a row's account."""
        return self._rows.get(entry.text("account") or "", 0) > 1

    def is_another(self, entry: Entry, payee: str) -> bool:
        """Whether a row names another receiver than the book knows of its account. An account of several receivers in
        the list is any of theirs.
        """
        name, account = self._known.get(payee, {}).get("name"), entry.text("account")
        if name is None or entry.receiver_named is None or len(self._named.get(account or "", ())) > 1:
            return False
        return plain(name) != plain(entry.receiver_named)

    def name_of(self, entry: Entry, payee: str) -> str | None:
        """The holder's name to be kept; who is named by nobody takes no account from whom another list has named."""
        known = self._known.get(payee, {}).get("name")
        return None if known and entry.receiver_named is None else entry.receiver


def reasons(
    was: Mapping[str, Any], terms: Mapping[str, Any], entry: Entry, people: Mapping[str, Fields], receivers: Receivers
) -> list[str]:
    """The coded reasons of a change of what `was`; empty when nothing changed. A new name under the same number is a
    correction.
    """
    found: list[str] = []
    old, new = was["monthly"], terms["monthly"]
    found += ["members"] if old["persons"] != new["persons"] else []
    found += ["standard"] if old["standard_fen"] != new["standard_fen"] else []
    if old["total_fen"] != new["total_fen"]:
        found.append("increase" if new["total_fen"] > old["total_fen"] else "decrease")
    found += ["category"] if was["category"] != terms["category"] else []
    found += ["township"] if (was["township"], was["village"]) != (terms["township"], terms["village"]) else []
    named = people.get(was["person"], {}).get("name")
    same_name = named is None or plain(named) == plain(entry.name)
    if was["person"] != terms["person"]:
        found.append("correction" if same_name else "payee")
    elif not same_name:
        found.append("correction")
    if was["payee"] != terms["payee"]:
        found += _of_payee(was["payee"], terms["payee"], entry, people)
    elif was["payee"]["payee_kind"] != "self" and receivers.is_another(entry, was["payee"]["payee"]):
        found.append("payee")
    if not found and any(was[name] != terms[name] for name in STATED):
        found.append("pending")
    return list(dict.fromkeys(found))


def _of_payee(was: Mapping[str, Any], now: Mapping[str, Any], entry: Entry, people: Mapping[str, Fields]) -> list[str]:
    """Another account of the same holder, or another person who receives the money (户主/领款人)."""
    if was["payee"] == now["payee"]:
        return ["payee"]
    holder = people.get(was["payee"], {}).get("name", "")
    return ["account" if plain(holder) == plain(entry.receiver) else "payee"]


@dataclass(frozen=True, slots=True)
class Count:
    """户, 人 and 元 of a list; the sum is that of the monthly amounts."""

    households: int = 0
    persons: int = 0
    fen: int = 0

    @classmethod
    def of(cls, monthlies: Iterable[Mapping[str, Any]]) -> "Count":
        """The count of monthly amounts."""
        parts = list(monthlies)
        return cls(len(parts), sum(one["persons"] for one in parts), sum(one["total_fen"] for one in parts))

    def params(self, name: str, unit: str) -> dict[str, Any]:
        """As parameters of a sentence, and as words in the programme's unit."""
        counts = {"count": self.households, "persons": self.persons}
        words = Words(*(say(f"roster_count.{unit}", language, **counts) for language in ("zh", "en")))
        numbers = {"households": self.households, "persons": self.persons, "fen": self.fen}
        return {name: words, **{f"{name}_{what}": number for what, number in numbers.items()}}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Last list + came - left - missing ± changed = this list."""

    last: Count
    came: Count
    left: Count
    """Who was on the last list and has left since, by a list of exits."""
    missing: Count
    changed: Count
    this: Count
    aside: Count
    """Who left and stands on this list for months before only: neither new nor of this list; what they are paid."""

    def note(self, place: Place, programme: Any, month: str) -> Note:
        """The control line."""
        counts: dict[str, Any] = {"changed_persons": self.changed.persons, "changed_fen": self.changed.fen}
        for name in ("last", "came", "left", "missing", "this"):
            counts |= getattr(self, name).params(name, programme.unit)
        counts["aside"] = self._aside(programme.unit)
        return Note(place, "W_ROSTER_CONTROL", {"programme": programme.name, "month": month, **counts})

    def _aside(self, unit: str) -> Words:
        counts = {"count": self.aside.households, "persons": self.aside.persons, "amount_fen": self.aside.fen}
        said = (say(f"roster_aside.{unit}", language, **counts) for language in ("zh", "en"))
        return Words(*said) if self.aside.households else Words("", "")


def in_month(decisions: Iterable[Any], month: str) -> dict[str, Any]:
    """Enrolment -> its terms by what had taken effect in a month, whatever was decided for later ones."""
    found: dict[str, Any] = {}
    for event in decisions:
        if event.from_month <= month:
            found.pop(event.enrolment, None)
            found |= {} if event.kind == TERMS[2] else {event.enrolment: event}
    return found


def compare(
    last: Mapping[str, Any], standing: Mapping[str, Any], listed: Mapping[str, Entry], only_again: AbstractSet[str]
) -> Comparison:
    """Compare whom the last list had, and who of them is still enrolled, with those who are `listed`, all by enrolment;
    those who are paid `only_again` for months before are not enrolled by it.
    """
    entries = {name: entry for name, entry in listed.items() if name not in only_again}
    again = [entry for name, entry in listed.items() if name in only_again]
    monthlies = ((name, term.monthly) for name, term in last.items())
    was = {name: {"persons": one.persons, "total_fen": one.total_fen} for name, one in monthlies}
    stay = {name: monthly for name, monthly in was.items() if name in standing}
    both = [(stay[name], entry.monthly) for name, entry in entries.items() if name in stay]
    changed = Count(
        0,
        sum(new["persons"] - old["persons"] for old, new in both),
        sum(new["total_fen"] - old["total_fen"] for old, new in both),
    )
    return Comparison(
        Count.of(was.values()),
        Count.of(entry.monthly for name, entry in entries.items() if name not in stay),
        Count.of(monthly for name, monthly in was.items() if name not in stay),
        Count.of(monthly for name, monthly in stay.items() if name not in entries),
        changed,
        Count.of(entry.monthly for entry in entries.values()),
        Count(len(again), sum(entry.persons for entry in again), sum(entry.net_fen for entry in again)),
    )


def unit_words(unit: str) -> tuple[str, ...]:
    """What a programme counts, 户 or 人, as a parameter `unit_words` of a sentence."""
    return (f"roster_unit.{unit}",)


def refuse_losses(
    standing: Mapping[str, Any], present: Iterable[str], options: Options, where: tuple[str, str]
) -> None:
    """E_ROSTER_PLACE or E_ROSTER_LOSS, unless the user said that the absences are known; `where` is the file, and what
    its programme counts.
    """
    if options.absences_known:
        return
    here, about = set(present), {"file": where[0], "unit_words": unit_words(where[1])}
    for place in (_township, _village):
        groups: defaultdict[str, list[str]] = defaultdict(list)
        for name, term in standing.items():
            groups[place(term)].append(name)
        for named, names in groups.items():
            if len(names) >= _WHOLE_MIN and not here.intersection(names):
                raise InputError("E_ROSTER_PLACE", **about, place=named, households=len(names))
    missing = len([name for name in standing if name not in here])
    if missing >= _LOSS_MIN and missing * 100 > options.loss_percent_max * len(standing):
        counts = {"missing": missing, "last": len(standing), "limit": options.loss_percent_max}
        raise InputError("E_ROSTER_LOSS", **about, **counts)


def _township(term: Any) -> str:
    return str(term.township)


def _village(term: Any) -> str:
    return f"{term.township}{term.village or ''}"


@dataclass(frozen=True, slots=True)
class Unread:
    """Whom the rows that cannot be used are about: they are on the list, and not missing from it."""

    numbers: AbstractSet[str] = frozenset()
    """Of households, certificates and people."""
    sights: Sequence[Mapping[str, str]] = ()
    """The rows that say no number of their household or certificate: each is known by its person."""

    @classmethod
    def of(cls, rows: Iterable[tuple[ParsedFile, CleanRow]], entries: Iterable[Entry]) -> "Unread":
        """Of rows without an entry, and of what their files could not read or found to contradict another row."""
        listed = list(rows)
        read = {id(entry.row) for entry in entries}
        files = {id(parsed): parsed for parsed, _ in listed}.values()
        refused = [row for _, row in listed if id(row) not in read]
        refused += [row for parsed in files for row in parsed.contradicting]
        said = [_said(row) for row in refused]
        said += [row for parsed in files for row in spoilt_rows(parsed, (*_NUMBERS, *_NAMES, *_PLACES))]
        numbers = {row[name] for row in said for name in _NUMBERS if name in row}
        return cls(numbers, [row for row in said if not any(name in row for name in _OF_HOMES)])

    def has(self, term: Any, known: Mapping[str, Fields]) -> bool:
        """Whether an enrolment's row is there and cannot be used; `known` are the fields of its household and person.

        By a number, or else by the name and what both numbers show: where that is little, also by the village.
        """
        home, person = known.get(term.household or "", {}), known.get(term.person, {})
        stated = home.get("number"), home.get("certificate"), person.get("id_number")
        if not self.numbers.isdisjoint(one for one in stated if one):
            return True
        return any(_may_be(row, term, person) for row in self.sights)


def _said(row: CleanRow) -> dict[str, str]:
    """What a row says of whom it is about; a masked number stands where a whole one would."""
    found = {name: text(row.values, name) for name in (*_NUMBERS, *_NAMES, *_PLACES)}
    found |= {name: found[name] or text(row.values, f"{name}_masked") for name in _OF_PEOPLE}
    return {name: said for name, said in found.items() if said is not None}


def _may_be(row: Mapping[str, str], term: Any, person: Fields) -> bool:
    """Whether a row without a number of its own may be of somebody enrolled."""
    shown = next((row[name] for name in _OF_PEOPLE if name in row), "")
    named = next((row[name] for name in _NAMES if name in row), "")
    number = person.get("id_number", "")
    if not (shown and number and fits(shown, number) and plain(named) == plain(person.get("name", ""))):
        return False
    here = (row.get("township") or UNSTATED, row.get("village")) == (term.township, term.village)
    return here or (mask_names(shown) and mask_names(number))


def absences(missing: Sequence[Any], known: Mapping[str, Fields], place: Place, lost: Unread = Unread()) -> list[Note]:
    """One note a household or person that is not on the list, or whose row, one of the `lost`, cannot be used; by its
    number and where it lives. `known` are the fields of both. Whoever has no number of their own is told by what may be
    shown of the person.
    """
    notes = []
    for term in missing:
        home, person = known.get(term.household or "", {}), known.get(term.person, {})
        number = home.get("number") or home.get("certificate")
        number = number or veiled(person.get("name", ""), person.get("id_number", "")) or _ERASED
        where = {"household": number, "township": term.township, "village": term.village or "-"}
        money = {"persons": term.monthly.persons, "amount_fen": term.monthly.total_fen}
        code = "W_ROSTER_UNREAD" if lost.has(term, known) else "W_ROSTER_ABSENT"
        notes.append(Note(place, code, {**where, **money}))
    return notes
