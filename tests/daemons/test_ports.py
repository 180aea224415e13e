# SPDX-License-Identifier: MIT
"""ports beside Debian's real ofonod and connmand: refused, and borrowed."""

from __future__ import annotations

import json
from pathlib import Path

from daemons.bed.client import MARKS, Bed, labels
from daemons.bed.describe import plugged
from daemons.real import target
from daemons.test_connect import IDENTITIES
from huawei_modem.database import Interface, Mode, load
from huawei_modem.facts import stick_facts
from huawei_modem.numbering import Fact
from huawei_modem.ports import entry
from huawei_modem.ports.ask import Asked, roles
from huawei_modem.sysfs import sticks
from patience import until
from unit.helper.test_ports import unknown

pytestmark = MARKS


def test_ofono_keeps_its_ports_unless_they_are_borrowed(tmp_path: Path) -> None:
    with target(tmp_path) as system:
        assert system.run("connect", "--timeout", "40", "--apn", "internet").returncode == 0
        before = system.commands()
        refused = system.run_at_the_stick("ports")
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "oFono has /huawei_0 powered" in refused.stderr and "--borrow" in refused.stderr
        assert "AT^GETPORTMODE" not in system.commands()[len(before) :]
        assert system.facts()["connman"]["services"][0]["state"] == "ready", "the connection lives on"

        borrowed = system.run_at_the_stick("ports", "--borrow", "--json", "-")
        assert borrowed.returncode == 0, borrowed.stderr
        (stick,) = json.loads(borrowed.stdout)["sticks"]
        states = {port["role"]: [item["state"] for item in port["asked"]] for port in stick["ports"]}
        assert states == {"modem": ["at"], "diag": ["silent"], "pcui": ["at"], "ncm": []}
        assert not [word for word in IDENTITIES if word in borrowed.stdout + borrowed.stderr]

        def back() -> bool:
            modem = system.facts()["ofono"]["modems"][0]
            return bool(modem["powered"] and modem["online"])

        until(back, lambda: "the modem comes back as it was")
        again = system.run("connect", "--timeout", "40")
        assert again.returncode == 0, again.stderr


def test_the_printed_rule_labels_the_ports_in_the_real_udev(tmp_path: Path) -> None:
    unknown(tmp_path / "root", ["ff/ff/ff"] * 3)
    (device,) = sticks(tmp_path / "root")
    stick = stick_facts(tmp_path / "root", device, load())
    modes = {0: "modem", 1: "diag", 2: "pcui"}
    rule = entry.udev_rule(stick, roles(stick, {0: [Asked("ttyUSB0", "at", modes=modes)]}))
    assert rule is not None
    path = tmp_path / entry.rule_name(stick)
    path.write_text(rule)
    fact, triple = Fact(("test",), "measured"), ("ff", "ff", "ff")
    interfaces = tuple(
        Interface(number, *triple, function, "option", None, fact) for number, function in modes.items()
    )
    mode = Mode("modem", stick["usb"], interfaces, fact)
    plug = plugged(mode)
    with Bed(tmp_path, rules={path.name: path}) as bed:
        found = bed.plug(plug, only=[item for item in plug.paths if "/tty/" in item])
    assert labels(found, list(plug.ttys.values())) == {
        plug.ttys[number]: name for number, name in modes.items()
    }
    for properties in found.values():
        assert f"/dev/modem-{properties['OFONO_LABEL']}" in properties["DEVLINKS"].split()
