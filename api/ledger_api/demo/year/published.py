"""What a county (临武县) published of 2024, by the keys of `figures`: a whole county of any seed comes to exactly this.

Where its report rounds («8176余万元»), a value inside the rounding was fixed once, so that it can be compared.
"""

from collections.abc import Mapping
from typing import Final

PUBLISHED: Final[Mapping[str, int]] = {
    "relief_total_fen": 8_176_388_000,
    "dibao_urban_close": 1_560,
    "dibao_rural_close": 9_717,
    "destitute_close": 1_778,
    "in": 1_786,
    "out": 1_863,
    "disability_living_payments": 43_700,
    "disability_care_payments": 52_500,
    "orphan_fen": 57_000_000,
    "unsupported_child_fen": 409_000_000,
    "orphan_scholarship_fen": 14_250_000,
    "child_insurance_fen": 10_000_000,
    "child_condolence_fen": 16_475_000,
    "elder_month_fen": 40_685_000,
    "vagrant_times": 214,
    "vagrant_in_station": 162,
    "vagrant_return": 52,
    "vagrant_fen": 10_238_000,
    "funeral_waiver_persons": 47,
    "funeral_waiver_fen": 8_299_900,
    "cremations": 165,
    "recovery_ordered_fen": 9_124_000,
    "recovery_collected_fen": 8_346_000,
    "spring_grant_fen": 18_000_000,
    "pledge_total_fen": 1_552_500_000,
    "pledge_charity_fen": 311_000_000,
    "pledge_charity_received_fen": 260_000_000,
    "disaster_cash_fen": 238_461_236,
    "disaster_in_kind_fen": 5_300_000,
    "disaster_transferred_fen": 238_461_236,
    "provincial_grant_fen": 190_000_000,
    "special_bond_applied_fen": 5_000_000_000,
    "lottery_sales_fen": 1_839_000_000,
    "home_adaptations": 152,
    "canteens": 3,
    "npo_count": 141,
}
