"""`charity-ledger demo DIR`: a month of the invented county, told while it happens.

It leaves `DIR/book`, `DIR/inputs` (the offices' files), `DIR/keys`, `DIR/package` (the inspection package) and
`DIR/state` (checkpoints that clients and the verifier keep outside the book).
"""

import base64
import shutil
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any, Final

from nacl.utils import random

from ledger.application import waiting
from ledger.application.drafting import Signer, approve, draft, draft_event
from ledger.application.importing.ahead import Reader
from ledger.application.importing.parse import parse_file
from ledger.application.outcomes import Outcome, Receipt
from ledger.application.proposing.context import Context, Options
from ledger.application.proposing.importer import Importer, ImportReport
from ledger.decisions.prepared import Submission
from ledger.errors import InputError
from ledger.flows.knowledge import Need
from ledger_api.books import OPERATOR_KEY, SETTINGS, Book
from ledger_api.clients import Client, moment
from ledger_api.demo import acts, setup_facts
from ledger_api.demo.cast import ADMINISTRATORS, AGENT, BUREAU, CHARITY, OFFICERS, Keys
from ledger_api.knowing import forget

ORIGIN: Final = "ledger.example.org/shili-county"
MONTH: Final = "2025-09"
_LAST_DAY: Final = date(2025, 9, 30)
INPUTS: Final = "inputs"
CHECKERS: Final = {CHARITY: "shenhe-zhao", BUREAU: "fenguan-sun", AGENT: "caizheng-wu"}
CHARITY_FILES: Final = (
    "donation_register.csv",
    "wechat_trade.csv",
    "wechat_fund.csv",
    "alipay_trade.csv",
    "bank_icbc.csv",
    "bank_ccb.csv",
    "bank_abc.csv",
)
ROSTER: Final = ("dibao_roster.csv",)
BUREAU_FILES: Final = (
    "payfile.csv",
    "payresult.csv",
    "bank_rcc.csv",
    "deaths.csv",
    "lottery.csv",
    "recoveries.csv",
    "rectification.csv",
    "doubts.csv",
)
AGENT_FILES: Final = ("mutual_aid.csv",)

Tell = Callable[[str], None]


