"""A backup is whole or not there: taken while others write, killed half-way, with any byte of it changed."""

import os
import shutil
import signal
import sqlite3
import stat
import sys
import tarfile
import threading
from contextlib import closing
from pathlib import Path

import pytest

from ledger.errors import EvidenceError, InputError
from ledger_api.books import Book
from ledger_api.keeping import backing_up, backups
from ledger_api.keeping.backing_up import back_up
from ledger_api.keeping.restoring import drill, restore
from tests.api.county import Office
from tests.api.keeping.books import NOW, give, said
from tests.application import office as clerks

STEPS = {"open", "os.rename", "os.link", "os.mkdir", "os.chmod", "os.remove", "shutil.copyfile", "sqlite3.connect"}


@pytest.mark.parametrize("name", ["copy", "copy.tar"])
def test_a_backup_is_the_book(placed: Office, tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    told = placed.asked("backup", target)
    assert told["signed"]
    assert told["position"] == placed.position()
    restore(target, tmp_path / "again", NOW)
    assert said(tmp_path / "again") == said(placed.book)
    with Book.open(tmp_path / "again") as book, Book.open(placed.book) as old:
        assert book.origin == old.origin
        assert book.settings.operator_key.read_bytes() == old.settings.operator_key.read_bytes()


@pytest.mark.parametrize("name", ["copy", "copy.tar"])
def test_a_backup_is_its_makers_alone_at_every_moment(
    office: Office, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever makes it has an open umask; what is beside its place is looked at whenever a file is synced."""
    seen: set[int] = set()
    sync = backups.sync

    def watched(path: Path) -> None:
        seen.update(stat.S_IMODE(one.stat().st_mode) for one in tmp_path.glob("*copy*"))
        sync(path)

    monkeypatch.setattr(backups, "sync", watched)
    before = os.umask(0)
    try:
        office.done("backup", tmp_path / name)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / name).stat().st_mode) == (0o600 if name.endswith(".tar") else 0o700)
    assert seen <= {0o600, 0o700}


def test_what_lies_at_the_target_is_not_overwritten(office: Office, tmp_path: Path) -> None:
    office.done("backup", tmp_path / "copy")
    before = (tmp_path / "copy" / "manifest.json").read_bytes()
    assert "E_TARGET_EXISTS" in office.run("backup", tmp_path / "copy").stderr
    assert (tmp_path / "copy" / "manifest.json").read_bytes() == before


def test_no_passphrase_and_no_vault_key_leave_the_house_with_it(office: Office, tmp_path: Path) -> None:
    (office.book / "vault.keys").unlink(missing_ok=True)
    with Book.open(office.book) as book:
        assert book.vault.reference("person", "x")
    office.done("backup", tmp_path / "copy", "--vault-keys", tmp_path / "apart" / "vault.keys")
    names = {file.name for file in (tmp_path / "copy").rglob("*")}
    assert names == {
        *("book.db", "book.toml", "operator.clkey"),
        *("manifest.json", "manifest.sha256", "manifest.note"),
    }
    assert "passphrase" not in (tmp_path / "copy" / "book.toml").read_text()
    assert (tmp_path / "apart" / "vault.keys").stat().st_mode & 0o777 == 0o600
    restore(tmp_path / "copy", tmp_path / "again", NOW, vault_keys=tmp_path / "apart" / "vault.keys")
    with Book.open(tmp_path / "again") as again, Book.open(office.book) as book:
        assert again.vault.reference("person", "x") == book.vault.reference("person", "x")


def test_attachments_are_in_it(office: Office, tmp_path: Path) -> None:
    (office.book / "attachments" / "ab").mkdir(parents=True)
    (office.book / "attachments" / "ab" / "cd").write_bytes(b"sealed")
    office.done("backup", tmp_path / "copy.tar")
    restore(tmp_path / "copy.tar", tmp_path / "again", NOW)
    assert (tmp_path / "again" / "attachments" / "ab" / "cd").read_bytes() == b"sealed"


def test_backups_taken_while_three_threads_write_are_whole(office: Office, tmp_path: Path, db_url: str) -> None:
    """The folder is the office's; the log is one that clerks write at the same time, on both databases."""
    shutil.rmtree(office.book)
    office.book.mkdir()
    clerk = clerks.Office(db_url).open()
    (office.book / "operator.clkey").write_bytes(b"sealed")
    (office.book / "book.toml").write_text(f'[book]\norigin = "{clerks.ORIGIN}"\ndatabase = "{db_url}"\n')
    stop, written = threading.Event(), []

    def work(name: int) -> None:
        count = 0
        while not stop.is_set():
            clerk.writer.submit(clerk.draft("maker", [clerks.gift(f"g-{name}-{count}")]))
            written.append(name)
            count += 1

    threads = [threading.Thread(target=work, args=(name,)) for name in range(3)]
    for thread in threads:
        thread.start()
    sizes = []
    with Book.open(office.book) as book:
        for number in range(4):
            facts = back_up(book, tmp_path / f"copy-{number}", clerk.operator)
            sizes.append(facts["size"])
    stop.set()
    for thread in threads:
        thread.join()
    for number, size in enumerate(sizes):
        manifest, verdict = drill(tmp_path / f"copy-{number}", tmp_path / "drill", NOW, clerks.DAY)
        assert (manifest["size"], verdict.vouchers) == (size, size)
        assert verdict.holds, verdict.to_json()
    assert sizes == sorted(sizes)
    assert len(written) > 4
    clerk.store.close()


def test_killed_at_any_moment_it_leaves_nothing_that_passes(office: Office, tmp_path: Path) -> None:
    """Killed at each file that it opens, makes, links or moves, one later than the last time, until it lives."""
    with Book.open(office.book) as book:
        whole = back_up(book, tmp_path / "whole", None)["size"]
    for suffix in ("", ".tar"):
        step, lived = 0, False
        while not lived:
            step += 1
            target = tmp_path / f"copy-{step}{suffix}"
            lived = dies(office.book, target, step) == 0
            assert target.exists() or not lived
            for left in (target, *tmp_path.glob(f".{target.name}.part-*")):
                assert whole_or_nothing(left) in {None, whole}
            if target.exists():
                assert whole_or_nothing(target) == whole
        assert step > 10


class BrokenOffError(Exception):
    """The machine went down."""


def test_the_keys_of_people_are_at_their_place_whole_or_not_at_all(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong before all is ready, nothing lies at either place, and the same command is run again."""
    (office.book / "vault.keys").unlink(missing_ok=True)
    with Book.open(office.book) as book:
        assert book.vault.reference("person", "x")
        apart, places = tmp_path / "apart" / "keys", (tmp_path / "copy.tar", tmp_path / "apart" / "keys")

        def none_there() -> bool:
            return not [place for place in places if place.exists()]

        def breaks(folder: Path, file: Path) -> None:
            packed(folder, file)
            assert none_there()
            raise BrokenOffError

        copied, packed = backing_up.copied_keys, backups.pack
        with monkeypatch.context() as patch:
            patch.setattr(backing_up, "copied_keys", lambda *words: copied(*words) and none_there())
            patch.setattr(backups, "pack", breaks)
            with pytest.raises(BrokenOffError):
                back_up(book, places[0], None, apart)
        assert [one.name for one in (*tmp_path.glob(".copy*"), *apart.parent.iterdir())] == []
        back_up(book, places[0], None, apart)
    assert (apart.stat().st_mode & 0o777, apart.stat().st_size > 0) == (0o600, True)
    assert [one.name for one in apart.parent.iterdir()] == ["keys"]


@pytest.mark.parametrize("links", [True, False])
def test_where_one_place_is_taken_nothing_is_left_at_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    """Somebody took the second while it was made; on a stick that knows no links too."""
    made, places = [tmp_path / "a", tmp_path / "b"], [tmp_path / "keys", tmp_path / "copy.tar"]
    for file in (*made, places[1]):
        file.write_text(file.name)
    if not links:
        monkeypatch.setattr(os, "link", _no_links)
    with pytest.raises(InputError) as refused:
        backing_up._place(list(zip(made, places, strict=True)))  # noqa: SLF001 - between its two steps nobody comes in
    assert (refused.value.code, refused.value.params["file"]) == ("E_TARGET_EXISTS", str(places[1]))
    assert (places[0].exists(), places[1].read_text()) == (False, "copy.tar")


def _no_links(*_paths: Path) -> None:
    raise PermissionError(1, "no links here")


def test_a_file_of_more_than_eight_gibibytes_is_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the form of old tar files has no digits for; only what is said of the file is written here."""
    large = 9 * 2**30
    folder, packed = tmp_path / "folder", tmp_path / "copy.tar"
    folder.mkdir()
    with (folder / backups.DATABASE).open("wb") as file:
        file.truncate(large)
    monkeypatch.setattr(tarfile, "copyfileobj", lambda *_, **__: None)
    backups.pack(folder, packed)
    with tarfile.open(packed) as archive:
        assert [(one.name, one.size) for one in [archive.next()] if one] == [(backups.DATABASE, large)]


def dies(book: Path, target: Path, step: int) -> int:
    """Take a backup in a process that is killed at its step; the process's status, 0 when it needed fewer steps."""
    child = os.fork()
    if child == 0:
        left = step

        def hook(event: str, words: tuple[object, ...]) -> None:
            nonlocal left
            if event in STEPS and (event != "open" or str(words[0]).startswith(str(target.parent))):
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        with Book.open(book) as opened:
            back_up(opened, target, None)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def whole_or_nothing(path: Path) -> int | None:
    """How many vouchers a backup holds, or None when it does not pass."""
    try:
        with backups.opened(path) as backup:
            return int(backup.manifest["size"])
    except (EvidenceError, InputError):
        return None


def changes(data: bytes) -> list[int]:
    """Places to change: all of a small file, and evenly spread ones of a large file, its ends with them."""
    every = max(1, len(data) // 150)
    return sorted({*range(0, len(data), every), len(data) - 1})


@pytest.mark.parametrize("name", ["copy", "copy.tar"])
def test_every_changed_byte_is_found(office: Office, tmp_path: Path, name: str) -> None:
    office.done("backup", tmp_path / name)
    files = [tmp_path / name] if name.endswith(".tar") else sorted((tmp_path / name).iterdir())
    tried = 0
    for file in files:
        data = file.read_bytes()
        for place in changes(data):
            flipped = bytearray(data)
            flipped[place] ^= 1 << (place % 8)
            file.write_bytes(flipped)
            with pytest.raises(EvidenceError, match="E_BACKUP_DAMAGED"), backups.opened(tmp_path / name):
                pass
            tried += 1
        file.write_bytes(data)
    with backups.opened(tmp_path / name) as backup:
        assert backup.manifest["signed"]
    assert tried > 100


@pytest.mark.parametrize("name", ["book.db", "operator.clkey", "manifest.json", "manifest.sha256", "manifest.note"])
def test_a_missing_or_an_added_file_is_found(office: Office, tmp_path: Path, name: str) -> None:
    office.done("backup", tmp_path / "copy")
    file = tmp_path / "copy" / name
    data = file.read_bytes()
    file.unlink()
    with pytest.raises(EvidenceError, match="E_BACKUP_DAMAGED"), backups.opened(tmp_path / "copy"):
        pass
    file.write_bytes(data)
    (tmp_path / "copy" / "more").write_bytes(b"")
    with pytest.raises(EvidenceError, match="E_BACKUP_DAMAGED"), backups.opened(tmp_path / "copy"):
        pass


def test_a_backup_sealed_again_over_an_altered_log_does_not_prove_itself(office: Office, tmp_path: Path) -> None:
    office.done("backup", tmp_path / "copy")
    folder = tmp_path / "copy"
    with backups.opened(folder) as backup:
        facts = {key: backup.manifest[key] for key in backups.FACTS}
    with closing(sqlite3.connect(folder / "book.db")) as connection:
        connection.execute("DROP TRIGGER vouchers_refuse_update")
        connection.execute("UPDATE vouchers SET leaf = CAST(leaf || x'20' AS BLOB) WHERE number = 2")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for name in ("manifest.json", "manifest.sha256", "manifest.note"):
        (folder / name).unlink()
    backups.seal(folder, facts, None)
    with backups.opened(folder):
        pass
    with pytest.raises(EvidenceError, match=r"E_HEAD_ROOT|E_DERIVE"):
        restore(folder, tmp_path / "again", NOW, unsigned=True)
    assert not (tmp_path / "again").exists()


def test_a_drill_proves_and_leaves_nothing(placed: Office, tmp_path: Path) -> None:
    give(placed, "D7")
    placed.done("backup", tmp_path / "copy")
    told = placed.asked("restore", tmp_path / "copy", tmp_path / "drill", "--drill")
    assert told["verify"]["integrity"]["ok"]
    assert told["size"] == placed.asked("backup", tmp_path / "second")["size"]
    assert not (tmp_path / "drill").exists()
    assert "成立" in placed.done("restore", tmp_path / "copy", tmp_path / "drill", "--drill")
