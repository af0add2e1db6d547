"""The writer's edges: the batch, time, reversal and the client, where they meet what nobody meant."""

import threading
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.accounts.charts import chart_of
from ledger.application.drafting import draft, draft_event
from ledger.application.importing.rows import Place
from ledger.application.outcomes import Receipt, VoucherRefusedError
from ledger.application.proposing.context import Context, Options
from ledger.application.proposing.people import registrations
from ledger.application.proposing.proposal import Proposal, Proposed
from ledger.catalogue import say
from ledger.decisions.prepared import Submission
from ledger.errors import EvidenceError, LedgerError
from ledger.flows.knowledge import Need
from ledger.log import reading
from ledger.log.appending import read_head
from ledger.signing.checkpoints import open_checkpoint
from ledger.signing.keys import SigningKey
from ledger.signing.statements import Seen
from ledger.signing.vkeys import NoteSigner
from ledger.vault.keystore import KeyStore
from ledger.vault.people import Subject, Vault
from ledger_api.clients import Client
from tests.application.edges import (
    by_administrators,
    close_month,
    refused,
    reversal,
    tried,
)
from tests.application.office import DAY, ENTITY, ORIGIN, Office, fee, gift

BIGGEST_FEN = 2**53 - 1


# ---- the batch


def test_a_voucher_that_breaks_the_writer_does_not_hang_its_neighbours(office: Office) -> None:
    """Amounts beyond what the database holds break the batch with no error of ours; who waits beside is answered."""
    writer = office.writer
    breaking = office.draft("maker", [gift(f"big-{n}", BIGGEST_FEN) for n in range(1100)])
    innocent = office.draft("other-maker", [gift("g-1")])
    answers: dict[str, object] = {}

    def work(name: str, submission: Submission) -> None:
        try:
            answers[name] = writer.submit(submission)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is an answer
            answers[name] = error

    threads = [
        threading.Thread(target=work, args=pair, daemon=True) for pair in (("bad", breaking), ("good", innocent))
    ]
    with writer._lead:  # noqa: SLF001 - both must be in one batch
        for place, thread in enumerate(threads, 1):
            thread.start()
            while len(writer._turns.queue) < place:  # noqa: SLF001 - as above
                time.sleep(0.01)
        jobs = list(writer._turns.queue)  # noqa: SLF001 - to let a thread that nobody answers go
    try:
        for thread in threads:
            thread.join(timeout=10)
        assert isinstance(answers.get("good"), Receipt)
        assert isinstance(answers.get("bad"), LedgerError)
    finally:
        for job in jobs:
            job.answer(EvidenceError("E_NO_ANSWER", voucher=""))
        for thread in threads:
            thread.join(timeout=10)


def test_the_old_operator_key_signs_nothing_after_the_rotation(office: Office) -> None:
    """A rotation and a gift come in one batch: no checkpoint of the old key covers the gift."""
    new = SigningKey.generate()
    fields = {"previous": office.operator.key.public.text, "operator_key": new.public.text, "reason": "年度更换"}
    rotated = {**fields, "possession": office.enrolment("operator", new)["possession"]}
    first = office.draft("guan-1", [("operator_key.rotated", rotated)], "book")
    batch = [office.approved(first, ("guan-2", "administrator")), office.draft("maker", [gift()])]
    results = office.writer.submit_all(batch)
    assert isinstance(results[0], Receipt)
    with office.store.read() as connection:
        newest = reading.checkpoint(connection)
    assert newest is not None
    key = office.operator if newest.size == results[0].number else NoteSigner(ORIGIN, new)
    open_checkpoint(newest.note, key.verifier)


def test_the_book_is_opened_by_one_event(empty_office: Office) -> None:
    """Voucher 1 is `book.opened` and nothing else: a verifier refuses a log that begins otherwise."""
    office = empty_office
    administrators = [{**office.enrolment(name), "name": name} for name in ("guan-1", "guan-2", "guan-3")]
    opening = {"origin": ORIGIN, "operator_key": office.operator.key.public.text, "administrators": administrators}
    kinds = {"entity_kind": "charity", "book_kind": "statutory", "chart_family": "npo"}
    entity: tuple[str, dict[str, Any]] = (
        "entity.registered",
        {"entity": ENTITY, "name": "总会", "public_fundraising": True, **kinds},
    )
    both = office.draft("guan-1", [("book.opened", opening), entity], "book")
    refused(tried(office, office.approved(both, ("guan-2", "administrator"))))


