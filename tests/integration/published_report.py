"""The sentences of a published county report, as it words them, with slots for the figures of another county's book."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Published:
    """A sentence with slots: what the book counts there, of which programmes, and the unit behind the number.

    `beside` are numbers that it holds beside those, and why nobody can say them of the book.
    """

    form: str
    slots: Mapping[str, tuple[str, tuple[str, ...], str]]
    beside: tuple[tuple[str, str], ...] = ()


def _of(key: str, unit: str, *schemes: str) -> tuple[str, tuple[str, ...], str]:
    return key, schemes, unit


PUBLISHED: Final = (
    Published(
        "积极推进养老服务中心建设,申报专项债{bond},争取省厅专项资金{given}。",
        {"bond": _of("special_bond_applied_fen", "元"), "given": _of("provincial_grant_fen", "元")},
    ),
    Published(
        "深入推进居家社区养老服务,完成家庭适老化改造{homes}、长者餐厅{canteens}。",
        {"homes": _of("home_adaptations", "户"), "canteens": _of("canteens", "个")},
    ),
    Published(
        "开展“敬老月”活动20余场,慰问资金、物资折合{spent}。",
        {"spent": _of("elder_month_fen", "元")},
        (("20余场", "other_unit"),),
    ),
    Published(
        "对违规领取人员及时取消、违规领取资金及时追缴,累计追缴成功{collected}。",
        {"collected": _of("recovery_collected_fen", "元")},
    ),
    Published(
        "做到应保尽保、应退尽退;新增低保、特困{came},退出{left}。",
        {"came": _of("in_persons", "人"), "left": _of("out_persons", "人")},
    ),
    Published(
        "目前,共有城镇低保{urban},农村低保{rural},特困{destitute};困残补贴{living},重度护理补贴{care}。",
        {
            "urban": _of("close_persons", "人", "urban_dibao"),
            "rural": _of("close_persons", "人", "rural_dibao"),
            "destitute": _of("close_persons", "人", "destitute"),
            "living": _of("paid_person_times", "人次", "disability_living"),
            "care": _of("paid_person_times", "人次", "disability_care"),
        },
    ),
    Published("及时、足额、精准发放各类困难群众救助补助资金{total}。", {"total": _of("relief_total_fen", "元")}),
    Published(
        "开展“寒冬送温暖”“夏季送清凉”,巡查700余人次、出动车辆260余台次,救助流浪乞讨人员{times},其中站内{inside}、"
        "返乡{home},提供乘车凭证和物资{spent}。",
        {
            "times": _of("vagrant_times", "人次"),
            "inside": _of("vagrant_in_station", "人次"),
            "home": _of("vagrant_return", "人次"),
            "spent": _of("vagrant_fen", "元"),
        },
        (("700余人次", "unknown"), ("260余台次", "unknown")),
    ),
    Published(
        "全县留守儿童1074名、困境儿童3085名、流动儿童776名。",
        {},
        (("1074名", "other_unit"), ("3085名", "other_unit"), ("776名", "other_unit")),
    ),
    Published(
        "发放事实无人抚养儿童基本生活费{unsupported},孤儿基本生活保障资金{orphans}。",
        {"unsupported": _of("unsupported_child_fen", "元"), "orphans": _of("orphan_fen", "元")},
    ),
    Published("“福彩圆梦·孤儿助学工程”{scholarship}。", {"scholarship": _of("orphan_scholarship_fen", "元")}),
    Published(
        "为{insured}困境、困难儿童购买意外险{premium},发放慰问金、物资{spent}。",
        {
            "insured": _of("paid_persons", "名", "insurance"),
            "premium": _of("child_insurance_fen", "元"),
            "spent": _of("child_condolence_fen", "元"),
        },
    ),
    Published("25家投注站销售福彩{sales}。", {"sales": _of("lottery_sales_fen", "元")}, (("25家", "other_unit"),)),
    Published(
        "火化遗体{cremated};低保和特困减免{waived},合计{spent}。",
        {
            "cremated": _of("cremations", "具"),
            "waived": _of("funeral_waiver_persons", "人"),
            "spent": _of("funeral_waiver_fen", "元"),
        },
    ),
    Published("开展“迎新春送温暖”活动,发放慈善慰问资金{spent}。", {"spent": _of("spring_grant_fen", "元")}),
    Published(
        "教师节捐资助学和慈善募捐大会共认捐{total},其中慈善认捐{own}。",
        {"total": _of("pledge_total_fen", "元"), "own": _of("pledge_charity_fen", "元")},
    ),
    Published(
        "灾情募捐善款{cash},爱心物资合计{goods},第一时间送达。",
        {"cash": _of("disaster_cash_fen", "元"), "goods": _of("disaster_in_kind_fen", "元")},
    ),
    Published("资兴灾情募捐善款{cash}。", {"cash": _of("disaster_cash_fen", "元")}),
    Published("登记社会组织{bodies}。", {"bodies": _of("npo_count", "家")}),
)
"""Every sentence of it with a figure; what an appeal is called by (资兴) is taken for its name."""
