# SPDX-License-Identifier: MIT
"""Real oFono, real ConnMan with the shipped main.conf, the real helper: from plug-in to online."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from daemons.bed.client import MARKS, OFONOD, Bed
from daemons.patched import ADDRESS, NETWORK, Stick, patched, pings
from modem_image import HELPER

pytestmark = MARKS
__all__ = ["patched"]

MAIN_CONF = HELPER / "connman" / "main.conf"
CONFIG = "[apn 00101]\napn = internet\n"
PROVIDERS = "/usr/share/mobile-broadband-provider-info/serviceproviders.xml"
# Two access points for the test network: oFono does not guess.
AMBIGUOUS = """\
<serviceproviders format="2.0"><country code="xx"><provider><name>Test</name><gsm>
<network-id mcc="001" mnc="01"/>
<apn value="one"><usage type="internet"/></apn><apn value="two"><usage type="internet"/></apn>
</gsm></provider></country></serviceproviders>
"""
HELPER_RUN = "import sys; from huawei_modem.cli import main; sys.exit(main(sys.argv[1:]))"


def write(bed: Bed, path: str, text: str) -> None:
    done = bed.run("sh", "-c", 'umask 077 && mkdir -p "${1%/*}" && printf %s "$2" > "$1"', "sh", path, text)
    assert done["status"] == 0, done


def hand_over(bed: Bed) -> str:
    """The helper, as the unit runs it; what it said."""
    done = bed.run("python3", "-c", HELPER_RUN, "connect", "--unattended", preload=True)
    assert done["status"] == 0, done
    return str(done["out"])


def cellular(bed: Bed) -> dict[str, Any] | None:
    """The cellular service, once it is connected. Nobody asks ConnMan to connect it."""
    found = [item for item in bed.services().values() if item["Type"] == "cellular"]
    return found[0] if found and found[0]["State"] in ("ready", "online") else None


def online(bed: Bed) -> dict[str, Any]:
    """The service's address and device."""
    service = bed.until(lambda: cellular(bed), "a connected service")
    bed.until(lambda: (cellular(bed) or {}).get("State") == "online", "the online check")
    assert service["AutoConnect"] is True
    return {
        "interface": service["Ethernet"]["Interface"],
        "address": service["IPv4"]["Address"],
        "method": service["IPv4"]["Method"],
    }


def start(bed: Bed, ofonod: Path | str, stick: Stick) -> None:
    stick.plug(bed)
    write(bed, "/etc/huawei-modem/config.ini", CONFIG)
    bed.start_ofono(ofonod)
    bed.start_connman(MAIN_CONF.read_text())


@pytest.mark.parametrize(("replies", "method"), [([], "dhcp"), ([ADDRESS], "fixed")])
def test_online_over_the_network_device(
    tmp_path: Path, patched: Path, replies: list[Any], method: str
) -> None:
    with Bed(tmp_path) as bed:
        start(bed, patched, Stick(replies=replies))
        hand_over(bed)
        assert online(bed) == {"interface": NETWORK, "address": "10.64.0.2", "method": method}
        assert pings(bed)
        assert ("dhcp-lease" in dict(bed.seen())) == (method == "dhcp")
        assert [item["Type"] for item in bed.services().values()] == ["cellular"]


def test_an_ofono_that_dials_ppp_and_a_network_device_that_nobody_drives(tmp_path: Path) -> None:
    """Debian's oFono: ConnMan leaves the network device alone, since the kernel marks it as wwan."""
    with Bed(tmp_path) as bed:
        start(bed, OFONOD, Stick())
        hand_over(bed)
        assert online(bed)["interface"].startswith("ppp")
        assert [item["Type"] for item in bed.services().values()] == ["cellular"]
        assert "dhcp-lease" not in dict(bed.seen())


def test_without_the_mark_connman_would_take_it_for_an_ethernet(tmp_path: Path) -> None:
    """What the test above rests on: ConnMan reads DEVTYPE, here that of a plain network device."""
    with Bed(tmp_path) as bed:
        stick = Stick().plug(bed)
        write(bed, "/etc/huawei-modem/config.ini", CONFIG)
        device = bed.run("sh", "-c", 'echo "$UMOCKDEV_DIR"', preload=True)["out"].strip()
        uevent = f"{device}/sys{stick.path_of(NETWORK)}/uevent"
        assert bed.run("sed", "-i", "/^DEVTYPE=/d", uevent)["status"] == 0
        bed.start_connman(MAIN_CONF.read_text())
        bed.run("ip", "link", "set", NETWORK, "up")

        def kinds() -> list[str]:
            found = bed.connman("/", "Manager.GetTechnologies")
            return [properties["Type"] for _path, properties in found]

        bed.until(lambda: "ethernet" in kinds(), "an Ethernet technology")


@pytest.mark.parametrize("file", ["config.ini", "provisioning"])
def test_a_file_of_the_team_decides_where_the_list_of_providers_is_ambiguous(
    tmp_path: Path, patched: Path, file: str
) -> None:
    """config.ini is the helper's; the other is oFono's own, in 1.x (plugins/file-provision.c)."""
    with Bed(tmp_path) as bed:
        Stick().plug(bed)
        write(bed, "/run/providers.xml", AMBIGUOUS)
        assert bed.run("mount", "--bind", "/run/providers.xml", PROVIDERS)["status"] == 0
        if file == "config.ini":
            write(bed, "/etc/huawei-modem/config.ini", CONFIG)
        else:
            text = "[operator:001,01]\ninternet.AccessPointName=internet\n"
            write(bed, "/var/lib/ofono/provisioning", text)
        bed.start_ofono(patched)
        bed.start_connman(MAIN_CONF.read_text())
        said = hand_over(bed)
        assert "uplicate" in bed.log("ofonod"), "oFono found both and chose none"
        assert online(bed)["interface"] == NETWORK
        assert ("access point: internet" in said) == (file == "config.ini")
