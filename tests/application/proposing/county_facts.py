"""What the test county registers before any file arrives: entities, people, funds, accounts, programmes, a pledge."""

from collections.abc import Callable, Iterator
from typing import Any

Fields = dict[str, Any]
Fact = tuple[str, Fields]
CHARITY, BUREAU, AGENT = "charity", "bureau", "agent"
RELIEF_QUOTA = "湘财社指〔2025〕1号"
_ON = "2025-09-01"

ENTITIES: dict[str, Fields] = {
    CHARITY: {
        "name": "测试慈善总会",
        "entity_kind": "charity",
        "book_kind": "statutory",
        "chart_family": "npo",
        "public_fundraising": True,
    },
    BUREAU: {
        "name": "测试民政局",
        "entity_kind": "bureau",
        "book_kind": "control",
        "chart_family": "control",
        "public_fundraising": False,
    },
    AGENT: {
        "name": "测试代理记账中心",
        "entity_kind": "agent",
        "book_kind": "statutory",
        "chart_family": "npo",
        "public_fundraising": False,
    },
}
PEOPLE = {
    f"{post}-{entity}": (entity, role)
    for entity in ENTITIES
    for post, role in (("acct", "accountant"), ("check", "checker"))
}


def _fund(fund: str, name: str, kind: str, **more: Any) -> Fact:
    fields = {"fund": fund, "name": name, "fund_kind": kind, "purpose": name, "purposes": [], "programmes": []}
    return "fund.opened", {**fields, "no_cost": False, "on": _ON, "origin": "history", **more}


def account_fact(account: str, holding: str, fund: str, **more: Any) -> Fact:
    """That a bank account or cash box is registered."""
    fields = {"account": account, "holding": holding, "default_fund": fund, "aliases": [], "opened_on": "2024-01-01"}
    return "bank.account_registered", {**fields, **more}


def charity_facts(reference: Callable[[str, str], str]) -> Iterator[Fact]:
    """Funds, accounts and channels of the charity, and where its books stand."""
    yield _fund("general", "非限定资金", "unrestricted")
    yield _fund("aixin-zhuxue", "爱心助学", "restricted")
    icbc = {
        "bank": "工商银行",
        "aliases": ["工行9991"],
        "number_ref": reference("account-number", "1911020109200009991"),
    }
    ccb = {
        "bank": "建设银行",
        "aliases": ["建行9992"],
        "number_ref": reference("account-number", "43050199990800009992"),
    }
    yield account_fact("icbc-9991", "bank", "general", **icbc)
    yield account_fact("ccb-9992", "bank", "general", **ccb)
    yield account_fact("abc-zhuxue", "bank", "aixin-zhuxue", bank="农业银行")
    yield account_fact("cash", "cash", "general", aliases=["现金"])
    for channel, aliases, merchant in (
        ("wechat", ["微信商户1900009999", "微信支付"], reference("merchant-number", "1900009999")),
        ("alipay", ["支付宝"], None),
    ):
        fields = {"channel": channel, "name": aliases[-1], "provider": channel, "merchant": "own"}
        rest = {"merchant_ref": merchant, "aliases": aliases, "default_fund": "general", "settles_to": "icbc-9991"}
        rest |= {"on": "2024-01-01"}
        yield "channel.opened", {**fields, **rest}
    yield _opening()


def _line(fund: str, role: str, party: str, fen: int) -> Fields:
    side = {"debit_fen": 0, "credit_fen": 0}
    return {"fund": fund, "role": role, "party": party, "year_start_fen": fen, "balance_fen": fen, **side}


def _opening() -> Fact:
    lines = [
        _line("general", "bank", "icbc-9991", 100_000_000),
        _line("general", "bank", "ccb-9992", 80_000_000),
        _line("general", "net_unrestricted", "", -180_000_000),
        _line("aixin-zhuxue", "bank", "abc-zhuxue", 50_000_000),
        _line("aixin-zhuxue", "net_restricted", "", -50_000_000),
    ]
    lists = ("pledges", "lots", "receivables", "recoveries", "bank_items", "receipt_ranges", "assets")
    paper = {"paper": "trial_balance", "digest": "sha256:" + "0" * 64, "dated": "2025-08-31"}
    fields = {"entity": CHARITY, "period": "2025-09", "on": _ON, "lines": lines, "papers": [paper]}
    nets = {"net_unrestricted_fen": 180_000_000, "net_restricted_fen": 50_000_000}
    return "opening.recorded", {**fields, **nets, **{name: [] for name in lists}}


def bureau_facts() -> Iterator[Fact]:
    """Fiscal funds, accounts, programmes and standards of the bureau's control ledger."""
    yield _fund("relief", "困难群众救助补助资金", "fiscal")
    yield _fund("lottery", "福彩公益金", "lottery")
    yield account_fact("rcc-transit", "transit", "relief", bank="农村商业银行")
    yield account_fact("bureau-cash", "cash", "relief", aliases=["乡镇代收现金"])
    yield account_fact("bureau-return", "bank", "relief", bank="追缴专户")
    for programme, name, scheme, unit in (
        ("rural-dibao", "农村低保", "rural_dibao", "household"),
        ("urban-dibao", "城镇低保", "urban_dibao", "household"),
        ("destitute", "特困", "destitute", "person"),
    ):
        fields: Fields = {"programme": programme, "name": name, "scheme": scheme, "unit": unit, "fund": "relief"}
        rest = {"categories": [], "function_code": "20819", "on": _ON, "origin": "history"}
        yield "programme.opened", {**fields, **rest}
    for programme, category, fen in (
        ("rural-dibao", "农村A类", 50_000),
        ("rural-dibao", "农村B类", 50_000),
        ("rural-dibao", "农村C类", 50_000),
        ("destitute", "特困", 80_000),
    ):
        fields = {"programme": programme, "category": category, "amount_fen_per_month": fen, "tiers_fen": []}
        rest = {"effective_from": "2025-01", "decided_on": "2024-12-20", "document": "示民发〔2024〕30号"}
        yield "standard.set", {**fields, **rest, "origin": "history"}


def agent_facts() -> Iterator[Fact]:
    """The agent keeps the societies' books; each society's registration opens its own fund."""
    yield _fund("agent-general", "代理记账公共", "unrestricted")
    yield account_fact("village-account", "bank", "agent-general", aliases=["村账"], bank="村账")
    line = {"line_fen": 3_000_000, "effective_from": "2024-01-01", "document": "示民发〔2024〕5号"}
    yield "mutual_aid.line_set", line


BEFORE: tuple[tuple[str, Fact], ...] = (
    (
        CHARITY,
        (
            "pledge.made",
            {
                "pledge": "RJ2025-003",
                "fund": "general",
                "donor_kind": "organisation",
                "donor_label": "湖南示例矿业有限公司",
                "publicity": "name",
                "amount_fen": 30_000_000,
                "paid_before_fen": 0,
                "pledge_kind": "instalments",
                "instalments": [{"due": "2025-09-05", "fen": 20_000_000}, {"due": "2025-12-31", "fen": 10_000_000}],
                "public": True,
                "on": _ON,
            },
        ),
    ),
    (
        BUREAU,
        (
            "appropriation.received",
            {
                "document": RELIEF_QUOTA,
                "fund": "relief",
                "level": "province",
                "budget_code": "20819",
                "fiscal_year": 2025,
                "carried_over": False,
                "direct": True,
                "amount_fen": 500_000,
                "occurred_on": _ON,
            },
        ),
    ),
)
"""A pledge that a row of the register fulfils, and the quota that pays relief."""
