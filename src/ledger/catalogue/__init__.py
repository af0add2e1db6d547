"""Every sentence the ledger says to a person, zh-CN first and en second, keyed by a stable code.

One TOML file a room; it never holds logic. Start at `say`.
"""

from ledger.catalogue.sentences import codes, say

__all__ = ["codes", "say"]
