"""What is handed in although an equal voucher waits for signatures: two uploads of one file, proposed before either was
signed, would both wait, and whoever signs would not know which of them is meant.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection

from ledger.application import waiting
from ledger.application.outcomes import VoucherRefusedError
from ledger.application.proposing.proposal import says
from ledger.flows.knowledge import Finding
from ledger.flows.registry import read_event
from ledger.log.appending import read_head
from ledger.signing.statements import Statement


def waiting_already(
    connection: Connection, handed: Mapping[Statement, Sequence[bytes]]
) -> dict[Statement, VoucherRefusedError]:
    """Those of some vouchers, by their events, that one says word for word which waits for the same entity:
    E_WAITS_TWICE with that voucher.
    """
    wanted = {(one.entity, len(events)) for one, events in handed.items()}
    held = waiting.all_waiting(connection) if wanted else []
    held = [one for one in held if (one.entity, len(one.submission.events)) in wanted]
    if not held:
        return {}
    firsts: defaultdict[tuple[str, bytes], list[waiting.WaitingVoucher]] = defaultdict(list)
    for one in held:
        firsts[one.entity, _said(one.submission.events[0])].append(one)
    position = read_head(connection).position
    found: dict[Statement, VoucherRefusedError] = {}
    for statement, events in handed.items():
        for one in firsts.get((statement.entity, _said(events[0])), ()):
            others = one.submission.events
            if len(others) == len(events) and all(map(_agree, events, others)):
                finding = Finding("E_WAITS_TWICE", 0, (("waiting", one.voucher),))
                found[statement] = VoucherRefusedError(statement.voucher, [finding], position)
    return found


def _agree(one: bytes, other: bytes) -> bool:
    return _said(one) == _said(other)


def _said(data: bytes) -> bytes:
    """What an event says, without its id and the place it was read from, as one value."""
    told: dict[str, Any] = dict(says(read_event(data)))
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
