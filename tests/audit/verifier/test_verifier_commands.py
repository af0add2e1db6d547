"""The stranger's command line: packages, zips, single proofs, exit codes, JSON, and one file that needs only PyNaCl."""

import json
import os
import subprocess
import sys
import zipapp
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import ledger_audit.verifier
from ledger_audit.verifier.__main__ import main
from ledger_audit.verifier.formats import bag
from tests.audit import mini_books as books
from tests.audit import mini_writer as mini
from tests.audit.mini_writer import Pen

VKEY = Pen(100).vkey()
NOW = ("--now", "2025-09-12T09:00:00+08:00")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return mini.write(books.working().sealed(), tmp_path / "package")


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main([str(argument) for argument in (*arguments, *NOW)])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def run_json(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any]]:
    code, out, _ = run(capsys, *arguments, "--json")
    return code, json.loads(out)


def test_a_package_holds(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = run_json(capsys, package, "--key", VKEY)
    assert code == 0
    assert set(found) == {"integrity", "completeness", "self_consistent_only", "checkpoint"}
    assert set(found["integrity"]) == {"ok", "first_bad", "count", "findings", "checked"}
    assert found["integrity"]["ok"]
    assert not found["self_consistent_only"]
    assert found["checkpoint"]["size"] == 7


def test_the_page_says_both_verdicts_apart_in_two_languages(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, package, "--key", VKEY)
    assert code == 0
    assert out.index("完整性") < out.index("齐全性") < out.index("Integrity") < out.index("Completeness")
    assert "成立:逐字核对无误" in out
    assert len(out.splitlines()) < 40
    _, chinese, _ = run(capsys, package, "--key", VKEY, "--lang", "zh")
    assert "Integrity" not in chinese


def test_without_a_key_it_says_so_and_does_not_hold(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, package)
    assert code == 1
    assert "self-consistent only" in out
    assert "只核对了自身一致" in out


def test_a_bad_place_is_named(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = package / "data/events.jsonl"
    events.write_bytes(events.read_bytes().replace(b":200,", b":900,", 1))
    code, found = run_json(capsys, package, "--key", VKEY, "--jobs", "1")
    assert code == 1
    assert found["integrity"]["first_bad"] == {"number": 3, "position": 9}
    code, out, _ = run(capsys, package, "--key", VKEY)
    assert code == 1
    assert "第 3 号凭证" in out
    assert "voucher 3, position 9" in out


def test_another_logs_key_has_no_first_bad_place(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = run_json(capsys, package, "--key", Pen(9).vkey("other.example/log"))
    assert (code, found["integrity"]["first_bad"]) == (1, None)
    assert "最早的问题在" not in run(capsys, package, "--key", Pen(9).vkey("other.example/log"))[1]


def test_known_and_state(package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    note = tmp_path / "kept.note"
    note.write_text(books.working().checkpoint(5), encoding="utf-8")
    state = tmp_path / "state"
    assert run(capsys, package, "--key", VKEY, "--known", note, "--known", note, "--state", state)[0] == 0
    assert len(list(state.iterdir())) == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["missing"], "V_NO_PACKAGE"),
        (["."], "V_NO_PACKAGE"),
        (["package", "--key", "nonsense"], "V_VKEY"),
        (["package", "--key", VKEY.replace("083c8070", "083c8071")], "V_VKEY"),
        (["package", "--key", VKEY[:-4]], "V_VKEY"),
        (["package", "--key", VKEY[:-1]], "V_BASE64"),
        (["package", "--witness", "nonsense"], "V_WITNESS_VKEY"),
        (["package", "--witness", "w+00000000+"], "V_WITNESS_VKEY"),
        (["package", "--witness", "w+00000000+AA=="], "V_WITNESS_VKEY"),
        (["package", "--witness", VKEY], "V_WITNESS_VKEY"),
        (["package", "--witness", Pen(102).witness_vkey("w").replace("+", "+0", 1)], "V_WITNESS_VKEY"),
        (["package", "--witness", Pen(102).witness_vkey("w").replace("w+", "v+", 1)], "V_WITNESS_VKEY"),
        (["package", "--known", "missing.note"], "V_KNOWN_FILE"),
        (["package", "--known", "latin.note"], "V_KNOWN_FILE"),
        (["package", "--known", "bad.note"], "V_NOTE"),
        (["text.zip"], "V_ZIP"),
        (["bad.ledger-proof"], "V_PROOF_FORM"),
    ],
)
def test_unusable_input_is_said_with_its_code(
    arguments: Sequence[str],
    code: str,
    package: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(package.parent)
    Path("latin.note").write_bytes(b"\xff")
    Path("bad.note").write_bytes(b"bad")
    Path("text.zip").write_bytes(b"no zip")
    Path("bad.ledger-proof").write_bytes(b"{")
    exit_code, out, err = run(capsys, *arguments)
    assert (exit_code, out) == (2, "")
    assert err.startswith(code)
    exit_code, found = run_json(capsys, *arguments)
    assert (exit_code, found["error"]["code"]) == (2, code)


def zipped(folder: Path, archive: Path, prefix: str = "", kind: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(archive, "w", kind) as packed:
        for file in sorted(folder.rglob("*")):
            packed.write(file, prefix + file.relative_to(folder).as_posix())
    return archive


@pytest.mark.parametrize("prefix", ["", "package-2025-09/"])
def test_a_zip_of_a_package_is_a_package(
    prefix: str, package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = zipped(package, tmp_path / "package.zip", prefix)
    assert run(capsys, archive, "--key", VKEY)[0] == 0


def other_zip(names: Sequence[tuple[str, bytes]]) -> Callable[[Path], None]:
    def make(archive: Path) -> None:
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, data in names:
                packed.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)

    return make


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(other_zip([("../outside", b"x")]), id="a path upwards"),
        pytest.param(other_zip([("/outside", b"x")]), id="an absolute path"),
        pytest.param(other_zip([("bomb", b"0" * (20 << 20))]), id="a bomb"),
        pytest.param(other_zip([("readme", b"x")]), id="no package inside"),
        pytest.param(other_zip([("a/bagit.txt", b"x"), ("b/bagit.txt", b"x")]), id="two packages"),
    ],
)
def test_bad_zips_are_unusable(
    make: Callable[[Path], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path / "bad.zip")
    code, found = run_json(capsys, tmp_path / "bad.zip", "--key", VKEY)
    assert (code, found["error"]["code"]) == (2, "V_ZIP")
    assert not (tmp_path.parent / "outside").exists()


def test_what_lies_beside_the_package_in_its_zip_is_told(
    package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = zipped(package, tmp_path / "package.zip", "package/")
    with zipfile.ZipFile(archive, "a") as packed:
        packed.writestr("zz-newest/balances.txt", b"1")
    code, found = run_json(capsys, archive, "--key", VKEY)
    assert code == 1
    assert [(one["code"], one["file"]) for one in found["integrity"]["findings"]] == [
        ("V_BAG_UNLISTED", "zz-newest/balances.txt")
    ]


def test_no_damage_to_a_zip_ends_in_anything_but_a_verdict(
    package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = zipped(package, tmp_path / "package.zip")
    whole = archive.read_bytes()
    for place in range(0, len(whole), max(1, len(whole) // 150)):
        archive.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        code, found = run_json(capsys, archive, "--key", VKEY)
        assert code in {0, 1, 2}
        assert ("error" in found) == (code == 2)


@pytest.mark.parametrize("name", ["x" * 5_000, "a\0b"])
def test_a_path_that_cannot_be_is_unusable(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = run_json(capsys, name, "--key", VKEY)
    assert (code, found["error"]["code"]) == (2, "V_NO_PACKAGE")


def test_whatever_goes_wrong_in_reading_is_no_traceback(
    package: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise MemoryError("too much")

    monkeypatch.setattr("ledger_audit.verifier.running.verify_package", broken)
    code, found = run_json(capsys, package, "--key", VKEY)
    assert (code, found["error"]["code"]) == (2, "V_UNREADABLE")
    assert "MemoryError: too much" in run(capsys, package, "--key", VKEY)[2]


def test_names_without_a_spelling_are_printed_all_the_same(package: Path) -> None:
    (package / os.fsdecode(b"data/\xff\xfe")).write_bytes(b"")
    for more in ([], ["--json"]):
        command = [sys.executable, "-m", "ledger_audit.verifier", str(package), "--key", VKEY, *more]
        done = subprocess.run(
            command, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "utf-8"}, check=False
        )
        assert (done.returncode, done.stderr) == (1, b"")
        assert b"V_BAG_UNLISTED" in done.stdout


def test_a_broken_zip_is_unusable(package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = zipped(package, tmp_path / "package.zip", kind=zipfile.ZIP_STORED)
    data = bytearray(archive.read_bytes())
    data[data.index(b"donation.received")] ^= 1
    archive.write_bytes(bytes(data))
    assert run(capsys, archive, "--key", VKEY)[0] == 2


def test_a_large_file_is_hashed_without_being_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large"
    path.write_bytes(b"0123456789abcdef" * (1 << 19))
    with path.open("rb") as file:
        mapped = bag.file_digest(file)
        monkeypatch.setattr(bag, "_sodium", None)
        assert bag.file_digest(file) == mapped == mini.sha256(path.read_bytes())


def test_a_reader_who_has_seen_enough_changes_no_verdict(package: Path) -> None:
    """As with `| head`: nobody reads on, and the exit code still says what was found."""
    command = [sys.executable, "-m", "ledger_audit.verifier", str(package)]
    for words, code in ((["--key", VKEY], 0), ([], 1)):
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run([*command, *words], stdout=write, stderr=subprocess.PIPE, check=False)
        os.close(write)
        assert (done.returncode, done.stderr) == (code, b"")


def test_it_ships_as_one_file_and_needs_only_pynacl(package: Path, tmp_path: Path) -> None:
    source = Path(ledger_audit.verifier.__file__).parent
    stage = tmp_path / "stage" / "ledger_audit"
    for file in [source.parent / "__init__.py", *source.rglob("*.py")]:
        target = stage / file.relative_to(source.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    start = "import sys\nfrom ledger_audit.verifier.__main__ import main\ncode = main()\n"
    allowed = "{'nacl', 'cffi', '_cffi_backend', 'ledger_audit'}"
    check = (
        "names = {name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)\n"
        f"foreign = {{n for n in names if not n.startswith('_')}} - {allowed} - {{'sitecustomize', 'usercustomize'}}\n"
        "paths = [getattr(sys.modules[n], '__file__', None) or '' for n in foreign]\n"
        "sys.exit(f'foreign {sorted(foreign)}' if any(paths) else code)\n"
    )
    (stage.parent / "__main__.py").write_text(start + check, encoding="utf-8")
    archive = tmp_path / "ledger-verify.pyz"
    zipapp.create_archive(stage.parent, archive)
    command = [sys.executable, "-I", str(archive), str(package), "--key", VKEY, "--json", *NOW]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.stderr == ""
    assert done.returncode == 0
    assert json.loads(done.stdout)["integrity"]["ok"]
