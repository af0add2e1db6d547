"""A written report held against the book: each number supported, contradicted (by how much), or not derivable (why).

A number is supported when one of the figures that it may mean lies within what its words can stand for; the answer says
which. 共 adds that the parts make up the whole, 其中 that a part is no more than its whole; both need no book.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Final, Literal

from sqlalchemy import Connection

from ledger.errors import InputError
from ledger.values.numerals import numerals
from ledger.values.quantities import Quantity, plain_digits, quantities
from ledger.values.sums import sum_gap
from ledger.values.uncounted import uncounted
from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.entities import entity_names
from ledger_projections.summaries.sentences_asking import Ask
from ledger_projections.summaries.sentences_books import Books, Span
from ledger_projections.summaries.sentences_catalogue import SlotPlan, own_slots
from ledger_projections.summaries.sentences_edges import first_month, last_paid_month
from ledger_projections.summaries.sentences_facts import Fact, fact, names_of
from ledger_projections.summaries.sentences_headings import Headings, own_names
from ledger_projections.summaries.sentences_reading import SENTENCE_MAX, Mention, mentions_of
from ledger_projections.summaries.sentences_spans import speaks_of_months
from ledger_projections.summaries.sentences_vocabulary import appeal_in, bodies, denial_in, exclusion_in, place_in

CHARACTERS_MAX: Final = 1_000_000
CLAIMS_MAX: Final = 10_000
SPANS_MAX: Final = 12
"""How many different spans of months one report may ask for: each is a reading of the book."""

_OF_APPEALS: Final = "disaster_"
_WORDLESS: Final = frozenset({"unknown", "unclear", "other_unit", "plan"})
"""Why a number's words do not say which figure it is."""

Verdict = Literal["supported", "contradicted", "partly", "not_derivable"]

_SENTENCES: Final = re.compile(r"[^。！？!?\n]+[。！？!?]?")
_NUMBER: Final = re.compile(r"[0-9０-９]|[XＸ×Ⅹ]{2}")
_TERM: Final = r"[0-9]{1,15}(?:\.[0-9]{1,4})?[^\s0-9+＋=＝.,，;；]{0,4}"
_SUM: Final = re.compile(
    rf"(?<![0-9.+＋]){_TERM}(?:[+＋]{_TERM}){{1,40}}[=＝][0-9]{{1,15}}(?:\.[0-9]{{1,4}})?(?![0-9])"
)
_DIGITS: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Compared(Answer):
    """One figure that a number may mean. `off_by` is what the text says too much of it (negative: too little): fen, or
    the figure's unit, or hundredths of a percentage point, printed less printed; None where there is no figure.

    `is_wide`: it fits only when 余 stands for more than one in the printed unit. `is_rounded`: it does not fit, but is
    the figure rounded to the printed digits, which exact words do not say.
    """

    fact: Fact
    fits: bool
    is_wide: bool
    off_by: int | None
    is_rounded: bool = False


@dataclass(frozen=True, slots=True)
class Claim(Answer):
    """A number at a place of its sentence. `kind` is figure (against the book), sum (共) or part (其中).

    `unit` is fen, percent, 人 or another counter. `reason` says why it is not derivable, with the unknown `words`; of a
    number that was compared they are what was taken for the name of an appeal, of which the book tells none apart.
    `off_by` is of a sum or part, in its unit.
    """

    kind: Literal["figure", "sum", "part"]
    number: str
    start: int
    unit: str
    verdict: Verdict
    reason: str | None = None
    words: str = ""
    figures: tuple[Compared, ...] = ()
    off_by: int | None = None


@dataclass(frozen=True, slots=True)
class CheckedSentence(Answer):
    """A sentence with numbers, by its place in the report (from 1)."""

    number: int
    text: str
    verdict: Verdict
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class CheckedReport(Answer):
    """Every sentence that holds a number; `counts` says how many claims came to each verdict.

    `entity` is the one that it was held against (None: all), `names` what those are called whose figures were compared,
    where that must be said. `begins` and `ends` are the first and the last month that the book's payments are of.
    """

    position: int
    as_of: date | None
    first: str
    last: str
    entity: str | None
    names: tuple[str, ...]
    begins: str | None
    ends: str | None
    sentences: tuple[CheckedSentence, ...]
    counts: Mapping[str, int]


