"""Whom a roster's row speaks of: nobody is paid twice, nobody takes another's place, and no order of rows matters."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.application.importing.parse import parse_file
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import RowRefusedError
from ledger.application.proposing.relief import roster_rows
from ledger.application.proposing.relief.enrolled import Enrolled, Fields, Matched, Named, same_person
from ledger.application.proposing.relief.roster_rows import Entry, entry_of
from ledger.application.proposing.relief.terms.household import Decided
from tests.application.importing.offices import Grid, delimited
from tests.application.proposing.county import County, codes
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.october import HEAD, OCTOBER, household, id_number, import_october, number_like
from tests.application.proposing.relief.test_aid_lists import TEMPORARY_AID, helped, listed
from tests.application.proposing.relief.test_exits import exits, leaving
from tests.application.proposing.relief.test_rosters_masked import (
    BLIND,
    PERSONS,
    masked,
    person,
    persons_in_october,
    rest,
    told,
)

NUMBER = id_number(3)
SIGNS = masked(NUMBER)
ONCE_MORE: list[tuple[str, dict[str, str]]] = [
    ("whole, no number of its own", {"家庭编号": "", "低保证号": ""}),
    ("masked", {**BLIND, "户主身份证号": SIGNS}),
    ("masked but for its tail", {**BLIND, "户主身份证号": masked(NUMBER, 0)}),
    ("masked whole", {**BLIND, "户主身份证号": "*" * 18}),
    ("by its certificate", {"家庭编号": ""}),
    ("masked under another number", {**BLIND, "家庭编号": "431099S09999", "户主身份证号": SIGNS}),
]


def numbered_anew(row: list[str], seq: str = "99", **cells: str) -> list[str]:
    return [{**dict(zip(HEAD, row, strict=True)), "序号": seq, **cells}[title] for title in HEAD]


def batches(county: County) -> list[tuple[int, int]]:
    county.sign_off()
    return [(one.count, one.total_fen) for one in county.of_kind("batch.prepared")]


@pytest.mark.parametrize(("cells"), [one[1] for one in ONCE_MORE], ids=[one[0] for one in ONCE_MORE])
@pytest.mark.parametrize("differs", [False, True], ids=["the same again", "with another account"])
@pytest.mark.parametrize("first", [False, True], ids=["below", "above"])
def test_a_row_that_is_listed_twice_is_paid_once(
    enrolled: County, cells: dict[str, str], *, differs: bool, first: bool
) -> None:
    row = household(3, **cells)
    more = {"银行账号": "82010530000000003 "} if not differs else {"备注": "又一行"}
    twice = [row, numbered_anew(row, **more)]
    grid: Grid = [HEAD, *twice, *rest(3)] if first else [HEAD, *rest(3), *twice]
    report = import_october(enrolled, grid)
    refused = [code for _, code in codes(report)]
    assert refused in ([["E_ROSTER_TWICE"], ["E_KEY_CONFLICT"]] if differs else [[]])
    assert len(enrolled.of_kind("enrolment.confirmed")) == 12
    assert batches(enrolled)[-1] == (12, 808_000)
    assert [note.code for note in report.notes if note.code in {"W_ROSTER_NEW", "W_ID_MASKED_NEW"}] == []


@pytest.mark.parametrize(
    ("again", "refused"),
    [
        ({"家庭编号": "", "低保证号": ""}, ["E_ROSTER_TWICE"]),
        ({"家庭编号": "431099S09913"}, ["E_ROSTER_CERTIFICATE"]),
        ({"家庭编号": "431099S09913", "低保证号": "NC2020-9913"}, []),
    ],
    ids=["by the person", "by the certificate", "a household of its own"],
)
@pytest.mark.parametrize("turned", [False, True])
def test_who_is_new_twice_is_paid_once(
    enrolled: County, again: dict[str, str], refused: list[str], *, turned: bool
) -> None:
    """A person in two households, each with a number and a certificate, is what W_ENROLLED_TWICE is for."""
    rows = [household(13), household(13, **again)]
    report = import_october(enrolled, [HEAD, *rest(), *(reversed(rows) if turned else rows)])
    assert [code for _, code in codes(report)] == refused
    enrolled.sign_off()
    assert len(enrolled.of_kind("enrolment.confirmed")) == 14 - len(refused)
    assert ("W_ENROLLED_TWICE" in enrolled.findings()) is not bool(refused)


def test_a_person_whose_household_is_listed_may_be_in_another(enrolled: County) -> None:
    """Both have numbers of their own: it is recorded, and told as what it is."""
    other = household(3, 家庭编号="431099S09913", 低保证号="NC2020-9913")
    report = import_october(enrolled, [HEAD, *rest(), other])
    assert (report.new, report.wrong) == (13, [])
    enrolled.sign_off()
    assert "W_ENROLLED_TWICE" in enrolled.findings()


@pytest.mark.parametrize("turned", [False, True])
def test_a_masked_namesake_takes_nobodys_place(enrolled: County, *, turned: bool) -> None:
    """Household 3 got another number; its ID is whole, and somebody else's row shows the same signs of an ID."""
    whole = household(3, 家庭编号="431099S03333", 低保证号="")
    other = household(3, **BLIND, 户主身份证号=SIGNS, 银行账号="82010530007777777")
    rows = [other, whole] if turned else [whole, other]
    report = import_october(enrolled, [HEAD, *rest(3), *rows])
    (wrong,) = report.wrong
    assert (wrong.code, wrong.value, wrong.place.row) == ("E_ROSTER_TWICE", SIGNS, 13 if turned else 14)
    assert "补全证件号码" in wrong.message()
    assert batches(enrolled)[-1] == (12, 808_000)
    assert enrolled.of_kind("enrolment.changed") == []


