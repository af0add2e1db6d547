"""Whatever happens in whatever order: what the book accepts without a word never breaks a promise it made.

Random events with small amounts and few names meet a book that records only what raises no finding. After each one the
sums that must hold at every position are taken anew from the balances and from the events themselves.
"""

from collections import defaultdict
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.accounts.roles import LIQUID, Role
from ledger.flows.collecting.channels import SettledPart
from ledger.flows.event import Event
from ledger.flows.giving.donations import DonationCollective, DonationReceived
from ledger.flows.giving.funds import restricted_left
from ledger.flows.giving.in_kind import StockMove
from ledger.flows.giving.pledges import PledgeAmended, PledgeMade, PledgePart, PledgeReleased
from ledger.flows.giving.receipts import Cover, receipted, returned
from ledger.flows.giving.returns import DonationReturned
from tests.flows.charity_world import VALID, fund, society
from tests.flows.fake_knowledge import FakeKnowledge

FUNDS: Final = ("general", "school", "town", "agent", "society")
FEW: Final = ("a", "b", "c")

NEVER_NEGATIVE: Final = (*LIQUID, Role.INVENTORY, Role.PREPAID, Role.COMMITTED, Role.PLEDGED, Role.RECEIVABLE)
NEVER_POSITIVE: Final = (Role.AGENCY, Role.SUSPENSE, Role.PAYABLE)


def opened() -> FakeKnowledge:
    model = FakeKnowledge()
    model.record(
        fund(fund="general"),
        fund(fund="school", fund_kind="restricted"),
        fund(fund="town", fund_kind="community"),
        fund(fund="agent", fund_kind="agency", final_payee="zixing-charity"),
        fund(fund="lottery", fund_kind="lottery"),
        society(society="society", fund="society"),
        VALID["channel.opened"](channel="wechat"),
    )
    return model


HOME: Final = {"a": "general", "b": "school", "c": "town"}
"""The fund that a lot, a grant, an advance or waiting money usually belongs to, so that what follows it finds it."""


class Dice:
    """Small choices out of one drawn number, so that a stream of events is cheap to draw and to shrink."""

    def __init__(self, number: int) -> None:
        self.number = number

    def roll(self, sides: int) -> int:
        self.number, face = divmod(self.number, sides)
        return face

    def one_of(self, values: tuple[Any, ...]) -> Any:
        return values[self.roll(len(values))]

    def fen(self) -> int:
        return 1 + self.roll(60)


def an_event(number: int) -> Event:
    """An event whose kind, names and amounts are read from a number."""
    dice = Dice(number)
    kind = dice.one_of(KINDS)
    fields = type(VALID[kind]()).model_fields
    fen = dice.fen()
    given: dict[str, Any] = {name: dice.one_of(FUNDS) for name in ("fund", "target", "waited_in") if name in fields}
    if kind in {"fund.allocated", "fund.advanced", "fund.advance_repaid"}:
        given["source"] = dice.one_of(FUNDS)
    few = ("pledge", "donation", "lot", "suspense", "grant", "advance", "allocation")
    given |= {name: dice.one_of(FEW) for name in few if name in fields}
    home = next((HOME[given[name]] for name in ("lot", "suspense", "grant", "advance") if name in given), None)
    if home is not None and dice.roll(4):
        given |= {name: home for name in ("fund", "waited_in", "target") if name in given}
        given |= {"source": "general"} if "source" in given else {}
    given |= dict.fromkeys((name for name in ("amount_fen", "used_fen", "value_fen") if name in fields), fen)
    if "movement" in fields:
        given["movement"] = f"m-{number}"
    if "quantity" in fields:
        given["quantity"] = 1 + dice.roll(5)
    if "pledge_parts" in fields and dice.roll(2):
        given["pledge_parts"] = (PledgePart(pledge=dice.one_of(FEW), fen=1 + dice.roll(fen)),)
    if "channel" in fields and "means" in fields:
        given |= dice.one_of((BY_BANK, BY_CHANNEL))
    if kind.startswith(("fund.", "grant.", "in_kind.")) and "purpose" in fields:
        given["purpose"] = "助学"
    return VALID[kind](**{**given, **_special(dice, kind, fen)})


BY_BANK: Final[dict[str, Any]] = {"means": "bank", "account": "icbc", "channel": None}
BY_CHANNEL: Final[dict[str, Any]] = {"means": "channel", "account": None, "channel": "wechat"}


