"""What a fundraising campaign (募捐活动) is called, the number of its filed plan and its dates.

Gifts and pledges name a campaign by a reference; its name is public by law, and stands here in clear. A later event
adds what an earlier one did not know. Source: 慈善法 arts. 24, 72; 慈善组织公开募捐管理办法 (募捐方案备案).
"""

from typing import ClassVar, Literal

from ledger.flows.event import Event, Stage
from ledger.flows.fields import CampaignId, Day, Label, NumberLabel
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Place


class CampaignNamed(Event):
    """A campaign's name, and what is known of its plan."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["campaign.named"] = "campaign.named"
    version: Literal[1] = 1
    campaign: CampaignId
    name: Label
    plan_no: NumberLabel | None
    """募捐方案备案号."""
    starts_on: Day | None
    ends_on: Day | None
    place: Place | None


def campaign_need(campaign: str) -> Need:
    """How a campaign was named."""
    return Need(f"campaign:{campaign}", ("campaign.named",))


# ---- rules


@rule(CampaignNamed, code="CAMPAIGN_DATES", source="募捐方案: 起止日期", form=True)
def ends_after_it_starts(event: CampaignNamed, model: Knowledge) -> Verdict:
    if event.starts_on is not None and event.ends_on is not None and event.ends_on < event.starts_on:
        yield {"starts_on": event.starts_on.isoformat(), "ends_on": event.ends_on.isoformat()}
