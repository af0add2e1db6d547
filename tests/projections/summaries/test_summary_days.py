"""Days that tables count to or name: how long a failed payment has waited, and when a clue was struck off (销号)."""

from datetime import date
from pathlib import Path
from typing import Any

from tests.flows.public_money import samples_redress as redress
from tests.flows.public_money import samples_relief as relief
from tests.projections.opened_book import BUREAU, opened
from tests.projections.summaries.summary_book import rows, september, table


def test_days_are_counted_to_the_day_that_the_failures_are_known_by(tmp_path: Path) -> None:
    """The results of August's batch come in September: at the end of August nothing had failed, and now it has waited
    since, to the last day of the book where no other is asked for.
    """
    book = opened(tmp_path)
    september(book)
    on = date(2025, 9, 5)
    line = relief.authorised(batch="B7", payment="L7", period_from="2025-08", period_to="2025-08", subjects=("PE1",))
    book.post(BUREAU, relief.prepared(batch="B7", month="2025-08", on=date(2025, 8, 28)), line, on=on, note="制表")
    signed = (relief.reviewed(batch="B7", on=on), relief.approved(batch="B7", on=on))
    book.post(BUREAU, *signed, on=on, note="签批")
    order = relief.funded(batch="B7", movement="o7", account="transit", occurred_on=on)
    book.post(BUREAU, order, on=on, note="支付令")
    book.post(BUREAU, relief.returned(batch="B7", payment="L7", occurred_on=on), on=on, note="回盘")
    asked: tuple[tuple[dict[str, Any], int], ...] = (({"as_of": date(2025, 9, 10)}, 5), ({"as_of": on}, 0), ({}, 4))
    for more, waited in asked:
        found = table(book, "M3", "2025-08", **more)
        (row,) = rows(found)
        assert (row["failed_on"], row["waited"]) == (on, waited), more
        (day,) = [one.params["on"] for one in found.scopes if one.code == "table.scope.waited"]
        assert (day - on).days == waited
    assert rows(table(book, "M3", "2025-08", today=date(2026, 3, 1)))[0]["waited"] == 4, "the same at that position"
    book.close()


def test_a_clue_is_struck_off_with_its_finding_or_its_refutation(tmp_path: Path) -> None:
    book = opened(tmp_path)
    for number in (1, 2, 3):
        book.post(BUREAU, redress.clue(clue=f"YD-{number}", raised_on=date(2025, 9, 1)), note="疑点")
    out = [redress.assigned(clue=f"YD-{number}", on=date(2025, 9, 2)) for number in (1, 2)]
    book.post(BUREAU, *out, on=date(2025, 9, 2), note="下发")
    book.post(BUREAU, redress.refuted(clue="YD-1", on=date(2025, 9, 3)), on=date(2025, 9, 3), note="排除")
    book.post(BUREAU, redress.verified(clue="YD-2", on=date(2025, 9, 3)), on=date(2025, 9, 3), note="核查")
    found = redress.finding(clues=("YD-2",), person="PE2", on=date(2025, 9, 4), amount_fen=0)
    book.post(BUREAU, found, on=date(2025, 9, 4), note="认定")

    def told(**more: Any) -> dict[str, Any]:
        return {row["clue"]: row["closed_on"] for row in rows(table(book, "C2", "2025-09", **more))}

    assert told() == {"YD-1": date(2025, 9, 3), "YD-2": "", "YD-3": ""}
    on = date(2025, 9, 20)
    steps = (redress.plan(on=on), redress.report(on=on, rectified_fen=0), redress.accepted(on=on))
    book.post(BUREAU, *steps, redress.closed(on=on), on=on, note="销号")
    assert told()["YD-2"] == on
    assert told(as_of=date(2025, 9, 19))["YD-2"] == ""
    book.post(BUREAU, redress.reopened(on=date(2025, 9, 25)), on=date(2025, 9, 25), note="反弹")
    assert told()["YD-2"] == ""
    on = date(2025, 9, 26)
    problem = (redress.finding(finding="P1", unit="县民政局", amount_fen=0, on=on), redress.grouped(on=on))
    book.post(BUREAU, *problem, on=on, note="归并")
    mended = (redress.plan(finding="P1", on=on), redress.report(finding="P1", on=on, rectified_fen=0))
    ended = (redress.accepted(finding="P1", on=on), redress.closed(finding="P1", on=on))
    book.post(BUREAU, *mended, *ended, on=on, note="问题销号")
    assert told()["YD-2"] == "", "its own finding is open, whatever becomes of the problem over it"
    book.close()
