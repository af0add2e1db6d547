"""Appending vouchers: everything is written, derived totals move with it, and a batch that does not fit is refused."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from ledger.errors import EvidenceError
from ledger.log import tables
from ledger.log.appending import (
    Head,
    NewEvent,
    NewFinding,
    NewVoucher,
    append_vouchers,
    put_checkpoint,
    put_cosignature,
    read_head,
)
from ledger.log.reading import (
    balances,
    checkpoint,
    cosignatures_of,
    event_by_id,
    events_between,
    last_voucher_nos,
    postings_between,
    voucher_by_number,
)
from ledger.log.store import LogStore
from ledger.signing.merkle import leaf_hash, root_of
from tests.log.scribe import Posted, Said, Scribe, gift, scribe_of, write


def everything(store: LogStore) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, to compare before and after."""
    with store.read() as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for name, table in tables.METADATA.tables.items()
        }


def test_a_voucher_is_read_back_as_it_was_written(store: LogStore) -> None:
    finding = NewFinding(2, "W_LATE", "fact", {"days": 3, "who": "officer:1"})
    made = scribe_of(store).voucher([Said(tags=("b", "a")), Said("x", ())], gift(100), findings=[finding])
    head = write(store, [made])
    with store.read() as connection:
        assert read_head(connection).root == head.root == root_of([leaf_hash(made.leaf)])
        stored = voucher_by_number(connection, 1)
        assert stored is not None
        assert (stored.voucher_no, stored.leaf, stored.last_position) == (made.voucher_no, made.leaf, 2)
        assert (stored.voucher_date, stored.posted_at, stored.maker) == (made.voucher_date, made.posted_at, made.maker)
        first, second = events_between(connection, 1, 9)
        assert (first.data, first.tags(), first.voucher_number) == (made.events[0].data, ("b", "a"), 1)
        assert (second.kind, second.tags()) == ("x", ())
        assert event_by_id(connection, "event-2") == second
        legs = list(postings_between(connection, 1, 9))
        assert [(leg.code, leg.amount_fen, leg.balance_after_fen, leg.voucher) for leg in legs] == [
            ("1002", 100, 100, 1),
            ("4001", -100, -100, 1),
        ]
        (found,) = connection.execute(select(tables.findings)).all()
        assert (found.position, found.code, found.stage, found.ordinal) == (2, "W_LATE", "fact", 0)
        assert found.detail == '{"days":3,"who":"officer:1"}'


def test_the_batch_makes_no_difference(store: LogStore, tmp_path_factory: pytest.TempPathFactory) -> None:
    """One batch of many vouchers writes the same rows as many batches of one."""
    scribe = scribe_of(store)
    vouchers = [scribe.voucher([Said(tags=(f"t:{n % 3}",))] * (n + 1), gift(n + 1)) for n in range(7)]
    write(store, vouchers)
    other = LogStore.create(f"sqlite:///{tmp_path_factory.mktemp('one') / 'book.db'}")
    for voucher in vouchers:
        write(other, [voucher])
    assert everything(store) == everything(other)
    other.close()


def test_an_empty_batch_is_nothing(store: LogStore) -> None:
    before = everything(store)
    write(store, [])
    assert everything(store) == before


def test_the_head_given_is_left_as_it_was(store: LogStore) -> None:
    scribe = scribe_of(store)
    with store.write() as connection:
        head = read_head(connection)
        end = append_vouchers(connection, head, [scribe.voucher(), scribe.voucher()])
    assert (head.number, head.frontier.size) == (0, 0)
    assert (end.number, end.position, end.frontier.size) == (2, 2, 2)


def test_equal_findings_on_one_event_are_all_kept(store: LogStore) -> None:
    twice = [NewFinding(1, "W_A", "fact", {"n": n}) for n in (1, 2)]
    write(store, [scribe_of(store).voucher(findings=[*twice, NewFinding(1, "W_B", "gate", {})])])
    with store.read() as connection:
        kept = connection.execute(select(tables.findings.c.code, tables.findings.c.ordinal)).all()
    assert sorted(kept) == [("W_A", 0), ("W_A", 1), ("W_B", 0)]


