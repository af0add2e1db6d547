"""Pulling: copies equal to the books, broken off and gone on, lies of servers, operators who break their own rules."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import Connection, select

from ledger.application import batches
from ledger.application.following import Follower
from ledger.application.outcomes import Receipt
from ledger.decisions import judging
from ledger.errors import BusyError, InputError, LedgerError, RefusedError
from ledger.log import side_tables, tables
from ledger_api.client import Client, Manners
from ledger_api.mirroring import pulling
from ledger_api.mirroring.consolidating import standings
from ledger_api.mirroring.directory import Followed, MirrorDirectory
from ledger_api.mirroring.pulling import Pulled, pull_all
from ledger_audit.derivation import verify_book
from tests.api.client.network import Lie, Network
from tests.api.client.test_client_lies import reserved_after
from tests.api.http.house import House
from tests.api.mirroring.towns import Town, Towns
from tests.application.office import fee, gift

TODAY = date(2025, 9, 30)
COMPARED = (
    *(tables.vouchers, tables.events, tables.event_ids, tables.event_tags, tables.tree, tables.checkpoints),
    *(tables.postings, tables.balances, tables.balance_days, tables.voucher_numbers, tables.findings, tables.head),
    side_tables.seen,
)


def pulled(mirror: MirrorDirectory, towns: Towns) -> dict[str, Pulled]:
    clock = next(iter(towns.towns.values())).office.clock
    return {one.book.name: one for one in pull_all(mirror, towns.connect, (), clock)}


def rows(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the log and of what is derived from it, but for the program that wrote a voucher down."""
    found = {}
    for table in COMPARED:
        columns = [one for one in table.columns if one.name != "software"]
        found[table.name] = [tuple(row) for row in connection.execute(select(*columns).order_by(*table.primary_key))]
    return found


def test_a_county_mirrored_through_two_changes_of_its_key_is_the_county(house: House, tmp_path: Path) -> None:
    first = house.service.operator.vkey
    after = reserved_after(reserved_after(house, tmp_path / "one"), tmp_path / "two")
    mirror = MirrorDirectory(tmp_path / "mirror")
    mirror.path.mkdir()
    mirror.add(Followed("county", "https://ledger.test", first, key="/nobody"))

    def connect(book: Followed, folder: Path) -> Client:
        key, manners = after.county.keys["auditor-1"], Manners(unix=after.seconds)
        return Client(
            book.url, "auditor-1", key, vkey=book.vkey, folder=folder, manners=manners, transport=Network(after)
        )

    with after.client:
        (one,) = pull_all(mirror, connect, (), lambda: after.county.now)
        assert one.error is None, one.error
        (again,) = pull_all(mirror, connect, (), lambda: after.county.now)
    assert (again.taken, again.error, again.status.holds) == (0, None, True)
    with mirror.copy(one.book) as copy, copy.store.read() as mine, after.county.store.read() as theirs:
        assert one.taken == one.status.size == len(rows(theirs)["vouchers"])
        assert rows(mine) == rows(theirs)
        verdict = verify_book(mine, TODAY)
        assert verdict.holds, verdict.to_json()


def test_what_leaves_the_house_is_written_down_there(towns: Towns, tmp_path: Path) -> None:
    town = towns.add("a", 100)
    mirror = towns.mirror(tmp_path / "mirror")
    pulled(mirror, towns)
    pulled(mirror, towns)
    with town.office.store.read() as connection:
        (row,) = connection.execute(select(side_tables.access_log)).all()
    assert (row.actor, row.action, row.subject) == ("auditor", "export.leaves", "1-4")


def test_a_copy_is_read_like_a_book_and_written_to_by_nobody(towns: Towns, tmp_path: Path) -> None:
    town = towns.add("a", 100)
    mirror = towns.mirror(tmp_path / "mirror")
    assert pulled(mirror, towns)["a"].status.holds
    with mirror.copy(mirror.book("a")) as copy:
        for act in (
            copy.operator,
            lambda: copy.writer(town.office.operator),
            lambda: copy.ledger(town.office.operator),
        ):
            with pytest.raises(RefusedError, match="E_MIRROR_READ_ONLY"):
                act()


