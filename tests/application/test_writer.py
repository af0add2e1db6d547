"""The writer: what is posted, what waits, what is refused and why, exactly once, on both databases."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from ledger.application.drafting import draft_event
from ledger.application.outcomes import Receipt, VoucherRefusedError, Waiting
from ledger.decisions.prepared import Submission
from ledger.errors import AuthorityError, InputError, LedgerError, NotFoundError
from ledger.log import reading
from ledger.log.appending import read_head
from ledger.signing.checkpoints import open_checkpoint
from ledger.signing.dsse import VOUCHER_TYPE, sign
from ledger.signing.keys import SigningKey
from ledger.signing.leaves import Leaf
from ledger.signing.merkle import leaf_hash, verify_inclusion
from ledger.signing.statements import EventsRoot, Seen, Statement
from tests.application.office import ENTITY, ORIGIN, Office, fee, gift


def _codes(error: LedgerError) -> set[str]:
    if isinstance(error, VoucherRefusedError):
        return {finding.code for finding in error.findings if finding.refuses}
    return {error.code}


def _refused(office: Office, submission: Submission) -> set[str]:
    with office.store.read() as connection:
        before = read_head(connection)
    with pytest.raises(LedgerError) as caught:
        office.writer.submit(submission)
    with office.store.read() as connection:
        assert read_head(connection).root == before.root
    return _codes(caught.value)


def test_a_gift_is_posted_proven_and_numbered(any_office: Office) -> None:
    """The receipt holds the leaf, its path and a checkpoint of the operator, and they prove each other."""
    office = any_office
    receipt = office.post("maker", [gift()])
    assert isinstance(receipt, Receipt)
    assert str(receipt.voucher_no) == "记-0001"
    checkpoint = open_checkpoint(receipt.checkpoint, office.operator.verifier)
    assert checkpoint.size == receipt.number
    leaf = leaf_hash(receipt.leaf)
    assert verify_inclusion(leaf, receipt.number - 1, checkpoint.size, receipt.path, checkpoint.root)
    assert Leaf.from_bytes(receipt.leaf).first_position == receipt.first_position
    with office.store.read() as connection:
        legs = list(reading.postings_between(connection, receipt.first_position, receipt.first_position))
    assert [(leg.code, leg.amount_fen) for leg in legs] == [("1002", 10_000), ("410101", -10_000)] or [
        leg.amount_fen for leg in legs
    ] == [10_000, -10_000]


def test_the_same_request_again_is_answered_again_and_recorded_once(office: Office) -> None:
    """A lost answer is asked for again without harm, by another process too."""
    submission = office.draft("maker", [gift()])
    first = office.writer.submit(submission)
    again = office.writer.submit(submission)
    elsewhere = office.new_writer().submit(submission)
    assert isinstance(first, Receipt)
    assert isinstance(again, Receipt)
    assert isinstance(elsewhere, Receipt)
    assert (again.number, again.leaf) == (elsewhere.number, elsewhere.leaf) == (first.number, first.leaf)
    assert again.repeated
    assert elsewhere.repeated


def test_money_out_waits_for_a_checker_and_no_other(office: Office) -> None:
    """Nothing is booked before the second signature; then the voucher is judged again, whole."""
    office.post("maker", [gift()])
    waits = office.post("maker", [fee()])
    assert isinstance(waits, Waiting)
    assert waits.missing == ("checker",)
    submission = office.draft("maker", [fee("f-2")])
    outcome = office.writer.submit(office.approved(submission, ("checker", "checker")))
    assert isinstance(outcome, Receipt)
    with pytest.raises(NotFoundError, match="E_NOT_PENDING"):
        office.writer.approve(submission.envelope.payload.hex()[:36], office.approved(submission).envelope)


def _tampered(office: Office, change: Callable[[Statement], Statement]) -> Submission:
    submission = office.draft("maker", [gift()])
    statement = change(Statement.from_bytes(submission.envelope.payload))
    return Submission(sign(VOUCHER_TYPE, statement.to_bytes(), office.keys["maker"]), submission.events)


def _other_root(statement: Statement) -> Statement:
    return replace(statement, events=EventsRoot(statement.events.count, bytes(32)))


def _other_count(statement: Statement) -> Statement:
    return replace(statement, events=EventsRoot(statement.events.count + 1, statement.events.root))


def _expired(statement: Statement) -> Statement:
    return replace(statement, made_at="2025-09-01T00:00:00+08:00", valid_until="2025-09-02T00:00:00+08:00")


BAD_VOUCHERS: dict[str, tuple[Callable[[Office], Submission], str]] = {
    "wrong root": (lambda o: _tampered(o, _other_root), "E_ROOT"),
    "wrong count": (lambda o: _tampered(o, _other_count), "E_COUNT"),
    "expired": (lambda o: _tampered(o, _expired), "E_EXPIRED"),
    "another book": (lambda o: o.draft(o.signer("maker", ledger="ledger.example.org/else"), [gift()]), "E_OTHER_BOOK"),
    "unknown key": (lambda o: o.draft(o.signer("maker", SigningKey.generate()), [gift()]), "E_KEY_UNKNOWN"),
    "key of another person": (lambda o: o.draft(o.signer("maker", o.keys["cashier"]), [gift()]), "E_KEY_OF_OTHER"),
    "role that may not": (lambda o: o.draft("auditor", [gift()]), "E_ROLE"),
    "entity unknown": (lambda o: o.draft("maker", [gift()], "nobody"), "E_ENTITY_UNKNOWN"),
    "date in the future": (
        lambda o: o.draft("maker", [gift()], day=o.clock().date().replace(year=2026)),
        "E_DATE_FUTURE",
    ),
    "checker without the role": (
        lambda o: o.approved(o.draft("maker", [gift()]), ("cashier", "checker")),
        "E_CAPACITY",
    ),
    "maker approves": (lambda o: o.approved(o.draft("maker", [gift()]), ("maker", "accountant")), "E_SAME_PERSON"),
    "one person twice": (
        lambda o: o.approved(o.draft("maker", [gift()]), ("checker", "checker"), ("checker", "checker")),
        "E_SAME_PERSON",
    ),
    "approval of another voucher": (
        lambda o: Submission(
            o.draft("maker", [gift()]).envelope,
            (),
            o.approved(o.draft("maker", [gift()]), ("checker", "checker")).approvals,
        ),
        "E_COUNT",
    ),
    "seen of another book": (
        lambda o: o.draft(o.signer("maker", seen=Seen(2, b"\x07" * 32)), [gift()]),
        "E_FORK",
    ),
    "seen beyond the log": (
        lambda o: o.draft(o.signer("maker", seen=Seen(999, b"\x07" * 32)), [gift()]),
        "E_FORK",
    ),
    "fund unknown": (lambda o: o.draft("maker", [gift(fund="nowhere")]), "E_FUND_UNKNOWN"),
    "the same gift twice in a voucher": (lambda o: o.draft("maker", [gift(), gift()]), "E_DONATION_TWICE"),
}


@pytest.mark.parametrize("name", sorted(BAD_VOUCHERS))
def test_a_bad_voucher_is_refused_with_its_code(office: Office, name: str) -> None:
    """Each refusal has its stable code, and nothing of the voucher is recorded."""
    make, code = BAD_VOUCHERS[name]
    assert code in _refused(office, make(office))


def test_an_id_used_for_other_bytes_is_refused(office: Office) -> None:
    """The voucher id is the idempotency key: the same id with another statement is no repetition."""
    submission = office.draft("maker", [gift()])
    office.writer.submit(submission)
    voucher = Statement.from_bytes(submission.envelope.payload).voucher
    other = office.draft("maker", [gift("g-2")], voucher=voucher)
    assert _refused(office, other) == {"E_VOUCHER_ID_REUSED"}


def test_an_event_is_recorded_once(office: Office) -> None:
    """The same event in a second voucher is refused by its id."""
    event = draft_event(*gift())
    office.writer.submit(office.draft("maker", [event]))
    assert _refused(office, office.draft("maker", [event])) == {"E_EVENT_ID_REUSED"}


def test_a_changed_event_is_found_before_anything_else(office: Office) -> None:
    """One byte of one event, changed after signing, breaks the root."""
    submission = office.draft("maker", [gift()])
    changed = submission.events[0].replace(b"10000", b"90000")
    assert _refused(office, Submission(submission.envelope, (changed,))) == {"E_ROOT"}


def test_a_forged_signature_is_refused(office: Office) -> None:
    """An envelope whose signature was made with another key under a known key's name."""
    submission = office.draft("maker", [gift()])
    forged = sign(VOUCHER_TYPE, submission.envelope.payload, SigningKey.generate())
    named = replace(forged, signatures=(replace(forged.signatures[0], keyid=office.keys["maker"].public.keyid),))
    assert _refused(office, Submission(named, submission.events)) == {"E_SIGNATURE"}


