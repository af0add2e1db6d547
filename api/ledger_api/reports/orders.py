"""An order for a report and where it stands, as it is kept beside the file: what was asked, by whom, and what came of
it.
"""

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Final, Literal, Self

import orjson

from ledger_api.reports.assembling import Asking

State = Literal["queued", "running", "done", "failed"]
UNFINISHED: Final = ("queued", "running")
MEDIA_TYPES: Final = {
    "json": "application/json",
    "csv": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
"""Form -> media type. `csv` is several files in one zip; `zip` is the inspection package."""
_ENDINGS: Final = {"json": "json", "csv": "csv.zip", "xlsx": "xlsx", "zip": "zip"}


@dataclass(frozen=True, slots=True)
class Order:
    """One report: `id` is 32 hexadecimal digits; times are timestamps; `done` of `total` parts are made."""

    id: str
    asking: Asking
    form: str
    at: int | None
    asked_by: str
    asked_at: str
    state: State = "queued"
    done: int = 0
    total: int = 0
    position: int | None = None
    finished_at: str | None = None
    expires_at: str | None = None
    size_bytes: int | None = None
    digest: str | None = None
    code: str | None = None
    reason: str | None = None

    @property
    def file_name(self) -> str:
        """What the file is called by those who take it."""
        return f"{self.asking.kind}-{self.position or 0}.{_ENDINGS[self.form]}"

    def now(self, **changes: Any) -> "Order":
        """The same order, further on."""
        return replace(self, **changes)

    def to_bytes(self) -> bytes:
        """As it is kept."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """As it was kept."""
        found = orjson.loads(data)
        asked = found.pop("asking")
        months, as_of = asked.pop("months"), asked.pop("as_of")
        day = None if as_of is None else date.fromisoformat(as_of)
        return cls(asking=Asking(**asked, months=None if months is None else tuple(months), as_of=day), **found)
