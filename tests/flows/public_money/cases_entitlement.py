"""The rules of programmes, enrolments and deaths, each firing and not firing."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from ledger.accounts.roles import Role
from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.books.opening_lists import OpeningLine
from ledger.flows.event import Event
from ledger.flows.public_money.entitlement.enrolments import EnrolmentConfirmed, EnrolmentReasonFilled, Payee
from ledger.flows.public_money.entitlement.monthly import Supplement
from tests.flows.event_samples import make, uuid7
from tests.flows.public_money import samples_relief as s
from tests.flows.public_money.relief_case import Case, both, case

SETUP: Final = s.setup()
ENROLLED: Final = (*SETUP, s.confirmed())
_AIDING: Final = (s.fund_opened(), s.programme_opened(scheme="temporary_aid"), s.standard_set())
FUNERAL: Final = (s.fund_opened(), s.programme_opened(scheme="funeral"), s.standard_set())
LATER: Final = date(2025, 10, 1)
"""After the day on which the fake book lives."""


def _begun(role: Role = Role.QUOTA, fund: str = s.FUND) -> Event:
    """The bureau's books as they were taken over, with 7,000 yuan of the document's quota."""
    line = make(OpeningLine, fund=fund, role=role, party=s.DOCUMENT, balance_fen=700_000)
    other = make(OpeningLine, fund=fund, role=Role.RELIEF_COST, balance_fen=-700_000)
    return make(OpeningRecorded, entity="bureau", lines=(line, other))


def _two(maker: Callable[..., Event], **over: Any) -> tuple[Event, Event]:
    return maker(**over), maker(**over, origin="history")


def _pending() -> tuple[tuple[Event, ...], EnrolmentReasonFilled]:
    end = s.ended(reason="pending")
    return (*ENROLLED, end), make(EnrolmentReasonFilled, enrolment="E1", about=end.id, reason="death")


_PENDING: Final = _pending()
ONE: Final = s.amount(persons=1, base_fen=32_000, total_fen=37_000)
_SPLIT: Final = {"enrolment": "E2", "household": "H2", "person": "P3", "members": s.members("P3", "P2")}
_DESTITUTE_MEMBER: Final = {"enrolment": "E2", "household": "H2", "members": s.members("P1", "P9")}

DIFFERENCE: Final = (*SETUP, s.exclusion_set(effect="difference", effective_from="2025-02"))
"""A household draws 320 a head of 500, a destitute person up to 950: beside each other, 630 is the difference."""


def _part(fen: int, standard_fen: int = 95_000, rounding: str = "none", **over: Any) -> EnrolmentConfirmed:
    own = {"mode": "taper", "standard_fen": standard_fen, "rounding": rounding, "persons": 1, "supplements": ()}
    return s.destitute(monthly=s.amount(**own, base_fen=fen, total_fen=fen), **over)


def _rounded() -> Event:
    """466.67 a head of 700, as 467 for each of three; last year's standard, so that only history may hold it."""
    own = {"standard_fen": 70_000, "income_per_head_fen": 23_333, "persons": 3, "rounding": "head_yuan_up"}
    monthly = s.amount(**own, base_fen=140_100, supplements=(), total_fen=140_100)
    members = s.members("P1", "P2", "P9")
    return s.confirmed(**{**_DESTITUTE_MEMBER, "members": members}, monthly=monthly, origin="history")


def _third(from_month: str = "2025-02") -> EnrolmentConfirmed:
    return _part(32_000, enrolment="E8", programme="elders", from_month=from_month)


_THREE: Final = (
    *DIFFERENCE,
    s.programme_opened(programme="elders", unit="person"),
    s.exclusion_set(other="elders", effect="difference", effective_from="2025-02"),
    s.exclusion_set(programme=s.DESTITUTE, other="elders", effect="difference", effective_from="2025-02"),
    _part(40_000),
    _third(),
)
"""320 + 400 and 320 + 320 stay within 950, and so do 400 + 320; the three together do not."""