def test_whole_numbers_tell_namesakes_apart(enrolled: County) -> None:
    """What the refusal asks for helps."""
    report = import_october(enrolled, [HEAD, *rest(3), household(3), household(13, **BLIND, 户主姓名="示例户3")])
    assert (report.new, report.wrong) == (13, [])


# ---- masks


def test_two_people_may_show_the_same_signs(funded: County) -> None:
    shown = masked(id_number(201))
    rows = [person(201, "示例甲老", 身份证号=shown), person(202, "示例乙老", 身份证号=shown, 村="下坪村")]
    first = funded.one(funded.write("特困9月.csv", [PERSONS, *rows]))
    assert (first.new, first.wrong, told(first)) == (2, [], [(2, "2、3")])
    funded.sign_off()
    assert len({one.person for one in funded.of_kind("enrolment.confirmed")}) == 2
    again = persons_in_october(funded, *reversed(rows))
    assert (again.new, again.wrong, told(again)) == (2, [], [])
    assert len(funded.of_kind("enrolment.confirmed")) == 2
    assert funded.of_kind("enrolment.changed") == []


def test_a_stranger_who_shows_the_same_signs_takes_over_nothing(funded: County) -> None:
    shown = masked(id_number(201))
    september = [PERSONS, person(201, "示例甲老", 身份证号=shown), person(203, "示例丙老")]
    assert funded.one(funded.write("特困9月.csv", september)).wrong == []
    funded.sign_off()
    report = persons_in_october(funded, person(202, "示例乙老", 身份证号=shown, 村="下坪村"), person(203, "示例丙老"))
    assert (report.new, report.wrong, told(report)) == (2, [], [(1, "2")])
    assert [note.code for note in report.notes].count("W_ROSTER_ABSENT") == 1
    funded.sign_off()
    assert funded.of_kind("enrolment.changed") == []


def test_households_without_a_number_may_show_the_same_signs(funded: County) -> None:
    shown = masked(id_number(1))
    rows = [household(number, **BLIND, 户主身份证号=shown) for number in (1, 2)]
    report = funded.one(funded.write("9月.csv", [HEAD, *rows]))
    assert (report.new, report.wrong) == (2, [])
    assert len({one.household for one in funded.of_kind("enrolment.confirmed")}) == 2


@pytest.fixture
def of_old(funded: County, monkeypatch: pytest.MonkeyPatch) -> County:
    """A book in which a person is enrolled under the signs of an ID alone, as rosters were read before."""
    with monkeypatch.context() as before:
        before.setattr(roster_rows, "of_mask", lambda _values, shown, _name: shown or None)
        rows = [person(201, "示例甲老", 身份证号=masked(id_number(201))), person(203, "示例丙老")]
        assert funded.one(funded.write("特困9月.csv", [PERSONS, *rows])).wrong == []
    funded.sign_off()
    return funded


def test_who_was_enrolled_under_the_signs_alone_is_found_again(of_old: County) -> None:
    shown = masked(id_number(201))
    rows = [person(202, "示例乙老", 身份证号=shown), person(201, "示例甲老", 身份证号=shown), person(203, "示例丙老")]
    report = persons_in_october(of_old, *rows)
    assert (report.new, report.wrong, told(report)) == (3, [], [(1, "2")])
    of_old.sign_off()
    assert len(of_old.of_kind("enrolment.confirmed")) == 3
    assert of_old.of_kind("enrolment.changed") == []


