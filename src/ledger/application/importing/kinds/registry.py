"""Every kind of file by its command-line name."""

from ledger.application.importing.kinds.aid_lists import AID_LIST
from ledger.application.importing.kinds.bank import BANK_STATEMENT
from ledger.application.importing.kinds.base import FileKind
from ledger.application.importing.kinds.channels import ALIPAY_TRADE, WECHAT_FUND, WECHAT_TRADE
from ledger.application.importing.kinds.community import LOTTERY, MUTUAL_AID
from ledger.application.importing.kinds.disclosures import DISCLOSURES
from ledger.application.importing.kinds.donations import DONATION_REGISTER, E_RECEIPTS, PLEDGES
from ledger.application.importing.kinds.exits import EXITS
from ledger.application.importing.kinds.goods import IN_KIND
from ledger.application.importing.kinds.matching import MATCHING
from ledger.application.importing.kinds.members import MEMBERS
from ledger.application.importing.kinds.oversight import DOUBTS, RECOVERIES, RECTIFICATION
from ledger.application.importing.kinds.provincial import PROVINCIAL_COUNTS
from ledger.application.importing.kinds.rosters import ROSTER
from ledger.application.importing.kinds.statistics import STATISTICS
from ledger.application.importing.kinds.subsidies import DEATHS, PAY_FILE, PAY_RESULT
from ledger.errors import InputError

KINDS: dict[str, FileKind] = {
    kind.name: kind
    for kind in (
        DONATION_REGISTER,
        BANK_STATEMENT,
        WECHAT_TRADE,
        WECHAT_FUND,
        ALIPAY_TRADE,
        ROSTER,
        EXITS,
        AID_LIST,
        PAY_FILE,
        PAY_RESULT,
        DEATHS,
        MUTUAL_AID,
        LOTTERY,
        RECOVERIES,
        RECTIFICATION,
        MATCHING,
        DOUBTS,
        E_RECEIPTS,
        PLEDGES,
        IN_KIND,
        STATISTICS,
        DISCLOSURES,
        PROVINCIAL_COUNTS,
        MEMBERS,
    )
}


def kind_named(name: str) -> FileKind:
    """The kind of that name; `E_KIND_NAME` lists the names there are."""
    try:
        return KINDS[name]
    except KeyError:
        raise InputError("E_KIND_NAME", kind=name, kinds="、".join(KINDS)) from None
