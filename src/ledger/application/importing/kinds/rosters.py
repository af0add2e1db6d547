"""roster: who is to be paid how much this month, by household or by person.

roster (低保发放花名册, one row a household): seq, township, village, group_no, household_no, certificate_no,
head_name, head_id (None when masked), head_id_masked, category, persons,
income_per_head_fen, standard_fen, difference_fen (月人均补差), base_fen, supplement_persons, supplement_fen,
arrears_fen (补发), deduction_fen (扣回), net_fen, payee_name, payee_id (None when masked), payee_id_masked,
payee_relation, bank, account, phone, remark, cover (保障类型: 单人保, 渐退), month.

A roster of persons (特困, 残疾人两项补贴, 孤儿, 高龄) has shape `person` instead of `household`: name, id_number
(None when masked), id_number_masked, category, care_mode, self_care, base_fen, nursing_fen, nursing_payee,
agreement_no, disability_no, disability_class, disability_level, subsidy_type, guardian_name, guardian_id,
guardian_relation, placement, finding, age_band, quarter, standard_fen, months, dibao_fen, difference_fen,
arrears_fen, deduction_fen, net_fen, bank, account, phone, remark.

Both shapes may say why somebody came (新增原因): came_reason as written, came_code the coded reason, None where none is
stated.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ledger.application.importing.fields.types import (
    ACCOUNT,
    CODE,
    COUNT,
    ID_OR_MASK,
    MONEY,
    NAME,
    OWN_CODE,
    TEXT,
)
from ledger.application.importing.kinds.base import Column, FileKind, KeyRule, RowDraft, Shape
from ledger.values.money import fen_to_yuan

_QUARTERS: Final[Mapping[str, int]] = {"一": 1, "二": 2, "三": 3, "四": 4}
_QUARTERS_SAID: Final = ("1季度", "2季度", "3季度", "4季度")
_QUARTER: Final = re.compile(
    r"(?P<named>(?<!\d)[1-4]|(?<![一二三四五六七八九十])[一二三四])\s*季|[Qq](?P<latin>[1-4])$|^(?P<bare>[1-4一二三四])$"
)
_QUARTER_MONTHS: Final = 3

_CAME: Final[Mapping[str, str]] = {
    "待补": "pending",
    "重新纳入": "readmitted",
    "恢复": "readmitted",
    "转入": "transferred_in",
    "迁入": "moved_in",
    "单人保": "single_cover",
    "主动发现": "discovered",
    "新申请": "new",
    "本人申请": "new",
}
"""Words of 新增原因, and the coded reason that each means."""
_CAME_OFFERED: Final = ("新申请", "重新纳入", "类别转入", "迁入", "边缘户单人保", "主动发现", "待补原因")
_HOME: Final = ("account", "township", "village")
"""What may tell a person's two households apart, or two people behind one mask, where no number does."""
_PERSON: Final = ("month", "id_number", "id_number_masked", "name", "category", "subsidy_type")
_CAME_REASON: Final = Column("came_reason", ("新增原因", "纳入原因"), TEXT, choices=_CAME_OFFERED)


def _came(draft: RowDraft) -> None:
    """The coded reason for which somebody came; a word that none of them knows is told, not guessed at."""
    stated = draft.values.get("came_reason")
    code = None if stated is None else next((code for word, code in _CAME.items() if word in str(stated)), None)
    if stated is not None and code is None:
        draft.fault("came_reason", "E_CELL_CHOICE", value=str(stated), choices="、".join(_CAME_OFFERED))
    draft.values["came_code"] = code


def _household(draft: RowDraft) -> None:
    """Masks apart, at least one person, and the net as the sum of its parts."""
    split_masks(draft, ("head_id", "payee_id"))
    _came(draft)
    values = draft.values
    if values.get("persons") == 0:
        draft.fault("persons", "E_ROSTER_PERSONS")
    if values.get("base_fen") is not None:
        parts = [values.get(name) or 0 for name in ("base_fen", "supplement_fen", "arrears_fen")]
        _net(draft, sum(parts) - (values.get("deduction_fen") or 0))


def _net(draft: RowDraft, computed_fen: int) -> None:
    """Many counties round the sum up to whole yuan; nothing else may stand between the parts and the net."""
    net = draft.values.get("net_fen")
    if net is not None and net not in {computed_fen, _whole_yuan(computed_fen)}:
        draft.fault("net_fen", "E_ROSTER_SUM", stated=fen_to_yuan(net), computed=fen_to_yuan(computed_fen))