# ---- time


def test_nothing_is_signed_in_the_future(office: Office) -> None:
    """A laptop whose clock is a year ahead is told so at once, instead of locking its owner out for a year."""
    with office.store.read() as connection:
        first = reading.checkpoint(connection)
    assert first is not None
    ahead = office.signer("maker", seen=Seen(first.size, first.root))
    event = draft_event(*gift("g-ahead"))
    early = draft(ahead, ENTITY, DAY, [event], office.clock() + timedelta(days=365))
    answer = tried(office, early)
    office.post("other-maker", [gift("g-0")])
    office.clock.wait(hours=1)
    with office.store.read() as connection:
        newest = reading.checkpoint(connection)
    assert newest is not None
    now = office.draft(office.signer("maker", seen=Seen(newest.size, newest.root)), [gift("g-now")])
    assert isinstance(tried(office, now), Receipt)
    refused(answer)


def test_a_clock_that_was_set_back_is_told_as_such(office: Office) -> None:
    """The act is dated before one that saw less: the sentence names that one's bound, not nothing."""
    with office.store.read() as connection:
        head, first = read_head(connection), reading.checkpoint(connection, 1)
    assert first is not None
    office.clock.wait(days=2)
    early = Seen(1, open_checkpoint(first.note, None).root)
    office.writer.submit(office.draft(office.signer("maker", seen=early), [gift()]))
    office.clock.wait(days=-1)
    newer = office.signer("maker", seen=Seen(head.number, head.root))
    with pytest.raises(VoucherRefusedError) as refused:
        office.writer.submit(office.draft(newer, [gift("g-2")]))
    (found,) = (one for one in refused.value.findings if one.code.startswith("E_SEEN"))
    assert (found.code, dict(found.params)) == ("E_SEEN_AHEAD", {"officer": "maker", "size": head.number, "after": 1})
    assert "时钟" in say(found.code, "zh", **dict(found.params))


def test_a_closed_month_takes_no_carrying_forward(office: Office) -> None:
    """结转 posts money: after the close it is as closed to it as to every other voucher."""
    office.post("maker", [gift()])
    close_month(office, "2025-09")
    line = {"fund": "general", "role": "donation_unrestricted", "party": "", "balance_fen": -10_000}
    fields = {"entity": ENTITY, "period": "2025-09", "lines": [line], "on": "2025-09-30"}
    late = office.draft("maker", [("period.carried_forward", fields)])
    assert "E_PERIOD_CLOSED" in refused(tried(office, office.approved(late, ("checker", "checker"))))


def test_a_close_closes_what_lies_before_it(office: Office) -> None:
    """A voucher of a month before the last closed one would change the closed month's balances."""
    close_month(office, "2025-09")
    august = office.draft("maker", [gift(occurred_on="2025-08-15")], day=date(2025, 8, 15))
    assert "E_PERIOD_CLOSED" in refused(tried(office, august))


# ---- reversal


def test_a_reversed_movement_is_booked_again(office: Office) -> None:
    """A bank fee on the wrong fund is reversed and booked again under the bank's own number."""
    office.post("maker", [gift()])
    wrong = office.post("maker", [fee("f-1", 100)], ("checker", "checker"))
    assert isinstance(wrong, Receipt)
    assert isinstance(office.writer.submit(reversal(office, wrong)), Receipt)
    right = office.approved(office.draft("maker", [fee("f-1", 120)]), ("checker", "checker"))
    assert isinstance(tried(office, right), Receipt)


def test_a_reversal_in_the_next_year_names_accounts_of_one_chart(office: Office) -> None:
    """Codes changed their meaning on 2026-01-01: a red figure stands on an account whose role it has."""
    office.post("maker", [gift()])
    booked = office.post("maker", [fee()], ("checker", "checker"))
    assert isinstance(booked, Receipt)
    office.clock.wait(days=100)
    receipt = office.writer.submit(reversal(office, booked, office.clock().date()))
    assert isinstance(receipt, Receipt)
    with office.store.read() as connection:
        legs = list(reading.postings_between(connection, receipt.first_position, receipt.first_position))
    roles = [chart_of(leg.chart).account(leg.code).role.value for leg in legs]
    assert roles == [leg.role for leg in legs]


