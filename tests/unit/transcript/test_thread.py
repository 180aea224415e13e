# SPDX-License-Identifier: MIT
"""The public support thread that began this project, retold in corpus/thread.txt.

Source: community.toradex.com/t/huawei-usb-modem-and-connman/8178. The words are ours.
"""

from __future__ import annotations

import pytest

from huawei_modem.report import to_text
from unit.transcript.test_corpus import CORPUS, diagnosed, told

POSTS = (CORPUS / "thread.txt").read_text(encoding="utf-8").split("=== post")
FIRST = {"error ofono-ports-unlabelled"}
NO_PORTS = {
    "error serial-driver-missing",
    "error ppp-peer-terminated",
    "warning ppp-filter-missing",
    "warning insufficient-data",
}
# PPP was tried with the kernel before this one.
CURED = {"info serial-driver-missing", "info ppp-filter-missing", "info ppp-peer-terminated"}
SWITCHED = {"error modeswitch-config-wrong", "warning modeswitch-already-switched"}

EXPECTED = {
    1: FIRST | NO_PORTS,
    2: FIRST | NO_PORTS,
    3: FIRST | CURED,
    4: FIRST | CURED,
    5: FIRST | CURED,
    6: FIRST | CURED | {"info stick-in-hilink-mode"},
    7: FIRST | CURED | SWITCHED | {"info stick-in-hilink-mode"},
    8: FIRST | CURED | SWITCHED | {"info stick-in-hilink-mode", "warning net-driver-id-gap"},
    9: FIRST
    | CURED
    | SWITCHED
    | {"info stick-in-hilink-mode", "warning net-driver-id-gap", "info gadget-symbol-confused"},
}


@pytest.mark.parametrize(("post", "expected"), EXPECTED.items())
def test_up_to_each_post(post: int, expected: set[str]) -> None:
    assert set(told(diagnosed("".join(POSTS[:post])))) == expected


def test_the_first_post_is_told_what_to_do_next() -> None:
    findings = {item.code: item for item in diagnosed(POSTS[0]).findings}
    assert "uname -r; ls /lib/modules; lsmod" in findings["insufficient-data"].remedy
    assert any("modprobe option" in step for step in findings["serial-driver-missing"].remedy)
    assert "uname -r; ls /lib/modules; lsmod" in diagnosed(POSTS[0]).facts["next"]
    assert any('OFONO_LABEL}="pcui"' in step for step in findings["ofono-ports-unlabelled"].remedy)
    assert any("APN" in step for step in findings["ppp-peer-terminated"].remedy)


def test_a_colleagues_board_is_not_the_askers() -> None:
    for finding in diagnosed("".join(POSTS)).findings:
        if finding.code == "stick-in-hilink-mode":
            assert finding.title.endswith("(on colibri-imx6)")
        assert finding.code != "stick-in-storage-mode"


def test_the_port_that_was_lost_is_named() -> None:
    (finding,) = [
        item for item in diagnosed("".join(POSTS)).findings if item.code == "modeswitch-already-switched"
    ]
    assert "took ttyUSB0 away" in finding.title


def test_the_advice_of_post_four_is_told_its_faults() -> None:
    (title,) = [
        item.title for item in diagnosed("".join(POSTS[:4])).findings if "rule in the text" in item.title
    ]
    for fault in ("curly quotes", "no label pcui", "interface 01 of 12d1:1596 is the diag port"):
        assert fault in title


def test_every_cut_of_the_thread_is_read() -> None:
    lines = "".join(POSTS).splitlines()
    for end in range(0, len(lines), 3):
        diagnosed("\n".join(lines[:end]))


def test_the_same_steps_are_told_once() -> None:
    """Two findings of one code ask for the same five steps."""
    report = diagnosed("".join(POSTS))
    same = [item for item in report.findings if item.code == "ofono-ports-unlabelled"]
    assert len(same) == 2 and same[0].remedy == same[1].remedy
    text = to_text(report)
    assert text.count("udevadm control --reload") == 1
    assert text.count("do:   as said above") == 1
