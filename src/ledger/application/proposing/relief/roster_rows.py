"""One row of a roster, by household or by person, in the words of an enrolment."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.application.importing.fields.identity import mask_names
from ledger.application.importing.fields.self_care import care_class
from ledger.application.importing.kinds.rosters import quarter_of
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.cells import text, whole
from ledger.application.proposing.proposal import RowRefusedError
from ledger.application.proposing.relief.programmes import is_type
from ledger.application.proposing.relief.terms.household import Decided, household_monthly, plain_monthly
from ledger.application.proposing.words import plain, said_of
from ledger.values.dates import Period

_IN_HOME: Final = "集中"
_OWN_NUMBERS: Final = ("household_no", "certificate_no", "case_no")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a row says of one entitlement. Amounts are fen of the whole period, `monthly` those of a month."""

    parsed: ParsedFile
    row: CleanRow
    number: str
    """The household's or certificate's number, or else the person's, by which the enrolment is known."""
    by_household: bool
    name: str
    id_number: str | None
    id_masked: str | None
    category: str
    persons: int
    monthly: Mapping[str, Any]
    normal_fen: int
    arrears_fen: int
    deduction_fen: int
    period: tuple[str, str]

    @property
    def net_fen(self) -> int:
        """What the bank is to pay."""
        return self.normal_fen + self.arrears_fen - self.deduction_fen

    @property
    def numbered(self) -> bool:
        """Whether the row has a number of its own, beside its person's."""
        return any(self.text(name) for name in _OWN_NUMBERS)

    @property
    def carer(self) -> str | None:
        """Who cares for the person and is paid for it (护理费领取人/机构), where that is another."""
        name = self.text("nursing_payee")
        return None if name is None or plain(name) == plain(self.name) else name

    @property
    def nursed(self) -> bool:
        """Whether care is paid for."""
        return not self.by_household and bool(self.monthly["supplements"])

    @property
    def care(self) -> str | None:
        """How far the person can look after themselves, as a class of care; None where the row does not say."""
        return care_class(self.text("self_care"))

    @property
    def receiver_named(self) -> str | None:
        """Who receives the money, where the row names anybody beside whom it is about: of somebody who lives in a home
        (集中供养) the home.
        """
        in_home = _IN_HOME in (self.text("care_mode") or "")
        return self.text("payee_name") or self.text("guardian_name") or (self.carer if in_home else None)

    @property
    def receiver(self) -> str:
        """Who receives the money."""
        return self.receiver_named or self.name

    @property
    def by_mask(self) -> bool:
        """Whether the row is known by nothing but a masked number and the name."""
        return not self.numbered and not self.id_number

    @property
    def veiled(self) -> bool:
        """Whether the ID number is masked so far that it fits every namesake."""
        return not self.id_number and not mask_names(self.id_masked or "")

    @property
    def nameless(self) -> bool:
        """Whether nothing in the row tells its person from a namesake: no number but one that is masked too far."""
        return self.by_mask and self.veiled

    @property
    def stated(self) -> str:
        """What the row itself calls its household or person by: a number, or the name where none shows anything."""
        own = next((number for name in _OWN_NUMBERS if (number := self.text(name))), None)
        return own or self.id_number or self.id_masked or self.name

    @property
    def shown(self) -> str:
        """What tells this person from others of the name where no whole number stands: the mask, if it shows enough,
        else also the number by which the enrolment is known.
        """
        masked = self.id_masked or ""
        return masked if mask_names(masked) else f"{masked}/{self.number}"

    def text(self, name: str) -> str | None:
        """A field of the row as text."""
        return text(self.row.values, name)


def entry_of(parsed: ParsedFile, row: CleanRow, month: str, county: Decided) -> Entry:
    """The entry of a row; E_CELL_MISSING when nothing says whose it is."""
    if row.shape == "person":
        return _person(parsed, row, month, county.programme)
    return _household(parsed, row, month, county)


def _household(parsed: ParsedFile, row: CleanRow, month: str, county: Decided) -> Entry:
    values = row.values
    stated = values.get("household_no") or values.get("certificate_no") or values.get("head_id")
    masked = str(values.get("head_id_masked") or "")
    number = stated or of_mask(values, masked, str(values["head_name"]))
    if not number:
        raise RowRefusedError("家庭编号", "E_CELL_MISSING")
    arrears, kept, extra = (whole(values, name) for name in ("arrears_fen", "deduction_fen", "supplement_fen"))
    base = whole(values, "net_fen") - arrears + kept - extra
    if base < 0:
        raise RowRefusedError("本月实发(元)", "E_ROSTER_NEGATIVE", amount_fen=base)
    return Entry(
        parsed,
        row,
        str(number),
        by_household=True,
        name=str(values["head_name"]),
        id_number=text(values, "head_id"),
        id_masked=text(values, "head_id_masked"),
        category=text(values, "category") or county.programme,
        persons=whole(values, "persons"),
        monthly=household_monthly(values, base, extra, county),
        normal_fen=base + extra,
        arrears_fen=arrears,
        deduction_fen=kept,
        period=(month, month),
    )


