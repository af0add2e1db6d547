"""Authority: every rule shown firing and silent, and who holds what after grants and withdrawals."""

from datetime import date
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.flows.authority.access import AccessRooted
from ledger.flows.authority.book import (
    Administrator,
    BookOpened,
    BookOpenedAfter,
    CameFrom,
    Opening,
    OperatorKeyRotated,
    operator_key,
)
from ledger.flows.authority.entities import EntityRegistered, EntityRenamed
from ledger.flows.authority.identities import (
    CommittedField,
    IdentityErased,
    IdentityRegistered,
    IdentityReleased,
    IdentityRestricted,
    papers_until,
    restricted,
)
from ledger.flows.authority.keys import KeyEnrolled, KeyRevoked, possession_text
from ledger.flows.authority.officers import OfficerLeft, OfficerNamed
from ledger.flows.authority.policies import Policy, PolicySet, capacities_needed, policy_of
from ledger.flows.authority.roles import CONFLICTS, RELAXED, Held, RoleGranted, RoleWithdrawn, roles_of
from ledger.flows.authority.vouchers import VoucherRejected
from ledger.flows.giving.donations import DonationReceived
from tests.flows.books_world import administrators, world
from tests.flows.event_samples import DAY, make, of_rooms
from tests.flows.fake_knowledge import FakeKnowledge
from tests.flows.rule_cases import Case, each, missing

KEY, OTHER = f"ed25519:{'K' * 42}E=", f"ed25519:{'O' * 42}M="
USCC = "51431000MJJ000001X"


def entity(name: str, kind: str = "charity", book: str = "statutory", family: str = "npo") -> EntityRegistered:
    given = {"entity_kind": kind, "book_kind": book, "chart_family": family}
    return make(EntityRegistered, entity=name, **given)


def grant(officer: str, role: str, where: str | None = "charity") -> RoleGranted:
    return make(RoleGranted, officer=officer, role=role, entity=where)


def withdrawal(officer: str, role: str, where: str | None = "charity") -> RoleWithdrawn:
    return make(RoleWithdrawn, officer=officer, role=role, entity=where)


def identity(subject: str = "person", *names: str, ref: str = "p-9") -> IdentityRegistered:
    fields = tuple(make(CommittedField, name=name) for name in names or ("name",))
    return make(IdentityRegistered, identity=ref, subject=subject, fields=fields)


def left(where: str, officer: str = "li") -> OfficerLeft:
    return make(OfficerLeft, officer=officer, entity=where)


def lost(number: int, officer: str = "") -> KeyRevoked:
    """The key of one of the three who opened the book."""
    return make(KeyRevoked, officer=officer or f"admin-{number}", keyid=f"{number:016x}")


def erasure(ref: str = "p-9", kept_until: date | None = None) -> IdentityErased:
    return make(IdentityErased, identity=ref, retained_until=kept_until)


def named_gift() -> DonationReceived:
    """A gift that names the person."""
    return make(DonationReceived, donor="p-9", donor_kind="person", fund="school")


def restriction(ref: str = "p-9") -> IdentityRestricted:
    return make(IdentityRestricted, identity=ref)


def release(ref: str = "p-9") -> IdentityReleased:
    return make(IdentityReleased, identity=ref)


def uscc_with(last: str) -> EntityRegistered:
    return make(EntityRegistered, entity="new", uscc=USCC[:17] + last)


THREE = administrators()


def after(old: str, origin: str, key: str = KEY, people: tuple[Administrator, ...] = THREE) -> BookOpenedAfter:
    """A book that takes another's place."""
    came_from = make(CameFrom, origin=f"example.org/{old}", operator_key=key)
    return make(
        BookOpenedAfter,
        origin=f"example.org/{origin}",
        operator_key=OTHER,
        administrators=people,
        came_from=came_from,
    )


enrolled = make(KeyEnrolled, officer="li", keyid="f" * 16, key=KEY)
revoked = make(KeyRevoked, officer="li", keyid="f" * 16)
opening = make(BookOpened, administrators=administrators(), operator_key=OTHER)
rooted = make(AccessRooted, day=date(2025, 9, 29))
two_people = (administrators()[1], *administrators()[1:])

