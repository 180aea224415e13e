# SPDX-License-Identifier: MIT
"""Every case of tests/corpus gives its findings and no other."""

from __future__ import annotations

import functools
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from huawei_modem.catalogue import needs
from huawei_modem.database import load
from huawei_modem.mask import Masker
from huawei_modem.report import Report
from huawei_modem.transcript import doctor, paste, quoted
from huawei_modem.transcript.line import retyped
from huawei_modem.transcript.model import History
from huawei_modem.transcript.rules import RULES
from huawei_modem.transcript.rules.rule import View
from modem_image.doctor.page import to_html
from unit.transcript.outline import outline

OF_MESSAGES = {
    "connection-dropped",
    "dbus-denied",
    "dhcp-failed",
    "modem-unsupported",
    "modemmanager-not-running",
    "not-connected",
    "modeswitch-failed",
    "net-driver-failed",
    "not-huawei",
    "ofono-busy",
    "ofono-refused",
    "port-io-error",
    "port-missing",
    "sim-operator-lock",
}
"""Codes that one message says by itself: test_messages.py has each, and what is no such message."""
CORPUS = Path(__file__).resolve().parents[2] / "corpus"
FILES = sorted(CORPUS.glob("*.toml"))
DATABASE = load()


@functools.cache
def cases() -> tuple[Any, ...]:
    return tuple(
        pytest.param(case, id=f"{path.stem}: {case['name']}") for path in FILES for case in cases_of(path)
    )


@functools.cache
def cases_of(path: Path) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["case"]
    return cases


@functools.lru_cache(maxsize=2048)
def diagnosed(text: str, name: str = "paste") -> Report:
    """Each text is judged once, whichever tests look at it."""
    return doctor.report(history(text, name), name, DATABASE)


@functools.lru_cache(maxsize=2048)
def history(text: str, name: str = "paste") -> History:
    """And read once."""
    return doctor.read([(name, text.splitlines())])


def judged(text: str) -> Report:
    """What nobody else looks at is not kept."""
    return doctor.report(doctor.read([("paste", text.splitlines())]), "paste", DATABASE)


def told(report: Report) -> list[str]:
    return [f"{item.severity.value} {item.code}" for item in report.findings]


@pytest.mark.parametrize("case", cases())
def test_case(case: dict[str, Any]) -> None:
    report = diagnosed(case["text"])
    assert sorted(told(report)) == sorted(case["findings"])
    for finding in report.findings:
        assert finding.remedy or finding.severity.value == "info"
        assert finding.evidence or finding.code == "insufficient-data"
        shown = [(item.source, item.line, item.text) for item in finding.evidence]
        assert len(shown) == len(set(shown)), "a line is evidence once"
    said = "\n".join(line for item in report.findings for line in (item.title, *item.remedy))
    assert [text for text in case.get("says", ()) if text not in said] == []
    assert [text for text in case.get("never", ()) if text in said] == []
    quoted = "\n".join(item.text for finding in report.findings for item in finding.evidence)
    assert [text for text in case.get("quotes", ()) if text not in quoted] == []


def test_an_access_point_that_the_script_sets_is_not_to_be_checked_first() -> None:
    log = "pppd[33]: LCP: timeout sending Config-Requests\n"
    script = """ABORT BUSY\nOK AT+CGDCONT=1,"IP","internet"\nOK ATD*99#\nCONNECT ''\n"""
    assert "AT+CGDCONT" in diagnosed(log).facts["next"]
    assert "AT+CGDCONT" not in diagnosed(script + log).facts["next"]


def test_a_masked_log_is_judged_as_it_was() -> None:
    """What is taken out is not what a fault is recognised by, nor are words that are on no list."""
    changed = []
    for param in cases():
        text = "\n".join(param.values[0]["text"].splitlines())
        masked = "\n".join(map(quoted.line, Masker().lines(text)))
        if masked != text and told(diagnosed(text)) != told(judged(masked)):
            changed.append(param.id)
    assert len(changed) < 0.02 * len(cases()), changed


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_page_of_each_case_is_well_formed(path: Path) -> None:
    broken = {case["name"]: outline(to_html(diagnosed(case["text"]), "")).linked for case in cases_of(path)}
    assert {name: linked for name, linked in broken.items() if linked} == {}


