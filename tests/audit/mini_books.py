"""Small books for the tests of the stranger: opened, staffed, at work."""

from typing import Any

from tests.audit.mini_writer import ORIGIN, MiniBook, Pen


def administrator(book: MiniBook, name: str) -> dict[str, Any]:
    pen = book.pens[name]
    return {
        "officer": name,
        "name": name,
        "key": pen.text,
        "keyid": pen.keyid,
        "possession": pen.possession(name),
    }


def enrolment(book: MiniBook, officer: str, pen: Pen, **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "officer": officer,
        "key": pen.text,
        "keyid": pen.keyid,
        "possession": pen.possession(officer),
        "machine_kinds": None,
        "valid_from": "2025-01-01",
        "valid_to": None,
        **changes,
    }
    return book.event("key.enrolled", **values)


def role(book: MiniBook, officer: str, name: str, entity: str | None, kind: str = "role.granted") -> dict[str, Any]:
    return book.event(kind, officer=officer, role=name, entity=entity, scope=None)


def opened(**changes: Any) -> MiniBook:
    """A book with its first voucher: three administrators, any two of whom act."""
    book = MiniBook()
    book.pens = {name: Pen(number) for number, name in enumerate(("an", "bo", "cai", "mei", "li", "robot"), 1)}
    people = [administrator(book, name) for name in ("an", "bo", "cai")]
    values = {"origin": ORIGIN, "operator_key": book.operator.text, "administrators": people, **changes}
    book.voucher("an", "book", [book.event("book.opened", **values)], (("bo", "administrator"),), numbered=False)
    book.anchor()
    return book


def staffed(**changes: Any) -> MiniBook:
    """An opened book with an entity, an accountant, a checker and a machine that may record bank lines."""
    book = opened()
    kinds = ["bank.line_recorded", "bank.statement_imported"]
    entity: dict[str, Any] = {"entity": "e1", "name": "示例慈善会", **changes}
    events = [
        book.event("entity.registered", **entity),
        enrolment(book, "mei", book.pens["mei"]),
        role(book, "mei", "accountant", "e1"),
        enrolment(book, "li", book.pens["li"]),
        role(book, "li", "checker", "e1"),
        enrolment(book, "robot", book.pens["robot"], machine_kinds=kinds),
        role(book, "robot", "machine", "e1"),
    ]
    book.voucher("an", "book", events, (("cai", "administrator"),), numbered=False)
    book.anchor()
    return book


def gift(book: MiniBook, name: str, fen: int, **changes: Any) -> dict[str, Any]:
    return book.event("donation.received", donation=name, fund="f1", amount_fen=fen, pledge_parts=[], **changes)


def working() -> MiniBook:
    """A staffed book with five more vouchers: gifts, a payment that was checked, a bank line by the machine."""
    book = staffed()
    for number in range(1, 4):
        book.clock = f"2025-09-0{number + 1}T09:00:00+08:00"
        first = len(book.events) + 1
        gifts = [gift(book, f"d{number}-{one}", 100 * one) for one in range(1, 4)]
        book.voucher("mei", "e1", gifts, statement={"seen": book.seen(len(book.leaves) - 1)})
        for offset, one in enumerate(gifts):
            book.post(first + offset, "e1", "f1", one["amount_fen"], "bank", "income")
        book.anchor()
    book.clock = "2025-09-10T09:00:00+08:00"
    position = len(book.events) + 1
    paid = [book.event("grant.disbursed", grant="g1", fund="f1", amount_fen=250)]
    approval = {"seen": book.seen(4)}
    book.voucher("mei", "e1", paid, (("li", "checker"),), statement={"seen": book.seen(5)}, approval=approval)
    book.post(position, "e1", "f1", 250, "cost", "bank")
    book.anchor()
    book.voucher("robot", "e1", [bank_statement(book), bank_line(book, 1, 600, 600)], numbered=False)
    book.anchor()
    return book


def bank_statement(book: MiniBook, **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "statement": "s1",
        "account": "icbc",
        "opening_fen": 0,
        "closing_fen": 600,
        "line_count": 1,
        "breaks": 0,
        **changes,
    }
    return book.event("bank.statement_imported", **values)


def bank_line(book: MiniBook, number: int, fen: int, balance: int | None, statement: str = "s1") -> dict[str, Any]:
    values: dict[str, Any] = {"line": f"l{number}", "statement": statement, "account": "icbc", "amount_fen": fen}
    return book.event("bank.line_recorded", **values, balance_fen=balance)