CASES = [
    Case("BOOK_TWICE", opening, opening),  # shown by its own test: it is silent only where no book is open
    Case("BOOK_TWICE", after("old", origin="new"), after("old", origin="new")),  # as the one before
    Case(
        "ADMINISTRATORS_SAME",
        make(BookOpened, administrators=two_people, operator_key=OTHER),
        make(BookOpened, administrators=administrators(), operator_key=OTHER),
    ),
    Case("ADMINISTRATORS_SAME", after("old", origin="new", people=two_people), after("old", origin="new")),
    Case("FORK_ORIGIN_SAME", after("old", origin="old"), after("old", origin="new")),
    Case("FORK_ORIGIN_SAME", after("old", origin="new", key=OTHER), after("old", origin="new")),
    Case(
        "OPERATOR_KEY_ORDER",
        make(OperatorKeyRotated, previous=KEY, operator_key=OTHER),
        make(OperatorKeyRotated, previous=OTHER, operator_key=KEY),
    ),
    Case("ACCESS_ROOT_TWICE", rooted, make(AccessRooted, day=date(2025, 9, 28)), (rooted,)),
    Case("ACCESS_DAY_OPEN", make(AccessRooted, day=DAY), rooted, model={"today": DAY}),
    Case("ENTITY_TWICE", entity("charity"), entity("society")),
    Case("ENTITY_RESERVED", entity("book"), entity("books")),
    Case("ENTITY_USCC", uscc_with("Y"), make(EntityRegistered, entity="new", uscc=None)),
    Case("ENTITY_BOOK", entity("new", "bureau"), entity("new", "bureau", "control", "control")),
    Case("ENTITY_BOOK", entity("new", "society", "control", "control"), entity("new", "society")),
    Case("ENTITY_UNKNOWN", make(EntityRenamed, entity="nobody"), make(EntityRenamed, entity="charity")),
    Case("ENTITY_UNKNOWN", make(OfficerNamed, entity="nobody"), make(OfficerNamed, entity=None)),
    Case(
        "POST_CONFLICT",
        make(OfficerNamed, officer="li", entity="charity", post="chair"),
        make(OfficerNamed, officer="li", entity="bureau", post="chair"),
        (make(OfficerNamed, officer="li", entity="charity", post="secretary_general"),),
    ),
    Case(
        "POST_CONFLICT",
        make(OfficerNamed, officer="wang", entity="charity", post="chair"),
        make(OfficerNamed, officer="li", entity="charity", post="chair"),
        (
            *(make(OfficerNamed, officer=one, entity="charity", post="secretary_general") for one in ("li", "wang")),
            make(OfficerLeft, officer="li", entity="charity"),
        ),
    ),
    Case("OFFICER_NO_POST", left("bureau"), left("charity")),
    Case("OFFICER_UNKNOWN", make(KeyEnrolled, officer="nobody"), make(KeyEnrolled, officer="li")),
    Case("KEY_TWICE", make(KeyEnrolled, keyid="f" * 16), make(KeyEnrolled, keyid="e" * 16), (enrolled,)),
    Case("KEY_TWICE", make(KeyEnrolled, keyid=f"{2:016x}"), make(KeyEnrolled, keyid="e" * 16)),
    Case("KEY_TWICE", make(KeyEnrolled, keyid="f" * 16), make(KeyEnrolled, keyid="e" * 16), (enrolled, revoked)),
    Case(
        "KEY_DATES",
        make(KeyEnrolled, valid_from=DAY, valid_to=date(2025, 9, 29)),
        make(KeyEnrolled, valid_from=DAY, valid_to=DAY),
    ),
    Case("KEY_NOT_HELD", make(KeyRevoked, officer="wang", keyid="f" * 16), revoked, (enrolled,)),
    Case("KEY_NOT_HELD", revoked, make(KeyRevoked, officer="admin-1", keyid=f"{1:016x}"), (enrolled, revoked)),
    Case(
        "KEY_COMPROMISED_WHEN",
        make(KeyRevoked, reason="compromised"),
        make(KeyRevoked, reason="compromised", compromised_at="2025-09-30T08:00:00+08:00"),
    ),
    Case("OFFICER_UNKNOWN", grant("nobody", "checker"), grant("admin-1", "checker")),
    Case("ENTITY_UNKNOWN", grant("li", "checker", "nobody"), grant("li", "checker", None)),
    Case("ROLE_TWICE", grant("li", "checker"), grant("li", "checker", "bureau"), (grant("li", "checker"),)),
    Case("ROLE_TWICE", grant("admin-2", "administrator", None), grant("admin-2", "administrator", "charity")),
    Case("DUTY_CONFLICT", grant("li", "cashier"), grant("li", "checker"), (grant("li", "accountant"),)),
    Case("DUTY_CONFLICT", grant("li", "cashier"), grant("li", "cashier", "bureau"), (grant("li", "accountant"),)),
    Case("DUTY_CONFLICT", grant("li", "cashier", None), grant("wang", "cashier", None), (grant("li", "accountant"),)),
    Case("DUTY_CONFLICT", grant("admin-1", "accountant"), grant("admin-1", "approver")),
    Case(
        "DUTY_CONFLICT",
        grant("li", "cashier"),
        grant("wang", "cashier"),
        (
            make(PolicySet, entity="charity", duty_profile="two_persons"),
            grant("li", "accountant"),
            grant("wang", "checker"),
        ),
    ),
    Case(
        "DUTY_CONFLICT",
        make(PolicySet, entity="charity", duty_profile="four_persons"),
        make(PolicySet, entity="charity", duty_profile="two_persons"),
        (make(PolicySet, entity="charity", duty_profile="two_persons"), grant("li", "cashier"), grant("li", "checker")),
    ),
    Case("ROLE_NOT_HELD", withdrawal("li", "checker", None), withdrawal("li", "checker"), (grant("li", "checker"),)),
    Case("ROLE_NOT_HELD", withdrawal("li", "administrator", None), withdrawal("admin-1", "administrator", None)),
    Case(
        "ADMINISTRATORS_LEFT",
        withdrawal("admin-2", "administrator", None),
        withdrawal("admin-2", "administrator", "charity"),
        (withdrawal("admin-1", "administrator", None),),
    ),
    Case("ADMINISTRATORS_LEFT", lost(2), lost(2, officer="li"), (lost(1),)),
    Case(
        "ADMINISTRATORS_LEFT",
        left("charity", "admin-2"),
        left("charity"),
        (lost(1), make(OfficerNamed, officer="admin-2", entity="charity", post="clerk")),
    ),
    Case("LEFT_WITH_ROLES", left("charity"), left("charity", "wang"), (grant("li", "checker"),)),
    Case(
        "ENTITY_UNKNOWN",
        make(PolicySet, entity="nobody", duty_profile=None),
        make(PolicySet, entity=None, duty_profile=None),
    ),
    Case("IDENTITY_ERASED", identity(), identity(ref="p-8"), (identity(), erasure())),
    Case("IDENTITY_SUBJECT", identity("donor"), identity("person", "name", "phone"), (identity(),)),
    Case("IDENTITY_FIELD_TWICE", identity("person", "name", "name"), identity("person", "name", "phone")),
    Case("IDENTITY_NOT_HELD", make(IdentityErased, identity="p-8"), erasure(), (identity(),)),
    Case(
        "RETENTION_RUNNING",
        erasure(kept_until=DAY),
        erasure(kept_until=date(2025, 9, 29)),
        model={"today": DAY},
    ),
    Case("RETENTION_RUNNING", erasure(), erasure("p-8"), (named_gift(),), model={"today": date(2055, 12, 31)}),
    Case("IDENTITY_NOT_HELD", restriction("p-8"), restriction(), (identity(),)),
    Case("IDENTITY_NOT_HELD", release("p-8"), release(), (identity(),)),
    Case(
        "IDENTITY_RESTRICTED_TWICE",
        restriction(),
        restriction("p-8"),
        (identity(), identity(ref="p-8"), restriction(), restriction("p-8"), release("p-8")),
    ),
    Case(
        "IDENTITY_NOT_RESTRICTED",
        release(),
        release("p-8"),
        (identity(), identity(ref="p-8"), restriction(), release(), restriction("p-8")),
    ),
]


