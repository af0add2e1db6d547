"""How the bureau gives once: a list is made up and signed, paid by its documents, and the payment comes in."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from ledger_api.demo import setup_facts
from ledger_api.demo.acts import CLERK
from ledger_api.demo.year.aid.lists import AidFiles
from ledger_api.demo.year.aid.targets import AID
from ledger_api.demo.year.desk import TRANSIT, Desk
from ledger_api.demo.year.targets import YEAR

Fields = dict[str, Any]
_ON: Final = f"{YEAR}-01-01"
_PAPERS: Final = {"welfare": f"示财预〔{YEAR}〕16号", "lottery": f"湘财综指〔{YEAR}〕8号"}
"""The funding documents of what the relief money does not pay."""


def setup(files: Sequence[AidFiles]) -> Iterator[tuple[str, Fields]]:
    """Two funds with the documents that fill them, and the programmes. The relief fund stands already."""
    yield setup_facts.fund("welfare", "社会福利专项资金", "fiscal", "慰问、保险、殡葬减免等", on=_ON)
    yield setup_facts.fund("lottery", "福彩公益金", "lottery", "扶老、助残、救孤、济困", on=_ON)
    for target in AID:
        named = {"programme": target.programme, "name": target.name, "scheme": target.scheme, "unit": target.unit}
        fields = {"function_code": target.function_code, "fund": target.fund, "categories": []}
        yield "programme.opened", {**named, **fields, "on": _ON, "origin": "history"}
    for fund, document in _PAPERS.items():
        quota = {"document": document, "fund": fund, "level": "county" if fund == "welfare" else "central"}
        fen = sum(one.total_fen for one in files if one.target.fund == fund)
        rest = {"budget_code": "20810" if fund == "welfare" else "2296002", "fiscal_year": YEAR, "amount_fen": fen}
        yield (
            "appropriation.received",
            {**quota, **rest, "carried_over": False, "direct": False, "occurred_on": _ON},
        )


def give(desk: Desk, files: AidFiles) -> None:
    """One list on its road. What is handed over stands in the list itself, which is read again once it is signed."""
    desk.read(CLERK, [files.path], files.month)
    desk.county.sign_off()
    batch = f"{files.target.programme}-{files.month}-01"
    desk.county.send(batch, files.month, TRANSIT, len(files.rows), files.total_fen)
    desk.read(CLERK, [files.result or files.path], files.month)
    desk.county.sign_off()
