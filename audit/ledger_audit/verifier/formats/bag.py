"""The folder of a package: BagIt 1.0 (RFC 8493) with SHA-256 manifests, read as a stranger's: nothing in it is trusted.

A zipped package is unpacked first, within limits, so that every file can be read as a stream.
"""

import lzma
import mmap
import re
import stat
import threading
import zipfile
import zlib
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

from ledger_audit.verifier.formats.canonical import FaultError
from ledger_audit.verifier.formats.digests import binding, sha256

_sodium: Any = binding()
DECLARATION: Final = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFEST: Final = "manifest-sha256.txt"
TAG_MANIFEST: Final = "tagmanifest-sha256.txt"
SIGNATURE: Final = "signature.note"
MAX_MANIFEST_BYTES: Final = 1 << 20
MAX_UNZIPPED_BYTES: Final = 16 << 30
MAX_ZIP_RATIO: Final = 200
_SMALL: Final = 1 << 22
_ENTRY = re.compile(rb"([0-9a-f]{64})  ([A-Za-z0-9._/-]+)")
_COPY_BYTES: Final = 1 << 20


class Bag:
    """An unpacked package. Paths are relative to its folder, with forward slashes; `beside` are files of its archive
    that lie outside of it.
    """

    def __init__(self, root: Path, beside: Sequence[str] = ()) -> None:
        self.root = root
        self.beside = beside

    def read(self, name: str, limit: int = MAX_MANIFEST_BYTES) -> bytes:
        """A small file; FaultError V_FILE_MISSING, V_FILE_SIZE."""
        with self.open(name) as file:
            data: bytes = file.read(limit + 1)
        if len(data) > limit:
            raise FaultError("V_FILE_SIZE", file=name, max=limit)
        return data

    def open(self, name: str) -> IO[bytes]:
        """A file as a stream; FaultError V_FILE_MISSING when it is no plain file inside the folder."""
        path = self.root / name
        try:
            plain = stat.S_ISREG(path.lstat().st_mode) and path.resolve().is_relative_to(self.root.resolve())
        except OSError:
            plain = False
        if not plain:
            raise FaultError("V_FILE_MISSING", file=name)
        return path.open("rb", buffering=1 << 18)

    def files(self) -> Iterator[str]:
        """Every file below the folder, links and odd things included."""
        for path in sorted(self.root.rglob("*")):
            if path.is_symlink() or not path.is_dir():
                yield path.relative_to(self.root).as_posix()

    def faults(self) -> Iterator[FaultError]:
        """Everything that is wrong with the declaration, the manifests and the files they list."""
        yield from self._declaration()
        tags = yield from self._manifest(TAG_MANIFEST)
        payload = yield from self._manifest(MANIFEST)
        for name, digest in (tags | payload).items():
            yield from self._file(name, digest)
        for name in self.files():
            listed = payload if name.startswith("data/") else tags
            if name not in listed and name not in {TAG_MANIFEST, SIGNATURE}:
                yield FaultError("V_BAG_UNLISTED", file=name)
        for name in self.beside:
            yield FaultError("V_BAG_UNLISTED", file=name)
        for name in ("bagit.txt", "bag-info.txt", MANIFEST, "checkpoint"):
            if name not in tags:
                yield FaultError("V_BAG_NOT_COVERED", file=name)

    def _declaration(self) -> Iterator[FaultError]:
        try:
            if self.read("bagit.txt") != DECLARATION:
                yield FaultError("V_BAG_DECLARATION", file="bagit.txt")
        except FaultError as fault:
            yield fault

    def _manifest(self, name: str) -> Generator[FaultError, None, dict[str, str]]:
        """Yields the faults of a manifest and returns its entries (path -> hex digest)."""
        entries: dict[str, str] = {}
        try:
            lines = self.read(name).split(b"\n")
        except FaultError as fault:
            yield fault
            return entries
        if lines.pop() != b"":
            yield FaultError("V_BAG_MANIFEST", file=name, line=len(lines) + 1)
        for at, line in enumerate(lines, 1):
            found = _ENTRY.fullmatch(line)
            path = found[2].decode() if found else ""
            inside = path.startswith("data/") == (name == MANIFEST) and ".." not in path.split("/")
            if found is None or path in entries or not inside or path.startswith("/"):
                yield FaultError("V_BAG_MANIFEST", file=name, line=at)
            else:
                entries[path] = found[1].decode()
        return entries

    def _file(self, name: str, digest: str) -> Iterator[FaultError]:
        try:
            with self.open(name) as file:
                if file_digest(file).hex() != digest:
                    yield FaultError("V_BAG_DIGEST", file=name)
        except FaultError as fault:
            yield fault


def looks_like_bag(folder: Path) -> bool:
    """Whether a folder is a package, or what somebody left of one: whichever file is gone, the others say so."""
    return any((folder / name).is_file() for name in ("bagit.txt", MANIFEST, TAG_MANIFEST))


def file_digest(file: IO[bytes]) -> bytes:
    """SHA-256 of a whole file. libsodium's takes one piece of memory, so a large file is mapped, not read."""
    size = file.seek(0, 2)
    file.seek(0)
    if size <= _SMALL or _sodium is None:
        return sha256(file.read())
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        done = threading.Event()
        sweeper = threading.Thread(target=_sweep, args=(mapped, done), daemon=True)
        sweeper.start()
        view = _sodium.ffi.from_buffer("unsigned char[]", mapped)
        try:
            return sha256(view)
        finally:
            done.set()
            sweeper.join()
            _sodium.ffi.release(view)


def _sweep(mapped: mmap.mmap, done: threading.Event) -> None:
    """Gives back pages while the digest runs over the map, so that a package of any size needs little memory."""
    advice: Any = getattr(mmap, "MADV_DONTNEED", None)
    while not done.wait(0.05):
        if advice is not None:
            mapped.madvise(advice)


def unzip(archive: Path, target: Path) -> Bag:
    """Unpacks a zipped package; its folder is the one that looks like one, at the top or one below. What lies beside
    that folder is in no manifest and is told so. FaultError V_ZIP with `reason`.
    """
    try:
        with zipfile.ZipFile(archive) as packed:
            left = MAX_UNZIPPED_BYTES
            for item in packed.infolist():
                left -= item.file_size
                _check_member(item, left)
                if not item.is_dir():
                    _extract(packed, item, target)
    except _SPOILT as error:
        raise FaultError("V_ZIP", reason=str(error)[:120]) from error
    here = [target] if looks_like_bag(target) else [path for path in target.iterdir() if looks_like_bag(path)]
    if len(here) != 1:
        raise FaultError("V_ZIP", reason=f"bagit.txt x {len(here)}")
    outside = (path for path in target.rglob("*") if path.is_file() and not path.is_relative_to(here[0]))
    return Bag(here[0], sorted(path.relative_to(target).as_posix() for path in outside))


_SPOILT: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)


def _check_member(item: zipfile.ZipInfo, left: int) -> None:
    parts = item.filename.split("/")
    if left < 0 or item.file_size > MAX_ZIP_RATIO * max(item.compress_size, 1 << 16):
        raise FaultError("V_ZIP", reason="size")
    if ".." in parts or item.filename.startswith("/") or "\\" in item.filename or ":" in item.filename:
        raise FaultError("V_ZIP", reason="path")


def _extract(packed: zipfile.ZipFile, item: zipfile.ZipInfo, target: Path) -> None:
    path = target / item.filename
    path.parent.mkdir(parents=True, exist_ok=True)
    with packed.open(item) as source, path.open("xb") as copy:
        while piece := source.read(_COPY_BYTES):
            copy.write(piece)
