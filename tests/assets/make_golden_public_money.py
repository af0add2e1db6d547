"""Writes golden_tags_public_money.json: a county's story, one event after another, with the tags and legs of each.

Only kinds that are missing are added at the end; what stands is never written again, for a log may hold it. Run from
the repository root: `python -m tests.assets.make_golden_public_money`.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ledger.flows.event import Event
from ledger.flows.registry import read_event, write_event
from ledger.signing.canonical import canonical
from tests.flows.fake_knowledge import FakeKnowledge
from tests.flows.public_money import samples_redress as r
from tests.flows.public_money import samples_relief as s
from tests.flows.public_money.cases_entitlement import CASES as ENTITLEMENT

PATH = Path(__file__).with_name("golden_tags_public_money.json")


def _story() -> Iterator[Event]:
    """At least one event of every kind, each after what it rests on."""
    yield from (*s.ready(), s.authorised(), s.reviewed(), s.approved(), s.sent(), s.instructed(), s.funded())
    yield from (s.result(), s.paid(), s.death(person="P2"), s.changed())
    part = s.prepared(total_fen=90_000).fund_source
    yield s.carrying("B2", "B1", 10_000, total_fen=100_000, fund_source=part)
    yield s.authorised(
        payment="L2",
        batch="B2",
        component="arrears",
        reason="补发",
        reference=s.reference(payment="L1", document="×3"),
        amount_fen=100_000,
    )
    yield s.authorised(payment="L3", batch="B2", period_from="2025-11", period_to="2026-01")
    yield from (s.returned(payment="L2", batch="B2"), s.returned(was_paid=True), s.paid(), s.returned_late())
    yield from (s.unspent(), s.unspent(movement="on-1", carried_to="B2"), s.excluded(moved_to="B2"), s.closed_batch())
    yield from (r.clue(person="P1", household="H1", enrolment="E1", programme=s.DIBAO), r.assigned(), r.verified())
    yield r.refuted(clue="YD-2")
    yield from (r.finding(clues=("YD-1", "YD-2"), document="示审决〔2025〕3号"), r.notice(), r.referred())
    yield from (r.ordered(), r.planned(12_000, 12_000), s.offset(recovery="R1"))
    yield from (r.collected(mode="offset", account=None, enrolment="E1", payment="L1"), r.collected(movement="in-2"))
    yield r.collected(movement="in-3", mode="cash", account="cash-shiling")
    yield r.handed_over()
    yield r.ordered(recovery="R2", destination="treasury")
    yield r.collected(recovery="R2", movement="in-4", mode="paid_to_treasury", account=None, amount_fen=1_000)
    yield from (r.remitted(recovery="R2"), r.written_off(), r.written_off(recovery="R2", amount_fen=2_000))
    yield from (r.plan(), r.report(), r.accepted(), r.look_back(), r.closed(), r.reopened())
    yield from (s.ended(), _reason(), r.compared(), s.counted())
    yield from (
        r.finding(finding="F2", person="P1"),
        r.finding(finding="P1", unit="县民政局"),
        r.grouped(cases=("F2",)),
    )
    yield r.restated()
    yield r.refunded(recovery="R2", document="示民退〔2025〕1号")
    yield r.plan_listed(12_000, 12_000, origin="history")


def _reason() -> Event:
    return next(one.event for one in ENTITLEMENT if one.event.kind == "enrolment.reason_filled")


def _line(model: FakeKnowledge, event: Event) -> dict[str, Any]:
    legs = [[leg.fund, leg.role, leg.amount_fen, leg.party, leg.book] for leg in model.legs(event)]
    model.record(event)
    return {"event": json.loads(write_event(event)), "tags": list(event.tags()), "legs": legs}


def main() -> None:
    """Add what is missing."""
    model = FakeKnowledge(entity="bureau")
    lines = json.loads(PATH.read_text(encoding="utf-8")) if PATH.exists() else []
    for line in lines:
        model.record(read_event(canonical(line["event"])))
    held = {(line["event"]["kind"], line["event"]["version"]) for line in lines}
    lines += [_line(model, event) for event in _story() if (event.kind, event.version) not in held]
    text = ",\n".join(json.dumps(line, ensure_ascii=False, sort_keys=True) for line in lines)
    PATH.write_text(f"[\n{text}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
