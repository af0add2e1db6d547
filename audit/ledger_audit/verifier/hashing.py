"""What needs nothing but digests: the files of a package and the roots of its vouchers' events.

It runs in a process of its own where the system can fork, beside the walk and the adding up of the money.
"""

import multiprocessing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger_audit.verifier.formats.bag import Bag
from ledger_audit.verifier.formats.canonical import FaultError
from ledger_audit.verifier.pairing import bad_roots

if TYPE_CHECKING:
    from multiprocessing.connection import Connection


@dataclass(frozen=True, slots=True)
class Digests:
    """What was found by hashing: faults of the files, numbers of vouchers whose events are not those signed."""

    faults: list[FaultError]
    bad_roots: list[int]


class Hashing:
    """Begins at once when there may be two processes, otherwise when it is asked."""

    def __init__(self, bag: Bag, jobs: int) -> None:
        self.bag = bag
        self._answer: Connection | None = None
        if jobs > 1 and "fork" in multiprocessing.get_all_start_methods():
            context = multiprocessing.get_context("fork")
            self._answer, told = context.Pipe(duplex=False)
            context.Process(target=_tell, args=(told, bag), daemon=True).start()
            told.close()

    def digests(self) -> Digests:
        """Waits for what was found. When the other process was killed, for want of memory perhaps, it is done here."""
        if self._answer is not None:
            with self._answer as answer:
                try:
                    found: Digests = answer.recv()
                except (EOFError, OSError):
                    return _hashed(self.bag)
                return found
        return _hashed(self.bag)


def _tell(told: "Connection", bag: Bag) -> None:
    told.send(_hashed(bag))


def _hashed(bag: Bag) -> Digests:
    return Digests(list(bag.faults()), bad_roots(bag))
