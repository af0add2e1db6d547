"""Delivering: at least once, in order, signed, to who asked for it; what fails is tried again, and shows."""

import json
import re
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from sqlalchemy import select, update

from ledger.log.keeping.life import enter
from ledger.log.side_tables import hook_lease
from ledger.log.side_tables import hooks as table
from ledger.signing.checkpoints import open_checkpoint
from ledger.signing.keys import SigningKey
from ledger.signing.vkeys import NoteSigner
from ledger_api.hooks.delivering import Deliverer
from ledger_api.hooks.lease import LEASE_S
from ledger_api.hooks.registry import BOTH_S, Hook, Hooks
from tests.api.hooks.receiver import Receiver, dawdling, deliverer, delivering, receiving, status, until
from tests.api.http.house import House, body_of, donation, on_both
from tests.application.proposing.county import ORIGIN

MAKER = "acct-charity"


def hook(house: House, receiver: Receiver, entities: tuple[str, ...] = (), kinds: tuple[str, ...] = ()) -> Hook:
    known = sorted(house.service.authority().entities)
    return house.service.hooks.add(receiver.url, entities, kinds, known, "operator", house.service.unix_now())


def now(house: House, one: Hook) -> Hook:
    return house.service.hooks.find(one.id, house.service.unix_now())


def give(house: House, *numbers: int) -> list[Any]:
    """Post gifts; their receipts."""
    return [
        house.post(MAKER, "/v1/vouchers", body_of(house.voucher(MAKER, "charity", donation(one, fen=77_123))))
        for one in numbers
    ]


def later(house: House, seconds: int) -> None:
    house.county.now += timedelta(seconds=seconds)


@on_both
def test_every_voucher_is_told_in_order_signed_and_says_nothing_of_money_or_people(house: House) -> None:
    give(house, 1)
    with receiving() as receiver:
        made = hook(house, receiver)
        with delivering(house, receiver):
            receipts = give(house, 2, 3, 4)
            until(lambda: now(house, made).delivered == receipts[-1]["number"])
    assert receiver.numbers == [one["number"] for one in receipts]
    for got, receipt in zip(receiver.got, receipts, strict=True):
        assert got.signed_by(made.public_keys[0])
        assert abs(int(got.headers["webhook-timestamp"]) - house.service.unix_now()) < 300
        told = json.loads(got.body)
        assert (told["type"], told["timestamp"]) == ("voucher.posted", receipt["posted_at"])
        data = told["data"]
        assert set(data) == {"voucher", "entity", "number", "positions", "kinds", "checkpoint"}
        assert (data["voucher"], data["entity"]) == (receipt["voucher"], "charity")
        assert (data["positions"], data["kinds"]) == (receipt["positions"], ["donation.received"])
        note = open_checkpoint(data["checkpoint"], house.service.operator.verifier)
        assert note.size >= receipt["number"]
        assert re.search(rb"77.?123|icbc|acct-", got.body) is None


def test_a_hook_is_told_of_its_entities_and_kinds_only(house: House) -> None:
    with receiving() as everything, receiving() as bureau, receiving() as fees:
        hooks = [hook(house, everything), hook(house, bureau, ("bureau",)), hook(house, fees, (), ("bank.fee",))]
        fee = {"account": "icbc-9991", "fund": "general", "amount_fen": 5, "on": "2025-09-30", "movement": "f-1"}
        with delivering(house, everything, bureau, fees):
            gift = give(house, 1)[0]["number"]
            paid = house.post(MAKER, "/v1/vouchers", body_of(house.voucher(MAKER, "charity", ("bank.fee", fee))), 202)
            assert paid["missing"] == ["checker"]
            house.county.sign_off()
            until(lambda: len(everything.got) == 2)
            until(lambda: {now(house, one).delivered for one in hooks} == {gift + 1})
        assert (everything.numbers, bureau.got, fees.numbers) == ([gift, gift + 1], [], [gift + 1])


