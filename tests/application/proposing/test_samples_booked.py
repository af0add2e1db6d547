"""The seventeen samples through the real writer: every published figure stands in the book, and nothing else does."""

from typing import Any

import pytest

from tests.application.proposing.county import BATCH, FILES, County, rows_of
from tests.application.proposing.county_facts import AGENT, BUREAU, CHARITY, RELIEF_QUOTA


def test_every_row_is_taken_in_and_none_is_wrong(september: County) -> None:
    reports = {file.file: file for report in september.reports for file in report.files}
    assert sorted(reports) == list(FILES)
    assert {file: one.wrong for file, one in reports.items() if one.wrong or one.refused} == {}
    evidence = {"wechat_fund.csv": 1}  # the fund bill's line of a trade that the trade bill books
    assert {file: one.noted for file, one in reports.items() if one.noted} == evidence
    assert {file: one.new for file, one in reports.items()} == {file: 3 - evidence.get(file, 0) for file in FILES}
    assert not september.waiting()


BALANCES: list[tuple[str, str, str, str, str | None, int]] = [
    # what, entity, fund, role, party, fen
    ("WeChat and Alipay income net of refunds", CHARITY, "general", "donation_unrestricted", None, -20_030_000),
    ("fees of both channels", CHARITY, "general", "fundraising_cost", None, 120 + 60),
    ("WeChat's clearing account", CHARITY, "general", "channel", "wechat", 0),
    ("Alipay's clearing account", CHARITY, "general", "channel", "alipay", 9_940),
    ("the bank: what stood there, the firm's gift, WeChat's net", CHARITY, "general", "bank", "icbc-9991", 120_019_880),
    ("interest in, cash deposit still unexplained", CHARITY, "general", "bank", "ccb-9992", 80_031_250),
    ("interest", CHARITY, "general", "other_income", None, -31_250),
    ("the school's collective gift", CHARITY, "aixin-zhuxue", "donation_restricted", None, -2_865_000),
    ("where the collective gift lies", CHARITY, "aixin-zhuxue", "bank", "icbc-9991", 2_865_000),
    ("the bank's fee on the pupils' account", CHARITY, "aixin-zhuxue", "bank", "abc-zhuxue", 49_998_800),
    ("that fee as cost", CHARITY, "aixin-zhuxue", "management_cost", None, 1_200),
    ("the pledge's second instalment", CHARITY, "general", "pledged", "RJ2025-003", 10_000_000),
    (
        "relief: 690 + 580 paid, 240 kept back, 2,140 recovered for the programme",
        BUREAU,
        "relief",
        "relief_cost",
        None,
        127_000 + 24_000 - 24_000 - 190_000,
    ),
    ("the returned 760 lies in transit", BUREAU, "relief", "transit", BATCH, 76_000),
    ("the quota after the payment order", BUREAU, "relief", "quota", RELIEF_QUOTA, 500_000 - 203_000),
    ("no promise is left", BUREAU, "relief", "committed", BATCH, 0),
    ("still to be recovered", BUREAU, "relief", "recoverable", None, 360_000),
    ("owed to the treasury", BUREAU, "relief", "due_to_treasury", None, -360_000),
    ("cash that the township took", BUREAU, "relief", "cash", "bureau-cash", 190_000),
    ("what was kept back was collected", BUREAU, "relief", "offset_clearing", None, 0),
    ("14.25 - 10.50, 50.00 - 25.00 and 10.00 - 10.00 (10,000 yuan)", BUREAU, "lottery", "quota", None, 28_750_000),
    ("lottery money allocated", BUREAU, "lottery", "fiscal_income", None, -74_250_000),
    ("lottery money used", BUREAU, "lottery", "relief_cost", None, 45_500_000),
]


@pytest.mark.parametrize("row", BALANCES, ids=[row[0] for row in BALANCES])
def test_published_sums(september: County, row: tuple[str, str, str, str, str | None, int]) -> None:
    assert september.fen(*row[1:5]) == row[5]


def test_wechat_income_is_gross_and_its_net_reaches_the_bank(september: County) -> None:
    gifts = [one for one in september.of_kind("donation.received") if one.channel == "wechat"]
    returned = [one for one in september.of_kind("donation.returned") if one.channel == "wechat"]
    fees = [one for one in september.of_kind("channel.fee_charged") if one.channel == "wechat"]
    (settled,) = september.of_kind("channel.settled")
    assert sum(one.amount_fen for one in gifts) == 26_666
    assert sum(one.amount_fen for one in gifts) - sum(one.amount_fen for one in returned) == 20_000
    assert [one.fee_fen for one in fees] == [120]
    assert (settled.net_fen, settled.account) == (19_880, "icbc-9991")
    assert [day.isoformat() for day in settled.business_days] == ["2025-09-05"]


def test_a_bill_of_a_channel_names_its_campaign(september: County) -> None:
    """As the register does: once, however many gifts name it; what holds a person's number stays a reference."""
    gifts = [one for one in september.of_kind("donation.received") if one.channel == "wechat"]
    (named,) = [one for one in september.of_kind("campaign.named") if one.campaign in {gift.campaign for gift in gifts}]
    assert named.name == "慈善一日捐"


def test_the_register_names_a_channels_gift_and_does_not_book_it_again(september: County) -> None:
    (named,) = september.of_kind("donation.registered")
    (gift,) = september.events(f"donation:{named.donation}", "donation.received")
    assert (named.amount_fen, gift.amount_fen, gift.order_no) == (20_000, 20_000, named.order_no)


