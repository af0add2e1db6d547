"""Plans of recoveries (分期、未追缴原因) that a register tells again."""

from collections.abc import Sequence
from datetime import date
from typing import Any


def is_said(plans: Sequence[Any], reason: str, planned: date | None) -> bool:
    """Whether the newest of the plans, oldest first, says this already; or one that a register told in a release whose
    plans do not name their file, so that nobody can tell it from this one.
    """
    mine = [one for one in plans if one.origin == "history" and getattr(one, "place", None) is None]
    return any(_says(one, reason, planned) for one in (*plans[-1:], *mine))


def _says(plan: Any, reason: str, planned: date | None) -> bool:
    """Whether a plan has this reason and ends on this day."""
    return plan.reason == reason and [part.due_on for part in plan.instalments][-1:] == [planned]
