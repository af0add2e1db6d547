"""From a file on the desk to a posted voucher: submitting, approving, refusing, taking back, reversing."""

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest

from ledger.signing.ids import new_uuid7
from tests.api.county import (
    CHECKER,
    MAKER,
    Office,
    approve,
    fee,
    fund,
    gift,
    refuse,
    voucher,
)


def test_a_voucher_that_needs_nobody_else_is_posted_at_once(office: Office) -> None:
    found = office.submit(voucher("charity", gift("D2", 500), note="现场", attachments=2))
    assert found["state"] == "posted"
    assert found["voucher_no"] == {"entity": "charity", "period": "2025-09", "word": "记", "no": 2}
    assert found["positions"] == [found["positions"][0]] * 2
    assert office.asked("balances")["funds"][0]["balance_fen"] == 100_500


def test_money_that_leaves_waits_for_a_checker(office: Office) -> None:
    before = office.position()
    found = office.submit(voucher("charity", fee("M1", 300)))
    assert (found["state"], found["missing"], found["amount_fen"]) == ("pending", ["checker"], 300)
    assert office.position() == before
    waits = office.asked("pending")["pending"]
    assert [(one["voucher"], one["maker"], one["events"]) for one in waits] == [
        (found["voucher"], MAKER, {"bank.fee": 1})
    ]
    assert found["voucher"] in office.done("pending")
    posted = office.asked("approve", found["voucher"][-8:], "--yes", officer=CHECKER)
    assert posted["state"] == "posted"
    assert office.asked("pending")["pending"] == []
    assert office.position() == before + 1


def test_what_is_said_of_a_voucher_names_its_numbers(office: Office) -> None:
    file = office.folder / "v.json"
    file.write_text(json.dumps([voucher("charity", gift("D2", 500)), voucher("charity", fee("M1", 300))]))
    told = office.done("submit", file, officer=MAKER)
    assert "已入账 2025-09 记-0002 存证号 7" in told
    assert "待审核:还需 审核 签名,金额 3.00" in told
    told = office.done("approve", "--all", "--yes", "--lang", "en", officer=CHECKER)
    assert "posted 2025-09 记-0003 number 8" in told


def test_a_dry_run_writes_nothing(office: Office) -> None:
    before = office.position()
    file = office.folder / "v.json"
    file.write_text(json.dumps(voucher("charity", gift("D2", 500), fee("M1", 300))))
    found = office.asked("submit", file, "--dry-run", officer=MAKER)
    assert found["state"] == "pending"
    assert office.position() == before
    assert office.asked("pending")["pending"] == []
    assert sum(one["amount_fen"] for one in found["entries"]) == 0 < len(found["entries"])


def test_a_dry_run_tells_what_would_be_booked(office: Office) -> None:
    file = office.folder / "v.json"
    file.write_text(json.dumps(voucher("charity", gift("D2", 500))))
    told = office.done("submit", file, "--dry-run", officer=MAKER)
    assert "可入账 2025-09 记-0002" in told
    assert "1.1 借 1002 银行存款 5.00" in told
    assert "已入账" not in told


def test_a_refusal_says_every_reason_and_writes_nothing(office: Office) -> None:
    file = office.folder / "v.json"
    file.write_text(json.dumps(voucher("charity", gift("D1", 5), gift("D3", 5, to="nowhere"))))
    told = office.run("submit", file, officer=MAKER)
    assert told.exit_code == 2
    assert "[E_DONATION_TWICE] 第 1 笔" in told.stderr
    assert "[E_FUND_UNKNOWN] 第 2 笔" in told.stderr
    error = office.submit(voucher("charity", gift("D1", 5)), code=2)["error"]
    assert error["code"] == "E_REFUSED"
    assert [finding["code"] for finding in error["params"]["findings"]] == ["E_DONATION_TWICE"]


def test_one_refused_voucher_of_several_harms_no_other(office: Office) -> None:
    two = (voucher("charity", gift("D1", 5)), voucher("charity", gift("D2", 5)))
    refused, posted = office.submit(*two, code=2)
    assert refused["error"]["code"] == "E_REFUSED"
    assert posted["state"] == "posted"


