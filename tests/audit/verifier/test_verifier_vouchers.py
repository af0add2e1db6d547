"""Every check of a voucher has a book that makes it fail, and the right voucher is named.

The packages are sealed and signed anew by the operator after each change: it is the operator whom this verifier doubts.
"""

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ledger.accounts.roles import LIQUID
from ledger.decisions import policies
from ledger_audit.verifier import authority, money
from tests.audit import mini_books as books
from tests.audit import mini_writer as mini
from tests.audit.mini_acts import Case, act, codes, post, rotated, then, verdict_on
from tests.audit.mini_writer import MiniBook, Pen

NUMBER_4 = {"entity": "e1", "period": "2025-09", "word": "记", "no": 4}
NOTHING = "sha256:" + "0" * 64


@dataclass(frozen=True)
class Bad:
    """A change to a working book, the code that must be found, and the voucher at which it must be found."""

    code: str
    change: Case
    number: int = 8


def seen_twice(book: MiniBook) -> None:
    book.voucher("mei", "e1", [books.gift(book, "d8", 1)], statement={"seen": book.seen(6)})
    post(statement={"seen": book.seen(5), "made_at": "2025-09-10T09:00:01+08:00"})(book)


def seen_more_before(book: MiniBook) -> None:
    """Signed before the last voucher and posted after it, with more seen than it."""
    book.voucher("mei", "e1", [books.gift(book, "d8", 1)], statement={"seen": book.seen(5)})
    post(statement={"seen": book.seen(6), "made_at": "2025-09-10T08:59:59+08:00"})(book)


def signed_blindly(book: MiniBook) -> None:
    """A signer who had seen the log signs as if it had never been seen."""
    book.voucher("mei", "e1", [books.gift(book, "d8", 1)], statement={"seen": book.seen(5)})
    post(statement={"seen": None, "made_at": "2025-09-10T09:00:01+08:00"})(book)


def seen_the_future(book: MiniBook) -> None:
    post(statement={"seen": {"size": 8, "root": mini.b64(book.root())}})(book)


def same_event(book: MiniBook) -> None:
    event = books.gift(book, "d8", 1)
    book.voucher("mei", "e1", [event])
    book.voucher("mei", "e1", [event])


def ended(kind: str) -> Case:
    def change(book: MiniBook) -> None:
        body = mini.canonical(book.statement("mei", "e1", [mini.canonical(books.gift(book, "d8", 1))]))
        digest = "sha256:" + mini.sha256(body).hex()
        book.voucher("li", "e1", [book.event(kind, statement=digest, maker="mei")], numbered=False)
        twin = json.loads(body)
        event = books.gift(book, "d8", 1)
        event["id"] = "01990000-0000-7000-8000-0000000000aa"
        book.voucher("mei", "e1", [event], statement=twin)
        # The very bytes that were ended are posted: the events under them are whatever they are.
        book.leaves[-1] = mini.canonical(
            {**json.loads(book.leaves[-1]), "envelope": mini.envelope(mini.VOUCHER, body, book.pens["mei"])}
        )

    return change


def scheme(**changes: Any) -> Case:
    """A key enrolled for mei with something wrong about it."""
    return act(lambda book: books.enrolment(book, "mei", Pen(50), **changes))


def moved(debit: str, credit: str, *approvals: tuple[str, str]) -> Case:
    """A voucher of one event with a posting."""

    def change(book: MiniBook) -> None:
        position = len(book.events) + 1
        book.voucher("mei", "e1", [book.event("grant.disbursed", grant="g2", fund="f1", amount_fen=5)], approvals)
        book.post(position, "e1", "f1", 5, debit, credit)

    return change