def test_what_is_broken_off_goes_on(towns: Towns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling, "PAGE", 1)
    town = towns.add("a", 1, 2, 3, 4)
    mirror, asked = towns.mirror(tmp_path / "mirror"), [0]

    def breaks(request: httpx2.Request, said: Any) -> Any:
        if request.url.path == "/v1/log/leaves":
            asked[0] += 1
            if asked[0] > 3:
                raise httpx2.ReadError("reset")
        return said

    town.lie = breaks
    first = pulled(mirror, towns)["a"]
    assert first.error is not None
    assert (first.error.code, first.taken, first.status.holds) == ("E_SERVER_UNREACHED", 3, True)
    asked[0] = -100
    second = pulled(mirror, towns)["a"]
    assert (second.error, second.taken, second.status.size) == (None, 4, 7)
    with mirror.copy(mirror.book("a")) as copy, copy.store.read() as mine, town.office.store.read() as theirs:
        assert rows(mine) == rows(theirs)


def test_two_who_pull_at_once_do_not_accuse_the_operator(towns: Towns, tmp_path: Path) -> None:
    town = towns.add("a", 100)
    mirror = towns.mirror(tmp_path / "mirror")
    book = mirror.book("a")
    with mirror.copy(book) as copy, towns.connect(book, tmp_path / "state") as reader:
        page = reader.log.leaves(0)
        first, second = (Follower(copy.store, town.office.origin, "test") for _ in range(2))
        assert first.head().number == second.head().number == 0
        assert first.take_in(page).number == 4
        with pytest.raises(BusyError, match="E_BOOK_BUSY"):
            second.take_in(page)
    assert pulled(mirror, towns)["a"].error is None


def test_a_pull_that_meets_another_leaves_what_that_one_writes_down(towns: Towns, tmp_path: Path) -> None:
    """The second begins while the first still asks, and ends after it: what it says of itself is not kept."""
    town = towns.add("a", 100)
    mirror, second = towns.mirror(tmp_path / "mirror"), list[Pulled]()
    other = MirrorDirectory(mirror.path)

    def meanwhile(request: httpx2.Request, said: Any) -> Any:
        if request.url.path == "/v1/log/leaves" and not second:
            second.append(pulled(other, towns)["a"])
        return said

    town.lie = meanwhile
    first = pulled(mirror, towns)["a"]
    assert (first.error, first.taken) == (None, 4)
    (met,) = second
    assert isinstance(met.error, BusyError)
    assert (met.error.code, met.taken, met.status.holds) == ("E_MIRROR_BUSY", 0, True)
    kept = mirror.status(mirror.book("a"))
    assert (kept, kept.code, kept.size) == (first.status, "", 4)
    assert kept.pulled_at
    town.lie = lambda _ask, said: said
    assert pulled(other, towns)["a"].error is None, "the lock ends with the pull"


def test_one_that_is_busy_is_told_as_it_was_kept(towns: Towns, tmp_path: Path) -> None:
    towns.add("a", 100)
    mirror = towns.mirror(tmp_path / "mirror")
    before = pulled(mirror, towns)["a"].status
    with mirror.held(mirror.book("a")):
        met = pulled(mirror, towns)["a"]
    assert (met.status.size, met.status.pulled_at, met.status.code) == (4, before.pulled_at, "E_MIRROR_BUSY")
    assert mirror.status(mirror.book("a")) == before


def test_one_that_is_out_of_reach_holds_up_nobody(towns: Towns, tmp_path: Path) -> None:
    for name in "abc":
        towns.add(name, 100)
    mirror = towns.mirror(tmp_path / "mirror")
    towns.down = {"b"}
    found = pulled(mirror, towns)
    assert [one.error is None for one in found.values()] == [True, False, True]
    assert found["b"].status.code == "E_SERVER_UNREACHED"
    assert found["b"].status.holds, "nothing was shown that does not hold"
    towns.down = set()
    assert pulled(mirror, towns)["b"].status.code == ""


