"""What is a code in JSON is a word in every table and file for people, in both languages."""

import csv
import io
import zipfile
from dataclasses import dataclass
from typing import Any, get_args

import pytest

from ledger.accounts.roles import MONEY
from ledger.catalogue import say
from ledger.flows.community.lottery import Purpose
from ledger.flows.community.societies import MoneyWith, Status
from ledger.flows.giving.funds import FundKind
from ledger.flows.public_money.payment.payments import ReturnCode
from ledger.flows.public_money.redress.clues import FoundBy, RefuteReason
from ledger.flows.public_money.redress.matching import DataKind
from ledger.flows.public_money.redress.recoveries import Destination, OpenReason
from ledger.flows.registry import event_classes
from ledger_api.reports.kinds import KINDS
from ledger_api.tables.coded import worded
from ledger_projections.public_money import batches, recoveries
from tests.api.http.house import House
from tests.api.http.test_http_reports import made

CODES: dict[tuple[str, str], tuple[str, ...]] = {
    ("AccountBalance", "role"): tuple(role.value for role in MONEY),
    ("Batch", "state"): batches.STATES,
    ("Clue", "found_by"): get_args(FoundBy),
    ("Clue", "result"): ("founded", "partly", "unverifiable", *get_args(RefuteReason)),
    ("Clue", "state"): ("raised", "assigned", "verified", "refuted", "confirmed"),
    ("DoubtTold", "kind"): tuple({kind for kind, _ in event_classes()}),
    ("Failure", "code"): get_args(ReturnCode),
    ("Failure", "state"): ("open", "excluded", "reissued", "paid"),
    ("FundBalance", "kind"): get_args(FundKind),
    ("LotteryCell", "level"): ("central", "province", "city", "county"),
    ("LotteryCell", "purpose"): (*get_args(Purpose), "lists"),
    ("LotteryList", "level"): ("central", "province", "city", "county"),
    ("LotteryProject", "level"): ("central", "province", "city", "county"),
    ("LotteryProject", "purpose"): get_args(Purpose),
    ("MatchingRun", "data"): get_args(DataKind),
    ("Matter", "found_by"): get_args(FoundBy),
    ("Matter", "state"): recoveries.STATES,
    ("Pledge", "pledge_kind"): ("single", "instalments", "principal_kept"),
    ("Recovery", "destination"): get_args(Destination),
    ("Recovery", "reason"): get_args(OpenReason),
    ("Recovery", "state"): ("open", "planned", "partly", "collected", "written_off"),
    ("RecoveryGroup", "name"): get_args(FoundBy),
    ("Society", "money_with"): get_args(MoneyWith),
    ("Society", "status"): get_args(Status),
}


def row_of(kind: str, field: str, value: object) -> Any:
    @dataclass
    class Row:
        pass

    Row.__name__ = kind
    row = Row()
    setattr(row, field, value)
    return row


@pytest.mark.parametrize(("kind", "field"), CODES)
def test_every_code_of_a_field_has_a_word(kind: str, field: str) -> None:
    codes = CODES[kind, field]
    assert len(codes) > 1
    for code in codes:
        words = [worded(row_of(kind, field, code), field, language) for language in ("zh", "en")]
        assert any("\u4e00" <= sign <= "\u9fff" for sign in words[0]), code
        assert words[1].isascii(), code


def test_what_is_no_code_stays() -> None:
    assert worded(row_of("RecoveryGroup", "name", "石岭镇"), "name", "zh") == "石岭镇"
    assert worded(row_of("Batch", "state", None), "state", "zh") is None
    assert worded(row_of("Batch", "batch", "closed"), "batch", "zh") == "closed"


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_for_people_has_words(september: House, kind: str) -> None:
    coded = {say(f"column.{field}", "zh") for _, field in CODES if field not in {"name", "code"}}
    asking = {"kind": kind, "span": {"first": "2025-01", "last": "2025-09"}, "entity": None, "format": "csv"}
    _, packed = made(september, asking, f"words-{kind}")
    seen = 0
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        parts = [f"{one.name}-" for one in KINDS[kind].readers]
        for name in archive.namelist():
            if not name.startswith(tuple(parts)):
                continue
            heads, *rows = csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig")))
            places = [at for at, head in enumerate(heads) if head in coded]
            cells = [row[at] for row in rows for at in places if row[at]]
            assert [cell for cell in cells if cell.isascii()] == [], name
            seen += len(cells)
    assert seen, "this kind shows some"
