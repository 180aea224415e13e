# SPDX-License-Identifier: MIT
"""From plug-in to ping on the emulated Colibri iMX7. A test a step: the first that fails says what broke.

What each protects, proven by taking it away: the pcui label `modem`, the run-time id rule `network`,
the setting for tun `test_tun_is_loaded_at_boot`, the module folder the whole file (the check stops it).
"""

from __future__ import annotations

import json
import struct

import jsonschema
import pytest

from modem_image.bench.steps import expected_steps
from modem_image.bench.stick.stick import load_stick

from .conftest import Run

pytestmark = pytest.mark.bench
STEPS = [
    pytest.param(name, step.name, id=f"{name}-{step.name}")
    for name in ("hot_plug", "cold_plug", "unbranded")
    for step in expected_steps(load_stick("ms2372h"), first=name != "unbranded")
]


@pytest.fixture(params=["hot_plug", "cold_plug", "unbranded"])
def any_run(request: pytest.FixtureRequest) -> Run:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Run)
    return found


@pytest.mark.parametrize(("any_run", "step"), STEPS, indirect=["any_run"])
def test_step_is_seen(any_run: Run, step: str) -> None:
    assert any_run.seconds(step) is not None, any_run.said


def test_verdict_and_exit_status(any_run: Run) -> None:
    assert (any_run.report["verdict"], any_run.status) == ("ok", 0), any_run.said
    assert [found["code"] for found in any_run.report["findings"] if found["severity"] == "error"] == []


def test_a_stick_that_is_plugged_in_again_comes_online_again(cold_plug: Run, replug: Run) -> None:
    """By itself: ConnMan knows the service, oFono the access point, and the kernel the run-time id."""
    assert (replug.report["verdict"], replug.status) == ("ok", 0), replug.said
    steps = [entry for entry in replug.report["facts"]["timeline"] if entry["seconds"] is None]
    assert steps == []
    first, again = ((run.folder / "stick.log").read_text() for run in (cold_plug, replug))
    assert "context-defined cid=1 apn=internet.example" in first
    assert "context-defined cid=1 apn=internet.example" in again


def test_tun_is_loaded_at_boot(hot_plug: Run) -> None:
    """Not on demand at dialling, as a device node would have it: before the stick is there."""
    journal = (hot_plug.folder / "journal.txt").read_text()
    lines = [line for line in journal.splitlines() if "kernel: tun: Universal TUN/TAP" in line]
    attached = [line for line in journal.splitlines() if "kernel: usb 1-1: new" in line]
    assert lines, "tun was never loaded"
    assert uptime(lines[0]) < uptime(attached[0])


def test_interface_3_is_bound_by_the_run_time_id_alone(hot_plug: Run, unbranded: Run) -> None:
    """Debian's kernel lists ff/03/16 and not ff/03/46."""
    assert "huawei-modem-bind@" in (hot_plug.folder / "journal.txt").read_text()
    assert "huawei-modem-bind@" not in (unbranded.folder / "journal.txt").read_text()


def test_state_at_the_end(any_run: Run) -> None:
    status = any_run.report["facts"]["status"]
    (modem,) = status["ofono"]["modems"]
    assert (modem["powered"], modem["online"], modem["attached"]) == (True, True, True)
    assert modem["registration"] == "registered"
    (stick,) = status["sticks"]
    drivers = [interface["driver"] for interface in stick["interfaces"]]
    assert drivers == ["option", "option", "option", "huawei_cdc_ncm"]
    (service,) = [item for item in status["connman"]["services"] if item["type"] == "cellular"]
    assert service["state"] == "online"


def test_switch_message_is_the_documented_one(hot_plug: Run) -> None:
    """usb-modeswitch-data's HuaweiNewMode; the log has the command block of the 31 octets."""
    log = (hot_plug.folder / "stick.log").read_text()
    assert "switch-requested message=11062000000101000100000000000000 mode=modem" in log


def test_folder_has_what_a_person_needs(any_run: Run) -> None:
    for name in (
        "serial.log",
        "journal.txt",
        "ofono.log",
        "connman.log",
        "stick.log",
        "dbus.log",
        "answers.txt",
    ):
        assert (any_run.folder / name).stat().st_size > 0, name
    magic, link_type = struct.unpack("<I16xI", (any_run.folder / "usb.pcap").read_bytes()[:24])
    assert (magic, link_type) == (0xA1B2C3D4, 220)  # libpcap, LINKTYPE_USB_LINUX_MMAPPED


def test_report_is_the_documented_one(any_run: Run) -> None:
    evidence = {"type": "object", "required": ["source", "text"]}
    finding = {
        "type": "object",
        "required": ["code", "severity", "title", "evidence", "remedy"],
        "properties": {"evidence": {"type": "array", "items": evidence}, "remedy": {"type": "array"}},
    }
    schema = {
        "required": ["schema", "tool", "input", "verdict", "findings", "facts"],
        "properties": {"schema": {"const": 1}, "findings": {"type": "array", "items": finding}},
    }
    jsonschema.validate(any_run.report, schema)


def test_no_identity_leaves_the_board(any_run: Run) -> None:
    """The report goes into tickets: it names no IMSI, IMEI or ICCID, not even those for tests."""
    text = json.dumps(any_run.report["facts"]["status"])
    for identity in ("001010123456789", "490154203237518", "8988211000000000001"):
        assert identity not in text


def uptime(line: str) -> float:
    return float(line[1 : line.index("]")])
