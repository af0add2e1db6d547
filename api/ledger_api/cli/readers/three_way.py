"""`three-way`: the first page that a supervisor opens. Province, roster, bank and finance side by side, programme by
programme, with every difference and what explains it. The figures are those of table M4.
"""

from typing import Annotated, Any, Final

import typer

from ledger.values.dates import Period
from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.output import line, write_json
from ledger_api.cli.readers.answers import AsOfOption, AtOption, day_of, position_of, reader, titled, today_of
from ledger_api.spans import usual_month

commands = typer.Typer()

_SIDES: Final = {
    "province": ("province_households", "province_persons", "province_fen"),
    "roster": ("roster_households", "roster_persons", "roster_fen"),
    "prepared": ("prepared_household_times", "prepared_person_times", "prepared_fen"),
    "bank": ("bank_household_times", "bank_person_times", "bank_fen"),
    "province_less_roster": ("gap_households", "gap_persons", "gap_fen"),
}
"""Side -> its columns of M4: households, persons, fen."""
_MONEY: Final = ("uncredited_fen", "cancelled_fen", "pending_fen", "funded_fen", "carried_fen", "unspent_fen")
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
    ("财政元", "finance yuan"),
    ("差异元", "difference"),
    ("说明", "explanation"),
)
_COLUMNS: Final = (
    *("province_households", "province_persons", "province_fen", "roster_households", "roster_persons", "roster_fen"),
    *("bank_household_times", "bank_person_times", "bank_fen", "funded_fen", "difference_fen"),
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
    as_of: AsOfOption = None,
    at: AtOption = None,
) -> None:
    """三方核对:省系统、花名册、银行、财政,差异和说明。 Province, roster, bank and finance side by side."""
    from ledger_api.tables.wording import Wording
    from ledger_projections.keeping.clocks import log_moment
    from ledger_projections.public_money.subsidies import newest_paid_month
    from ledger_projections.summaries.registry import TABLES, settled
    from ledger_projections.summaries.table import Asked, Said

    with reader(desk, None, at) as (book, connection):
        position = position_of(connection, at)
        stands = settled(connection) if position is None else log_moment(connection, None, position).position
        newest = usual_month(newest_paid_month, connection, (day_of(as_of), stands), today_of(book))
        named = newest if month is None else str(Period.parse(month))
        found = TABLES["M4"].make(connection, Asked(named, named, today_of(book), None, day_of(as_of), stands))
    until = "" if found.as_of is None else f" --as-of {found.as_of}"
    wording = Wording(found, f"charity-ledger three-way --month {named}{until} --at {stands}", desk.language)
    keys = [column.key for column in found.columns]
    rows = [dict(zip(keys, row.cells, strict=True)) for row in found.rows if row.kind == "row"]

    def told(value: object) -> Any:
        return wording.said(value) if isinstance(value, Said) else value

    checks = [told(note) for note in found.notes if note.is_check]
    if desk.as_json:
        said = [_programme({key: told(value) for key, value in row.items()}) for row in rows]
        day = None if found.as_of is None else found.as_of.isoformat()
        write_json({"month": named, "position": found.position, "as_of": day, "rows": said, "checks": checks})
        return
    lines = [
        (
            row["programme"],
            *(row[key] for key in _COLUMNS),
            ";".join(str(told(row[key])) for key in ("explanation", "province_note") if row[key]),
        )
        for row in rows
    ]
    titled(desk, _SHOWN, lines, (3, 6, 9, 10, 11))
    for check in checks:
        line(desk.text("【不符】", "[does not agree] ") + check)
    for ground in wording.grounds:
        line(ground)


def _programme(row: dict[str, Any]) -> dict[str, Any]:
    """One programme: its sides, each {households, persons, fen}, then the money on its road."""
    sides = {
        side: dict(zip(("households", "persons", "fen"), (row[key] for key in names), strict=True))
        for side, names in _SIDES.items()
    }
    money = {key: row[key] for key in (*_MONEY, "difference_fen")}
    said = {"explanation": row["explanation"], "province_note": row["province_note"]}
    return {"programme": row["programme"], **sides, **money, **said}
