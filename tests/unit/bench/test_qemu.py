# SPDX-License-Identifier: MIT
"""QEMU's life, with a program in its place that runs until it is ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from modem_image import HELPER, PROJECT
from modem_image.bench.card import Card
from modem_image.bench.qemu import Start, check_version, command_line
from modem_image.board.description import load_board
from modem_image.cli import main
from patience import PATIENCE, until

BENCH = """
import sys, time
from pathlib import Path
from modem_image.bench.card import Card
from modem_image.bench.qemu import powered_board
from modem_image.board.description import load_board

folder = Path(sys.argv[1])
card = Card(*[folder] * len(Card.__dataclass_fields__))
with powered_board(load_board("").qemu, card, folder) as board:
    print(board._process.pid, flush=True)
    time.sleep(60)
"""


def test_it_ends_with_a_bench_that_was_killed(tmp_path: Path) -> None:
    stand_in = tmp_path / "qemu-system-arm"
    stand_in.write_text("#!/bin/sh\nexec sleep 60\n")
    stand_in.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "PYTHONPATH": f"{PROJECT / 'scripts'}:{HELPER}",
        "TMPDIR": str(tmp_path),
    }
    command = [sys.executable, "-c", BENCH, str(tmp_path)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as bench:
        assert bench.stdout is not None
        board = Path(f"/proc/{int(bench.stdout.readline())}")
        # Until then it is still setpriv, which has not told the kernel yet.
        while (board / "comm").read_text() != "sleep\n":
            time.sleep(0.05)
        bench.send_signal(signal.SIGKILL)
        bench.wait(PATIENCE)
    until(lambda: not board.exists())


def test_a_kernel_that_this_qemu_has_no_shell_for_is_refused_at_once(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stand_in = tmp_path / "qemu-system-arm"
    stand_in.write_text("#!/bin/sh\necho QEMU emulator version 7.2.22\n")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr("modem_image.commands.build.ensure_tools", lambda _tools: None)
    # A fresh clone has no folder build/ yet.
    monkeypatch.setattr("modem_image.commands.build.PROJECT", tmp_path / "clone")
    (tmp_path / "clone").mkdir()
    assert main(["build", "bench", "--kernel", "source-6.12"]) == 3
    assert "QEMU 7.2: 8.1 or newer is needed" in capsys.readouterr().err


def test_newer_qemus_and_older_kernels_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = tmp_path / "qemu-system-arm"
    stand_in.write_text("#!/bin/sh\necho QEMU emulator version 10.0.13\n")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    check_version("6.12")
    stand_in.write_text("#!/bin/sh\necho QEMU emulator version 7.2.22\n")
    check_version("6.1")


def test_a_kernel_without_an_initramfs_mounts_the_root_itself(tmp_path: Path) -> None:
    """As Toradex's do; the bench's own image needs one for Debian's modular kernel."""
    settings = load_board(mirror="").qemu
    arguments = command_line(settings, Card(tmp_path), tmp_path, tmp_path)
    assert "-initrd" not in arguments
    assert "root=/dev/mmcblk0p2 ro rootwait" in arguments[arguments.index("-append") + 1]
    (tmp_path / "boot").mkdir()
    (tmp_path / "boot" / "initramfs.cpio.gz").touch()
    arguments = command_line(settings, Card(tmp_path), tmp_path, tmp_path)
    assert "-initrd" in arguments
    assert arguments[arguments.index("-append") + 1].endswith(" root=/dev/mmcblk0p2")


def devices(arguments: list[str]) -> list[str]:
    return [word for name, word in pairwise(arguments) if name == "-device"]


def test_yoctos_emulated_machine_has_two_ports_for_sticks(tmp_path: Path) -> None:
    """As openembedded-core's qemuarm.conf: one serial port, a disk of virtio, a USB host and a network of its
    own; and a login on the first console of virtio."""
    arguments = command_line(load_board("", "qemuarm").qemu, Card(tmp_path), tmp_path, tmp_path)
    assert "-dtb" not in arguments and arguments.count("-serial") == 1
    drive = arguments[arguments.index("-drive") + 1]
    assert drive == f"if=none,id=disk,format=raw,snapshot=on,file={tmp_path / 'card.img'}"
    assert devices(arguments)[:6] == [
        *("virtio-blk-device,drive=disk", "virtio-serial-device", "virtconsole,chardev=getty"),
        *("qemu-xhci,id=xhci", "virtio-net-device,netdev=lan", "virtconsole,chardev=shell"),
    ]
    assert devices(arguments)[6:] == [
        f"usb-redir,chardev=stick,bus=xhci.0,port=1,pcap={tmp_path}/usb.pcap",
        f"usb-redir,chardev=stick2,bus=xhci.0,port=2,pcap={tmp_path}/usb2.pcap",
    ]
    said = arguments[arguments.index("-append") + 1]
    assert "systemd.debug_shell=hvc1" in said and said.endswith("root=/dev/vda ro rootwait")


def test_the_colibri_has_one_port_for_sticks_and_its_shell_at_a_serial_port(tmp_path: Path) -> None:
    arguments = command_line(load_board("").qemu, Card(tmp_path), tmp_path, tmp_path)
    assert devices(arguments) == [f"usb-redir,chardev=stick,bus=usb-bus.1,port=1,pcap={tmp_path}/usb.pcap"]
    assert [word for name, word in pairwise(arguments) if name == "-serial"][1] == (
        f"unix:{tmp_path}/shell,server=on,wait=off"
    )


def test_a_board_that_is_kept_writes_to_its_own_card_and_one_that_goes_on_forgets(tmp_path: Path) -> None:
    settings, card = load_board(mirror="").qemu, Card(tmp_path / "a card, with a comma")
    plain = command_line(settings, card, tmp_path, tmp_path)
    assert f"if=sd,index=0,format=raw,snapshot=on,file={tmp_path}/a card,, with a comma/card.img" in plain
    assert "-incoming" not in plain
    image = tmp_path / "card.img"
    kept = command_line(settings, card, tmp_path, tmp_path, Start(image=image, to_be_kept=True))
    assert f"if=sd,index=0,format=raw,file={image}" in kept
    memory = tmp_path / "of a board; rm" / "memory"
    resumed = command_line(settings, card, tmp_path, tmp_path, Start(image=image, memory=memory))
    assert f"if=sd,index=0,format=raw,snapshot=on,file={image}" in resumed
    assert resumed[resumed.index("-incoming") + 1] == f"exec:cat '{memory}'"
    # Else the same machine, which a migration stream needs.
    assert kept == [word.replace("snapshot=on,", "") for word in resumed[:-2]]
    assert f"file:{tmp_path / 'serial.log'}" in plain and "-qmp" not in plain
    assert f"file,id=console,append=on,path={tmp_path / 'serial.log'}" in kept
