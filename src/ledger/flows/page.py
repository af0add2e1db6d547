"""The page of events for whoever writes them: every kind with its fields, as Markdown, from the classes themselves.

`python -m ledger.flows.page docs/events.md` writes it; a test compares the file with `page()`, so a field without its
line in the documents cannot be committed.
"""

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from ledger.catalogue import say
from ledger.flows.event import Event, Stage
from ledger.flows.fields import IDENTIFIER, INSTANT, MONTH
from ledger.flows.registry import event_classes

_HEAD = """# 业务种类与字段 · Kinds of events and their fields

本页由程序生成(`make docs`),请勿手改。`charity-ledger submit` 的文件和接口的凭证都由这些业务组成;`kind` 必写,
`version` 不写时为 1,`id` 由程序给。标“可空”的字段可以不写,其余都要写,清单没有内容时写 `[]`。金额的单位是分。
从零开始启用一个账套,见 [启用账套](guide/opening.md)。

This page is generated (`make docs`); do not edit it. The files of `charity-ledger submit` and the vouchers of the
interface consist of these events. `kind` must be given, `version` is 1 where it is not, `id` is the program's. A field
that may be empty may be left out; all others are given, an empty list as `[]`. Amounts are in fen (1/100 yuan). To
begin a new book, see [Opening a book](guide/opening.md).

“先审后办”的业务(gate)不合规定就被拒绝;“如实登记”的业务(fact)已经发生,不合规定也记下来,须说明并由第二人签名。
`origin` 写 `decision` 是现在作出的决定,`history` 是启用账套以前的决定,后者一律如实登记。

A gate may be refused; a fact has happened and is recorded, with an explanation and a second signature where it breaks a
rule. An `origin` of `decision` decides something now; `history` records what was decided before the book knew of it,
and is always a fact.
"""

_STAGES: Final = {Stage.GATE: "先审后办 gate", Stage.FACT: "如实登记 fact"}
_PATTERNS: Final = {
    IDENTIFIER: "编号 id",
    MONTH: "月份 month `2025-09`",
    INSTANT: "时刻 instant `2025-09-05T10:00:00+08:00`",
    "^sha256:[0-9a-f]{64}$": "摘要 digest `sha256:…`",
    "^blake2b:[0-9a-f]{64}$": "承诺值 commitment `blake2b:…`",
    "^ed25519:[A-Za-z0-9+/]{43}=$": "公钥 public key `ed25519:…`",
    "^[A-Za-z0-9+/]{86}==$": "签名 signature (base64)",
}
_GIVEN: Final = frozenset(("kind", "version", "id"))
_Schema = Mapping[str, Any]


def page() -> str:
    """The whole page, ending in a newline."""
    parts = [_HEAD]
    for (kind, version), cls in event_classes().items():
        title = f"## `{kind}`" + (f" · {version}" if version > 1 else "")
        said = " ".join((inspect.getdoc(cls) or "").split())
        stage = _STAGES[cls.stage] + ("" if cls.reversible else "; 不能冲销 cannot be reversed")
        parts.append("\n".join((title, "", f"**{say(kind, 'zh')}** · {stage}. {said}", "", *_table(cls), "")))
    return "\n".join(parts)


def _table(cls: type[Event]) -> Iterator[str]:
    schema = cls.model_json_schema()
    yield "| 字段 field | 内容 what | 说明 note |"
    yield "|---|---|---|"
    yield from _rows(cls, schema, schema.get("$defs", {}), "")


def _rows(cls: type[BaseModel], schema: _Schema, parts: Mapping[str, _Schema], above: str) -> Iterator[str]:
    """A row a field; the fields of a part below its own, as `place.township` or `pledge_parts[].fen`."""
    notes = _notes(cls)
    for name, field in schema["properties"].items():
        if name in _GIVEN and not above:
            continue
        whole = above + name
        yield f"| `{whole}` | {_what(field, name, parts)} | {notes.get(name, '')} |".replace("  |", " |")
        part, many = _inner(field)
        if "properties" in parts.get(part, {}):
            yield from _rows(_part_of(cls, part), parts[part], parts, f"{whole}[]." if many else f"{whole}.")


def _what(field: _Schema, name: str, parts: Mapping[str, _Schema]) -> str:
    if "anyOf" in field:
        named = [_what(one, name, parts) for one in field["anyOf"] if one.get("type") != "null"]
        return " / ".join(named) + ("; 可空 may be empty" if len(named) < len(field["anyOf"]) else "")
    if "$ref" in field:
        part = parts[_name_of(field)]
        return "见下 below" if "properties" in part else _what(part, name, parts)
    if "const" in field or "enum" in field:
        return " ".join(f"`{one}`" for one in field.get("enum", [field.get("const")]))
    if field["type"] == "array":
        of = field.get("items") or {"type": "string"}
        return (
            "清单 list: " + _what(of, name, parts) + ("" if field.get("minItems", 0) == 0 else "; 至少一项 not empty")
        )
    return _simple(field, name)


def _simple(field: _Schema, name: str) -> str:
    kind = field["type"]
    if kind == "string":
        if field.get("format") == "date":
            return "日期 day `2025-09-05`"
        return _PATTERNS.get(
            field.get("pattern", ""), f"文字 text `{field['pattern']}`" if "pattern" in field else "文字 text"
        )
    if kind == "boolean":
        return "是否 `true` `false`"
    unit = " 分 fen" if name == "fen" or name.endswith("_fen") else ""
    if field.get("exclusiveMinimum") == 0 or field.get("minimum") == 1:
        return f"正整数{unit or ' number'} > 0"
    least = field.get("minimum", 0)
    return f"整数{unit or ' number'}" + (
        " ≥ 0" if least == 0 else " (可负 may be negative)" if least < 0 else f" ≥ {least}"
    )


def _inner(field: _Schema) -> tuple[str, bool]:
    """The name of what a field refers to, or nothing, and whether it holds a list of it."""
    for one in (field, *field.get("anyOf", ())):
        if "$ref" in one:
            return _name_of(one), False
        if "$ref" in (items := one.get("items") or {}):
            return _name_of(items), True
    return "", False


def _name_of(reference: _Schema) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


@cache
def _part_of(cls: type[BaseModel], name: str) -> type[BaseModel]:
    """The class of a part by its name in the schema, somewhere in the fields of `cls`."""
    waiting: list[Any] = [info.annotation for info in cls.model_fields.values()]
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and issubclass(one, BaseModel):
            if one.__name__ == name:
                return one
        else:
            waiting.extend(getattr(one, "__args__", ()))
    raise LookupError(name)


@cache
def _notes(cls: type[BaseModel]) -> Mapping[str, str]:
    """What stands as a text below each field, in the class and those it is made of."""
    found: dict[str, str] = {}
    for one in reversed(cls.__mro__):
        if issubclass(one, BaseModel) and one is not BaseModel:
            body = ast.parse(textwrap.dedent(inspect.getsource(one))).body[0]
            assert isinstance(body, ast.ClassDef)  # noqa: S101 - the source of a class
            for field, text in zip(body.body, body.body[1:], strict=False):
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and _is_text(text):
                    found[field.target.id] = _cell(text.value.value)  # type: ignore[attr-defined]  # see _is_text
    return found


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
