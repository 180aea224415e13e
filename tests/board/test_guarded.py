# SPDX-License-Identifier: MIT
"""Units with little more than nothing do their work; secrets stay where they are; the network stays out."""

from __future__ import annotations

import re

import pytest

from modem_image.bench.steps import expected_steps
from modem_image.bench.stick.stick import load_stick

from .conftest import Run

pytestmark = pytest.mark.bench
PORTS = [("tcp", "22"), ("udp", "5353")]


# Not the verdict: with a PIN oFono may find itself attached when it looks, and signals no change to it.
STEPS = [step.name for step in expected_steps(load_stick("e3372s"), first=False) if step.name != "attached"]


@pytest.mark.parametrize("step", STEPS)
def test_step_is_seen(guarded: Run, step: str) -> None:
    assert guarded.seconds(step) is not None, guarded.said


def test_e3372s_has_its_network_interface_bound_and_its_drives_left(guarded: Run) -> None:
    """Debian's driver lists ff/03/16; PPP carries the data, as oFono 1.31 has it."""
    (stick,) = guarded.report["facts"]["status"]["sticks"]
    drivers = [interface["driver"] for interface in stick["interfaces"]]
    assert drivers == ["option", "option", "huawei_cdc_ncm", "usb-storage", "usb-storage"]


def test_the_hardened_units_end_well(guarded: Run) -> None:
    _, output = guarded.asked("units")
    assert output.split().count("Result=success") == 2, output
    assert output.split().count("ExecMainStatus=0") == 2, output


@pytest.mark.parametrize("place", ["journal", "processes"])
def test_the_password_is_nowhere_else(guarded: Run, place: str) -> None:
    status, output = guarded.asked(place)
    assert (status, output.strip()) == (0, "")


def calls(run: Run) -> list[tuple[str, str, str]]:
    """What the network tried and what it was answered, in order: event, protocol, port."""
    text = (run.folder / "stick.log").read_text()
    found = re.findall(r"\b(intrusion|intruded)\b(.*)", text)
    fields = [(event, dict(re.findall(r"(\w+)=(\S+)", rest))) for event, rest in found]
    return [(event, values["protocol"], values["port"]) for event, values in fields]


def test_the_network_reaches_the_boards_ports_until_the_filter_is_there(guarded: Run) -> None:
    for question in ("listen", "open", "filter", "filtered", "outwards", "put-back"):
        status, output = guarded.asked(question)
        assert status == 0, f"{question}: {output}"
    seen = calls(guarded)
    tried = [("intrusion", *port) for port in PORTS]
    assert [item for item in seen if item[0] == "intrusion"] == tried * 2
    # All answers came before the second try.
    second = [index for index, item in enumerate(seen) if item == tried[0]][1]
    assert {item for item in seen[:second] if item[0] == "intruded"} == {
        ("intruded", *port) for port in PORTS
    }
    assert [item for item in seen[second:] if item[0] == "intruded"] == []
