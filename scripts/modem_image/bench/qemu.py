# SPDX-License-Identifier: MIT
"""QEMU as a board: its command line, its life, the port of the debug shell, and the ports for sticks."""

from __future__ import annotations

import re
import shlex
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from modem_image.bench.card import Card
from modem_image.board.description import QemuSettings
from modem_image.errors import FaultError, MissingError
from modem_image.made import work_folder
from modem_image.system import end_group, mortal, run, which

_CHECKS_FOR_FLOODS = (6, 3)
_TELLS_OF_BYTES = (8, 1)


class BoardDiedError(FaultError):
    """QEMU ended although nobody asked it to."""


@dataclass(frozen=True)
class Start:
    """How a board comes up. By default from power-on, and what it writes to its card is forgotten."""

    image: Path | None = None
    """A card's image to take instead of the card's own."""
    memory: Path | None = None
    """A board that has booted, as its QEMU's migration stream (snapshot.py): it goes on from there."""
    to_be_kept: bool = False
    """What the board writes stays in `image`."""
    more: tuple[str, ...] = ()
    """Further arguments of QEMU; where two contradict each other, QEMU takes the last."""


POWER_ON = Start()


class Board:
    """A running board. `shell` and `sticks`, one a USB port, are the paths of unix sockets that QEMU listens
    on; and `monitor` (QMP), unless the board came from power-on and nothing of it is kept."""

    def __init__(
        self, process: subprocess.Popen[bytes], sockets: Path, run_folder: Path, ports: int = 1
    ) -> None:
        self._process = process
        self._run_folder = run_folder
        self.shell = sockets / "shell"
        self.sticks = tuple(sockets / _socket(number) for number in range(ports))
        self.monitor = sockets / "monitor"

    @property
    def stick(self) -> Path:
        """The socket of the first port."""
        return self.sticks[0]

    def now(self) -> float:
        """Seconds on a clock that stands still while QEMU wants to run and no processor is free for it.

        A busy machine slows the board down, and is no reason to give the board up.
        """
        return time.monotonic() - _starved(self._process.pid)

    def check_alive(self, patience: float = 0.0) -> None:
        """Raises BoardDiedError with the end of the serial log if QEMU is gone, or goes in `patience` s."""
        try:
            status = self._process.wait(patience)
        except subprocess.TimeoutExpired:
            return
        log = self._run_folder / "qemu.log"
        tail = log.read_text(errors="replace").strip().splitlines()[-3:]
        serial = (self._run_folder / "serial.log").read_text(errors="replace").strip().splitlines()[-6:]
        lines = "\n".join(f"    {line}" for line in [*tail, *serial])
        raise BoardDiedError(f"QEMU ended with status {status} before the run was over\n{lines}")


def _starved(pid: int) -> float:
    """Seconds that the busiest thread of a process has waited for a processor; 0 where the kernel does not
    count them. The second number of /proc/PID/task/TID/schedstat (Linux, Documentation/scheduler)."""
    ran, waited = 0, 0
    for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError):  # the thread ended meanwhile
            ran, waited = max((ran, waited), tuple(map(int, path.read_text().split()[:2])))
    return waited / 1e9


def check_version(kernel: str) -> None:
    """Raises MissingError where this machine's QEMU cannot give a board with this Linux (6.12) its shell.

    Linux resets a UART of i.MX that receives without waking (drivers/tty/serial/imx.c, from 6.3 on), and
    QEMU's says that it wakes from 8.1 on (hw/char/imx_serial.c). Seen: 6.12 with 7.2 and with 10.0.
    """
    if tuple(map(int, kernel.split("."))) < _CHECKS_FOR_FLOODS:
        return
    said = run(["qemu-system-arm", "--version"]).decode(errors="replace")
    found = re.search(r"version (\d+)\.(\d+)", said)
    if found and (int(found[1]), int(found[2])) < _TELLS_OF_BYTES:
        raise MissingError(
            f"Linux {kernel} takes nothing that is typed at the serial port of QEMU {found[1]}.{found[2]}: "
            "8.1 or newer is needed\n  do: sudo apt-get install -t bookworm-backports qemu-system-arm"
        )


