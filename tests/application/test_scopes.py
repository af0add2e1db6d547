"""A township's clerk acts on what lies in the township, as maker and as checker, and on nothing else."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.application.outcomes import Outcome, Receipt, VoucherRefusedError
from ledger.decisions.scopes import townships_of
from ledger.flows.event import Event
from ledger.signing.keys import SigningKey
from tests.application.office import ENTITY, Office
from tests.flows.public_money import samples_relief as relief

OWN, OTHER = "石岭镇", "大塘乡"
PEOPLE = (
    ("clerk", "accountant", OWN),
    ("head", "checker", OWN),
    ("both", "accountant", None),
    ("both", "accountant", OWN),
)


def _staff(office: Office) -> None:
    facts: list[tuple[str, dict[str, Any]]] = []
    for officer in dict.fromkeys(name for name, _, _ in PEOPLE):
        office.keys[officer] = SigningKey.generate()
        named = {"officer": officer, "name": officer, "entity": ENTITY, "post": "other", "title": "乡镇"}
        facts.append(("officer.named", {**named, "valid_from": "2025-01-01"}))
        facts.append(("key.enrolled", {**office.enrolment(officer), "valid_from": "2025-01-01"}))
    for officer, role, scope in PEOPLE:
        facts.append(("role.granted", {"officer": officer, "role": role, "entity": ENTITY, "scope": scope}))
    office.post("guan-1", facts, ("guan-2", "administrator"), entity="book")


def _post(office: Office, maker: str, *events: Event, checker: str | None = None) -> Outcome:
    submission = office.draft(maker, list(events), note="测试")
    return office.writer.submit(submission if checker is None else office.approved(submission, (checker, "checker")))


def _refusals(office: Office, maker: str, *events: Event, checker: str | None = None) -> list[tuple[str, int, str]]:
    with pytest.raises(VoucherRefusedError) as caught:
        _post(office, maker, *events, checker=checker)
    found = [f for f in caught.value.findings if f.code == "E_SCOPE"]
    return [(dict(f.params)["officer"], f.event, dict(f.params)["township"]) for f in found]


def _names(name: str) -> dict[str, Any]:
    person, spouse = f"P-{name}", f"Q-{name}"
    members = relief.members(person, spouse)
    return {"enrolment": f"E-{name}", "household": f"H-{name}", "person": person, "members": members}


def _household(name: str, township: str) -> Event:
    return relief.confirmed(**_names(name), township=township)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder: Path = tmp_path_factory.mktemp("scopes")
    made = Office(f"sqlite:///{folder / 'book.db'}").open()
    _staff(made)
    assert isinstance(_post(made, "maker", *relief.setup()), Receipt)
    yield made
    made.store.close()


def test_a_clerk_enrols_households_of_the_own_township_only(office: Office) -> None:
    assert isinstance(_post(office, "clerk", _household("1", OWN)), Receipt)
    assert _refusals(office, "clerk", _household("2", OWN), _household("3", OTHER)) == [("clerk", 1, OTHER)]
    assert isinstance(_post(office, "both", _household("4", OTHER)), Receipt), "a role that nothing narrows is enough"


def test_what_follows_an_enrolment_lies_where_it_lies(office: Office) -> None:
    assert isinstance(_post(office, "maker", _household("5", OWN), _household("6", OTHER)), Receipt)

    def ended(name: str) -> Event:
        return relief.ended(enrolment=f"E-{name}", household=f"H-{name}", persons=(f"P-{name}", f"Q-{name}"))

    assert isinstance(_post(office, "clerk", ended("5")), Receipt)
    assert _refusals(office, "clerk", ended("6")) == [("clerk", 0, "?")], "where it lies is not this clerk's to learn"


def test_a_household_is_not_taken_from_another_township(office: Office) -> None:
    """A change that states the clerk's own township moves the household, and that is not the clerk's to do."""
    assert isinstance(_post(office, "maker", _household("7", OTHER)), Receipt)
    own = {"enrolment": "E-7", "household": "H-7", "person": "P-7", "members": relief.members("P-7", "Q-7")}
    assert [(who, at) for who, at, _ in _refusals(office, "clerk", relief.changed(**own, township=OWN))] == [
        ("clerk", 0)
    ]


def test_what_names_no_township_is_the_county_s(office: Office) -> None:
    assert _refusals(office, "clerk", relief.standard_set(category="农村D类")) == [("clerk", 0, "?")]
    assert _refusals(office, "clerk", relief.prepared(batch="B9", township=None, on=date(2025, 9, 2)))[0][2] == "?"


def test_batches_and_payments_are_the_county_s_wherever_the_household_lies(office: Office) -> None:
    assert isinstance(_post(office, "maker", _household("11", OWN)), Receipt)
    line = relief.authorised(payment="Y11", enrolment="E-11", batch="B11")
    assert ("clerk", 1, "?") in _refusals(office, "clerk", _household("12", OWN), relief.prepared(batch="B11"))
    assert [(who, at) for who, at, _ in _refusals(office, "clerk", line)] == [("clerk", 0)]


def _clue(name: str, **over: Any) -> tuple[str, dict[str, Any]]:
    said = {"found_by": "self_check", "exposure_fen": 100, "summary": "核对", "evidence": [], "raised_on": "2025-09-10"}
    return "clue.raised", {"clue": name, **said, **over}


def test_a_clue_lies_where_its_household_lies_whatever_it_says(office: Office) -> None:
    assert isinstance(_post(office, "maker", _household("13", OTHER), _household("14", OWN)), Receipt)
    assert isinstance(office.post("clerk", [_clue("C1", enrolment="E-14")], note="测试"), Receipt)
    for over in ({"household": "H-13"}, {"person": "P-13"}, {"enrolment": "E-13"}):
        with pytest.raises(VoucherRefusedError) as caught:
            office.post("clerk", [_clue("C2", township=OWN, **over)], note="测试")
        assert "E_SCOPE" in {finding.code for finding in caught.value.findings}


def test_people_are_registered_by_whoever_enrols_them(office: Office) -> None:
    """Their commitments come before their enrolment, so that nobody is kept without one."""
    fields = [{"name": "name", "commitment": "blake2b:" + "0" * 64}]
    person = {"identity": "p-15", "subject": "person", "fields": fields}
    assert isinstance(office.post("clerk", [("identity.registered", person)]), Receipt)


def test_a_checker_of_a_township_checks_only_there(office: Office) -> None:
    assert isinstance(_post(office, "maker", _household("8", OWN), checker="head"), Receipt)
    assert _refusals(office, "maker", _household("9", OTHER), checker="head") == [("head", 0, OTHER)]


def test_withdrawing_lies_nowhere(office: Office) -> None:
    end = {"voucher": "01990000-0000-7000-8000-00000000000a", "statement": "sha256:" + "0" * 64, "maker": "clerk"}
    with pytest.raises(VoucherRefusedError) as caught:
        office.post("clerk", [("voucher.withdrawn", {**end, "reason": "重做", "amount_fen": 0})])
    assert "E_SCOPE" not in {finding.code for finding in caught.value.findings}


def test_who_has_no_say_is_told_nothing_else(office: Office) -> None:
    """What the rules find of a payment that is not the clerk's would tell what another township's household is due."""
    assert isinstance(_post(office, "maker", _household("21", OTHER), relief.prepared(batch="B21")), Receipt)
    line = relief.authorised(payment="Y21", enrolment="E-21", batch="B-none", amount_fen=1)
    barred = {"clerk": {"E_SCOPE"}, "head": {"E_ROLE", "E_SCOPE"}}
    for maker in ("clerk", "head", "maker"):
        with pytest.raises(VoucherRefusedError) as caught:
            _post(office, maker, line, relief.prepared(batch="B22", on=date(2025, 8, 2)))
        told = {finding.code for finding in caught.value.findings}
        assert told == barred[maker] if maker in barred else len(told - {"E_ROLE", "E_SCOPE"}) > 1, (maker, told)


def test_a_rejection_by_nobody_of_the_book_counts_no_more_beside_a_wrong_place(office: Office) -> None:
    """Findings against a signature are told whatever else is: what the signature is worth rests on them."""
    with pytest.raises(VoucherRefusedError) as caught:
        _post(office, "clerk", _household("23", OTHER), checker="clerk")
    assert {"E_SCOPE", "E_SAME_PERSON"} <= {finding.code for finding in caught.value.findings}


def test_townships_narrow_whoever_has_no_other_role_there(office: Office) -> None:
    authority = office.writer.authority
    assert townships_of(authority, "clerk", ENTITY) == frozenset({OWN})
    assert townships_of(authority, "clerk", "another") is None
    assert townships_of(authority, "both", ENTITY) is None, "a role that nothing narrows is enough"
    assert townships_of(authority, "maker", ENTITY) is None
    assert townships_of(authority, "nobody", ENTITY) is None