PROGRAMMES: Final[tuple[Case, ...]] = (
    case("a programme", (s.fund_opened(),), s.programme_opened()),
    case("a programme without its fund", (), s.programme_opened(), "E_FUND_UNKNOWN"),
    case("a programme twice", SETUP, s.programme_opened(), "E_PROGRAMME_TWICE"),
    case("a later standard", SETUP, s.standard_set(effective_from="2025-04", tiers_fen=(50_000,))),
    case("the same standard again", SETUP, s.standard_set(), "E_STANDARD_OVERLAP"),
    case("a standard of nothing", (), s.standard_set(), "E_PROGRAMME_UNKNOWN"),
    case("a tier above", SETUP, s.standard_set(effective_from="2025-04", tiers_fen=(50_001,)), "E_STANDARD_TIERS"),
    *both("another category", SETUP, _two(s.standard_set, category="农村D类"), "CATEGORY_UNKNOWN"),
    case("an exclusion changed", SETUP, s.exclusion_set(effect="difference", effective_from="2025-04")),
    case("an exclusion again", SETUP, s.exclusion_set(effect="allowed"), "E_EXCLUSION_OVERLAP"),
    case("an exclusion reversed in order", SETUP, s.exclusion_set(programme=s.DESTITUTE, other=s.DIBAO),
         "E_EXCLUSION_OVERLAP"),
    case("an exclusion of itself", SETUP, s.exclusion_set(other=s.DIBAO), "E_EXCLUSION_SELF"),
    case("an exclusion of nothing", SETUP, s.exclusion_set(other="orphans"), "E_PROGRAMME_UNKNOWN"),
    case("the province's counts", SETUP, s.counted()),
    case("the province's counts again", (*SETUP, s.counted()), s.counted(), "E_PROVINCE_TWICE"),
    case("a later export", (*SETUP, s.counted()), s.counted(counted_on=date(2025, 9, 6), households=1)),
    case("another township", (*SETUP, s.counted()), s.counted(township="大冲乡")),
    case("counts of nothing", (), s.counted(), "E_PROGRAMME_UNKNOWN"),
    case("more households than persons", SETUP, s.counted(households=4), "E_PROVINCE_PERSONS"),
    case("persons of no household", SETUP, s.counted(households=0), "E_PROVINCE_PERSONS"),
    case("nobody", SETUP, s.counted(households=0, persons=0, amount_fen=0)),
    case("an export of tomorrow", SETUP, s.counted(counted_on=LATER), "E_FACT_IN_FUTURE"),
    case("a quota", SETUP[:-1], s.appropriation()),
    case("a quota again", SETUP, s.appropriation(), "E_APPROPRIATION_TWICE"),
    case("the document's other budget item", SETUP, s.appropriation(budget_code="2081901")),
    case("a quota that was taken over", (*SETUP[:-1], _begun()), s.appropriation(), "W_QUOTA_TAKEN_OVER"),
    case("what was taken over of another document", (*SETUP[:-1], _begun()), s.appropriation(document="×2")),
    case("what was taken over of another fund", (*SETUP[:-1], _begun(fund="lottery")), s.appropriation()),
    case("what was taken over and is no quota", (*SETUP[:-1], _begun(Role.FISCAL_INCOME)), s.appropriation()),
    case("a quota of no programme", SETUP, s.appropriation(document="×2", programme="orphans"), "E_PROGRAMME_UNKNOWN"),
    case("a quota of tomorrow", SETUP, s.appropriation(document="×2", occurred_on=LATER), "E_FACT_IN_FUTURE"),
    case("a quota in a charity fund", (s.fund_opened(fund_kind="restricted"),), s.appropriation(), "W_FUND_NOT_PUBLIC"),
    case("a quota without a fund", (), s.appropriation(), "E_FUND_UNKNOWN"),
)  # fmt: skip

