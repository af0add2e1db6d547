"""The full verification doubts software and people: a writer that skipped a rule, a signature or a sum leaves a log
whose every digest holds, and it is found all the same.
"""

import base64
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.accounts.legs import Leg
from ledger.decisions import judging
from ledger.flows.authority.keys import possession_text
from ledger.flows.event import Event
from ledger.flows.giving.donations import DonationReceived
from ledger.flows.giving.pledges import Instalment
from ledger.signing.keys import SigningKey
from ledger_audit.derivation import Verdict, verify_book
from ledger_audit.deriving.completeness import oldest_open
from tests.audit.full_book import gift
from tests.projections.opened_book import CHARITY, ORIGIN, OpenedBook, event, fund, opened

TODAY = dt.date(2025, 10, 1)
PLAN = (("2025-09-30", 300), ("2025-01-31", 100), ("2025-03-31", 200))
"""Instalments of a pledge in the order of the paper: day due, fen."""
Patch = Callable[[pytest.MonkeyPatch], None]


def no_rules(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(judging, "asked_of", lambda _: ())


def no_signatures(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(judging, "required_capacities", lambda *_: ())


def no_calendar(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(judging, "day_findings", lambda *_: iter(()))


def wrong_sums(patch: pytest.MonkeyPatch) -> None:
    right = DonationReceived.postings

    def doubled(self: DonationReceived, model: object) -> tuple[Leg, ...]:
        legs = right(self, model)  # type: ignore[arg-type]  # whatever the writer gives it
        return tuple(Leg(one.fund, one.role, 2 * one.amount_fen, one.party, one.book) for one in legs)

    patch.setattr(DonationReceived, "postings", doubled)


def fee() -> Event:
    return event("bank.fee", movement="M9", account="icbc", fund="general", amount_fen=100, on="2025-09-08")


CASES: dict[str, tuple[Patch, Callable[[], Event], dt.date, str]] = {
    "a rule": (no_rules, lambda: gift("D1", "general", 500), dt.date(2025, 9, 30), "E_DERIVE_RULE"),
    "a signature": (no_signatures, fee, dt.date(2025, 9, 30), "E_DERIVE_UNSIGNED"),
    "a closed month": (
        no_calendar,
        lambda: gift("D9", "general", 500, "2025-08-31"),
        dt.date(2025, 8, 31),
        "E_DERIVE_RULE",
    ),
    "a sum": (wrong_sums, lambda: gift("D9", "general", 500), dt.date(2025, 9, 30), "E_DERIVE_VALUE"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_the_writer_skipped_is_found(
    book: OpenedBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    skip, make, day, code = CASES[name]
    mine = book.copy(tmp_path / "book.db")
    with monkeypatch.context() as patch:
        skip(patch)
        submission = mine.draft(CHARITY, [make()], on=day, capacities=())
        posted = mine.writer.submit(submission)
    verdict = verdict_of(mine)
    mine.close()
    assert posted.to_json()["state"] == "posted"
    assert verdict.first_bad == mine_first(posted.to_json())
    assert code in {issue.code for issue in verdict.integrity}


def mine_first(answer: dict[str, list[int]]) -> int:
    return answer["positions"][0]


def verdict_of(book: OpenedBook) -> Verdict:
    with book.store.read() as connection:
        return verify_book(connection, TODAY)


def test_a_close_that_names_another_trial_balance_is_found(
    book: OpenedBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that does not look lets it in."""
    monkeypatch.setattr("ledger.application.batches.closing_findings", lambda *_: ())
    mine = book.copy(tmp_path / "book.db")
    day = dt.date(2025, 9, 30)
    locked = mine.post(CHARITY, event("period.locked", entity=CHARITY, period="2025-09"), on=day)
    named = {"position": locked.first_position, "trial_balance_root": "sha256:" + "0" * 64, "unsettled": []}
    closed = mine.post(CHARITY, event("period.closed", entity=CHARITY, period="2025-09", **named), on=day)
    verdict = verdict_of(mine)
    mine.close()
    assert [issue.code for issue in verdict.integrity] == ["E_DERIVE_CLOSED"]
    assert verdict.first_bad == closed.first_position


def test_integrity_and_completeness_are_never_mixed(book: OpenedBook) -> None:
    found = verdict_of(book).to_json("en")
    assert found["integrity"]["ok"]
    assert not found["completeness"]["ok"]
    codes = [issue["code"] for issue in found["completeness"]["findings"]]
    assert codes == ["W_PLEDGE_OVERDUE", "W_OPEN_LINES", "W_RECEIPTS_LEFT_OUT", "W_WITNESS_UNCHECKED", "W_UNWITNESSED"]
    overdue, lines, receipts, *_ = (issue["params"] for issue in found["completeness"]["findings"])
    assert overdue["overdue_fen"] == 60_000
    assert (lines["count"], lines["open_fen"]) == (1, 50_000)
    assert receipts["numbers"] == "0000000002-0000000003", "as the receipts write them"


def overdue_of(book: OpenedBook) -> dict[str, int]:
    told = (dict(issue.params) for issue in verdict_of(book).completeness if issue.code == "W_PLEDGE_OVERDUE")
    return {str(one["pledge"]): int(str(one["overdue_fen"])) for one in told}


def test_an_amended_pledge_is_as_overdue_as_what_stands_of_it(book: OpenedBook, tmp_path: Path) -> None:
    mine = book.copy(tmp_path / "book.db")
    later = {"instalments": [{"due": "2030-12-31", "fen": 60_000}], "delta_fen": 0, "reason": "延期", "document": "x1"}
    amended = event("pledge.amended", pledge="P1", **later, on="2025-09-30", origin="decision")
    position = mine.post(CHARITY, amended).first_position
    deferred = overdue_of(mine)
    mine.reverse(CHARITY, amended, position)
    again = overdue_of(mine)
    mine.close()
    assert (deferred, again) == ({}, {"P1": 60_000})


def test_a_pledge_that_the_book_took_over_is_overdue_like_any_other(tmp_path: Path) -> None:
    mine = opened(tmp_path)
    mine.post(CHARITY, fund("general"), on=dt.date(2025, 1, 2))
    owed = {"donor": None, "fund": "general", "amount_fen": 70_000}
    lines = [
        {
            "fund": "general",
            "role": role,
            "party": "",
            "year_start_fen": fen,
            "debit_fen": 0,
            "credit_fen": 0,
            "balance_fen": fen,
        }
        for role, fen in (("cash", 100), ("net_unrestricted", -100))
    ]
    names = ("lots", "receivables", "recoveries", "bank_items", "receipt_ranges", "assets")
    taken = event(
        "opening.recorded",
        entity=CHARITY,
        period="2025-02",
        on="2025-02-01",
        lines=lines,
        roster=None,
        **{"net_unrestricted_fen": 100, "net_restricted_fen": 0, **{name: [] for name in names}},
        papers=[{"paper": "trial_balance", "digest": "sha256:" + "0" * 64, "dated": "2025-01-31"}],
        pledges=[{**owed, "pledge": "R1", "due": "2025-08-31"}, {**owed, "pledge": "R2", "due": None}],
    )
    mine.post(CHARITY, taken, on=dt.date(2025, 2, 1))
    found = overdue_of(mine)
    mine.close()
    assert found == {"R1": 70_000}


def test_a_line_is_explained_by_the_event_that_names_it(book: OpenedBook, tmp_path: Path) -> None:
    mine = book.copy(tmp_path / "book.db")
    money = {"fund": "general", "amount_fen": 50_000, "means": "bank", "account": "icbc", "line": "l3"}
    mine.post(CHARITY, event("suspense.received", suspense="s-1", **money, memo="无户名", occurred_on="2025-09-05"))
    codes = [issue.code for issue in verdict_of(mine).completeness]
    mine.close()
    assert "W_OPEN_LINES" not in codes


def test_silence_and_missing_witnesses_are_told(book: OpenedBook, tmp_path: Path) -> None:
    mine = book.copy(tmp_path / "book.db")
    mine.post(CHARITY, gift("D9", "general", 500))
    with mine.store.read() as connection:
        codes = {issue.code for issue in verify_book(connection, dt.date(2025, 12, 31)).completeness}
    mine.close()
    assert {"W_STALE", "W_UNWITNESSED"} <= codes


def test_administrators_whose_keys_end_soon_are_told_of(book: OpenedBook, tmp_path: Path) -> None:
    """No act takes the book below two who can act; days that go by can, and nobody refuses those."""
    mine = book.copy(tmp_path / "book.db")
    events = []
    for officer in ("chen", "zhou"):
        old, new = mine.keys[officer].public, SigningKey.generate()
        proof = base64.b64encode(new.sign(possession_text(ORIGIN, officer, new.public.text))).decode()
        key = {"officer": officer, "key": new.public.text, "keyid": new.public.keyid, "possession": proof}
        events.append(event("key.enrolled", **key, valid_from="2025-01-01", valid_to="2025-10-15"))
        events.append(event("key.revoked", officer=officer, keyid=old.keyid, reason="replaced", note=""))
    mine.post("book", *events)
    told = {issue.code: dict(issue.params) for issue in verdict_of(mine).completeness}
    mine.close()
    assert told["W_ADMINISTRATORS_FEW"] == {"left": 1, "until": "2025-10-31"}


@pytest.mark.parametrize(
    ("overdue_fen", "day"),
    [(600, "2025-01-31"), (501, "2025-01-31"), (500, "2025-03-31"), (301, "2025-03-31"), (1, "2025-09-30")],
)
def test_the_oldest_instalment_that_is_still_open_is_named(overdue_fen: int, day: str) -> None:
    """Of 100, 200 and 300 fen: what came in pays the oldest first."""
    due = [Instalment(due=dt.date.fromisoformat(on), fen=fen) for on, fen in PLAN]
    assert oldest_open(due, overdue_fen) == dt.date.fromisoformat(day)