def _person(parsed: ParsedFile, row: CleanRow, month: str, programme: str) -> Entry:
    values = row.values
    masked = str(values.get("id_number_masked") or "")
    number = values.get("id_number") or of_mask(values, masked, str(values["name"]))
    if not number:
        raise RowRefusedError("身份证号", "E_CELL_MISSING")
    arrears, kept = whole(values, "arrears_fen"), whole(values, "deduction_fen")
    normal = whole(values, "net_fen") - arrears + kept
    if normal < 0:
        raise RowRefusedError("实发(元)", "E_ROSTER_NEGATIVE", amount_fen=normal)
    first, last, months = _period(values, month)
    if normal % months:
        first, months = last, 1
    nursing = whole(values, "nursing_fen")
    if whole(values, "base_fen") + nursing == normal:
        nursing //= months
    nursing = min(nursing, normal // months)
    base = normal // months - nursing
    monthly = plain_monthly(base, nursing, 1, care_class(text(values, "self_care")) or "other")
    return Entry(
        parsed,
        row,
        str(number),
        by_household=False,
        name=str(values["name"]),
        id_number=text(values, "id_number"),
        id_masked=text(values, "id_number_masked"),
        category=text(values, "category") or _type(values) or programme,
        persons=1,
        monthly={**monthly, "mode": "single", "standard_fen": whole(values, "standard_fen") or base},
        normal_fen=normal,
        arrears_fen=arrears,
        deduction_fen=kept,
        period=(first, last),
    )


def _type(values: Mapping[str, Any]) -> str | None:
    """补贴类型 as a category, unless it only abbreviates the programme's own name."""
    stated = text(values, "subsidy_type")
    return None if stated is None or is_type(stated) else stated


def of_mask(values: Mapping[str, Any], masked: str, name: str) -> str | None:
    """The number by which a person is known whose ID is masked: what it shows and the name, for others show the same
    signs; and where that is too little also the village. None without any ID.
    """
    if not masked:
        return None
    if mask_names(masked):
        return f"{masked}/{plain(name)}"
    return "/".join((masked, name, str(values.get("township") or ""), str(values.get("village") or "")))


def _period(values: Mapping[str, Any], month: str) -> tuple[str, str, int]:
    """First and last month, and how many: a quarter by its name, otherwise the months up to this one."""
    quarter = quarter_of(str(values.get("quarter") or ""))
    if quarter:
        return f"{month[:4]}-{quarter * 3 - 2:02d}", f"{month[:4]}-{quarter * 3:02d}", 3
    months = max(1, whole(values, "months"))
    return str(Period.parse(month).plus(1 - months)), month, months


def far(one: Entry, other: Entry) -> bool:
    """Whether two rows of one person's whole number, without any other, are of two households: both say where they
    live and are paid, and neither is the same. A row that was corrected keeps one of the two.
    """
    if not one.id_number or one.id_number != other.id_number or not (_by_person(one) and _by_person(other)):
        return False
    return all(a and b and a != b for a, b in zip(_lives(one), _lives(other), strict=True))


def of_several_homes(entries: Iterable[Entry]) -> frozenset[str]:
    """The people of whom a list has two rows that are `far` from each other."""
    homes: defaultdict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for entry in entries:
        lives, paid = _lives(entry)
        if lives and paid and _by_person(entry):
            homes[entry.id_number or ""][0].add(lives)
            homes[entry.id_number or ""][1].add(paid)
    return frozenset(number for number, (lives, paid) in homes.items() if len(lives) > 1 and len(paid) > 1)


def _by_person(entry: Entry) -> bool:
    """Whether a household's row is known by nothing but its person's whole number."""
    return entry.by_household and not entry.numbered and bool(entry.id_number)


def _lives(entry: Entry) -> tuple[str, str]:
    """Where a row lives, if it says the village, and the account by which it is paid."""
    village = entry.text("village")
    return f"{entry.text('township') or ''}/{village}" if village else "", entry.text("account") or ""


def home_of(entry: Entry) -> str:
    """Where a row lives and is paid, as one text."""
    return "/".join(entry.text(name) or "" for name in ("township", "village", "account"))


def twice(enrolment: str, owner: Entry, entry: Entry) -> tuple[str, Mapping[str, Any]]:
    """Why a row cannot stand beside the one that speaks of its household: by what the two are one, that is at fault."""
    about = {"place_of": said_of(owner.row.place), "enrolment": enrolment}
    certificate, number = entry.text("certificate_no"), entry.text("household_no")
    if certificate and certificate == owner.text("certificate_no") and number != owner.text("household_no"):
        return "E_ROSTER_CERTIFICATE", {**about, "value": certificate}
    return "E_ROSTER_TWICE", {**about, "value": entry.stated}