@pytest.mark.parametrize(("name", "reason"), [("示例甲老", "readmitted"), ("示例乙老", "pending")])
def test_who_left_under_the_signs_alone_comes_back(of_old: County, name: str, reason: str) -> None:
    shown = masked(id_number(201))
    cells = {"保障类别": "特困", "家庭编号": "", "户主姓名": "示例甲老", "身份证号": shown}
    left = exits(of_old, leaving(1, **cells))
    assert (left.new, left.wrong) == (1, [])
    of_old.sign_off()
    report = persons_in_october(of_old, person(201, name, 身份证号=shown), person(203, "示例丙老"))
    assert (report.new, report.wrong) == (2, [])
    of_old.sign_off()
    *_, back = of_old.of_kind("enrolment.confirmed")
    (ended,) = of_old.of_kind("enrolment.ended")
    assert (back.reason, back.enrolment == ended.enrolment) == (reason, name == "示例甲老")


def test_an_exit_under_the_signs_alone_ends_who_is_named(of_old: County) -> None:
    shown = masked(id_number(201))
    rows = [person(202, "示例乙老", 身份证号=shown), person(201, "示例甲老", 身份证号=shown), person(203, "示例丙老")]
    persons_in_october(of_old, *rows)
    of_old.sign_off()
    cells = {"保障类别": "特困", "家庭编号": "", "户主姓名": "示例乙老", "身份证号": shown, "停发月份": "2025-11"}
    report = exits(of_old, leaving(1, **cells))
    assert (report.new, report.wrong) == (1, [])
    (ended,) = of_old.of_kind("enrolment.ended")
    confirmed = of_old.of_kind("enrolment.confirmed")[-1]
    assert ended.enrolment == confirmed.enrolment


@pytest.fixture
def aiding(funded: County) -> County:
    """A county whose relief fund pays temporary aid."""
    funded.decide(BUREAU, ("programme.opened", TEMPORARY_AID))
    return funded


def test_aid_of_two_people_who_show_the_same_signs(aiding: County) -> None:
    rows = [helped(number, 身份证号=masked(id_number(1)), 审批编号="") for number in (1, 2)]
    assert [(one.new, one.duplicate, one.wrong) for one in (listed(aiding, *rows), listed(aiding, *rows))] == [
        (2, 0, []),
        (0, 2, []),
    ]
    aiding.sign_off()
    assert len({event.person for event in aiding.of_kind("enrolment.confirmed")}) == 2


def test_aid_that_an_older_release_read_is_known_again(aiding: County, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (helped(number, 身份证号=masked(id_number(1)), 审批编号="") for number in (1, 2))
    with monkeypatch.context() as before:
        before.setattr("ledger.application.proposing.relief.aid_lists.of_mask", lambda _values, mask, _name: mask)
        assert listed(aiding, one).wrong == []
    aiding.sign_off()
    again = listed(aiding, one)
    assert (again.new, again.duplicate, again.wrong) == (0, 1, [])
    others = listed(aiding, other, batch_no="02")
    assert (others.new, others.wrong) == (1, [])
    aiding.sign_off()
    confirmed = aiding.of_kind("enrolment.confirmed")
    assert len({event.person for event in confirmed}) == len({event.enrolment for event in confirmed}) == 2


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ({}, False),
        ({"银行账号": ""}, True),
        ({"银行账号": "", "乡镇": "石岭镇", "村(社区)": "上坪村"}, False),
        ({"银行账号": "82010530000000003"}, True),
        ({"户主身份证号": masked(NUMBER), "银行账号": "82010530009999999"}, True),
    ],
    ids=["another account", "the village", "another village", "the account", "the signs of the ID"],
)
def test_a_number_that_shows_nothing_is_no_proof(enrolled: County, cells: dict[str, str], *, found: bool) -> None:
    """A new household number, an ID that is hidden whole, and the name of a household that is not listed."""
    row = {"家庭编号": "431099S09999", "低保证号": "NC2020-9999", "户主身份证号": "*" * 18, "领款人身份证号": ""}
    row |= {"银行账号": "82010530009999999"}
    report = import_october(enrolled, [HEAD, *rest(3), household(3, **{**row, **cells})])
    assert (report.new, report.wrong) == (12, [])
    assert told(report) == ([] if found else [(1, "13")])
    assert [note.code for note in report.notes].count("W_ROSTER_ABSENT") == (not found)


def test_a_namesake_in_the_village_with_a_number_of_its_own_is_new(enrolled: County) -> None:
    """Both hide their IDs and have no account; household 3 is listed under its number."""
    hidden = {"户主身份证号": "*" * 18, "领款人身份证号": "", "银行账号": ""}
    other = household(3, **hidden, 家庭编号="431099S09999", 低保证号="NC2020-9999")
    report = import_october(enrolled, [HEAD, *rest(3), household(3, **hidden), other])
    assert (report.new, report.wrong, told(report)) == (13, [], [(1, "14")])


# ---- any order