def test_a_revoked_key_signs_nothing_more(office: Office) -> None:
    """Revocation takes effect at its position; what was signed before stays."""
    office.post("maker", [gift()])
    keyid = office.keys["maker"].public.keyid
    revoked = {"officer": "maker", "keyid": keyid, "reason": "lost", "note": "丢失"}
    office.post("guan-1", [("key.revoked", revoked)], ("guan-2", "administrator"), entity="book")
    assert "E_KEY_REVOKED" in _refused(office, office.draft("maker", [gift("g-2")]))


def test_a_rejected_voucher_never_comes_back(office: Office) -> None:
    """The rejection stands in the log, with maker and amount, and the same bytes are refused for ever."""
    office.post("maker", [gift()])
    submission = office.draft("maker", [fee()])
    waits = office.writer.submit(submission)
    assert isinstance(waits, Waiting)
    end = {"voucher": waits.voucher, "statement": waits.statement, "maker": "maker", "amount_fen": waits.amount_fen}
    rejected = office.post("checker", [("voucher.rejected", {**end, "reason": "金额不符"})])
    assert isinstance(rejected, Receipt)
    assert "E_REJECTED" in _refused(office, office.approved(submission, ("checker", "checker")))
    with pytest.raises(NotFoundError, match="E_NOT_PENDING"):
        office.writer.approve(waits.voucher, office.approved(submission, ("checker", "checker")).approvals[0])


