"""Papers on the command line: the guide's example as it is printed, and what is said of what a paper covers."""

import json
import re
import shlex
from typing import Any

from tests.api.county import CHECKER, LIGHT, MAKER, ORIGIN, Office, approve, fee, voucher
from tests.tidy.sources import ROOT

GUIDE = (ROOT / "docs" / "guide" / "approvals.md").read_text(encoding="utf-8").partition("## 线下审批")[2]
BLOCK = re.compile(r"```(json|sh|text)\n(.*?)```", re.DOTALL)


def policy(*lines: dict[str, Any]) -> dict[str, Any]:
    """The approval policy of the charity."""
    more = {"duty_profile": None, "free_control_accounts": False, "document": None}
    return {"kind": "policy.set", "entity": "charity", "policies": list(lines), **more}


def paper(*vouchers: str, **scope: Any) -> dict[str, Any]:
    """Minutes that stand for a leader."""
    said = {"document": "会纪1号", "form": "minutes", "decided_on": "2025-09-05", "subject": "手续费"}
    deciders = [{"name": "示例陈", "post": "会长", "officer": None}]
    limits = {"kinds": ["bank.fee"], "max_fen": 5_000, "scan": "sha256:" + "0" * 64, **scope}
    return {"kind": "approval.recorded", **said, "deciders": deciders, "vouchers": list(vouchers), **limits}


def by_policy(office: Office, *, accepts: bool = True) -> None:
    """Fees need an approver, or a paper."""
    line = {"kinds": ["bank.fee"], "above_fen": 0, "capacities": ["approver"], "paper": accepts}
    office.submit(voucher("book", policy(line)), officer="guan-yi")
    approve(office, "guan-er")


def test_the_example_of_the_guide_does_what_it_says(office: Office) -> None:
    """Every file and every command in the order of the page; the last answer is the printed one."""
    files = iter(("policy.json", "fee.json", "paper.json"))
    told = ""
    for language, block in BLOCK.findall(GUIDE):
        if language == "json":
            waits = office.asked("pending")["pending"]
            text = block.replace("VOUCHER", waits[0]["voucher"] if waits else "VOUCHER")
            (office.folder / next(files)).write_text(text, encoding="utf-8")
        elif language == "sh":
            for line in block.splitlines():
                program, *words = shlex.split(line)
                assert program == "charity-ledger"
                if "--key" in words:
                    words.insert(words.index("--key"), f"--passphrase-file={office.folder / 'word'}")
                told = office.done(
                    *(office.folder / one if one.endswith((".json", ".clkey")) else one for one in words)
                )
        else:
            printed = [re.escape(line).replace("…", r"[\d-]+") for line in block.splitlines()]
            lines = told.splitlines()
            found = [re.match(mine, line) for mine, line in zip(printed, lines[-len(printed) :], strict=True)]
            assert all(found), (block, lines)
    assert next(files, None) is None
    assert office.asked("pending")["pending"] == []


def test_what_a_paper_releases_is_told_to_programs(office: Office) -> None:
    """The answer to the paper's last signature holds the voucher that waited."""
    by_policy(office)
    waits = office.submit(voucher("charity", fee("M1", 300)))
    approve(office)
    office.submit(voucher("charity", paper(waits["voucher"])))
    (posted,) = approve(office)
    assert [(one["state"], one["voucher"]) for one in posted["released"]] == [("posted", waits["voucher"])]
    assert "W_ON_PAPER" in {one["code"] for one in posted["released"][0]["warnings"]}


def test_what_a_paper_does_not_release_says_why(office: Office) -> None:
    """The policy wants the person."""
    by_policy(office, accepts=False)
    waits = office.submit(voucher("charity", fee("M1", 300)))
    approve(office)
    office.submit(voucher("charity", paper(waits["voucher"])))
    told = office.done("approve", "--all", "--yes", officer=CHECKER)
    assert "待审核:还需 审批 签名" in told
    assert "[W_PAPER_NOT_TAKEN]" in told
    assert office.asked("pending")["pending"][0]["voucher"] == waits["voucher"]