def _special(dice: Dice, kind: str, fen: int) -> dict[str, Any]:
    """What the fields of single kinds need beyond names and amounts."""
    if kind == "channel.settled":
        fee = dice.roll(3)
        row = {"gross_fen": fen, "refunds_fen": 0, "fee_fen": fee, "net_fen": fen - fee}
        return {**row, "parts": (SettledPart(fund=dice.one_of(FUNDS), **row),)}
    if kind == "donation.receipt_issued":
        number = str(dice.roll(10_000))
        covers = (Cover(donation=dice.one_of(FEW), fen=fen),)
        return {"receipt": f"4306-{number}", "number": number, "covers": covers}
    if kind.startswith("mutual_aid."):
        return {"society": "society", "fund": "society", **({"cumulative_fen": None} if "contrib" in kind else {})}
    if kind.startswith("lottery."):
        return {"fund": "lottery"}
    table: dict[str, dict[str, Any]] = {
        "pledge.made": {"instalments": (), "pledge_kind": "single"},
        "pledge.amended": {"delta_fen": dice.roll(80) - 40, "instalments": ()},
        "donation.collective": {"persons": 5, "lines": (), "list_digest": "sha256:" + "6" * 64},
        "grant.disbursed": {"basis": dice.one_of(("cost", "prepaid"))},
        "channel.fee_charged": {"fee_fen": dice.roll(5) - 2},
    }
    return table.get(kind, {})


STREAM: Final = st.lists(st.integers(0, 2**80).map(an_event), min_size=20, max_size=80)


KINDS: Final = (
    "donation.received",
    "donation.received",
    "donation.collective",
    "donation.returned",
    "donation.receipt_issued",
    "pledge.made",
    "pledge.amended",
    "pledge.released",
    "in_kind.received",
    "in_kind.delivered",
    "in_kind.sold",
    "channel.settled",
    "channel.fee_charged",
    "suspense.received",
    "suspense.identified",
    "suspense.cleared",
    "suspense.returned",
    "fund.allocated",
    "fund.advanced",
    "fund.advance_repaid",
    "grant.committed",
    "grant.reduced",
    "grant.disbursed",
    "grant.use_reported",
    "grant.unspent_returned",
    "agency.transferred",
    "restriction.released",
    "mutual_aid.contributed",
    "mutual_aid.granted",
    "lottery.allocated",
    "lottery.used",
    "lottery.returned",
)


def check_balances(model: FakeKnowledge) -> None:
    """No account on the wrong side, no fund promising what it has not, nothing restricted below zero."""
    for (name, role, party), fen in model.every_balance():
        assert not (role in NEVER_NEGATIVE and fen < 0), (name, role, party, fen)
        assert not (role in NEVER_POSITIVE and fen > 0), (name, role, party, fen)
    for name in FUNDS:
        assert restricted_left(model, name) >= 0, name
        assert name == "agent" or model.available(name) >= 0, name
    assert sum(fen for (_, role, _), fen in model.every_balance() if role is Role.INTERFUND) == 0


def check_pledges(model: FakeKnowledge, accepted: list[Event]) -> None:
    """Promised = arrived + released + outstanding, pledge by pledge, from the events alone."""
    due: defaultdict[str, int] = defaultdict(int)
    for event in accepted:
        if isinstance(event, PledgeMade):
            due[event.pledge] += event.amount_fen
        elif isinstance(event, PledgeAmended):
            due[event.pledge] += event.delta_fen
        elif isinstance(event, PledgeReleased):
            due[event.pledge] -= event.amount_fen
        for part in getattr(event, "pledge_parts", ()):
            due[part.pledge] += part.fen if isinstance(event, DonationReturned) else -part.fen
    held = {party: fen for (_, role, party), fen in model.every_balance() if role is Role.PLEDGED}
    assert {key: fen for key, fen in due.items() if fen} == {key: fen for key, fen in held.items() if fen}


def check_goods_and_gifts(model: FakeKnowledge, accepted: list[Event]) -> None:
    """A lot without goods has no value; no gift has more on receipts or gone back than it was."""
    left: defaultdict[str, int] = defaultdict(int)
    gifts: defaultdict[str, int] = defaultdict(int)
    for event in accepted:
        if isinstance(event, StockMove):
            left[event.lot] += event.stock_change()
        if event.kind in {"in_kind.received", "suspense.identified"} or isinstance(
            event, (DonationReceived, DonationCollective)
        ):
            gifts[getattr(event, "donation", "")] += getattr(event, "amount_fen", 0) or getattr(event, "value_fen", 0)
    for lot, quantity in left.items():
        assert quantity >= 0
        assert quantity or not any(
            fen for (_, role, party), fen in model.every_balance() if role is Role.INVENTORY and party == lot
        )
    for donation, fen in gifts.items():
        assert receipted(model, donation) <= fen - returned(model, donation)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=40)
@given(STREAM)
def test_what_is_accepted_without_a_word_keeps_every_promise(stream: list[Event]) -> None:
    model, accepted = opened(), []
    for event in stream:
        if model.judge(event):
            continue
        model.record(event)
        accepted.append(event)
        check_balances(model)
    check_pledges(model, accepted)
    check_goods_and_gifts(model, accepted)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=25)
@given(STREAM)
def test_facts_that_break_a_rule_are_recorded_and_still_balance(stream: list[Event]) -> None:
    """Warnings never keep a fact out: everything that is not refused is recorded, and every fund's books tie."""
    model = opened()
    for event in stream:
        if not any(finding.refuses for finding in model.judge(event)):
            model.record(event)
    sums: defaultdict[str, int] = defaultdict(int)
    for (name, _, _), fen in model.every_balance():
        sums[name] += fen
    assert not any(sums.values())
