"""Which module proposes for which kind of file."""

from collections.abc import Callable, Mapping
from typing import Final

from ledger.application.importing.report import ParsedFile
from ledger.application.proposing import (
    bank,
    channels,
    community,
    deaths,
    donations,
    oversight,
    payments,
    recoveries,
    rectification,
    rosters,
)
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal

Proposer = Callable[[ParsedFile, Context], Proposal]

PROPOSERS: Final[Mapping[str, Proposer]] = {
    "mutual-aid": community.propose_societies,
    "lottery": community.propose_lottery,
    "roster": rosters.propose,
    "deaths": deaths.propose,
    "wechat-trade": channels.propose_wechat_trade,
    "alipay-trade": channels.propose_alipay_trade,
    "donation-register": donations.propose,
    "wechat-fund": channels.propose_wechat_fund,
    "bank-statement": bank.propose,
    "pay-file": payments.propose_pay_file,
    "pay-result": payments.propose_pay_result,
    "recoveries": recoveries.propose,
    "rectification": rectification.propose,
    "doubts": oversight.propose_doubts,
}
"""In the order in which files are imported together: what others name comes first (a roster before its results)."""

ORDER: Final = tuple(PROPOSERS)
