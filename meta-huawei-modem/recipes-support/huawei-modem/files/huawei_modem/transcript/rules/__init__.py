# SPDX-License-Identifier: MIT
"""The rules over a transcript: a function a rule, known by its code, one file an area."""

from __future__ import annotations

from huawei_modem.transcript.rules import (
    bus,
    direct,
    drivers,
    kernel,
    labels,
    modeswitch,
    network,
    ofono,
    reach,
    stick,
)
from huawei_modem.transcript.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    *kernel.RULES,
    *stick.RULES,
    *bus.RULES,
    *modeswitch.RULES,
    *drivers.RULES,
    *labels.RULES,
    *ofono.RULES,
    *network.RULES,
    *direct.RULES,
    *reach.RULES,
)
"""In the order of the way from the kernel to the network: what comes first is often the cause."""