def test_the_collective_gift_of_412_persons(september: County) -> None:
    (gift,) = september.of_kind("donation.collective")
    assert (gift.persons, gift.amount_fen, gift.fund, gift.order_no) == (
        412,
        2_865_000,
        "aixin-zhuxue",
        "20250905000017",
    )
    assert "W_COLLECTIVE_LIST" in september.findings()


def test_the_roster_and_what_the_bank_made_of_it(september: County) -> None:
    confirmed = september.of_kind("enrolment.confirmed")
    paid, returned = september.of_kind("subsidy.paid"), september.of_kind("subsidy.returned")
    assert sorted(one.monthly.persons for one in confirmed) == [1, 2, 3]
    assert sorted(one.amount_fen for one in paid) == [58_000, 69_000]
    assert [one.amount_fen for one in returned] == [38_000, 38_000]
    assert {one.code for one in returned} == {"NAME_MISMATCH"}
    lines = september.events(f"batch:{BATCH}", "subsidy.authorised")
    (kept,) = september.of_kind("subsidy.offset")
    net: dict[str, int] = {}
    for one in lines:
        net[one.enrolment] = net.get(one.enrolment, 0) + one.amount_fen
    net[kept.enrolment] -= kept.amount_fen
    assert sorted(net.values()) == [58_000, 69_000, 76_000]
    of_three = next(one for one in confirmed if one.monthly.persons == 3)
    assert (of_three.enrolment, of_three.monthly.total_fen) == (kept.enrolment, 82_000)


def test_the_line_of_a_single_person_names_the_person(september: County) -> None:
    """So that a death that is reported later finds the payment; a household's line is for nobody alone."""
    lines = september.of_kind("subsidy.authorised")
    assert {len(one.subjects) for one in lines if one.persons == 1} == {1}
    assert {len(one.subjects) for one in lines if one.persons > 1} == {0}


def test_three_societies_and_the_line_of_30000(september: County) -> None:
    societies = {one.name: one for one in september.of_kind("mutual_aid.society_registered")}
    assert sorted(one.status for one in societies.values()) == ["filed", "registered", "registered"]
    raised = {name: -september.fen(AGENT, one.fund, "donation_restricted") for name, one in societies.items()}
    assert sorted(raised.values()) == [2_650_000, 3_000_000, 3_200_000]
    granted = {name: september.fen(AGENT, one.fund, "programme_cost") for name, one in societies.items()}
    assert sorted(granted.values()) == [0, 80_000, 240_000]
    held = {name: september.fen(AGENT, one.fund, "bank") for name, one in societies.items()}
    assert held == {name: raised[name] - granted[name] for name in societies}
    assert september.findings().count("W_MAS_CAPITAL") == 2, "the grant and the sheet of the one society below the line"
    in_village = societies["冲口村救急难互助社"]
    assert (in_village.money_with, in_village.account) == ("village_account", "village-account")


@pytest.mark.parametrize(
    ("mode", "fen"),
    [("offset", 24_000), ("paid_to_treasury", 600_000), ("cash", 190_000)],
)
def test_recoveries_by_their_three_roads(september: County, mode: str, fen: int) -> None:
    assert [one.amount_fen for one in september.of_kind("recovery.collected") if one.mode == mode] == [fen]


def test_of_each_recovery_what_is_left(september: County) -> None:
    ordered = {one.recovery: one.amount_fen for one in september.of_kind("recovery.ordered")}
    collected = {one.recovery: one.amount_fen for one in september.of_kind("recovery.collected")}
    assert sorted((fen, fen - collected[name]) for name, fen in ordered.items()) == [
        (24_000, 0),
        (190_000, 0),
        (960_000, 360_000),
    ]


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("bank.line_recorded", 12),
        ("bank.statement_imported", 4),
        ("bank.interest", 1),
        ("bank.fee", 1),
        ("death.reported", 3),
        ("clue.raised", 3),
        ("clue.verified", 1),
        ("clue.refuted", 2),
        ("finding.confirmed", 6),
        ("finding.referred", 1),
        ("rectification.planned", 3),
        ("rectification.accepted", 1),
        ("look_back.performed", 1),
        ("lottery.allocated", 3),
        ("lottery.used", 4),
        ("donation.receipt_issued", 2),
        ("batch.instructed", 1),
        ("batch.result_imported", 1),
    ],
)
def test_facts_of_a_kind(september: County, kind: str, count: int) -> None:
    assert len(september.of_kind(kind)) == count


def test_no_name_number_or_account_of_a_person_is_in_the_log(september: County) -> None:
    log = "\n".join(event.model_dump_json() for event in september.all_events())
    for file, columns in (
        ("dibao_roster.csv", ("户主姓名", "户主身份证号", "银行账号", "联系电话", "家庭编号")),
        ("deaths.csv", ("姓名", "身份证号")),
        ("recoveries.csv", ("姓名", "身份证号")),
        ("doubts.csv", ("姓名", "身份证号")),
        ("donation_register.csv", ("联系电话",)),
    ):
        head, *rows = rows_of(file)
        told: list[Any] = [row[head.index(column)] for row in rows for column in columns]
        assert [value for value in told if value and value in log] == []


def test_every_person_named_in_the_log_is_committed_there(september: County) -> None:
    committed = {one.identity for one in september.of_kind("identity.registered")}
    named = {one.person for one in september.of_kind("death.reported")}
    named |= {one.payee.payee for one in september.of_kind("enrolment.confirmed")}
    assert named <= committed
