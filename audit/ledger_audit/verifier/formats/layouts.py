"""Lines of a layout that was read before are recognised instead of being read again.

A log holds thousands of events of one kind, alike but for their values. A line that was read strictly gives a pattern
of its keys in their order, with any canonical value of its type for each; a line that matches the whole pattern is
canonical too. Only kinds whose values nobody needs are recognised, and whatever does not match is read strictly.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger_audit.verifier.formats.canonical import UUID7, FaultError, is_utf8, read_canonical, text_at, uuid_at

LEARN_AFTER: Final = 64
"""A pattern takes as long to make as some hundred lines to read: few lines of a kind do not pay for it."""
LAYOUTS_OF_KIND: Final = 4
MOST_NESTED: Final = 3
MOST_CHARS: Final = 16_384
"""Of a pattern. It writes each item of a list twice, so that it doubles with every list within a list."""
MOST_HINTS: Final = 256

# Possessive, so that a line that does not match is given up at once. Bytes from 0x80 on are decoded besides.
_TEXT: Final = r'"[^"\\\x00-\x1f]*+"'
_INTEGER: Final = "-?[1-9][0-9]{0,14}+|0"
_PLAIN_KIND: Final = re.compile(r"[A-Za-z0-9_.-]{1,80}", re.ASCII)
_SCALARS: Final = {
    str: f"(?:{_TEXT}|null)",
    int: f"(?:{_INTEGER}|null)",
    bool: "(?:true|false|null)",
    type(None): f"(?:{_TEXT}|{_INTEGER}|null|true|false)",
}

Line = tuple[Mapping[str, Any], bytes]
"""The value of an event, only its kind when it was recognised, and its id as it is written."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """A pattern of a line with its line feed, the id its only group, and the value that stands for what matches."""

    pattern: re.Pattern[bytes]
    value: Mapping[str, Any]


class Layouts:
    """Reads event lines; kinds in `needed` are always read whole."""

    def __init__(self, needed: frozenset[str], learn_after: int = LEARN_AFTER) -> None:
        self._needed = needed
        self._learn_after = learn_after
        self._read: dict[bytes, int] = {}
        self._known: dict[bytes, list[_Layout]] = {}
        self._now: _Layout | None = None

    def read(self, line: bytes) -> Line:
        """The event of a line without its line feed; FaultError V_CANONICAL, V_FIELD."""
        if self._now is not None:
            found = self._now.pattern.fullmatch(line + b"\n")
            if found is not None and is_utf8(line):
                return self._now.value, found[1]
        return self._other(line)

    def alike(self, lines: list[bytes]) -> list[bytes] | None:
        """The ids of lines that all have the layout, and so the kind, of the line before; None when they do not."""
        if self._now is None:
            return None
        text = b"\n".join([*lines, b""])
        ids = self._now.pattern.findall(text)
        return ids if len(ids) == len(lines) and is_utf8(text) else None

    def _other(self, line: bytes) -> Line:
        """A line unlike the one before: of another known layout, or read strictly."""
        self._now = None
        hint = _hint(line)
        for layout in self._known.get(hint, ()):
            found = layout.pattern.fullmatch(line + b"\n")
            if found is not None and is_utf8(line):
                self._now = layout
                return layout.value, found[1]
        value, own = shaped(read_canonical(line))
        if value["kind"] not in self._needed:
            self._learn(hint, value)
        return value, own

    def _learn(self, hint: bytes, value: Mapping[str, Any]) -> None:
        """Makes a pattern of the line's layout when lines like it keep coming."""
        if len(self._read) >= MOST_HINTS and hint not in self._read:
            return
        count = self._read[hint] = self._read.get(hint, 0) + 1
        if count % self._learn_after:
            return
        layouts = self._known.setdefault(hint, [])
        source = _layout(value) if len(layouts) < LAYOUTS_OF_KIND else None
        if source is not None:
            pattern = re.compile(f"^{source}\n".encode(), re.MULTILINE)
            layout = _Layout(pattern, {"kind": value["kind"], "version": value["version"]})
            layouts.append(layout)
            self._now = layout


def _hint(line: bytes) -> bytes:
    """The first thing in a line that looks like its kind. It only chooses what to try; nothing rests on it."""
    at = line.find(b'"kind":"')
    return line[at : line.find(b'"', at + 8)] if at >= 0 else b""


def shaped(value: Any) -> Line:
    """An event and its id: an object with a kind, a version and a UUIDv7; FaultError V_FIELD."""
    if not isinstance(value, dict) or type(value.get("version")) is not int:
        raise FaultError("V_FIELD", field="version", value="")
    text_at(value, "kind")
    uuid_at(value, "id")
    return value, value["id"].encode()


def _layout(event: Mapping[str, Any]) -> str | None:
    """The pattern of an event's line; None for a list of unlike things, for much, for a kind that needs escapes."""
    if _PLAIN_KIND.fullmatch(event["kind"]) is None:
        return None
    fixed = {
        "id": f'"({UUID7.pattern})"',
        "kind": re.escape(f'"{event["kind"]}"'),
        "version": str(event["version"]),
    }
    return _of_object(event, fixed, MOST_NESTED)


def _of_object(value: Mapping[str, Any], fixed: Mapping[str, str], deeper: int) -> str | None:
    parts: list[str] = []
    for name, item in value.items():
        part = fixed.get(name) or _of(item, deeper)
        if part is None or not name.isascii() or not name.isidentifier():
            return None
        parts.append(f'"{name}":{part}')
    source = rf"\{{{','.join(parts)}\}}"
    return source if len(source) <= MOST_CHARS else None


def _of(value: Any, deeper: int) -> str | None:
    if not isinstance(value, dict | list):
        return _SCALARS[type(value)]
    if not deeper:
        return None
    if isinstance(value, dict):
        return _of_object(value, {}, deeper - 1)
    items = {_of(item, deeper - 1) for item in value} or {_SCALARS[str]}
    item = items.pop()
    return None if items or item is None else rf"\[(?:{item}(?:,{item})*+)?+\]"
