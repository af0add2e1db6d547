"""Death lists: every source is kept, because the lists disagree and the earliest documented day decides.

A joined list says of each row which office it came from. An office's own list does not: the office that it names, its
title, or what its dates are of (注销, 火化) says so. A report is of everybody who may be meant: the person of the
number, and whoever has the name and a number that a roster hides in part and that shows the same.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Final

from ledger.application.importing.report import ParsedFile, SheetReport
from ledger.application.importing.rows import CleanRow, Note
from ledger.application.proposing.cells import text
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Bearing, Proposal, Proposed, each_row
from ledger.application.proposing.relief import masked
from ledger.application.proposing.relief.paying import bereaved
from ledger.application.proposing.relief.programmes import person_ref
from ledger.catalogue import Words
from ledger.flows.event import Event
from ledger.flows.public_money.entitlement.deaths import REPORT, death_need
from ledger.vault.people import Subject

_SEXES: Final = "女男"
"""Even, odd."""
_SEX_WORDS: Final = {"女": ("女", "female"), "男": ("男", "male")}
_BOTH: Final = "或"
"""A date of a joined list is that of either office."""
_SOURCES: Final = {
    "公安": "public_security",
    "派出所": "public_security",
    "注销": "public_security",
    "殡仪": "funeral",
    "火化": "funeral",
    "卫健": "health",
    "卫生": "health",
    "医院": "health",
    "疾控": "health",
    "死因": "health",
    "医学证明": "health",
    "民政": "civil_affairs",
    "乡": "township",
    "镇": "township",
    "街道": "township",
    "家属": "family",
}
_NO_OFFICE: Final = re.compile(r"城[乡镇](?!人民政府|政府)|人民政府")
"""Words in which others lie hidden: 民政 in 人民政府, and 乡 in 城乡居民."""
_SOURCES_ONCE: Final = {
    "乡镇" if word == "乡" else word: code for word, code in _SOURCES.items() if word not in {"镇", "街道"}
}
"""What older releases looked for, in names as they stand: what they recorded is to be known again."""


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """`death.reported` for each row."""
    proposal = Proposal(columns={"E_FACT_IN_FUTURE": "死亡日期", "E_DEATH_MONTH": "死亡日期"})
    entity = context.entity("bureau")
    people = masked.references(context, _numbered(parsed, context))
    hints = {(sheet.file, sheet.sheet): _hints(sheet) for sheet in parsed.sheets}
    dead: list[tuple[CleanRow, str, str, str]] = []

    def one(row: CleanRow) -> None:
        values = row.values
        number = values.get("id_number")
        person = person_ref(context, None if number is None else str(number), str(values.get("name") or ""))
        kept = (("id_number", number), ("name", values.get("name")), ("address", values.get("address")))
        fields = tuple((name, str(value)) for name, value in kept if value)
        proposal.subjects.append((entity, Subject("person", person, fields)))
        _sexes_agree(proposal, row, number)
        told = str(values.get("source") or "")
        died = values.get("died_on")
        provided = values.get("provided_on")
        said = {
            "died_on": None if died is None else str(died),
            "died_month": values["died_month"],
            "organisation": values.get("office") or told or "未填",
            "documented_on": None if provided is None else str(provided),
            "place": context.place(parsed, row),
        }
        texts = [told] if told else [str(values.get("office") or ""), *hints[row.place.file, row.place.sheet]]
        now, once = reporter(texts), _reporter_once(texts)
        day = provided if isinstance(provided, date) else context.options.today
        remark = text(values, "remark")
        for index, ref in enumerate(people.get(person, [person])):
            said |= {"person": ref, "note": masked.remarked(remark) if index else remark}
            event = context.event("death.reported", **said, reported_by=now)
            before = () if once == now else (context.event("death.reported", **said, reported_by=once),)
            bearing: Bearing = "beside" if index else "row"
            item = Proposed(row.place, death_need(ref), (event,), entity, day, bearing, once=before)
            proposal.items.append(replace(item, among=_report_of(event, *before), several=True))
            dead.append((row, str(values.get("name") or ""), ref, str(values["died_month"])))

    each_row(parsed, proposal, one)
    proposal.notes += bereaved.of_deaths(context, entity, dead)
    return proposal


def _sexes_agree(proposal: Proposal, row: CleanRow, number: object) -> None:
    """Tell a row whose number is of the other sex: odd means a man in its last digit but one."""
    written = str(row.values.get("sex") or "")
    said = [sex for sex in _SEXES if sex in written]
    if len(said) != 1 or number is None:
        return
    own = _SEXES[int(str(number)[-2]) % 2]
    if own != said[0]:
        told = {"sex": Words(*_SEX_WORDS[said[0]]), "number_sex": Words(*_SEX_WORDS[own])}
        proposal.notes.append(Note(row.place, "W_DEATH_SEX", told))


def _report_of(*readings: Event) -> Callable[[Event], bool]:
    """Whether an event is this office's report of that death, whatever it remarks on it."""
    own = {identity(one) for one in readings}
    return lambda event: identity(event) in own


def identity(event: Event) -> tuple[object, ...]:
    """What makes a report of somebody's death the same report."""
    return tuple(getattr(event, name, None) for name in REPORT)


def _numbered(parsed: ParsedFile, context: Context) -> dict[str, tuple[str, str]]:
    """Reference -> number and name of the people whose number the list has."""
    found = ((text(row.values, "id_number"), text(row.values, "name") or "") for row in parsed.rows)
    return {person_ref(context, number, None): (number, name) for number, name in found if number}


def _hints(sheet: SheetReport) -> list[str]:
    """What a sheet says of whose it is besides its rows: its title, and what the second of its dates is of."""
    dates = [one.title for one in sheet.header.columns if one.column.name == "cancelled_on"]
    return [*sheet.titles.lines, *(title for title in dates if _BOTH not in title)]


def reporter(texts: Iterable[str]) -> str:
    """The office that the first telling text names."""
    offices = (_NO_OFFICE.sub("", text) for text in texts)
    found = (code for text in offices for word, code in _SOURCES.items() if word in text)
    return next(found, "other")


def _reporter_once(texts: Iterable[str]) -> str:
    """The office that older releases took it for."""
    return next((code for text in texts for word, code in _SOURCES_ONCE.items() if word in text), "other")
