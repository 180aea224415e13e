# SPDX-License-Identifier: MIT
"""The steps from plug-in to ping: what counts as seen, and what it means when it is not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from huawei_modem.report import Evidence, Finding, error
from modem_image.bench.observe import Observation


@dataclass(frozen=True)
class Step:
    """A step is seen when `count` observations of `source` match `pattern` ("name text")."""

    name: str
    title: str
    source: str
    pattern: str
    count: int = 1


@dataclass(frozen=True)
class StepResult:
    """`seconds` since plug-in, None when the step was not seen."""

    step: Step
    seconds: float | None
    evidence: str = ""


# What a stick in the start mode `storage` does first.
SWITCH_STEPS = (
    Step("storage", "stick shows itself as a disk", "stick", r"^configured:storage "),
    Step("switched", "usb_modeswitch sends the switch message", "stick", r"^switch-requested"),
)
MODEM_STEPS = (
    Step("modem-mode", "stick is back as a modem", "stick", r"^configured:modem "),
    Step("serial", "option drives interfaces 0 to 2", "kernel", r"now attached to ttyUSB\d", 3),
    Step("network", "huawei_cdc_ncm drives interface 3", "kernel", r"wwan\d: register 'huawei_cdc_ncm'"),
    Step("modem", "oFono lists the modem", "ofono", r"^Manager\.ModemAdded /"),
    Step("powered", "oFono has powered it", "ofono", r"^Modem\.Powered=true"),
    Step("online", "oFono has it online", "ofono", r"^Modem\.Online=true"),
    Step("registered", "registered with the network", "stick", r"^registration-read .*status=[15]\b"),
    Step("attached", "attached to packet data", "ofono", r"^ConnectionManager\.Attached=true"),
    Step("service", "ConnMan has the cellular service", "connman", r"^Manager\.ServicesChanged .*/cellular_"),
    Step("dialled", "oFono dials", "stick", r"^dialled"),
    Step("data", "data connection up", "stick", r"^(ppp-up|dhcp-lease)"),
    Step("checked", "ConnMan's online check answered", "stick", r"^http-request"),
    Step("connected", "ConnMan says online", "connman", r"^(Service|Manager)\.State=online"),
)
# Asked of the board once the above is over; the bench makes an observation of each answer.
QUESTION_STEPS = (
    Step("ping", "ping through the emulated network", "bench", r"^ping ok"),
    Step("doctor", "huawei-modem doctor says ok", "bench", r"^doctor ok"),
    Step("modules", "huawei-modem check-modules passes", "bench", r"^check-modules ok"),
    Step("capture", "huawei-modem report writes a capture", "bench", r"^capture ok"),
)


def expected_steps(switches: bool) -> tuple[Step, ...]:
    """Every step of a good run; `switches`: the stick starts as a disk."""
    return (*(SWITCH_STEPS if switches else ()), *MODEM_STEPS, *QUESTION_STEPS)


def results(steps: Sequence[Step], observations: Iterable[Observation]) -> list[StepResult]:
    """For each step the moment from which on it was seen."""
    ordered = sorted(observations, key=lambda seen: seen.time)
    return [_result(step, ordered) for step in steps]


def _result(step: Step, observations: Sequence[Observation]) -> StepResult:
    pattern = re.compile(step.pattern)
    wanted = step.count
    for seen in observations:
        subject = seen.text if seen.source == "kernel" else f"{seen.name} {seen.text}"
        if seen.source == step.source and pattern.search(subject):
            wanted -= 1
            if not wanted:
                return StepResult(step, round(seen.time, 3), subject)
    return StepResult(step, None)


def findings(outcome: Iterable[StepResult], where: str) -> list[Finding]:
    """An error for the first step that was not seen: those after it follow from it."""
    for result in outcome:
        if result.seconds is None:
            step = result.step
            return [
                error(
                    "bench-step-missed",
                    f"not seen: {step.title} ({step.name})",
                    [Evidence(where, f"no observation of {step.source} matched {step.pattern}")],
                    [f"read journal.txt, ofono.log, connman.log and stick.log in {where}"],
                )
            ]
    return []
