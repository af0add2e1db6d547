"""The templates of sentences as they stand in the catalogue (`ledger/catalogue/reports/`), read once."""

import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from ledger.errors import NotFoundError

TEMPLATES: Final = ("year", "jan_sep", "month", "quarter", "campaign")
"""Every template by name; its name is also the name of its file."""

_SLOT: Final = re.compile(r"\{([a-z_]+)\}")
_NUMBER: Final = (
    r"(?:[0-9][0-9.,]*|XX)余?[万亿]{0,2}余?"
    r"(?:人次|户次|台次|元|%|人|名|户|家|笔|件|条|项|类|场|具|对|所|张|个)"
)
_DAY: Final = r"[0-9]{4}年[0-9年月日至\-－—–~～]{0,16}"
_WORDS: Final = {"until": f"(?:截至)?{_DAY}", "now": f"(?:当月|{_DAY})", "so_far": f"(?:{_DAY}[,，])?"}
"""Word of the span -> what it may be, where that is more than months."""
_LEAD: Final = rf"\s*(?:[（(]?[0-9一二三四五六七八九十]{{1,3}}[)）、.．是]\s*)?(?:(?:截至)?{_DAY}[,，])?"
_NAMES: Final = "[^()（）;；]*"
_WIDE_MARKS: Final = str.maketrans("，；：（）", ",;:()")


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """What fills a slot: a figure in the first style that can say it; or the names of another slot's programmes.

    Without a figure the slot stays open: the ledger keeps no record of such things. `word` is what is counted; `span`
    says of which months it is (year: from January on; month: the last one; None: the template's).
    """

    figure: str | None
    schemes: tuple[str, ...]
    styles: tuple[str, ...]
    word: str | None
    scope_of: str | None
    span: str | None


@dataclass(frozen=True, slots=True)
class EachPlan:
    """A clause that stands once for every programme of some schemes of which the book has something to tell.

    `standing` is said of those whose people stay on a roster, `once` of aid that is given once; `joined` stands
    between two clauses. Its slots are named `scheme_slot` in the sentence.
    """

    schemes: tuple[str, ...]
    standing: Mapping[str, str]
    once: Mapping[str, str]
    joined: Mapping[str, str]
    slots: Mapping[str, SlotPlan]


@dataclass(frozen=True, slots=True)
class SentencePlan:
    """One sentence with `{slots}`, in Chinese and in English; `{each}` is where its clauses stand."""

    name: str
    zh: str
    en: str
    slots: Mapping[str, SlotPlan]
    each: EachPlan | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A paragraph: its sentences, and its usual span (year, quarter: from January on; jan_sep; month)."""

    name: str
    title: Mapping[str, str]
    span: str
    sentences: tuple[SentencePlan, ...]


def template(name: str) -> Template:
    """The template of a name. Raises NotFoundError E_PARAGRAPH_NAME."""
    if name not in TEMPLATES:
        raise NotFoundError("E_PARAGRAPH_NAME", name=name[:64], known=", ".join(TEMPLATES))
    return _template(name)


def own_slots(text: str) -> dict[int, SlotPlan]:
    """Start of a number -> the slot it fills, where a text with plain digits is wholly a sentence of a template."""
    told = text.translate(_WIDE_MARKS)
    for form, slots in _own_forms():
        found = form.fullmatch(told)
        if found is not None:
            return {found.start(name): plan for name, plan in slots.items()}
    return {}


@functools.cache
def _own_forms() -> tuple[tuple[re.Pattern[str], Mapping[str, SlotPlan]], ...]:
    """Every sentence of every template as it is read back, with its slots for numbers."""
    return tuple(_own_form(plan) for name in TEMPLATES for plan in template(name).sentences if plan.each is None)


def _own_form(plan: SentencePlan) -> tuple[re.Pattern[str], Mapping[str, SlotPlan]]:
    form = _LEAD
    for at, part in enumerate(_SLOT.split(plan.zh)):
        slot = plan.slots.get(part) if at % 2 else None
        if slot is None:
            form += _WORDS.get(part, _DAY) if at % 2 else re.escape(part.translate(_WIDE_MARKS).removesuffix("。"))
        else:
            form += _NAMES if slot.scope_of is not None else f"(?P<{part}>{_NUMBER})"
    numbers = {name: slot for name, slot in plan.slots.items() if slot.scope_of is None}
    return re.compile(form + "。?"), numbers


def report_data(name: str) -> dict[str, Any]:
    """A file of the catalogue's reports by its name without `.toml`."""
    file = resources.files("ledger.catalogue").joinpath("reports", f"{name}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


@functools.cache
def _template(name: str) -> Template:
    data = report_data(name)
    return Template(name, data["title"], data["span"], tuple(_sentence(one) for one in data["sentence"]))


def _sentence(data: Mapping[str, Any]) -> SentencePlan:
    slots = {name: _slot(**plan) for name, plan in data.get("slots", {}).items()}
    return SentencePlan(data["name"], data["zh"], data["en"], slots, _each(**data["each"]) if "each" in data else None)


def _each(slots: Mapping[str, Any], schemes: Sequence[str], **said: Mapping[str, str]) -> EachPlan:
    return EachPlan(tuple(schemes), **said, slots={name: _slot(**plan) for name, plan in slots.items()})


def _slot(
    figure: str | None = None,
    schemes: tuple[str, ...] = (),
    styles: tuple[str, ...] = (),
    word: str | None = None,
    scope_of: str | None = None,
    span: str | None = None,
) -> SlotPlan:
    return SlotPlan(figure, tuple(schemes), tuple(styles), word, scope_of, span)
