# SPDX-License-Identifier: MIT
"""The real ofonod on a mocked stick: what the labels of the real udev make of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from daemons.bed.client import MARKS, RULES, Bed, activate, labels, plug_modem
from daemons.bed.describe import announced, plugged
from daemons.patched import plug_mbim_after_its_port
from modem_image.sticks.reach import mbim_of
from unit.helper.trees import mode_of

pytestmark = MARKS

ONE_LABEL = """\
SUBSYSTEM=="tty", ENV{ID_VENDOR_ID}=="12d1", ENV{ID_USB_INTERFACE_NUM}=="00", ENV{OFONO_LABEL}="modem"
"""
# The thread's mistake: the vendor is the stick's, the number the interface's, and one line wants one parent.
TWO_PARENTS = """\
SUBSYSTEM=="tty", ATTRS{idVendor}=="12d1", ATTRS{bInterfaceNumber}=="00", ENV{OFONO_LABEL}="modem"
SUBSYSTEM=="tty", ATTRS{idVendor}=="12d1", ATTRS{bInterfaceNumber}=="02", ENV{OFONO_LABEL}="pcui"
"""


VODAFONE = mode_of("12d1:1596")


def test_two_labels_give_the_modem_and_an_active_context(tmp_path: Path) -> None:
    with Bed(tmp_path) as bed:
        plug_modem(bed, VODAFONE)
        bed.start_ofono()
        (modem,) = bed.until(bed.modems, "a modem")
        context = activate(bed, modem)
        assert context["Active"] is True
        assert context["Settings"]["Address"] == "10.64.0.2"
        seen = dict(bed.seen())
        assert seen["dialled"] == {"port": "modem", "cid": 1, "apn": "internet"}
        assert "ppp-up" in seen


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("70-none.rules", ""),
        ("70-one-label.rules", ONE_LABEL),
        ("70-two-parents.rules", TWO_PARENTS),
        # Before 60-serial.rules nothing has set what the rules ask for.
        ("50-huawei-modem.rules", RULES.read_text(encoding="utf-8")),
    ],
    ids=["no-label", "one-label", "two-parents", "numbered-50"],
)
def test_without_both_labels_there_is_no_modem(tmp_path: Path, name: str, rules: str) -> None:
    file = tmp_path / name
    file.write_text(rules)
    with Bed(tmp_path, rules={name: file}) as bed:
        stick = plugged(VODAFONE)
        found = labels(bed.plug(stick), list(stick.ttys.values()))
        assert set(found.values()) == ({"modem", None} if "one-label" in name else {None})
        bed.answer_at(VODAFONE, stick)
        bed.start_ofono()
        bed.until(
            lambda: bed.log("ofonod").count("setup_huawei() /dev/ttyUSB") == 3, "oFono to see the ports"
        )
        assert bed.modems() == {}
        assert bed.status("ofonod") is None


def test_what_comes_too_late_is_listed_once_all_is_announced_again(tmp_path: Path) -> None:
    """oFono forgets a stick of which something is missing when it looks; what `connect` does then."""
    mode = mbim_of(mode_of("12d1:157d"))
    assert mode is not None
    stick = plugged(mode, bound=lambda _interface: True)
    network, control = (stick.path_of(name) for name in ("wwan0", "cdc-wdm0"))
    first, second = announced(stick.text, "cdc_mbim").split(f"P: {control}\n")
    with Bed(tmp_path) as bed:
        bed.plug(replace(stick, text=first), only=[stick.device, network])
        bed.start_ofono()
        bed.until(lambda: "setup_mbim()" in bed.log("ofonod"), "oFono to look at the stick")
        bed.plug(replace(stick, text=f"P: {control}\n{second}"), only=[control])
        bed.until(lambda: bed.log("ofonod").count("setup_mbim()") > 2, "oFono to look again")
        assert bed.modems() == {}
        for path in (network, control):
            bed.ask("uevent", path=path, action="add")
        assert bed.until(bed.modems, "a modem")


def test_mbim_beside_a_port_is_listed_once_it_is_announced_without_the_port(tmp_path: Path) -> None:
    """oFono takes a stick for what the first of its devices is: here for one with AT ports."""
    with Bed(tmp_path) as bed:
        devices = plug_mbim_after_its_port(bed)
        assert bed.modems() == {}
        for path in devices:
            bed.ask("uevent", path=path, action="add")
        assert bed.until(bed.modems, "a modem")
