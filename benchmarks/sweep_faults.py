"""Every write and every sync of three acts, each failed in turn: killed there, an I/O error there, a full disk there.

strace injects the fault into one system call of the real program. After each, the book is opened as after a crash, must
be whole, must hold what was acknowledged, and the act is done again. Run from the repository root:
`PYTHONPATH=. python benchmarks/sweep_faults.py [ACT…]`; strace 5.5 or newer must be there.
"""

import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.api.county import Office
from tests.crash import acting

CALLS = ("pwrite64", "fdatasync")
FAULTS = {"pwrite64": ("signal=SIGKILL", "error=EIO", "error=ENOSPC"), "fdatasync": ("signal=SIGKILL", "error=EIO")}


def traced(office: Office, name: str, call: str, fault: str | None) -> tuple[int, int]:
    """The act's exit code (negative when it was killed) under strace, and how many such calls were seen."""
    log = office.folder / "calls"
    # Without --seccomp-bpf, which is quicker: under it strace 6.1 counted the calls and never sent the signal.
    words = ["strace", "-f", "-qq", "-o", str(log), "-e", f"trace={call}"]
    if fault is not None:
        words += ["-e", f"inject={call}:{fault}"]
    program = [sys.executable, "-m", "tests.crash.acting", str(office.folder), name]
    done = subprocess.run([*words, *program], check=False, capture_output=True)
    return done.returncode, log.read_text().count(f" {call}(") if log.exists() else 0


def sweep(first: Office, name: str, folder: Path) -> Counter[str]:
    """All points of one act; how often each ending was seen."""
    before = acting.standing(first)
    done = first.copy(folder / "done")
    assert acting.act(done, name) == 0
    after = acting.standing(done)
    endings: Counter[str] = Counter()
    for call in CALLS:
        _, points = traced(first.copy(folder / f"count-{call}"), name, call, None)
        endings[f"{call} points"] = points
        for fault in FAULTS[call]:
            for point in range(1, points + 1):
                office = first.copy(folder / "now")
                code, _ = traced(office, name, call, f"{fault}:when={point}")
                acting.again(office, name, code, before, after)
                endings["done" if code == 0 else "killed" if code < 0 else "refused"] += 1
                shutil.rmtree(office.folder)
    assert endings["killed"] > 0, "the kills reached the program"
    assert endings["refused"] > 0, "so did the errors"
    return endings


def main() -> None:
    """Sweep the acts that are named, else all three, and print what was seen."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = acting.prepared(folder / "first")
        for act in sys.argv[1:] or acting.ACTS:
            (folder / act).mkdir()
            print(act, dict(sweep(first, act, folder / act)), flush=True)


if __name__ == "__main__":
    if shutil.which("strace") is None:
        sys.exit("strace is not installed")
    main()