NAMED = {"户主姓名": "示例同名", "领款人姓名": "示例同名"}
ROWS: dict[str, list[str]] = {
    "own number": household(1),
    "own number again": household(1, 家庭编号="", 备注="又"),
    "whole": household(3, 家庭编号="431099S03333", 低保证号=""),
    "its namesake": household(3, **BLIND, 户主身份证号=SIGNS, 银行账号="82010530007777777"),
    "masked": household(3, **BLIND, 户主身份证号=SIGNS),
    "hidden": household(3, **BLIND, 户主身份证号="*" * 18),
    "by certificate": household(4, 家庭编号="431099S04444"),
    "by account": household(5, **BLIND, **NAMED, 户主身份证号=masked(id_number(5))),
    "by nothing": household(6, **BLIND, **NAMED, 户主身份证号=masked(id_number(5)), 银行账号="", 乡镇="无此乡"),
    "by nothing, again": household(6, **BLIND, **NAMED, 户主身份证号=masked(id_number(5)), 银行账号="", 乡镇="无"),
    "whole by account": household(5, **BLIND, **NAMED, 户主身份证号=id_number(5)),
    "whole of another": household(7, **BLIND, **NAMED, 户主身份证号=number_like(id_number(5))),
    "numbered, of another": household(7, **NAMED, 户主身份证号=number_like(id_number(5))),
    "new": household(21),
    "new of its certificate": household(26, 低保证号="NC2020-0021"),
    "new again": household(21, 家庭编号="", 低保证号="", 备注="又"),
    "new by certificate": household(22, 家庭编号="", 低保证号="NC2020-0021"),
    "another's new number": household(21, 家庭编号="431099S00023", 低保证号="NC2020-0023"),
    "new and masked": household(24, **BLIND, 户主身份证号=masked(id_number(24))),
    "new and hidden": household(25, **BLIND, 户主身份证号="*" * 18),
}


@pytest.fixture(scope="module")
def namesakes(new_county: Any) -> County:
    """A county in which two households are called alike and show the same signs of their IDs; for looking only."""
    county: County = new_county()
    signs = masked(id_number(5))
    twins = [household(5, **NAMED, 户主身份证号=signs), household(6, **NAMED, 户主身份证号=signs)]
    report = county.one(county.write("9月.csv", [HEAD, *(household(n) for n in (1, 3)), *twins]))
    assert report.wrong == []
    return county


def matched(county: County, grid: list[list[str]]) -> tuple[Matched, list[Entry]]:
    context = Context(county.store, county.vault, county.options("acct-bureau", month=OCTOBER))
    decided = Decided("农村低保", (), {})
    entries = []
    for row in grid:  # each in a file of its own: what a sheet says of its own rows is told before
        parsed = parse_file(delimited([HEAD, row]).encode(), name="行.csv", month=OCTOBER)
        entries.append(entry_of(parsed, parsed.rows[0], OCTOBER, decided))
    return Enrolled.read(context, "rural-dibao").match(entries), entries


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(sorted(ROWS)), unique=True, min_size=2).flatmap(st.permutations))
def test_any_order_of_rows_is_told_equally(namesakes: County, order: list[str]) -> None:
    """Of two rows that say equally surely the same enrolment, the upper one is taken: that alone is order."""

    def of(labels: list[str]) -> dict[str, Any]:
        found, entries = matched(namesakes, [ROWS[label] for label in labels])
        names = {label: found.names[id(entry)] for label, entry in zip(labels, entries, strict=True)}
        return {
            label: (name.column, name.code, name.params) if isinstance(name, RowRefusedError) else name
            for label, name in names.items()
        }

    assert of(order) == of(sorted(order))


@pytest.mark.parametrize(
    ("surer", "less"),
    [
        ("own number", "own number again"),
        ("whole", "its namesake"),
        ("whole", "masked"),
        ("masked", "its namesake"),
        ("new", "new again"),
    ],
)
def test_the_surer_row_is_taken(namesakes: County, surer: str, less: str) -> None:
    for labels in ([surer, less], [less, surer]):
        found, entries = matched(namesakes, [ROWS[label] for label in labels])
        (owner,) = found.owners.values()
        assert labels[entries.index(owner)] == surer


def test_the_work_grows_with_the_list(enrolled: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole list without numbers: each row is held against those of its name, not against the county."""
    calls: list[str] = []

    def counted(entry: Named, fields: Fields) -> bool:
        calls.append(entry.name)
        return same_person(entry, fields)

    monkeypatch.setattr("ledger.application.proposing.relief.enrolled.same_person", counted)
    rows = [household(number, **BLIND, 户主身份证号=masked(id_number(number))) for number in range(1, 13)]
    report = import_october(enrolled, [HEAD, *rows])
    assert (report.new, report.wrong) == (12, [])
    assert sorted(calls) == sorted(f"示例户{number}" for number in range(1, 13))
