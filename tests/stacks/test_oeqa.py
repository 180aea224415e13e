# SPDX-License-Identifier: MIT
"""The layer's runtime cases, by the oeqa of each release at its locked commit, on a board's answers."""

from __future__ import annotations

import copy
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from modem_image import PROJECT
from modem_image.yocto.mirror import clones

pytestmark = pytest.mark.mirror

CORE = {"kirkstone": "poky", "scarthgap": "poky", "wrynose": "openembedded-core"}
CASES = PROJECT / "meta-huawei-modem/lib/oeqa/runtime/cases"
RUN = Path(__file__).with_name("oeqa_run.py")
STATUS = "huawei-modem status --json - 2>/dev/null"
CONFIG = "ls -ldn /etc/huawei-modem/config.ini"
# As ConnMan 1.42 makes its own: an open folder, and files that are not.
CONNMAN = "ls -ldn /var/lib/connman"
CONNMAN_FILES = "find /var/lib/connman -type f -exec ls -ldn {} \\;"
CONNMAN_FILE = "1 0        0             174 Nov 30 01:00 /var/lib/connman/settings"
MODEM_PORT = {"function": "modem", "wanted_driver": "option", "driver": "option", "tty": "ttyUSB0"}
FACTS: dict[str, Any] = {
    "sticks": [
        {
            "usb": "12d1:1506",
            "path": "/sys/bus/usb/devices/1-1",
            "mode": "modem",
            "interfaces": [{**MODEM_PORT, "label": "modem"}],
        }
    ],
    "ofono": {"modems": [{"path": "/huawei_0", "powered": True, "online": True}]},
}


def service(kind: str, state: str, interface: str, gateway: str | None = None) -> list[Any]:
    """A service of ConnMan's, as busctl prints it (ConnMan's doc/service-api.txt)."""

    def variant(kind: str, value: Any) -> dict[str, Any]:
        return {"type": kind, "data": value}

    address = {"Gateway": variant("s", gateway)} if gateway else {}
    return [
        f"/net/connman/service/{kind}_x",
        {
            "Type": variant("s", kind),
            "State": variant("s", state),
            "Ethernet": variant("a{sv}", {"Interface": variant("s", interface)}),
            "IPv4": variant("a{sv}", address),
        },
    ]


def services(*found: list[Any]) -> tuple[int, str]:
    """What busctl prints of these, ConnMan's first one first."""
    return 0, json.dumps({"type": "a(oa{sv})", "data": [list(found)]})


def ping(interface: str, gateway: str = "") -> str:
    route = f"8.8.8.8/32 {gateway and f'via {gateway} '}dev {interface}"
    return (
        f"(ip route add {route} 2>/dev/null && trap 'ip route del {route}' EXIT; "
        f"ping -c 3 -W 5 -I {interface} 8.8.8.8)"
    )


SERVICES = "busctl --json=short call net.connman / net.connman.Manager GetServices"
CABLE = service("ethernet", "online", "eth0", "192.0.2.1")
ROUTER_LINKS = "ls -d /sys/bus/usb/devices/1-1/*/net/*"
ANSWERS: dict[str, tuple[int, str]] = {
    "huawei-modem check-modules": (0, "ok"),
    "huawei-modem doctor": (0, "ok"),
    "systemctl is-active ofono.service": (0, "active\n"),
    "systemctl is-active connman.service": (0, "active\n"),
    "systemctl is-active huawei-modem-check-modules.service": (0, "active\n"),
    SERVICES: services(service("cellular", "online", "wwan0")),
    ping("wwan0"): (0, ""),
    CONFIG: (0, "-rw-------    1 0        0              58 Nov 30 01:00 /etc/huawei-modem/config.ini"),
    CONNMAN: (0, "drwxr-xr-x    3 0        0            1024 Nov 30 01:00 /var/lib/connman"),
    CONNMAN_FILES: (0, f"-rw-------    {CONNMAN_FILE}"),
    STATUS: (0, json.dumps(FACTS)),
}


