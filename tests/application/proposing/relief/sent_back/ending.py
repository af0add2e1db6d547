"""A list whose lines wait for a checker, the ways in which its vouchers end, and the batch's way to its end."""

from dataclasses import replace
from datetime import date
from typing import Any

from ledger.application.drafting import Signer, approve, draft, draft_event
from ledger.application.outcomes import Receipt, VoucherRefusedError
from ledger.application.proposing.reports import FileReport
from ledger.signing.dsse import APPROVAL_TYPE, sign
from ledger.signing.statements import Approval
from ledger_projections.public_money.batches import batches
from ledger_projections.registry import catch_up
from tests.application.importing.offices import Grid
from tests.application.proposing.county import BATCH, County
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.october import HEAD, household
from tests.application.proposing.relief.paying.bank import base_of, result, results, send

WAYS = ("voucher.rejected", "refused", "voucher.withdrawn", "voucher.lapsed")
"""How a voucher ends: by the event, and by a rejection that was signed and not recorded yet."""
WHOLE_FEN = sum(base_of(number) for number in range(1, 13)) * 100


def income(yuan: int, number: int = 4) -> Grid:
    """The list of all twelve, in which household 4 has so much a head."""
    return [HEAD, *(household(n, **({"家庭月人均收入(元)": str(yuan)} if n == number else {})) for n in range(1, 13))]


def fen_of(grid: Grid) -> int:
    """What a list comes to."""
    return sum(int(row[HEAD.index("本月实发(元)")]) for row in grid[1:]) * 100


def listed(county: County, grid: Grid, **more: Any) -> FileReport:
    return county.one(county.write("花名册9月.csv", grid), today=county.now.date(), **more)


def ended(county: County, way: str = "voucher.rejected", kind: str = "subsidy.authorised") -> int:
    """Whatever waits with an event of a kind ends in that way; how many did."""
    found = [one for one in county.waiting() if any(f'"{kind}"'.encode() in data for data in one.submission.events)]
    for one in found:
        if way == "refused":
            _refused(county, one)
            continue
        stated: dict[str, Any] = {"voucher": one.voucher, "statement": one.statement, "maker": one.maker}
        stated |= {"amount_fen": one.amount_fen, "reason": "金额有误"}
        if way == "voucher.lapsed":
            county.now = county.now.replace(year=2026, month=1, day=5)
        officer = f"check-{BUREAU}" if way == "voucher.rejected" else f"acct-{BUREAU}"
        made = draft(county.signer(officer), BUREAU, county.now.date(), [draft_event(way, stated)], county.now)
        assert isinstance(county.writer.submit(made), Receipt)
    return len(found)


def _refused(county: County, one: Any) -> None:
    signer: Signer = county.signer(f"check-{BUREAU}")
    yes = Approval.from_bytes(approve(signer, one.submission, "checker", county.now).payload)
    no = replace(yes, rejects=True, reason="金额有误")
    try:
        county.writer.approve(one.voucher, sign(APPROVAL_TYPE, no.to_bytes(), signer.key))
    except VoucherRefusedError:
        return
    raise AssertionError(one.voucher)


def prepared(county: County, batch: str = BATCH) -> list[int]:
    """The totals of a batch that stand."""
    return [one.total_fen for one in county.events(f"batch:{batch}", "batch.prepared")]


def lines_fen(county: County, batch: str = BATCH) -> int:
    """What stands authorised and what is out, together."""
    return sum(one.amount_fen for one in county.events(f"batch:{batch}", "subsidy.authorised", "batch.line_excluded"))


def to_its_end(county: County, grid: Grid, *out: int) -> None:
    """签批, 送财政, 支付令, 回盘, 结案; `out` are the households that are not paid."""
    day = str(county.now.date())
    fen = send(county)
    amounts = {number: int(row[HEAD.index("本月实发(元)")]) for number, row in enumerate(grid[1:], start=1)}
    rows = [result(number, yuan, "成功", day) for number, yuan in amounts.items() if number not in out]
    report = results(county, *rows)
    assert (report.new, report.wrong, report.findings) == (len(rows), [], [])
    sums = {"paid_fen": fen, "cancelled_fen": sum(amounts[number] for number in out) * 100}
    closed = ("batch.closed", {"batch": BATCH, **sums, "on": day, "origin": "decision"})
    outcome = county.decide(BUREAU, closed, day=date.fromisoformat(day))
    assert isinstance(outcome, Receipt)
    assert outcome.warnings == ()
    held = [key for key, amount in county.balances().items() if key[4] in ("committed", "transit") and amount]
    assert held == [], "nothing is promised any more, and nothing lies in transit"
    assert all(progress.failure is None for progress in catch_up(county.store))
    with county.store.read() as connection:
        (row,) = batches(connection, first="2025-09", last="2025-09").rows
    assert (row.state, row.complete, row.prepared_fen, row.paid_fen) == ("closed", True, fen_of(grid), fen)
