"""Where a fact came from. Outsiders never sign: a bank, a bureau or the police send a file or a stamped paper, and what
is signed is who took what from where.

`Source` stands once in the event that takes over a whole file; `Place` stands in each event made from one of its rows.
"""

from typing import Annotated, Literal

from pydantic import Field

from ledger.flows.event import Part
from ledger.flows.fields import Day, DigestText, Label, NumberLabel


class Source(Part):
    """A file or paper of an organisation outside: what it is (digest), who obtained it, when and how."""

    organisation: Label
    file_digest: DigestText
    obtained_by: NumberLabel
    """The officer's id; untagged, for it stands in every import and nobody asks a rule by it."""
    obtained_on: Day
    how: Literal["download", "usb", "paper", "interface", "mail"]


class Place(Part):
    """The row of a file that an event was made from; `row` is counted from 1 as the spreadsheet shows it."""

    file_digest: DigestText
    sheet: NumberLabel | None
    row: Annotated[int, Field(ge=1, le=10_000_000)]
