"""What a judged voucher adds to the tables of postings and findings; `first` is the position of its first event."""

from ledger.decisions.judging import Judgement, business_day
from ledger.decisions.prepared import Prepared
from ledger.log.appending import NewFinding, NewPosting


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
