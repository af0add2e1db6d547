"""What a register says of a society itself (name, registration, members, account), in whatever order sheets are read.

What a society is, is told from a day on. A sheet is compared with what stood on its own day, and an older sheet takes
back nothing that a newer one said: what is told of the older day is followed by what that newer sheet told.
"""

from datetime import date
from typing import Any, Final

from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.cells import whole
from ledger.application.proposing.chains import coded
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import of_file
from ledger.application.proposing.words import plain
from ledger.flows.community.societies import SOCIETY_KINDS
from ledger.flows.knowledge import Need

_STATUS: Final = {"已登记": "registered", "备案": "filed"}
_STATED: Final = ("name", "status", "uscc", "members", "money_with", "account")


class SocietyStates:
    """The history of one society, for one row of a sheet of a day."""

    def __init__(self, context: Context, society: str, day: date) -> None:
        tag = f"society:{society}"
        first, *later = context.events(Need(tag, SOCIETY_KINDS)) or [None]
        later.sort(key=lambda one: one.on)
        self._later = [one for one in later if one.on > day]
        self._now: Any = ([first, *(one for one in later if one.on <= day)])[-1]
        reviews = context.events(Need(tag, ("mutual_aid.reviewed",)))
        self._next: Any = min((one for one in reviews if one.as_of > day), key=lambda one: one.as_of, default=None)
        of_day = [one for one in reviews if one.as_of == day] + [one for one in later if one.on == day]
        self._read = {of_file(one) for one in of_day} - {None}
        self._sums: Any = next((one for one in reversed(reviews) if one.as_of == day), None)
        self.told_since = False
        """Whether this very file said of the same day what another one told otherwise since."""
        self._day = day

    @property
    def known(self) -> bool:
        """Whether the society is registered in the book."""
        return self._now is not None

    @property
    def newest(self) -> bool:
        """Whether no sheet of a later day was read."""
        return self._next is None and not self._later

    def sums_stand(self, said: dict[str, int]) -> bool:
        """Whether the newest sheet of the day says these totals."""
        return self._sums is not None and all(getattr(self._sums, name) == fen for name, fen in said.items())

    def account(self, *, listed: bool) -> str | None:
        """Its own account, where the sheet has no column of accounts (`listed` is false) and so says nothing of it."""
        has_one = self._now is not None and self._now.money_with == "own_account"
        return str(self._now.account) if has_one and not listed else None

    def told(self, row: CleanRow, account: str, *, own: bool) -> dict[str, Any]:
        """What the row says of the society; what its sheet leaves out is as it was."""
        values, was = row.values, self._now
        said: dict[str, Any] = {
            "name": values["society_name"],
            "status": _status(str(values.get("registration") or "")),
            "uscc": values.get("credit_code"),
            "members": whole(values, "members"),
            "money_with": "own_account" if own else "village_account",
            "account": account,
        }
        if was is None:
            return said
        kept = {"name": plain(said["name"]) == plain(was.name), "uscc": said["uscc"] is None}
        kept |= {"status": values.get("registration") is None, "members": values.get("members") is None}
        return {name: getattr(was, name) if kept.get(name) else value for name, value in said.items()}

    def changes(self, said: dict[str, Any], place: Any) -> list[tuple[date, dict[str, Any]]]:
        """(day, fields) of each change: that of the sheet's day, and what the next newer sheet, which was read before,
        found again.
        """
        was = {name: getattr(self._now, name) for name in _STATED}
        self.told_since = was != said and place["file_digest"] in self._read
        if was == said or self.told_since:
            return []
        found = [(self._day, {**said, "on": str(self._day), "place": place})]
        if self._next is not None and not any(one.on <= self._next.as_of for one in self._later):
            again = None if self._next.place is None else self._next.place.model_dump(mode="json")
            found.append((self._next.as_of, {**was, "on": str(self._next.as_of), "place": again}))
        return found


def _status(told: str) -> str:
    return "unregistered" if told.startswith("未") else coded(_STATUS, told, "unregistered")
