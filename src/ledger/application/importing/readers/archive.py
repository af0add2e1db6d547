"""A zip of tables: every member is read as a file of its own; names written by Chinese Windows are mended."""

import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence

from ledger.application.importing.readers.limits import Limits
from ledger.application.importing.tables import RawTable
from ledger.errors import InputError

_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
# What zipfile raises on damaged, locked or newer archives; RuntimeError covers unknown versions and methods.
ZIP_FAULTS = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, EOFError, ValueError, RuntimeError)
_CHUNK_BYTES = 1 << 20
_MACROS = re.compile(r"(?:^|/)(?:vbaProject\.bin|macrosheets/)", re.IGNORECASE)
_OUTSIDE = re.compile(r"^/|^[A-Za-z]:|(?:^|/)\.\.(?:/|$)|[\x00-\x1f]")


def read_archive(
    name: str, data: bytes, limits: Limits, read_one: Callable[[str, bytes, Limits], list[RawTable]]
) -> list[RawTable]:
    """The tables of all members; `E_FILE_PASSWORD`, `E_FILE_ZIP_BOMB`, `E_FILE_UNREADABLE` or a member's own code."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [info for info in archive.infolist() if _is_wanted(info)]
            _check_members(name, members, limits)
            tables: list[RawTable] = []
            for info in members:
                tables += read_one(member_name(info), _unpack(name, archive, info, limits), limits)
    except ZIP_FAULTS:
        raise InputError("E_FILE_UNREADABLE", file=name) from None
    if not tables:
        raise InputError("E_FILE_EMPTY", file=name)
    return tables


def member_name(info: zipfile.ZipInfo) -> str:
    """The member's own name; without the UTF-8 mark Chinese Windows wrote it in GBK and zipfile read it as cp437."""
    if not info.flag_bits & _UTF8_NAME:
        try:
            return info.filename.encode("cp437").decode("gb18030")
        except UnicodeError:
            return info.filename
    return info.filename


def check_ratio(name: str, packed_bytes: int, unpacked_bytes: int, limits: Limits) -> None:
    """Refuses what unpacks to far more than it should (`E_FILE_ZIP_BOMB`)."""
    if unpacked_bytes > limits.unpacked_bytes_max or unpacked_bytes > limits.ratio_max * max(packed_bytes, 1024):
        raise InputError("E_FILE_ZIP_BOMB", file=name)


def _is_wanted(info: zipfile.ZipInfo) -> bool:
    return not info.is_dir() and not info.filename.startswith("__MACOSX/") and info.file_size > 0


def _check_members(name: str, members: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(members) > limits.members_max:
        raise InputError("E_FILE_ZIP_BOMB", file=name)
    check_ratio(name, sum(info.compress_size for info in members), sum(info.file_size for info in members), limits)
    if any(info.flag_bits & _ENCRYPTED for info in members):
        raise InputError("E_FILE_PASSWORD", file=name)
    for info in members:
        if _leads_out(member_name(info)):
            raise InputError("E_FILE_MEMBER_NAME", file=name, member=safe_name(member_name(info)))


def check_members(name: str, infos: Sequence[zipfile.ZipInfo], limits: Limits) -> None:
    """Refuses a workbook's zip with too many members, or with programs in it (`E_FILE_ZIP_BOMB`, `E_FILE_MACROS`)."""
    if len(infos) > limits.parts_max:
        raise InputError("E_FILE_ZIP_BOMB", file=name)
    if any(_MACROS.search(info.filename) for info in infos):
        raise InputError("E_FILE_MACROS", file=name)


def _leads_out(member: str) -> bool:
    """Whether a member's name is a path out of the archive. Nothing is unpacked to a disk here, but such a name was
    made to hurt somebody, and it would stand in reports.
    """
    return bool(_OUTSIDE.search(member.replace("\\", "/")))


def safe_name(member: str) -> str:
    """A member's name for a sentence: short, and nothing that moves a cursor."""
    return "".join(sign if sign.isprintable() else "?" for sign in member)[:100]


def _unpack(name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits) -> bytes:
    """The member's bytes; the directory's size is a claim, so the count is kept while reading."""
    parts: list[bytes] = []
    size = 0
    with archive.open(info) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            size += len(chunk)
            if size > limits.bytes_max:
                raise InputError("E_FILE_ZIP_BOMB", file=name)
            parts.append(chunk)
    return b"".join(parts)
