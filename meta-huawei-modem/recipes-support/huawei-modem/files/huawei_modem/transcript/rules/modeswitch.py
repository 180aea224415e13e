# SPDX-License-Identifier: MIT
"""usb_modeswitch: is it there, does its configuration fit, was it asked to switch what is switched?"""

from __future__ import annotations

import re

from huawei_modem.catalogue import found
from huawei_modem.report import Finding, Severity
from huawei_modem.transcript import ids
from huawei_modem.transcript.model import ModeswitchConfig
from huawei_modem.transcript.rules.rule import Judgement, View, events, evidence, rule

_NO_PATH = re.compile(r'RUN(?:\{program\})?\s*\+?=\s*"(?:sudo )?usb_modeswitch [^"%]*-[vc] ')
"""udev looks for a program without a path below its own /usr/lib/udev alone (udev(7), RUN). There is only the
script of the distributions, which takes no options."""
_PINNED = re.compile(r'ATTRS?\{bConfigurationValue\}\s*=\s*"([1-9])"')


@rule("modeswitch-missing")
def missing(view: View) -> Judgement:
    """The program is not installed."""
    seen = events(view, "modeswitch-missing")
    if not seen:
        return [] if view.state.runs else None
    return [found("modeswitch-missing", seen)]


@rule("modeswitch-config-wrong")
def config(view: View) -> Judgement:
    """The default id is a modem's: there is nothing to switch, and the message disturbs the ports."""
    findings: list[Finding] = []
    for item in view.state.configs:
        findings += [_by_effect(view, item, fault) for fault in config_faults(view, item)]
    return findings if findings or view.state.configs else None


def _by_effect(view: View, item: ModeswitchConfig, fault: Finding) -> Finding:
    """The fault; as a hint where a stick that is shown below the file has been switched all the same."""
    stick, lines = view.known_stick(), list(item.values.values())
    if not fault.kind or fault.kind == "main" or stick is None:
        return fault
    source, _text, line = stick.usb.place
    switched = view.mode(stick) in (ids.MODEM, ids.ROUTER, ids.MBIM)
    below = all(seen.place[0] == source and seen.place[2] < line for seen in lines)
    return fault._replace(severity=Severity.INFO) if switched and below else fault


def config_faults(view: View, item: ModeswitchConfig) -> list[Finding]:
    """What is wrong in the file itself."""
    vendor, product = (item.values.get(key) for key in ("defaultvendor", "defaultproduct"))
    place = item.place or "this configuration"
    if product is None or (vendor is not None and vendor.value != ids.VENDOR):
        return []
    curly = [seen for seen in item.values.values() if any(char in seen.evidence.text for char in "“”„")]
    if curly:
        return [found("modeswitch-config-wrong:quotes", evidence(*curly[:3]), place=place)]
    for key, seen in item.values.items():
        if key[0] == "?":
            return [
                found(
                    "modeswitch-config-wrong:key", evidence(seen), place=place, key=seen.value, meant=key[1:]
                )
            ]
    usb = f"{ids.VENDOR}:{product.value}"
    targets = [item.values[key] for key in ("targetproduct", "targetproductlist") if key in item.values]
    if ids.mode_of(usb, view.database) in (ids.MODEM, ids.ROUTER):
        return [
            found(
                "modeswitch-config-wrong",
                evidence(product, *targets),
                place=place,
                path=item.place or None,
                unnamed=None if item.place else place,
                usb=usb,
            )
        ]
    if any(product.value in target.value.split(",") for target in targets):
        return [found("modeswitch-config-wrong:both", evidence(product, *targets), place=place, usb=usb)]
    return []


