"""What the county registers before the first file arrives: entities, people, funds, accounts, programmes, openings."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any, Final

from ledger_api.demo.cast import ADMINISTRATORS, AGENT, BUREAU, CHARITY, OFFICERS, Keys

Fields = dict[str, Any]
Reference = Callable[[str, str], str]
START: Final = date(2025, 9, 1)
_ON: Final = START.isoformat()
_PAPER: Final = "sha256:" + "0" * 64


def authority(keys: Keys) -> Iterator[tuple[str, Fields]]:
    """Entities, then officers with posts, keys and roles: one voucher of the book, signed by two administrators."""
    entities = (
        (CHARITY, "示例县慈善总会", "charity", "statutory", "npo", True),
        (BUREAU, "示例县民政局", "bureau", "control", "control", False),
        (AGENT, "示例县村级代理记账中心", "agent", "statutory", "npo", False),
    )
    for entity, name, kind, book_kind, family, fundraising in entities:
        yield (
            "entity.registered",
            {
                "entity": entity,
                "name": name,
                "entity_kind": kind,
                "book_kind": book_kind,
                "chart_family": family,
                "public_fundraising": fundraising,
            },
        )
    for one in OFFICERS:
        named = {"officer": one.officer, "name": one.name, "entity": one.entity, "post": one.post, "title": one.title}
        yield "officer.named", {**named, "valid_from": "2025-01-01"}
        yield "key.enrolled", {**keys.enrolment(one.officer), "valid_from": "2025-01-01"}
        for role in one.roles:
            yield "role.granted", {"officer": one.officer, "role": role, "entity": one.entity}


def opening_event(keys: Keys, origin: str, operator_key: str) -> Fields:
    """The one event of voucher 1."""
    administrators = [{**keys.enrolment(one.officer), "name": one.name} for one in ADMINISTRATORS]
    return {"origin": origin, "operator_key": operator_key, "administrators": administrators}


def fund(name: str, title: str, kind: str, purpose: str, **more: Any) -> tuple[str, Fields]:
    """A fund that stood before the book did."""
    fields = {"fund": name, "name": title, "fund_kind": kind, "purpose": purpose, "purposes": [], "programmes": []}
    return "fund.opened", {**fields, "no_cost": False, "on": _ON, "origin": "history", **more}


def account(name: str, holding: str, default_fund: str, **more: Any) -> tuple[str, Fields]:
    """A bank account, by its short name."""
    fields = {
        "account": name,
        "holding": holding,
        "default_fund": default_fund,
        "aliases": [],
        "opened_on": "2024-01-01",
    }
    return "bank.account_registered", {**fields, **more}


def charity(reference: Reference) -> Iterator[tuple[str, Fields]]:
    """Funds, accounts and channels of the charity association."""
    yield fund("general", "非限定资金", "unrestricted", "慈善活动")
    yield fund("aixin-zhuxue", "爱心助学", "restricted", "资助困难家庭学生就学", purposes=["助学"])
    yield fund("dongjie-community", "东街社区慈善基金", "community", "东街社区困难居民帮扶", purposes=["社区帮扶"])
    yield account(
        "icbc-9991",
        "bank",
        "general",
        bank="工商银行",
        aliases=["工行9991"],
        number_ref=reference("account-number", "1911020109200009991"),
    )
    yield account(
        "ccb-9992",
        "bank",
        "general",
        bank="建设银行",
        aliases=["建行9992"],
        number_ref=reference("account-number", "43050199990800009992"),
    )
    yield account("abc-zhuxue", "bank", "aixin-zhuxue", bank="农业银行", aliases=["农行助学户"])
    for channel, name, provider, aliases, merchant in (
        ("wechat", "微信支付", "wechat", ["微信商户1900009999", "微信支付"], "1900009999"),
        ("alipay", "支付宝", "alipay", ["支付宝"], None),
    ):
        yield (
            "channel.opened",
            {
                "channel": channel,
                "name": name,
                "provider": provider,
                "merchant": "own",
                "merchant_ref": None if merchant is None else reference("merchant-number", merchant),
                "aliases": aliases,
                "default_fund": "general",
                "settles_to": "icbc-9991",
                "on": "2024-01-01",
            },
        )


def bureau() -> Iterator[tuple[str, Fields]]:
    """Fiscal funds, the paying bank's transit account, programmes and standards of the bureau's control ledger."""
    yield fund("relief", "困难群众救助补助资金", "fiscal", "低保、特困、临时救助等")
    yield fund("lottery", "福彩公益金", "lottery", "扶老、助残、救孤、济困")
    yield account("rcc-transit", "transit", "relief", bank="农村商业银行", aliases=["代发过渡户"])
    yield account("bureau-cash", "cash", "relief", aliases=["乡镇代收现金"])
    yield account("bureau-return", "bank", "relief", aliases=["追缴专户"], bank="追缴专户")
    for programme, name, scheme, unit, code, categories in (
        ("rural-dibao", "农村低保", "rural_dibao", "household", "20819", ["农村A类", "农村B类", "农村C类"]),
        ("urban-dibao", "城镇低保", "urban_dibao", "household", "20819", ["城镇A类", "城镇B类", "城镇C类"]),
        ("destitute", "特困", "destitute", "person", "20821", []),
    ):
        fields = {"programme": programme, "name": name, "scheme": scheme, "unit": unit, "function_code": code}
        yield "programme.opened", {**fields, "fund": "relief", "categories": categories, "on": _ON, "origin": "history"}
    for category in ("农村A类", "农村B类", "农村C类"):
        yield (
            "standard.set",
            {
                "programme": "rural-dibao",
                "category": category,
                "amount_fen_per_month": 50_000,
                "tiers_fen": [],
                "effective_from": "2025-01",
                "decided_on": "2024-12-20",
                "document": "示民发〔2024〕30号",
                "origin": "history",
            },
        )


def village_agent(on: str = _ON) -> Iterator[tuple[str, Fields]]:
    """The agent keeps the societies' books; each society's registration opens its own fund."""
    yield fund("agent-general", "代理记账公共", "unrestricted", "代理记账", on=on)
    yield account("village-account", "bank", "agent-general", aliases=["村账"], bank="村账")


def _line(fund: str, role: str, party: str, fen: int) -> Fields:
    side = {"debit_fen": 0, "credit_fen": 0}
    return {"fund": fund, "role": role, "party": party, "year_start_fen": fen, "balance_fen": fen, **side}


def charity_opening() -> tuple[str, Fields]:
    """Where the association's books stand on 1 September: two accounts of free money, one for pupils."""
    lines = [
        _line("general", "bank", "icbc-9991", 100_000_000),
        _line("general", "bank", "ccb-9992", 80_000_000),
        _line("general", "net_unrestricted", "", -180_000_000),
        _line("aixin-zhuxue", "bank", "abc-zhuxue", 50_000_000),
        _line("aixin-zhuxue", "net_restricted", "", -50_000_000),
    ]
    return _opened_with("2025-09", _ON, lines, 180_000_000, 50_000_000)


def opening(period: str, account: str, fen: int) -> tuple[str, Fields]:
    """The association's books at the start of a month: free money on one account."""
    lines = [_line("general", "bank", account, fen), _line("general", "net_unrestricted", "", -fen)]
    return _opened_with(period, f"{period}-01", lines, fen, 0)


def _opened_with(period: str, on: str, lines: list[Fields], free_fen: int, restricted_fen: int) -> tuple[str, Fields]:
    """The opening of the association's books."""
    lists = ("pledges", "lots", "receivables", "recoveries", "bank_items", "receipt_ranges", "assets")
    before = (date.fromisoformat(on) - timedelta(days=1)).isoformat()
    return (
        "opening.recorded",
        {
            "entity": CHARITY,
            "period": period,
            "on": on,
            "lines": lines,
            "net_unrestricted_fen": free_fen,
            "net_restricted_fen": restricted_fen,
            "papers": [{"paper": "trial_balance", "digest": _PAPER, "dated": before}],
            **{name: [] for name in lists},
        },
    )
