"""Which module proposes for which kind of file, and in which order kinds are imported together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ledger.application.importing.report import ParsedFile
from ledger.application.proposing import bank
from ledger.application.proposing.community import lottery, societies, statistics
from ledger.application.proposing.context import Context
from ledger.application.proposing.giving import (
    channel_funds,
    channels,
    disclosures,
    donations,
    goods,
    pledges,
    receipts,
)
from ledger.application.proposing.proposal import Proposal
from ledger.application.proposing.redress import matching, oversight, recoveries, rectification
from ledger.application.proposing.relief import (
    aid_lists,
    deaths,
    exits,
    masked,
    members,
    provincial,
    rosters,
)
from ledger.application.proposing.relief.paying import pay_files, payments


@dataclass(frozen=True, slots=True)
class Proposer:
    """How a kind is proposed: one proposal a file, in order. `together` when the files make one list."""

    propose: Callable[[Sequence[ParsedFile], Context], Sequence[Proposal]]
    together: bool = False


def _each(propose: Callable[[ParsedFile, Context], Proposal]) -> Proposer:
    return Proposer(lambda files, context: [propose(parsed, context) for parsed in files])


def _with_deaths(proposer: Proposer) -> Proposer:
    """What brings people into a programme, and the deaths that are known of those whose number it hides."""
    return replace(
        proposer,
        propose=lambda files, context: masked.each_with_deaths(proposer.propose(files, context), context),
    )


PROPOSERS: Final[Mapping[str, Proposer]] = {
    "mutual-aid": _each(societies.propose),
    "lottery": _each(lottery.propose),
    "exits": _each(exits.propose),
    "roster": _with_deaths(Proposer(rosters.propose, together=True)),
    "members": _with_deaths(_each(members.propose)),
    "aid-list": _with_deaths(_each(aid_lists.propose)),
    "deaths": _each(deaths.propose),
    "wechat-trade": _each(channels.propose_wechat_trade),
    "alipay-trade": _each(channels.propose_alipay_trade),
    "pledges": _each(pledges.propose),
    "in-kind": _each(goods.propose),
    "donation-register": _each(donations.propose),
    "e-receipts": _each(receipts.propose),
    "wechat-fund": _each(channel_funds.propose),
    "bank-statement": _each(bank.propose),
    "pay-file": _each(pay_files.propose),
    "pay-result": _each(payments.propose),
    "matching": _each(matching.propose),
    "recoveries": _each(recoveries.propose),
    "rectification": _each(rectification.propose),
    "doubts": _each(oversight.propose_doubts),
    "statistics": _each(statistics.propose),
    "disclosures": _each(disclosures.propose),
    "provincial-counts": _each(provincial.propose),
}
"""In the order in which files are imported together: what others name comes first (a roster before its results)."""

ORDER: Final = tuple(PROPOSERS)

ENTITLING: Final = frozenset({"roster", "members", "aid-list"})
"""Kinds that say what somebody is entitled to, and whom it is for: one makes right what another gives."""

FORBIDDING: Final = ENTITLING | {"exits", "deaths"}
"""Kinds after which a line that waits for a signature may be forbidden."""
