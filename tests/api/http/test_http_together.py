"""What arrives meanwhile is done together; each is told its own answer; nobody who gives up holds up the others."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from ledger.errors import InputError
from ledger_api.http.together import Together


class Slow:
    """Work whose first turn lasts until it is let go."""

    def __init__(self) -> None:
        self.turns: list[list[int]] = []
        self.begun, self.go = threading.Event(), threading.Event()

    def __call__(self, asked: Sequence[int]) -> list[int | Exception]:
        self.turns.append(list(asked))
        self.begun.set()
        assert self.go.wait(30)
        return [InputError("E_VALUE", value=one) if one < 0 else 10 * one for one in asked]


async def _begun(slow: Slow) -> None:
    await asyncio.to_thread(slow.begun.wait, 30)


def test_what_is_asked_during_a_turn_is_the_next_turn() -> None:
    slow = Slow()
    together = Together("test", slow, 100)

    async def several() -> list[int]:
        first = asyncio.create_task(together.ask(1))
        await _begun(slow)
        others = [asyncio.create_task(together.ask(n)) for n in (2, 3, 4)]
        await asyncio.sleep(0)
        slow.go.set()
        return list(await asyncio.gather(first, *others))

    assert asyncio.run(several()) == [10, 20, 30, 40]
    assert slow.turns == [[1], [2, 3, 4]]
    together.close()


def test_a_turn_takes_no_more_than_its_most() -> None:
    slow = Slow()
    together = Together("test", slow, 2)

    async def several() -> list[int]:
        first = asyncio.create_task(together.ask(1))
        await _begun(slow)
        others = [asyncio.create_task(together.ask(n)) for n in range(2, 7)]
        await asyncio.sleep(0)
        slow.go.set()
        return list(await asyncio.gather(first, *others))

    assert asyncio.run(several()) == [10, 20, 30, 40, 50, 60]
    assert slow.turns == [[1], [2, 3], [4, 5], [6]]
    together.close()


def test_an_error_is_told_to_the_one_who_asked() -> None:
    slow = Slow()
    slow.go.set()
    together = Together("test", slow, 100)

    async def several() -> list[int | BaseException]:
        return list(await asyncio.gather(*(together.ask(n) for n in (1, -1, 2)), return_exceptions=True))

    one, error, two = asyncio.run(several())
    assert (one, two) == (10, 20)
    assert isinstance(error, InputError)
    together.close()


@pytest.mark.parametrize("work", [lambda _asked: 1 // 0, lambda asked: list(asked)[1:]], ids=["raises", "too few"])
def test_work_that_breaks_is_told_to_all_and_goes_on(work: object) -> None:
    broken = [True]

    def once(asked: Sequence[int]) -> list[int | Exception]:
        if broken.pop() if broken else False:
            return work(asked)  # type: ignore[operator,no-any-return]  # one of the two above
        return list(asked)

    together = Together("test", once, 100)
    with pytest.raises((ZeroDivisionError, ValueError)):
        asyncio.run(together.ask(1))
    assert asyncio.run(together.ask(2)) == 2
    together.close()


def test_who_gives_up_does_not_hold_up_the_others() -> None:
    slow = Slow()
    together = Together("test", slow, 100)

    async def several() -> int:
        gone = asyncio.create_task(together.ask(1))
        await _begun(slow)
        stays = asyncio.create_task(together.ask(2))
        gone.cancel()
        await asyncio.sleep(0)
        slow.go.set()
        return await stays

    assert asyncio.run(several()) == 20
    together.close()


def test_several_loops_are_each_told_their_own() -> None:
    slow = Slow()
    slow.go.set()
    together = Together("test", slow, 100)
    found: dict[int, int] = {}

    def one(number: int) -> None:
        found[number] = asyncio.run(together.ask(number))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: 10 * number for number in range(20)}
    assert sorted(one for turn in slow.turns for one in turn) == list(range(20))
    together.close()


def test_closing_answers_what_was_asked_and_takes_nothing_more() -> None:
    slow = Slow()
    together = Together("test", slow, 100)

    async def several() -> int:
        asked = asyncio.create_task(together.ask(1))
        await _begun(slow)
        closing = asyncio.create_task(asyncio.to_thread(together.close))
        slow.go.set()
        await closing
        return await asked

    assert asyncio.run(several()) == 10
    with pytest.raises(RuntimeError):
        asyncio.run(together.ask(2))
