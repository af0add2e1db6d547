"""What a voucher adds to the tables of events, postings and findings; `first` is the position of its first event."""

from typing import Final

from ledger.decisions.judging import Judgement, business_day
from ledger.decisions.prepared import Prepared
from ledger.log.appending import NewEvent, NewFinding, NewPosting

WORD: Final = "记"


def number_key(voucher: Prepared) -> tuple[str, str, str]:
    """(entity, period, word): what an accountant's numbers are counted by."""
    return voucher.statement.entity, voucher.voucher_date.isoformat()[:7], WORD


def events_of(voucher: Prepared) -> list[NewEvent]:
    """The events as they were signed, whatever will be judged of them."""
    signed = zip(voucher.events, voucher.data, voucher.tags, strict=True)
    return [NewEvent(event.id, event.kind, data, tags) for event, data, tags in signed]


def postings_of(voucher: Prepared, judgement: Judgement, first: int) -> list[NewPosting]:
    """The legs of every event, with their business days and running balances."""
    days = [
        business_day(event, voucher.voucher_date, judgement.edition) if legs else voucher.voucher_date
        for event, legs in zip(voucher.events, judgement.posted, strict=True)
    ]
    return [
        NewPosting(
            first + index,
            line,
            key.entity,
            key.fund,
            key.chart,
            key.code,
            key.role,
            key.party,
            key.book,
            leg.amount_fen,
            days[index],
            after,
        )
        for index, legs in enumerate(judgement.posted)
        for line, (leg, key, after) in enumerate(legs, 1)
    ]


def findings_of(judgement: Judgement, first: int) -> list[NewFinding]:
    """The remarks, each at its event; one on the voucher as a whole at the first."""
    return [
        NewFinding(
            first + max(finding.event, 0), finding.code, "fact" if finding.demands else "note", dict(finding.params)
        )
        for finding in judgement.findings
        if not finding.refuses
    ]
