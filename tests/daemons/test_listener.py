# SPDX-License-Identifier: MIT
"""What the bench types on the board to hear signals, on a real bus, under both shells of boards."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from daemons.bed.bus import bus_configuration
from modem_image.bench.observe import Clock, from_signals
from modem_image.bench.visit import listen_command
from patience import PATIENCE, until

# A daemon of that name; what others send is not wanted.
SENDER = """
import dbus, dbus.lowlevel, dbus.service, sys, time
bus = dbus.SystemBus()
name = dbus.service.BusName(sys.argv[1], bus)
signal = dbus.lowlevel.SignalMessage("/huawei_0", sys.argv[2], "PropertyChanged")
signal.append("Powered", dbus.Boolean(True, variant_level=1))
bus.send_message(signal)
bus.flush()
time.sleep(0.2)
"""


@pytest.mark.parametrize("shell", [["bash"], ["busybox", "sh"]])
def test_the_daemons_signals_are_heard_with_the_uptime(shell: list[str], tmp_path: Path) -> None:
    configuration, log = tmp_path / "bus.conf", tmp_path / "bus.log"
    configuration.write_text(bus_configuration(str(tmp_path / "bus")))
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tmp_path / 'bus'}"}
    bus = subprocess.Popen(["dbus-daemon", f"--config-file={configuration}", "--nofork"])
    board = subprocess.Popen(
        [*shell, "-c", f"{listen_command(str(log))}; wait"], env=environment, start_new_session=True
    )
    try:
        until(lambda: log.exists() and "Monitoring" in log.read_text())
        for name, interface in (("org.other", "org.ofono.Modem"), ("org.ofono", "org.ofono.Modem")):
            subprocess.run(
                ["/usr/bin/python3", "-c", SENDER, name, interface],
                check=True,
                timeout=PATIENCE,
                env=environment,
            )
        before = float(Path("/proc/uptime").read_text().split()[0])
        until(lambda: "Powered" in log.read_text(), log.read_text)
    finally:
        os.killpg(board.pid, signal.SIGKILL)
        bus.kill()
        board.wait()
        bus.wait()
    (seen,) = from_signals(log.read_text(), Clock(0.0, 0.0))
    assert (seen.source, seen.name) == ("ofono", "Modem.Powered=true")
    assert before - 60 < seen.time < before + 60
