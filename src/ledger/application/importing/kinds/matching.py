"""matching (比对名单): what another department says of people, to be compared with who is on the rosters.

matching: seq, source (数据来源 as written), data (the coded kind of data), name, id_number, statement (what the list
says: a car, a firm, a contribution), since_on (a day, None when only the month is known) and since_month (YYYY-MM; None
when the list does not say since when), cut_off_on (数据截止日), provider (提供单位), remark.

A list of the dead may come as one of these, to be compared once, or as `deaths`, to be kept as facts.
"""

from typing import Final

from ledger.application.importing.fields.types import DAY, DAY_OR_MONTH, ID_NUMBER, NAME, TEXT
from ledger.application.importing.kinds.base import Column, FileKind, KeyRule, RowDraft, Shape

DATA: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("deaths", ("死亡", "火化", "殡葬")),
    ("housing_fund", ("公积金",)),
    ("payroll", ("财政供养", "工资", "编制")),
    ("pension", ("养老金", "养老保险待遇", "退休")),
    ("social_insurance", ("社保", "社会保险", "参保", "养老保险")),
    ("vehicles", ("车辆", "机动车", "车管")),
    ("property", ("房产", "不动产", "房屋")),
    ("business", ("工商", "市场主体", "企业登记", "市监", "公司")),
    ("deposits", ("存款", "银行资产", "金融资产")),
    ("relatives", ("近亲属", "村干部亲属", "工作人员亲属")),
    ("population", ("户籍", "人口")),
    ("prison", ("服刑", "监狱", "戒毒")),
    ("other", ("其他", "其它")),
)
"""Coded kind of data -> words by which lists name it; the first that fits."""
_OFFERED: Final = (
    "死亡",
    "财政供养",
    "养老金",
    "公积金",
    "社保缴纳",
    "车辆",
    "房产",
    "工商登记",
    "存款",
    "干部近亲属",
    "户籍",
    "服刑",
    "其他",
)


def _statement(draft: RowDraft) -> None:
    """The kind of data; a source that none of them knows is told, not guessed at."""
    values = draft.values
    values["since_on"], values["since_month"] = values.get("since_on") or (None, None)
    stated = values.get("source")
    values["data"] = None if stated is None else _data_of(str(stated))
    if stated is not None and values["data"] is None:
        draft.fault("source", "E_CELL_CHOICE", value=str(stated), choices="、".join(_OFFERED))
    if values["data"] == "deaths" and values["since_month"] is None:
        draft.fault("since_on", "E_CELL_MISSING", value="")
    cut_off, since = values.get("cut_off_on"), values["since_month"]
    if cut_off is not None and since is not None and since > cut_off.isoformat()[:7]:
        draft.fault("since_on", "E_SINCE_AFTER_CUT_OFF", since=since, cut_off=cut_off.isoformat())


def _data_of(stated: str) -> str | None:
    return next((code for code, words in DATA if any(word in stated for word in words)), None)


MATCHING: Final = FileKind(
    "matching",
    "比对名单",
    (
        Shape(
            "",
            (
                Column("seq", ("序号",), TEXT),
                Column("source", ("数据来源", "数据类别", "比对数据"), TEXT, needed=True, choices=_OFFERED),
                Column("name", ("姓名",), NAME, needed=True),
                Column("id_number", ("身份证号", "身份证号码", "公民身份号码"), ID_NUMBER, needed=True),
                Column("statement", ("比对内容", "登记情况", "比对情况"), TEXT, needed=True),
                Column("since_on", ("起始日期", "发生日期", "登记日期", "起始时间"), DAY_OR_MONTH),
                Column("cut_off_on", ("数据截止日", "数据截止日期"), DAY, needed=True),
                Column("provider", ("提供单位", "提供部门"), TEXT),
                Column("remark", ("备注",), TEXT),
            ),
            keys=(KeyRule(("data", "id_number", "statement", "since_month", "cut_off_on"), unique=True, shared=True),),
            finish=_statement,
        ),
    ),
)
