"""`verify`, `rebuild`, `check`: is the book what its signed bytes say, and are the read models what the book says."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.output import DOES_NOT_HOLD, line, progress, write_json
from ledger_api.cli.readers.answers import stopped, today_of

if TYPE_CHECKING:
    from ledger_audit.derivation import Verdict
    from ledger_projections.keeping.checking import Difference

SHOWN: Final = 20
"""How many findings a person is shown; a program gets a thousand."""

commands = typer.Typer()


@command(commands, "verify")
def verify(
    desk: Desk,
    witness: Annotated[
        list[str] | None,
        typer.Option(
            "--witness",
            metavar="VKEY",
            help="见证方公布的公钥,可多次;不写则见证未验。 A witness's published key; else unchecked.",
        ),
    ] = None,
) -> None:
    """全量核验:重算标签、分录、余额,逐条重新判断规则。 Derive and judge everything again, and compare."""
    from ledger_audit.derivation import verify_book
    from ledger_audit.deriving.witnessed import witness_keys

    keys = witness_keys(witness or ())
    with desk.book(verifying=True) as book:
        today = today_of(book)
        with book.store.read() as connection, progress(desk.text("核验", "verifying")) as step:
            verdict = verify_book(connection, today, step, keys)
    if desk.as_json:
        write_json(verdict.to_json(desk.language))
    else:
        _say(desk, verdict)
    if not verdict.holds:
        raise typer.Exit(DOES_NOT_HOLD)


def _say(desk: Desk, verdict: "Verdict") -> None:
    found = verdict.to_json(desk.language)
    holds, first = verdict.holds, verdict.first_bad
    mark = desk.text("成立", "holds") if holds else desk.text("不成立", "does not hold")
    line(desk.text("■ 完整性(有没有被改过、推导是否一致):", "■ Integrity (unchanged, and derived alike): ") + mark)
    zh = f"  已重新推导 {verdict.vouchers} 张凭证、{verdict.events} 个事件、{verdict.postings} 行分录"
    line(desk.text(zh, f"  derived {verdict.vouchers} vouchers, {verdict.events} events, {verdict.postings} postings"))
    if first is not None:
        line(desk.text(f"  第一处:序号 {first} 起的凭证", f"  first bad: the voucher that begins at position {first}"))
    for issue in found["integrity"]["findings"][:SHOWN]:
        line(f"  - {issue['code']} {issue['message']}")
    _rest(desk, verdict.integrity.count)
    count = verdict.completeness.count
    told = (
        desk.text("无缺项", "nothing is missing")
        if not count
        else desk.text(f"{count} 项待说明", f"{count} to explain")
    )
    line(desk.text("■ 齐全性(有没有漏):", "■ Completeness (is anything missing): ") + told)
    for issue in found["completeness"]["findings"][:SHOWN]:
        line(f"  - {issue['code']} {issue['message']}")
    _rest(desk, count)


def _rest(desk: Desk, count: int) -> None:
    if count > SHOWN:
        more = count - SHOWN
        line(desk.text(f"  另有 {more} 项,见 --json", f"  and {more} more, see --json"))


NamesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="NAME...", help="哪些;不写即全部。 Which read models; else all.")
]


@command(commands, "rebuild")
def rebuild(desk: Desk, names: NamesArgument = None) -> None:
    """重建查询用的数据。 Drop read models and fold them again from the first event."""
    from ledger_projections.registry import named
    from ledger_projections.registry import rebuild as fold_again

    with desk.book() as book:
        done = [fold_again(book.store, model.name) for model in named(names)]
    rows = [{"name": one.name, "position": one.position, "failure": one.failure} for one in done]
    if desk.as_json:
        write_json({"models": rows})
    else:
        for row in rows:
            line(desk.text(f"{row['name']}:至序号 {row['position']}", f"{row['name']}: up to {row['position']}"))
    failed = [one for one in done if one.failure is not None]
    if failed:
        raise stopped(failed[0])


@command(commands, "check")
def check(desk: Desk, names: NamesArgument = None) -> None:
    """把重新计算的结果与在用的数据比对。 Compare a fresh fold with the rows in use."""
    from ledger_projections.registry import check as compare
    from ledger_projections.registry import named

    with desk.book() as book:
        found = [compare(book.store, model.name) for model in named(names)]
    if desk.as_json:
        rows = [{"name": one.name, "ok": one.holds, "position": one.position, "rows": one.rows} for one in found]
        places = [None if one.difference is None else _place(one.difference) for one in found]
        write_json({"models": [{**row, "difference": place} for row, place in zip(rows, places, strict=True)]})
    else:
        for one in found:
            mark = desk.text("相符", "holds") if one.holds else desk.text("不符", "differs")
            line(f"{one.name}  {one.position}  {one.rows}  {mark}")
            if one.difference is not None:
                line(f"  {_place(one.difference)}")
    if not all(one.holds for one in found):
        raise typer.Exit(DOES_NOT_HOLD)


def _place(difference: "Difference") -> dict[str, str]:
    """Where the live rows depart from the fold, in texts."""
    return {name: str(getattr(difference, name)) for name in ("table", "key", "column", "live", "fresh")}
