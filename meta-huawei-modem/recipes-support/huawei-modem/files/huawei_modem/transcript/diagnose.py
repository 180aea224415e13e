# SPDX-License-Identifier: MIT
"""From a history to findings: each rule over each state, in the order of time.

A rule answers for one state. The last answer counts: what an earlier state had and a later one has
not is told as news of the past. Where nothing is wrong and the text does not reach the network, the
next thing to look at is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from huawei_modem.catalogue import found
from huawei_modem.database import Database
from huawei_modem.report import Evidence, Finding, Severity
from huawei_modem.transcript import ids
from huawei_modem.transcript.model import History, Seen, State
from huawei_modem.transcript.rules import RULES
from huawei_modem.transcript.rules.rule import Rule, View, is_link_local, is_loaded

_MOST_EVIDENCE = 8
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
    first = next(iter(systems.values()))
    findings += _asked(history, [View(state, (), database) for state in first], findings)
    findings += _mentioned(history)
    return tuple(sorted(findings, key=lambda item: _ORDER[item.severity]))


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


def _asked(history: History, views: list[View], findings: list[Finding]) -> Iterator[Finding]:
    errors = {item.code for item in findings if item.severity is Severity.ERROR}
    known = "kernel-symbol-missing" in errors
    if "serial-driver-missing" in errors and not known and not _modules_shown(views):
        yield found("insufficient-data:releases")
    if errors or _online(views):
        return
    if not history.parts:
        yield found("insufficient-data:nothing")
        return
    yield _next_rung(views)


def _modules_shown(views: list[View]) -> bool:
    """Whether kernel and modules are shown together of the state without ports, or of a later kernel."""
    last = max(
        (number for number, view in enumerate(views) if view.sticks() and view.ports() is None), default=0
    )
    # A kernel that was known before the fault came says nothing of the one that has it.
    before = {view.state.release.value for view in views[:last] if view.state.release}
    if any(is_loaded(view, "option") for view in views[last:]):
        return True
    return any(
        view.state.release is not None
        and view.state.folders is not None
        and view.state.release.value not in before
        for view in views[last:]
    )


def _online(views: list[View]) -> bool:
    """Whether the last thing that is known of the network is that it works."""
    for view in reversed(views):
        state = view.state
        if state.services is not None:
            return any(line.startswith("cellular") and line[-1:] in "RO" for line in state.services.value)
        over_modem = [
            seen
            for name, seen in state.addresses.items()
            if name.startswith(("ppp", "ww")) or state.bus.nets.get(name, "").startswith(ids.VENDOR)
        ]
        if over_modem:
            return any(seen.value and not is_link_local(seen.value) for seen in over_modem)
        if state.sessions:
            return state.sessions[-1].address is not None
        if any(view.mode(stick) == ids.ROUTER for stick in view.sticks()):
            return any(
                seen.value for name, seen in state.addresses.items() if name.startswith(("eth1", "enx"))
            )
    return False


def _next_rung(views: list[View]) -> Finding:
    """The first step on the way to the network that the text does not show."""
    stick = views[-1].known_stick() or next(
        (known for view in reversed(views) if (known := view.known_stick()) is not None), None
    )
    seen: list[Evidence] = [stick.usb.evidence] if stick is not None else []
    ports = next((line for view in reversed(views) if (line := view.ports()) is not None), None)
    modems = next((view.state.modems for view in reversed(views) if view.state.modems is not None), None)
    if stick is None and ports is None and modems is None:
        return found("insufficient-data:stick", seen)
    if stick is not None and views[-1].mode(stick) == ids.ROUTER:
        return found("insufficient-data:address", seen)
    if modems is not None and modems.value:
        return _beyond_ofono(modems)
    if ports is None and not any(_drivers_shown(view) for view in views):
        return found("insufficient-data:drivers", seen)
    return found("insufficient-data:ofono", [ports.evidence] if ports is not None else seen)


def _beyond_ofono(modems: Seen[tuple[str, ...]]) -> Finding:
    return found("insufficient-data:network", [modems.evidence])


def _drivers_shown(view: View) -> bool:
    return any(
        item.driver is not None and item.driver.value not in ("", "usb-storage", "uas")
        for stick in view.sticks()
        for item in view.interfaces(stick).values()
    )
