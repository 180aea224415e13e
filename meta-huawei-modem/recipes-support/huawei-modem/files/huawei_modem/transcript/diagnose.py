# SPDX-License-Identifier: MIT
"""From a history to findings: each rule over each state, in the order of time.

A rule answers for one state. The last answer counts: what an earlier state had and a later one has
not is told as news of the past. Where nothing is wrong and the text does not reach the network, the
next thing to look at is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from huawei_modem.catalogue import for_system, found
from huawei_modem.database import Database
from huawei_modem.report import INSUFFICIENT_DATA, Finding, Severity
from huawei_modem.transcript import next_step
from huawei_modem.transcript.model import History, State
from huawei_modem.transcript.rules import RULES, kernel
from huawei_modem.transcript.rules.rule import Rule, View

_MOST_EVIDENCE = 8
_OF_KERNEL = frozenset(rule.code for rule in kernel.RULES)
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def diagnose(history: History, database: Database) -> tuple[Finding, ...]:
    """The findings over a whole transcript, the gravest first."""
    systems = _systems(history)
    findings: list[Finding] = []
    for host, states in systems.items():
        own = [finding for rule in RULES for finding in _follow(rule, states, database)]
        if len(systems) > 1:
            own = [item._replace(title=f"{item.title} (on {host})") for item in own]
        findings += own
    first = [View(state, (), database) for state in next(iter(systems.values()))]
    known = next_step.diallers(history, first)
    if any(item.code == "not-huawei" for item in findings):
        # What holds for any modem may help its owner; it is no fault of what is made here.
        # A kernel that does not fit its modules is one whatever is plugged in.
        findings = [
            item if item.code in _OF_KERNEL else item._replace(severity=Severity.INFO) for item in findings
        ]
    findings += _asked(history, first, findings, known)
    findings += _mentioned(history)
    ordered = sorted(findings, key=lambda item: _ORDER[item.severity])
    return tuple(for_system(item, known) for item in ordered)


def unjudged(history: History, database: Database) -> list[Rule]:
    """The rules whose needs no state of the transcript meets."""
    views = [
        View(state, tuple(states[:number]), database)
        for states in _systems(history).values()
        for number, state in enumerate(states)
    ]
    return [rule for rule in RULES if all(rule.judge(view) is None for view in views)]


def _systems(history: History) -> dict[str | None, list[State]]:
    """The states of each host. Who has no name is the first that has one."""
    systems: dict[str | None, list[State]] = {}
    for state in history.states:
        systems.setdefault(state.host, []).append(state)
    return systems


def _follow(rule: Rule, states: list[State], database: Database) -> list[Finding]:
    """What the rule says in the end, and what it said and no longer holds."""
    standing: list[Finding] = []
    past: list[Finding] = []
    for number, state in enumerate(states):
        judged = rule.judge(View(state, tuple(states[:number]), database))
        if judged is None:
            if rule.of_kernel and _other_kernel(states[: number + 1]):
                past, standing = [*past, *standing], []
            continue
        if not judged:
            past, standing = [*past, *standing], []
        for finding in judged:
            standing = _joined(standing, finding)
    return [*standing, *(_as_past(finding) for finding in past)]


def _other_kernel(states: list[State]) -> bool:
    """Whether the last of the states runs another kernel than is known of the ones before."""
    releases = [state.release.value for state in states if state.release is not None]
    return states[-1].release is not None and len(releases) > 1 and releases[-1] != releases[-2]


def _joined(findings: list[Finding], new: Finding) -> list[Finding]:
    """The findings with `new`; the same one of an earlier state gives its evidence to it."""
    for position, old in enumerate(findings):
        if (old.code, old.title) == (new.code, new.title):
            seen = tuple(dict.fromkeys((*old.evidence, *new.evidence)))[:_MOST_EVIDENCE]
            return [*findings[:position], new._replace(evidence=seen), *findings[position + 1 :]]
    return [*findings, new]


def _as_past(finding: Finding) -> Finding:
    return finding._replace(severity=Severity.INFO, title=f"earlier: {finding.title}", remedy=())


def _mentioned(history: History) -> Iterator[Finding]:
    """Advice in the text that names the gadget's option for a stick."""
    for seen in history.mentions.values():
        yield found("gadget-symbol-confused:mentioned", [seen.evidence])


# What to look at next


def _asked(
    history: History, views: list[View], findings: list[Finding], known: frozenset[str]
) -> Iterator[Finding]:
    errors = {item.code for item in findings if item.severity is Severity.ERROR}
    explained = errors & {
        "kernel-symbol-missing",
        "modules-mismatch",
        "modules-missing",
        "modules-index-broken",
    }
    explained |= {name for view in views for name in view.state.symbols.keys() & {"USB_SERIAL_QUALCOMM"}}
    if "serial-driver-missing" in errors and not explained and not next_step.modules_shown(views):
        yield found("insufficient-data:releases")
    said = {item.code for item in findings if item.severity is not Severity.INFO}
    if errors or "connection-dropped" in said or next_step.is_online(views):
        return
    if not history.parts and not history.programs and not history.kernel_lines:
        yield found("insufficient-data:nothing")
        return
    if not any(item.code == INSUFFICIENT_DATA for item in findings):
        yield next_step.question(views, known)
