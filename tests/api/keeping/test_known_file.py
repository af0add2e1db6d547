"""What a client knows of a log: the last whole line counts, whoever wrote the others and however they ended."""

from pathlib import Path

import orjson
import pytest

from ledger_api import knowing
from ledger_api.knowing import Known, KnownFile

ORIGIN = "ledger.example.org/book"


def _known(number: int) -> Known:
    return Known("ledger.example.org/book+00000000+key", f"{ORIGIN}\n{number}\nroot\n\n— 签名\n")


@pytest.fixture
def file(tmp_path: Path) -> KnownFile:
    return KnownFile(ORIGIN, "kuaiji-wang", tmp_path / "state")


def test_nothing_is_known_of_a_log_that_was_never_met(file: KnownFile) -> None:
    assert file.read() is None


def test_what_was_said_last_counts_and_each_time_is_a_line(file: KnownFile) -> None:
    for number in range(1, 4):
        file.keep(_known(number))
        assert file.read() == _known(number)
        assert len(file.path.read_bytes().splitlines()) == number


def test_what_an_earlier_release_kept_is_read_and_not_written_behind(file: KnownFile) -> None:
    file.keep(_known(1))
    file.path.write_bytes(orjson.dumps({"vkey": _known(1).vkey, "note": _known(1).note}))
    assert file.read() == _known(1)
    file.keep(_known(2))
    assert file.read() == _known(2)
    assert len(file.path.read_bytes().splitlines()) == 1


@pytest.mark.parametrize("left", [1, 20, 60])
def test_half_a_line_is_not_there_and_nothing_is_written_behind_it(file: KnownFile, left: int) -> None:
    file.keep(_known(1))
    file.keep(_known(2))
    whole = file.path.read_bytes()
    first = whole.index(b"\n") + 1
    file.path.write_bytes(whole[: first + left])
    assert file.read() == _known(1)
    file.keep(_known(3))
    assert file.read() == _known(3)
    assert len(file.path.read_bytes().splitlines()) == 1


def test_a_line_that_lacks_only_its_end_counts(file: KnownFile) -> None:
    file.keep(_known(1))
    file.keep(_known(2))
    file.path.write_bytes(file.path.read_bytes()[:-1])
    assert file.read() == _known(2)


def test_what_has_become_long_is_written_anew(file: KnownFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowing, "_LONG_BYTES", 400)
    lengths = []
    for number in range(1, 20):
        file.keep(_known(number))
        assert file.read() == _known(number)
        lengths.append(len(file.path.read_bytes().splitlines()))
    assert max(lengths) > 1
    assert lengths[-10:].count(1) > 1


def test_a_file_that_holds_nothing_usable_is_not_taken_for_none(file: KnownFile) -> None:
    file.keep(_known(1))
    file.path.write_bytes(b"")
    with pytest.raises(orjson.JSONDecodeError):
        file.read()