ENROLMENTS: Final[tuple[Case, ...]] = (
    case("a household", SETUP, s.confirmed()),
    case("a household without a members' sheet", SETUP, s.confirmed(members=())),
    case("a person", SETUP, s.destitute()),
    case("no programme", (), s.confirmed(), "E_PROGRAMME_UNKNOWN", "E_STANDARD_DIFFERS"),
    case("twice", ENROLLED, s.confirmed(), "E_ENROLMENT_TWICE"),
    case("again after its end", (*ENROLLED, s.ended()), s.confirmed(from_month="2025-11")),
    *both("a person in a household's programme", SETUP, _two(s.confirmed, unit="person"), "ENROLMENT_UNIT"),
    *both("a household without a number", SETUP, _two(s.confirmed, household=None), "ENROLMENT_UNIT"),
    case("a broken sum, of the past", SETUP, s.confirmed(monthly=s.amount(total_fen=70_000), origin="history"),
         "E_MONTHLY_SUM"),
    case("a supplement for more than all", SETUP, s.confirmed(monthly=s.amount(
        supplements=(Supplement(supplement_class="ill", persons=3, fen=5_000),))), "E_MONTHLY_SUM"),
    *both("an amount off the formula", SETUP,
          _two(s.confirmed, monthly=s.amount(base_fen=64_100, total_fen=69_100)), "MONTHLY_FORMULA"),
    *both("an amount above all", SETUP,
          _two(s.confirmed, monthly=s.amount(mode="taper", base_fen=100_001, total_fen=105_001)), "ABOVE_STANDARD"),
    *both("last year's standard", SETUP,
          _two(s.confirmed, monthly=s.amount(standard_fen=48_000, base_fen=60_000, total_fen=65_000)),
          "STANDARD_DIFFERS"),
    case("a tier", (*SETUP, s.standard_set(effective_from="2025-02", tiers_fen=(32_000,))),
         s.confirmed(monthly=s.amount(mode="tier", tier_fen=32_000))),
    *both("a tier nobody set", SETUP, _two(s.confirmed, monthly=s.amount(mode="tier", tier_fen=32_000)),
          "TIER_UNKNOWN"),
    *both("two members for three", SETUP,
          _two(s.confirmed, monthly=s.amount(persons=3, base_fen=96_000, total_fen=101_000)), "MEMBERS_COUNT"),
    *both("a dead member", (*SETUP, s.death(person="P2", died_month="2025-01")), _two(s.confirmed), "PAYEE_DEAD"),
    case("a dead householder among the members", (*SETUP, s.death(died_month="2025-01")), s.confirmed(),
         "E_PAYEE_DEAD", "W_PAYEE_TO_CHANGE"),
    case("an unlisted household whose householder died", (*SETUP, s.death(person="P1", died_month="2025-01")),
         s.confirmed(members=()), "W_PAYEE_TO_CHANGE"),
    case("an unlisted household that another receives for", (*SETUP, s.death(person="P1", died_month="2025-01")),
         s.confirmed(members=(), payee=make(Payee, payee="A1", payee_kind="agent"))),
    case("funeral aid for the dead", (*FUNERAL, s.death(died_month="2025-01"), s.death(person="P2",
         died_month="2025-01")), s.confirmed()),
    case("a member who died later", (*SETUP, s.death(died_month="2025-02")), s.confirmed()),
    *both("a split household", ENROLLED, _two(s.confirmed, **_SPLIT), "ENROLLED_TWICE"),
    case("a split after the end", (*ENROLLED, s.ended()), s.confirmed(**_SPLIT, from_month="2025-09")),
    *both("destitute and in a household", (*SETUP, s.destitute()), _two(s.confirmed, **_DESTITUTE_MEMBER),
          "EXCLUSIVE_BENEFIT"),
    case("destitute and in a household, allowed since",
         (*SETUP, s.exclusion_set(effect="allowed", effective_from="2025-02"), s.destitute()),
         s.confirmed(**_DESTITUTE_MEMBER)),
    case("the difference of both, to the fen", (*DIFFERENCE, _part(63_000)), s.confirmed(**_DESTITUTE_MEMBER)),
    *both("a fen more than the difference", (*DIFFERENCE, _part(63_001)), _two(s.confirmed, **_DESTITUTE_MEMBER),
          "DIFFERENCE_EXCEEDED"),
    case("the difference as both programmes round it up", (*DIFFERENCE, _part(23_400, 70_000, "head_yuan_up")),
         _rounded(), "W_STANDARD_DIFFERS"),
    case("a yuan more than rounding adds", (*DIFFERENCE, _part(23_500, 70_000, "head_yuan_up")), _rounded(),
         "W_STANDARD_DIFFERS", "W_DIFFERENCE_EXCEEDED"),
    *both("three that fit by twos and exceed together", _THREE, _two(s.confirmed, **_DESTITUTE_MEMBER),
          "DIFFERENCE_EXCEEDED"),
    case("two of the three may be drawn in full", (
        *(one for one in _THREE if getattr(one, "programme", "") != s.DESTITUTE or one.kind != "exclusion.set"),),
        s.confirmed(**_DESTITUTE_MEMBER)),
    case("the third begins later", (*_THREE[:-1], _third("2025-06")), s.confirmed(**_DESTITUTE_MEMBER),
         "E_DIFFERENCE_EXCEEDED"),
    case("the third ended before", (*_THREE, s.ended(enrolment="E8", programme="elders", persons=("P9",),
         household=None, from_month="2025-02")), s.confirmed(**_DESTITUTE_MEMBER)),
    case("a supplement is no part of the difference", (*DIFFERENCE, _part(63_000)), s.confirmed(
        **_DESTITUTE_MEMBER, monthly=s.amount(total_fen=74_000, supplements=(
            Supplement(supplement_class="ill", persons=1, fen=10_000),)))),
    case("the difference of a person who left", (*DIFFERENCE, _part(95_000), s.ended(
        enrolment="E9", programme=s.DESTITUTE, persons=("P9",), household=None)), s.confirmed(
            **_DESTITUTE_MEMBER, from_month="2025-09")),
    case("from the month of the decision", SETUP, s.confirmed(decided_on=date(2025, 2, 28)), "W_EFFECTIVE_EARLY"),
    case("aid given once, from the month of its decision", _AIDING, s.confirmed(decided_on=date(2025, 2, 28))),
    case("taken over from before the book", SETUP, s.confirmed(reason="opening", origin="history")),
    case("taken over by a decision", SETUP, s.confirmed(reason="opening"), "E_OPENING_OF_PAST"),
    case("a reason to come", SETUP, s.confirmed(reason="pending"), "W_REASON_PENDING"),
)  # fmt: skip

