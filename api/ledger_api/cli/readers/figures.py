"""`figures`: what an annual report says in numbers, each with the programmes that it takes in."""

from typing import Annotated

import typer

from ledger.values.dates import Period
from ledger.values.money import fen_to_yuan
from ledger_api.cli.desk import Desk
from ledger_api.cli.options import command
from ledger_api.cli.output import at_position, write_json
from ledger_api.cli.readers.answers import AsOfOption, AtOption, Pair, day_of, position_of, reader, titled, today_of

commands = typer.Typer()

SCOPES: dict[str, Pair] = {
    "relief_total_fen": ("救助资金实发,退回已减,追回未减", "relief paid, returns deducted, recoveries not"),
    "relief_households": ("至少发放一次的户,各项目相加", "households paid at least once, programme by programme"),
    "relief_household_times": ("户次", "households, each time paid"),
    "relief_persons": ("至少发放一次的人,各项目相加", "persons paid for at least once, programme by programme"),
    "relief_person_times": ("人次", "persons, each time paid for"),
    "disability_living_payments": ("困难残疾人生活补贴人次", "living allowance, persons each time"),
    "disability_care_payments": ("重度残疾人护理补贴人次", "care allowance, persons each time"),
    "orphan_fen": ("孤儿基本生活费实发", "orphans, paid"),
    "unsupported_child_fen": ("事实无人抚养儿童实发", "children without support, paid"),
    "temporary_aid_fen": ("临时救助实发", "temporary aid, paid"),
    "vagrant_times": ("流浪乞讨救助人次", "street aid, persons each time"),
    "vagrant_in_station": ("其中站内救助人次", "of that, in the station"),
    "vagrant_return": ("其中返乡救助人次:项目名称含“返乡”", "of that, sent home: programmes named 返乡"),
    "vagrant_fen": ("流浪乞讨救助实发", "street aid, paid"),
    "funeral_waiver_persons": ("殡葬减免人数", "funeral waivers, persons"),
    "funeral_waiver_fen": ("殡葬减免实发", "funeral waivers, paid"),
    "orphan_scholarship_fen": ("助学类项目实发", "scholarships, paid"),
    "child_insurance_fen": ("保险类项目实发", "insurance, paid"),
    "child_condolence_fen": ("慰问类项目实发:名称含“儿童”,款与物", "condolence named 儿童, cash and goods"),
    "elder_month_fen": ("慰问类项目实发:名称含“老”,款与物", "condolence named 老, cash and goods"),
    "dibao_urban_close": ("期末在保人数:次月名册", "persons at the end: the next month's roster"),
    "dibao_rural_close": ("期末在保人数:次月名册", "persons at the end: the next month's roster"),
    "destitute_close": ("期末在保人数:次月名册", "persons at the end: the next month's roster"),
    "in": ("新增人数,含户内增人,不含建账时已在册的", "persons who came, new members too; not those taken over"),
    "out": ("退出人数,含户内减人;作出决定的次月生效", "persons who left, members included, from the month after"),
    "recovery_ordered_fen": ("应追,至期末", "ordered to be recovered"),
    "recovery_collected_fen": ("已追,至期末", "recovered"),
    "pledge_total_fen": ("自首月所在年的一月起的认捐,含给其他单位的", "promised since January, to others too"),
    "pledge_charity_fen": ("其中认捐给本会", "of that, to the charity"),
    "pledge_charity_received_fen": ("其中当年到账", "of that, arrived in its year"),
    "spring_grant_fen": ("用途含“送温暖”的资助,退回已减", "grants for 送温暖, less what came back"),
    "disaster_cash_fen": ("代收转赠基金收到的善款,退还已减", "cash given to funds held for a final payee"),
    "disaster_in_kind_fen": ("代收转赠基金收到的物资,按公允价值", "goods given to them, at fair value"),
    "disaster_transferred_fen": ("其中已转赠的款", "cash passed on"),
    "disaster_left_fen": ("收到而未转赠的款", "cash not passed on yet"),
    "provincial_grant_fen": ("省级下达的指标,不含上年结转", "quotas of the province, none carried over"),
    "special_bond_applied_fen": ("填报:专项债申报,不是到位资金", "reported: bonds applied for, not received"),
    "home_adaptations": ("填报:适老化改造户数", "reported: homes adapted for the old"),
    "canteens": ("填报:老年助餐点、餐厅数", "reported: canteens for the old"),
    "npo_count": ("填报:社会组织数", "reported: registered organisations"),
    "cremations": ("填报:火化数", "reported: cremations"),
    "lottery_sales_fen": ("福彩销售额,不属本级收入", "lottery sales, nobody's revenue here"),
}
"""Key of a figure -> its scope (口径)."""


@command(commands, "figures")
def figures(
    desk: Desk,
    first: Annotated[
        str | None, typer.Option("--from", metavar="YYYY-MM", help="从哪个月;默认当年一月。 First month; else January.")
    ] = None,
    last: Annotated[
        str | None,
        typer.Option("--to", metavar="YYYY-MM", help="到哪个月;默认最近已发放的。 Last month; else the newest paid."),
    ] = None,
    as_of: AsOfOption = None,
    at: AtOption = None,
) -> None:
    """年度数字:实发、户次人次、期末在保、增减、追缴、认捐、转赠等,各附口径。 A year's figures, each with its scope."""
    from ledger_projections.figures import figures as figures_of
    from ledger_projections.public_money.subsidies import newest_paid_month

    with reader(desk) as (book, connection):
        position = position_of(connection, at)
        newest = newest_paid_month(connection, position) or str(Period.of(today_of(book)))
        until = newest if last is None else str(Period.parse(last))
        since = f"{until[:4]}-01" if first is None else str(Period.parse(first))
        found = figures_of(connection, since, until, as_of=day_of(as_of), at=position)
    scopes = {one.key: desk.text(*SCOPES[one.key]) for one in found.rows}
    if desk.as_json:
        write_json(
            {
                **{name: value for name, value in found.to_json().items() if name != "rows"},
                "figures": dict(found.by_key()),
                "units": {one.key: one.unit for one in found.rows},
                "schemes": {one.key: list(one.schemes) for one in found.rows},
                "scopes": scopes,
            }
        )
        return
    rows = [
        (one.key, fen_to_yuan(one.value, grouped=True) if one.unit == "fen" else f"{one.value:,}", scopes[one.key])
        for one in found.rows
    ]
    titled(desk, (("数", "figure"), ("值(元、户、人)", "value (yuan, households, persons)"), ("口径", "scope")), rows)
    at_position(desk, found.position)