def test_a_checker_who_approves_again_is_not_blamed(office: Office) -> None:
    """It still waits for the approver; nobody is told that maker and checker are one."""
    by_policy(office)
    waits = office.submit(voucher("charity", fee("M1", 300)))
    approve(office)
    again = office.asked("approve", waits["voucher"], "--capacity", "checker", "--yes", officer=CHECKER)
    assert (again["state"], again["missing"]) == ("pending", ["approver"])


def test_what_waits_is_judged_again_when_the_policy_has_changed(office: Office) -> None:
    """Nobody needs to sign once more: the approver is no longer asked for."""
    by_policy(office)
    waits = office.submit(voucher("charity", fee("M1", 300)))
    approve(office)
    assert [one["state"] for one in office.asked("pending", "--again", officer=MAKER)] == ["pending"]
    office.submit(voucher("book", policy()), officer="guan-yi")
    approve(office, "guan-er")
    (posted,) = office.asked("pending", "--again", officer=MAKER)
    assert (posted["state"], posted["voucher"]) == ("posted", waits["voucher"])
    assert json.loads(office.done("pending", "--json")) == {"pending": []}


def enrolled(office: Office, officer: str, *roles: str) -> None:
    """A person with roles for the charity."""
    file = office.key(officer)
    new = ("key", "new", file, "--officer", officer, "--name", officer, "--origin", ORIGIN, *LIGHT)
    office.done(*new, "--passphrase-file", office.folder / "word")
    words = [word for role in roles for word in ("--role", role)]
    office.done("key", "enrol", f"{file}.request.json", *words, "--entity", "charity", officer="guan-yi")
    approve(office, "guan-er")


def test_all_signs_only_where_a_signature_counts(office: Office) -> None:
    """An auditor is asked for nothing; a leader signs as approver, and not as the checker who has signed already."""
    by_policy(office)
    enrolled(office, "shen", "auditor", "supervisor")
    enrolled(office, "liu", "checker", "approver")
    waits = office.submit(voucher("charity", fee("M1", 300)))
    before = office.asked("pending")["pending"]
    assert approve(office, "shen") == []
    assert office.asked("pending")["pending"] == before
    refused = office.asked("approve", waits["voucher"], "--yes", officer="shen", code=2)["error"]
    assert refused["code"] == "E_NOT_ASKED"
    assert "还需 审批、审核 签名" in refused["message"]
    assert approve(office, CHECKER)[0]["missing"] == ["approver"]
    assert [one["state"] for one in approve(office, "liu")] == ["posted"]


def test_the_capacity_that_a_policy_names_is_found(office: Office) -> None:
    """A policy may ask the cashier as well, who signs in no other capacity."""
    line = {"kinds": [], "above_fen": 0, "capacities": ["cashier"], "paper": False}
    office.submit(voucher("book", policy(line)), officer="guan-yi")
    approve(office, "guan-er")
    enrolled(office, "chu", "cashier")
    waits = office.submit(voucher("charity", fee("M1", 300)))
    assert waits["missing"] == ["cashier", "checker"]
    assert office.asked("approve", waits["voucher"], "--yes", officer="chu")["missing"] == ["checker"]
    assert office.asked("approve", waits["voucher"], "--yes", officer=CHECKER)["state"] == "posted"


def test_what_can_no_longer_be_posted_is_named_and_left_alone(office: Office) -> None:
    """The month was locked meanwhile: nobody signs what would be refused, and the rest is signed."""
    waits = office.submit(voucher("charity", fee("M1", 300), voucher_date="2025-08-31"))
    office.done("period", "lock", "charity", "2025-08", officer=MAKER)
    other = office.submit(voucher("charity", fee("M2", 300)))
    told = office.run("approve", "--all", "--yes", "--json", officer=CHECKER)
    assert told.exit_code == 1
    assert waits["voucher"] in told.stderr
    assert "withdraw" in told.stderr
    assert "E_PERIOD_CLOSED" in told.stderr
    signed, left = json.loads(told.stdout)
    assert (signed["state"], signed["voucher"]) == ("posted", other["voucher"])
    assert (left["error"]["code"], left["error"]["params"]["voucher"]) == ("E_REFUSED", waits["voucher"])
