# SPDX-License-Identifier: MIT
"""What the units may do, as systemd itself judges it; that they still do their work is shown on the board.

tests/board: every plug of a stick runs bind and connect, every boot check-modules.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from modem_image import HELPER

UNITS = ("bind", "bind@", "check-modules", "connect", "filter", "watch")
# `systemd-analyze security` goes from 0 (nothing is open) to 10. SECURITY.md and docs/status.md name the
# figures, which are of systemd 252 (Debian 12): a later one knows more settings and may judge otherwise.
MOST = 2.1
# It loads the kernel's tables itself: CAP_SYS_MODULE, and the system calls for it.
MOST_WITH_IPTABLES = 2.8


@pytest.fixture(scope="module", params=["iptables", "nftables"])
def units(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the installed units."""
    root = tmp_path_factory.mktemp("root")
    command = [
        "make",
        "-sC",
        HELPER,
        "install-units",
        "install-watch",
        "install-filter",
        f"FIREWALL={request.param}",
    ]
    subprocess.run([*command, f"DESTDIR={root}"], check=True)
    return root / "usr/lib/systemd/system"


def exposure(unit: Path) -> float:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", unit]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (line,) = [line for line in said.splitlines() if "Overall exposure level" in line]
    return float(line.split(": ")[1].split()[0])


def test_every_unit_is_closed_but_for_what_it_needs(units: Path, tmp_path: Path) -> None:
    assert {path.name for path in units.glob("*.service")} == {
        f"huawei-modem-{name}.service" for name in UNITS
    }
    too_open = {}
    for path in units.glob("*.service"):
        # A template is judged by an instance.
        unit = tmp_path / path.name.replace("@.", "@x.")
        unit.write_text(path.read_text())
        level = exposure(unit)
        if level > (MOST_WITH_IPTABLES if "/iptables-restore " in path.read_text() else MOST):
            too_open[path.name] = level
    assert too_open == {}


def test_a_unit_without_any_of_it_is_judged_worse(tmp_path: Path) -> None:
    unit = tmp_path / "open.service"
    unit.write_text("[Service]\nExecStart=/bin/true\n")
    assert exposure(unit) > MOST_WITH_IPTABLES


def test_what_a_unit_runs_needs_no_shell_with_strings_of_a_stick(units: Path) -> None:
    for path in units.glob("huawei-modem-[bcw]*.service"):
        commands = [line for line in path.read_text().splitlines() if line.startswith("Exec")]
        assert commands
        assert not [line for line in commands if "/sh" in line]