def test_only_the_maker_withdraws(office: Office) -> None:
    """Withdrawing is the maker's; somebody else's withdrawal is refused."""
    office.post("maker", [gift()])
    waits = office.post("maker", [fee()])
    assert isinstance(waits, Waiting)
    end = {"voucher": waits.voucher, "statement": waits.statement, "maker": "maker", "amount_fen": waits.amount_fen}
    withdrawn = ("voucher.withdrawn", {**end, "reason": "重复制单"})
    assert "E_NOT_MAKER" in _refused(office, office.draft("other-maker", [withdrawn]))
    assert isinstance(office.post("maker", [withdrawn]), Receipt)


def test_what_a_person_saw_never_goes_back(office: Office) -> None:
    """A client that shows an older checkpoint than it signed before has been given another book."""
    with office.store.read() as connection:
        head = read_head(connection)
        first = reading.checkpoint(connection, 1)
    assert first is not None
    office.clock.wait(minutes=1)
    office.writer.submit(office.draft(office.signer("maker", seen=Seen(head.number, head.root)), [gift()]))
    office.clock.wait(minutes=1)
    older = office.signer("maker", seen=Seen(1, first.root))
    assert "E_SEEN_BACK" in _refused(office, office.draft(older, [gift("g-2")]))


def test_a_voucher_that_waited_is_posted_after_later_ones(office: Office) -> None:
    """Order of signing, not of posting: while a voucher waits, its maker goes on and sees more."""
    with office.store.read() as connection:
        head = read_head(connection)
    office.writer.submit(office.draft(office.signer("maker", seen=Seen(head.number, head.root)), [gift()]))
    waits = office.draft(office.signer("maker", seen=Seen(head.number, head.root)), [fee()])
    office.writer.submit(waits)
    office.clock.wait(hours=1)
    with office.store.read() as connection:
        later = read_head(connection)
    office.writer.submit(office.draft(office.signer("maker", seen=Seen(later.number, later.root)), [gift("g-2")]))
    assert isinstance(office.writer.submit(office.approved(waits, ("checker", "checker"))), Receipt)