ANOTHER = "01990000-0000-7000-8000-0000000000bb"
VOUCHERS: dict[str, Bad] = {
    "another number in the leaf": Bad("V_NUMBER", post(leaf={"number": 9})),
    "another position in the leaf": Bad("V_POSITION", post(leaf={"first_position": 99})),
    "the clock goes back": Bad("V_CLOCK_BACK", post(leaf={"posted_at": "2025-09-09T00:00:00+08:00"})),
    "another book": Bad("V_ORIGIN", post(statement={"ledger": "other.example/log"})),
    "a voucher id twice": Bad(
        "V_VOUCHER_TWICE", then(post(statement={"voucher": ANOTHER}), post(statement={"voucher": ANOTHER})), 9
    ),
    "an event id twice": Bad("V_EVENT_TWICE", same_event, 9),
    "a number left out": Bad("V_VOUCHER_NO", post(leaf={"voucher_no": {**NUMBER_4, "no": 6}})),
    "a number twice": Bad("V_VOUCHER_NO", post(leaf={"voucher_no": NUMBER_4})),
    "a number of another month": Bad(
        "V_VOUCHER_NO", post(leaf={"voucher_no": {**NUMBER_4, "period": "2025-08", "no": 1}})
    ),
    "a number of another entity": Bad("V_VOUCHER_NO", post(leaf={"voucher_no": {**NUMBER_4, "entity": "e2", "no": 1}})),
    "fewer events than stated": Bad("V_EVENTS_END", post(statement={"events": {"count": 2, "root": NOTHING}})),
    "another root": Bad("V_ROOT", post(statement={"events": {"count": 1, "root": NOTHING}})),
    "posted too late": Bad("V_EXPIRED", post(leaf={"posted_at": "2026-01-01T00:00:00+08:00"})),
    "approved too late": Bad(
        "V_EXPIRED", post("mei", "e1", ("li", "checker"), approval={"valid_until": "2025-09-10T08:59:59+08:00"})
    ),
    "signed by nobody known": Bad("V_SIGNATURE", post(pen=Pen(77))),
    "signed by the operator": Bad("V_SIGNATURE", post(pen=Pen(100))),
    "signed by another officer": Bad("V_KEY_OF_OTHER", post(pen=Pen(5))),
    "approved with another's key": Bad("V_KEY_OF_OTHER", post("mei", "e1", ("li", "checker"), approval_pen=Pen(2))),
    "approved with no known key": Bad("V_SIGNATURE", post("mei", "e1", ("li", "checker"), approval_pen=Pen(77))),
    "a revoked key": Bad(
        "V_KEY_REVOKED",
        then(
            act(
                lambda b: b.event("key.revoked", officer="mei", keyid=Pen(4).keyid, reason="lost", compromised_at=None)
            ),
            post(),
        ),
        9,
    ),
    "a key before its time": Bad(
        "V_KEY_REVOKED",
        then(act(lambda b: books.enrolment(b, "mei", Pen(50), valid_from="2025-09-11")), post(pen=Pen(50))),
        9,
    ),
    "a key after its time": Bad(
        "V_KEY_REVOKED",
        then(act(lambda b: books.enrolment(b, "mei", Pen(50), valid_to="2025-09-09")), post(pen=Pen(50))),
        9,
    ),
    "revoking a key of nobody": Bad(
        "V_KEY_UNKNOWN", act(lambda b: b.event("key.revoked", officer="mei", keyid="0" * 16))
    ),
    "revoking another's key": Bad(
        "V_KEY_UNKNOWN", act(lambda b: b.event("key.revoked", officer="li", keyid=Pen(4).keyid))
    ),
    "a stranger as maker": Bad(
        "V_MAKER_ROLE", then(act(lambda b: books.enrolment(b, "zed", Pen(60))), post("zed", pen=Pen(60))), 9
    ),
    "a role withdrawn": Bad(
        "V_MAKER_ROLE", then(act(lambda b: books.role(b, "mei", "accountant", "e1", "role.withdrawn")), post()), 9
    ),
    "a role for another entity": Bad(
        "V_MAKER_ROLE", then(act(lambda b: b.event("entity.registered", entity="e2")), post("mei", "e2")), 9
    ),
    "an entity of nobody": Bad("V_ENTITY", post("an", "e9")),
    "a machine beyond its kinds": Bad("V_MACHINE_KIND", post("robot")),
    "a machine that approves": Bad(
        "V_MACHINE_APPROVES",
        then(act(lambda b: books.role(b, "robot", "checker", "e1")), post("mei", "e1", ("robot", "checker"))),
        9,
    ),
    "a capacity not held": Bad("V_CAPACITY", post("mei", "e1", ("li", "approver"))),
    "maker and checker one person": Bad(
        "V_SAME_PERSON",
        then(act(lambda b: books.role(b, "mei", "checker", "e1")), post("mei", "e1", ("mei", "checker"))),
        9,
    ),
    "one person approves twice": Bad("V_SAME_PERSON", post("mei", "e1", ("li", "checker"), ("li", "checker"))),
    "an approval of something else": Bad(
        "V_APPROVAL_OF_OTHER", post("mei", "e1", ("li", "checker"), approval={"statement": NOTHING})
    ),
    "an approval for another book": Bad(
        "V_APPROVAL_OF_OTHER", post("mei", "e1", ("li", "checker"), approval={"ledger": "x"})
    ),
    "a rejection among the approvals": Bad(
        "V_REJECTED", post("mei", "e1", ("li", "checker"), approval={"rejects": True, "reason": "不全"})
    ),
    "posted though rejected": Bad("V_ENDED", ended("voucher.rejected"), 9),
    "posted though withdrawn": Bad("V_ENDED", ended("voucher.withdrawn"), 9),
    "posted though lapsed": Bad("V_ENDED", ended("voucher.lapsed"), 9),
    "seen what is no prefix": Bad("V_SEEN", post(statement={"seen": {"size": 7, "root": mini.b64(bytes(32))}})),
    "seen the future": Bad("V_SEEN", seen_the_future),
    "an approver who saw another log": Bad(
        "V_SEEN", post("mei", "e1", ("li", "checker"), approval={"seen": {"size": 3, "root": mini.b64(bytes(32))}})
    ),
    "seen less than before": Bad("V_SEEN_BACK", seen_twice, 9),
    "seen more in an earlier act": Bad("V_SEEN_BACK", seen_more_before, 9),
    "seen nothing after something": Bad("V_SEEN_BACK", signed_blindly, 9),
    "one administrator alone": Bad(
        "V_TWO_ADMINISTRATORS", act(lambda b: books.role(b, "li", "cashier", "e1"), approvals=())
    ),
    "an accountant grants a role": Bad(
        "V_MAKER_ROLE",
        lambda b: b.voucher("mei", "e1", [books.role(b, "mei", "cashier", "e1")], (("an", "administrator"),)),
    ),
    "money that nobody checked": Bad("V_UNCHECKED", moved("cost", "bank")),
    "cash that nobody counted along": Bad("V_UNCHECKED", moved("cash", "income")),
    "an allocation that nobody checked": Bad(
        "V_UNCHECKED", lambda b: b.voucher("mei", "e1", [b.event("fund.allocated", fund="f1", amount_fen=1)])
    ),
    "money checked by an approver only": Bad(
        "V_UNCHECKED",
        then(act(lambda b: books.role(b, "li", "approver", "e1")), moved("cost", "bank", ("li", "approver"))),
        9,
    ),
    "a key without possession": Bad("V_POSSESSION", scheme(possession=Pen(51).possession("mei"))),
    "a possession for another book": Bad("V_POSSESSION", scheme(possession=Pen(50).possession("mei", "x"))),
    "a possession of another person": Bad("V_POSSESSION", scheme(possession=Pen(50).possession("li"))),
    "a wrong key id": Bad("V_POSSESSION", scheme(keyid="0" * 16)),
    "a broken possession": Bad("V_BASE64", scheme(possession="!")),
    "a key of small order": Bad("V_KEY_FORM", scheme(key="ed25519:" + mini.b64(bytes(32)))),
    "a key enrolled twice": Bad("V_KEY_TWICE", act(lambda b: books.enrolment(b, "mei", Pen(4)))),
    "another's key enrolled": Bad("V_KEY_TWICE", act(lambda b: books.enrolment(b, "mei", Pen(5)))),
    "an enrolment without fields": Bad("V_FIELD", act(lambda b: b.event("key.enrolled", officer="mei"))),
    "a rotation from another key": Bad("V_OPERATOR_KEY", act(lambda b: rotated(b, previous=Pen(9).text))),
    "a rotation without possession": Bad(
        "V_POSSESSION", act(lambda b: rotated(b, possession=Pen(9).possession("operator")))
    ),
    "a second opening": Bad("V_BOOK_TWICE", act(lambda b: b.event("book.opened", origin=mini.ORIGIN))),
    "an unknown field in the statement": Bad("V_FIELDS", post(statement={"extra": 1})),
    "an unknown field in the leaf": Bad("V_FIELDS", post(leaf={"extra": 1})),
    "another spelling of a date": Bad("V_FIELD", post(statement={"voucher_date": "2025-9-1"})),
    "another spelling of the time": Bad("V_FIELD", post(leaf={"posted_at": "2025-09-10T09:00:00Z"})),
    "another spelling of a uuid": Bad("V_FIELD", post(statement={"voucher": ANOTHER.upper()})),
    "too many events stated": Bad("V_FIELD", post(statement={"events": {"count": 10_001, "root": NOTHING}})),
    "another payload type": Bad("V_ENVELOPE", post(leaf={"envelope": mini.envelope(mini.APPROVAL, b"{}", Pen(4))})),
    "a statement that is not canonical": Bad(
        "V_CANONICAL", post(leaf={"envelope": mini.envelope(mini.VOUCHER, b'{"b":1,"a":1}', Pen(4))})
    ),
    "an approval that is not canonical": Bad(
        "V_CANONICAL", post(leaf={"approvals": [mini.envelope(mini.APPROVAL, b"{} ", Pen(5))]})
    ),
}


