"""The year in plain words: what the book's figures say of relief, the charity, recoveries and other public money."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from ledger.values.money import fen_to_yuan
from ledger_api.demo.year.targets import MONTHS
from ledger_projections.figures import figures


def sentences(connection: Connection) -> Iterator[str]:
    """One sentence a matter, every figure asked of the book."""
    said = figures(connection, MONTHS[0], MONTHS[-1]).by_key()
    yield from (f"  · {one}" for one in (*_relief(said), *_charity(said), *_public(said)))


def _yuan(said: Mapping[str, int], key: str) -> str:
    return f"{fen_to_yuan(said[key], grouped=True)} 元"


def _relief(said: Mapping[str, int]) -> Iterator[str]:
    yield (
        f"发放困难群众救助补助资金 {_yuan(said, 'relief_total_fen')},其中临时救助 {_yuan(said, 'temporary_aid_fen')};"
        f"流浪乞讨救助 {said['vagrant_times']} 人次(站内 {said['vagrant_in_station']},返乡 {said['vagrant_return']})"
        f" {_yuan(said, 'vagrant_fen')}"
    )
    yield (
        f"殡葬减免 {said['funeral_waiver_persons']} 人 {_yuan(said, 'funeral_waiver_fen')};"
        f"孤儿助学 {_yuan(said, 'orphan_scholarship_fen')};儿童意外险 {_yuan(said, 'child_insurance_fen')};"
        f"儿童慰问 {_yuan(said, 'child_condolence_fen')};敬老月慰问 {_yuan(said, 'elder_month_fen')}"
    )
    yield f"追缴应追 {_yuan(said, 'recovery_ordered_fen')},已追 {_yuan(said, 'recovery_collected_fen')}"


def _charity(said: Mapping[str, int]) -> Iterator[str]:
    yield (
        f"认捐 {_yuan(said, 'pledge_total_fen')},其中慈善认捐 {_yuan(said, 'pledge_charity_fen')},"
        f"年内到账 {_yuan(said, 'pledge_charity_received_fen')};迎春送温暖 {_yuan(said, 'spring_grant_fen')}"
    )
    yield (
        f"代收救灾善款 {_yuan(said, 'disaster_cash_fen')},已转赠 {_yuan(said, 'disaster_transferred_fen')};"
        f"救灾物资折价 {_yuan(said, 'disaster_in_kind_fen')}"
    )


def _public(said: Mapping[str, int]) -> Iterator[str]:
    yield f"省级下达 {_yuan(said, 'provincial_grant_fen')};福彩销售 {_yuan(said, 'lottery_sales_fen')}(不是本级收入)"
    yield (
        f"填报的数:专项债申报 {_yuan(said, 'special_bond_applied_fen')},适老化改造 {said['home_adaptations']} 户,"
        f"餐厅 {said['canteens']} 个,社会组织 {said['npo_count']} 个,火化 {said['cremations']} 人"
    )
