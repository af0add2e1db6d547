"""Standing facts: few, and read by every judgement. The writer keeps them in memory, by the tag `standing:book`.

What is not in this list is read by its own tags when a rule asks for it. Adding a kind whose events are already in a
log would give them a tag they do not have, so the list changes only together with a new version of the event.
"""

from typing import Final

STANDING_KINDS: Final = frozenset(
    {
        "book.opened",
        "operator_key.rotated",
        "entity.registered",
        "entity.renamed",
        "officer.named",
        "officer.left",
        "key.enrolled",
        "key.revoked",
        "role.granted",
        "role.withdrawn",
        "policy.set",
        "period.locked",
        "period.closed",
        "period.reopened",
        "account.opened",
        "bank.account_registered",
        "channel.opened",
        "opening.recorded",
        "fund.opened",
        "fund.purpose_changed",
        "programme.opened",
        "standard.set",
        "exclusion.set",
        "mutual_aid.society_registered",
        "mutual_aid.line_set",
        "event.reversed",
    },
)