def test_what_fails_is_tried_again_later_and_keeps_its_place(house: House) -> None:
    with receiving() as receiver:
        made = hook(house, receiver)
        receiver.answers = [status(500), status(503, retry_after="1000")]
        with delivering(house, receiver):
            first, second = [one["number"] for one in give(house, 1, 2)]
            until(lambda: now(house, made).failures == 1)
            told = now(house, made)
            assert (told.last_answer, told.delivered, told.state) == ("500", first - 1, "active")
            assert 5 <= told.next_at - house.service.unix_now() <= 6
            later(house, 6)
            until(lambda: now(house, made).failures == 2)
            assert now(house, made).next_at - house.service.unix_now() == 1000
            later(house, 1000)
            until(lambda: now(house, made).delivered == second)
    assert receiver.numbers == [first, first, first, second]
    assert len({(one.id, one.body) for one in receiver.got[:3]}) == 1, "the same message under the same id"
    assert len({one.headers["webhook-timestamp"] for one in receiver.got[:3]}) == 3, "each attempt says its own time"
    told = now(house, made)
    assert (told.failures, told.failing_since, told.next_at, told.last_answer) == (0, None, 0, "200")


def test_gone_ends_it_and_resuming_goes_on_where_it_stood(house: House) -> None:
    with receiving() as receiver:
        made = hook(house, receiver)
        receiver.answers = [status(410)]
        with delivering(house, receiver):
            number = give(house, 1)[0]["number"]
            until(lambda: now(house, made).state == "gone")
            later(house, 10 * 86_400)
            give(house, 2)
            assert [house.get("guan-1", f"/v1/hooks/{made.id}")[name] for name in ("state", "delivered")] == [
                "gone",
                number - 1,
            ]
            assert len(receiver.got) == 1
            house.service.hooks.resume(made.id, "operator", house.service.unix_now())
            until(lambda: now(house, made).delivered == number + 1)
    assert receiver.numbers == [number, number, number + 1]


def test_after_days_without_success_a_hook_has_failed(house: House) -> None:
    with receiving() as receiver:
        made = hook(house, receiver)
        receiver.answers = [status(500)] * 20
        with delivering(house, receiver):
            give(house, 1)
            for failures in range(1, 20):
                until(lambda wanted=failures: now(house, made).failures == wanted)  # type: ignore[misc]  # bound now
                if now(house, made).state != "active":
                    break
                later(house, now(house, made).next_at - house.service.unix_now())
    told = now(house, made)
    assert told.failing_since is not None
    assert (told.state, told.last_answer) == ("failed", "500")
    assert 5 * 86_400 <= house.service.unix_now() - told.failing_since <= 7 * 86_400
    assert len(receiver.got) == told.failures >= 10


@on_both
def test_killed_between_the_delivery_and_its_record_it_delivers_again_and_loses_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """The machine went down."""

    real, died = Deliverer._told, threading.Event()  # noqa: SLF001 - where it is killed

    def killed(*_: Any) -> bool:
        died.set()
        raise Killed

    with receiving() as receiver:
        made = hook(house, receiver)
        monkeypatch.setattr(Deliverer, "_told", killed)
        with delivering(house, receiver):
            numbers = [one["number"] for one in give(house, 1, 2)]
            until(died.is_set)
        assert now(house, made).delivered == numbers[0] - 1
        monkeypatch.setattr(Deliverer, "_told", real)
        seen = len(receiver.got)
        with delivering(house, receiver):
            later(house, LEASE_S + 1)
            until(lambda: now(house, made).delivered == numbers[1])
    assert set(receiver.numbers[:seen]) == {numbers[0]}
    assert receiver.numbers[seen:] == numbers
    assert receiver.got[0].id == receiver.got[seen].id, "by which the receiver knows it"


@on_both
def test_of_two_processes_one_delivers_and_the_other_takes_over(house: House) -> None:
    with receiving() as receiver:
        made = hook(house, receiver)
        with delivering(house, receiver), delivering(house, receiver):
            numbers = [one["number"] for one in give(house, *range(5))]
            until(lambda: now(house, made).delivered == numbers[-1])
            assert receiver.numbers == numbers, "once each"
        with house.service.store.write() as connection:
            connection.execute(hook_lease.insert().values(id=1, holder="died", ends_at=house.service.unix_now() + 60))
        with delivering(house, receiver):
            (more,) = give(house, 9)
            assert len(receiver.got) == 5, "another holds the lease"
            later(house, 61)
            until(lambda: now(house, made).delivered == more["number"])
    with house.service.store.read() as connection:
        assert connection.execute(select(hook_lease)).all() == [], "given back at the end"


def test_a_receiver_that_dawdles_keeps_no_other_back(house: House) -> None:
    over = threading.Event()
    with receiving() as slow, receiving() as quick:
        slow.answers = [dawdling(over)]
        behind, ahead = hook(house, slow), hook(house, quick)
        with delivering(house, slow, quick, timeout_s=5.0):
            numbers = [one["number"] for one in give(house, 1, 2)]
            until(lambda: now(house, ahead).delivered == numbers[1])
            assert (now(house, behind).delivered, quick.numbers) == (numbers[0] - 1, numbers)
            over.set()


