"""Who read persons' data and exports: each day's access log is bound to the book by its root, signed by a machine.

The rows themselves stay outside the log, for they say what people did. With the root in the log, a row that is changed,
taken out or put in later is seen. Source: GB/T 22239-2019, 8.1.4.3 (audit records are protected from change).
"""

from typing import ClassVar, Final, Literal

from ledger.flows.event import Event, Stage
from ledger.flows.fields import Count, Day, DigestText
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule

_KINDS: Final = ("book.access_rooted",)


class AccessRooted(Event):
    """The access log of one day in China has `count` rows under this root, the empty one included."""

    stage: ClassVar[Stage] = Stage.FACT
    reversible: ClassVar[bool] = False

    kind: Literal["book.access_rooted"] = "book.access_rooted"
    version: Literal[1] = 1
    day: Day
    count: Count
    root: DigestText
    """The RFC 6962 root over the canonical rows in the order of their numbers."""

    def more_tags(self) -> tuple[str, ...]:
        return (f"access:{self.day}",)

    def needs(self) -> tuple[Need, ...]:
        return (Need(f"access:{self.day}", _KINDS),)


@rule(AccessRooted, code="ACCESS_ROOT_TWICE", source="GB/T 22239-2019, 8.1.4.3", form=True)
def rooted_once(event: AccessRooted, model: Knowledge) -> Verdict:
    if model.history(f"access:{event.day}", *_KINDS):
        yield {"day": str(event.day)}


@rule(AccessRooted, code="ACCESS_DAY_OPEN", source="GB/T 22239-2019, 8.1.4.3", form=True)
def day_is_over(event: AccessRooted, model: Knowledge) -> Verdict:
    if event.day >= model.today:
        yield {"day": str(event.day), "today": str(model.today)}
