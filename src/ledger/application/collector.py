"""Python's cyclic collector kept out of a batch.

A batch makes hundreds of thousands of objects that live until it is written, and none of them in a cycle. The collector
would walk them again and again while they pile up, which costs a fifth of the time and frees nothing; a batch is
bounded, so that it can wait.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
