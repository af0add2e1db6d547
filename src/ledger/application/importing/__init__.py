"""Reading the offices' files into clean, placed rows.

It never decides what a row means for the books, never guesses a figure and never drops a row in silence.
Start at `parse_file`; the kinds of file and their fields stand in `kinds/`.
"""

from ledger.application.importing.keys import row_content, row_key
from ledger.application.importing.parse import parse_file
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Place, WrongCell
from ledger.application.importing.templates import write_template

__all__ = ["CleanRow", "ParsedFile", "Place", "WrongCell", "parse_file", "row_content", "row_key", "write_template"]
