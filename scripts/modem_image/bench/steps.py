# SPDX-License-Identifier: MIT
"""The steps from plug-in to ping: what counts as seen, and what it means when it is not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from huawei_modem.catalogue import found
from huawei_modem.report import Evidence, Finding
from modem_image.bench.observe import Observation
from modem_image.bench.stick.data import ModeData
from modem_image.bench.stick.stick import SERIAL_FUNCTIONS, STORAGE_MODE, Stick

_MORE_PORTS = frozenset({"gps", "comm", "ctrl"})
"""Functions that have a port which the board has no use for."""
_COMMUNICATIONS = 0x02
"""USB class of communication devices (CDC 1.2, 4.2)."""


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
# From the stick's signals to the data connection; a modem comes up through oFono.
MODEM_STEPS = (
    Step("modem", "oFono lists the modem", "ofono", r"^Manager\.ModemAdded /"),
    Step("powered", "oFono has powered it", "ofono", r"^Modem\.Powered=true"),
    Step("online", "oFono has it online", "ofono", r"^Modem\.Online=true"),
    Step("registered", "registered with the network", "stick", r"^registration-read .*status=[15]\b"),
    Step("attached", "attached to packet data", "ofono", r"^ConnectionManager\.Attached=true"),
    Step("service", "ConnMan has the cellular service", "connman", r"^Manager\.ServicesChanged .*/cellular_"),
    Step("dialled", "oFono dials", "stick", r"^dialled"),
)
ROUTER_STEPS = (
    Step("service", "ConnMan has the Ethernet service", "connman", r"^Manager\.ServicesChanged .*/ethernet_"),
)
_ONLINE_STEPS = (
    Step("checked", "ConnMan's online check answered", "stick", r"^http-request"),
    Step("connected", "ConnMan says online", "connman", r"^(Service|Manager)\.State=online"),
)
# Asked of the board once the above is over; the bench makes an observation of each answer.
PING = Step("ping", "ping through the emulated network", "bench", r"^ping ok")
DOCTOR = Step("doctor", "huawei-modem doctor says ok", "bench", r"^doctor ok")
_EXAMINED = Step("doctor", "huawei-modem doctor finds a fault", "bench", r"^doctor exit status 1\b")
MODULES = Step("modules", "huawei-modem check-modules passes", "bench", r"^modules ok")
CAPTURE = Step("capture", "huawei-modem report writes a capture", "bench", r"^capture ok")


def expected_steps(
    stick: Stick, last_step: str | None = None, *, first: bool = True, times: int = 0
) -> tuple[Step, ...]:
    """Every step of a run in which all goes well up to `last_step`, or to the end.

    `first`: of its boot; what concerns the image is asked once a boot only. `times`: how often it has to come
    back (life.py).
    """
    steps = _coming_up(stick)
    modules = (MODULES,) if first else ()
    if last_step is None:
        again = Step("again", f"online again, {times} of {times}", "bench", r"^again ok", times)
        back = (again,) if times else ()
        return (*steps, *back, PING, DOCTOR, *modules, CAPTURE)
    names = [step.name for step in steps]
    return (*steps[: names.index(last_step) + 1], _EXAMINED, *modules, CAPTURE)


def awaited(stick: Stick, observations: Iterable[Observation]) -> Step | None:
    """What would have come next on the way to a connection; None when all of it was seen."""
    found = results((*_coming_up(stick), PING), observations)
    return next((result.step for result in found if result.seconds is None), None)


def _coming_up(stick: Stick) -> tuple[Step, ...]:
    """What happens by itself, in the order in which one thing leads to the other."""
    switch = SWITCH_STEPS if stick.start == STORAGE_MODE else ()
    mode = stick.working_mode
    functions = tuple(mode.functions.values())
    if stick.mbim_configuration is not None or "mbim" in functions:
        chosen = _choosing_mbim(mode, stick.mbim_configuration)
        return (
            *switch,
            *chosen,
            network("cdc_mbim"),
            *MODEM_STEPS,
            _data(r"^mbim-connected"),
            *_ONLINE_STEPS,
        )
    there = Step("modem-mode", f"stick is in its mode {mode.name}", "stick", rf"^configured:{mode.name} ")
    if stick.is_router:
        return (*switch, there, network("cdc_ether"), _data(r"^dhcp-lease"), *ROUTER_STEPS, *_ONLINE_STEPS)
    ports = sum(name in SERIAL_FUNCTIONS | _MORE_PORTS for name in functions)
    serial = Step("serial", f"option drives {ports} ports", "kernel", r"now attached to ttyUSB\d", ports)
    interface = (network(_ncm_driver(mode)),) if "ncm" in functions else ()
    data = _data(r"^(ppp-up|dhcp-lease|address-told)")
    return (*switch, there, serial, *interface, *MODEM_STEPS, data, *_ONLINE_STEPS)


def _choosing_mbim(mode: ModeData, value: int | None) -> Iterator[Step]:
    """From the configuration that Linux takes to the one with MBIM, where these are two.

    A stick that shows a disk in the one and MBIM in the other is not switched but configured.
    """
    if value is None:
        yield Step("modem-mode", "stick shows MBIM", "stick", rf"^configured:{mode.name} ")
        return
    first = mode.configuration().value
    drive = set(mode.functions.values()) == {"storage"}
    name, title = ("storage", "stick shows itself as a disk") if drive else ("ports", "stick shows its ports")
    yield Step(name, title, "stick", rf"^configured:{mode.name} .*\bvalue={first}$")
    title = "usb_modeswitch chooses MBIM"
    yield Step("modem-mode", title, "stick", rf"^configured:{mode.name} .*\bvalue={value}$")


def _ncm_driver(mode: ModeData) -> str:
    """Huawei's NCM is of the vendor's class, or of the standard's own."""
    number = next(number for number, name in mode.functions.items() if name == "ncm")
    shown = next(one for one in mode.configuration().interfaces if one.number == number)
    return "cdc_ncm" if shown.class_ == _COMMUNICATIONS else "huawei_cdc_ncm"


def network(driver: str) -> Step:
    """The kernel has a network interface of this driver."""
    title = f"{driver} drives the network interface"
    return Step("network", title, "kernel", rf"\b\w+\d: register '{driver}'")


def _data(pattern: str) -> Step:
    return Step("data", "data connection up", "stick", pattern)


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


def as_facts(outcome: Iterable[StepResult]) -> list[dict[str, object]]:
    """The report's `timeline`."""
    return [
        {
            "step": result.step.name,
            "title": result.step.title,
            "seconds": result.seconds,
            "evidence": result.evidence,
        }
        for result in outcome
    ]


def findings(outcome: Iterable[StepResult], where: str) -> list[Finding]:
    """An error for the first step that was not seen: those after it follow from it."""
    for result in outcome:
        if result.seconds is None:
            step = result.step
            return [
                found(
                    "bench-step-missed",
                    [Evidence(where, f"no observation of {step.source} matched {step.pattern}")],
                    title=step.title,
                    name=step.name,
                    where=where,
                )
            ]
    return []
