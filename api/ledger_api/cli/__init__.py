"""The command line `charity-ledger`: it translates between a person at a terminal and the rooms, and decides nothing.

Exit codes: 0 it holds, 1 it does not, 2 nothing was done. Each module is a family of commands; start at `program.py`
for the list, at `desk.py` for what every command has at hand.
"""

from ledger_api.cli.program import app, main

__all__ = ["app", "main"]
