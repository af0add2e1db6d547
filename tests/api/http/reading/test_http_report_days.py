"""Reports as of a business day: aged by it, of the usual months by then, and refused before they fail."""

import json

import pytest

from ledger_api.reports.kinds import KINDS
from tests.api.http.house import House
from tests.api.http.test_http_reports import SEPTEMBER, WHO, finished, made, order
from tests.application.proposing.county import TODAY

AGED = ("pledges", "recoveries", "societies", "clues", "matching-runs")


@pytest.mark.parametrize("as_of", ["2025-09-10", "2025-09-30", "2025-12-31"])
@pytest.mark.parametrize("kind", ["fund", "recovery", "societies", "campaign"])
def test_a_report_ages_what_is_open_as_its_readers_do(september: House, kind: str, as_of: str) -> None:
    body = {"kind": kind, "format": "json", "span": {"year": "2025"}, "as_of": as_of}
    _, data = made(september, body, f"aged-{kind}-{as_of}")
    answers = {one["name"]: one["answer"] for one in json.loads(data)["readers"] if one["name"] in AGED}
    assert answers
    for name, answer in answers.items():
        assert answer["on"] == min(as_of, TODAY.isoformat())
        assert answer == september.get(WHO, f"/v1/{name}?as_of={as_of}")


@pytest.mark.parametrize("kind", KINDS)
def test_a_day_before_the_months_is_refused_or_answered(september: House, kind: str) -> None:
    """Never taken in to fail later: payments are those of a batch's month, whatever the day."""
    body = {"kind": kind, "format": "json", "span": SEPTEMBER, "as_of": "2025-08-31"}
    answer = order(september, body, f"before-{kind}")
    if answer.status_code == 202:
        assert finished(september, answer.json()["id"])["state"] == "done"
    else:
        assert (answer.status_code, answer.json()["code"]) == (422, "E_AS_OF_SPAN")


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_as_of_an_earlier_day_is_of_the_usual_months_by_then(september: House, kind: str) -> None:
    _, data = made(september, {"kind": kind, "format": "json", "as_of": "2025-08-15"}, f"earlier-{kind}")
    months = {(one["first"], one["last"]) for one in json.loads(data)["tables"]}
    assert months <= {("2025-08", "2025-08"), ("2025-07", "2025-09"), ("2025-01", "2025-12")}
