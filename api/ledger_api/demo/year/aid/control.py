"""What the book says of aid given once and of other public money, against the lists it was written from."""

from collections.abc import Iterator, Mapping

from ledger_api.demo.year.aid.targets import AID
from ledger_api.demo.year.making import Made
from ledger_api.demo.year.stated import Control
from ledger_projections.public_money.subsidies import SubsidySum


def controls(paid: Mapping[str, SubsidySum], said: Mapping[str, int], made: Made) -> Iterator[Control]:
    """户次, 人次 and money of each programme; the relief total; the province's grant and the lottery's sales."""
    for target in AID:
        rows = [row for files in made.aid_of(target.programme) for row in files.rows]
        found = paid.get(target.programme)
        times = (0, 0, 0) if found is None else (found.household_times, found.person_times, found.paid_fen)
        yield Control(target.name, "救助户次", len(rows), times[0])
        yield Control(target.name, "救助人次", sum(row.persons for row in rows), times[1])
        yield Control(target.name, "实发(元)", sum(row.fen for row in rows), times[2], money=True)
    once = sum(files.total_fen for files in made.aid if files.target.fund == "relief")
    relief = once + sum(roll.total_fen() for roll in made.rolls)
    yield Control("", "困难群众救助补助资金(元)", relief, said["relief_total_fen"], money=True)
    yield Control("", "省级专项下达(元)", made.public.province_fen, said["provincial_grant_fen"], money=True)
    yield Control("", "福彩销售(元)", sum(made.public.sales_fen), said["lottery_sales_fen"], money=True)
