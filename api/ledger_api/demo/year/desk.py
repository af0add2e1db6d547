"""Where the year's files are read: as somebody would on the 28th of their month, with every complaint noted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from ledger.application.importing.ahead import ReadAhead
from ledger_api.demo.run import County

TRANSIT: Final = "transit"
"""The paying bank's transit account."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The county at work, and what its imports called wrong."""

    county: County
    troubles: list[str] = field(default_factory=list)
    """Rows and files that an import called wrong; none is planted."""
    refusals: list[str] = field(default_factory=list)
    """Codes by which the ledger refused what was planted to be refused."""
    reader: ReadAhead = field(default_factory=ReadAhead)
    """Reads the next files while these are recorded."""

    def read(self, officer: str, files: Sequence[Path], month: str, *, fund: str | None = None) -> None:
        """Import files of a month; `fund` is what the officer says beside them."""
        day = date.fromisoformat(f"{month}-28")
        report = self.county.read(officer, files, month, day, fund=fund, reader=self.reader)
        for one in report.files:
            self.troubles.extend([one.refused.message()] if one.refused is not None else [])
            self.troubles.extend(cell.message() for cell in one.wrong)