@rule("modeswitch-already-switched")
def already_switched(view: View) -> Judgement:
    """It was run on a stick that is a modem already."""
    findings: list[Finding] = []
    stick = view.known_stick()
    configured = {item.values["defaultproduct"].value for item in view.state.configs if _has_default(item)}
    for run in view.state.runs:
        usb = run.usb or (run.before[-1].value if run.before else None)
        usb = usb or (stick.usb.value if stick is not None else None)
        if usb is None or ids.mode_of(usb, view.database) not in (ids.MODEM, ids.ROUTER):
            continue
        if run.became:
            continue  # it did switch
        if run.found is not None:
            findings.append(
                found(
                    "modeswitch-already-switched",
                    evidence(run.command, run.found, run.sent, run.detached),
                    usb=usb,
                    took=f" and took {run.detached.value} away" if run.detached else "",
                )
            )
        elif run.nothing is not None and usb[5:] not in configured:  # else the file is what is wrong
            findings.append(
                found("modeswitch-already-switched:nothing", evidence(run.command, run.nothing), usb=usb)
            )
    return findings if findings or view.state.runs else None


def _has_default(config: ModeswitchConfig) -> bool:
    return "defaultproduct" in config.values


@rule("modeswitch-configuration-pinned")
def pinned(view: View) -> Judgement:
    """A configuration number stands beside a product id; firmware numbers them as it likes."""
    seen = [
        item.values["configuration"]
        for item in view.state.configs
        if item.values.get("configuration") is not None and item.values["configuration"].value != "0"
    ]
    seen += [line for file in view.state.rules_files for line in file.lines if _PINNED.search(line.value)]
    if not seen:
        return [] if view.state.configs else None
    return [found("modeswitch-configuration-pinned", evidence(*seen))]


@rule("modeswitch-failed")
def failed(view: View) -> Judgement:
    """It says itself that it does not switch, or could not speak to the stick."""
    for sign in ("modeswitch-failed:denied", "modeswitch-failed:driver", "modeswitch-failed"):
        if lines := view.state.events_of(sign)[:3]:
            return [found(sign, evidence(*lines), text=lines[-1].evidence.text)]
    last = view.state.runs[-1] if view.state.runs else None
    done = last is not None and last.outcome is not None and last.outcome.value == "switched"
    if last is not None and last.unsent is not None and not done and view.ports() is None:
        return [found("modeswitch-failed:unsent", evidence(last.unsent), text=last.unsent.value)]
    off = [run for run in view.state.runs if run.outcome is not None and run.outcome.value == "disabled"]
    if off:
        return [found("modeswitch-failed:disabled", evidence(off[-1].outcome))]
    return [] if view.state.runs or view.sticks() else None


@rule("modeswitch-not-triggered")
def trigger(view: View) -> Judgement:
    """Switching by hand has worked, on a drive that plugging in had left as it was."""
    wrong = [line for file in view.state.rules_files for line in file.lines if _NO_PATH.search(line.value)]
    if wrong:
        return [found("modeswitch-not-triggered:rule", evidence(wrong[-1]))]
    by_hand = [run for run in view.state.runs if run.sent is not None and run.found is not None]
    if not by_hand:
        return [] if view.state.runs else None
    stick = view.known_stick()
    switched = stick is not None and view.mode(stick) in (ids.MODEM, ids.MBIM)
    already = any(run.usb is not None and ids.mode_of(run.usb, view.database) == ids.MODEM for run in by_hand)
    if not switched or already or view.state.events_of("=modeswitch-ran") or not _stood_as_drive(view):
        return []
    told = found(
        "modeswitch-not-triggered",
        evidence(by_hand[-1].command, by_hand[-1].sent, stick.usb if stick else None),
    )
    # Where no port is shown yet, whether the stick got its drivers comes first.
    return [told._replace(severity=Severity.INFO) if view.ports() is None else told]


def _stood_as_drive(view: View) -> bool:
    """The drive was on the bus when the person began to switch it."""
    return any(
        ids.mode_of(seen.value, view.database) == ids.STORAGE
        for run in view.state.runs
        if run.sent is not None
        for seen in run.before
    )


RULES = (trigger, failed, missing, config, already_switched, pinned)