@pytest.mark.parametrize("damage", ["status", "copy"])
def test_one_whose_copy_is_damaged_holds_up_nobody(towns: Towns, tmp_path: Path, damage: str) -> None:
    """What was known of it may be that its evidence does not hold, so it is neither passed over nor written anew."""
    for name in "abc":
        towns.add(name, 100)
    mirror = towns.mirror(tmp_path / "mirror")
    assert all(one.error is None for one in pulled(mirror, towns).values())
    file = mirror.path / "books" / "b" / ("status.json" if damage == "status" else "book.toml")
    file.write_bytes(b"{")
    found = pulled(mirror, towns)
    assert [one.error is None for one in found.values()] == [True, False, True]
    assert file.read_bytes() == b"{"
    if damage == "status":
        with pytest.raises(InputError) as raised:
            mirror.status(mirror.book("b"))
        assert raised.value.code == "E_MIRROR_SETTING"
        told = {one.book.name: one for one in standings(mirror, datetime(2025, 9, 30, 5, 0, tzinfo=UTC))}
        assert {name: (one.counted, one.status.code) for name, one in told.items()} == {
            "a": (True, ""),
            "b": (False, "E_MIRROR_SETTING"),
            "c": (True, ""),
        }


def test_only_those_who_oversee_every_entity_follow_the_log(towns: Towns, tmp_path: Path) -> None:
    town = towns.add("a", 100)
    fields = {"officer": "auditor", "role": "supervisor", "entity": None}
    withdrawn = town.office.post("guan-1", [("role.withdrawn", fields)], ("guan-2", "administrator"), entity="book")
    assert isinstance(withdrawn, Receipt)
    town.office.clock.wait(seconds=1)
    found = pulled(towns.mirror(tmp_path / "mirror"), towns)["a"]
    assert (found.status.code, found.taken) == ("E_NOT_ALLOWED", 0)


def lines(change: Callable[[list[Any]], list[Any]]) -> Lie:
    """A lie in the lines of a page."""

    def lie(request: httpx2.Request, said: Any) -> Any:
        status, headers, body = said
        if request.url.path != "/v1/log/leaves" or status != 200:
            return said
        told = change([json.loads(one) for one in body.splitlines()])
        return status, headers, "".join(f"{json.dumps(one)}\n" for one in told).encode()

    return lie


def event_changed(told: list[Any]) -> list[Any]:
    told[4]["events"] = [one.replace('"amount_fen":200', '"amount_fen":900') for one in told[4]["events"]]
    return told


def leaf_changed(told: list[Any]) -> list[Any]:
    told[4]["leaf"] = told[4]["leaf"].replace("+08:00", "+09:00")
    return told


def exchanged(told: list[Any]) -> list[Any]:
    told[3], told[4] = told[4] | {"number": 4}, told[3] | {"number": 5}
    return told


def cut(told: list[Any]) -> list[Any]:
    told[-1] |= {"count": 4, "last": 4}
    return [*told[:4], told[-1]]


PAGES: dict[str, tuple[Lie, set[str]]] = {
    "an event changed": (lines(event_changed), {"E_FOLLOW_FORM"}),
    "an event more": (
        lines(lambda told: [*told[:4], told[4] | {"events": told[4]["events"] * 2}, told[5]]),
        {"E_FOLLOW_FORM"},
    ),
    "a leaf changed": (lines(leaf_changed), {"E_MIRROR_PAGE"}),
    "two vouchers exchanged": (lines(exchanged), {"E_MIRROR_PAGE"}),
    "a voucher twice": (lines(lambda told: [*told[:5], told[4], told[5]]), {"E_MIRROR_PAGE"}),
    "a voucher left out": (lines(lambda told: [*told[:2], *told[3:]]), {"E_MIRROR_PAGE"}),
    "no voucher": (lines(lambda told: [told[-1] | {"count": 0, "last": 0}]), {"E_MIRROR_PAGE"}),
    "no trailer": (lines(lambda told: told[:-1]), {"E_ANSWER_FORM"}),
    "nothing": (lines(lambda _: []), {"E_ANSWER_FORM"}),
    "another's trailer": (lines(lambda told: [*told[:-1], told[-1] | {"last": 9}]), {"E_MIRROR_PAGE"}),
    "no checkpoint": (
        lines(lambda told: [*told[:4], told[4] | {"checkpoint": None}, told[5]]),
        {"E_FOLLOW_CHECKPOINT"},
    ),
    "another checkpoint": (
        lines(lambda told: [*told[:4], told[4] | {"checkpoint": told[3]["checkpoint"]}, told[5]]),
        {"E_FOLLOW_CHECKPOINT"},
    ),
    "a spoilt checkpoint": (
        lines(lambda told: [*told[:4], told[4] | {"checkpoint": "?"}, told[5]]),
        {"E_FOLLOW_CHECKPOINT"},
    ),
    "cut off": (lambda ask, said: (*said[:2], said[2][:-9]) if "leaves" in ask.url.path else said, {"E_ANSWER_FORM"}),
    "no text": (
        lambda ask, said: (*said[:2], b"\xff\n\xfe\n") if "leaves" in ask.url.path else said,
        {"E_ANSWER_FORM"},
    ),
}


