"""The worker of `serve`: a hook is told of each voucher at least once, in order; one that fails keeps no other back.

What arrived is written down after the receiver said so. A process that dies between the two sends the message again,
under the same id, by which the receiver knows it. One process delivers at a time (`lease.py`).
"""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from ledger.errors import LedgerError, NotFoundError
from ledger.log.store import LogStore
from ledger.signing.vkeys import NoteSigner
from ledger_api.hooks.addresses import target_of
from ledger_api.hooks.lease import Lease
from ledger_api.hooks.messages import Message, next_message
from ledger_api.hooks.registry import ACTIVE, FAILED, GONE, PAUSED, Hook, Hooks, settle
from ledger_api.hooks.schedule import delay_s
from ledger_api.hooks.sending import Answer, Manners, attempt
from ledger_api.hooks.signing import signed_headers

LOOK_S: Final = 1.0
TROUBLE_S: Final = 30.0
"""How long the worker waits after an error of its own, such as a book that is closed."""
STOP_S: Final = 10.0
_DAY_S: Final = 86_400
_MARGIN_S: Final = 5
_log: Final = logging.getLogger("ledger.hooks")


@dataclass(frozen=True, slots=True)
class Policy:
    """How the worker goes about it."""

    manners: Manners = field(default_factory=Manners)
    days: int = 5
    """After so many days without success a hook is failed."""
    look_s: float = LOOK_S


class Deliverer:
    """One process's worker, in a thread with a loop of its own. `now` is the clock in Unix seconds."""

    def __init__(self, store: LogStore, operator: NoteSigner, now: Callable[[], int], policy: Policy) -> None:
        self._store: Final = store
        self._hooks: Final = Hooks(store, operator)
        self._now: Final = now
        self._policy: Final = policy
        self._lease: Final = Lease(store)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._work: asyncio.Task[None] | None = None
        self._thread: Final = threading.Thread(target=self._run, name="hooks", daemon=True)
        self._stopping = threading.Event()
        self._rests: dict[str, float] = {}
        """Hooks of which something could not be written down: until when nothing is sent to them."""
        self.is_waiting = False
        """Whether the worker met an error of its own at its last turn, such as a book that is closed."""

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """End now. What is on its way may arrive, and is sent again by whoever delivers next."""
        self._stopping.set()
        loop, work = self._loop, self._work
        if loop is not None and work is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended by itself
                loop.call_soon_threadsafe(work.cancel)
        if self._thread.is_alive():
            self._thread.join(STOP_S)  # a resolver that does not answer is not waited for

    def _run(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(self._deliver())

    async def _deliver(self) -> None:
        self._loop, self._work = asyncio.get_running_loop(), asyncio.current_task()
        running: dict[str, asyncio.Task[None]] = {}
        try:
            while not self._stopping.is_set():
                pause_s = self._policy.look_s
                try:
                    self._turn(running)
                    self.is_waiting = False
                except (LedgerError, SQLAlchemyError) as error:
                    _log.warning("hooks wait", exc_info=error)
                    pause_s, self.is_waiting = TROUBLE_S, True
                await asyncio.sleep(pause_s)
        finally:
            for task in running.values():
                task.cancel()
            await asyncio.gather(*running.values(), return_exceptions=True)
            with contextlib.suppress(LedgerError, SQLAlchemyError):  # it runs out by itself
                self._lease.release()

    def _turn(self, running: dict[str, asyncio.Task[None]]) -> None:
        """Begin with every hook that is due and is not being told already."""
        now = self._now()
        due = self._hooks.due(now)
        for name in [name for name, task in running.items() if task.done()]:
            del running[name]
        if due and self._lease.hold(now):
            for name in due:
                if name not in running and self._rests.get(name, 0.0) <= time.monotonic():
                    running[name] = asyncio.create_task(self._tell(name))

    async def _tell(self, name: str) -> None:
        """Tell one hook of all that it was not told of, until it fails or there is no more."""
        try:
            while await self._tell_next(name):
                pass
        except NotFoundError:
            return  # it was removed meanwhile
        except Exception:  # noqa: BLE001 - whatever it was, the other hooks go on
            _log.exception("a hook waits", extra={"hook": name})
            self._rests[name] = time.monotonic() + TROUBLE_S

    async def _tell_next(self, name: str) -> bool:
        now = self._now()
        hook = self._hooks.find(name, now)
        if hook.state != ACTIVE or hook.next_at > now or not self._lease.hold(now):
            return False
        if self._lease.left_s(now) < self._policy.manners.timeout_s + _MARGIN_S:
            return False
        with self._store.read() as connection:
            message, passed = next_message(connection, hook)
        if message is None:
            if passed > hook.delivered:
                self._settle(hook, {"delivered": passed})
            return passed > hook.delivered
        return self._told(hook, message, await send(self._hooks, hook, message, now, self._policy.manners))

    def _told(self, hook: Hook, message: Message, answer: Answer) -> bool:
        """Write down what came of it; whether the next one may be sent."""
        now = self._now()
        values: dict[str, Any] = {"tried_at": now, "last_answer": answer.said}
        if answer.is_delivered:
            fresh = {"delivered": message.number, "failures": 0, "failing_since": None, "next_at": 0}
            self._settle(hook, values | fresh, (ACTIVE, PAUSED))  # also of one that was paused while it was told
            return True
        since, failures = hook.failing_since or now, hook.failures + 1
        values |= {"failures": failures, "failing_since": since, "next_at": now + delay_s(failures, answer.wait_s)}
        if answer.is_gone:
            values["state"] = GONE
        elif now - since >= self._policy.days * _DAY_S:
            values["state"] = FAILED
        self._settle(hook, values)
        _log.warning("not delivered", extra={"hook": hook.id, "answer": answer.said, "state": values.get("state")})
        return False

    def _settle(self, hook: Hook, values: dict[str, Any], states: Sequence[str] = (ACTIVE,)) -> None:
        with self._store.write() as connection:
            settle(connection, hook, values, states)


async def send(hooks: Hooks, hook: Hook, message: Message, now: int, manners: Manners) -> Answer:
    """Sign one message with the hook's keys and send it; nothing is written down."""
    try:
        target, keys = target_of(hook.url, manners.reach), hooks.keys(hook.id, now)
    except NotFoundError:
        raise
    except LedgerError as error:
        return Answer(error.code)
    return await attempt(target, message.body, signed_headers(message.id, now, message.body, keys), manners)
