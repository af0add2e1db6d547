"""Pay files (代发上盘): what is sent to the bank, compared row by row with what was authorised.

A pay file is the bureau's own act and may be refused: when one of its rows asks for another amount than was authorised,
the file is not recorded as sent, and the row is shown. Which bank it went to is told as far as somebody says it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from ledger.application.importing.kinds.registry import kind_named
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Note, WrongCell
from ledger.application.proposing.cells import text, whole
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, Proposed, each_row
from ledger.application.proposing.relief.programmes import Named, enrolments_of, first_day, of_memo
from ledger.application.proposing.relief.which_month import month_of_memo
from ledger.flows.knowledge import Need
from ledger.flows.public_money.payment.batches import LINES, RETURNED
from ledger.flows.public_money.payment.tellings import distinct
from ledger.values.text import without_personal

_BANK: Final = "代发银行"
"""A paying bank that nobody names."""
_BANKS: Final[Mapping[str, str]] = {
    "农村商业银行": r"农商|农村商业银行",
    "农村信用社": r"农信|信用社",
    "邮储银行": r"邮储|邮政储蓄",
    "村镇银行": r"村镇银行",
    "农业银行": r"农业银行|(?<!务)农行(?![业政])",
    "工商银行": r"工商银行|(?<![分竣施])工行(?![业政])",
    "建设银行": r"建设银行|(?<!新)建行(?![业政])",
    "中国银行": r"中国银行",
}
"""Banks that pay counties' lists, by what people call them."""
_NAMED_AT_MOST: Final = 3
_UNDATED: Final = "E_MONTH_NEEDED"


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """One `batch.instructed` for each batch in the file; its rows are evidence."""
    proposal = Proposal(columns={"E_PROGRAMME_CHOICE": "摘要", "E_PAY_FILE_SUM": "金额"})
    entity = context.entity("bureau")
    batches: dict[tuple[str, str, str], list[CleanRow]] = {}

    def one(row: CleanRow) -> None:
        memo = str(row.values.get("memo") or "")
        opened, month, batch = of_memo(context, memo, month_of_memo(parsed, memo) or _only_month(context, memo))
        batches.setdefault((opened.programme, batch, month), []).append(row)

    each_row(parsed, proposal, one)
    _ask_once(parsed, proposal, [row for rows in batches.values() for row in rows])
    unread = bool(parsed.wrong or proposal.wrong)
    for (programme_id, batch, month), rows in batches.items():
        differ = _differing(context, proposal, programme_id, batch, rows)
        if differ or unread:  # nothing of the batch is sent: the bank pays all of a file or none
            wrong = {id(row) for row in differ}
            rest = [row for row in rows if id(row) not in wrong]
            proposal.hold("", rest)
            if rest and unread:
                told = {"batch": batch, "rows": len(rest)}
                proposal.notes.append(Note(rest[0].place.as_a_whole(), "W_PAY_FILE_HELD", told))
            continue
        bank, total = paying_bank(context, parsed, rows), sum(whole(row.values, "amount_fen") for row in rows)
        sent = _sent_before(context, batch, parsed.digest, (bank, len(rows), total))
        if sent is not None and sent.file_digest != parsed.digest:
            params = {"batch": batch, "rows": len(rows), "total_fen": total}
            proposal.notes.append(Note(rows[0].place.as_a_whole(), "W_PAY_FILE_SAME", params))
        event = context.event(
            "batch.instructed",
            batch=batch,
            bank=bank if sent is None else sent.bank,
            count=len(rows),
            total_fen=total,
            file_digest=parsed.digest if sent is None else sent.file_digest,
            on=first_day(month).isoformat(),
            origin="history",
        )
        known = Need(f"batch:{batch}", ("batch.instructed",))
        day = first_day(month)
        item = Proposed(rows[0].place, known, (event,), entity, day, sameness="content", whole=True)
        proposal.items.append(replace(item, others=tuple(row.place for row in rows[1:])))
    return proposal


def _ask_once(parsed: ParsedFile, proposal: Proposal, dated: Sequence[CleanRow]) -> None:
    """A sheet of which no row tells the month lacks it as a whole: that is told once, and its rows are held. Beside
    rows that tell it, those that do not are at fault themselves.
    """
    told = {row.place.as_a_whole() for row in dated}
    undated = {one.place for one in proposal.wrong if one.code == _UNDATED and one.place.as_a_whole() not in told}
    if not undated:
        return
    params = {"kind": kind_named(parsed.kind).title_zh, "file": parsed.file}
    sheets = dict.fromkeys(place.as_a_whole() for place in sorted(undated, key=lambda one: one.row))
    proposal.wrong[:] = [one for one in proposal.wrong if one.code != _UNDATED or one.place not in undated]
    proposal.wrong += [WrongCell(sheet, "", "", "", _UNDATED, params) for sheet in sheets]
    proposal.hold("", [row for row in parsed.rows if row.place in undated])