@pytest.mark.parametrize("lie", PAGES)
def test_a_page_that_is_not_the_operators_is_not_kept(towns: Towns, tmp_path: Path, lie: str) -> None:
    town = towns.add("a", 100, 200)
    town.lie, wanted = PAGES[lie]
    mirror = towns.mirror(tmp_path / "mirror")
    found = pulled(mirror, towns)["a"]
    assert found.error is not None
    assert found.error.code in wanted, found.error
    assert (found.taken, found.status.holds, found.status.fork) == (0, False, "")
    town.lie = lambda _ask, said: said
    mended = pulled(mirror, towns)["a"]
    assert (mended.error, mended.taken, mended.status.holds) == (None, 5, True)


def test_a_page_may_end_before_the_log_does(towns: Towns, tmp_path: Path) -> None:
    towns.add("a", 100, 200).lie = lines(cut)
    found = pulled(towns.mirror(tmp_path / "mirror"), towns)["a"]
    assert found.status.size >= 4, "what was shown was proven and kept"


def unsigned(judged: Any) -> None:
    judged.missing = ()


def unruled(judged: Any) -> None:
    judged.findings.clear()


def post_unsigned(town: Town) -> Any:
    return town.office.post("maker", [fee()])


def post_in_future(town: Town) -> Any:
    return town.office.post("maker", [gift("g-9")], day=TODAY + timedelta(days=20))


BROKEN: dict[str, tuple[Callable[[Any], None], Callable[[Town], Any], str]] = {
    "without the second person": (unsigned, post_unsigned, "E_FOLLOW_UNSIGNED"),
    "against a rule": (unruled, post_in_future, "E_FOLLOW_RULE"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_an_operator_who_breaks_the_rules_is_found(towns: Towns, tmp_path: Path, how: str) -> None:
    spoil, post, code = BROKEN[how]
    town = towns.add("a", 100)
    right = judging.judge

    def judge(*given: Any) -> Any:
        judged = right(*given)
        spoil(judged)
        return judged

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "judge", judge)
        assert isinstance(post(town), Receipt), "the operator's program was changed"
    found = pulled(towns.mirror(tmp_path / "mirror"), towns)["a"]
    assert found.error is not None
    assert (found.error.code, found.error.params["number"]) == (code, 5)
    assert not found.status.holds


def test_what_an_earlier_edition_of_the_rules_let_in_is_followed(towns: Towns, tmp_path: Path) -> None:
    """Waiting money cleared without being booked anew: the first edition let it in, and the copy holds it too."""
    town = towns.add("a", 100)
    where = {"suspense": "s-1", "fund": "general", "amount_fen": 70, "means": "bank", "account": "bank-1"}
    received = ("suspense.received", {**where, "line": None, "memo": None, "occurred_on": TODAY.isoformat()})
    known = {"known_as": "other", "basis": "来函", "identified_on": TODAY.isoformat()}
    assert isinstance(town.office.post("maker", [received]), Receipt)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "judge", partial(judging.judge, edition=1))
        cleared = town.office.post("maker", [("suspense.cleared", {**where, **known})], ("checker", "checker"))
        assert isinstance(cleared, Receipt)
    found = pulled(towns.mirror(tmp_path / "mirror"), towns)["a"]
    assert (found.error, found.status.holds) == (None, True)


def test_an_operator_who_derives_otherwise_is_found(towns: Towns, tmp_path: Path) -> None:
    town = towns.add("a")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "_voucher_no", lambda *_: None)
        town.office.give("g-1", 100)
    found = pulled(towns.mirror(tmp_path / "mirror"), towns)["a"]
    assert isinstance(found.error, LedgerError)
    assert (found.error.code, found.error.params["number"]) == ("E_FOLLOW_LEAF", 4)
