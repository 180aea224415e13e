# SPDX-License-Identifier: MIT
"""The real ofonod on a mocked stick: what the labels of the real udev make of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemons.bed.client import MARKS, RULES, Bed, activate, labels, plug_modem
from daemons.bed.describe import plugged
from huawei_modem.database import Mode, load

pytestmark = MARKS

ONE_LABEL = """\
SUBSYSTEM=="tty", ENV{ID_VENDOR_ID}=="12d1", ENV{ID_USB_INTERFACE_NUM}=="00", ENV{OFONO_LABEL}="modem"
"""
# The thread's mistake: the vendor is the stick's, the number the interface's, and one line wants one parent.
TWO_PARENTS = """\
SUBSYSTEM=="tty", ATTRS{idVendor}=="12d1", ATTRS{bInterfaceNumber}=="00", ENV{OFONO_LABEL}="modem"
SUBSYSTEM=="tty", ATTRS{idVendor}=="12d1", ATTRS{bInterfaceNumber}=="02", ENV{OFONO_LABEL}="pcui"
"""


def mode_of(usb: str) -> Mode:
    found = load().mode_of(usb)
    assert found is not None
    return found[1]


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