def _sent_before(context: Context, batch: str, digest: str, said: tuple[str, int, int]) -> Any:
    """The act by which these rows were sent already, or None. The same bytes are the same file. Saved in another format
    it has other bytes: then as many rows of the same sum, for the same bank as far as both say one, are those that were
    sent when the batch has no room for as much again beside all that was sent; lines that came back make room.
    """
    bank, count, total = said
    events = context.events(Need(f"batch:{batch}", ("batch.prepared", "batch.instructed")))
    sent = [one for one in events if one.kind == "batch.instructed" and one.batch == batch]
    same = next((one for one in sent if one.file_digest == digest), None)
    most = [one.total_fen for one in events if one.kind == "batch.prepared" and one.batch == batch]
    if same is not None or not most:
        return same
    alike = [one for one in sent if (one.count, one.total_fen) == (count, total) and _may_be(bank, one.bank)]
    return (
        alike[0] if alike and total > most[-1] + _made_room(context, batch) - sum(e.total_fen for e in sent) else None
    )


def _may_be(bank: str, other: str) -> bool:
    return bank == other or _BANK in (bank, other)


def _made_room(context: Context, batch: str) -> int:
    """What came back of a batch, less what was taken out of it."""
    history = context.events(Need(f"batch:{batch}", ("batch.line_excluded", *RETURNED)))
    own = [one for one in history if one.batch == batch]
    out: int = sum(one.amount_fen for one in own if one.kind == "batch.line_excluded")
    back: defaultdict[tuple[str, date], list[Any]] = defaultdict(list)
    for one in own:
        if one.kind != "batch.line_excluded":
            back[one.payment, one.occurred_on].append(one)
    room: int = sum(one.amount_fen for told in back.values() for one in distinct(told))
    return room - out


def _only_month(context: Context, memo: str) -> str | None:
    """The month of the one prepared batch that a memo without a year (农低保9月) can mean."""
    found: set[str] = set()
    for opened in context.facts("programme.opened"):
        for event in context.events(Need(f"programme:{opened.programme}", ("batch.prepared",))):
            if f"{int(event.month[5:])}月" in memo:
                found.add(event.month)
    return found.pop() if len(found) == 1 else None


def _differing(
    context: Context, proposal: Proposal, programme_id: str, batch: str, rows: Sequence[CleanRow]
) -> list[CleanRow]:
    """The rows that ask for other than their line may be paid; a batch without lines yet is for the rules to judge."""
    due = _due(context, batch)
    if not due:
        return []
    named = [Named.of(programme_id, row) for row in rows]
    wrong = []
    for row, enrolment in zip(rows, enrolments_of(context, named, due), strict=True):
        amount = whole(row.values, "amount_fen")
        if amount != due.get(enrolment, 0):
            params = {"said_fen": amount, "known_fen": due.get(enrolment, 0)}
            proposal.refuse(row, "金额", "E_PAY_FILE_DIFFERS", params)
            wrong.append(row)
    return wrong


def _due(context: Context, batch: str) -> dict[str, int]:
    """Enrolment -> fen that the batch may pay it: authorised, less deductions; a line taken out is due nothing."""
    due: dict[str, int] = {}
    signs = {"subsidy.authorised": 1, "subsidy.offset": -1}
    for event in context.events(Need(f"batch:{batch}", LINES)):
        if event.batch == batch:
            due[event.enrolment] = due.get(event.enrolment, 0) + signs.get(event.kind, 0) * event.amount_fen
    return due


def paying_bank(context: Context, parsed: ParsedFile, rows: Iterable[CleanRow]) -> str:
    """The bank that a pay file goes to or a result comes from: as its rows name it, or the account that the user named,
    or the file's titles or name. A word that says nothing where none of them does, or where they name several. What a
    bank writes there is evidence, and is kept without anybody's number.
    """
    return without_personal(_bank_named(context, parsed, rows))


def _bank_named(context: Context, parsed: ParsedFile, rows: Iterable[CleanRow]) -> str:
    stated = sorted({bank for row in rows if (bank := text(row.values, "bank"))})
    if stated:
        return "、".join(stated) if len(stated) <= _NAMED_AT_MOST else _BANK
    accounts = context.facts("bank.account_registered")
    if context.options.account is not None:
        named = [one.bank for one in accounts if one.account == context.options.account]
        return str(named[0] or _BANK) if named else _BANK
    known: list[str] = sorted({one.bank for one in accounts if one.bank and _names(one.bank)})
    lines = [line for sheet in parsed.sheets for line in sheet.titles.lines]
    for said in (" ".join(lines), parsed.file):
        own = [bank for bank in known if bank in said]
        banks = _names(said)
        if len(own) == 1 and len(banks) <= 1:
            return own[0]
        if len(banks) == 1:
            same = [bank for bank in known if _names(bank) == banks]
            return same[0] if len(same) == 1 else banks[0]
    return _BANK


def _names(said: str) -> list[str]:
    """The banks that a text names."""
    return [name for name, words in _BANKS.items() if re.search(words, said)]