class County:
    """The county at work: its book, its people's keys, and what has happened so far."""

    def __init__(self, folder: Path, book: Book, keys: Keys, tell: Tell) -> None:
        self.folder, self.book, self.keys, self.tell = folder, book, keys, tell
        self.operator = book.operator()
        self.writer = book.writer(self.operator)
        self.reports: list[ImportReport] = []

    def client(self, officer: str) -> Client:
        """An officer's client with its own memory of the log, outside the book."""
        return Client(self.book.store, ORIGIN, officer, self.keys.key(officer), self.folder / "state")

    def signer(self, officer: str) -> Signer:
        """An officer who has verified the newest checkpoint."""
        return self.client(officer).signer(self.operator.vkey)

    def post(
        self,
        maker: str,
        entity: str,
        facts: Iterable[tuple[str, dict[str, Any]]],
        second: tuple[str, str] | None = None,
        day: date = setup_facts.START,
    ) -> Outcome:
        """Draft, sign, have a second person sign when given, and submit."""
        now = moment(self.book.clock)
        events = [draft_event(kind, fields) for kind, fields in facts]
        submission = draft(self.signer(maker), entity, day, events, now)
        if second is not None:
            person, capacity = second
            approval = approve(self.signer(person), submission, capacity, now)
            submission = Submission(submission.envelope, submission.events, (approval,))
        outcome = self.writer.submit(submission)
        if isinstance(outcome, Receipt):
            self.client(maker).believe(outcome, self.operator.vkey)
        return outcome

    def act(self, made: acts.Act) -> None:
        """One decision, signed by its maker and its checker; dated on its last event's own day."""
        title, maker, entity, events = made
        last = events[-1][1]
        day = date.fromisoformat(last.get("occurred_on") or last.get("on") or "2025-09-01")
        outcome = self.post(maker, entity, events, (CHECKERS[entity], "checker"), day)
        number = outcome.voucher_no if isinstance(outcome, Receipt) else None
        self.tell(f"  · {title}" + (f" → {number}" if number else ""))

    def send(self, batch: str, month: str, account: str, count: int, total_fen: int) -> None:
        """A prepared batch goes its way: finance pays it by the documents that it named. Of the way only what is not in
        the log yet is gone, so that one that was broken off is gone to its end.
        """
        context = Context(self.book.store, self.book.vault, Options(acts.CLERK, setup_facts.START))
        events = context.events(Need(f"batch:{batch}", acts.ROAD))
        done = {event.kind for event in events}
        (prepared,) = [event for event in events if event.kind == "batch.prepared"]
        sources = [{"document": one.document, "fen": one.fen} for one in prepared.fund_source]
        for made in acts.batch_road((batch, prepared.fund), month, account, count, total_fen, sources):
            if made[3][0][0] not in done:
                self.act(made)

    def take_in(self, officer: str, files: Iterable[str]) -> ImportReport:
        """Import September's files of one office with one person's key, and tell what became of them."""
        report = self.read(officer, [self.folder / INPUTS / name for name in files], MONTH, _LAST_DAY)
        for one in report.files:
            self.tell(f"  · {one.file}: 新 {one.new} 行,重复 {one.duplicate} 行,有误 {len(one.wrong)} 处")
            for cell in one.wrong:
                self.tell(f"      {cell.code} {cell.message()}")
        return report

    def read(
        self,
        officer: str,
        files: Sequence[Path],
        month: str,
        today: date,
        *,
        fund: str | None = None,
        reader: Reader = parse_file,
    ) -> ImportReport:
        """Import files of a month as somebody who sits at a desk on that day and may say which fund is meant."""
        context = Context(self.book.store, self.book.vault, Options(officer, today, month=month, fund=fund))
        report = Importer(self.writer, context, lambda: self.signer(officer), read=reader).add_all(files)
        self.reports.append(report)
        return report

    def sign_off(self) -> int:
        """Every waiting voucher is looked at and signed by the entity's checker, oldest first."""
        with self.book.store.read() as connection:
            waits = waiting.all_waiting(connection)
        for one in waits:
            checker = CHECKERS[one.entity]
            approval = approve(self.signer(checker), one.submission, "checker", moment(self.book.clock))
            self.writer.approve(one.voucher, approval)
        return len(waits)


def build(folder: Path, tell: Tell) -> County:
    """The whole month, up to the last signature. E_DEMO_FOLDER when the folder holds something already."""
    county = opened(folder, tell)
    tell("1. 建账:三名管理员启用账套,登记单位、人员、密钥、基金、账户与项目")
    for source in resources.files("ledger_api.demo").joinpath(INPUTS).iterdir():
        if source.name.endswith(".csv"):
            (folder / INPUTS / source.name).write_bytes(source.read_bytes())
    _register(county)
    tell("2. 期初与会前事项:认捐、指标下达")
    county.post("kuaiji-wang", CHARITY, [setup_facts.charity_opening()], ("shenhe-zhao", "checker"))
    for made in acts.before_files():
        county.act(made)
    tell("3. 导入各科室的十七份文件,逐行入账;原件不改,每行都记得出处")
    county.take_in("jiuzhu-qian", ROSTER)
    county.send(acts.BATCH, MONTH, "rcc-transit", 3, 203_000)
    county.take_in("jiuzhu-qian", BUREAU_FILES)
    county.take_in("daili-zhou", AGENT_FILES)
    county.take_in("kuaiji-wang", CHARITY_FILES)
    tell("4. 当月决定:划拨、助学、调款、退票补发、待查款")
    for made in acts.decisions():
        county.act(made)
    _suspense(county)
    signed = county.sign_off()
    _paid_again(county)
    tell(f"5. 审核人逐张核对并签字 {signed} 张(制单人和审核人不能为同一人)")
    return county