def _person(draft: RowDraft) -> None:
    """Masks apart, 补差 as 标准 less 已领, and the net as the sum of its parts, for the month or for all the months."""
    split_masks(draft, ("id_number", "guardian_id"))
    _came(draft)
    values = draft.values
    standard, other, difference = (values.get(name) for name in ("standard_fen", "dibao_fen", "difference_fen"))
    if standard is not None and other is not None and difference is not None:
        computed = max(0, standard - other)
        if difference not in {computed, _whole_yuan(computed)}:
            draft.fault("difference_fen", "E_PARTS_SUM", stated=fen_to_yuan(difference), computed=fen_to_yuan(computed))
            return
    if not _quarter(draft):
        return
    each = _each(values)
    if each is not None:
        beside = (values.get("arrears_fen") or 0) - (values.get("deduction_fen") or 0)
        _person_net(draft, [each * months + beside for months in _months(values)])


def _quarter(draft: RowDraft) -> bool:
    """Whether 季度 names a quarter, where it says anything, and 月数 is then no other number than its three months."""
    said, months = draft.values.get("quarter"), draft.values.get("months")
    if not said:
        return True
    if quarter_of(str(said)) is None:
        draft.fault("quarter", "E_CELL_CHOICE", value=said, choices="、".join(_QUARTERS_SAID))
        return False
    if months is not None and months not in {0, _QUARTER_MONTHS}:
        draft.fault("months", "E_QUARTER_MONTHS", value=months, quarter=said)
        return False
    return True


def quarter_of(text: str) -> int | None:
    """The quarter that a text names: 三季度, 第3季度, 2025年三季度, Q3, 3; None where it names none of the four."""
    found = _QUARTER.search(text.strip())
    if found is None:
        return None
    said = next(one for one in found.groups() if one)
    return _QUARTERS.get(said) or int(said)


def _each(values: Mapping[str, Any]) -> int | None:
    """What the row's own columns come to: 补差, or 基本生活费 with 照料护理费, or 标准 less 已领; None without any."""
    if values.get("difference_fen") is not None:
        return int(values["difference_fen"]) + (values.get("nursing_fen") or 0)
    if values.get("base_fen") is not None:
        return int(values["base_fen"]) + (values.get("nursing_fen") or 0)
    if values.get("standard_fen") is not None:
        return max(0, int(values["standard_fen"]) - (values.get("dibao_fen") or 0)) + (values.get("nursing_fen") or 0)
    return None


def _months(values: Mapping[str, Any]) -> list[int]:
    """For how many months the columns may stand: each of them, or all that the row pays."""
    months = _QUARTER_MONTHS if values.get("quarter") else max(1, values.get("months") or 1)
    return [months, 1] if months > 1 else [1]


def _person_net(draft: RowDraft, computed: Sequence[int]) -> None:
    net = draft.values.get("net_fen")
    if net is not None and not any(net in {fen, _whole_yuan(fen)} for fen in computed):
        told = "/".join(fen_to_yuan(fen) for fen in computed)
        draft.fault("net_fen", "E_ROSTER_PERSON_SUM", stated=fen_to_yuan(net), computed=told)


