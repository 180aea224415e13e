# SPDX-License-Identifier: MIT
"""Do the modules belong to the running kernel?"""

from __future__ import annotations

from huawei_modem.kernel import KernelFacts
from huawei_modem.report import Evidence, Finding, error, insufficient, warning

_INSTALL = "install kernel and modules of one and the same build: the image's kernel, device trees and rootfs"
_NAMED = 3  # how many modules a finding names


def check(facts: KernelFacts) -> tuple[Finding, ...]:
    """All findings about the kernel and its modules."""
    if not facts["release"]:
        return (insufficient("the kernel's release is not known", remedy=["uname -r"]),)
    if facts["loadable"] is False:
        return ()
    if not facts["folder"]:
        return (_no_folder(facts),)
    if not facts["index"]:
        return (
            error(
                "modules-index-broken",
                "modules.dep is missing: no module can be found by name or by device",
                [_evidence(facts, "no modules.dep")],
                [f"depmod {facts['release']}"],
            ),
        )
    return (*_foreign(facts), *_absent(facts), *_lacking(facts), *_unread(facts))


def _no_folder(facts: KernelFacts) -> Finding:
    others = ", ".join(facts["folders"])
    seen = [
        Evidence("uname -r", facts["release"]),
        Evidence("/lib/modules", others or "empty, or not there"),
    ]
    if others:
        return error("modules-mismatch", "the modules are those of another kernel", seen, [_INSTALL])
    return error("modules-missing", "there are no kernel modules", seen, [_INSTALL])


def _foreign(facts: KernelFacts) -> list[Finding]:
    if not facts["foreign"]:
        return []
    seen = [Evidence("uname -r", facts["release"])]
    seen += [Evidence(path, f"built for {release}") for path, release in _some(facts["foreign"])]
    title = f"{len(facts['foreign'])} modules were built for another kernel, which will refuse them"
    return [error("modules-mismatch", title, seen, [_INSTALL])]


def _absent(facts: KernelFacts) -> list[Finding]:
    if not facts["absent"]:
        return []
    seen = [
        _evidence(facts, f"modules.dep names {path}, which is not there") for path in facts["absent"][:_NAMED]
    ]
    title = f"{len(facts['absent'])} modules of the index are not there"
    remedy = [_INSTALL, f"or, if that is meant: depmod {facts['release']}"]
    return [error("modules-index-broken", title, seen, remedy)]


def _lacking(facts: KernelFacts) -> list[Finding]:
    findings = []
    for driver in facts["lacking"]:
        # Every modem has serial ports; which network driver a stick needs depends on the stick.
        make = error if driver == "option" else warning
        findings.append(
            make(
                "modules-missing",
                f"the kernel has no driver {driver}",
                [_evidence(facts, f"{driver}: neither in modules.dep nor in modules.builtin")],
                ["build the kernel with the fragments of meta-huawei-modem"],
            )
        )
    return findings


def _unread(facts: KernelFacts) -> list[Finding]:
    if not facts["unread"]:
        return []
    seen = [Evidence(path, reason) for path, reason in _some(facts["unread"])]
    title = f"{len(facts['unread'])} modules could not be read"
    return [
        insufficient(title, seen, [f"modinfo -F vermagic {path}" for path, _reason in _some(facts["unread"])])
    ]


def _evidence(facts: KernelFacts, text: str) -> Evidence:
    return Evidence(facts["modules_dir"], text)


def _some(modules: dict[str, str]) -> list[tuple[str, str]]:
    return sorted(modules.items())[:_NAMED]
