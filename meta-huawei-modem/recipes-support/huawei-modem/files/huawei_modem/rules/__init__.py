# SPDX-License-Identifier: MIT
"""The doctor's rules: pure functions from facts to findings, one small file an area.

A rule says nothing about what its facts do not show: it answers `insufficient-data`, with the command
that would show it, or leaves the question to the rule whose fault comes first (no findings about
labels while the serial driver is missing).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from huawei_modem.catalogue import for_system
from huawei_modem.rules import connman, drivers, kernel, ofono, stick

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from huawei_modem.report import Finding
    from huawei_modem.shapes import Facts

    Rule = Callable[[Facts], Sequence[Finding]]


def _kernel(facts: Facts) -> Sequence[Finding]:
    return kernel.check(facts["kernel"])


RULES: tuple[Rule, ...] = (_kernel, *stick.RULES, *drivers.RULES, *ofono.RULES, *connman.RULES)
"""In the order of the way from the kernel to the network: what comes first is often the cause."""


def judge(facts: Facts) -> tuple[Finding, ...]:
    """The findings of every rule."""
    return tuple(for_system(finding, ("ofono", "layer")) for rule in RULES for finding in rule(facts))
