"""A kill, an I/O error or a full disk at every write and every sync of three acts: the book is whole each time.

What was acknowledged is in it, what was not done is done again. A fault in turn at each point; all of them at each
point in a soak, where strace does the same to the real program's system calls (`benchmarks/sweep_faults.py`).
"""

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

from tests.api.county import Office
from tests.crash import acting
from tests.crash.faulty_files import FAULTS, Fault, acted

ALL = settings().max_examples > 1_000


def faults_at(call: str, point: int) -> tuple[str, ...]:
    """What is tried at one point."""
    kinds = FAULTS[call]
    return kinds if ALL else (kinds[point % len(kinds)],)


@pytest.mark.parametrize("name", acting.ACTS)
def test_no_fault_at_any_write_or_sync_harms_the_book(first: Office, tmp_path: Path, name: str) -> None:
    before, done = acting.standing(first), first.copy(tmp_path / "done")
    assert acted(done, name, None, tmp_path / "counts") == 0
    after, points = acting.standing(done), json.loads((tmp_path / "counts").read_text(encoding="utf-8"))
    assert after != before
    endings: Counter[str] = Counter()
    for call, most in points.items():
        for point in range(1, most + 1):
            for what in faults_at(call, point):
                office = first.copy(tmp_path / "now")
                code = acted(office, name, Fault(call, point, what), tmp_path / "now" / "counts")
                assert (code < 0) == (what == "kill"), (call, point, what)
                acting.again(office, name, code, before, after)
                endings[what if code else "done"] += 1
                shutil.rmtree(office.folder)
    assert points["write"] > 20
    assert points["sync"] >= 2
    assert endings["kill"] > points["write"] / 4, "the kills reached the program"
    assert endings["ENOSPC"] > 0, "so did the full disk"
    # An import whose batch meets an error once is tried again voucher by voucher, and done.
    assert endings["EIO"] > 0 or name == "import", "and the errors"
    assert endings["EIO"] + endings["done"] > 0
