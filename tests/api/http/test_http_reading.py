"""Everything that the command line tells, told over the network: the same figures, for those who may see them, and
nothing told twice to who has it already.
"""

from typing import Any

import pytest

from ledger.application.outcomes import Receipt
from tests.api.http.house import House, body_of, donation
from tests.api.http.september import asked

MAKER = "acct-charity"
SAME: dict[str, tuple[str, ...]] = {
    "/v1/pledges": ("pledges",),
    "/v1/pledges?on=2025-12-31&as_of=2025-09-15&entity=charity": (
        "pledges",
        *("--on", "2025-12-31", "--as-of", "2025-09-15", "--entity", "charity"),
    ),
    "/v1/pledges/2025": ("pledges", "--year", "2025"),
    "/v1/societies": ("societies",),
    "/v1/societies?at=60": ("societies", "--at", "60"),
    "/v1/lottery": ("lottery",),
    "/v1/lottery?year=2025": ("lottery", "--year", "2025"),
    "/v1/subsidies": ("subsidies",),
    "/v1/subsidies?month=2025-08&until=2025-10&programme=rural-dibao": (
        "subsidies",
        *("--month", "2025-08", "--until", "2025-10", "--programme", "rural-dibao"),
    ),
    "/v1/rosters?month=2025-09": ("subsidies", "--rosters", "--month", "2025-09"),
    "/v1/failures": ("subsidies", "--failures"),
    "/v1/failures?month=2025-08&until=2025-10": (
        "subsidies",
        *("--failures", "--month", "2025-08", "--until", "2025-10"),
    ),
    "/v1/recoveries": ("recoveries",),
    "/v1/doubts": ("doubts",),
    "/v1/doubts?entity=bureau": ("doubts", "--entity", "bureau"),
    "/v1/clues": ("clues",),
    "/v1/clues?on=2026-09-30&entity=bureau": ("clues", "--on", "2026-09-30", "--entity", "bureau"),
    "/v1/matching-runs": ("clues", "--runs"),
    "/v1/reconciliations?entity=charity": ("reconcile", "--entity", "charity"),
    "/v1/reconciliations/icbc-9991?entity=charity&on=2025-09-30": (
        "reconcile",
        *("--entity", "charity", "--account", "icbc-9991", "--on", "2025-09-30"),
    ),
    "/v1/figures": ("figures",),
    "/v1/figures?entity=bureau": ("figures", "--entity", "bureau"),
    "/v1/figures?from=2025-07&to=2025-09&as_of=2025-09-20": (
        "figures",
        *("--from", "2025-07", "--to", "2025-09", "--as-of", "2025-09-20"),
    ),
    "/v1/trails/fund:general": ("trail", "fund:general"),
}
"""Address -> the words of the command that asks the same."""


@pytest.mark.parametrize("path", SAME)
def test_the_network_says_what_the_command_line_says(september: House, path: str) -> None:
    for language in ("zh", "en"):
        answer = september.call("auditor-1", "GET", path, accept_language=language)
        assert answer.status_code == 200, answer.text
        assert answer.json() == asked(september, SAME[path], language)


RENAMED = {"/v1/balances": ("balances", "funds"), "/v1/accounts": ("balances --accounts", "accounts")}


@pytest.mark.parametrize("path", RENAMED)
def test_balances_are_those_of_the_command_line(september: House, path: str) -> None:
    words, name = RENAMED[path]
    told = september.get("auditor-1", path)
    rows = told.pop("rows")
    assert (bool(rows), told.pop("moved", False)) == (True, False)
    assert told | {name: rows} == asked(september, words.split())


def test_the_trial_balance_is_that_of_the_command_line(september: House) -> None:
    told = september.get("auditor-1", "/v1/trial-balance?entity=bureau&period=2025-09")
    (same,) = asked(september, ["trial-balance", "--entity", "bureau", "--period", "2025-09"])["entities"]
    assert same["accounts"]
    assert {name: told[name] for name in same} == same


