# SPDX-License-Identifier: MIT
"""huawei-modem-watch beside Debian's real ofonod and connmand, on a mocked stick."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

from daemons.bed.client import MARKS, Bed, attach
from daemons.bed.describe import plugged
from daemons.patched import pings
from daemons.real import PYTHON, Target, target
from daemons.test_connman import MAIN_CONF, cellular, write
from modem_image import HELPER
from unit.helper.trees import mode_of

pytestmark = MARKS
STATE = "/run/huawei-modem-watch/state.json"
ACCOUNT = {"apn": "internet", "auth": "chap", "username": "user", "password": "hidden"}
ACCESS = ["connect", "--apn", "internet", "--user", "user", "--password-file"]
WINDOW_S = 10.0


def start_watch(system: Target) -> None:
    root = system.folder
    places = [f"prefix={root}/usr", f"sysconfdir={root}/etc", f"helperdir={root}/usr/lib/huawei-modem"]
    subprocess.run(["make", "-sC", HELPER, "install-watch", *places, f"PYTHON={PYTHON}"], check=True)
    write(system.bed, "/etc/huawei-modem/watch.ini", "[watch]\npoll = 1\nsilent = 10\n")
    system.in_namespace("mkdir", "-p", "/run/huawei-modem-watch")
    command = [str(root / "usr/bin/huawei-modem-watch")]
    system.bed.ask("start", name="watch", command=command, preload=True)


def state(system: Target) -> dict[str, Any]:
    done = system.bed.run("cat", STATE)
    found = json.loads(done["out"]) if done["status"] == 0 else {}
    assert isinstance(found, dict)
    return found


def until(system: Target, key: str, value: object) -> dict[str, Any]:
    system.bed.until(lambda: state(system).get(key) == value, f"{key}: {value} in {state(system)}")
    return state(system)


def calls_refused(system: Target) -> int:
    """In the next seconds."""
    before = system.events().count("ppp-auth-failed")
    time.sleep(WINDOW_S)
    return system.events().count("ppp-auth-failed") - before


def automatic(system: Target) -> bool:
    (service,) = system.bed.services().values()
    return bool(service["AutoConnect"])


def test_a_network_that_refuses_is_not_stormed_and_the_right_password_ends_it(tmp_path: Path) -> None:
    with target(tmp_path, connman=MAIN_CONF.read_text(), **ACCOUNT) as system:
        wrong, right = system.secret("wrong", "guessed"), system.secret("right", "hidden")
        assert system.run(*ACCESS, wrong, "--timeout", "12").returncode == 1
        stormed = calls_refused(system)
        assert stormed >= 2, "ConnMan dials on by itself"
        start_watch(system)
        until(system, "held", True)
        assert not automatic(system)
        time.sleep(3)  # the call that was on its way
        assert calls_refused(system) <= 1
        assert system.run(*ACCESS, right, root=False).returncode == 0
        found = until(system, "held", False)
        assert automatic(system)
        assert (found["condition"], found["refusals"]) == ("online", 1)
        assert "001010123456789" not in system.bed.run("cat", STATE)["out"]


def test_what_a_person_ended_stays_so_and_what_nobody_ended_comes_back(tmp_path: Path) -> None:
    with target(tmp_path, apn="internet") as system:
        assert system.run("connect", "--apn", "internet", root=False).returncode == 0
        start_watch(system)
        found = until(system, "condition", "online")
        assert (found["losses"], found["actions"]) == (0, {})
        assert system.run("disconnect", root=False).returncode == 0
        found = until(system, "condition", "off")
        assert (found["losses"], found["actions"]) == (1, {})
        assert system.run("connect", root=False).returncode == 0
        found = until(system, "condition", "online")
        assert (found["reconnects"], found["actions"]) == (1, {})
        # Asked through ppp0, whose counters the mocked /sys does not have: a silent link.
        system.bed.until(lambda: "dns-query" in system.events(), "the host is asked for")
        assert state(system)["condition"] == "online"
        assert system.run_at_the_stick("status").stdout.splitlines()[-1].startswith("watch     online for ")
        # An oFono that hangs, as 1.31 does where a stick is pulled in a call: its name is on the bus.
        which = "org.freedesktop.DBus.GetConnectionUnixProcessID"
        pid = system.bed.call("org.freedesktop.DBus", "/", which, "s", "org.ofono")
        system.in_namespace("kill", "-STOP", str(pid))
        until(system, "condition", "no-ofono")
        system.in_namespace("kill", "-CONT", str(pid))
        assert until(system, "condition", "online")["actions"] == {}


def test_a_connection_without_its_device_is_dialled_again(tmp_path: Path) -> None:
    """oFono 1.31 does not say that a network that went away took the call along; 1.32 does (its commit
    "gprs: clean context properly"). With the network back, ConnMan 1.41 is connected through a gone ppp0.
    The watch has seen the network go: its ten minutes' patience with that are none with what follows.
    """
    with target(tmp_path, connman=MAIN_CONF.read_text(), apn="internet") as system:
        bed = system.bed
        assert system.run("connect", "--apn", "internet", root=False).returncode == 0
        start_watch(system)
        until(system, "condition", "online")
        bed.air(covered=False, internet=False)
        until(system, "condition", "searching")
        bed.until(lambda: not bed.services(), "ConnMan to notice the loss")
        bed.air(covered=True, internet=True)
        bed.until(lambda: cellular(bed), "ConnMan to say that it is connected")
        assert system.in_namespace("ip", "-br", "link").count("ppp") == 0, (
            "oFono mends it: use a plainer test"
        )
        until(system, "condition", "no-device")
        found = until(system, "condition", "online")
        assert found["actions"] == {"reconnect": 1}
        assert pings(bed)


def test_a_call_that_hangs_in_ofono_is_seen(tmp_path: Path) -> None:
    """Before it and during it the context is inactive: only oFono's InProgress tells them apart."""
    asked = "from huawei_modem.bus import open_bus; from huawei_modem_watch.look import hangs"
    command = [PYTHON, "-c", f"{asked}; print(hangs(open_bus(), '/huawei_0'))"]
    places = f"PYTHONPATH={HELPER}:{HELPER / 'watch'}"
    mode = mode_of("12d1:1596")
    with Bed(tmp_path) as bed:
        stick = plugged(mode)
        bed.plug(stick)
        bed.answer_at(mode, stick, replies=[(r"\+CGDCONT=1,.*", (), "and no more")])
        bed.start_ofono()
        bed.until(bed.modems, "a modem")
        context = attach(bed, "/huawei_0")

        def hangs() -> str:
            return str(bed.run("env", places, *command)["out"]).strip()

        assert hangs() == "False"
        active = ["Active", True]
        method = "org.ofono.ConnectionContext.SetProperty"
        bed.ask("send", bus_name="org.ofono", path=context, method=method, signature="sv", arguments=active)
        bed.until(lambda: hangs() == "True", "a call that hangs")
        assert not bed.ofono(context, "ConnectionContext.GetProperties")["Active"]