# ---- the client


def _client(office: Office, folder: Path) -> Client:
    return Client(office.store, ORIGIN, "maker", office.keys["maker"], folder)


def test_a_client_does_not_believe_another_voucher_in_its_place(office: Office, tmp_path: Path) -> None:
    """A receipt proves the voucher that it names, not any leaf of the log."""
    mine, theirs = office.post("maker", [gift("g-1")]), office.post("other-maker", [gift("g-2")])
    assert isinstance(mine, Receipt)
    assert isinstance(theirs, Receipt)
    swapped = Receipt(mine.voucher, *(getattr(theirs, name) for name in _PLACES))
    with pytest.raises(EvidenceError):
        _client(office, tmp_path).believe(swapped, office.operator.vkey)
    _client(office, tmp_path).believe(theirs, office.operator.vkey)


_PLACES = ("number", "first_position", "count", "posted_at", "voucher_no", "leaf", "path", "checkpoint")


def test_a_client_goes_on_after_the_operator_changed_keys(office: Office, tmp_path: Path) -> None:
    """What was verified under the old key still pins the log under the new key."""
    client = _client(office, tmp_path)
    client.refresh(office.operator.vkey)
    new = SigningKey.generate()
    fields = {"previous": office.operator.key.public.text, "operator_key": new.public.text, "reason": "年度更换"}
    rotated = {**fields, "possession": office.enrolment("operator", new)["possession"]}
    by_administrators(office, ("operator_key.rotated", rotated))
    office.operator = NoteSigner(ORIGIN, new)
    office.writer = office.new_writer()
    office.post("maker", [gift()])
    assert client.signer(office.operator.vkey).seen is not None


# ---- the vault


def test_a_field_whose_event_was_never_posted_is_committed_next_time(office: Office, tmp_path: Path) -> None:
    """The vault took a new phone, then the machine stopped: the next run still brings its commitment to the log."""
    vault, reference = Vault(KeyStore.create(tmp_path / "vault.keys")), "p-1"
    name, phone = ("name", "张三"), ("phone", "138-0000-0000")
    with office.store.write() as connection:
        first = vault.register(connection, [Subject("person", reference, (name,))])[reference]
    logged = [{"name": "name", "commitment": first["name"]}]
    fields = {"identity": reference, "subject": "person", "fields": logged}
    assert isinstance(office.post("maker", [("identity.registered", fields)]), Receipt)
    with office.store.write() as connection:  # the run that stopped before it signed
        vault.register(connection, [Subject("person", reference, (name, phone))])
    context = Context(office.store, vault, Options("maker", DAY))
    named = draft_event("identity.registered", fields)
    place = Place("f", None, 1)
    item = Proposed(place, Need(f"identity:{reference}"), (named,), ENTITY, DAY)
    proposal = Proposal(subjects=[(ENTITY, Subject("person", reference, (name, phone)))])
    made = [one for part in registrations(context, proposal, [item]) for one in part]
    committed = {field.name for one in made for event in one.events for field in getattr(event, "fields", ())}
    assert "phone" in committed


def test_erasing_that_was_rolled_back_destroyed_nothing(office: Office, tmp_path: Path) -> None:
    """The database refused the erasure at its commit: the person can still be read."""
    vault = Vault(KeyStore.create(tmp_path / "vault.keys"))
    with office.store.write() as connection:
        vault.register(connection, [Subject("person", "p-1", (("name", "张三"),))])

    def erase() -> None:
        with office.store.write() as connection:
            vault.erase(connection, "p-1", "maker", "2025-09-30T12:00:00+08:00")
            raise EvidenceError("E_DATABASE", reason="disk full")

    with pytest.raises(EvidenceError, match="E_DATABASE"):
        erase()
    with office.store.write() as connection:
        assert vault.show(connection, "p-1", "maker", "核对", "2025-09-30T12:00:00+08:00")[0].value == "张三"
