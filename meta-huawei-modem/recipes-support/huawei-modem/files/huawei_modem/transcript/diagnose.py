# SPDX-License-Identifier: MIT
"""From a history to findings: each rule over each state, in the order of time.

A rule answers for one state. The last answer counts: what an earlier state had and a later one has
not is told as news of the past. Where nothing is wrong and the text does not reach the network, the
next thing to look at is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from huawei_modem.catalogue import for_system, found
from huawei_modem.database import Database
from huawei_modem.report import INSUFFICIENT_DATA, Evidence, Finding, Severity
from huawei_modem.transcript import done, ids, ladder, machines, person, plugged, questions, who
from huawei_modem.transcript.model import History, Seen, State
from huawei_modem.transcript.rules import RULES, kernel
from huawei_modem.transcript.rules.reach import CONSEQUENCES
from huawei_modem.transcript.rules.rule import Rule, View, is_loaded
from huawei_modem.transcript.sight import Sight
from huawei_modem.transcript.topics import LAYER_OF, LAYERS, TOPICS

_MOST_EVIDENCE = 8
_OF_KERNEL = frozenset(rule.code for rule in kernel.RULES)
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def diagnose(history: History, database: Database) -> tuple[Finding, ...]:
    """The findings over a whole transcript, the gravest first."""
    systems = _systems(history)
    findings: list[Finding] = []
    others = {"other maker"} if history.makers or history.others else set()
    words, named = frozenset(history.words | others), tuple(history.named)

    def look(state: State, earlier: tuple[State, ...]) -> View:
        return View(state, earlier, database, words, named, history.told.get("became"))

    for host, states in systems.items():
        own = [finding for rule in RULES for finding in _follow(rule, states, look)]
        if host is not None and len(systems) > 1:
            own = [_on(host, item) for item in own]
        findings += own
    # Who compares two systems under headings ends with the one that he asks about.
    asked = -1 if "two systems" in words else 0
    first = [look(state, ()) for state in list(systems.values())[asked]]
    known = who.diallers(history, first)
    findings += _named(history, first, database)
    findings += _others(history, first, findings)
    graver = {item.code for item in findings if item.severity is Severity.ERROR} - CONSEQUENCES
    if graver == {"connman-not-running"} and any(item.code == "address-missing" for item in findings):
        # Who has no ConnMan puts the address there in another way: what is missing is the address.
        findings = [item for item in findings if item.code != "connman-not-running"]
    elif graver:
        findings = [item for item in findings if item.code not in CONSEQUENCES]
    if not any(item.severity is Severity.ERROR for item in findings) and not ladder.is_online(first):
        findings += [
            _in_words(found(sign, [seen.evidence], text=seen.value)) for sign, seen in _first_told(history)
        ]
    findings = _without_solved(history, findings)
    if any(item.code == "not-huawei" and item.kind != "words" for item in findings):
        wrong = {item.code for item in findings if item.severity is Severity.ERROR} - _OF_KERNEL
        # What holds for any modem may help its owner; it is no fault of what is made here.
        # A kernel that does not fit its modules is one whatever is plugged in.
        findings = [
            item if item.code in _OF_KERNEL else item._replace(severity=Severity.INFO) for item in findings
        ]
        if wrong and not ladder.is_online(first):
            findings.append(found("insufficient-data:other-fault"))
    shown = done.of_history(history)
    findings += _asked(history, first, findings, known, shown)
    findings += _mentioned(history)
    ordered = sorted(findings, key=lambda item: _ORDER[item.severity])
    has = known | words & {"layer", "pintried", "noconnman", "android", "buildroot", "yocto"}
    if "home assistant" in words:
        has |= {"haos"}
    machine = machines.of_history(history)
    worded = (machines.worded(done.to_do_first(for_system(item, has), shown), machine) for item in ordered)
    return tuple(map(_each_line_once, worded))


def _without_solved(history: History, findings: list[Finding]) -> list[Finding]:
    """The findings, with the errors that are over as past, and a question in their place where all are."""
    errors = [item for item in findings if item.severity is Severity.ERROR]
    over = [item for item in errors if person.is_over(history, item)]
    asked = [person.works(history, "solved")] if over and over == errors else []
    return [*(_as_past(item) if item in over else item for item in findings), *asked]


def _first_told(history: History) -> list[tuple[str, Seen[str]]]:
    """Of what sentences tell the lowest layer: what comes after it may come of it."""
    order = {topic: LAYERS.index(layer) for topic, layer in LAYER_OF.items()} | {"ofono": -1}
    told = sorted(
        history.quoted.items(),
        key=lambda item: order.get(_topic(item[0]), len(LAYERS)),
    )
    return [item for item in told if not _is_taken_back(history, *item)][:1]


def _in_words(finding: Finding) -> Finding:
    """An error that only a sentence names is no fault that a line shows."""
    said = "" if "as the text says" in finding.title else ", as the text says"
    return finding._replace(severity=Severity.WARNING, title=f"{finding.title}{said}")


def _topic(sign: str) -> str:
    return TOPICS.get(sign.partition(":")[0], "")


def _is_taken_back(history: History, sign: str, seen: Seen[str]) -> bool:
    """Whether sentences deny what one of them names, or say later that its layer, or one above it, works."""
    layer = LAYER_OF.get(_topic(sign))
    if layer is None:
        return False
    sim = history.claims.get("sim")
    if sign == "sim-missing" and sim is not None and sim.value.good:
        return True
    higher = (history.claims.get(name) for name in LAYERS[LAYERS.index(layer) :])
    return any(
        claim.value.good and claim.place[0] == seen.place[0] and claim.place[2] > seen.place[2]
        for claim in higher
        if claim is not None
    )


def _on(host: str, finding: Finding) -> Finding:
    """The finding of one of several systems; the name is the text's, as its values are."""
    return finding._replace(title=f"{finding.title} (on {host})", values=(*finding.values, host))