def test_a_refused_voucher_never_harms_its_neighbours(office: Office) -> None:
    """In one batch: good, bad, good. The good ones are posted without a gap, the bad one leaves nothing."""
    batch = [office.draft("maker", [gift(number)]) for number in ("g-1", "g-1", "g-2")]
    results = office.writer.submit_all(batch)
    assert isinstance(results[0], Receipt)
    assert isinstance(results[1], VoucherRefusedError)
    assert isinstance(results[2], Receipt)
    assert (results[2].number, results[2].first_position) == (results[0].number + 1, results[0].first_position + 1)
    assert str(results[2].voucher_no) == "记-0002"


def test_a_voucher_may_use_what_it_opens(office: Office) -> None:
    """Events see the ones before them in their own voucher."""
    fund = {"fund": "new", "name": "新", "fund_kind": "restricted", "purpose": "助学", "purposes": [], "programmes": []}
    opened = ("fund.opened", {**fund, "no_cost": False, "on": "2025-09-01", "origin": "decision"})
    assert isinstance(office.post("maker", [opened, gift(fund="new")]), Receipt)


def test_preview_says_what_would_be_and_writes_nothing(office: Office) -> None:
    """A preview leaves log, waiting list and later judgements as they were."""
    with office.store.read() as connection:
        before = read_head(connection)
    submission = office.draft("maker", [gift()])
    assert isinstance(office.writer.preview(submission), Receipt)
    assert isinstance(office.writer.preview(office.draft("maker", [gift(), fee()])), Waiting)
    with office.store.read() as connection:
        assert read_head(connection).root == before.root
    outcome = office.writer.submit(submission)
    assert isinstance(outcome, Receipt)
    assert outcome.number == before.number + 1


def test_a_fact_that_breaks_a_rule_is_recorded_with_reason_and_second_signature(office: Office) -> None:
    """The bank took a fee from an empty account: recorded, but explained and signed by a checker."""
    unexplained = office.approved(office.draft("maker", [fee()]), ("checker", "checker"))
    assert "E_EXPLANATION_MISSING" in _refused(office, unexplained)
    only_if_sound = replace(office.draft("maker", [fee()], note="导入"), unexplained=True)
    assert "E_EXPLANATION_MISSING" in _refused(office, only_if_sound), "its client wants to explain it first"
    waits = office.post("maker", [fee("f-2")], note="银行已扣,账上余额不足")
    assert isinstance(waits, Waiting)
    assert waits.missing == ("checker",)
    posted = office.post("maker", [fee("f-3")], ("checker", "checker"), note="银行已扣,账上余额不足")
    assert isinstance(posted, Receipt)
    assert any(finding.code.startswith("W_") for finding in posted.warnings)


def test_a_closed_month_takes_no_voucher(office: Office) -> None:
    """After the lock a voucher of that month is refused, one of the next month is not."""
    office.post("maker", [gift()])
    office.post("maker", [("period.locked", {"entity": ENTITY, "period": "2025-09"})], ("checker", "checker"))
    assert "E_PERIOD_CLOSED" in _refused(office, office.draft("maker", [gift("g-2")]))
    office.clock.wait(days=2)
    october = office.clock().date()
    assert isinstance(
        office.post("maker", [gift("g-2", occurred_on=october.isoformat())], day=october),
        Receipt,
    )


