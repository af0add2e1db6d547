"""`template exclusions`: a voucher of what usually excludes what, for a county to mend and to submit."""

import json
from pathlib import Path
from typing import Any, Final

from ledger.errors import InputError
from ledger.values.dates import parse_day, timestamp_text
from ledger_api.cli.desk import Desk
from ledger_api.cli.output import line, write_json
from ledger_api.clients import moment

_NOTE: Final = "互斥待遇表"


def write_exclusions(desk: Desk, file: Path) -> None:
    """Write the vouchers of everything that is not set, one an entity. E_TEMPLATE_EXISTS."""
    from ledger.application.proposing.context import Context, Options
    from ledger.application.proposing.relief.terms.exclusions import unset_by_entity

    if file.exists():
        raise InputError("E_TEMPLATE_EXISTS", file=file.name)
    with desk.book() as book:
        today = parse_day(timestamp_text(moment(book.clock))[:10])
        found = unset_by_entity(Context(book.store, book.vault, Options("", today)))
    vouchers: list[dict[str, Any]] = []
    for entity, pairs in found.items():
        dated = {"effective_from": f"{today.year}-01", "decided_on": str(today), "document": None, "origin": "decision"}
        events = [
            {"kind": "exclusion.set", "programme": one.programme, "other": other.programme, "effect": effect, **dated}
            for one, other, effect in pairs
        ]
        vouchers.append({"entity": entity, "voucher_date": str(today), "note": _NOTE, "events": events})
    file.write_text(json.dumps(vouchers, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    rules = sum(map(len, found.values()))
    if desk.as_json:
        write_json({"kind": "exclusions", "file": str(file), "rules": rules})
        return
    line(
        desk.text(f"已写出 {file}:{rules} 条通行的互斥规则", f"Wrote {file}: {rules} usual rules of what excludes what")
    )
    line(
        desk.text(
            "请按本县文件核对改定(forbidden 不能同领,difference 只补差,allowed 可以同领),再 submit",
            "Mend them by the county's own paper (forbidden, difference or allowed), then submit the file",
        )
    )
