"""An entity that was renamed is called by the name that it has; papers that bear its earlier name are its own still."""

from datetime import date

import pytest

from ledger.application.outcomes import VoucherRefusedError
from tests.application.proposing.county import TODAY, County
from tests.application.proposing.county_facts import CHARITY
from tests.application.proposing.giving.test_pledge_receivers import pledges

FORMER, NOW = "测试慈善总会", "测试县公益联合会"


def rename(county: County, since: str = "2025-09-01") -> None:
    fields = {"entity": CHARITY, "name": NOW, "document": None, "valid_from": since}
    county.post("guan-1", "book", [("entity.renamed", fields)], "guan-2", day=date(2025, 9, 30))


@pytest.mark.parametrize(("since", "name"), [("2025-10-01", NOW), ("2025-10-10", FORMER)])
def test_a_file_is_told_of_the_entity_by_the_name_of_the_day(county: County, since: str, name: str) -> None:
    rename(county, since)
    county.now = county.now.replace(month=10, day=9)
    county.decide(CHARITY, ("period.locked", {"entity": CHARITY, "period": "2025-09"}))
    report = county.take_in("alipay_trade.csv", today=date(2025, 10, 9))
    (moved,) = [note for note in report.files[0].notes if note.code == "W_MONTH_CLOSED"]
    assert moved.params["entity_name"] == name
    assert name in moved.message()


def test_a_refusal_calls_the_entity_by_its_name_of_now(county: County) -> None:
    rename(county)
    lock = [("period.locked", {"entity": CHARITY, "period": "2025-09"})]
    with pytest.raises(VoucherRefusedError) as refused:
        county.post("acct-bureau", CHARITY, lock, day=TODAY)
    (found,) = [one for one in refused.value.findings if one.code == "E_ROLE"]
    assert dict(found.params)["entity"] == CHARITY, "a program reads the id"
    assert NOW in str(refused.value)
    assert FORMER not in str(refused.value)


@pytest.mark.parametrize("receiver", [FORMER, NOW])
def test_a_pledge_is_ours_by_either_name(county: County, receiver: str) -> None:
    rename(county)
    report = county.one(county.write("认捐.csv", pledges(receiver)))
    assert (report.new, report.wrong) == (1, [])
    county.sign_off()
    made = county.of_kind("pledge.made")[-1]
    assert (made.fund, made.recipient_label) == ("general", None)