def opened(folder: Path, tell: Tell) -> County:
    """Book, keys, voucher 1, and the people with their posts. E_DEMO_FOLDER when the folder holds something already."""
    if folder.exists() and any(folder.iterdir()):
        raise InputError("E_DEMO_FOLDER", directory=str(folder))
    (folder / INPUTS).mkdir(parents=True)
    keys = Keys(folder / "keys", ORIGIN)
    word = base64.b32encode(random(15))
    word_file = folder / "keys" / "operator.pass"
    word_file.touch(mode=0o600)
    word_file.write_bytes(word + b"\n")
    Book.create(folder / "book", ORIGIN, word.decode()).close()
    settings = folder / "book" / SETTINGS
    settings.write_text(
        settings.read_text(encoding="utf-8")
        + 'operator_passphrase_file = "../keys/operator.pass"\nclient_state = "../state"\n',
        encoding="utf-8",
    )
    shutil.copyfile(folder / "book" / OPERATOR_KEY, folder / "keys" / OPERATOR_KEY)
    (folder / "keys" / OPERATOR_KEY).chmod(0o600)
    for one in (*ADMINISTRATORS, *OFFICERS):
        keys.make(one.officer)
    # Each demonstration is another book of the same name. What this machine remembers of an earlier one would have its
    # reader's first own signature refused as that of a forked log.
    forget(ORIGIN, [one.officer for one in (*ADMINISTRATORS, *OFFICERS)])
    county = County(folder, Book.open(folder / "book"), keys, tell)
    operator_key = county.operator.key.public.text
    opening = setup_facts.opening_event(keys, ORIGIN, operator_key)
    county.post("guan-yi", "book", [("book.opened", opening)], ("guan-er", "administrator"))
    county.post("guan-yi", "book", setup_facts.authority(county.keys), ("guan-san", "administrator"))
    return county


def _register(county: County) -> None:
    reference = county.book.vault.reference
    county.post("kuaiji-wang", CHARITY, setup_facts.charity(reference), ("shenhe-zhao", "checker"))
    county.post("jiuzhu-qian", BUREAU, setup_facts.bureau(), ("fenguan-sun", "checker"))
    county.post("daili-zhou", AGENT, [*setup_facts.village_agent(), acts.line_set()], ("caizheng-wu", "checker"))


def _lines(county: County, account: str) -> list[Any]:
    """The recorded lines of an account's statements."""
    need = Need(f"account:{account}", ("bank.line_recorded",))
    context = Context(county.book.store, county.book.vault, Options("shenji-zheng", setup_facts.START))
    return [item.event for item in context.find([need])[need]]


def _suspense(county: County) -> None:
    """现存 1,000.00 without a name is booked today as unidentified money, and waits for its donor."""
    line = next(one for one in _lines(county, "ccb-9992") if one.amount_fen == 100_000)
    fields = {
        "suspense": "suspense-20250926",
        "fund": "general",
        "amount_fen": line.amount_fen,
        "means": "bank",
        "account": "ccb-9992",
        "line": line.line,
        "memo": line.memo,
        "occurred_on": line.occurred_at[:10],
    }
    county.act(("无名现金存入列待查", "kuaiji-wang", CHARITY, [("suspense.received", fields)]))


def _paid_again(county: County) -> None:
    """The line that failed on the 9th was paid on the 24th, as the bank's statement shows."""
    line = next(one for one in _lines(county, "rcc-transit") if one.occurred_at.startswith("2025-09-24"))
    need = Need(f"batch:{acts.BATCH}", ("subsidy.returned", "subsidy.authorised"))
    context = Context(county.book.store, county.book.vault, Options("jiuzhu-qian", setup_facts.START))
    found = [item.event for item in context.find([need])[need]]
    failed = {getattr(event, "payment", "") for event in found if event.kind == "subsidy.returned"}
    events = []
    for event in found:
        if event.kind == "subsidy.authorised" and getattr(event, "payment", "") in failed:
            stated = event.model_dump(mode="json")
            same = ("payment", "enrolment", "programme", "batch", "component", "period_from", "period_to", "persons")
            fields = {name: stated[name] for name in (*same, "amount_fen", "subjects")}
            normal = stated["component"] == "normal"
            money = {"fund": "relief", "households": 1 if normal else 0, "result_ref": line.serial}
            fields |= {**money, "occurred_on": "2025-09-24", "origin": "decision"}
            events.append(("subsidy.paid", fields))
    county.act(("退票的 760.00 元更正后再次发放", "jiuzhu-qian", BUREAU, events))