def test_half_of_the_cases_have_no_fault() -> None:
    every = [param.values[0]["findings"] for param in cases()]
    right = [findings for findings in every if not any(item.startswith("error") for item in findings)]
    assert len(every) >= 400
    assert len(right) * 2 >= len(every)


def test_every_rule_has_a_case_with_its_finding() -> None:
    shown = {item.split()[1] for param in cases() for item in param.values[0]["findings"]}
    assert {rule.code for rule in RULES} - shown <= OF_MESSAGES


def test_every_code_has_a_case_that_is_judged_and_found_right() -> None:
    """Where the text shows enough for the rule and the state is right, nothing is said."""
    acquitted: set[str] = set()
    for param in cases():
        text = param.values[0]["text"]
        found = {item.split()[1] for item in param.values[0]["findings"]}
        states = history(text).states
        views = [View(state, tuple(states)[:number], DATABASE) for number, state in enumerate(states)]
        open_rules = [rule for rule in RULES if rule.code not in acquitted | found]
        acquitted |= {rule.code for rule in open_rules if any(rule.judge(view) == [] for view in views)}
    # What has only a bad sign: a log without it may be a log of something else.
    assert {rule.code for rule in RULES} - acquitted <= {"modules-index-broken"} | OF_MESSAGES


def test_every_rule_says_in_the_catalogue_what_it_needs() -> None:
    assert [rule.code for rule in RULES if not needs(rule.code)] == []


def test_what_could_not_be_judged_is_named_with_what_it_needs() -> None:
    facts = diagnosed("root@board:~# uname -r\n6.1.55-7.0\n").facts
    needs = {item["code"]: item["needs"] for item in facts["unjudged"]}
    assert "ls /lib/modules" in needs["modules-mismatch"]
    facts = diagnosed("root@board:~# uname -r\n6.1.55-7.0\nroot@board:~# ls /lib/modules\n6.1.55-7.0\n").facts
    assert "modules-mismatch" not in {item["code"] for item in facts["unjudged"]}


def test_the_evidence_is_the_line_that_shows_it() -> None:
    for param in cases():
        lines = list(map(retyped, param.values[0]["text"].splitlines()))
        for finding in diagnosed(param.values[0]["text"]).findings:
            for seen in finding.evidence:
                assert seen.line is not None
                # A broken line's evidence is the whole of it; what a page made of brackets is taken back.
                line = " ".join(paste.tidy(text.strip()) for text in lines[seen.line - 1 : seen.line + 1])
                pieces = re.split(r"\[masked(?:-\d+)?\]|…", seen.text)
                # What a page did to the line is taken back in its evidence.
                shown = line if all(piece in line for piece in pieces) else paste.tidy(line)
                assert all(piece in shown for piece in pieces) or seen.text.startswith("no ttyUSB")


def test_what_to_do_first_is_the_same_where_the_text_has_a_second_system() -> None:
    text = (
        "root@a:~# lsusb\nBus 001 Device 004: ID 12d1:14dc Huawei Technologies Co., Ltd. E3372\n"
        "I need to send SMS over /dev/ttyUSB0 with this stick, how can I do that?\n"
    )
    alone, both = diagnosed(text), diagnosed(f"{text}root@b:~# uname -r\n6.1.55\n")
    assert any(item.title.endswith("(on a)") for item in both.findings)
    assert alone.facts["next"].endswith("(stick-in-hilink-mode)")
    assert both.facts["next"] == alone.facts["next"]


@pytest.mark.parametrize(
    ("rows", "finding"),
    [
        ("Mobile\nSIM card state\tnot inserted\nNetwork state\tN/A\n", "error sim-missing"),
        ("SIM card state\tready\nRegistration status\tdenied\n", "error not-registered"),
    ],
)
def test_rows_of_a_routers_page_are_read_as_a_browser_copies_them(rows: str, finding: str) -> None:
    """With tabs between the cells, also where a tab is one column wide."""
    assert told(diagnosed(rows)) == [finding]
