"""A table in words: titles, cells, scope, notes and where every figure comes from, in one language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from ledger.catalogue import say
from ledger.values.money import fen_to_yuan
from ledger_projections.keeping.answers import per_mille_text
from ledger_projections.summaries.registry import TABLES
from ledger_projections.summaries.table import Column, Row, Said, Table, Value

_SEPARATOR: Final = {"zh": "、", "en": ", "}
_BETWEEN_SENTENCES: Final = {"zh": ";", "en": "; "}
_CODED: Final = {
    "absent": "scheme.",
    "columns": "table_column.",
    "reason": "table_open_reason.",
    "schemes": "scheme.",
}
"""Parameters that are lists of codes -> what their words begin with; other lists are names."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A table for readers of one language. `command` is the line that gives the same table again."""

    table: Table
    command: str
    language: str

    @property
    def title(self) -> str:
        """The table's name and months."""
        first, last = self.table.first, self.table.last
        months = first if first == last else f"{first} — {last}"
        return f"{self.table.code} {say(f'table_title.{self.table.code}', self.language)}({months})"

    @property
    def heads(self) -> list[str]:
        """The columns' titles."""
        return [say(f"table_column.{one.key}", self.language) for one in self.table.columns]

    @property
    def unit_line(self) -> str:
        """单位, as it stands above every table."""
        return self.text("单位:元、户、人、笔", "Units: yuan, households, persons, lines")

    @property
    def scopes(self) -> list[str]:
        """口径, a sentence each."""
        return [self.said(one) for one in self.table.scopes]

    @property
    def notes(self) -> list[str]:
        """说明, a sentence each; figures that do not agree are marked."""
        mark = self.text("【不符】", "[does not agree] ")
        return [f"{mark if one.is_check else ''}{self.said(one)}" for one in self.table.notes]

    @property
    def grounds(self) -> list[str]:
        """依据: the position, the dates, the command and the function that give the same figures again."""
        position = self.table.position
        day = self.table.as_of
        until = "" if day is None else self.text(f",业务日期截至 {day}", f", up to business date {day}")
        return [
            self.text(f"依据:序号 1 至 {position}{until}", f"Stands for positions 1 to {position}{until}"),
            self.text(f"查询:{self.command}", f"Query: {self.command}"),
            self.text(f"取数:{TABLES[self.table.code].query}", f"Function: {TABLES[self.table.code].query}"),
        ]

    def text(self, zh: str, en: str) -> str:
        """One of two."""
        return en if self.language == "en" else zh

    def said(self, one: Said) -> str:
        """A sentence or word."""
        return said_text(one, self.language)

    def cell(self, value: Value, column: Column) -> str:
        """A cell as it is read; 账内无此数据 is a dash."""
        return cell_text(value, column, self.language)

    def rows(self) -> list[list[str]]:
        """Every row as texts; a row that is part of the one above and is named otherwise says 其中."""
        return row_texts(self.table.columns, self.table.rows, self.language)

    def to_json(self) -> dict[str, Any]:
        """The table for programs: amounts in fen, rates in per mille, coded words and sentences with their text."""
        columns = [
            {"key": one.key, "unit": one.unit, "title": title}
            for one, title in zip(self.table.columns, self.heads, strict=True)
        ]
        rows = [
            {"kind": row.kind, "label": texts[0], "cells": self._cells(row), "tags": list(row.tags)}
            for row, texts in zip(self.table.rows, self.rows(), strict=True)
        ]
        return {
            "table": self.table.code,
            "title": self.title,
            "first": self.table.first,
            "last": self.table.last,
            "entity": self.table.entity,
            "as_of": None if self.table.as_of is None else self.table.as_of.isoformat(),
            "position": self.table.position,
            "query": {"command": self.command, "function": TABLES[self.table.code].query},
            "scope": self.scopes,
            "columns": columns,
            "rows": rows,
            "notes": [self._note(one) for one in self.table.notes],
        }

    def _cells(self, row: Row) -> Mapping[str, Any]:
        return {
            column.key: self.said(value)
            if isinstance(value, Said)
            else value.isoformat()
            if isinstance(value, date)
            else value
            for value, column in zip(row.cells, self.table.columns, strict=True)
        }

    def _note(self, one: Said) -> Mapping[str, Any]:
        return {"code": one.code, "agrees": not one.is_check, "text": self.said(one)}


def said_text(one: Said, language: str) -> str:
    """A sentence or word; lists and other sentences within it are told in words."""
    return say(one.code, language, **{name: _filled(name, part, language) for name, part in one.params.items()})


def _filled(name: str, part: Any, language: str) -> Any:
    if isinstance(part, Said):
        return said_text(part, language)
    if not isinstance(part, tuple):
        return part
    prefix = _CODED.get(name)
    words = part if prefix is None else [say(f"{prefix}{one}", language) for one in part]
    told = [said_text(one, language) if isinstance(one, Said) else one for one in words]
    return (_BETWEEN_SENTENCES if name == "sentences" else _SEPARATOR)[language].join(told)


def cell_text(value: Value, column: Column, language: str) -> str:
    """A cell as it is read; 账内无此数据 is a dash."""
    if value is None:
        return "—"
    if isinstance(value, Said):
        return said_text(value, language)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value
    if column.unit in {"fen", "fen_each"}:
        return fen_to_yuan(value, grouped=True)
    if column.unit == "per_mille":
        return per_mille_text(value)
    return f"{value:,}"


def row_texts(columns: Sequence[Column], rows: Sequence[Row], language: str, at: int = 0) -> list[list[str]]:
    """Every row as texts; one that is part of the one above and is named otherwise, in the column `at`, says 其中."""
    found: list[list[str]] = []
    above, under = "", True
    for row in rows:
        texts = [cell_text(value, column, language) for value, column in zip(row.cells, columns, strict=True)]
        if row.kind != "part":
            above, under = texts[at], row.kind == "row"
        elif under and texts[at] != above:
            texts[at] = ("of which " if language == "en" else "其中:") + texts[at]
        found.append(texts)
    return found


def tag_text(tags: Sequence[str]) -> str:
    """The first of a row's tags, and how many more there are."""
    return "" if not tags else tags[0] if len(tags) == 1 else f"{tags[0]} (+{len(tags) - 1})"