def _each_line_once(finding: Finding) -> Finding:
    """Without evidence that shows a line again of which more was shown already."""
    kept: list[Evidence] = []
    for seen in finding.evidence:
        shown = [item for item in kept if (item.source, item.line) == (seen.source, seen.line)]
        if not any(seen.text.strip() in item.text for item in shown):
            kept.append(seen)
    return finding._replace(evidence=tuple(kept))


def _named(history: History, views: list[View], database: Database) -> Iterator[Finding]:
    """What the one id says that the prose names, where no listing shows a stick."""
    if len(history.named) != 1 or any(view.known_stick() or view.others() for view in views):
        return
    ((usb, seen),) = history.named.items()
    mode = ids.mode_of(usb, database)
    if any(view.ports() is not None or view.state.bus.drivers or view.state.bus.drive for view in views):
        return
    if mode == ids.STORAGE and ("switch command" in history.words or "chat" in history.programs):
        return  # it is told how the drive was switched, or a dialler has a port of it
    if mode == ids.STORAGE:
        vendor, _, product = usb.partition(":")
        yield found("stick-in-storage-mode:named", [seen.evidence], usb=usb, vendor=vendor, product=product)
    elif mode == ids.ROUTER:
        yield found("stick-in-hilink-mode:named", [seen.evidence], usb=usb)


def _others(history: History, views: list[View], findings: list[Finding]) -> Iterator[Finding]:
    """Another maker's modem that only a sentence or a broken line names, where nothing of Huawei's is."""
    if history.named or any(item.code == "not-huawei" for item in findings):
        return
    if any(view.known_stick() or view.state.bus.drive for view in views):
        return
    for usb, seen in history.others.items():
        yield found("not-huawei", [seen.evidence], usb=usb, maker=ids.maker_of(usb))
    if not history.others and len(history.makers) == 1 and not _is_about_huawei(history, views):
        ((maker, seen),) = history.makers.items()
        name = "" if seen.value == maker else f"{seen.value}, "
        yield found("not-huawei:words", [seen.evidence], name=name, maker=maker)


def _is_about_huawei(history: History, views: list[View]) -> bool:
    """Whether anything in the text, a word or a line, is of a modem of Huawei's."""
    made = [seen for view in views for seen in view.state.events_of("=maker")]
    named = [view.state.vendor.value for view in views if view.state.vendor is not None]
    said = [seen.value for seen in made] + named
    return "huawei" in history.words or any("huawei" in name.lower() for name in said)


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


def _follow(
    rule: Rule, states: list[State], look: Callable[[State, tuple[State, ...]], View]
) -> list[Finding]:
    """What the rule says in the end, and what it said and no longer holds."""
    standing: list[Finding] = []
    past: list[Finding] = []
    for number, state in enumerate(states):
        judged = rule.judge(look(state, tuple(states[:number])))
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
    history: History, views: list[View], findings: list[Finding], known: frozenset[str], shown: done.Done
) -> Iterator[Finding]:
    if any((item.code, item.kind) == (INSUFFICIENT_DATA, "solved") for item in findings):
        return
    errors = {item.code for item in findings if item.severity is Severity.ERROR}
    explained = errors & {
        "kernel-symbol-missing",
        "modules-mismatch",
        "modules-missing",
        "modules-index-broken",
    }
    explained |= {name for view in views for name in view.state.symbols.keys() & {"USB_SERIAL_QUALCOMM"}}
    # OpenWrt has one package a module, of the kernel's own build.
    if (
        "serial-driver-missing" in errors
        and not explained
        and "netifd" not in known
        and not modules_shown(views)
    ):
        # What was run before the fault came says nothing of the kernel that has it.
        yield found("insufficient-data:releases")
    if errors:
        return
    if ladder.is_online(views):
        if (complaint := person.against(history, views, shown)) is not None:
            yield complaint
        return
    if not any(item.code == INSUFFICIENT_DATA for item in findings):
        rungs = ladder.climb(history, views)
        sight = Sight(history, views, plugged.bus_of(views), rungs, known, findings)
        yield questions.ask(sight, shown)


def modules_shown(views: Sequence[View]) -> bool:
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
