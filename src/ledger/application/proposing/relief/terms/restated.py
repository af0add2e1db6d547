"""What an earlier release, or an earlier list, did not say, and what the same row says of it now: nobody's change, told
once for all.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.application.importing.rows import Note, Place
from ledger.application.proposing.cells import whole
from ledger.application.proposing.relief.roster_rows import Entry
from ledger.application.proposing.relief.terms.household import as_it_stands
from ledger.catalogue import Words

_HEADS: Final = "人"
_CARES: Final[Mapping[str, Words]] = {
    "care_self": Words("全自理", "looks after themselves"),
    "care_half": Words("半护理", "half care"),
    "care_full": Words("全护理", "full care"),
}
_UNREAD: Final = frozenset({"care_full", "other"})
"""As what care was recorded of which nobody had read how far its person can look after themselves."""


@dataclass(slots=True)
class Restated:
    """Those who stand as receiving for themselves, as earlier releases took everybody, though their row names the home
    or the carer who receives for them; and those whose care stands as full, as earlier releases took everybody's, or
    unstated, though their row says how far they can look after themselves.
    """

    payees: dict[str, str] = field(default_factory=dict)
    """Enrolment -> who receives."""
    cares: dict[str, str] = field(default_factory=dict)
    """Enrolment -> the class of care."""

    def __contains__(self, enrolment: object) -> bool:
        return enrolment in self.payees or enrolment in self.cares

    def takes(
        self, why: Sequence[str], was: Mapping[str, Any], entry: Entry, now: Mapping[str, Any], own: str
    ) -> list[str]:
        """With which reasons a change that is but that is recorded; none where it is another, which is not taken in.
        `was` are the terms that stand and `now` those of the row, `own` refers to a person without an account.
        """
        care = _care_now(was["monthly"], now["monthly"])
        payee = _received(why, was["payee"], entry, now["payee"], own)
        if not payee and (care is None or list(why) != ["pending"]):
            return []
        self.payees |= {was["enrolment"]: str(entry.carer)} if payee else {}
        self.cares |= {was["enrolment"]: care} if care is not None else {}
        return [*(["payee"] if payee else []), *(["correction"] if care is not None else [])]

    def drop(self, enrolment: str) -> None:
        """Of a row that turned out wrong nothing is told."""
        self.payees.pop(enrolment, None)
        self.cares.pop(enrolment, None)

    def notes(self, place: Place, programme: Any, month: str) -> list[Note]:
        """How many of whom."""
        about, found = {"programme": programme.name, "month": month}, list[Note]()
        if self.payees:
            said = "、".join(f"{name} {count} {_HEADS}" for name, count in Counter(self.payees.values()).items())
            found.append(Note(place, "W_PAYEES_RESTATED", {**about, "count": len(self.payees), "receivers": said}))
        if self.cares:
            counts = [(_CARES[care], count) for care, count in sorted(Counter(self.cares.values()).items())]
            zh = "、".join(f"{words} {count} {_HEADS}" for words, count in counts)
            en = ", ".join(f"{words.en}: {count}" for words, count in counts)
            params = {**about, "count": len(self.cares), "classes": Words(zh, en)}
            found.append(Note(place, "W_CARE_RESTATED", params))
        return found


def monthly_of(entry: Entry, before: Mapping[str, Any] | None) -> dict[str, Any]:
    """The monthly of a row's terms beside the terms that stand: what the row does not say stays as it was recorded."""
    now = dict(entry.monthly)
    if before is None:
        return now
    was = before["monthly"]
    if entry.by_household:
        return dict(as_it_stands(now, whole(entry.row.values, "supplement_fen"), was))
    if not entry.nursed or entry.care is not None or not was["supplements"]:
        return now
    care = was["supplements"][0]["supplement_class"]
    return {**now, "supplements": [{**part, "supplement_class": care} for part in now["supplements"]]}


def _care_now(was: Mapping[str, Any], now: Mapping[str, Any]) -> str | None:
    """The class that a row says of care that stands as full or unstated; None where that is not all that differs."""
    cares = [[part["supplement_class"] for part in one["supplements"]] for one in (was, now)]
    if [len(one) for one in cares] != [1, 1] or cares[0] == cares[1]:
        return None
    (old,), (new,) = cares
    as_read = {**was, "supplements": [{**was["supplements"][0], "supplement_class": new}]}
    return new if old in _UNREAD and new in _CARES and as_read == dict(now) else None


def _received(why: Sequence[str], was: Mapping[str, Any], entry: Entry, now: Mapping[str, Any], own: str) -> bool:
    """Whether a change is but that the home or the carer receives, as the row says and said before."""
    named = entry.carer is not None and entry.receiver_named in {None, entry.carer}
    if list(why) != ["payee"] or not named or now["payee_kind"] not in {"institution", "carer"}:
        return False
    return bool(was["payee_kind"] == "self" and was["payee"] == (now["payee"] if entry.text("account") else own))
