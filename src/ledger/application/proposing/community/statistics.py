"""Figures of reports (统计指标表): each row is one figure of a span of months, with the paper that it stands in."""

from collections.abc import Mapping
from typing import Any, Final

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.cells import text, whole
from ledger.application.proposing.chains import day_of
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, RowRefusedError, each_row
from ledger.application.proposing.words import plain
from ledger.flows.knowledge import Need

FIGURES: Final[Mapping[str, tuple[str, ...]]] = {
    "special_bond_applied_fen": ("专项债券申报额", "专项债申报额", "申报专项债券", "申报专项债"),
    "home_adaptations": ("居家适老化改造户数", "适老化改造户数", "居家适老化改造", "适老化改造"),
    "canteens": ("长者餐厅数", "老年餐厅数", "长者餐厅"),
    "npo_count": ("登记社会组织数", "社会组织总数", "社会组织数", "登记社会组织"),
    "cremations": ("火化遗体数", "火化数", "火化量"),
}
"""How offices name the figures that every report has; any other figure is known by a reference of its whole name."""
_KNOWN: Final[Mapping[str, str]] = {name: figure for figure, names in FIGURES.items() for name in names}
_UNITS: Final[Mapping[str, tuple[str, int]]] = {
    "元": ("fen", 100),
    "万元": ("fen", 1_000_000),
    "人": ("persons", 1),
    "人次": ("person_times", 1),
    "户": ("households", 1),
    "家": ("organisations", 1),
    "个": ("places", 1),
}
"""Unit as written -> its code, and how many of the event's units it has."""
_UNITS_OF: Final[Mapping[str, frozenset[str]]] = {
    "special_bond_applied_fen": frozenset({"fen"}),
    "home_adaptations": frozenset({"households"}),
    "canteens": frozenset({"places", "organisations"}),
    "npo_count": frozenset({"places", "organisations"}),
    "cremations": frozenset({"persons", "other"}),
}
"""The units in which the known figures are counted; 具 is `other`."""
_MILLI: Final = 1000


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """`figure.reported` for each row."""
    proposal = Proposal(columns={"E_FIGURE_UNIT": "计量单位", "E_FACT_IN_FUTURE": "填报日期"})
    entity = context.entity("bureau")
    each_row(parsed, proposal, lambda row: _figure(parsed, context, proposal, entity, row))
    return proposal


def _figure(parsed: ParsedFile, context: Context, proposal: Proposal, entity: str, row: CleanRow) -> None:
    values = row.values
    name, document = str(values["name"]), str(values["document"])
    figure = _KNOWN.get(plain(name)) or context.reference("figure", plain(name))
    unit, value = _value(values)
    if unit not in _UNITS_OF.get(figure, {unit}):
        raise RowRefusedError("计量单位", "E_FIGURE_OF_UNIT", name=name, unit=str(values["unit_name"]))
    day = day_of(values.get("reported_on"), context)
    last = str(values["month_to"])
    event = context.event(
        "figure.reported",
        figure=figure,
        name=name,
        unit=unit,
        value=value,
        period_from=text(values, "month_from") or f"{last[:4]}-01",
        period_to=last,
        organisation=text(values, "organisation") or "未填",
        document=document,
        on=str(day),
        place=context.place(parsed, row),
    )
    known = Need(f"figure:{figure}", ("figure.reported",))
    proposal.add(row, known, entity, day, event, sameness="content")


def _value(values: Mapping[str, Any]) -> tuple[str, int]:
    """The unit's code, and the value in it. E_FIGURE_VALUE for a broken count, or one below nothing."""
    written = str(values["unit_name"])
    unit, each = _UNITS.get(written, ("other", 1))
    value, rest = divmod(whole(values, "value_milli") * each, _MILLI)
    if rest or value < 0:
        raise RowRefusedError("数值", "E_FIGURE_VALUE", unit=written)
    return unit, value
