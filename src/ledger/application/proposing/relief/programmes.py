"""Which programme, batch and month a subsidy file speaks of, and the references that its rows share.

A roster names the category, a pay file a memo («农低保9月»), a result the bank's batch number («NDB202509-01»); all
lead to the same batch and, through the household's number, to the same enrolment and payment.
"""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.cells import text
from ledger.application.proposing.context import Context, Unnamed
from ledger.application.proposing.proposal import RowRefusedError
from ledger.application.proposing.words import plain
from ledger.flows.knowledge import Need, Recorded
from ledger.flows.public_money.entitlement.programmes import ProgrammeOpened

_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "rural_dibao": ("农村低保", "农低保", "农低", "ndb"),
    "urban_dibao": ("城镇低保", "城市低保", "城低保", "cdb"),
    "destitute": ("特困", "tk"),
    "orphan": ("孤儿", "ge"),
    "unsupported_child": ("事实无人抚养", "sswr"),
    "disability_living": ("困难残疾人生活补贴", "困残", "kc"),
    "disability_care": ("重度残疾人护理补贴", "护理补贴", "重残", "zc"),
    "elder_allowance": ("高龄", "gl"),
    "temporary_aid": ("临时救助", "lsjz"),
    "street_aid": ("流浪", "lljz"),
    "scholarship": ("助学", "圆梦", "zxj"),
    "insurance": ("意外险", "保险", "ywx"),
    "condolence": ("慰问", "wwj"),
    "funeral": ("殡葬", "丧葬", "bzjm"),
}
_CATEGORIES: Final = {"农村": "rural_dibao", "城镇": "urban_dibao", "城市": "urban_dibao", "特困": "destitute"}
_TYPES: Final[Mapping[str, str]] = {"生活": "disability_living", "护理": "disability_care"}
"""补贴类型 as lists of the two disability subsidies abbreviate it."""
_AREA: Final = re.compile("(农村|城镇|城市)(?!商业|信用|合作|银行)")
"""An area in a title; what a bank is called by is none."""
_ASSURED: Final = ("低保", "最低生活保障")
"""How a title calls the scheme of which every area has one of its own."""
_BATCH_NO: Final = re.compile(r"([A-Za-z]+)[-_]?((?:19|20)\d{2})[-_.]?(0[1-9]|1[0-2])(?:[-_](\d{1,3}))?")
MONTH: Final = re.compile(r"(?:((?:19|20)\d{2})年)?(1[0-2]|0?[1-9])月")
"""A month in a memo, with its year or without."""
UNSTATED: Final = "未填"
"""A township that no list has named."""
TERMS: Final = ("enrolment.confirmed", "enrolment.changed", "enrolment.ended")


def programme(context: Context, text: str | None) -> Any:
    """The programme (its opening) that a text names; as the user said when given. E_PROGRAMME_CHOICE."""
    return _told(_named(context, text or ""))


def programme_of(context: Context, parsed: ParsedFile, row: CleanRow, *columns: str) -> Any:
    """The programme of a row: what some of its cells name, or else the title of its sheet. A category that names none
    (A类) is of the one programme that the title names, where the county has the category there. E_PROGRAMME_CHOICE.
    """
    cells = [str(row.values[name]) for name in columns if row.values.get(name)]
    sheet = (parsed.file, parsed.digest, row.place.sheet)
    if sheet not in context.titles:
        titles = [one.titles.lines for one in parsed.sheets if one.sheet == row.place.sheet]
        context.titles[sheet] = " ".join(line for lines in titles for line in lines)
    title = context.titles[sheet]
    key = "\n".join((title, *cells))
    if key not in context.programmes:
        context.programmes[key] = _programme_of(context, title, cells)
    return _told(context.programmes[key])


def _programme_of(context: Context, title: str, cells: Sequence[str]) -> ProgrammeOpened | Unnamed:
    """The programme of rows with these cells."""
    found = _named(context, " ".join(cells) or title)
    fits = _of_title(context, title, cells) if isinstance(found, Unnamed) and not found.found else []
    return fits[0] if len(fits) == 1 else found