def test_a_second_process_sees_what_the_first_wrote(any_office: Office) -> None:
    """Each writer catches up under the lock: numbers stay gapless, an enrolled key counts at once."""
    office = any_office
    other = office.new_writer()
    receipts = [
        writer.submit(office.draft("maker", [gift(f"g-{i}")])) for i, writer in enumerate([office.writer, other] * 3)
    ]
    numbers = [receipt.number for receipt in receipts if isinstance(receipt, Receipt)]
    assert numbers == list(range(numbers[0], numbers[0] + 6))
    newcomer = SigningKey.generate()
    office.keys["late"] = newcomer
    facts = [
        (
            "officer.named",
            {
                "officer": "late",
                "name": "late",
                "entity": ENTITY,
                "post": "other",
                "title": "x",
                "valid_from": "2025-01-01",
            },
        ),
        ("key.enrolled", {**office.enrolment("late"), "valid_from": "2025-01-01"}),
        ("role.granted", {"officer": "late", "role": "accountant", "entity": ENTITY}),
    ]
    office.post("guan-1", facts, ("guan-2", "administrator"), entity="book")
    assert isinstance(other.submit(office.draft("late", [gift("g-late")])), Receipt)


def test_many_writers_at_once(any_office: Office) -> None:
    """Sixteen threads: every voucher is posted once, numbers and positions have no gap."""
    office = any_office
    drafts = [office.draft("maker", [gift(f"t-{i}")]) for i in range(32)]
    receipts: list[Receipt] = []

    def work(part: list[Submission]) -> None:
        for submission in part:
            outcome = office.writer.submit(submission)
            if isinstance(outcome, Receipt):
                receipts.append(outcome)

    threads = [threading.Thread(target=work, args=(drafts[i::16],)) for i in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(r.number for r in receipts) == list(range(4, 36))
    assert sorted(r.voucher_no.no for r in receipts if r.voucher_no) == list(range(1, 33))
    assert len({r.first_position for r in receipts}) == 32


def test_the_wrong_operator_key_writes_nothing(office: Office) -> None:
    """A process with another operator key can sign no checkpoint that the book accepts."""
    office.operator = replace(office.operator, key=SigningKey.generate())
    with pytest.raises(LedgerError, match="E_OPERATOR_KEY"):
        office.new_writer().submit(office.draft("maker", [gift()]))


def test_the_operator_key_rotates(office: Office) -> None:
    """The checkpoint over the rotation is still signed by the old key; the next by the new one."""
    new = SigningKey.generate()
    fields = office.enrolment("operator", new)
    rotated = {"previous": office.operator.key.public.text, "operator_key": new.public.text, "reason": "年度更换"}
    receipt = office.post(
        "guan-1",
        [("operator_key.rotated", {**rotated, "possession": fields["possession"]})],
        ("guan-2", "administrator"),
        entity="book",
    )
    assert isinstance(receipt, Receipt)
    open_checkpoint(receipt.checkpoint, office.operator.verifier)
    with pytest.raises(LedgerError, match="E_OPERATOR_KEY"):
        office.post("maker", [gift()])
    office.operator = replace(office.operator, key=new)
    office.writer = office.new_writer()
    after = office.post("maker", [gift("g-2")])
    assert isinstance(after, Receipt)
    open_checkpoint(after.checkpoint, office.operator.verifier)


def test_two_administrators_open_a_book(empty_office: Office) -> None:
    """One administrator alone opens nothing, and nothing is posted before the book is open."""
    office = empty_office
    assert _codes_of(office, office.draft("maker", [gift()])) <= {"E_KEY_UNKNOWN", "E_BOOK_NOT_OPENED"}
    administrators = [{**office.enrolment(name), "name": name} for name in ("guan-1", "guan-2", "guan-3")]
    opening = {"origin": ORIGIN, "operator_key": office.operator.key.public.text, "administrators": administrators}
    alone = office.post("guan-1", [("book.opened", opening)], entity="book")
    assert isinstance(alone, Waiting)
    assert alone.missing == ("administrator",)


def _codes_of(office: Office, submission: Submission) -> set[str]:
    with pytest.raises((AuthorityError, InputError, VoucherRefusedError)) as caught:
        office.writer.submit(submission)
    return _codes(caught.value)