BAD_FILES: dict[str, tuple[str, str]] = {
    "no JSON": ("nonsense", "E_VOUCHER_FILE"),
    "a number": ("1", "E_VOUCHER_FIELD"),
    "no entity": ('{"events": []}', "E_VOUCHER_FIELD"),
    "no events": ('{"entity": "charity"}', "E_VOUCHER_FIELD"),
    "events without kind": ('{"entity": "charity", "events": [{}]}', "E_VOUCHER_FIELD"),
    "a term that is none": ('{"entity": "charity", "events": [], "valid_until": 1}', "E_VOUCHER_FIELD"),
    "a field too many": ('{"entity": "charity", "events": [], "maker": "li"}', "E_VOUCHER_FIELD"),
    "a note that is none": ('{"entity": "charity", "events": [], "note": 1}', "E_VOUCHER_FIELD"),
    "a day that is none": ('{"entity": "charity", "events": [], "voucher_date": "30.9.25"}', "E_DATE"),
    "nothing in it": ('{"entity": "charity", "events": []}', "E_COUNT"),
    "an unknown kind": ('{"entity": "charity", "events": [{"kind": "x.y"}]}', "E_EVENT_KIND"),
    "a wrong field": ('{"entity": "charity", "events": [{"kind": "bank.fee", "amount_fen": "1"}]}', "E_EVENT_FIELD"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_by_name(office: Office, name: str) -> None:
    text, code = BAD_FILES[name]
    file = office.folder / "v.json"
    file.write_text(text)
    error = office.asked("submit", file, officer=MAKER, code=2)["error"]
    assert error["code"] == code
    assert error["message"]


def spelled(**fields: str) -> str:
    """A voucher with one fee, its fields as they are typed."""
    typed = {"kind": '"bank.fee"', "movement": '"M9"', "account": '"icbc"', "fund": '"general"', "on": '"2025-09-30"'}
    event = ", ".join(f'"{name}": {text}' for name, text in {**typed, **fields}.items())
    return f'{{"entity": "charity", "events": [{{{event}}}]}}'


TOLD: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "a comma too many": ('{"entity": "charity",\n  "events": [1,,]}', "E_VOUCHER_FILE", ("第 2 行第 16 个字", "JSON")),
    "no end": ('{"entity": "charity", "events": [', "E_VOUCHER_FILE", ("没有写完",)),
    "too deep": ("[" * 100_000, "E_VOUCHER_FILE", ("层次太多",)),
    "not a number": (spelled(amount_fen="NaN"), "E_VOUCHER_FILE", ("NaN",)),
    "ten thousand digits": (spelled(amount_fen="9" * 10_000), "E_VOUCHER_FILE", ("几千位",)),
    "yuan": (spelled(amount_fen="1500.5"), "E_EVENT_FIELD", ("amount_fen", "1500.5", "以分为单位")),
    "beyond 64 bits": (spelled(amount_fen="1" + "0" * 20), "E_EVENT_FIELD", ("amount_fen", "1" + "0" * 20, "太大")),
    "a fraction elsewhere": (spelled(amount_fen="1", version="1.5"), "E_EVENT_KIND", ()),
    "a key twice": (spelled(amount_fen='1500, "amount_fen": 99900'), "E_JSON_DUPLICATE_KEY", ("amount_fen",)),
    "a key of the voucher twice": ('{"entity": "a", "entity": "b"}', "E_JSON_DUPLICATE_KEY", ("entity",)),
}


@pytest.mark.parametrize("name", TOLD)
def test_what_is_wrong_with_a_file_is_said_in_our_words(office: Office, name: str) -> None:
    text, code, words = TOLD[name]
    file = office.folder / "v.json"
    file.write_text(text)
    error = office.asked("submit", file, officer=MAKER, code=2)["error"]
    assert error["code"] == code
    assert [word for word in words if word not in error["message"]] == []
    foreign = ("Expecting", "expected", "No such", "unexpected", "character", "canonical", "float")
    assert [word for word in foreign if word in error["message"]] == []
    assert office.asked("pending")["pending"] == []


def test_a_file_with_a_mark_at_its_head_is_read(office: Office) -> None:
    """As a text editor under Windows saves it."""
    file = office.folder / "v.json"
    file.write_text(json.dumps(voucher("charity", gift("D2", 500))), encoding="utf-8-sig")
    assert office.asked("submit", file, officer=MAKER)["state"] == "posted"


@pytest.mark.parametrize(
    ("data", "word"), [(None, "没有这个文件"), (b"\xff\xfe{}", "UTF-8")], ids=["no file", "another encoding"]
)
def test_a_file_that_cannot_be_read_says_why(office: Office, data: bytes | None, word: str) -> None:
    file = office.folder / "v.json"
    if data is not None:
        file.write_bytes(data)
    assert word in office.asked("submit", file, officer=MAKER, code=2)["error"]["message"]


def test_a_reason_that_names_a_person_s_number_is_called_the_reason(office: Office) -> None:
    waiting = office.submit(voucher("charity", fee("M1", 300)))
    words = ("reject", waiting["voucher"], "--reason", "身份证 431099198810190088 的人已去世")
    error = office.asked(*words, officer=CHECKER, code=2)["error"]
    assert (error["code"], error["params"]["field"]) == ("E_TEXT_PERSONAL", "--reason")
    assert "「--reason」" in error["message"]


def test_a_file_that_is_not_there(office: Office) -> None:
    assert office.asked("submit", "nowhere.json", officer=MAKER, code=2)["error"]["code"] == "E_VOUCHER_FILE"


def test_the_same_voucher_sent_twice_is_posted_once(office: Office) -> None:
    waiting = office.submit(voucher("charity", fee("M1", 300)))
    again = voucher("charity", fee("M2", 300), voucher=waiting["voucher"])
    office.asked("approve", waiting["voucher"], "--yes", officer=CHECKER)
    error = office.submit(again, code=2)["error"]
    assert error["code"] == "E_VOUCHER_ID_REUSED"


def test_nobody_approves_alone(office: Office) -> None:
    found = office.submit(voucher("charity", fee("M1", 300)))
    own = office.asked("approve", found["voucher"], "--yes", "--capacity", "checker", officer=MAKER, code=2)
    assert {"E_SAME_PERSON", "E_CAPACITY"} == {finding["code"] for finding in own["error"]["params"]["findings"]}
    assert office.asked("approve", found["voucher"], "--yes", officer=MAKER, code=2)["error"]["code"] == "E_NO_CAPACITY"
    assert office.asked("approve", "--all", "--yes", officer=MAKER) == []


def test_approving_asks_before_it_signs(office: Office) -> None:
    office.submit(voucher("charity", fee("M1", 300), note="手续费"))
    before = office.position()
    no = office.run("approve", "--all", officer=CHECKER, text="n\n")
    assert (no.exit_code, office.position()) == (0, before)
    assert "3.00  手续费" in no.stderr
    assert "没有签名任何凭证" in no.stderr
    yes = office.run("approve", "--all", officer=CHECKER, text="y\n")
    assert (yes.exit_code, office.position()) == (0, before + 1)


@pytest.mark.parametrize("words", [(), ("--all", "01a2")])
def test_what_to_approve_is_said_in_one_way(office: Office, words: tuple[str, ...]) -> None:
    assert office.asked("approve", *words, "--yes", officer=CHECKER, code=2)["error"]["code"] == "E_APPROVE_WHICH"


@pytest.mark.parametrize(("name", "code"), [("01a2", "E_NOT_PENDING"), ("0" * 36, "E_NOT_PENDING")])
def test_a_voucher_that_does_not_wait(office: Office, name: str, code: str) -> None:
    error = office.asked("approve", name, "--yes", officer=CHECKER, code=2)["error"]
    assert error["code"] == code
    assert "没有这张凭证" in error["message"]


def test_what_became_of_a_voucher_that_waits_no_longer_is_said_in_words(office: Office) -> None:
    """Posted, taken back or rejected: no key and no None stands in the sentence."""
    found = office.submit(*(voucher("charity", fee(f"M{number}", 300)) for number in range(3)))
    posted, withdrawn, rejected = (one["voucher"] for one in found)
    office.asked("approve", posted, "--yes", officer=CHECKER)
    office.asked("withdraw", withdrawn, "--reason", "重复", officer=MAKER)
    office.asked("reject", rejected, "--reason", "重复", officer=CHECKER)
    for name, words in ((posted, "已经入账"), (withdrawn, "制单人已撤回"), (rejected, "已被驳回")):
        error = office.asked("approve", name, "--yes", officer=CHECKER, code=2)["error"]
        assert error["code"] == "E_NOT_PENDING"
        assert words in error["message"]


def test_what_waits_says_for_whom_or_why_not(office: Office) -> None:
    """The checker is missing; and what the locked month would refuse says so before anybody signs."""
    office.submit(voucher("charity", fee("M1", 300)))
    assert office.asked("pending")["pending"][0]["missing"] == ["checker"]
    assert "审核" in office.done("pending")
    office.submit(voucher("charity", fee("M2", 300), voucher_date="2025-08-31"))
    office.done("period", "lock", "charity", "2025-08", officer=MAKER)
    assert [one["refused"] for one in office.asked("pending")["pending"]] == [[], ["E_PERIOD_CLOSED"]]
    why = r"不能入账:\n  \[E_PERIOD_CLOSED\] .*2025-08"
    assert re.search(why, office.done("pending"))
    assert "refused:\n  [E_PERIOD_CLOSED] " in office.done("pending", "--lang", "en")
    reason = office.asked("pending")["pending"][1]["reasons"][0]
    assert reason["code"] == "E_PERIOD_CLOSED"
    assert "2025-08" in reason["message"]
    every = office.run("approve", "--all", officer=CHECKER, text="n")
    assert re.search(why, every.stderr)
    assert "E_REFUSED" not in every.stderr


def test_what_has_lapsed_leaves_its_trace_in_the_log(office: Office) -> None:
    """Its time has passed: nobody can complete it, and the log keeps whose it was and what it asked for."""
    late = office.submit(voucher("charity", fee("M1", 300)))
    assert office.asked("pending", "--lapse", officer=MAKER) == []
    office.now += dt.timedelta(days=200)
    fresh = office.submit(voucher("charity", fee("M2", 300)))
    waits = {one["voucher"]: one["refused"] for one in office.asked("pending")["pending"]}
    assert waits == {late["voucher"]: ["E_EXPIRED"], fresh["voucher"]: []}
    (posted,) = office.asked("pending", "--lapse", officer=MAKER)
    assert posted["state"] == "posted"
    assert [one["voucher"] for one in office.asked("pending")["pending"]] == [fresh["voucher"]]
    rows = office.asked("trail", f"voucher:{late['voucher']}")["rows"]
    assert [row["kind"] for row in rows] == ["voucher.lapsed"]
    assert (
        "已过有效期" in office.asked("approve", late["voucher"], "--yes", officer=CHECKER, code=2)["error"]["message"]
    )


def test_what_can_no_longer_be_posted_is_told_to_programs(office: Office) -> None:
    """Nothing is to be signed, and a script can tell that from nothing waiting."""
    late = office.submit(voucher("charity", fee("M1", 300)))
    office.now += dt.timedelta(days=200)
    (left,) = office.asked("approve", "--all", "--yes", officer=CHECKER, code=1)
    assert left["error"]["code"] == "E_REFUSED"
    assert left["error"]["params"]["voucher"] == late["voucher"]


def test_a_voucher_states_until_when_it_may_wait(office: Office) -> None:
    office.submit({**voucher("charity", fee("M1", 300)), "valid_until": "2025-10-02T00:00:00+08:00"})
    (waits,) = office.asked("pending")["pending"]
    assert waits["valid_until"] == "2025-10-02T00:00:00+08:00"
    past = {**voucher("charity", fee("M2", 300)), "valid_until": "2024-01-01T00:00:00+08:00"}
    assert office.submit(past, code=2)["error"]["code"] == "E_VALID_UNTIL"


def test_a_signed_rejection_is_taken_into_the_log(office: Office) -> None:
    """A checker's client refused it; the event that says so may follow, and nothing else revives the voucher."""
    found = office.submit(voucher("charity", fee("M1", 300)))
    refuse(office, found["voucher"])
    assert office.asked("pending")["pending"] == []
    ended = office.asked("reject", found["voucher"], "--reason", "不批", officer=CHECKER)
    assert ended["state"] == "posted"


def test_what_waits_is_told_in_words(office: Office) -> None:
    """The kinds of its events and the capacities of who signed, in the reader's language."""
    office.submit(voucher("charity", fee("M1", 300)))
    assert "银行手续费 x 1" in office.done("pending")
    assert "bank.fee" not in office.done("pending", "--lang", "en")
    told = office.run("approve", "--all", officer=CHECKER, text="n\n").stderr
    assert "银行手续费 x 1" in told


def test_a_part_of_an_id_must_name_one_voucher(office: Office) -> None:
    common = new_uuid7()[:-1]
    office.submit(*(voucher("charity", fee(f"M{end}", 300), voucher=f"{common}{end}") for end in (1, 2)))
    error = office.asked("approve", common, "--yes", officer=CHECKER, code=2)["error"]
    assert (error["code"], error["params"]["count"]) == ("E_VOUCHER_PART", 2)


@pytest.mark.parametrize(("command", "officer"), [("reject", CHECKER), ("withdraw", MAKER)])
def test_a_voucher_that_ended_is_never_posted(office: Office, command: str, officer: str) -> None:
    found = office.submit(voucher("charity", fee("M1", 300)))
    ended = office.asked(command, found["voucher"], "--reason", "重复", officer=officer)
    assert ended["state"] == "posted"
    assert office.asked("pending")["pending"] == []
    told = office.asked("approve", found["voucher"], "--yes", officer=CHECKER, code=2)["error"]
    assert told["code"] == "E_NOT_PENDING"
    kinds = [row["kind"] for row in office.asked("trail", f"voucher:{found['voucher']}")["rows"]]
    assert kinds == ["voucher.rejected" if command == "reject" else "voucher.withdrawn"]


@pytest.mark.parametrize(
    ("command", "officer", "code"), [("reject", MAKER, "E_SAME_PERSON"), ("withdraw", CHECKER, "E_NOT_MAKER")]
)
def test_only_others_reject_and_only_the_maker_withdraws(office: Office, command: str, officer: str, code: str) -> None:
    found = office.submit(voucher("charity", fee("M1", 300)))
    error = office.asked(command, found["voucher"], "--reason", "x", officer=officer, code=2)["error"]
    assert code in error["message"]


def test_a_reversal_shows_both_sides(office: Office) -> None:
    position = office.submit(voucher("charity", gift("D2", 500)))["positions"][0]
    waiting = office.asked("reverse", position, "--reason", "录错", "--date", "2025-09-30", officer=MAKER)
    assert waiting["missing"] == ["checker"]
    assert approve(office)[0]["voucher_no"]["no"] == 3
    rows = office.asked("trail", "donation:D2")["rows"]
    assert [(row["kind"], row["amount_fen"]) for row in rows] == [("donation.received", 500), ("event.reversed", -500)]
    assert rows[0]["reversed_at"] == rows[1]["position"]
    assert office.asked("balances")["funds"][0]["balance_fen"] == 100_000
    assert office.submit(voucher("charity", gift("D2", 700)))["state"] == "posted"


@pytest.mark.parametrize(("position", "code"), [(9_999, "E_POSITION"), (1, "E_REFUSED")])
def test_what_cannot_be_reversed(office: Office, position: int, code: str) -> None:
    officer = MAKER if position > 1 else "guan-yi"
    error = office.asked("reverse", position, "--reason", "x", officer=officer, code=2)["error"]
    assert error["code"] == code


def test_a_book_that_was_set_back_is_not_signed_for(office: Office) -> None:
    before = (office.book / "book.db").read_bytes()
    office.submit(voucher("charity", gift("D2", 500)))
    for file in office.book.glob("book.db*"):
        file.unlink()
    (office.book / "book.db").write_bytes(before)
    told = office.run("submit", write(office.folder, voucher("charity", gift("D3", 5))), officer=MAKER)
    assert told.exit_code == 1
    assert "E_FORK" in told.stderr


def test_several_funds_in_one_voucher_open_and_take(office: Office) -> None:
    both = voucher("charity", fund("school", "restricted"), gift("D2", 900, to="school"))
    assert office.submit(both)["positions"][1] - office.submit(voucher("charity", gift("D3", 1)))["positions"][0] == -1
    funds = {row["fund"]: row for row in office.asked("balances")["funds"]}
    assert (funds["school"]["kind"], funds["school"]["available_fen"]) == ("restricted", 900)


def write(folder: Path, value: Any) -> Path:
    file = folder / "v.json"
    file.write_text(json.dumps(value), encoding="utf-8")
    return file


def test_a_book_that_went_another_way_is_told_with_whose_client_saw_it(office: Office) -> None:
    """The clerk signed in one copy and goes on in another: the sentence names the clerk."""
    copy = office.copy(office.folder.parent / "copy")
    office.submit(voucher("charity", gift("D2", 500)))
    other = Office(copy.folder, office.now)
    file = other.folder / "voucher.json"
    file.write_text(json.dumps(voucher("charity", gift("D3", 700))), encoding="utf-8")
    words = ("submit", file, "--book", other.book)
    error = office.asked(*words, officer=MAKER, code=1)["error"]
    assert error["code"] == "E_FORK"
    assert error["message"].startswith(f"{MAKER} 的电脑")
