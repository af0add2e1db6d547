"""What a person signs and what the log keeps of it: frozen bytes, strict fields, named faults."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import InputError
from ledger.signing.canonical import canonical
from ledger.signing.digests import digest_text, sha256
from ledger.signing.dsse import APPROVAL_TYPE, VOUCHER_TYPE, Envelope, Signature, verify
from ledger.signing.keys import PublicKey
from ledger.signing.merkle import leaf_hash
from ledger.signing.statements import Approval, EventsRoot, Leaf, Seen, Statement, VoucherNo
from tests.assets import make_vectors

FROZEN: dict[str, Any] = json.loads(make_vectors.FILE.read_text(encoding="utf-8"))
STATEMENT: dict[str, Any] = json.loads(FROZEN["statement"])
APPROVAL: dict[str, Any] = json.loads(FROZEN["approval"])
LEAF: dict[str, Any] = json.loads(FROZEN["leaf"])
MISSING = object()


def test_our_bytes_have_not_changed() -> None:
    assert make_vectors.vectors() == FROZEN


def test_our_frozen_bytes_are_read_and_hold() -> None:
    leaf = Leaf.from_bytes(FROZEN["leaf"].encode())
    statement = Statement.from_bytes(leaf.envelope.payload)
    approval = Approval.from_bytes(leaf.approvals[0].payload)
    keys = {name: PublicKey.parse(FROZEN["keys"][name]) for name in ("maker", "checker")}
    assert (leaf.envelope.payload_type, leaf.approvals[0].payload_type) == (VOUCHER_TYPE, APPROVAL_TYPE)
    assert verify(leaf.envelope, keys) == ("maker",)
    assert verify(leaf.approvals[0], keys) == ("checker",)
    assert approval.statement == statement.digest == digest_text(sha256(FROZEN["statement"].encode()))
    assert digest_text(statement.events.root) == FROZEN["events_root"]
    assert str(leaf.voucher_no) == "记-0001"
    assert leaf.hash == leaf_hash(FROZEN["leaf"].encode())
    # Computed with another implementation of BLAKE2b when the file was frozen.
    assert FROZEN["commitment"]["text"] == "blake2b:7aca81c80b62b51edbccfd22c0b198b588ef9d5c0e958f79808b67705e296766"


def at(value: dict[str, Any], path: str, new: Any) -> dict[str, Any]:
    """The value with one field, named by a dotted path, replaced or (MISSING) taken out."""
    copy: dict[str, Any] = json.loads(json.dumps(value))
    inner: Any = copy
    *way, last = path.split(".")
    for name in way:
        inner = inner[int(name)] if isinstance(inner, list) else inner[name]
    if new is MISSING:
        del inner[last]
    else:
        inner[last] = new
    return copy


COMMON_FAULTS: list[tuple[str, Any, str]] = [
    ("ledger", "", "E_FIELD_EMPTY"),
    ("ledger", "a b", "E_FIELD_BLANK"),
    ("ledger", "a\u3000b", "E_FIELD_BLANK"),
    ("ledger", "x" * 201, "E_TEXT_LONG"),
    ("ledger", None, "E_FIELD_TYPE"),
    ("made_at", "2025-09-05T09:14:00Z", "E_TIMESTAMP"),
    ("made_at", "2025-09-05 09:14:00+08:00", "E_TIMESTAMP"),
    ("made_at", "2025-02-30T09:14:00+08:00", "E_DATE"),
    ("valid_until", "2025-09-05T09:13:59+08:00", "E_VALID_UNTIL"),
    ("valid_until", None, "E_FIELD_TYPE"),
    ("seen", [], "E_FIELD_TYPE"),
    ("seen", {"size": 8}, "E_FIELD_MISSING"),
    ("seen", {"size": 8, "root": "cgh5TJhOocddE4d8dCczb+mHIsQaBW7u5PNzYOw2cSM=", "x": 1}, "E_FIELD_UNKNOWN"),
    ("seen", {"size": 0, "root": "cgh5TJhOocddE4d8dCczb+mHIsQaBW7u5PNzYOw2cSM="}, "E_FIELD_RANGE"),
    ("seen", {"size": True, "root": "cgh5TJhOocddE4d8dCczb+mHIsQaBW7u5PNzYOw2cSM="}, "E_FIELD_TYPE"),
    ("seen", {"size": 8, "root": "AAAA"}, "E_DIGEST"),
    ("seen", {"size": 8, "root": "cgh5TJhOocddE4d8dCczb-mHIsQaBW7u5PNzYOw2cSM="}, "E_BASE64"),
    ("extra", 1, "E_FIELD_UNKNOWN"),
]
STATEMENT_FAULTS: list[tuple[str, Any, str]] = [
    *COMMON_FAULTS,
    *[(name, MISSING, "E_FIELD_MISSING") for name in STATEMENT],
    ("voucher", "01990000-0000-7000-8000-0000000000FF", "E_UUID7"),
    ("voucher", "0199000000007000800000000000000ff", "E_UUID7"),
    ("voucher", "01990000-0000-4000-8000-0000000000ff", "E_UUID7"),
    ("entity", "", "E_FIELD_EMPTY"),
    ("voucher_date", "2025-9-5", "E_DATE"),
    ("voucher_date", "2025-09-05T00:00:00", "E_DATE"),
    ("voucher_date", "2025-02-30", "E_DATE"),
    ("attachments", -1, "E_FIELD_RANGE"),
    ("attachments", 100_001, "E_FIELD_RANGE"),
    ("attachments", True, "E_FIELD_TYPE"),
    ("attachments", "2", "E_FIELD_TYPE"),
    ("maker", "zhang\u200b", "E_TEXT_ZERO_WIDTH"),
    ("maker", "cafe\u0301", "E_TEXT_NOT_NFC"),
    ("maker", "\u202egnahz", "E_TEXT_BIDI"),
    ("events", None, "E_FIELD_TYPE"),
    ("events.count", 0, "E_FIELD_RANGE"),
    ("events.count", 10_001, "E_FIELD_RANGE"),
    ("events.count", MISSING, "E_FIELD_MISSING"),
    ("events.root", "ab" * 32, "E_DIGEST"),
    ("events.root", "sha256:" + "AB" * 32, "E_DIGEST"),
    ("events.extra", 1, "E_FIELD_UNKNOWN"),
    ("note", None, "E_FIELD_TYPE"),
    ("note", "汉" * 1001, "E_TEXT_LONG"),
    ("note", "a\tb", "E_TEXT_CONTROL"),
    ("note", "电话13800000000", "E_TEXT_PERSONAL"),
]
APPROVAL_FAULTS: list[tuple[str, Any, str]] = [
    *COMMON_FAULTS,
    *[(name, MISSING, "E_FIELD_MISSING") for name in APPROVAL],
    ("person", "", "E_FIELD_EMPTY"),
    ("capacity", "a b", "E_FIELD_BLANK"),
    ("statement", "ab" * 32, "E_DIGEST"),
    ("statement", None, "E_FIELD_TYPE"),
    ("rejects", 0, "E_FIELD_TYPE"),
    ("rejects", None, "E_FIELD_TYPE"),
    ("rejects", True, "E_APPROVAL_REASON"),
    ("reason", "同意", "E_APPROVAL_REASON"),
    ("reason", 1, "E_FIELD_TYPE"),
]


def names(faults: list[tuple[str, Any, str]]) -> list[str]:
    return [f"{number}-{path}-{code}" for number, (path, _, code) in enumerate(faults)]


@pytest.mark.parametrize(("path", "new", "code"), STATEMENT_FAULTS, ids=names(STATEMENT_FAULTS))
def test_table_of_bad_statements(path: str, new: Any, code: str) -> None:
    with pytest.raises(InputError) as refused:
        Statement.from_bytes(canonical(at(STATEMENT, path, new)))
    assert refused.value.code == code
    assert path.partition(".")[0] in str(refused.value.params["field"])


@pytest.mark.parametrize(("path", "new", "code"), APPROVAL_FAULTS, ids=names(APPROVAL_FAULTS))
def test_table_of_bad_approvals(path: str, new: Any, code: str) -> None:
    with pytest.raises(InputError) as refused:
        Approval.from_bytes(canonical(at(APPROVAL, path, new)))
    assert refused.value.code == code


def test_a_rejection_is_an_approval_with_a_reason() -> None:
    rejection = replace(Approval.from_json_value(APPROVAL), rejects=True, reason="附件不全\n请补")
    assert Approval.from_bytes(rejection.to_bytes()) == rejection
    for reason in (" ", "", "身份证431099194803120016"):
        with pytest.raises(InputError, match=r"E_APPROVAL_REASON|E_TEXT_PERSONAL"):
            replace(rejection, reason=reason)


ENVELOPE: dict[str, Any] = LEAF["envelope"]
LEAF_FAULTS: list[tuple[str, Any, str]] = [
    *[(name, MISSING, "E_FIELD_MISSING") for name in LEAF],
    ("extra", 1, "E_FIELD_UNKNOWN"),
    ("number", 0, "E_FIELD_RANGE"),
    ("number", "9", "E_FIELD_TYPE"),
    ("first_position", 0, "E_FIELD_RANGE"),
    ("posted_at", "2025-09-05T10:00:01Z", "E_TIMESTAMP"),
    ("voucher_no.no", 0, "E_FIELD_RANGE"),
    ("voucher_no.period", "2025-9", "E_PERIOD"),
    ("voucher_no.word", "", "E_FIELD_EMPTY"),
    ("voucher_no.word", None, "E_FIELD_TYPE"),
    ("voucher_no.entity", MISSING, "E_FIELD_MISSING"),
    ("voucher_no.extra", 1, "E_FIELD_UNKNOWN"),
    ("approvals", {}, "E_FIELD_TYPE"),
    ("approvals", [ENVELOPE] * 33, "E_FIELD_RANGE"),
    ("approvals.0.payload", None, "E_BASE64"),
    ("envelope.payload", "-_-_", "E_NOT_CANONICAL"),
    ("envelope.signatures", [], "E_ENVELOPE_SIGNATURES"),
]


@pytest.mark.parametrize(("path", "new", "code"), LEAF_FAULTS, ids=names(LEAF_FAULTS))
def test_table_of_bad_leaves(path: str, new: Any, code: str) -> None:
    with pytest.raises(InputError) as refused:
        Leaf.from_bytes(canonical(at(LEAF, path, new)))
    assert refused.value.code == code


def test_a_leaf_fits_an_entry_of_the_tiles() -> None:
    leaf = Leaf.from_bytes(FROZEN["leaf"].encode())
    big = Envelope("t", bytes(49_000), (Signature("", bytes(64)),))
    with pytest.raises(InputError, match="E_LEAF_SIZE"):
        replace(leaf, envelope=big).to_bytes()
    with pytest.raises(InputError, match="E_JSON_SIZE"):
        Leaf.from_bytes(b" " * 65_536)


names_of_things = st.text("abz09-_:.中", min_size=1, max_size=12)
counts = st.integers(1, 10_000)
digests = st.binary(min_size=32, max_size=32)
seen = st.none() | st.builds(Seen, st.integers(1, 2**53 - 1), digests)
days = st.dates().map(lambda day: f"{1900 + day.year % 300:04d}-{day.month:02d}-{min(day.day, 28):02d}")
instants = st.tuples(days, st.integers(0, 23), st.integers(0, 59)).map(
    lambda p: f"{p[0]}T{p[1]:02d}:{p[2]:02d}:00+08:00"
)
spans = st.tuples(instants, instants).map(sorted)
notes = st.text("说明abc \n。", max_size=30)
uuids = st.from_regex(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", fullmatch=True)


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    made_at, valid_until = draw(spans)
    return Statement(
        ledger=draw(names_of_things),
        voucher=draw(uuids),
        entity=draw(names_of_things),
        voucher_date=draw(days),
        attachments=draw(st.integers(0, 100_000)),
        made_at=made_at,
        valid_until=valid_until,
        maker=draw(names_of_things),
        events=EventsRoot(draw(counts), draw(digests)),
        note=draw(notes),
        seen=draw(seen),
    )


@st.composite
def approvals(draw: st.DrawFn) -> Approval:
    made_at, valid_until = draw(spans)
    rejects = draw(st.booleans())
    reason = draw(notes.filter(str.strip)) if rejects else None
    person, capacity = draw(names_of_things), draw(names_of_things)
    digest = digest_text(draw(digests))
    return Approval(draw(names_of_things), person, digest, capacity, made_at, valid_until, draw(seen), rejects, reason)


@given(statements())
def test_a_statement_is_read_back(statement: Statement) -> None:
    data = statement.to_bytes()
    assert Statement.from_bytes(data) == statement
    assert json.loads(data).keys() == Statement.__dataclass_fields__.keys()


@given(approvals())
def test_an_approval_is_read_back(approval: Approval) -> None:
    data = approval.to_bytes()
    assert Approval.from_bytes(data) == approval
    assert json.loads(data).keys() == Approval.__dataclass_fields__.keys()


@given(statements(), st.data())
def test_no_changed_byte_of_a_statement_leaves_its_digest(statement: Statement, data: st.DataObject) -> None:
    original = statement.to_bytes()
    at_byte = data.draw(st.integers(0, len(original) - 1))
    changed = bytearray(original)
    changed[at_byte] ^= data.draw(st.integers(1, 255))
    try:
        other = Statement.from_bytes(bytes(changed))
    except InputError:
        return
    assert other.to_bytes() == bytes(changed)
    assert other.digest != statement.digest


@pytest.mark.parametrize("make", [lambda: Seen(1, b"short"), lambda: EventsRoot(1, b"short")], ids=["seen", "events"])
def test_roots_have_one_length(make: Any) -> None:
    with pytest.raises(InputError, match="E_DIGEST"):
        make()


def test_a_voucher_without_number_has_null() -> None:
    leaf = replace(Leaf.from_bytes(FROZEN["leaf"].encode()), voucher_no=None)
    assert Leaf.from_bytes(leaf.to_bytes()) == leaf
    assert b'"voucher_no":null' in leaf.to_bytes()
    assert str(VoucherNo("e", "2025-09", "收", 12_345)) == "收-12345"