def test_roles_of_one_account_are_kept_apart_and_run_together(store: LogStore) -> None:
    # Two roles that a small chart books on one code: one running balance, two balances.
    legs = [Posted(0, "1002", 5, role="bank"), Posted(0, "1002", 7, role="channel"), Posted(0, "4001", -12)]
    write(store, [scribe_of(store).voucher([Said()], legs)])
    with store.read() as connection:
        stands = {(row.code, row.role): row.amount_fen for row in balances(connection)}
        after = [leg.balance_after_fen for leg in postings_between(connection, 1, 1)]
    assert stands == {("1002", "bank"): 5, ("1002", "channel"): 7, ("4001", "bank"): -12}
    assert after == [5, 12, -12]


def test_voucher_numbers_count_by_entity_month_and_word(store: LogStore) -> None:
    scribe = scribe_of(store)
    some = [("e:1", "记"), ("e:1", "收"), ("e:2", "记"), ("e:1", "记"), ("e:1", None)]
    write(store, [scribe.voucher(entity=entity, word=word) for entity, word in some])
    with store.read() as connection:
        keys = [("e:1", "2025-09", "记"), ("e:1", "2025-09", "收"), ("e:2", "2025-09", "记"), ("e:9", "2025-09", "记")]
        assert last_voucher_nos(connection, keys) == {keys[0]: 2, keys[1]: 1, keys[2]: 1}


def _earlier(vouchers: list[NewVoucher]) -> None:
    vouchers[1].posted_at = "2025-01-01T00:00:00+08:00"


def _change(voucher: NewVoucher, at: int, **more: int) -> None:
    """Let figures of a posting be more by so much."""
    posting = voucher.postings[at]
    voucher.postings[at] = posting._replace(**{name: getattr(posting, name) + by for name, by in more.items()})


def _balance(vouchers: list[NewVoucher]) -> None:
    _change(vouchers[1], 0, balance_after_fen=1)


def _first_balance(vouchers: list[NewVoucher]) -> None:
    for voucher in vouchers[:2]:
        for at in range(len(voucher.postings)):
            _change(voucher, at, balance_after_fen=1)


def _late_line(vouchers: list[NewVoucher]) -> None:
    for at in range(len(vouchers[1].postings)):
        _change(vouchers[1], at, position=1)


def _early_line(vouchers: list[NewVoucher]) -> None:
    for at in range(len(vouchers[1].postings)):
        _change(vouchers[1], at, position=-1)


def _same_line(vouchers: list[NewVoucher]) -> None:
    vouchers[1].postings[1] = vouchers[1].postings[1]._replace(line=1)


def _unbalanced(vouchers: list[NewVoucher]) -> None:
    _change(vouchers[1], 1, amount_fen=1, balance_after_fen=1)


def _number(vouchers: list[NewVoucher]) -> None:
    vouchers[1].number += 1


def _position(vouchers: list[NewVoucher]) -> None:
    vouchers[1].first_position += 1


def _no_gap(vouchers: list[NewVoucher]) -> None:
    vouchers[1].voucher_no = ("2025-09", "记", 9)


def _no_twice(vouchers: list[NewVoucher]) -> None:
    vouchers[1].voucher_no = vouchers[0].voucher_no


def _no_events(vouchers: list[NewVoucher]) -> None:
    vouchers[1].events = []
    vouchers[1].postings = []


def _too_many_events(vouchers: list[NewVoucher]) -> None:
    vouchers[1].events = [NewEvent(f"e-{n}", "k", b"", ()) for n in range(10_001)]


def _known_event(vouchers: list[NewVoucher]) -> None:
    vouchers[1].events[0] = vouchers[1].events[0]._replace(event_id="event-1")


def _known_voucher(vouchers: list[NewVoucher]) -> None:
    vouchers[1].voucher_id = "voucher-1"


