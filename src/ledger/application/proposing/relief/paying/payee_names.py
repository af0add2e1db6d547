"""Whether the holder of a line that a bank reports (户名) is whom the roster pays, and what its codes leave unsaid.

The line is recorded in any case, for the bank did what it did; whoever imports it is told where to look. Names are
compared inside the program and stand in no message.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from ledger.application.importing.rows import CleanRow, Note
from ledger.application.proposing.context import Context
from ledger.application.proposing.relief.programmes import TERMS
from ledger.application.proposing.words import plain
from ledger.flows.knowledge import Need

_ROWS_SHOWN: Final = 20
_CUT_FROM: Final = 4
"""Banks cut long names; what is at least so long may be the beginning of one."""


def other_holders(
    context: Context, lines: Sequence[tuple[CleanRow, str]], persons: Mapping[str, Container[str]]
) -> Iterator[Note]:
    """A remark for each sheet with lines whose holder is neither the payee nor the person of their enrolment.

    `persons` are those of enrolments as far as they are known already: what their lines say of them is not read again.
    """
    names = {str(row.values["name"]) for row, _ in lines}
    with context.store.read() as connection:
        found = context.vault.find(connection, "name", names)
    asked = [
        (row, enrolment)
        for row, enrolment in lines
        if not any(one in persons.get(enrolment, ()) for one in found[str(row.values["name"])])
    ]
    people = _people(context, {enrolment for _, enrolment in asked})
    known = [(row, people[enrolment]) for row, enrolment in asked if enrolment in people]
    left = [(row, refs) for row, refs in known if refs.isdisjoint(found[str(row.values["name"])])]
    fields = context.opened({ref for _, refs in left for ref in refs})
    other = [row for row, refs in left if _is_other(row, [fields[ref] for ref in sorted(refs) if ref in fields])]
    yield from _notes("W_PAYEE_NAME", other)


def unknown_codes(rows: Iterable[CleanRow]) -> Iterator[Note]:
    """A remark for each sheet with lines that failed with a code and no word why."""
    silent = [row for row in rows if row.values.get("outcome") == "failed" and not row.values.get("fail_reason")]
    codes = Counter(str(row.values.get("fail_code") or "-") for row in silent)
    yield from _notes("W_FAIL_CODE", silent, codes="、".join(sorted(codes)))


def _people(context: Context, enrolments: Iterable[str]) -> Mapping[str, set[str]]:
    """Enrolment -> its person and every payee that it ever had."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    wanted = {Need(f"enrolment:{name}", TERMS[:2]): name for name in enrolments}
    for need, part in context.find(wanted).items():
        terms: list[Any] = [item.event for item in part]
        found[wanted[need]] |= {one for term in terms for one in (term.person, term.payee.payee) if one is not None}
    return found


def _is_other(row: CleanRow, people: Sequence[Mapping[str, str]]) -> bool:
    """Whether nobody of the enrolment can be meant. Of whom the vault knows no name, nothing is told."""
    names = [plain(one["name"]) for one in people if "name" in one]
    return bool(names) and not any(_means(plain(str(row.values["name"])), name) for name in names)


def _means(shown: str, name: str) -> bool:
    if "*" in shown:
        return len(shown) == len(name) and all(one in ("*", sign) for one, sign in zip(shown, name, strict=True))
    return shown == name or (len(shown) >= _CUT_FROM and name.startswith(shown))


def _notes(code: str, rows: Sequence[CleanRow], **params: Any) -> Iterator[Note]:
    by_sheet: defaultdict[tuple[str, str | None], list[CleanRow]] = defaultdict(list)
    for row in rows:
        by_sheet[row.place.file, row.place.sheet].append(row)
    for own in by_sheet.values():
        numbers = [str(row.place.row) for row in own]
        shown = "、".join(numbers[:_ROWS_SHOWN]) + ("…" if len(numbers) > _ROWS_SHOWN else "")
        yield Note(own[0].place, code, {**params, "count": len(own), "rows": shown})