@each(CASES[2:])
def test_a_rule_speaks_and_is_silent(case: Case) -> None:
    case.check(world)


def test_every_rule_is_shown() -> None:
    assert missing(CASES, of_rooms("authority")) == set()


@pytest.mark.parametrize("event", [opening, after("old", origin="new")], ids=["first", "in another's place"])
def test_the_book_opens_once(event: Opening) -> None:
    assert "E_BOOK_TWICE" not in FakeKnowledge().codes(event)
    assert "E_BOOK_TWICE" in world().codes(event)


def test_a_good_credit_code_passes_and_any_other_last_character_does_not() -> None:
    silent = [
        last for last in "0123456789ABCDEFGHJKLMNPQRTUWXY" if "E_ENTITY_USCC" not in world().codes(uscc_with(last))
    ]
    assert len(silent) == 1


def test_the_operator_key_in_force_is_the_last_one() -> None:
    model = world()
    assert operator_key(model) == OTHER
    model.record(make(OperatorKeyRotated, previous=OTHER, operator_key=KEY))
    assert operator_key(model) == KEY


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(["li", "wang"]), st.sampled_from(["checker", "cashier"]))))
def test_roles_in_force_are_those_granted_last(steps: list[tuple[bool, str, str]]) -> None:
    events = [grant(who, role) if given_ else withdrawal(who, role) for given_, who, role in steps]
    for who, role in product(("li", "wang"), ("checker", "cashier")):
        last = [given_ for given_, officer, r in steps if (officer, r) == (who, role)][-1:]
        assert (Held(role, "charity", None) in roles_of(who, events)) == (last == [True])


