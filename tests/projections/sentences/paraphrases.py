"""What offices write instead of the templates' sentences: the same figures in other words, as true as the first."""

from collections.abc import Mapping
from typing import Final

PARAPHRASES: Final[Mapping[str, tuple[str, ...]]] = {
    "year.redress": (
        "全年累计追回违规领取资金{collected},应追缴{ordered},追缴率{rate}。",
        "应追{ordered},已追回{collected}(抵扣{offset}),到位率{rate}。",
        "通过专项自查和线索核查,追缴成功{collected},其中抵扣{offset}。",
        "对违规领取的救助资金,应追缴{ordered},已追缴{collected}。",
        "追缴违规领取资金{collected}。",
        "追缴资金{ordered}。",
        "责令退回{ordered},已追回{collected}。",
        "追缴到位{collected},到位率{rate},以抵扣方式追回{offset}。",
    ),
    "year.moves": (
        "全年新增低保、特困人员{came},退出{left},其中因死亡退出{died}、转类{moved}。",
        "新增低保、特困供养{came};退出{left}(其中死亡{died})。",
        "全年新纳入低保、特困{came}。",
        "年末在保城镇低保{urban_h}{urban}。",
        "现有农村低保{rural_h}{rural},城镇低保{urban_h}{urban},特困供养人员{destitute}。",
        "截至年底,共有特困人员{destitute}、农村低保对象{rural}。",
        "将{urban}纳入城镇低保,将{rural}纳入农村低保。",
        "共纳入农村低保{rural_h}{rural}。",
        "停保{left}。",
        "低保、特困对象退出{left}。",
        "共保障城镇低保{urban_h}{urban}。",
        "农村低保在保{rural_h}、{rural}。",
    ),
    "year.disability": (
        "困难残疾人生活补贴惠及{living},重度残疾人护理补贴惠及{care}。",
        "全年发放困难残疾人生活补贴和重度残疾人护理补贴,分别为{living}和{care}。",
        "发放残疾人两项补贴,其中困难残疾人生活补贴{living}、重度残疾人护理补贴{care}。",
        "为困难残疾人发放生活补贴{living}。",
        "向重度残疾人发放护理补贴{care}。",
    ),
    "year.total": (
        "全年发放困难群众救助补助资金{total}。",
        "发放各类救助资金{total},其中补发{late}。",
        "全年支出困难群众救助资金{total}(不含孤儿、事实无人抚养儿童和流浪乞讨救助为{narrow})。",
        "困难群众救助补助资金实发{total},含补发{late}。",
        "补发困难群众救助补助资金{late}。",
        "及时补发{late}。",
    ),
    "year.street": (
        "全年救助流浪乞讨人员{times},其中站内{inside}、返乡{home}。",
        "救助流浪乞讨人员{times},支出{spent}。",
        "流浪乞讨救助{times}、{spent}。",
    ),
    "year.children": (
        "为孤儿发放基本生活费{orphans},为事实无人抚养儿童发放基本生活费{unsupported}。",
        "孤儿基本生活保障支出{orphans};事实无人抚养儿童保障支出{unsupported}。",
        "发放孤儿保障资金{orphans}。",
        "发放{orphans}孤儿基本生活费。",
        "儿童保障:孤儿{orphans},事实无人抚养儿童{unsupported}。",
    ),
    "year.children_projects": (
        "实施福彩圆梦孤儿助学工程,发放助学金{scholarship}。",
        "福彩圆梦孤儿助学支出{scholarship}。",
        "为{insured}困境儿童购买意外险,支出{insurance}。",
        "购买意外保险{insurance},惠及{insured}。",
        "为困境儿童、孤儿购买意外险{insured}、{insurance}。",
        "慰问困境儿童,发放慰问金和慰问物资{condolence}。",
    ),
    "year.funerals": (
        "为特困人员{waived}购买保险{spent}。",
        "为{waived}低保、特困人员减免殡葬服务费用{spent}。",
        "减免低保对象{waived}殡葬服务费用{spent}。",
        "为低保、特困对象{waived}减免费用{spent}。",
        "对低保和特困人员{waived}减免基本殡葬服务费用{spent}。",
        "全年为低保、特困家庭减免殡葬费用{spent},惠及{waived}。",
        "殡葬惠民政策减免{waived}、{spent}。",
        "减免{waived}困难群众殡葬服务费用,共计{spent}。",
        "减免低保户殡葬费{spent}。",
        "低保、特困人员减免{waived},共{spent}。",
        "落实低保、特困对象殡葬减免{waived},减免{spent}。",
        "给予特困人员{waived}殡葬减免{spent}。",
    ),
    "year.elders": (
        "敬老月期间发放慰问资金和物资折合{spent}。",
        "完成家庭适老化改造{homes},建成长者餐厅{canteens}。",
        "走访慰问老年人,发放慰问金{spent}。",
    ),
    "year.pledges": (
        "慈善募捐大会共认捐{total},其中本会认捐{own},已到账{arrived}。",
        "收到认捐{own},当年到账{arrived},履约率{rate}。",
        "认捐{own},已到账{arrived}。",
        "认捐总额{total}。",
    ),
    "year.appeal": (
        "开展灾情募捐,接收善款{cash}、捐赠物资{goods},全部转赠。",
        "灾情募捐接收善款{cash},已转赠{sent},结余{left}。",
    ),
    "year.condolence": (
        "开展“迎新春送温暖”活动,发放慰问资金{spent}。",
        "慰问困难群众,发放慰问金{spent}。",
    ),
    "year.funds": (
        "全年争取省级专项资金{province}。",
        "争取省厅专项资金{province}用于养老服务。",
    ),
    "year.memo": (
        "全县福利彩票销售{sales}。",
        "登记社会组织{bodies}。",
    ),
    "jan_sep.six": (
        "{months}发放城乡低保、特困供养、临时救助、孤儿、流浪乞讨救助、残疾人两项补贴{total}。",
        "{months}支出城乡低保、特困供养、临时救助、孤儿保障、流浪救助、两项补贴资金合计{total}。",
        "{months}发放困难群众救助补助资金{all}。",
    ),
    "jan_sep.elder_allowance": (
        "{months}为{persons}老年人发放高龄津贴{spent}。",
        "{months}高龄补贴惠及{persons},支出{spent}。",
        "{months}发放高龄补贴{persons}{spent}。",
    ),
    "jan_sep.funerals": (
        "{months}减免{persons}城乡居民殡葬基本公共服务费用{spent}。",
        "{months}为{persons}居民减免殡葬费用{spent}。",
    ),
    "jan_sep.societies": (
        "{months}建立救急难互助社{count}、登记{registered},筹资{raised},救助{helped}。",
        "{months}互助社{count},筹集资金{raised}。",
    ),
    "month.total": (
        "{months}发放困难群众救助补助资金{total},惠及{households}、{persons}。",
        "{months}困难群众救助补助资金支出{total}。",
        "{months}发放各类困难群众救助资金{persons}、{total}。",
    ),
    "month.so_far": (
        "{months},本年累计发放困难群众救助补助资金{so_far}。",
        "{months},今年以来累计支出困难群众救助资金{so_far}。",
    ),
    "month.programmes": (
        "{months}发放城镇低保{urban_dibao_h}{urban_dibao_p}、{urban_dibao_fen},人均补助水平{urban_dibao_average}。",
        "{months}农村低保人均补助{rural_dibao_average}。",
        "{months}支出特困供养资金{destitute_fen},惠及{destitute_h}{destitute_p}。",
        "{months}发放孤儿基本生活费{orphan_p}、{orphan_fen},月人均补助{orphan_average}。",
        "{months}发放残疾人两项补贴,其中困难残疾人生活补贴{disability_living_p}{disability_living_fen}。",
        "{months}发放临时救助{temporary_aid_h}{temporary_aid_p}、{temporary_aid_fen}。",
    ),
    "month.moves": (
        "{months}新增低保、特困等救助对象{in_h}{in_p},退出{out_h}{out_p}。",
        "{months}新增各类救助对象{in_h}{in_p}。",
        "{months}困难群众救助新增{in_h}{in_p},退出{out_h}{out_p},其中死亡{died}。",
    ),
    "month.failures": (
        "{months}银行代发失败{failed}、{failed_fen},已补发{paid},待补发{open}。",
        "{months}代发失败{failed},补发成功{paid}。",
        "{months}退票{failed}、{failed_fen}。",
        "{months}代发失败{failed},补发{paid}。",
    ),
    "month.matching": (
        "{months}数据比对预警{warned},停发{stopped}。",
        "{months}比对预警{warned},核实停发{stopped}。",
        "{months}经核实停发{stopped}。",
        "{months}停发{stopped}。",
    ),
    "quarter.funds": (
        "截至{month}末,中央、省、市、县四级共下达困难群众救助补助资金{given},支出{paid},执行率{rate}。",
        "截至{month}末,下达困难群众救助资金{given}(其中上年结转{carried})。",
        "截至{month}末,困难群众救助补助资金支出{paid},执行率{rate}。",
    ),
    "quarter.societies": (
        "截至{month}末,全县互助社{count},登记{registered},筹资不少于{line}{reaching},筹资{raised}。",
        "截至{month}末,互助社救助{helped}、{granted}。",
        "截至{month}末,救急难互助社筹措资金{raised},支出救助金{granted}。",
    ),
    "quarter.lottery": (
        "截至{month}末,下达福彩公益金{allocated},使用{used}。",
        "截至{month}末,福彩公益金安排{allocated},已用{used},执行率{rate}。",
        "截至{month}末,共下达福彩公益金{allocated}。",
        "截至{month}末,福彩公益金支出{used}。",
    ),
    "campaign.matters": (
        "自{since}以来,排查问题{matters},已整改{done},整改率{done_rate}。",
        "自{since}以来,发现问题{matters}(涉及{categories}),整改完成{done}。",
    ),
    "campaign.clues": (
        "自{since}以来,线索核查{clues},查实{founded},办结率{rate}。",
        "自{since}以来,收到线索{clues},属实{founded}。",
    ),
    "campaign.people": (
        "自{since}以来,清退{out_h}{out_p},新增纳入{in_h}{in_p}。",
        "自{since}以来,清退不符合条件的低保、特困对象{out_p},新纳入低保、特困{in_p}。",
        "自{since}以来,停发不符合条件人员{out_p}。",
    ),
    "campaign.money": (
        "自{since}以来,应追缴资金{ordered},追缴到位{collected}。",
        "自{since}以来,追回{collected}。",
    ),
    "campaign.handling": (
        "自{since}以来,移送问题{referred},建立完善制度{rules}。",
        "自{since}以来,“回头看”{looked},反弹{relapsed}。",
    ),
}
"""`template.sentence` -> forms with its slots."""
