"""The forms of the tables and sentences of reports. Amounts are integer fen, rates are per mille."""

from datetime import date

from pydantic import Field

from ledger_api.http.models import Strict


class TemplateModel(Strict):
    """A table or a template of sentences."""

    name: str = Field(examples=["M1", "year"])
    title: str
    span: str = Field(description="The months it is of when nobody says otherwise", examples=["month"])


class TemplateList(Strict):
    """Everything that `/v1/summaries/{name}` can answer."""

    templates: list[TemplateModel]


class ColumnModel(Strict):
    """A column: the unit says what its numbers are."""

    key: str
    unit: str
    title: str


class RowModel(Strict):
    """A row; `part` is within the row above it. `label` is what the workbook and the text call it: the first cell, of a
    part behind 其中. `tags` lead to the events behind it (`/v1/trails/{tag}`).
    """

    kind: str
    label: str
    cells: dict[str, int | str | None] = Field(description="By the column's key; null is 账内无此数据")
    tags: list[str]


class NoteModel(Strict):
    """A remark; `agrees` is false where figures do not come to the same."""

    code: str
    agrees: bool
    text: str


class QueryModel(Strict):
    """What gives the same figures again."""

    command: str
    function: str


class TableModel(Strict):
    """A table of the months `first` to `last` at a position, with scope (口径), query, rows and notes."""

    table: str
    title: str
    first: str
    last: str
    entity: str | None
    as_of: date | None
    position: int
    query: QueryModel
    scope: list[str]
    columns: list[ColumnModel]
    rows: list[RowModel]
    notes: list[NoteModel]


class FactModel(Strict):
    """A figure: `value` in `unit`, or of `of` for rates and averages; `query` gives it again.

    `of_unit` is the unit of `of`; the `value` of a rate has the same, of an average it is fen. `edge` is the first or
    the last month that the book holds of the kind, where it is missing because of that. `first` to `last` are the
    months that it is of; `on` is the business day as of which it is known, null where that is all that the book holds
    at `position`.
    """

    key: str
    value: int | None
    of: int | None
    unit: str
    of_unit: str
    schemes: list[str]
    absent: list[str]
    entities: list[str] = Field(description="Whose: the one asked for, or all that it adds up where they are several")
    names: list[str]
    missing: str | None
    first: str
    last: str
    on: date | None
    position: int
    query: str
    edge: str


class SlotModel(Strict):
    """One slot of a sentence: what stands in it, the figure behind it, and why it is open where it is."""

    name: str
    text: str
    style: str
    reason: str | None
    fact: FactModel
    scope: str
    told: str


class SentenceModel(Strict):
    """A sentence in both languages."""

    name: str
    zh: str
    en: str
    slots: list[SlotModel]


class ParagraphModel(Strict):
    """The sentences of a template, of an entity (null: of all), with what those are called whose figures they tell
    where that must be said; `begins` and `ends` are the first and the last month of what was paid.
    """

    template: str
    title: str
    position: int
    as_of: date | None
    first: str
    last: str
    entity: str | None
    names: list[str]
    begins: str | None
    ends: str | None
    sentences: list[SentenceModel]


class ComparedModel(Strict):
    """A figure that a number may mean, and by how much the text says too much of it."""

    fact: FactModel
    fits: bool
    is_wide: bool
    off_by: int | None
    is_rounded: bool
    scope: str


class ClaimModel(Strict):
    """A number of a sentence with the book's verdict."""

    kind: str
    number: str
    start: int
    unit: str
    verdict: str
    reason: str | None
    words: str
    figures: list[ComparedModel]
    off_by: int | None
    told: str


class CheckedSentenceModel(Strict):
    """A sentence that holds numbers, by its place in the report."""

    number: int
    text: str
    verdict: str
    claims: list[ClaimModel]


class CheckedModel(Strict):
    """A written report held against the book, sentence by sentence; `counts` says how many came to each verdict."""

    position: int
    as_of: date | None
    first: str
    last: str
    entity: str | None
    names: list[str]
    begins: str | None
    ends: str | None
    sentences: list[CheckedSentenceModel]
    counts: dict[str, int]
