"""A file read in a second process says what it says when it is read here: rows, faults, refusals, on every road."""

import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.application.importing import ahead
from ledger.application.importing.ahead import ReadAhead, reading_beside
from ledger.application.importing.parse import parse_file
from ledger.errors import InputError
from tests.application.importing.offices import SAMPLES


@pytest.fixture(scope="module")
def reader() -> Iterator[ReadAhead]:
    made = ReadAhead()
    yield made
    made.close()


def test_what_comes_back_is_what_was_read(reader: ReadAhead) -> None:
    files = sorted(SAMPLES.glob("*.csv"))
    reader.begin(files, month="2025-09")
    begun = [future for future in reader._begun.values() if not future.cancelled()]  # noqa: SLF001 - what the second process holds is asked nowhere else
    begun[0].result()  # the second process has it, and the next is on its way
    assert len(files) == 17
    for file in files:
        assert reader(file, month="2025-09") == parse_file(file, month="2025-09")
    assert not reader._begun  # noqa: SLF001 - nothing is kept after it was asked for


def test_a_refusal_comes_back_with_its_place(reader: ReadAhead, tmp_path: Path) -> None:
    file = tmp_path / "空.csv"
    file.write_text("甲,乙\n1,2\n", encoding="utf-8")
    reader.begin([file])
    reader._begun[file, None, None].exception()  # noqa: SLF001 - wait for the other process
    with pytest.raises(InputError) as there:
        reader(file)
    with pytest.raises(InputError) as here:
        parse_file(file)
    assert (there.value.code, there.value.params) == (here.value.code, here.value.params)
    assert there.value.message() == here.value.message()


# Python 3.11's own thread may trip over a head start that was given up while it told all of them that the process died.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_killed_process_costs_only_its_head_start() -> None:
    (file, *others) = sorted(SAMPLES.glob("*.csv"))
    reader = ReadAhead()
    reader.begin([file])
    reader._begun[file, None, None].result()  # noqa: SLF001 - what the second process holds is asked nowhere else
    _kill(reader)
    reader.begin(others)
    for one in (file, *others):
        assert reader(one) == parse_file(one)
    reader.close()


def test_an_import_reads_from_both_ends_when_there_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [Path(shutil.copy(one, tmp_path)) for one in sorted(SAMPLES.glob("*.csv"))[:3]]
    with reading_beside(files) as small:
        assert small is parse_file
    monkeypatch.setattr(ahead, "WORTHWHILE_BYTES", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with reading_beside([*files, tmp_path / "没有.csv"]) as large:
        assert isinstance(large, ReadAhead)
        assert [large(one) for one in files] == [parse_file(one) for one in files]
        with pytest.raises(InputError):
            large(tmp_path / "没有.csv")


def test_what_else_the_second_process_is_at_is_ended_before_it_is_let_go(tmp_path: Path) -> None:
    reader, given, done = ReadAhead(), tmp_path / "给", tmp_path / "做完"
    os.mkfifo(given)
    assert reader.beside(os.system, f"cat '{given}' > '{done}'")
    told = given.open("wb")  # once the other end is open: it is at it

    def tell() -> None:
        told.write(b"1")
        told.close()

    threading.Timer(0.3, tell).start()
    reader.close()
    assert done.read_bytes() == b"1"


def test_who_is_at_something_else_is_not_asked_again_and_nobody_hears_what_went_wrong(tmp_path: Path) -> None:
    reader, first, second = ReadAhead(), tmp_path / "第一", tmp_path / "第二"
    os.mkfifo(first)
    assert reader.beside(first.read_bytes)  # until somebody writes
    assert not reader.beside(second.touch)
    first.write_bytes(b"")
    assert reader._beside is not None  # noqa: SLF001 - what the second process does is asked nowhere else
    reader._beside.result()  # noqa: SLF001 - what the second process does is asked nowhere else
    assert reader.beside((tmp_path / "没有").read_bytes)
    reader.close()
    assert not second.exists()


def test_what_else_is_to_be_done_is_done_by_the_next_process_when_one_is_killed(tmp_path: Path) -> None:
    (file, other) = sorted(SAMPLES.glob("*.csv"))[:2]
    reader, done = ReadAhead(), tmp_path / "做完"
    reader.begin([file])
    reader._begun[file, None, None].result()  # noqa: SLF001 - what the second process holds is asked nowhere else
    _kill(reader)
    until = time.monotonic() + 30
    while not done.exists() and time.monotonic() < until:
        reader.beside(done.touch)
        time.sleep(0.02)
    assert done.exists()
    assert reader(other) == parse_file(other)
    reader.close()


def _kill(reader: ReadAhead) -> None:
    assert reader._pool is not None  # noqa: SLF001 - what the second process holds is asked nowhere else
    for process in list(reader._pool._processes.values()):  # noqa: SLF001 - what the second process holds is asked nowhere else
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
