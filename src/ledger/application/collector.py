"""Python's cyclic collector kept out of a batch, and out of the way of an import.

A batch makes hundreds of thousands of objects that live until it is written, and none of them in a cycle. The collector
would walk them again and again while they pile up, which costs a fifth of the time and frees nothing; a batch is
bounded, so that it can wait.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_SELDOM: Final = (100_000, 50, 100)
"""New objects before the young are looked at; how often they are before the older ones are, and those before all."""


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


@contextmanager
def collector_seldom() -> Iterator[None]:
    """Fewer collections inside. The rows of a large file, and what is proposed for them, are a million objects
    that live to its end; with the usual thresholds a third of an import goes by looking at them again.
    """
    usual = gc.get_threshold()
    gc.set_threshold(*(max(pair) for pair in zip(usual, _SELDOM, strict=True)))
    try:
        yield
    finally:
        gc.set_threshold(*usual)
