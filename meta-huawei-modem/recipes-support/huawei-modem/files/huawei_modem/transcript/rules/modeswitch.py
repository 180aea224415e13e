# SPDX-License-Identifier: MIT
"""usb_modeswitch: is it there, does its configuration fit, was it asked to switch what is switched?"""

from __future__ import annotations

import re

from huawei_modem.report import Finding, error, info, warning
from huawei_modem.transcript import ids
from huawei_modem.transcript.model import ModeswitchConfig
from huawei_modem.transcript.rules.rule import Judgement, View, events, evidence, rule

_PINNED = re.compile(r'ATTRS?\{bConfigurationValue\}\s*=\s*"([1-9])"')


@rule("modeswitch-missing", needs="the shell's answer to usb_modeswitch")
def missing(view: View) -> Judgement:
    """The program is not installed."""
    seen = events(view, "modeswitch-missing")
    if not seen:
        return [] if view.state.runs else None
    remedy = ["install usb-modeswitch and usb-modeswitch-data"]
    return [error("modeswitch-missing", "usb_modeswitch is not installed", seen, remedy)]


@rule("modeswitch-config-wrong", needs="a configuration of usb_modeswitch")
def config(view: View) -> Judgement:
    """The default id is a modem's: there is nothing to switch, and the message disturbs the ports."""
    findings: list[Finding] = []
    for item in view.state.configs:
        findings += _config_faults(view, item)
    return findings if findings or view.state.configs else None


def _config_faults(view: View, item: ModeswitchConfig) -> list[Finding]:
    vendor, product = (item.values.get(key) for key in ("defaultvendor", "defaultproduct"))
    place = item.place or "this configuration"
    if product is None or (vendor is not None and vendor.value != ids.VENDOR):
        return []
    curly = [seen for seen in item.values.values() if any(char in seen.evidence.text for char in "“”„")]
    if curly:
        title = f"{place} has curly quotes, which usb_modeswitch does not take"
        return [error("modeswitch-config-wrong", title, evidence(*curly[:3]), ['write them as " (ASCII)'])]
    usb = f"{ids.VENDOR}:{product.value}"
    targets = [item.values[key] for key in ("targetproduct", "targetproductlist") if key in item.values]
    if ids.mode_of(usb, view.database) in (ids.MODEM, ids.ROUTER):
        return [
            error(
                "modeswitch-config-wrong",
                f"{place} names {usb} as the default, which is the id after switching",
                evidence(product, *targets),
                [f"rm {item.place}" if item.place else "remove it", f"ship no configuration for {usb}"],
            )
        ]
    if any(product.value in target.value.split(",") for target in targets):
        return [
            error(
                "modeswitch-config-wrong",
                f"{place} names {usb} both as default and as target",
                evidence(product, *targets),
                ["take the file of usb-modeswitch-data"],
            )
        ]
    return []


@rule("modeswitch-already-switched", needs="the output of usb_modeswitch")
def already_switched(view: View) -> Judgement:
    """It was run on a stick that is a modem already."""
    findings: list[Finding] = []
    stick = view.known_stick()
    for run in view.state.runs:
        usb = run.usb or (stick.usb.value if stick is not None else None)
        if usb is None or ids.mode_of(usb, view.database) not in (ids.MODEM, ids.ROUTER):
            continue
        if run.found is not None:
            findings.append(
                warning(
                    "modeswitch-already-switched",
                    f"{usb} is in modem mode already: the message switched nothing"
                    + (f" and took {run.detached.value} away" if run.detached else ""),
                    evidence(run.command, run.found, run.sent, run.detached),
                    ["unplug the stick and plug it in; do not run usb_modeswitch on it"],
                )
            )
        elif run.nothing is not None:
            findings.append(
                info(
                    "modeswitch-already-switched",
                    f"{usb} is in modem mode already; usb_modeswitch had nothing to do",
                    evidence(run.command, run.nothing),
                )
            )
    return findings if findings or view.state.runs else None


@rule("modeswitch-configuration-pinned", needs="a configuration of usb_modeswitch, or udev rules")
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
    return [
        warning(
            "modeswitch-configuration-pinned",
            "a USB configuration is chosen by its number; another firmware has another order",
            evidence(*seen),
            ["choose the configuration that has the interface you need, or leave the choice to the kernel"],
        )
    ]


RULES = (missing, config, already_switched, pinned)
