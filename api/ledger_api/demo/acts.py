"""What people decide in September beside the files: an allocation, a grant, a transfer, the batch's road."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from ledger_api.demo.cast import BUREAU, CHARITY

Fields = dict[str, Any]
Act = tuple[str, str, str, list[tuple[str, Fields]]]
"""(title, maker, entity, events)."""

ACCOUNTANT: Final = "kuaiji-wang"
CLERK: Final = "jiuzhu-qian"
BATCH: Final = "rural-dibao-2025-09-01"
APPROPRIATION: Final = "湘财社指〔2025〕1号"


def before_files() -> Iterator[Act]:
    """What is known before the month's files arrive: a pledge, the quota that pays relief, the societies' line."""
    pledge = {
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
        "agreement": "慈善大会认捐书003",
        "on": "2025-09-01",
    }
    yield "企业公开认捐", ACCOUNTANT, CHARITY, [("pledge.made", pledge)]
    quota = {
        "document": APPROPRIATION,
        "fund": "relief",
        "level": "province",
        "budget_code": "20819",
        "fiscal_year": 2025,
        "carried_over": False,
        "direct": True,
        "amount_fen": 500_000,
        "occurred_on": "2025-09-01",
    }
    yield "困难群众救助补助资金下达", CLERK, BUREAU, [("appropriation.received", quota)]


def line_set() -> tuple[str, Fields]:
    """The county's line of 30,000 yuan a society."""
    return (
        "mutual_aid.line_set",
        {"line_fen": 3_000_000, "effective_from": "2024-01-01", "document": "示民发〔2024〕5号"},
    )


ROAD: Final = ("batch.prepared", "batch.approved", "batch.funded")
"""What tells how far a batch has gone: what begins its road, and what each act of `batch_road` begins with."""


def batch_road(
    of: tuple[str, str], month: str, account: str, count: int, total_fen: int, sources: Sequence[Fields]
) -> Iterator[Act]:
    """签批, 送财政, 支付令: a prepared batch goes its way before the bank's file comes back. `of` are the batch and its
    fund, `sources` the funding documents that pay it.
    """
    batch, fund = of
    day = f"{month}-05"
    steps: list[tuple[str, Fields]] = [
        ("batch.approved", {"batch": batch, "count": count, "total_fen": total_fen, "on": day}),
        ("batch.sent", {"batch": batch, "organisation": "示例县财政局", "total_fen": total_fen, "on": day}),
    ]
    yield "批次签批并送财政", CLERK, BUREAU, [(kind, {**fields, "origin": "decision"}) for kind, fields in steps]
    order = {
        "movement": f"order-{batch}",
        "batch": batch,
        "fund": fund,
        "amount_fen": total_fen,
        "sources": list(sources),
        "account": account,
        "order_no": f"示财支{month[5:]}08",
        "occurred_on": f"{month}-08",
    }
    yield "财政支付令到代发行", CLERK, BUREAU, [("batch.funded", order)]


def decisions() -> Iterator[Act]:
    """An allocation to a community fund, a grant to a school with what came back of it, a transfer between accounts."""
    allocation = {
        "movement": "demo-allocation",
        "source": "general",
        "target": "dongjie-community",
        "amount_fen": 2_000_000,
        "purpose": "社区帮扶",
        "approval": "会长办公会纪要〔2025〕9号",
        "means": "bank",
        "account": "icbc-9991",
        "on": "2025-09-08",
        "origin": "decision",
    }
    yield "向社区慈善基金划拨", ACCOUNTANT, CHARITY, [("fund.allocated", allocation)]
    common = {"fund": "aixin-zhuxue", "payee_kind": "school", "payee_label": "示例县石岭镇中心学校", "purpose": "助学"}
    grant = {"grant": "grant-2025-036", **common, "amount_fen": 1_800_000, "persons": 36, "due": "2025-12-31"}
    yield (
        "秋季助学金审批",
        ACCOUNTANT,
        CHARITY,
        [("grant.committed", {**grant, "approval": "资金拨付审批表036", "on": "2025-09-08", "origin": "decision"})],
    )
    paid = {"movement": "demo-grant-paid", "grant": "grant-2025-036", **common, "amount_fen": 1_800_000, "persons": 36}
    money = {"basis": "cost", "means": "bank", "account": "abc-zhuxue", "occurred_on": "2025-09-09"}
    yield "秋季助学金拨付", ACCOUNTANT, CHARITY, [("grant.disbursed", {**paid, **money})]
    returned = {
        "movement": "demo-grant-returned",
        "grant": "grant-2025-036",
        "fund": "aixin-zhuxue",
        "amount_fen": 500_000,
        "means": "bank",
        "account": "abc-zhuxue",
        "reason": "10人转学退回",
        "persons": 10,
        "occurred_on": "2025-09-11",
    }
    yield "助学金退回", ACCOUNTANT, CHARITY, [("grant.unspent_returned", returned)]
    transfer = {
        "movement": "demo-transfer",
        "from_account": "ccb-9992",
        "to_account": "icbc-9991",
        "fund": "general",
        "amount_fen": 30_000_000,
        "approval": "资金调拨单0910",
        "on": "2025-09-10",
    }
    paper = {
        "document": "资金调拨单0910",
        "form": "approval_form",
        "decided_on": "2025-09-10",
        "deciders": [{"name": "示例赵", "post": "秘书长", "officer": "shenhe-zhao"}],
        "subject": "建行户调入工行户",
        "kinds": ["bank.transferred"],
        "fund": "general",
        "max_fen": 30_000_000,
        "vouchers": [],
    }
    events = [("approval.recorded", paper), ("bank.transferred", transfer)]
    yield "内部调款(线下审批单登记在先)", ACCOUNTANT, CHARITY, events