def command_line(
    settings: QemuSettings, card: Card, sockets: Path, run_folder: Path, start: Start = POWER_ON
) -> list[str]:
    """QEMU's arguments; every path is the caller's, the sockets' short enough for sun_path."""
    initramfs = ("-initrd", str(card.initramfs)) if card.initramfs else ()
    tree = ("-dtb", str(card.device_tree)) if settings.device_tree else ()
    root = (f"root={settings.root}", *(() if card.initramfs else ("ro", "rootwait")))
    forgotten = "" if start.to_be_kept else "snapshot=on,"
    image = _escaped(start.image or card.image)
    return [
        "qemu-system-arm",
        *("-M", settings.machine, "-m", settings.memory, "-smp", "1"),
        *("-kernel", str(card.kernel), *tree, *initramfs),
        *("-append", " ".join((*settings.command_line, *root))),
        *("-display", "none", "-monitor", "none", "-no-reboot", "-nic", "none"),
        *("-drive", f"{settings.drive},format=raw,{forgotten}file={image}"),
        *settings.devices,
        *_console(run_folder, start),
        *_shell(settings, sockets / "shell"),
        *(
            word
            for number in range(len(settings.usb_ports))
            for word in _stick(settings, number, sockets, run_folder)
        ),
        *(("-qmp", f"unix:{sockets / 'monitor'},server=on,wait=off") if start != POWER_ON else ()),
        *(("-incoming", f"exec:cat {shlex.quote(str(start.memory))}") if start.memory else ()),
        *start.more,
    ]


def _shell(settings: QemuSettings, socket: Path) -> tuple[str, ...]:
    """The second serial port, after the console's, or the board's device for it."""
    if not settings.shell_port:
        return ("-serial", f"unix:{socket},server=on,wait=off")
    device = ("-device", f"{settings.shell_port},chardev=shell")
    return ("-chardev", f"socket,id=shell,path={socket},server=on,wait=off", *device)


def _socket(number: int) -> str:
    """The name of the socket, of the character device and of the recording's middle, of a USB port."""
    return f"stick{number + 1}" if number else "stick"


def usb_log(number: int) -> str:
    """The name of the recording of what went over a USB port, counted from 0, in the run's folder."""
    return f"usb{number + 1}.pcap" if number else "usb.pcap"


def _stick(settings: QemuSettings, number: int, sockets: Path, run_folder: Path) -> tuple[str, ...]:
    name = _socket(number)
    place = f"bus={settings.usb_bus},port={settings.usb_ports[number]}"
    return (
        *("-chardev", f"socket,id={name},path={sockets / name},server=on,wait=off"),
        *("-device", f"usb-redir,chardev={name},{place},pcap={_escaped(run_folder / usb_log(number))}"),
    )


def _console(run_folder: Path, start: Start) -> tuple[str, ...]:
    """A board that goes on continues the log that it is given."""
    if start == POWER_ON:
        return ("-serial", f"file:{run_folder / 'serial.log'}")
    log = _escaped(run_folder / "serial.log")
    return ("-chardev", f"file,id=console,append=on,path={log}", "-serial", "chardev:console")


def _escaped(path: Path) -> str:
    """A path in a list of QEMU's options, where a comma ends one (qemu(1), -drive)."""
    return str(path).replace(",", ",,")


@contextmanager
def powered_board(
    settings: QemuSettings, card: Card, run_folder: Path, start: Start = POWER_ON
) -> Iterator[Board]:
    """Power the board; at the end of the block it is off and its sockets are gone.

    run_folder gets serial.log, usb.pcap and qemu.log. Raises MissingError without QEMU.
    """
    with (
        work_folder() as sockets,
        (run_folder / "qemu.log").open("wb") as log,
    ):
        command = command_line(settings, card, sockets, run_folder, start)
        program = which(command[0]) or command[0]
        (run_folder / "serial.log").touch()
        process = subprocess.Popen(
            mortal([program, *command[1:]]),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=sockets,
        )
        try:
            yield Board(process, sockets, run_folder, len(settings.usb_ports))
        finally:
            end_group(process)
