# SPDX-License-Identifier: MIT
"""Dialling without oFono: the shipped files in the real chat and the real pppd.

The PPP that follows needs the kernel's ppp_async, which a test machine need not have: the emulated board has
it (tests/board). Here chat dials, and pppd takes its options.
"""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from daemons.bed.client import MARKS, Bed
from daemons.bed.describe import plugged
from modem_image import HELPER
from unit.helper.trees import mode_of

pytestmark = MARKS

PEER = HELPER / "ppp" / "peers" / "huawei-modem"
CHAT = HELPER / "ppp" / "chat" / "huawei-modem"
NO_KERNEL_SUPPORT = 4
"""pppd's exit status once its options are read; a faulty option ends it before, with 2."""


def dial(bed: Bed, registered: bool = True) -> int:
    """The connect command of the peer's file, on the port that the file names."""
    mode = mode_of("12d1:1596")
    stick = plugged(mode)
    port = stick.tty_of(mode, "modem")
    path = next(path for path in stick.paths if path.endswith(f"/tty/{port}"))
    links = bed.plug(stick)[path]["DEVLINKS"]
    bed.answer_at(mode, stick, {} if registered else {"registration": "denied"})
    lines = PEER.read_text().splitlines()
    assert "/dev/modem-modem" in lines
    assert "/dev/modem-modem" in links.split()
    (connect,) = (line for line in lines if line.startswith("connect "))
    command = shlex.split(connect)[1].replace("/etc/ppp/chat/huawei-modem", str(CHAT))
    script = f"stty -F /dev/{port} raw -echo; exec {command} -s </dev/{port} >/dev/{port}"
    return int(bed.run("sh", "-c", script, preload=True)["status"])


def test_the_dialogue_ends_in_a_call_to_the_access_point(tmp_path: Path) -> None:
    with Bed(tmp_path) as bed:
        assert dial(bed) == 0
        seen = dict(bed.seen())
        assert seen["context-defined"] == {"cid": 1, "apn": "internet"}
        assert seen["dialled"] == {"port": "modem", "cid": 1, "apn": "internet"}


def test_a_stick_without_network_ends_it_at_once(tmp_path: Path) -> None:
    with Bed(tmp_path) as bed:
        # ABORT strings are numbered from 4 on; the second is NO CARRIER.
        assert dial(bed, registered=False) == 5


@pytest.mark.parametrize(("added", "status"), [("", NO_KERNEL_SUPPORT), ("no-such-option\n", 2)])
def test_pppd_takes_the_options(tmp_path: Path, added: str, status: int) -> None:
    options = tmp_path / "options"
    options.write_text(PEER.read_text().replace("/dev/modem-modem", "/dev/null") + added)
    with Bed(tmp_path) as bed:
        done = bed.run("/usr/sbin/pppd", "file", str(options), "dryrun")
    assert done["status"] == status, done