CHANGES: Final[tuple[Case, ...]] = (
    case("a change", ENROLLED, s.changed()),
    case("one of two dies", (*ENROLLED, s.death(person="P2")), s.changed(
        members=s.members("P1"), removed=("P2",), reasons=("members",),
        monthly=s.amount(persons=1, base_fen=32_000, total_fen=37_000))),
    *both("a change of nothing", SETUP, _two(s.changed), "ENROLMENT_INACTIVE"),
    case("a change that drops a member and does not say so", ENROLLED, s.changed(members=s.members("P1"), monthly=ONE),
         "E_PERSON_NOT_NAMED"),
    case("a change of the past that drops a member and does not say so", ENROLLED,
         s.changed(members=s.members("P1"), monthly=ONE, origin="history"), "E_PERSON_NOT_NAMED"),
    case("a roster that only counts who is left", ENROLLED, s.changed(members=(), monthly=ONE, origin="history")),
    case("a member is named as householder instead", ENROLLED,
         s.changed(members=s.members("P1"), person="P2", monthly=ONE)),
    case("a change that removes a stranger", ENROLLED, s.changed(removed=("P7",)), "E_PERSON_NOT_COVERED"),
    case("a change that names who left before", (*ENROLLED, s.changed(members=s.members("P1"), monthly=ONE)),
         s.changed(members=s.members("P1"), monthly=ONE, removed=("P2",))),
    case("a change of the householder", (*SETUP, s.confirmed(members=())), s.changed(members=(), person="P2",
         removed=("P1",))),
    case("a change of the householder that does not name the one before", (*SETUP, s.confirmed(members=())),
         s.changed(members=(), person="P2"), "E_PERSON_NOT_NAMED"),
    case("a change to another programme", (*ENROLLED, s.programme_opened(programme="urban-dibao"),
         s.standard_set(programme="urban-dibao")), s.changed(programme="urban-dibao"), "E_ENROLMENT_PROGRAMME"),
    case("a change from before it began", ENROLLED, s.changed(from_month="2025-01"), "W_CHANGE_BEFORE_START"),
    case("a change from before it began again", (*ENROLLED, s.ended(), s.confirmed(from_month="2025-11")),
         s.changed(from_month="2025-10"), "W_CHANGE_BEFORE_START"),
    case("a change from its first month", ENROLLED, s.changed(from_month="2025-02")),
    case("a change from before the book took it over", (*SETUP, s.confirmed(reason="opening", origin="history")),
         s.changed(from_month="2025-01")),
    case("an end of another's", ENROLLED, s.ended(persons=("P7",)), "E_PERSON_NOT_NAMED", "E_PERSON_NOT_COVERED"),
    case("an end that names one of two", ENROLLED, s.ended(persons=("P1",)), "E_PERSON_NOT_NAMED"),
    case("an end in another programme", ENROLLED, s.ended(programme=s.DESTITUTE, origin="history"),
         "E_ENROLMENT_PROGRAMME"),
    case("an end that names who left before", (*ENROLLED, s.changed(members=s.members("P1"), monthly=ONE)), s.ended()),
    case("a change without a reason", ENROLLED, s.changed(reasons=()), "W_REASON_PENDING"),
    case("an end", ENROLLED, s.ended()),
    *both("an end twice", (*ENROLLED, s.ended()), _two(s.ended), "ENROLMENT_INACTIVE"),
    case("an end, reason to come", ENROLLED, s.ended(reason="pending"), "W_REASON_PENDING"),
    case("the reason comes", *_PENDING),
    case("a reason nobody waits for", ENROLLED,
         make(EnrolmentReasonFilled, enrolment="E1", about=uuid7(7), reason="death"), "E_REASON_NOT_PENDING"),
    case("the reason is still to come", _PENDING[0], _PENDING[1].model_validate(
        {**_PENDING[1].model_dump(), "reason": "pending"}), "E_REASON_NOT_PENDING"),
)  # fmt: skip

