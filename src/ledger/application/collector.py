"""Python's cyclic collector kept out of a batch, and out of the way of an import.

A batch makes hundreds of thousands of objects that live until it is written, and none of them in a cycle. The collector
would walk them again and again while they pile up, which costs a fifth of the time and frees nothing; a batch is
bounded, so that it can wait.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

_SELDOM: Final = (100_000, 50, 100)
"""New objects before the young are looked at; how often they are before the older ones are, and those before all."""
_GUARD: Final = Lock()
_INSIDE: Final[list[tuple[int, int, int]]] = []
"""The thresholds that each block found; the first are the usual ones."""


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """No automatic collection inside the block; whoever turned it off turns it on again, so blocks may nest."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def collect_seldom() -> None:
    """For a process that is ours from its first line to its last: fewer collections until it ends. What it has loaded
    by now stays loaded and is set aside. Processes that it forks do the same.
    """
    gc.freeze()
    gc.set_threshold(*_SELDOM)


@contextmanager
def collector_seldom() -> Iterator[None]:
    """Fewer collections inside. The rows of a large file, and what is proposed for them, are a million objects
    that live to its end; with the usual thresholds a third of an import goes by looking at them again.

    Blocks may overlap in several threads: the last to end brings back what was usual before the first.
    """
    with _GUARD:
        _INSIDE.append(gc.get_threshold())
        usual = _INSIDE[0]
        if usual[0]:  # nought means that somebody has turned it off
            gc.set_threshold(*(max(pair) for pair in zip(usual, _SELDOM, strict=True)))
    try:
        yield
    finally:
        with _GUARD:
            usual = _INSIDE[0]
            _INSIDE.pop()
            if not _INSIDE:
                gc.set_threshold(*usual)
