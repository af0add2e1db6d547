"""Writes read_models.json: for every (name, version) of a read model, the kinds it reads and its tables, for ever.

A folder of a book keeps the tables that an older program folded, and `version` alone says whether they still fit. So
only what is missing is added; what stands is never written again. Raise the model's `version`, then run from the
repository root: `python -m tests.assets.make_read_models`.
"""

import json
from pathlib import Path
from typing import Any

from ledger_projections.keeping.projection import Projection
from ledger_projections.registry import PROJECTIONS

PATH = Path(__file__).with_name("read_models.json")


def frozen() -> dict[str, Any]:
    """What stands in the file."""
    found: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8")) if PATH.exists() else {}
    return found


def name_of(model: Projection) -> str:
    """Under which name a version of a model stands."""
    return f"{model.name}/{model.version}"


def shape_of(model: Projection) -> dict[str, Any]:
    """The kinds that a model reads, and the columns and indexes of its tables."""
    return {"kinds": sorted(model.kinds), "tables": {table.name: _table(table) for table in model.tables}}


def _table(table: Any) -> dict[str, list[str]]:
    columns = [f"{one.name} {one.type}{'' if one.nullable else ' NOT NULL'}" for one in table.columns]
    indexes = sorted(f"{one.name}({', '.join(column.name for column in one.columns)})" for one in table.indexes)
    return {"columns": columns, "indexes": indexes, "key": [one.name for one in table.primary_key]}


def main() -> None:
    """Add what is missing."""
    found = frozen()
    for model in PROJECTIONS.values():
        found.setdefault(name_of(model), shape_of(model))
    PATH.write_text(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