class _Shelf:
    """The books of every span that a report speaks of, as many as one report may."""

    def __init__(self, connection: Connection, position: int, entity: str | None) -> None:
        self._connection = connection
        self._position = position
        self._entity = entity
        self._books: dict[Span, Books] = {}
        self.facts: dict[tuple[Span, str, tuple[str, ...]], Fact] = {}

    def fact(self, books: Books, key: str, schemes: tuple[str, ...] = ()) -> Fact:
        """A figure of a span, counted once however often a report names it."""
        place = (books.span, key, schemes)
        if place not in self.facts:
            self.facts[place] = fact(books, key, schemes)
        return self.facts[place]

    def books(self, span: Span) -> Books | None:
        """The books of a span; None beyond the limit."""
        if span not in self._books:
            if len(self._books) >= SPANS_MAX:
                return None
            self._books[span] = Books(self._connection, span, self._position, self._entity)
        return self._books[span]


def check_report(
    connection: Connection, paragraphs: Sequence[str], span: Span, position: int, entity: str | None = None
) -> CheckedReport:
    """Hold a report against the book, or what it says of an entity. A span that a sentence speaks of holds for the rest
    of its paragraph, that of a heading up to the next.

    Raises InputError E_REPORT_LONG for more text or more numbers than a report has.
    """
    length = sum(map(len, paragraphs))
    if length > CHARACTERS_MAX:
        raise InputError("E_REPORT_LONG", found=length, limit=CHARACTERS_MAX)
    shelf, checked, counts = _Shelf(connection, position, entity), [], Counter[str]()
    known = entity_names(connection, position)
    for number, text, mentions, frame in _mentioned(paragraphs, span, own_names(known, entity)):
        claims = tuple(_claims(shelf, text, mentions, frame)) if mentions is not None else (_too_long(text),)
        counts.update(claim.verdict for claim in claims)
        if counts.total() > CLAIMS_MAX:
            raise InputError("E_REPORT_LONG", found=counts.total(), limit=CLAIMS_MAX)
        if claims:
            checked.append(CheckedSentence(number, text, _verdict(claims), claims))
    told = {verdict: counts[verdict] for verdict in ("supported", "contradicted", "not_derivable")}
    edges = first_month(connection, position, entity), last_paid_month(connection, position, entity)
    place = (position, span.as_of, span.first, span.last, entity, names_of(shelf.facts.values(), known, entity))
    return CheckedReport(*place, *edges, tuple(checked), told)


def _mentioned(
    paragraphs: Sequence[str], usual: Span, own: re.Pattern[str]
) -> Iterator[tuple[int, str, list[Mention] | None, str]]:
    """Sentences with numbers, each with its place and with what takes its numbers out of the book's reach. No numbers
    are read from a sentence that is too long.
    """
    number = 0
    levels, headings = _levels(paragraphs), Headings(usual)
    for at, paragraph in enumerate(paragraphs):
        headings.see(at, paragraph)
        now = headings.span
        for text, frame in _frames(paragraph, levels, headings.place, own):
            number += 1
            if not _holds_number(text) and next(uncounted(text), None) is None:
                if len(text) <= SENTENCE_MAX and speaks_of_months(text):
                    _, now = mentions_of(text, now, usual)
                continue
            if len(text) > SENTENCE_MAX:
                yield number, text[:80] + "…", None, frame
                continue
            mentions, now = mentions_of(text, now, usual)
            yield number, text, mentions, frame


def _holds_number(text: str) -> bool:
    return _NUMBER.search(text) is not None or next(numerals(text), None) is not None


def _levels(paragraphs: Sequence[str]) -> frozenset[str]:
    """The words for the body that reports, where a report has them for two bodies (全县 and 全市); else none."""
    found = {word: level for word, level in bodies().items() if any(word in one for one in paragraphs)}
    return frozenset(found) if len(set(found.values())) > 1 else frozenset()


def _frames(paragraph: str, levels: frozenset[str], heading: str, own: re.Pattern[str]) -> list[tuple[str, str]]:
    """Every sentence with the word that takes it out of the book's reach (empty: none): the name of a place or of one
    body of two, from there to the end of the paragraph; a word that takes back a number of its own sentence. Where a
    sentence has no number, such a word, or one that takes something out, is of the sentence before. A `heading` that
    names a place is of all paragraphs up to the next.
    """
    found: list[tuple[str, str]] = []
    place = heading
    for one in _SENTENCES.finditer(paragraph):
        text = one[0].strip()
        if not text:
            continue
        place = place or place_in(own.sub("", text)) or next((word for word in sorted(levels) if word in text), "")
        denial = denial_in(text)
        if found and not _holds_number(text) and (back := denial or exclusion_in(text)):
            found[-1] = (found[-1][0], found[-1][1] or back)
        found.append((text, place or denial))
    return found