@pytest.fixture(scope="module", params=CORE)
def oeqa(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the package oeqa of a release."""
    mirror = Path(request.config.getoption("--mirror")).resolve()
    core = CORE[request.param]
    lock = (PROJECT / "kas" / request.param / "base.lock.yml").read_text()
    found = re.search(rf"^ +{core}:\n +commit: (\w+)$", lock, re.MULTILINE)
    assert found
    (clone,) = clones(mirror)[core]
    git = ["git", "-c", "safe.directory=*", f"--git-dir={clone}"]
    packed = subprocess.run(
        [*git, "archive", found[1], "meta/lib/oeqa"], check=True, capture_output=True
    ).stdout
    folder = tmp_path_factory.mktemp(request.param)
    subprocess.run(["tar", "-x", "-C", folder], input=packed, check=True)
    return folder / "meta/lib"


def outcomes(oeqa: Path, answers: dict[str, tuple[int, str]]) -> dict[str, tuple[str, str]]:
    """Each case's outcome and reason."""
    done = subprocess.run(
        ["python3", RUN, oeqa, CASES],
        input=json.dumps(answers),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {name: tuple(found) for name, found in json.loads(done.stdout).items()}


def changed(**facts: Any) -> dict[str, tuple[int, str]]:
    """The answers of a board of which the helper sees something else."""
    return {**ANSWERS, STATUS: (0, json.dumps({**FACTS, **facts}))}


def port(**facts: Any) -> list[Any]:
    """The stick with another port."""
    sticks = copy.deepcopy(FACTS["sticks"])
    sticks[0]["interfaces"][0].update(facts)
    return list(sticks)


def test_a_board_that_is_online_passes(oeqa: Path) -> None:
    found = outcomes(oeqa, ANSWERS)
    assert len(found) >= 9
    assert {outcome for outcome, _ in found.values()} == {"passed"}, found


def test_without_a_stick_its_cases_are_skipped_with_the_reason(oeqa: Path) -> None:
    found = outcomes(oeqa, changed(sticks=[]))
    passed = {name for name, (outcome, _) in found.items() if outcome == "passed"}
    assert passed == {"test_modules_match_the_kernel", "test_units_run", "test_no_secret_is_readable"}
    assert "no Huawei stick" in found["test_stick_has_its_drivers"][1]
    assert {outcome for outcome, _ in found.values()} == {"passed", "skipped"}, found


def test_of_a_router_ofono_is_not_asked(oeqa: Path) -> None:
    router = port(function="ether", wanted_driver="cdc_ether", driver="cdc_ether", tty=None, label=None)
    link = service("ethernet", "online", "enx0", "192.168.8.1")
    answers = {
        **changed(sticks=router),
        ROUTER_LINKS: (0, "/sys/bus/usb/devices/1-1/1-1:1.0/net/enx0"),
        SERVICES: services(link),
        ping("enx0", "192.168.8.1"): (0, ""),
    }
    found = outcomes(oeqa, answers)
    assert found["test_ofono_has_the_modem_online"][0] == "skipped"
    assert "router" in found["test_ofono_has_the_modem_online"][1]
    assert found["test_connman_is_online"][0] == found["test_doctor_says_ok"][0] == "passed"


def test_beside_a_cable_it_is_the_sticks_network_that_counts(oeqa: Path) -> None:
    """The board is reached by a cable, which is online and has the default route."""
    beside = services(CABLE, service("cellular", "ready", "wwan0"))
    found = outcomes(oeqa, {**ANSWERS, SERVICES: beside})
    assert {outcome for outcome, _ in found.values()} == {"passed"}, found


@pytest.mark.parametrize(
    ("answers", "case"),
    [
        ({**ANSWERS, "huawei-modem check-modules": (1, "")}, "test_modules_match_the_kernel"),
        ({**ANSWERS, "systemctl is-active ofono.service": (3, "failed\n")}, "test_units_run"),
        ({**ANSWERS, CONFIG: (0, "-rw-r--r--    1 0 0 58 Nov 30 01:00 x")}, "test_no_secret_is_readable"),
        ({**ANSWERS, CONNMAN_FILES: (0, f"-rw-r--r--    {CONNMAN_FILE}")}, "test_no_secret_is_readable"),
        (changed(sticks=port(driver=None)), "test_stick_has_its_drivers"),
        (changed(sticks=[{**FACTS["sticks"][0], "mode": "storage"}]), "test_stick_has_its_drivers"),
        (changed(sticks=port(label=None)), "test_ports_have_labels"),
        (changed(ofono={"modems": []}), "test_ofono_has_the_modem_online"),
        ({**ANSWERS, SERVICES: services()}, "test_connman_is_online"),
        ({**ANSWERS, SERVICES: services(CABLE)}, "test_connman_is_online"),
        (
            {**ANSWERS, SERVICES: services(CABLE, service("cellular", "failure", "wwan0"))},
            "test_connman_is_online",
        ),
        (
            {**ANSWERS, SERVICES: services(service("cellular", "ready", "wwan0"), CABLE)},
            "test_connman_is_online",
        ),
        ({**ANSWERS, ping("wwan0"): (1, "100% packet loss")}, "test_ping_over_the_stick"),
        ({**ANSWERS, "huawei-modem doctor": (1, "fault")}, "test_doctor_says_ok"),
    ],
)
def test_each_fault_fails_its_case(oeqa: Path, answers: dict[str, tuple[int, str]], case: str) -> None:
    failed = {name for name, (outcome, _) in outcomes(oeqa, answers).items() if outcome == "failed"}
    assert failed == {case}
