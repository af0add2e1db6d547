"""Who asks the same while an answer is being made gets a copy of it; a refusal is everybody's own."""

import asyncio
from datetime import date
from types import SimpleNamespace
from typing import Any

from fastapi import Request, Response

from ledger_api.http.reading import rendered
from ledger_api.http.reading.readings import Reading

SEVERAL = 8


class Work:
    """Counts how often it is done; it ends when it is let go."""

    def __init__(self, error: Exception | None = None) -> None:
        self.done = 0
        self.go = asyncio.Event()
        self._error = error

    async def __call__(self) -> Response:
        self.done += 1
        await self.go.wait()
        if self._error is not None:
            raise self._error
        return Response(b"answer")


def asked(work: Work, questions: list[str]) -> list[Any]:
    async def all_of_them() -> list[Any]:
        shared = rendered.Shared()
        tasks = [asyncio.create_task(shared.ask(one, work)) for one in questions]
        await asyncio.sleep(0)
        work.go.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    return asyncio.run(all_of_them())


def test_the_same_question_is_worked_on_once() -> None:
    work = Work()
    answers = asked(work, ["a"] * SEVERAL)
    assert (work.done, [one.body for one in answers]) == (1, [b"answer"] * SEVERAL)


def test_other_questions_are_worked_on_each() -> None:
    work = Work()
    assert len(asked(work, ["a", "b", "a", "c"])) == 4
    assert work.done == 3


def test_a_refusal_is_not_shared() -> None:
    work = Work(ValueError("names who asked"))
    assert all(isinstance(one, ValueError) for one in asked(work, ["a"] * SEVERAL))
    assert work.done == SEVERAL


def test_what_was_answered_is_asked_anew() -> None:
    work = Work()
    work.go.set()

    async def twice() -> None:
        shared = rendered.Shared()
        await shared.ask("a", work)
        await shared.ask("a", work)

    asyncio.run(twice())
    assert work.done == 2


def test_who_gives_up_leaves_the_answer_to_the_others() -> None:
    work = Work()

    async def one_goes() -> bytes:
        shared = rendered.Shared()
        gone, stays = (asyncio.create_task(shared.ask("a", work)) for _ in range(2))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        work.go.set()
        return bytes((await stays).body)

    assert asyncio.run(one_goes()) == b"answer"
    assert work.done == 1


def question(held: str | None) -> str:
    """What a reading is shared under whose asker holds something already."""
    headers = [] if held is None else [(b"if-none-match", held.encode())]
    request = Request({"type": "http", "path": "/v1/balances", "query_string": b"", "headers": headers})
    service: Any = SimpleNamespace(today=lambda: date(2025, 9, 30), standing=lambda: ("7",), has_moved=False)
    caller: Any = SimpleNamespace(where=lambda _permission: None, near=lambda _permission: {})
    return Reading(request, caller, service, "zh").question


def test_who_holds_something_shares_no_answer_with_who_does_not() -> None:
    """The one is told that nothing has changed, and the other has nothing."""
    assert question(None) == question(None)
    assert question("*") == question("*")
    assert len({question(held) for held in (None, "*", '"a"')}) == 3
