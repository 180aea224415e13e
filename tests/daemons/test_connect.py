# SPDX-License-Identifier: MIT
"""connect and disconnect through Debian's real ofonod and connmand, to an emulated stick's PPP peer."""

from __future__ import annotations

import tarfile
from pathlib import Path

from daemons.bed.client import MARKS
from daemons.real import Target, target
from modem_image import HELPER
from patience import until

pytestmark = MARKS
MAIN_CONF = HELPER / "connman" / "main.conf"
IDENTITIES = ("001010123456789", "490154203237518", "8988211000000000001")


def test_online_another_access_point_and_back(tmp_path: Path) -> None:
    account = {"apn": "internet", "auth": "chap", "username": "user", "password": "hidden"}
    with target(tmp_path, **account) as system:
        wrong, right = system.secret("wrong", "guessed"), system.secret("right", "hidden")
        access = ["connect", "--timeout", "60", "--apn", "internet", "--user", "user", "--password-file"]
        refused = system.run(*access, wrong)
        assert (refused.returncode, "a connection: refused 2 times" in refused.stderr) == (1, True), refused
        done = system.run(*access, right)
        assert (done.returncode, done.stderr) == (0, ""), done
        assert done.stdout.endswith("connected: ppp0 10.64.0.2 (ready)\n")
        assert "inet 10.64.0.2/32" in system.in_namespace("ip", "address", "show", "ppp0")
        status = system.run("status", root=False)
        assert "APN internet, active" in status.stdout and "ready ppp0 10.64.0.2" in status.stdout
        again = system.run("connect")
        assert "waiting" not in again.stdout, "what is there is left alone"
        said = "".join(run.stdout + run.stderr for run in (refused, done, status, again))
        assert not [word for word in (*IDENTITIES, "guessed", "hidden") if word in said]
        assert leaks(system, "guessed", "hidden") == []
        assert system.run("disconnect").stdout == "disconnected\n"
        until(lambda: "ppp0" not in system.in_namespace("ip", "link"))
        assert system.run("disconnect").stdout == "there was no connection\n"
        assert "ppp-auth-failed" in system.events()


def test_a_refusal_is_named_where_connman_dials_on_by_itself(tmp_path: Path) -> None:
    """With the shipped main.conf a refused service is `association` again at once, and never `failure`."""
    account = {"apn": "internet", "auth": "chap", "username": "user", "password": "hidden"}
    with target(tmp_path, connman=MAIN_CONF.read_text(), **account) as system:
        wrong, right = system.secret("wrong", "guessed"), system.secret("right", "hidden")
        access = ["connect", "--apn", "internet", "--user", "user", "--password-file"]
        refused = system.run(*access, wrong, "--timeout", "12")
        assert refused.returncode == 1
        assert "refused before, connect-failed: APN, user and password?" in refused.stderr
        assert system.events().count("ppp-auth-failed") > 1, "ConnMan tried again"
        assert system.run(*access, right).returncode == 0


def test_a_pin_is_entered_once_and_right_ones_unlock(tmp_path: Path) -> None:
    with target(tmp_path, sim="pin", pin="1234") as system:
        wrong, right = system.secret("wrong", "9999"), system.secret("right", "1234")
        access = ["connect", "--timeout", "40", "--apn", "internet"]
        without = system.run(*access)
        assert (without.returncode, "--pin-file FILE" in without.stderr) == (1, True), without
        first, second = (system.run(*access, "--pin-file", wrong) for _ in range(2))
        assert "the PIN was not accepted" in first.stderr
        assert "It is not tried again, since three wrong ones" in second.stderr
        assert entered(system) == 1
        done = system.run(*access, "--pin-file", right)
        assert (done.returncode, done.stderr) == (0, "")
        assert entered(system) == 2
        assert not [
            word
            for run in (without, first, second, done)
            for word in (*IDENTITIES, "9999", "1234")
            if word in (run.stdout + run.stderr).replace(str(tmp_path), "")
        ]


def test_roaming_is_what_was_asked_for_and_denied_is_named(tmp_path: Path) -> None:
    with target(tmp_path, registration="denied") as system:
        done = system.run("connect", "--timeout", "8", "--apn", "internet", "--roaming")
        assert done.returncode == 1
        assert "registration with a network: not there in time (denied)" in done.stderr
        assert roaming_allowed(system)
        system.run("connect", "--timeout", "3", "--no-roaming")
        assert not roaming_allowed(system)


def leaks(system: Target, *secrets: str) -> list[str]:
    """Identities and secrets in what the commands say and write while oFono and ConnMan know them all."""
    capture = system.folder / "report.tar.gz"
    text = ""
    for arguments in (["status"], ["status", "--json", "-"], ["doctor"], ["doctor", "--json", "-"],
                      ["report", str(capture)], ["doctor", str(capture)], ["ports"]):  # fmt: skip
        done = system.run_at_the_stick(*arguments)
        assert "Traceback" not in done.stderr, done.stderr
        text += done.stdout + done.stderr
    with tarfile.open(capture) as archive:
        for member in archive:
            content = archive.extractfile(member)
            text += member.name + (content.read().decode() if content else "")
    assert "cellular_" in text and "SubscriberIdentity" in text, "the daemons were asked for everything"
    return [word for word in (*IDENTITIES, *secrets) if word in text]


def entered(system: Target) -> int:
    """How many PINs reached the SIM. The stick's events hide the PIN itself."""
    return sum(command.startswith("AT+CPIN=") for command in system.commands())


def roaming_allowed(system: Target) -> bool:
    command = ["dbus-send", "--system", "--print-reply", "--dest=org.ofono", "/huawei_0"]
    said = system.in_namespace(*command, "org.ofono.ConnectionManager.GetProperties")
    words = said.split()
    return words[words.index('"RoamingAllowed"') + 3] == "true"