def test_batches_are_those_of_the_subsidies(september: House) -> None:
    listed = september.get("auditor-1", "/v1/batches?month=2025-09")["rows"]
    assert listed
    assert listed == september.get("auditor-1", "/v1/subsidies?month=2025-09")["batches"]
    (one,) = (row for row in listed if row["programme"] == "rural-dibao")
    parts = ("paid_fen", "pending_fen", "failed_fen", "cancelled_fen")
    assert one["prepared_fen"] == sum(one[part] for part in parts)


USUAL = {
    "/v1/subsidies": ("first", ("subsidies",)),
    "/v1/rosters": ("first", ("subsidies", "--rosters")),
    "/v1/figures": ("last", ("figures",)),
    "/v1/summaries/M1": ("first", ("summary", "M1")),
    "/v1/summaries/M7": ("first", ("summary", "M7")),
    "/v1/summaries/month": ("first", ("summary", "month")),
}


@pytest.mark.parametrize("path", USUAL)
@pytest.mark.parametrize(
    ("name", "value", "month"),
    [("as_of", "2025-08-15", "2025-08"), ("as_of", "2025-10-15", "2025-09"), ("at", "57", "2025-11")],
)
def test_the_usual_month_is_that_of_the_clocks_asked_for(
    september: House, monkeypatch: pytest.MonkeyPatch, path: str, name: str, value: str, month: str
) -> None:
    """Batches of September alone: none is prepared at position 57, or on a day of August."""
    monkeypatch.setattr(september.county, "now", september.county.now.replace(month=11, day=20))
    field, words = USUAL[path]
    told = september.get("auditor-1", f"{path}?{name}={value}")
    same = asked(september, [*words, f"--{name.replace('_', '-')}", value])
    assert told[field] == same[field] == month


OF_ENTITIES = ("subsidies", "batches", "failures", "rosters", "doubts", "clues", "recoveries")


@pytest.mark.parametrize("reader", OF_ENTITIES)
def test_who_keeps_one_entitys_books_is_told_of_no_other(september: House, reader: str) -> None:
    whole = september.get("auditor-1", f"/v1/{reader}")
    own = september.get(MAKER, f"/v1/{reader}")
    name = "recoveries" if reader == "recoveries" else "rows"
    assert {row["entity"] for row in own[name]} <= {"charity"}
    assert "bureau" in {row["entity"] for row in whole[name]}
    assert september.call(MAKER, "GET", f"/v1/{reader}?entity=bureau").status_code == 403
    one = september.get("auditor-1", f"/v1/{reader}?entity=bureau")[name]
    assert one == [row for row in whole[name] if row["entity"] == "bureau"]


