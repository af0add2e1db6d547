"""What open batches are promised, by funding document and of money that lies in transit: nothing is promised twice.

A batch's promise is kept as one sum (`COMMITTED`); of which document or earlier batch it is, its preparation says, and
what was ordered, carried over or taken out since. Asked of a voucher as a whole, when all of it stands: whose batches
also name a document is known only when they are read.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ledger.accounts.roles import Role
from ledger.flows.checks import ours, total
from ledger.flows.event import Event, Stage
from ledger.flows.knowledge import Finding, Knowledge, Need
from ledger.flows.public_money.payment.batches import BatchLineExcluded, BatchPrepared, steps
from ledger.flows.public_money.payment.transit import BatchFunded, BatchUnspentReturned

PROMISED_SINCE: Final = 5
"""The edition of the rules since which this is asked."""


def kept_by_document(history: Iterable[Event], batch: str, committed_fen: int) -> dict[str, int]:
    """Funding document -> fen of it that an open batch is still promised, of all that it is promised: what its
    preparation names less what payment orders moved, the first document first. `history` holds both kinds.
    """
    parts: dict[str, int] = {}
    for event in history:
        if isinstance(event, BatchPrepared) and event.batch == batch:
            for source in event.fund_source:
                parts[source.document] = parts.get(source.document, 0) + source.fen
        elif isinstance(event, BatchFunded) and event.batch == batch:
            for part in event.sources:
                parts[part.document] = parts.get(part.document, 0) - part.fen
    kept: dict[str, int] = {}
    for document, fen in parts.items():
        kept[document] = min(committed_fen, max(0, fen))
        committed_fen -= kept[document]
    return kept


def orders_need(batch: str) -> Need:
    """What a batch's promise was made of and what payment orders moved."""
    return Need(f"batch:{batch}", ("batch.prepared", "batch.funded"))


def promised_twice(model: Knowledge, judged: Sequence[tuple[Event, bool]]) -> Iterator[Finding]:
    """QUOTA_PROMISED and TRANSIT_PROMISED for each batch that is prepared on a document's quota, or on an earlier
    batch's money, that others were promised before. `judged` says of each event whether it stands as far as is known.
    """
    for index, (event, stands) in enumerate(judged):
        if isinstance(event, BatchPrepared) and stands:
            is_fact = event.stage_now() is Stage.FACT
            for codes, params in (*_of_documents(model, event), *_of_batches(model, event)):
                yield Finding(codes[is_fact], index, params, demands=is_fact)


_QUOTA: Final = ("E_QUOTA_PROMISED", "W_QUOTA_PROMISED")
_TRANSIT: Final = ("E_TRANSIT_PROMISED", "W_TRANSIT_PROMISED")
_Told = tuple[tuple[str, str], tuple[tuple[str, str | int], ...]]


def _of_documents(model: Knowledge, event: BatchPrepared) -> Iterator[_Told]:
    own = _kept(model, event.fund, event.batch)
    for document in dict.fromkeys(one.document for one in event.fund_source):
        named = [one.event for one in ours(model, Need(f"document:{document}", ("batch.prepared",)))]
        batches = {one.batch for one in named if isinstance(one, BatchPrepared) and one.fund == event.fund}
        others = sorted(batches - {event.batch})
        promised = sum(_kept(model, event.fund, batch).get(document, 0) for batch in others)
        fen, left = own.get(document, 0), model.balance(event.fund, Role.QUOTA, document)
        if 0 < fen <= left < promised + fen:  # what there is not at all is QUOTA_SHORT
            yield _QUOTA, _told(("document", document), fen, left, promised)


def _kept(model: Knowledge, fund: str, batch: str) -> dict[str, int]:
    committed = model.balance(fund, Role.COMMITTED, batch)
    if committed <= 0:
        return {}
    return kept_by_document((one.event for one in ours(model, orders_need(batch))), batch, committed)


def _of_batches(model: Knowledge, event: BatchPrepared) -> Iterator[_Told]:
    for batch in dict.fromkeys(one.batch for one in event.carried):
        claims: defaultdict[str, int] = defaultdict(int)
        named = ours(model, Need(f"batch:{batch}", ("batch.prepared", "batch.unspent_returned")))
        for other in (one.event for one in named):
            if isinstance(other, BatchPrepared) and other.fund == event.fund:
                claims[other.batch] += total(part for part in other.carried if part.batch == batch)
            elif isinstance(other, BatchUnspentReturned) and other.batch == batch and other.carried_to is not None:
                claims[other.carried_to] -= other.amount_fen
        wanted = {other: min(claim, _wanted(model, other)) for other, claim in claims.items() if claim > 0}
        fen, left = wanted.pop(event.batch, 0), model.balance(event.fund, Role.TRANSIT, batch)
        promised = sum(wanted.values())
        if 0 < fen <= left < promised + fen:  # what there is not at all is TRANSIT_SHORT
            yield _TRANSIT, _told(("batch", batch), fen, left, promised)


def _wanted(model: Knowledge, batch: str) -> int:
    """Fen that an open batch may want of earlier batches at most: what was taken out of it was to come from quota
    first. Nothing when it is closed.
    """
    done = steps(model, batch)
    prepared = next((one for one in done if isinstance(one, BatchPrepared)), None)
    if prepared is None or any(one.kind == "batch.closed" for one in done):
        return 0
    out = ours(model, Need(f"batch:{batch}", ("batch.line_excluded",)))
    fen = sum(
        one.event.amount_fen for one in out if isinstance(one.event, BatchLineExcluded) and one.event.batch == batch
    )
    return max(0, total(prepared.carried) - max(0, fen - prepared.promised_fen))


def _told(what: tuple[str, str], fen: int, left: int, promised: int) -> tuple[tuple[str, str | int], ...]:
    return what, ("amount_fen", fen), ("left_fen", left), ("promised_fen", promised)
