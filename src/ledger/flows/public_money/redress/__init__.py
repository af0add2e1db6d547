"""From a doubt to its end: clue, finding, recovery, rectification, the look back.

A clue is not a finding, and only a finding may create a recovery receivable. `clues.py` is read first; the rules
of clues and recoveries are imported here, so that no event is ever met without them.
"""

from ledger.flows.public_money.redress import clue_rules, recovery_rules

__all__ = ["clue_rules", "recovery_rules"]