BAD_BATCHES: list[tuple[Callable[[list[NewVoucher]], None], str]] = [
    (_earlier, "E_CLOCK_BACK"),
    (_balance, "E_RUNNING_BALANCE"),
    (_first_balance, "E_RUNNING_BALANCE"),
    (_late_line, "E_LOG_GAP"),
    (_early_line, "E_LOG_GAP"),
    (_same_line, "E_LOG_GAP"),
    (_unbalanced, "E_POSTINGS_SUM"),
    (_number, "E_LOG_GAP"),
    (_position, "E_LOG_GAP"),
    (_no_gap, "E_VOUCHER_NO_GAP"),
    (_no_twice, "E_VOUCHER_NO_GAP"),
    (_no_events, "E_LOG_GAP"),
    (_too_many_events, "E_LOG_GAP"),
    (_known_event, "E_ROWS_REFUSED"),
    (_known_voucher, "E_ROWS_REFUSED"),
]


def test_a_batch_that_does_not_continue_the_log_leaves_no_trace(store: LogStore, subtests: pytest.Subtests) -> None:
    scribe = scribe_of(store)
    write(store, [scribe.voucher([Said()], gift(3))])
    before = everything(store)
    for spoil, code in BAD_BATCHES:
        with subtests.test(spoil.__name__):
            fresh = deepcopy(scribe)
            vouchers = [fresh.voucher([Said()], gift(100)), fresh.voucher([Said()], gift(200))]
            spoil(vouchers)
            with pytest.raises(EvidenceError) as caught:
                write(store, vouchers)
            assert caught.value.code == code
            assert everything(store) == before


def test_who_writes_from_a_stale_head_is_refused(store: LogStore) -> None:
    scribe = scribe_of(store)
    with store.read() as connection:
        stale = read_head(connection)
    write(store, [scribe.voucher()])
    late = Scribe(stale).voucher(word=None)
    with pytest.raises(EvidenceError, match="E_HEAD_MOVED"), store.write() as connection:
        append_vouchers(connection, stale, [late])


@pytest.mark.parametrize("change", [{"root": b"\0" * 32}, {"number": 1}])
def test_a_head_that_the_tree_does_not_give_is_refused(change: dict[str, object], store: LogStore) -> None:
    scribe = scribe_of(store)
    write(store, [scribe.voucher() for _ in range(3)])
    with store.write() as connection:
        connection.execute(tables.head.update().values(**change))
    with store.read() as connection, pytest.raises(EvidenceError, match="E_HEAD_ROOT"):
        read_head(connection)


def test_checkpoints_and_cosignatures(store: LogStore) -> None:
    scribe = scribe_of(store)
    heads: list[Head] = [write(store, [scribe.voucher()]) for _ in range(3)]
    for head in (heads[0], heads[2]):
        with store.write() as connection:
            put_checkpoint(connection, head.number, head.root, f"note {head.number}")
            put_cosignature(connection, head.number, "witness", f"line {head.number}")
    with store.read() as connection:
        newest = checkpoint(connection)
        assert newest is not None
        assert (newest.size, newest.root, newest.note) == (3, heads[2].root, "note 3")
        assert checkpoint(connection, 1) == newest._replace(size=1, root=heads[0].root, note="note 1")
        assert checkpoint(connection, 2) is None
        assert cosignatures_of(connection, 3) == {"witness": "line 3"}


def test_a_checkpoint_over_another_root_is_refused(store: LogStore) -> None:
    head = write(store, [scribe_of(store).voucher()])
    forged = replace(head, root=b"\1" * 32)
    with pytest.raises(EvidenceError, match="E_HEAD_ROOT"), store.write() as connection:
        put_checkpoint(connection, forged.number, forged.root, "note")


def test_a_size_has_one_checkpoint_for_ever(store: LogStore) -> None:
    head = write(store, [scribe_of(store).voucher()])
    with store.write() as connection:
        put_checkpoint(connection, 1, head.root, "note")
    with pytest.raises(EvidenceError, match="E_ROWS_REFUSED"), store.write() as connection:
        put_checkpoint(connection, 1, head.root, "another note")
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(tables.checkpoints)) == 1
