"""Every sentence the ledger says to a person, zh-CN first and en second, keyed by a stable code.

One TOML file a room; it never holds logic. The sentences of the offices' own reports and the words that they are read
by stand apart, in the folder of reports. Start at `say`.
"""

from ledger.catalogue.sentences import Called, ToPrograms, Words, codes, remark_class, say

__all__ = ["Called", "ToPrograms", "Words", "codes", "remark_class", "say"]
