"""What is kept of an upload beside its bytes, and what was chosen for it."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

HEADER_MAX: Final = 200

Mode = Literal["valid_only", "atomic"]
Name = str | None
Header = Annotated[str, Field(max_length=HEADER_MAX)]


class Chosen(BaseModel):
    """What was chosen for an upload; the same choices as on the command line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Name = Field(
        default=None, max_length=64, description="文件种类;不写则由表头认出。 None: told by the headers."
    )
    columns: dict[Header, Header] = Field(
        default={},
        max_length=256,
        description="本文件的表头 → 已知的表头或字段名。 A header of the file → a known one, or a field's name.",
    )
    entity: Name = Field(default=None, max_length=64, description="会计主体。 Whose books.")
    fund: Name = Field(default=None, max_length=64, description="基金。 Into which fund.")
    account: Name = Field(default=None, max_length=64, description="账户。 Which account.")
    programme: Name = Field(default=None, max_length=64, description="救助项目。 Which programme.")
    month: Name = Field(default=None, max_length=7, description="所属月份 YYYY-MM。 Which month.")
    batch: str = Field(default="01", max_length=8, description="发放批次号。 Which batch.")
    without_roster: bool = Field(default=False, description="回盘没有花名册。 Results that have no roster.")
    absences_known: bool = Field(default=False, description="缺席的户已核实。 The missing households are known.")
    note: str = Field(default="", max_length=500, description="凭证备注。 The vouchers' note.")
    mode: Mode = Field(
        default="valid_only",
        description="valid_only:只导入无误的行;atomic:全有全无,须他人签字的连同签字一起交。 "
        "Valid rows; or all or none, signed by all.",
    )


class Upload(BaseModel):
    """What is kept of an upload beside its bytes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    officer: str
    name: str
    size_bytes: int
    digest: str
    created_at: str
    expires_at: str
    chosen: Chosen
    mapped_by: Name = None
    """Who said what the columns mean, where that was remembered of a file before."""
