"""The mutual-aid societies themselves: who they are, where they stand in registration, where their money lies."""

from typing import ClassVar, Final, Literal, NamedTuple

from ledger.flows.checks import in_future, ours, taken
from ledger.flows.event import Event, Stage
from ledger.flows.fields import (
    AccountId,
    Count,
    Day,
    DocumentNo,
    FreeText,
    FundId,
    Label,
    NumberLabel,
    Origin,
    SocietyId,
)
from ledger.flows.giving.funds import facts, fund_need
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Place
from ledger.values.uscc import uscc_last_holds

Status = Literal["registered", "filed", "unregistered"]
"""已登记, 备案, 未登记."""

MoneyWith = Literal["own_account", "village_account", "township_account", "person"]
"""Where a society's money lies; with a person, it is public money in private hands."""

SOCIETY_KINDS: Final = ("mutual_aid.society_registered", "mutual_aid.society_changed")


class MutualAidSocietyRegistered(Event):
    """A society begins, and with it its fund. Source: reports of counties that register every village's society."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["mutual_aid.society_registered"] = "mutual_aid.society_registered"
    version: Literal[1] = 1
    society: SocietyId
    fund: FundId
    """The same as `society`: its book is one fund."""
    name: Label
    township: Label | None
    village: Label
    status: Status
    uscc: NumberLabel | None
    founded_on: Day | None
    members: Count
    money_with: MoneyWith
    account: AccountId | None
    document: DocumentNo | None
    on: Day
    origin: Origin
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (society_need(self.society), fund_need(self.fund))


class MutualAidSocietyChanged(Event):
    """What is known of a society now: registered at last, an account of its own, more members."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["mutual_aid.society_changed"] = "mutual_aid.society_changed"
    version: Literal[1] = 1
    society: SocietyId
    name: Label
    status: Status
    uscc: NumberLabel | None
    members: Count
    money_with: MoneyWith
    account: AccountId | None
    reason: FreeText
    document: DocumentNo | None
    on: Day
    origin: Origin
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (society_need(self.society),)


class Standing(NamedTuple):
    """Where a society stands now."""

    fund: str
    status: str
    uscc: str | None


def society_need(society: str) -> Need:
    """The history of what a society is."""
    return Need(f"society:{society}", SOCIETY_KINDS)


def standing(model: Knowledge, society: str) -> Standing | None:
    """Where a society of this entity stands, or None when nobody registered it. Needs `society_need(society)`."""
    found: Standing | None = None
    for recorded in ours(model, society_need(society)):
        event = recorded.event
        if isinstance(event, MutualAidSocietyRegistered):
            found = Standing(event.fund, event.status, event.uscc)
        elif isinstance(event, MutualAidSocietyChanged) and found is not None:
            found = Standing(found.fund, event.status, event.uscc)
    return found


# ---- rules


@rule(MutualAidSocietyRegistered, code="SOCIETY_TWICE", source="a file read twice doubles nothing", form=True)
def society_new(event: MutualAidSocietyRegistered, model: Knowledge) -> Verdict:
    yield from taken(model, society_need(event.society), society=event.society)


@rule(MutualAidSocietyRegistered, code="FUND_TWICE", source="a fund is opened once", form=True)
def fund_new(event: MutualAidSocietyRegistered, model: Knowledge) -> Verdict:
    if facts(model, event.fund) is not None:
        yield {"fund": event.fund}


@rule(MutualAidSocietyRegistered, code="SOCIETY_FUND", source="a society's book is one fund", form=True)
def fund_is_society(event: MutualAidSocietyRegistered, model: Knowledge) -> Verdict:
    if event.fund != event.society:
        yield {"society": event.society, "fund": event.fund}


@rule(MutualAidSocietyChanged, code="SOCIETY_UNKNOWN", source="互助社 are registered or filed", form=True)
def society_known(event: MutualAidSocietyChanged, model: Knowledge) -> Verdict:
    if standing(model, event.society) is None:
        yield {"society": event.society, "fund": event.society}


@rule(
    MutualAidSocietyRegistered,
    MutualAidSocietyChanged,
    code="FACT_IN_FUTURE",
    source="what has not happened is not recorded",
    form=True,
)
def not_in_future(event: MutualAidSocietyRegistered | MutualAidSocietyChanged, model: Knowledge) -> Verdict:
    yield from in_future(model, event.on)


@rule(MutualAidSocietyRegistered, MutualAidSocietyChanged, code="SOCIETY_USCC", source="GB 32100-2015", warns=True)
def code_holds(event: MutualAidSocietyRegistered | MutualAidSocietyChanged, model: Knowledge) -> Verdict:
    """The credit code's last character; a registered society has a code, and one of the societies' class (51)."""
    missing = event.uscc is None and event.status == "registered"
    broken = event.uscc is not None and not uscc_last_holds(event.uscc)
    other_class = event.uscc is not None and not event.uscc.startswith("51")
    if missing or broken or other_class:
        yield {"society": event.society, "uscc": event.uscc}


@rule(MutualAidSocietyRegistered, MutualAidSocietyChanged, code="SOCIETY_MONEY", source="公款私存", warns=True)
def money_is_public(event: MutualAidSocietyRegistered | MutualAidSocietyChanged, model: Knowledge) -> Verdict:
    if event.money_with == "person" or (event.money_with == "own_account" and event.account is None):
        yield {"society": event.society, "money_with": event.money_with}
