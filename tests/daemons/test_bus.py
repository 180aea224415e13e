# SPDX-License-Identifier: MIT
"""The installed helper on a real D-Bus: signatures, types and errors."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemons.bed.bus import bus_configuration
from huawei_modem.database import load
from huawei_modem.transcript import doctor
from modem_image import HELPER
from patience import PATIENCE

PYTHON = "/usr/bin/python3"


def has_packages() -> bool:
    if not shutil.which("dbus-daemon") or not Path(PYTHON).exists():
        return False
    return subprocess.run([PYTHON, "-c", "import dbus, gi"], capture_output=True).returncode == 0


pytestmark = pytest.mark.skipif(
    not has_packages(), reason="needs the Debian packages: dbus python3-dbus python3-gi"
)


class System:
    """The installed helper, and the daemons it talks to."""

    def __init__(self, root: Path, environment: dict[str, str], daemons: subprocess.Popen[str]) -> None:
        self.root = root
        self.environment = environment
        self.daemons = daemons

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.root / "usr/bin/huawei-modem"), *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE)

    def was_set(self) -> list[list[str | bool]]:
        """Ends the daemons; what they were told, as path, property and value."""
        self.daemons.terminate()
        out, _none = self.daemons.communicate(timeout=PATIENCE)
        return [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    socket = tmp_path / "bus"
    (tmp_path / "bus.conf").write_text(bus_configuration(str(socket)))
    helper = f"helperdir={tmp_path}/usr/lib/huawei-modem"
    places = [f"prefix={tmp_path}/usr", f"sysconfdir={tmp_path}/etc", helper, f"PYTHON={PYTHON}"]
    subprocess.run(["make", "-sC", HELPER, "install-helper", *places], check=True)
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={socket}"}
    bus = subprocess.Popen(
        ["dbus-daemon", "--nofork", "--print-address", "--config-file", tmp_path / "bus.conf"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert bus.stdout is not None
    bus.stdout.readline()
    daemons = subprocess.Popen(
        [PYTHON, Path(__file__).with_name("mock_daemons.py")],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert daemons.stdout is not None
        assert daemons.stdout.readline() == "ready\n"
        yield System(tmp_path, environment, daemons)
    finally:
        for process in (daemons, bus):
            process.kill()
            process.wait(10)
            process.stdout and process.stdout.close()


def test_connect_sets_what_is_missing_and_goes_online(system: System) -> None:
    config = system.root / "etc/huawei-modem/config.ini"
    config.write_text("[apn 00101]\napn = internet\nusername = user\npassword = hidden\n")
    config.chmod(0o600)
    result = system.run("--root", str(system.root), "connect", "--timeout", "10")
    assert (result.returncode, result.stderr) == (0, "")
    assert "connected: (online)" in result.stdout
    assert "hidden" not in result.stdout
    assert system.was_set() == [
        ["/net/connman/technology/cellular", "Powered", True],
        ["/huawei_0/context1", "Username", "user"],
        ["/huawei_0/context1", "Password", "hidden"],
        ["/huawei_0/context1", "AccessPointName", "internet"],
    ]


def test_status_takes_facts_in_as_plain_values(system: System) -> None:
    facts = json.loads(system.run("status", "--json", "-").stdout)
    (modem,) = facts["ofono"]["modems"]
    assert (modem["powered"], modem["online"], modem["sim_present"]) == (True, True, True)
    assert (modem["registration"], modem["strength"]) == ("registered", 64)
    assert modem["contexts"] == [{"type": "internet", "active": False, "apn": ""}]
    assert facts["connman"]["cellular"] == {"powered": False, "connected": False}
    assert "001010123456789" not in json.dumps(facts)


def test_a_capture_holds_all_properties_without_identities(system: System) -> None:
    target = system.root / "report.tar.gz"
    result = system.run("report", str(target))
    assert (result.returncode, result.stderr) == (0, "")
    assert "IMEI, IMSI, ICCID or the like" in result.stdout
    with tarfile.open(target) as archive:
        held = {item.name: (archive.extractfile(item) or pytest.fail()).read().decode() for item in archive}
    modem = held["list-modems.txt"]
    assert modem.startswith("[ /huawei_0 ]\n") and "        MobileCountryCode = 001\n" in modem
    assert "        AccessPointName = \n" in held["list-contexts.txt"]
    assert "OfflineMode = False" in held["connmanctl_state.txt"]
    assert not [name for name, text in held.items() if "001010123456789" in text]
    # The doctor of texts reads the listings too.
    names = ("list-modems.txt", "list-contexts.txt", "connmanctl_technologies.txt", "connmanctl_services.txt")
    history = doctor.read((name, held[name].splitlines()) for name in names)
    codes = {item.code for item in doctor.report(history, "listings", load()).findings}
    # ConnMan lists the service, idle as it has to be without an access point.
    assert codes == {"apn-missing", "connman-service-idle"}
    assert history.states[-1].services is not None and "cellular" in history.states[-1].services.value[0]


def test_daemons_that_are_gone_are_not_running(system: System) -> None:
    system.was_set()
    facts = json.loads(system.run("status", "--json", "-").stdout)
    assert (facts["ofono"]["running"], facts["connman"]["running"]) == (False, False)


def test_without_a_bus_the_command_says_so(system: System) -> None:
    system.environment["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={system.root}/absent"
    result = system.run("connect", "--timeout", "1")
    assert result.returncode == 3
    assert "huawei-modem: no system bus" in result.stderr


def test_an_address_that_is_not_understood_is_named(system: System) -> None:
    system.environment["DBUS_SYSTEM_BUS_ADDRESS"] = f"tcp:host=127.0.0.1;unix:path={system.root}/bus%zz"
    result = system.run("status")
    assert result.returncode == 0
    assert "tcp:host=127.0.0.1: only unix sockets are known here" in result.stdout