def _too_long(text: str) -> Claim:
    return Claim("figure", text[:12], 0, "", "not_derivable", "long_sentence")


def _claims(shelf: _Shelf, text: str, mentions: Sequence[Mention], frame: str) -> Iterator[Claim]:
    own, name = own_slots(plain_digits(text)), appeal_in(text)
    for mention in mentions:
        known = _as_written(mention, own.get(mention.quantity.start))
        framed = replace(known, reason="unknown", words=frame) if frame and known.reason is None else known
        claim = _figure(shelf, framed)
        is_named = claim.reason is None and any(ask.key.startswith(_OF_APPEALS) for ask in mention.asks)
        yield replace(claim, words=name) if is_named else claim
        if mention.sum_of:
            yield from _sum(mention, [mentions[at].quantity for at in mention.sum_of])
        if mention.part_of is not None:
            yield from _part(mention, mentions[mention.part_of].quantity)
    sums = list(_written_sums(text))
    yield from sums
    yield from _passed_over(text, mentions, sums)


def _as_written(mention: Mention, slot: SlotPlan | None) -> Mention:
    """A number of a template's own sentence is the figure of its slot where its words alone do not say which, and may
    be that figure where its words say another.
    """
    is_read = bool(mention.quantity.readings)
    if slot is None or slot.figure is None or not is_read or mention.reason not in {None, *_WORDLESS}:
        return mention
    if mention.reason is None:
        is_asked = any(one.key == slot.figure for one in mention.asks)
        return mention if is_asked else replace(mention, asks=(*mention.asks, Ask(slot.figure, slot.schemes)))
    return replace(mention, asks=(Ask(slot.figure, slot.schemes),), reason=None, words="")


def _passed_over(text: str, mentions: Sequence[Mention], sums: Sequence[Claim]) -> Iterator[Claim]:
    """The numbers that nothing was said of: those within a note, and what counts nothing of the book (103岁, 2倍)."""
    plain = plain_digits(text)
    bounds = [one.condition for one in mentions if one.asks and one.condition is not None]
    read = [*(one.quantity for one in mentions), *bounds]
    taken = [*((one.start, one.end) for one in read), *((one.start, one.start + len(one.number)) for one in sums)]
    for one in quantities(plain):
        if not any(start < one.end and one.start < end for start, end in taken):
            taken.append((one.start, one.end))
            yield Claim("figure", one.text, one.start, one.unit, "not_derivable", "unclear")
    for start, number in uncounted(plain, taken):
        yield Claim("figure", number, start, "", "not_derivable", "unit")


def _figure(shelf: _Shelf, mention: Mention) -> Claim:
    """A number against the figures that it may mean."""
    quantity = mention.quantity
    books = shelf.books(mention.span) if mention.asks else None
    reason = mention.reason or ("spans" if mention.asks and books is None else None)
    if books is not None and mention.condition is not None and not _is_the_line(shelf, books, mention.condition):
        reason = "condition"
    if reason is not None or books is None:
        return Claim(
            "figure", quantity.text, quantity.start, quantity.unit, "not_derivable", reason or "unclear", mention.words
        )
    compared = tuple(_compared(quantity, shelf.fact(books, ask.key, ask.schemes)) for ask in mention.asks)
    known = [one for one in compared if one.off_by is not None]
    if not known:
        # That the book does not reach so far says more than that one of the figures was never recorded.
        why = next((one.fact for one in compared if one.fact.edge), compared[0].fact)
        place = quantity.text, quantity.start, quantity.unit
        return Claim("figure", *place, "not_derivable", why.missing, why.edge, compared)
    verdict: Verdict = "supported" if any(one.fits for one in known) else "contradicted"
    return Claim("figure", quantity.text, quantity.start, quantity.unit, verdict, None, "", compared)


def _is_the_line(shelf: _Shelf, books: Books, condition: Quantity) -> bool:
    """Whether a condition is the county's line of the mutual-aid societies, the only one that the book counts by."""
    line, said = shelf.fact(books, "society_line_fen"), condition.strict
    return said is not None and said.has_low and line.missing is None and said.low == line.exact


