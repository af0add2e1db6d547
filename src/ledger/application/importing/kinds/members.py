"""members (家庭成员表): who belongs to each household, one row a person.

members: seq, household_no, name, id_number (None when masked), id_number_masked, relation (as written), sex, born_on,
person_class (老年, 未成年, 重残, 重病, 一般), disability_level, health, work, at_school, covered (bool or None),
supplement_fen (增发金额), since (起保月份), until (停保月份), remark, month.
"""

from typing import Final

from ledger.application.importing.fields.types import CODE, DAY, ID_OR_MASK, MONEY, MONTH, NAME, TEXT, YES_NO
from ledger.application.importing.kinds.base import Column, FileKind, KeyRule, RowDraft, Shape
from ledger.application.importing.kinds.rosters import split_masks


def _member(draft: RowDraft) -> None:
    split_masks(draft, ("id_number",))


MEMBERS: Final = FileKind(
    "members",
    "家庭成员表",
    (
        Shape(
            "",
            (
                Column("seq", ("序号",), TEXT),
                Column("household_no", ("家庭编号",), CODE, needed=True),
                Column("name", ("成员姓名",), NAME, needed=True),
                Column("id_number", ("身份证号", "身份证号码"), ID_OR_MASK, needed=True),
                Column("relation", ("与户主关系",), TEXT, needed=True),
                Column("sex", ("性别",), TEXT, choices=("男", "女")),
                Column("born_on", ("出生日期",), DAY),
                Column("person_class", ("人员类别(老年/未成年/重残/重病/一般)", "人员类别"), TEXT),
                Column("disability_level", ("残疾等级",), TEXT),
                Column("health", ("健康状况",), TEXT),
                Column("work", ("劳动能力",), TEXT),
                Column("at_school", ("是否在校",), YES_NO, choices=("是", "否")),
                Column("covered", ("是否保障对象",), YES_NO, choices=("是", "否")),
                Column("supplement_fen", ("增发金额", "增发金额(元)"), MONEY, least=0, sums=True),
                Column("since", ("起保月份",), MONTH),
                Column("until", ("停保月份",), MONTH),
                Column("remark", ("备注",), TEXT),
            ),
            keys=(KeyRule(("month", "household_no", "id_number", "id_number_masked", "name"), unique=True),),
            finish=_member,
        ),
    ),
    needs_month=True,
)