def _told(found: ProgrammeOpened | Unnamed) -> Any:
    """A programme, or the refusal of what names none."""
    if isinstance(found, Unnamed):
        raise RowRefusedError("", "E_PROGRAMME_CHOICE", name=found.name, found=found.found)
    return found


def _named(context: Context, text: str) -> ProgrammeOpened | Unnamed:
    """What a text names: a list may say the same at each of its rows, and it is looked for once."""
    if text not in context.programmes:
        context.programmes[text] = _programme(context, text)
    return context.programmes[text]


def _programme(context: Context, text: str) -> ProgrammeOpened | Unnamed:
    known: list[ProgrammeOpened] = context.facts("programme.opened")
    if context.options.programme is not None:
        found = [one for one in known if one.programme == context.options.programme]
    else:
        word = plain(text)
        schemes = _schemes(word)
        schemes |= {scheme for scheme, words in _WORDS.items() if word == words[-1]}
        schemes |= {_TYPES[word.removesuffix("补贴")]} if word.removesuffix("补贴") in _TYPES else set()
        schemes |= {scheme for head, scheme in _CATEGORIES.items() if word.startswith(head)}
        found = [one for one in known if plain(one.name) == word] or [one for one in known if one.scheme in schemes]
    found = _own(context, found)
    if len(found) != 1:
        return Unnamed(text or "?", len(found))
    return found[0]


def _schemes(word: str) -> set[str]:
    return {scheme for scheme, words in _WORDS.items() if any(plain(w) in word for w in words[:-1])}


def _own(context: Context, found: list[Any]) -> list[Any]:
    """Those of the entity that the user named, where several were found: two bureaus of a book have one each."""
    if len(found) > 1 and context.options.entity is not None:
        own = {item.event.id for item in context.standing if item.entity == context.options.entity}
        return [one for one in found if one.id in own] or found
    return found


def _of_title(context: Context, title: str, cells: Iterable[str]) -> list[Any]:
    """The programmes that a title names, by their scheme, by area and scheme, or by their own name; where cells are
    given, those that have one of them for a category.
    """
    word = plain(title)
    schemes = _schemes(word)
    if any(name in word for name in _ASSURED):
        schemes |= {_CATEGORIES[area] for area in _AREA.findall(word)}
    found = [one for one in context.facts("programme.opened") if one.scheme in schemes or plain(one.name) in word]
    stated = {plain(cell) for cell in cells}
    standards = context.facts("standard.set") if stated else ()
    listed = {one.programme for one in standards if plain(str(one.category)) in stated}
    if stated:
        listed |= {one.programme for one in found if any(plain(name) in stated for name in one.categories)}
        found = [one for one in found if one.programme in listed]
    return _own(context, found)


def is_type(text: str) -> bool:
    """Whether a category is but the abbreviated type of a subsidy, which is no category of its programme."""
    return plain(text).removesuffix("补贴") in _TYPES


def of_batch_no(context: Context, batch_no: str) -> tuple[Any, str, str]:
    """(programme, month, batch id) of a bank's batch number such as NDB202509-01."""
    found = _BATCH_NO.fullmatch(batch_no.strip())
    if found is None:
        month = context.options.month
        if month is None:
            raise RowRefusedError("批次号", "E_BATCH_NO", value=batch_no)
        opened = programme(context, None)
        return opened, month, batch_id(opened.programme, month, context.options.batch_no)
    opened = programme(context, found[1])
    month = f"{found[2]}-{found[3]}"
    return opened, month, batch_id(opened.programme, month, found[4] or context.options.batch_no)