@pytest.mark.parametrize("profile", [None, *RELAXED])
def test_accountant_and_cashier_are_two_people_in_every_profile(profile: str | None) -> None:
    model = world()
    if profile is not None:
        model.record(make(PolicySet, entity=None, duty_profile=profile))
    model.record(grant("li", "accountant"))
    assert "E_DUTY_CONFLICT" in model.codes(grant("li", "cashier"))


@pytest.mark.parametrize("profile", [None, *RELAXED])
def test_a_profile_lets_meet_exactly_what_it_lists(profile: str | None) -> None:
    names = ("accountant", "cashier", "checker", "approver", "auditor", "supervisor", "machine", "witness")
    relaxed = RELAXED[profile] if profile else frozenset()
    for first, second in combinations(names, 2):
        model = world()
        model.record(make(PolicySet, entity="charity", duty_profile=profile), grant("li", first))
        refused = "E_DUTY_CONFLICT" in model.codes(grant("li", second))
        assert refused == (frozenset({first, second}) in CONFLICTS - relaxed)


def test_an_entitys_own_policy_goes_before_the_general_one() -> None:
    model = world()
    general, first, second = (
        make(PolicySet, entity=where, duty_profile=profile)
        for where, profile in ((None, "agent"), ("charity", "bureau"), ("charity", "two_persons"))
    )
    assert policy_of(model, "charity") is None
    model.record(first, general, second)
    assert policy_of(model, "charity") == second
    assert policy_of(model, "bureau") == policy_of(model, None) == general


@pytest.mark.parametrize(
    ("grants", "where", "refused"),
    [
        ((("cashier", "charity"), ("checker", "charity")), None, True),
        ((("cashier", "bureau"), ("checker", "bureau")), None, False),
        ((("cashier", "charity"), ("checker", "charity")), "bureau", False),
        ((("cashier", "bureau"), ("checker", None)), "bureau", True),
    ],
    ids=["the general one goes", "another has its own", "another entity's goes", "a role for all"],
)
def test_a_profile_holds_for_the_entities_that_it_is_of(
    grants: tuple[tuple[str, str | None], ...],
    where: str | None,
    refused: bool,  # noqa: FBT001 - a table's column
) -> None:
    """The general policy stands for every entity without one of its own."""
    model = world()
    for entity_ in (None, "bureau"):
        model.record(make(PolicySet, entity=entity_, duty_profile="two_persons"))
    model.record(*(grant("li", role, at) for role, at in grants))
    assert ("E_DUTY_CONFLICT" in model.codes(make(PolicySet, entity=where, duty_profile=None))) is refused


@given(st.integers(0, 10_000), st.sampled_from(["grant.disbursed", "bank.fee"]))
def test_capacities_follow_kind_and_amount(amount_fen: int, kind: str) -> None:
    policy = make(
        PolicySet,
        policies=(
            make(Policy, kinds=(), above_fen=0, capacities=("checker",)),
            make(Policy, kinds=("grant.disbursed",), above_fen=5_000, capacities=("approver", "checker")),
        ),
    )
    expected = set()
    if amount_fen > 0:
        expected.add("checker")
    if kind == "grant.disbursed" and amount_fen > 5_000:
        expected.add("approver")
    assert capacities_needed(policy, frozenset({kind}), amount_fen) == expected


def test_a_proof_of_possession_is_bound_to_book_person_and_key() -> None:
    texts = {possession_text(o, p, k) for o in ("a", "b") for p in ("li", "wang") for k in (KEY, OTHER)}
    assert len(texts) == 8


def test_papers_are_kept_thirty_years_from_the_end_of_the_year_of_the_last_one() -> None:
    model = world()
    model.record(identity("person", "name"))
    assert papers_until("p-9", model) is None
    model.record(named_gift())
    assert papers_until("p-9", model) == date(2055, 12, 31)
    for today, refused in ((date(2055, 12, 31), True), (date(2056, 1, 1), False)):
        model.today = today
        assert ("E_RETENTION_RUNNING" in model.codes(erasure())) == refused
    assert "E_RETENTION_RUNNING" in model.codes(erasure(kept_until=date(2056, 1, 1)))


@pytest.mark.parametrize(
    ("kinds", "held"),
    [
        ((), False),
        (("identity.registered",), False),
        (("identity.restricted",), True),
        (("identity.restricted", "identity.registered"), True),
        (("identity.restricted", "identity.released"), False),
        (("identity.restricted", "identity.released", "identity.restricted"), True),
    ],
)
def test_use_is_restricted_until_it_is_released(kinds: tuple[str, ...], *, held: bool) -> None:
    assert restricted(kinds) == held


def test_a_rejected_statement_is_found_by_its_digest() -> None:
    event = make(VoucherRejected, statement="sha256:" + "a" * 64)
    assert "statement:" + "a" * 64 in event.tags()
    assert f"voucher:{event.voucher}" in event.tags()
