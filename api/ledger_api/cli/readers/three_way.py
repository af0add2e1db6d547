"""`three-way`: the first page that a supervisor opens. Province, roster, bank and finance side by side, programme by
programme, with every difference and what explains it. The figures are those of table M4.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ledger.values.dates import Period
from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.output import line, write_json
from ledger_api.cli.readers.answers import (
    AsOfOption,
    AtOption,
    EntityOption,
    day_of,
    position_of,
    reader,
    titled,
    today_of,
)
from ledger_api.spans import usual_month

if TYPE_CHECKING:
    from ledger_projections.summaries.table import Table

commands = typer.Typer()

_SIDES: Final = {
    "province": ("province_households", "province_persons", "province_fen"),
    "roster": ("roster_households", "roster_persons", "roster_fen"),
    "prepared": ("prepared_household_times", "prepared_person_times", "prepared_fen"),
    "bank": ("bank_household_times", "bank_person_times", "bank_fen"),
    "finance": ("finance_household_times", "finance_person_times", "finance_fen"),
    "province_less_roster": ("gap_households", "gap_persons", "gap_fen"),
}
"""Side -> its columns of M4: households, persons, fen."""
_DIFFERENCE: Final = ("difference_household_times", "difference_person_times", "difference_fen")
"""What finance has more than the bank; of a part, the first of its two sides more than the other."""
_MONEY: Final = (
    "uncredited_fen",
    "cancelled_fen",
    "pending_fen",
    "beyond_fen",
    "funded_fen",
    "carried_fen",
    "unspent_fen",
)
_SHOWN: Final = (
    ("项目", "programme"),
    ("省系统户", "province households"),
    ("省系统人", "province persons"),
    ("省系统元", "province yuan"),
    ("名册户", "roster households"),
    ("名册人", "roster persons"),
    ("名册元", "roster yuan"),
    ("银行户次", "bank household-times"),
    ("银行人次", "bank person-times"),
    ("银行元", "bank yuan"),
    ("财政户次", "finance household-times"),
    ("财政人次", "finance person-times"),
    ("财政元", "finance yuan"),
    ("差异户", "households apart"),
    ("差异人", "persons apart"),
    ("差异元", "yuan apart"),
    ("说明", "explanation"),
)
_COLUMNS: Final = (
    *("province_households", "province_persons", "province_fen", "roster_households", "roster_persons", "roster_fen"),
    *("bank_household_times", "bank_person_times", "bank_fen"),
    *("finance_household_times", "finance_person_times", "finance_fen", *_DIFFERENCE),
)


@command(commands, "three-way")
def three_way(
    desk: Desk,
    month: Annotated[
        str | None,
        typer.Option(
            "--month",
            metavar="YYYY-MM",
            help="哪个月;默认最近有发放的一月。 Which month; else the newest with payments.",
        ),
    ] = None,
    entity: EntityOption = None,
    as_of: AsOfOption = None,
    at: AtOption = None,
) -> None:
    """三方核对:省系统、花名册、银行、财政,差异和说明。 Province, roster, bank and finance side by side."""
    from ledger_api.tables.wording import Wording
    from ledger_projections.keeping.clocks import log_moment
    from ledger_projections.public_money.subsidies import newest_paid_month
    from ledger_projections.summaries.registry import TABLES, settled
    from ledger_projections.summaries.table import Asked, Said

    with reader(desk, entity, at) as (book, connection):
        position = position_of(connection, at)
        stands = settled(connection) if position is None else log_moment(connection, None, position).position
        newest = usual_month(newest_paid_month, connection, (day_of(as_of), stands), today_of(book), entity)
        named = newest if month is None else str(Period.parse(month))
        found = TABLES["M4"].make(connection, Asked(named, named, today_of(book), entity, day_of(as_of), stands))
    until = "" if entity is None else f" --entity {entity}"
    until += "" if found.as_of is None else f" --as-of {found.as_of}"
    wording = Wording(found, f"charity-ledger three-way --month {named}{until} --at {stands}", desk.language)
    rows = _with_parts(found)

    def told(value: object) -> Any:
        return wording.said(value) if isinstance(value, Said) else value

    checks = [told(note) for note in found.notes if note.is_check]
    if desk.as_json:
        said = [_programme({key: told(value) for key, value in row.items()}, parts, told) for row, parts in rows]
        day = None if found.as_of is None else found.as_of.isoformat()
        write_json({"month": named, "position": found.position, "as_of": day, "rows": said, "checks": checks})
        return
    is_of_several = any("entity" in row for row, _ in rows)
    lines = [
        (
            told(row["programme"]) if row is whole else f"  {told(row['programme'])}",
            *([row["entity"]] if is_of_several else []),
            *(row[key] for key in _COLUMNS),
            _reason(row, told, is_whole=row is whole, has_parts=bool(parts)),
        )
        for whole, parts in rows
        for row in (whole, *parts)
    ]
    heads = (_SHOWN[0], *([("主体", "entity")] if is_of_several else []), *_SHOWN[1:])
    titled(desk, heads, lines, [place + is_of_several for place in (3, 6, 9, 12, 15)])
    for scope in found.scopes:
        if scope.code == "table.scope.entities":
            line(told(scope))
    for check in checks:
        line(desk.text("【不符】", "[does not agree] ") + check)
    for ground in wording.grounds:
        line(ground)


def _with_parts(found: "Table") -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each programme, and what every two of its counts differ by; without the totals."""
    keys = [column.key for column in found.columns]
    rows: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    for row in found.rows:
        cells = dict(zip(keys, row.cells, strict=True))
        if row.kind == "row":
            rows.append((cells, []))
        elif row.kind == "part":
            rows[-1][1].append(cells)
        else:
            break
    return rows


def _reason(row: dict[str, Any], told: Callable[[object], Any], *, is_whole: bool, has_parts: bool) -> str:
    """Why the counts of a line differ; a programme's own line leaves that to those of its pairs."""
    if is_whole and has_parts:
        return str(row["province_note"] or "")
    return ";".join(str(told(row[key])) for key in ("explanation", "province_note") if row[key])


def _programme(row: dict[str, Any], parts: list[dict[str, Any]], told: Callable[[object], Any]) -> dict[str, Any]:
    """One programme: its sides, each {households, persons, fen}, the money on its road, and every two sides that differ
    with the causes.
    """
    sides = {
        side: dict(zip(("households", "persons", "fen"), (row[key] for key in names), strict=True))
        for side, names in _SIDES.items()
    }
    money = {key: row[key] for key in (*_MONEY, "difference_fen")}
    said = {"explanation": row["explanation"], "province_note": row["province_note"]}
    differ = [_difference(one, told) for one in parts]
    whose = {"entity": row["entity"]} if "entity" in row else {}
    return {"programme": row["programme"], **whose, **sides, **money, **said, "differences": differ}


def _difference(row: dict[str, Any], told: Callable[[object], Any]) -> dict[str, Any]:
    """Two sides that differ: by how much, and the parts by cause; `rest` is what nothing explains."""
    between = row["programme"].code.partition(".")[2]
    counts = dict(zip(("households", "persons", "fen"), (row[key] for key in _DIFFERENCE), strict=True))
    parts = [
        {
            "cause": one.code.partition(".")[2],
            "households": one.params["households"],
            "persons": one.params["persons"],
            "fen": one.params["part_fen"],
        }
        for one in row["explanation"].params["parts"]
    ]
    return {"between": between.split("_"), **counts, "explanation": told(row["explanation"]), "parts": parts}
