# SPDX-License-Identifier: MIT
"""What holds for every run in which a stick with ports came online from plug-in to ping."""

from __future__ import annotations

import json
import re
import struct
from typing import Any

import jsonschema

from huawei_modem.database import load
from huawei_modem.mask import Masker
from huawei_modem.mask import facts as mask_facts
from huawei_modem.transcript import doctor

from .conftest import Run


class CameOnline:
    """The tests of a run: a class below it gives the fixture `any_run`, and a test for each step."""

    def test_verdict_and_exit_status(self, any_run: Run) -> None:
        assert (any_run.report["verdict"], any_run.status) == ("ok", 0), any_run.said
        assert [found["code"] for found in any_run.report["findings"] if found["severity"] == "error"] == []

    def test_state_at_the_end(self, any_run: Run) -> None:
        status = any_run.report["facts"]["status"]
        (modem,) = status["ofono"]["modems"]
        assert (modem["powered"], modem["online"], modem["attached"]) == (True, True, True)
        assert modem["registration"] == "registered"
        (stick,) = status["sticks"]
        drivers = [interface["driver"] for interface in stick["interfaces"]]
        assert drivers == ["option", "option", "option", "huawei_cdc_ncm"]
        (service,) = [item for item in status["connman"]["services"] if item["type"] == "cellular"]
        assert service["state"] == "online"

    def test_folder_has_what_a_person_needs(self, any_run: Run) -> None:
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

    def test_report_is_the_documented_one(self, any_run: Run) -> None:
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

    def test_no_identity_leaves_the_board(self, any_run: Run) -> None:
        """The report goes into tickets: it names no IMSI, IMEI or ICCID, not even those for tests."""
        text = json.dumps(any_run.report["facts"]["status"])
        for identity in ("001010123456789", "490154203237518", "8988211000000000001"):
            assert identity not in text

    def test_the_journal_of_a_good_run_is_ok(self, any_run: Run) -> None:
        report, _recognised = doctor.of_path(any_run.folder / "journal.txt", load())
        assert (report.verdict.value, report.findings) == ("ok", ())
        assert report.facts["states"][-1]["ports"] == ["ttyUSB0", "ttyUSB1", "ttyUSB2"]

    def test_the_capture_is_judged_as_the_board_was(self, any_run: Run) -> None:
        assert_judged_alike(any_run)


def assert_judged_alike(run: Run) -> None:
    """By the doctor at this machine, from the capture, as by the one on the board."""
    report, _recognised = doctor.of_path(run.folder / "capture.tar.gz", load())
    assert [found.code for found in report.findings] == [found["code"] for found in run.report["findings"]]
    seen: Any = run.report["facts"]["status"]
    # Each mask counts what it finds from one on.
    assert _unnumbered(report.facts["sticks"]) == _unnumbered(mask_facts.facts(seen, Masker())["sticks"])


def _unnumbered(facts: Any) -> Any:
    return json.loads(re.sub(r"\[masked-\d+\]", "[masked]", json.dumps(facts)))