def of_memo(context: Context, memo: str, known_month: str | None) -> tuple[Any, str, str]:
    """(programme, month, batch id) of a pay file's memo such as 农低保9月; the year comes from the file or the user."""
    opened = programme(context, re.sub(r"\d+年?|月|补发", "", memo))
    month = context.options.month or known_month
    if month is None:
        stated = MONTH.search(memo)
        if stated is None or stated[1] is None:
            raise RowRefusedError("摘要", "E_MONTH_NEEDED", kind="代发上盘", file=memo)
        month = f"{stated[1]}-{int(stated[2]):02d}"
    return opened, month, batch_id(opened.programme, month, context.options.batch_no)


def batch_id(programme_id: str, month: str, number: str) -> str:
    """A batch's id: programme, month, running number."""
    return f"{programme_id}-{month}-{number.zfill(2)}"


def enrolment_id(context: Context, programme_id: str, household_no: str) -> str:
    """The enrolment of a household or person in a programme."""
    return context.reference("enrolment", programme_id, household_no)


@dataclass(frozen=True, slots=True)
class Named:
    """What a row of a bank's file says of whom it pays."""

    programme: str
    number: str | None
    """The household's."""
    person: str | None
    """The ID number."""
    account: str | None

    @classmethod
    def of(cls, programme_id: str, row: CleanRow) -> "Named":
        """Of a row of a pay file or a result."""
        number, person, account = (text(row.values, name) for name in ("remark", "id_number", "account"))
        return cls(programme_id, number, person, account)


def enrolments_of(context: Context, rows: Sequence[Named], listed: Container[str]) -> list[str]:
    """The enrolment that each row of a bank's file means.

    By the household's number; where that names no enrolment, by the only one of the person in the programme, or the
    only one in the batch: aid given once has one a month. Where no number of a household stands and the person has
    several, by the account. `listed` are enrolments that the batch has lines of.
    """
    of_homes = {one.programme for one in context.facts("programme.opened") if one.unit == "household"}
    named = [enrolment_id(context, row.programme, row.number or row.person or "") for row in rows]
    known = context.find(_of_enrolment(name) for name in named if name not in listed)
    lost = [name not in listed and not known[_of_enrolment(name)] for name in named]
    people = [
        _of_person(context, row.person) if away or (not row.number and row.programme in of_homes) else None
        for row, away in zip(rows, lost, strict=True)
    ]
    by_person = context.find(need for need in people if need)
    found = []
    for row, name, need, is_lost in zip(rows, named, people, lost, strict=True):
        theirs = _accounts(by_person[need], row.programme) if need else {}
        theirs = {one: payee for one, payee in theirs.items() if one in listed} or theirs
        if several := len(theirs) > 1 and not row.number and row.account is not None:
            account = context.reference("payee", row.account or "")
            theirs = {one: payee for one, payee in theirs.items() if payee == account}
        found.append(next(iter(theirs)) if (is_lost or several) and len(theirs) == 1 else name)
    return found


def _accounts(events: Iterable[Recorded], programme_id: str) -> dict[str, str | None]:
    """Enrolment -> the account that it is paid to, of a person's enrolments in a programme."""
    found: dict[str, str | None] = {}
    for event in (item.event for item in events):
        if getattr(event, "programme", "") == programme_id:
            name, payee = str(getattr(event, "enrolment", "")), getattr(event, "payee", None)
            found[name] = found.get(name) if payee is None else str(payee.payee)
    return found


def _of_enrolment(enrolment: str) -> Need:
    return Need(f"enrolment:{enrolment}", TERMS)


def _of_person(context: Context, number: str | None) -> Need | None:
    return Need(f"person:{person_ref(context, number, None)}", TERMS) if number else None


def payment_id(context: Context, enrolment: str, batch: str, component: str) -> str:
    """One component of one line of a batch."""
    return context.reference("payment", enrolment, batch, component)


def person_ref(context: Context, number: str | None, name: str | None, masked: str | None = None) -> str:
    """A person by ID number; where the file masks it, by what it shows and the name."""
    if number:
        return context.reference("person", number)
    return context.reference("person", masked or "", name or "")


def first_day(month: str) -> date:
    """The first day of a month."""
    return date(int(month[:4]), int(month[5:]), 1)
