"""A value that the book does not know is refused, over the network and at the command line alike: an empty table would
read as if there were nothing.
"""

import json
from collections.abc import Sequence

import pytest

from tests.api.http.house import House
from tests.api.http.september import refused

AUDITOR = "auditor-1"
UNKNOWN: dict[str, tuple[str, Sequence[str], int, str, str]] = {
    "subsidies of no programme": (
        "/v1/subsidies?programme=rural-dibo",
        ("subsidies", "--programme", "rural-dibo"),
        422,
        "E_PROGRAMME_ASKED",
        "rural-dibao",
    ),
    "another entity's programme": (
        "/v1/subsidies?programme=rural-dibao&entity=charity",
        ("subsidies", "--programme", "rural-dibao", "--entity", "charity"),
        422,
        "E_PROGRAMME_ASKED",
        "—",
    ),
    "a programme before it was opened": (
        "/v1/subsidies?programme=rural-dibao&at=5",
        ("subsidies", "--programme", "rural-dibao", "--at", "5"),
        422,
        "E_PROGRAMME_ASKED",
        "—",
    ),
    "rosters of no programme": (
        "/v1/rosters?programme=rural-dibo",
        ("subsidies", "--rosters", "--programme", "rural-dibo"),
        422,
        "E_PROGRAMME_ASKED",
        "rural-dibao",
    ),
    "batches and failures of no programme": (
        "/v1/batches?programme=rural-dibo",
        ("subsidies", "--failures", "--programme", "rural-dibo"),
        422,
        "E_PROGRAMME_ASKED",
        "rural-dibao",
    ),
    "doubts of no kind": (
        "/v1/doubts?code=W_PAYEE_DAED",
        ("doubts", "--code", "W_PAYEE_DAED"),
        422,
        "E_DOUBT_CODE",
        "W_PAYEE_DEAD",
    ),
    "doubts of what is a refusal": (
        "/v1/doubts?code=E_BOOK_MISSING",
        ("doubts", "--code", "E_BOOK_MISSING"),
        422,
        "E_DOUBT_CODE",
        "W_",
    ),
    "an account of nobody": (
        "/v1/reconciliations/nope?entity=charity",
        ("reconcile", "--entity", "charity", "--account", "nope"),
        404,
        "E_ACCOUNT_ASKED",
        "icbc-9991",
    ),
    "another entity's account": (
        "/v1/reconciliations/icbc-9991?entity=bureau",
        ("reconcile", "--entity", "bureau", "--account", "icbc-9991"),
        404,
        "E_ACCOUNT_ASKED",
        "",
    ),
    "an account before it was registered": (
        "/v1/reconciliations/icbc-9991?entity=charity&at={registered}",
        ("reconcile", "--entity", "charity", "--account", "icbc-9991", "--at", "{registered}"),
        404,
        "E_ACCOUNT_ASKED",
        "",
    ),
    "a trail of no fund": ("/v1/trails/fund:genral", ("trail", "fund:genral"), 404, "E_TAG_UNKNOWN", "fund:general"),
    "a trail without its kind": ("/v1/trails/general", ("trail", "general"), 404, "E_TAG_UNKNOWN", "fund:general"),
    "a trail of nothing": ("/v1/trails/垃圾", ("trail", "垃圾"), 404, "E_TAG_UNKNOWN", "—"),
}


@pytest.mark.parametrize("what", UNKNOWN)
def test_a_value_that_the_book_does_not_know_is_refused(september: House, what: str) -> None:
    path, words, status, code, told = UNKNOWN[what]
    first = september.get(AUDITOR, "/v1/events?tag=account:icbc-9991&kind=bank.account_registered")["events"][0]
    before = str(first["position"] - 1)
    problem = september.get(AUDITOR, path.format(registered=before), status)
    assert problem["code"] == code
    assert told in problem["detail"]
    same = refused(september, [word.format(registered=before) for word in words])
    assert (same["code"], same["params"]) == (code, problem["params"])


def test_what_the_book_knows_is_answered_even_where_nothing_stands(september: House) -> None:
    first = september.get(AUDITOR, "/v1/events?tag=account:icbc-9991&kind=bank.account_registered")["events"][0]
    told = september.get(AUDITOR, f"/v1/reconciliations/icbc-9991?entity=charity&at={first['position']}")
    assert (told["book_fen"], told["statement"]) == (0, None)
    assert september.get(AUDITOR, "/v1/doubts?code=W_CLUE_RESTATED")["rows"] == []


def test_a_trail_is_refused_alike_to_whoever_sees_one_entity_only(september: House) -> None:
    """Borne by another entity's events, by one's own, or by none: the answer does not tell which."""
    told = {
        json.dumps({name: value for name, value in problem.items() if name != "trace"})
        for tag in ("account:icbc-9991", "fund:general", "fund:genral", "general")
        for problem in [september.get("acct-bureau", f"/v1/trails/{tag}", 403)]
    }
    assert len(told) == 1
    assert "icbc-9991" not in told.pop()
