"""What the rules remarked of the rows of a file is found again afterwards, by whoever asks for doubts with remarks."""

import pytest

from ledger_projections.public_money.doubts import doubts
from tests.application.proposing.county import FILES, County, rows_of


def kept(county: County) -> set[str]:
    """The codes of what is listed."""
    with county.store.read() as connection:
        return {row.code for row in doubts(connection, remarks=True).rows}


@pytest.mark.parametrize("name", FILES)
def test_no_finding_of_an_import_is_told_only_once(county: County, name: str) -> None:
    report = county.one(name)
    county.sign_off()
    assert {one.code for one in report.findings} <= kept(county)


def test_what_a_society_gave_before_it_was_registered_is_found_again(county: County) -> None:
    """冲口村 has filed only (备案), and helped two households."""
    head, *_, filed = rows_of("mutual_aid.csv")
    told = dict(zip(head, filed, strict=True))
    told |= {"本年救助户次": "2", "本年救助金额(元)": "500.00", "账户余额(元)": "29500.00"}
    report = county.one(county.write("互助社.csv", [head, [told[column] for column in head]]))
    county.sign_off()
    assert (report.new, report.wrong) == (1, [])
    assert {"W_MAS_UNREGISTERED", "W_MAS_MEETING"} <= kept(county)