WRONG: dict[str, tuple[str, int, str]] = {
    "a day that is none": ("/v1/pledges?on=2025-02-30", 422, "E_DATE"),
    "an entity that is none": ("/v1/pledges?entity=nobody", 422, "E_ENTITY_UNKNOWN"),
    "a position ahead": ("/v1/doubts?at=99999999", 404, "E_POSITION_AHEAD"),
    "a position that is none": ("/v1/lottery?at=x", 422, "E_AT_OPTION"),
    "a month that is none": ("/v1/subsidies?month=2025-13", 422, "E_PERIOD"),
    **{
        f"{reader} of months that run backwards": (
            f"/v1/{reader}?month=2025-09&until=2025-08",
            422,
            "E_MONTHS_BACKWARDS",
        )
        for reader in ("subsidies", "batches", "failures", "rosters")
    },
    "figures of months that run backwards": ("/v1/figures?from=2025-09&to=2025-08", 422, "E_MONTHS_BACKWARDS"),
    "a year that is none": ("/v1/pledges/25", 422, "E_REQUEST_FIELD"),
    "no entity": ("/v1/reconciliations", 422, "E_REQUEST_FIELD"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_crooked_question_is_refused_by_name(september: House, what: str) -> None:
    path, status, code = WRONG[what]
    answer = september.call("auditor-1", "GET", path)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    if code in {"E_DATE", "E_PERIOD"}:
        assert answer.json()["params"]["field"] == "?" + path.partition("?")[2].partition("=")[0]


def etag(house: House, officer: str, path: str, **headers: str) -> tuple[int, str, Any]:
    answer = house.call(officer, "GET", path, **headers)
    return answer.status_code, answer.headers.get("etag", ""), answer


READ = ("/v1/balances", "/v1/subsidies", "/v1/doubts")


@pytest.mark.parametrize("path", READ)
def test_what_the_asker_has_is_not_sent_again_until_the_log_grows(house: House, path: str) -> None:
    _, first, answer = etag(house, "auditor-1", path)
    assert first.startswith('"')
    for kept in (first, f"W/{first}", f'"another", {first}'):
        again = house.call("auditor-1", "GET", path, if_none_match=kept)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first)
        assert again.headers["ledger-position"] == answer.headers["ledger-position"]
    house.post(MAKER, "/v1/vouchers", body_of(house.voucher(MAKER, "charity", donation())))
    status, later, fresh = etag(house, "auditor-1", path, if_none_match=first)
    assert (status, later != first) == (200, True)
    assert int(fresh.headers["ledger-position"]) == fresh.json()["position"] > answer.json()["position"]


@pytest.mark.parametrize("path", READ)
def test_who_holds_whatever_there_is_gets_nothing_of_it_and_is_told_what_there_is_not(house: House, path: str) -> None:
    """`*`, asked for the first time and again (RFC 9110 section 13.1.2)."""
    for _ in range(2):
        status, tag, answer = etag(house, "auditor-1", path, if_none_match=" * ")
        assert (status, answer.content, tag.startswith('"')) == (304, b"", True)
    assert etag(house, "auditor-1", path)[1] == tag
    assert house.call("auditor-1", "GET", f"{path}?entity=nobody", if_none_match="*").status_code == 422


def test_an_etag_is_of_one_question_one_scope_one_language_and_one_day(house: House) -> None:
    tags = [
        etag(house, who, path, accept_language=language)[1]
        for who, path, language in (
            ("auditor-1", "/v1/balances", "zh"),
            ("auditor-1", "/v1/balances", "en"),
            ("auditor-1", "/v1/accounts", "zh"),
            ("auditor-1", "/v1/balances?entity=charity", "zh"),
            (MAKER, "/v1/balances", "zh"),
        )
    ]
    assert len(set(tags)) == len(tags)
    assert etag(house, "supervisor-1", "/v1/balances", accept_language="zh")[1] == tags[0]
    house.county.now = house.county.now.replace(month=10, day=1)
    assert etag(house, "auditor-1", "/v1/balances", accept_language="zh")[1] not in tags


def test_an_answer_from_memory_is_the_answer(house: House) -> None:
    path = "/v1/balances?entity=charity"
    first, second = (house.call("auditor-1", "GET", path) for _ in range(2))
    assert (second.content, dict(second.headers) | {"ledger-trace": ""}) == (
        first.content,
        dict(first.headers) | {"ledger-trace": ""},
    )
    assert second.json()["rows"]
    fen = {row["fund"]: row["balance_fen"] for row in second.json()["rows"]}["general"]
    house.post(MAKER, "/v1/vouchers", body_of(house.voucher(MAKER, "charity", donation(fen=700))))
    later = house.get("auditor-1", path)["rows"]
    assert {row["fund"]: row["balance_fen"] for row in later}["general"] == fen + 700


def test_what_another_process_posts_is_seen_at_once(house: House) -> None:
    """A writer with a store of its own, as the command line beside the service has one."""
    path = "/v1/balances?entity=charity"
    before = {row["fund"]: row["balance_fen"] for row in house.get("auditor-1", path)["rows"]}
    house.get("auditor-1", path)
    assert isinstance(house.county.writer.submit(house.voucher(MAKER, "charity", donation(fen=900))), Receipt)
    after = {row["fund"]: row["balance_fen"] for row in house.get("auditor-1", path)["rows"]}
    assert after["general"] == before["general"] + 900