DEATHS: Final[tuple[Case, ...]] = (
    case("a householder whose household goes on", ENROLLED, s.death(person="P1"), "W_PAYEE_TO_CHANGE"),
    case("a householder whose household ended then", (*ENROLLED, s.ended(from_month="2025-08")),
         s.death(person="P1")),
    case("a householder whose household ended later", (*ENROLLED, s.ended(from_month="2025-09")),
         s.death(person="P1"), "W_PAYEE_TO_CHANGE"),
    case("a householder known to be dead", (*ENROLLED, s.death(person="P1")),
         s.death(person="P1", reported_by="funeral")),
    case("a householder who was replaced", (*ENROLLED, s.changed(person="P2", members=s.members("P2"), removed=("P1",),
         monthly=s.amount(persons=1, base_fen=32_000, total_fen=37_000))), s.death(person="P1")),
    case("a member who is no householder", ENROLLED, s.death(person="P2")),
    case("a householder who was paid through a guardian",
         (*SETUP, s.confirmed(payee=make(Payee, payee="A1", payee_kind="guardian"))), s.death(person="P1")),
    case("a death", (), s.death(died_on=date(2025, 7, 19))),
    case("a month only", (), s.death(reported_by="health")),
    case("a day of another month", (), s.death(died_on=date(2025, 8, 1)), "E_DEATH_MONTH"),
    case("a death to come", (), s.death(died_on=LATER, died_month="2025-10"), "E_FACT_IN_FUTURE"),
    case("the same report again", (s.death(),), s.death(), "E_DEATH_TWICE"),
    case("another list, another month", (s.death(),), s.death(reported_by="funeral", died_month="2025-08"),
         "W_DEATH_DATES_DIFFER"),
    case("a death after the payment", (s.paid(),), s.death(), "W_PAYEE_DEAD"),
    case("a death after funeral aid was recorded", (*FUNERAL, s.paid()), s.death()),
    case("a householder for whose funeral the household is paid", (*FUNERAL, s.confirmed()), s.death(person="P1")),
    case("a death in the month that was paid", (s.paid(),), s.death(died_month="2025-09")),
    case("a second list after the payment", (s.paid(), s.death()), s.death(reported_by="funeral")),
)  # fmt: skip

CASES: Final = (*PROGRAMMES, *ENROLMENTS, *CHANGES, *DEATHS)
