# SPDX-License-Identifier: MIT
"""Do the modules belong to the running kernel?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from huawei_modem.catalogue import found
from huawei_modem.report import Evidence, Finding, Severity

if TYPE_CHECKING:
    from huawei_modem.shapes import KernelFacts

_NAMED = 3  # how many modules a finding names


def check(facts: KernelFacts) -> tuple[Finding, ...]:
    """All findings about the kernel and its modules."""
    if not facts["release"]:
        return (found("insufficient-data:release"),)
    if facts["loadable"] is False:
        return ()
    if not facts["folder"]:
        return (_no_folder(facts),)
    if not facts["index"]:
        return (
            found("modules-index-broken", [_evidence(facts, "no modules.dep")], release=facts["release"]),
        )
    return (*_foreign(facts), *_absent(facts), *_lacking(facts), *_unread(facts))


def _no_folder(facts: KernelFacts) -> Finding:
    others = ", ".join(facts["folders"])
    seen = [
        Evidence("uname -r", facts["release"]),
        Evidence("/lib/modules", others or "empty, or not there"),
    ]
    return found("modules-mismatch" if others else "modules-missing", seen)


def _foreign(facts: KernelFacts) -> list[Finding]:
    if not facts["foreign"]:
        return []
    seen = [Evidence("uname -r", facts["release"])]
    seen += [Evidence(path, f"built for {release}") for path, release in _some(facts["foreign"])]
    return [found("modules-mismatch:foreign", seen, count=len(facts["foreign"]))]


def _absent(facts: KernelFacts) -> list[Finding]:
    if not facts["absent"]:
        return []
    seen = [
        _evidence(facts, f"modules.dep names {path}, which is not there") for path in facts["absent"][:_NAMED]
    ]
    return [found("modules-index-broken:absent", seen, count=len(facts["absent"]), release=facts["release"])]


def _lacking(facts: KernelFacts) -> list[Finding]:
    findings = []
    for driver in facts["lacking"]:
        # Every modem has serial ports; which network driver a stick needs depends on the stick.
        findings.append(
            found(
                "modules-missing:driver",
                [_evidence(facts, f"{driver}: neither in modules.dep nor in modules.builtin")],
                Severity.ERROR if driver == "option" else Severity.WARNING,
                driver=driver,
            )
        )
    return findings


def _unread(facts: KernelFacts) -> list[Finding]:
    if not facts["unread"]:
        return []
    seen = [Evidence(path, reason) for path, reason in _some(facts["unread"])]
    paths = " ".join(path for path, _reason in _some(facts["unread"]))
    return [found("insufficient-data:modules", seen, count=len(facts["unread"]), paths=paths)]


def _evidence(facts: KernelFacts, text: str) -> Evidence:
    return Evidence(facts["modules_dir"], text)


def _some(modules: dict[str, str]) -> list[tuple[str, str]]:
    return sorted(modules.items())[:_NAMED]