def _compared(quantity: Quantity, found: Fact) -> Compared:
    if found.missing is not None:
        return Compared(found, fits=False, is_wide=False, off_by=None)
    value = _printed(quantity, found)
    fitting = next((reading for reading in quantity.readings if reading.holds(value)), None)
    scale = 10_000 if found.unit == "rate" else 1
    off = Fraction() if fitting else _off(quantity, value)
    rounded = fitting is None and quantity.rounds(value)
    return Compared(found, fitting is not None, fitting is not None and fitting.wide, _whole(off * scale), rounded)


def _off(quantity: Quantity, value: Fraction) -> Fraction:
    """What a number says too much. A percentage is taken as it is printed from the book's as it would be printed, with
    one decimal or as many as the number has: 91.5% is 0.1 more than 91.4%, however little the ratio misses of it.
    """
    said = quantity.printed if quantity.unit == "percent" else None
    if said is None:
        return quantity.readings[0].off_by(value)
    step = min(quantity.last_digit, Fraction(1, 1000))
    while (told := (value / step + Fraction(1, 2)) // 1 * step) == 1 and value != 1:
        step /= 10
    return said - told


def _printed(quantity: Quantity, found: Fact) -> Fraction:
    """The value, an average as it is printed: to the fen, or to the yuan where the text says whole yuan."""
    if found.unit != "average":
        return found.exact
    step = 100 if quantity.readings[0].low % 100 == 0 else 1
    return Fraction((2 * found.exact / step + 1) // 2 * step)


def _whole(value: Fraction) -> int:
    """Away from zero, so that a difference is never told as none."""
    return -int(-value // 1) if value > 0 else int(value // 1)


def _sum(mention: Mention, parts: Sequence[Quantity]) -> Iterator[Claim]:
    gap = sum_gap(mention.quantity, parts)
    if gap is not None:
        yield _arithmetic("sum", mention.quantity, gap)


def _part(mention: Mention, whole: Quantity) -> Iterator[Claim]:
    """The part's least is no more than the whole's most."""
    part, most = mention.quantity.strict, whole.strict
    if part is None or most is None or most.high is None:
        return
    over = max(part.low - most.high, Fraction())
    yield _arithmetic("part", mention.quantity, over)


def _arithmetic(kind: Literal["sum", "part"], quantity: Quantity, off_by: Fraction) -> Claim:
    off = _whole(off_by * (10_000 if quantity.unit == "percent" else 1))
    return Claim(kind, quantity.text, quantity.start, quantity.unit, _holds(off_by), off_by=off)


def _holds(off_by: Fraction) -> Verdict:
    return "contradicted" if off_by else "supported"


def _written_sums(text: str) -> Iterator[Claim]:
    """`1063+574+136+40=1813`, `5000元+5000元=1万元`: in printed digits where all have one printed unit, else in
    the values of the unit; what is rounded, or of two kinds, is not added up.
    """
    plain = plain_digits(text)
    for found in _SUM.finditer(plain):
        known = {one.start: one for one in quantities(plain)}
        places = [found.start() + one.start() for one in _DIGITS.finditer(found[0])]
        digits = [Fraction(number) for number in _DIGITS.findall(found[0])]
        *units, _ = (_DIGITS.sub("", one) for one in re.split("[+＋=＝]", found[0]))
        read = [known.get(at) for at in places]
        if len(read) != len(units) + 1 or any(one.start < at < one.end for one in known.values() for at in places):
            continue
        is_printed = len(set(units)) == 1 and (plain.startswith(units[0], found.end()) or read[-1] is None)
        exact = [one.strict.low for one in read if one is not None and one.strict is not None and _is_exact(one)]
        if is_printed and all(one is None or one.unit == "percent" or _is_exact(one) for one in read):
            *terms, total = digits
        elif len(exact) == len(read) and len({one.unit for one in read if one is not None}) == 1:
            *terms, total = exact
        else:
            continue
        off = total - sum(terms)
        unit = "" if is_printed or read[-1] is None else read[-1].unit
        end = read[-1].end if read[-1] is not None else found.end()
        yield Claim("sum", text[found.start() : end], found.start(), unit, _holds(off), off_by=_whole(off))


def _is_exact(quantity: Quantity) -> bool:
    return quantity.strict is not None and quantity.strict.low == quantity.strict.high


def _verdict(claims: Sequence[Claim]) -> Verdict:
    found = {claim.verdict for claim in claims}
    if "contradicted" in found:
        return "contradicted"
    return "partly" if len(found) > 1 else next(iter(found))