@pytest.mark.parametrize("bad", VOUCHERS.values(), ids=VOUCHERS.keys())
def test_table_of_bad_vouchers(bad: Bad, tmp_path: Path) -> None:
    book = books.working()
    bad.change(book)
    book.anchor()
    verdict = verdict_on(book.sealed(), tmp_path)
    assert bad.code in codes(verdict.integrity)
    first = verdict.integrity.first_bad()
    assert first is not None
    stated = [b64decode(json.loads(leaf)["envelope"]["payload"]) for leaf in book.leaves[: bad.number - 1]]
    assert first.number == bad.number
    assert first.position == 1 + sum(json.loads(statement)["events"]["count"] for statement in stated)
    assert not verdict.holds


def test_what_a_checker_signed_and_what_needs_none_is_no_finding(tmp_path: Path) -> None:
    book = books.working()
    moved("cost", "bank", ("li", "checker"))(book)
    moved("cash", "income", ("li", "checker"))(book)
    moved("bank", "income")(book)
    moved("cost", "payable")(book)
    book.anchor()
    assert verdict_on(book.sealed(), tmp_path).integrity.kept == []


def test_the_acts_that_need_a_checker_are_those_of_the_books() -> None:
    """Two lists, written twice because the stranger shares no code; they must say the same."""
    assert authority.CHECKED == policies.CHECKED
    assert authority.BY_ADMINISTRATORS == policies.ADMINISTRATIVE
    assert {f'"{role}"'.encode() for role in LIQUID} == set(money._LIQUID)  # noqa: SLF001 - of the other list


