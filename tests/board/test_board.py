# SPDX-License-Identifier: MIT
"""From plug-in to ping on the emulated Colibri iMX7. A test a step: the first that fails says what broke.

What each protects, proven by taking it away: the pcui label `modem`, the run-time id rule `network`,
the setting for tun `test_tun_is_loaded_at_boot`, the module folder the whole file (the check stops it).
"""

from __future__ import annotations

import pytest

from huawei_modem.database import load
from huawei_modem.report import Severity, Verdict
from huawei_modem.transcript import doctor
from modem_image.bench.steps import expected_steps
from modem_image.bench.stick.stick import load_stick

from .conftest import GOOD, Run
from .online import CameOnline

pytestmark = pytest.mark.bench
STEPS = [
    pytest.param(name, step.name, id=f"{name}-{step.name}")
    for name in ("hot_plug", "unbranded")
    for step in expected_steps(load_stick("ms2372h"), first=name != "unbranded")
]


class TestFromPlugIn(CameOnline):
    @pytest.fixture(params=["hot_plug", "unbranded"])
    def any_run(self, request: pytest.FixtureRequest) -> Run:
        found = request.getfixturevalue(request.param)
        assert isinstance(found, Run)
        return found

    @pytest.mark.parametrize(("any_run", "step"), STEPS, indirect=["any_run"])
    def test_step_is_seen(self, any_run: Run, step: str) -> None:
        assert any_run.seconds(step) is not None, any_run.said


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


def test_switch_message_is_the_documented_one(hot_plug: Run) -> None:
    """usb-modeswitch-data's HuaweiNewMode; the log has the command block of the 31 octets."""
    log = (hot_plug.folder / "stick.log").read_text()
    assert "switch-requested message=11062000000101000100000000000000 mode=modem" in log


def test_the_board_goes_on_from_a_snapshot_of_its_boot(built: dict[str, Run]) -> None:
    """Where QEMU keeps none, or one does not go on, a run boots and is as good: nothing else would tell."""
    assert [name for name, found in built.items() if not found.report["facts"]["resumed"]] == []


@pytest.mark.parametrize("stick", GOOD)
def test_the_journal_of_any_good_stick_shows_the_network(good_tour: dict[str, Run], stick: str) -> None:
    report, _recognised = doctor.of_path(good_tour[stick].folder / "journal.txt", load())
    assert report.verdict is Verdict.OK
    assert {found.severity for found in report.findings} <= {Severity.INFO}


def uptime(line: str) -> float:
    return float(line[1 : line.index("]")])
