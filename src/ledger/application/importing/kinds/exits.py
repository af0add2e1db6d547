"""exits (退出名单): who left a programme, why, and the first month that is no longer paid.

exits: seq, category (what names the programme), township, village, household_no, certificate_no, name (户主 or the
person), id_number (None when masked), id_number_masked, persons, from_month (停发月份, YYYY-MM), reason (as written),
reason_code (the coded reason; `pending` where the list says none), decided_on, document, remark.

A household that is missing from a roster stays enrolled until a list like this says that it left.
"""

from typing import Final

from ledger.application.importing.fields.types import CODE, COUNT, DAY, ID_OR_MASK, MONTH, NAME, OWN_CODE, TEXT
from ledger.application.importing.kinds.base import Column, FileKind, KeyRule, RowDraft, Shape
from ledger.application.importing.kinds.rosters import split_masks

EXIT_REASONS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("pending", ("待补",)),
    ("review_refused", ("不配合", "拒绝", "拒不")),
    ("violation", ("违规", "骗保", "虚报", "隐瞒", "冒领")),
    ("waived", ("放弃", "自愿退出", "主动退出")),
    ("death", ("死亡", "去世", "亡故", "病故", "身故")),
    ("to_destitute", ("转特困", "转为特困", "纳入特困")),
    ("to_dibao", ("转低保", "转为低保", "转农村低保", "转城市低保", "转城镇低保")),
    ("income", ("收入",)),
    ("assets", ("财产", "车辆", "房产", "购房", "购车", "存款", "注册公司", "开办公司")),
    ("employed", ("财政供养", "就业", "务工")),
    ("moved_out", ("迁出", "迁移", "外迁")),
    ("imprisoned_or_adopted", ("服刑", "判刑", "收监", "收养")),
    ("family_changed", ("成员变化", "成员变动", "人口变化", "赡养", "结婚", "离婚")),
    ("other", ("其他", "其它")),
)
"""Coded reason -> words by which offices write it."""
_OVERRULES: Final = frozenset({"pending", "review_refused"})
"""Reasons that hold whatever else is named: to refuse a job is no employment."""
_DENIALS: Final = ("未", "无", "没有", "非", "不")
_OFFERED: Final = (
    "死亡",
    "收入超标",
    "财产超标",
    "稳定就业或财政供养",
    "家庭成员变化",
    "转特困",
    "转低保",
    "迁出",
    "服刑或被收养",
    "主动放弃",
    "不配合复核",
    "查实违规",
    "其他",
    "待补原因",
)


def _exit(draft: RowDraft) -> None:
    """The coded reason; a word that none of them knows is told, not guessed at."""
    split_masks(draft, ("id_number",))
    stated = draft.values.get("reason")
    code = "pending" if stated is None else _code_of(str(stated))
    if code is None:
        draft.fault("reason", "E_CELL_CHOICE", value=str(stated), choices="、".join(_OFFERED))
    draft.values["reason_code"] = code


def _code_of(stated: str) -> str | None:
    """The one reason that a text names; None where it names none, several, or says that one does not apply."""
    codes = [code for code, words in EXIT_REASONS if any(word in stated for word in words)]
    if codes and codes[0] in _OVERRULES:
        return codes[0]
    denied = any(denial + word in stated for _, words in EXIT_REASONS for word in words for denial in _DENIALS)
    return codes[0] if len(codes) == 1 and not denied else None


EXITS: Final = FileKind(
    "exits",
    "退出名单",
    (
        Shape(
            "",
            (
                Column("seq", ("序号",), TEXT),
                Column("category", ("保障类别", "救助类别", "类别"), TEXT),
                Column("township", ("乡镇", "乡镇(街道)"), TEXT),
                Column("village", ("村(社区)", "村", "社区"), TEXT),
                Column("household_no", ("家庭编号",), OWN_CODE),
                Column("certificate_no", ("低保证号", "低保证编号"), OWN_CODE),
                Column("name", ("姓名", "户主姓名", "户主"), NAME, needed=True),
                Column("id_number", ("身份证号", "身份证号码", "户主身份证号"), ID_OR_MASK),
                Column("persons", ("退出人数", "保障人口", "保障人数"), COUNT, sums=True),
                Column("from_month", ("停发月份", "停保月份", "退出月份"), MONTH, needed=True),
                Column("reason", ("退出原因", "停发原因", "停保原因"), TEXT, choices=_OFFERED),
                Column("decided_on", ("决定日期", "审批日期"), DAY),
                Column("document", ("决定文号", "文号"), CODE),
                Column("remark", ("备注",), TEXT),
            ),
            keys=(
                KeyRule(("household_no", "category", "from_month"), when=("household_no",), unique=True),
                KeyRule(("certificate_no", "category", "from_month"), when=("certificate_no",), unique=True),
                KeyRule(("id_number", "id_number_masked", "name", "category", "from_month"), unique=True),
            ),
            needs=(("household_no", "certificate_no", "id_number"), ("reason",)),
            fills=(("household_no", "certificate_no", "id_number"),),
            finish=_exit,
        ),
    ),
)