def test_a_voucher_may_wait_while_its_maker_goes_on(tmp_path: Path) -> None:
    """The order of signing counts, not the order of posting."""
    book = books.working()
    for second, size in ((20, 6), (10, 5), (10, 6), (15, 6), (20, 7), (20, 6), (30, 7), (40, 7), (50, 7), (45, 7)):
        made_at = f"2025-09-10T09:00:{second}+08:00"
        book.voucher("mei", "e1", [books.gift(book, "d", 1)], statement={"seen": book.seen(size), "made_at": made_at})
    book.anchor()
    assert verdict_on(book.sealed(), tmp_path).integrity.kept == []


# ---- the first voucher


def opening(**changes: Any) -> Callable[[], MiniBook]:
    return lambda: books.opened(**changes)


def unopened() -> MiniBook:
    book = MiniBook(pens={"an": Pen(1)})
    book.voucher("an", "book", [book.event("entity.registered", entity="e1")], numbered=False)
    book.anchor()
    return book


def opened_with_more() -> MiniBook:
    book = books.opened()
    book.leaves.clear()
    book.checkpoints.clear()
    events = [json.loads(book.events.pop()), book.event("entity.registered", entity="e1")]
    book.voucher("an", "book", events, (("bo", "administrator"),), numbered=False)
    book.anchor()
    return book


def opened_alone() -> MiniBook:
    book = books.opened()
    book.leaves.clear()
    book.checkpoints.clear()
    book.voucher("an", "book", [json.loads(book.events.pop())], numbered=False)
    book.anchor()
    return book


def opened_by_twins() -> MiniBook:
    book = books.opened()
    people = [books.administrator(book, name) for name in ("an", "bo", "bo")]
    return books.opened(administrators=people)


OPENINGS: dict[str, tuple[Callable[[], MiniBook], str]] = {
    "something else first": (unopened, "V_BOOK_NOT_OPENED"),
    "more than the opening": (opened_with_more, "V_BOOK_NOT_OPENED"),
    "one administrator alone": (opened_alone, "V_TWO_ADMINISTRATORS"),
    "two administrators": (opened_by_twins, "V_ADMINISTRATORS"),
    "the operator is an administrator": (opening(operator_key=Pen(1).text), "V_ADMINISTRATORS"),
    "no administrators": (opening(administrators=None), "V_FIELD"),
    "it came from itself": (opening(came_from={"origin": mini.ORIGIN}), "V_CAME_FROM_ITSELF"),
    "another origin": (opening(origin="other.example/log"), "V_ORIGIN"),
}


@pytest.mark.parametrize(("make", "code"), OPENINGS.values(), ids=OPENINGS.keys())
def test_table_of_bad_openings(make: Callable[[], MiniBook], code: str, tmp_path: Path) -> None:
    verdict = verdict_on(make().sealed(), tmp_path)
    assert code in codes(verdict.integrity)
    first = verdict.integrity.first_bad()
    assert first is not None
    assert (first.number, first.position) == (1, 1)