def test_a_paused_hook_hears_of_it_later_and_a_removed_one_never(house: House) -> None:
    with receiving() as receiver, receiving() as other:
        paused, removed = hook(house, receiver), hook(house, other)
        house.service.hooks.pause(paused.id, "operator", house.service.unix_now())
        house.service.hooks.remove(removed.id, "operator", house.service.unix_now())
        with delivering(house, receiver, other):
            number = give(house, 1)[0]["number"]
            assert receiver.got == []
            house.service.hooks.resume(paused.id, "operator", house.service.unix_now())
            until(lambda: now(house, paused).delivered == number)
        assert other.got == []
    actions = [one["action"] for one in house.get("auditor-1", "/v1/access-log?limit=1000")["rows"]]
    assert {"hook.added", "hook.paused", "hook.resumed", "hook.removed"} <= set(actions)


def test_what_arrives_while_its_hook_is_paused_is_not_sent_again(house: House) -> None:
    over = threading.Event()

    def answers_late(handler: BaseHTTPRequestHandler) -> None:
        over.wait(20)
        status(200)(handler)

    with receiving() as receiver:
        made = hook(house, receiver)
        receiver.answers = [answers_late]
        with delivering(house, receiver):
            first, second = [one["number"] for one in give(house, 1, 2)]
            until(lambda: receiver.got)
            house.service.hooks.pause(made.id, "operator", house.service.unix_now())
            over.set()
            until(lambda: now(house, made).delivered == first)
            house.service.hooks.resume(made.id, "operator", house.service.unix_now())
            until(lambda: now(house, made).delivered == second)
    assert receiver.numbers == [first, second]


def test_after_a_rotation_both_keys_sign_for_a_week(house: House) -> None:
    with receiving() as receiver:
        made = hook(house, receiver)
        house.service.hooks.rotate(made.id, "operator", house.service.unix_now())
        new, old = now(house, made).public_keys
        assert old == made.public_keys[0] != new
        with delivering(house, receiver):
            give(house, 1)
            until(lambda: len(receiver.got) == 1)
            later(house, BOTH_S)
            give(house, 2)
            until(lambda: len(receiver.got) == 2)
    first, second = receiver.got
    assert first.signed_by(new)
    assert first.signed_by(old)
    assert second.signed_by(new)
    assert not second.signed_by(old)
    assert now(house, made).public_keys == (new,)


def test_the_database_alone_signs_nothing_and_another_operators_key_is_told_so(house: House) -> None:
    with receiving() as receiver:
        made = hook(house, receiver)
        other = Hooks(house.service.store, NoteSigner(ORIGIN, SigningKey.generate()))
        assert other.find(made.id, house.service.unix_now()).public_keys == ()
        with house.service.store.write() as connection:
            seed = connection.execute(select(table.c.seed)).scalar_one()
            connection.execute(update(table).values(seed=bytes(reversed(seed))))
        with delivering(house, receiver):
            give(house, 1)
            until(lambda: now(house, made).last_answer == "E_HOOK_KEY")
        assert receiver.got == []


def test_a_copy_that_takes_no_vouchers_tells_nobody(house: House) -> None:
    with receiving() as receiver:
        hook(house, receiver)
        give(house, 1)
        with house.service.store.write(beside=True) as connection:
            enter(connection, "restored", house.service.now())
        with delivering(house, receiver) as worker:
            until(lambda: worker.is_waiting)
        assert receiver.got == []


def test_a_worker_without_hooks_writes_nothing(house: House) -> None:
    worker = deliverer(house, Receiver().reach)
    worker.start()
    give(house, 1)
    worker.stop()
    with house.service.store.read() as connection:
        assert connection.execute(select(hook_lease)).all() == []


def test_the_system_administrator_sees_how_hooks_stand_and_no_secret(house: House) -> None:
    with receiving() as receiver:
        made = hook(house, receiver, ("charity",), ("donation.received",))
        (told,) = house.get("guan-1", "/v1/hooks")["hooks"]
        assert told == house.get("guan-1", f"/v1/hooks/{made.id}")
        assert told["url"] == receiver.url
        assert (told["entities"], told["kinds"]) == (["charity"], ["donation.received"])
        assert told["public_keys"][0].startswith("whpk_")
        assert "seed" not in told
        assert house.get("guan-1", "/v1/hooks/nobody", 404)["code"] == "E_HOOK_UNKNOWN"