def _whole_yuan(fen: int) -> int:
    """Rounded up to whole yuan, as many counties do."""
    return -(-fen // 100) * 100


def split_masks(draft: RowDraft, names: tuple[str, ...]) -> None:
    """A masked ID stands in a field of its own, so that nobody takes it for an ID."""
    for name in names:
        value = draft.values.get(name)
        masked = value is not None and "*" in value
        draft.values[f"{name}_masked"] = value if masked else None
        draft.values[name] = None if masked else value


ROSTER = FileKind(
    "roster",
    "低保发放花名册",
    (
        Shape(
            "household",
            (
                Column("seq", ("序号",), TEXT),
                Column("township", ("乡镇", "乡镇(街道)"), TEXT),
                Column("village", ("村(社区)", "村", "社区"), TEXT),
                Column("group_no", ("组", "村民小组"), TEXT),
                Column("household_no", ("家庭编号",), OWN_CODE),
                Column("certificate_no", ("低保证号", "低保证编号"), OWN_CODE),
                Column("head_name", ("户主姓名", "户主"), NAME, needed=True),
                Column("head_id", ("户主身份证号", "户主身份证号码"), ID_OR_MASK),
                Column("category", ("保障类别", "救助类别"), TEXT),
                Column("persons", ("保障人口", "保障人数"), COUNT, needed=True, sums=True),
                Column("income_per_head_fen", ("家庭月人均收入(元)",), MONEY, least=0),
                Column("standard_fen", ("保障标准(元/人月)", "保障标准(元)"), MONEY, least=0),
                Column("difference_fen", ("月人均补差(元)",), MONEY),
                Column("base_fen", ("基本保障金(元)",), MONEY, least=0, sums=True),
                Column("supplement_persons", ("分类施保人数",), COUNT, sums=True),
                Column("supplement_fen", ("分类施保金(元)", "分类施保金额(元)"), MONEY, least=0, sums=True),
                Column("arrears_fen", ("补发(元)", "补发金额(元)"), MONEY, least=0, sums=True),
                Column("deduction_fen", ("扣回(元)", "扣发(元)"), MONEY, least=0, sums=True),
                Column("net_fen", ("本月实发(元)", "实发金额(元)", "实发(元)"), MONEY, least=0, needed=True, sums=True),
                Column("payee_name", ("领款人姓名", "领款人"), NAME),
                Column("payee_id", ("领款人身份证号", "领款人身份证号码"), ID_OR_MASK),
                Column("payee_relation", ("与户主关系",), TEXT),
                Column("bank", ("代发银行", "开户行"), TEXT),
                Column("account", ("银行账号", "账号"), ACCOUNT),
                Column("phone", ("联系电话",), CODE),
                Column("remark", ("备注",), TEXT),
                _CAME_REASON,
                Column("cover", ("保障类型", "保障方式"), TEXT),
            ),
            keys=(
                KeyRule(("month", "household_no"), when=("household_no",), unique=True),
                KeyRule(("month", "certificate_no"), when=("certificate_no",), unique=True),
                KeyRule(("month", "head_id", "head_id_masked", "head_name", "category"), unique=True, apart=_HOME),
            ),
            needs=(("household_no", "certificate_no", "head_id"),),
            finish=_household,
            title_zh="低保家庭",
        ),
        Shape(
            "person",
            (
                Column("seq", ("序号",), TEXT),
                Column("township", ("乡镇", "乡镇(街道)"), TEXT),
                Column("village", ("村", "村(社区)", "社区"), TEXT),
                Column("group_no", ("组", "村民小组"), TEXT),
                Column("name", ("姓名", "对象姓名", "儿童姓名", "老人姓名"), NAME, needed=True),
                Column("id_number", ("身份证号", "身份证号码"), ID_OR_MASK, needed=True),
                Column("category", ("类别", "对象类别", "救助类别"), TEXT),
                Column("care_mode", ("供养方式(集中/分散)", "供养方式"), TEXT),
                Column("self_care", ("自理能力(全自理/半护理/全护理)", "自理能力"), TEXT),
                Column("base_fen", ("基本生活费(元)",), MONEY, least=0, sums=True),
                Column("nursing_fen", ("照料护理费(元)",), MONEY, least=0, sums=True),
                Column("nursing_payee", ("护理费领取人/机构", "护理费领取人"), NAME),
                Column("agreement_no", ("协议编号",), CODE),
                Column("disability_no", ("残疾证号",), CODE),
                Column("disability_class", ("残疾类别",), TEXT),
                Column("disability_level", ("残疾等级",), TEXT),
                Column("subsidy_type", ("补贴类型(生活/护理)", "补贴类型"), TEXT),
                Column("guardian_name", ("监护人", "监护人姓名"), NAME),
                Column("guardian_id", ("监护人身份证号", "监护人身份证号码"), ID_OR_MASK),
                Column("guardian_relation", ("与儿童关系", "与监护人关系"), TEXT),
                Column("placement", ("安置方式(集中/散居)", "安置方式"), TEXT),
                Column("finding", ("认定情形",), TEXT),
                Column("age_band", ("年龄段",), TEXT),
                Column("quarter", ("季度",), TEXT, choices=_QUARTERS_SAID),
                Column("standard_fen", ("标准(元)", "补贴标准(元)"), MONEY, least=0),
                Column("months", ("月数",), COUNT),
                Column("dibao_fen", ("已领低保金额(元)",), MONEY, least=0, sums=True),
                Column("difference_fen", ("补差(元)",), MONEY, sums=True),
                Column("arrears_fen", ("补发(元)", "补发金额(元)"), MONEY, least=0, sums=True),
                Column("deduction_fen", ("扣回(元)", "扣发(元)"), MONEY, least=0, sums=True),
                Column("net_fen", ("实发(元)", "实发金额(元)", "本月实发(元)"), MONEY, least=0, needed=True, sums=True),
                Column("bank", ("代发银行", "开户行"), TEXT),
                Column("account", ("银行账号", "账号"), ACCOUNT),
                Column("phone", ("联系电话",), CODE),
                Column("remark", ("备注",), TEXT),
                _CAME_REASON,
            ),
            keys=(
                KeyRule(_PERSON, when=("id_number",), unique=True),
                KeyRule(_PERSON, unique=True, apart=_HOME),
            ),
            finish=_person,
            title_zh="按人发放",
        ),
    ),
    needs_month=True,
)
