"""The report for people: two verdicts on one page, integrity and completeness apart, zh-CN first and en second."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ledger_audit.verifier.findings import Finding
from ledger_audit.verifier.whole import Checked, Verdict

SHOWN: Final = 12
"""Findings on the page; `--json` has more."""

_WORDS: Final = {
    "zh": {
        "integrity": "完整性(有没有被改过)",
        "completeness": "齐全性(有没有漏)",
        "holds": "成立:逐字核对无误",
        "fails": "不成立:发现 {total} 处问题",
        "first": "最早的问题在",
        "alone": "只核对了自身一致:没有给出公布的公钥(--key),不能证明账本出自经办单位",
        "full": "未发现缺漏",
        "gaps": "有 {total} 项需要说明",
        "more": "…… 其余 {left} 项见 --json",
        "checked": "已核对 {vouchers} 张凭证(其中 {one_signature} 张只有制单人签名)、{events} 笔事项、"
        "{signatures} 个签名、"
        "{postings} 行分录、{balances} 个余额、{checkpoints} 个检查点",
        "checked_events": "已核对 {events} 笔事项(出自 {vouchers} 张凭证)、{checkpoints} 个整份校验值和检查点、"
        "{signatures} 个经办单位签名",
        "checked_fork": "已核对 {checkpoints} 个检查点",
        "checkpoint": "检查点:{origin},共 {size} 张凭证",
        "proven": "此笔事项确在账本中:第 {number} 号凭证,序号 {position},入账时间 {posted_at},制单人 {maker}",
    },
    "en": {
        "integrity": "Integrity (was anything changed)",
        "completeness": "Completeness (is anything missing)",
        "holds": "holds: every byte agrees",
        "fails": "does not hold: {total} findings",
        "first": "the first bad place is",
        "alone": "self-consistent only: without the published key (--key) nothing shows whose log this is",
        "full": "nothing found missing",
        "gaps": "{total} points to explain",
        "more": "… {left} more with --json",
        "checked": "checked {vouchers} vouchers ({one_signature} signed by their maker alone), {events} events, "
        "{signatures} signatures, {postings} postings, {balances} balances, {checkpoints} checkpoints",
        "checked_events": "checked {events} events (of {vouchers} vouchers), {checkpoints} digest of the whole with "
        "its checkpoint, {signatures} signature of the operator",
        "checked_fork": "checked {checkpoints} checkpoints",
        "checkpoint": "checkpoint: {origin}, {size} vouchers",
        "proven": "the event is in the log: voucher {number}, position {position}, posted {posted_at}, made by {maker}",
    },
}


_CHECKED: Final[Mapping[Checked, str]] = {"package": "checked", "events": "checked_events", "fork": "checked_fork"}


def languages_of(choice: str) -> tuple[str, ...]:
    """`both` is Chinese first, then English."""
    return ("zh", "en") if choice == "both" else (choice,)


def print_verdict(verdict: Verdict, choice: str) -> None:
    """Both verdicts on a package."""
    for language in languages_of(choice):
        words = _WORDS[language]
        print(f"■ {words['integrity']}: {_integrity(verdict, words)}")
        first = verdict.integrity.first_bad()
        if first is not None and first.text(language):
            print(f"  {words['first']}: {first.text(language)}")
        _print_findings(verdict.integrity.sorted(), verdict.integrity.total, language)
        print(f"  {words[_CHECKED[verdict.of]].format_map(verdict.checked())}")
        if verdict.checkpoint is not None:
            print(f"  {words['checkpoint'].format_map(verdict.checkpoint)}")
        if not verdict.counts.vouchers:
            continue  # evidence of two histories is no log: nothing was read in which anything could be missing
        total = len(verdict.completeness)
        print(f"■ {words['completeness']}: {words['gaps'].format(total=total) if total else words['full']}")
        _print_findings(verdict.completeness, total, language)


def print_proof(verdict: Verdict, proven: Mapping[str, Any], choice: str) -> None:
    """The verdict on a proof, and the event it proves."""
    for language in languages_of(choice):
        words = _WORDS[language]
        print(f"■ {words['integrity']}: {_integrity(verdict, words)}")
        _print_findings(verdict.integrity.sorted(), verdict.integrity.total, language)
        if not verdict.integrity.total:
            print(f"  {words['proven'].format_map(proven)}")
        _print_findings(verdict.completeness, len(verdict.completeness), language)
        if verdict.checkpoint is not None:
            print(f"  {words['checkpoint'].format_map(verdict.checkpoint)}")
    print(json.dumps(proven["event"], ensure_ascii=False, indent=1))


def _integrity(verdict: Verdict, words: Mapping[str, str]) -> str:
    if verdict.integrity.total:
        return words["fails"].format(total=verdict.integrity.total)
    return words["alone"] if verdict.self_consistent_only else words["holds"]


def _print_findings(findings: Iterable[Finding], total: int, language: str) -> None:
    shown = list(findings)[:SHOWN]
    for finding in shown:
        place = finding.place.text(language)
        print(f"  - {finding.code} {place + ': ' if place else ''}{finding.message(language)}")
    if total > len(shown):
        print(f"  {_WORDS[language]['more'].format(left=total - len(shown))}")
