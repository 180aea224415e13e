# SPDX-License-Identifier: MIT
"""Pseudo terminals that answer as ports of real sticks do, each in its own way."""

from __future__ import annotations

import os
import pty
import select
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from patience import PATIENCE

ATI = (
    "Manufacturer: huawei\r\nModel: MS2372h-153\r\nRevision: 21.210.07.00.00\r\nIMEI: 490154203237518\r\n"
    "+GCAP: +CGSM,+DS,+ES"
)
MODES = "^GETPORTMODE:TYPE:WCDMA:HUAWEI,MDM:0,DIAG:1,PCUI:2,NDIS:3"
REPLIES = {"AT": "", "ATI": ATI, "AT^GETPORTMODE": MODES}

Speaker = Callable[[str], bytes]
"""Takes a command line and returns what the port says; called with an empty one when it is opened first."""


def at_port(command: str, replies: dict[str, str] = REPLIES) -> bytes:
    """An AT port without echo."""
    if not command:
        return b""
    if command not in replies:
        return b"\r\nERROR\r\n"
    text = replies[command]
    return (f"\r\n{text}\r\n" if text else "").encode() + b"\r\nOK\r\n"


def echoing(command: str) -> bytes:
    """As ports are before ATE0."""
    return command.encode() + b"\r" + at_port(command) if command else b""


def without_port_modes(command: str) -> bytes:
    """A stick that does not know ^GETPORTMODE."""
    return b"\r\n+CME ERROR: 100\r\n" if command == "AT^GETPORTMODE" else at_port(command)


def talking(command: str) -> bytes:
    """Unsolicited lines before, within and after the answer, as PCUI ports have them."""
    if not command:
        return b"\r\n^RSSI: 20\r\n"
    before, after = b'\r\n^HCSQ:"LTE",50,40,100,20\r\n', b"\r\n^DSFLOWRPT:0,0,0,0,0,0,0\r\n"
    return before + without_port_modes(command) + after


def slow(command: str) -> bytes:
    """Wakes up for some seconds at the first command, and takes its time afterwards."""
    if command:
        time.sleep(0.4)
    return without_port_modes(command)


def silent(_command: str) -> bytes:
    return b""


def echo_only(command: str) -> bytes:
    return command.encode() + b"\r" if command else b""


def garbage(command: str) -> bytes:
    """Diagnosis frames (HDLC), and octets that no text has."""
    return b"\x7e\x13\x00\xff\x8e\x7e" * 20


def endless(command: str) -> bytes:
    """More than any answer, and never an end."""
    return b"\r\n$GPGGA,000000.00,,,,,0,,,,,,,,*66\r\n" * 300


@contextmanager
def speaking(**speakers: Speaker) -> Iterator[dict[str, str]]:
    """The path of a pseudo terminal for each name, for as long as the block runs."""
    pairs = {name: pty.openpty() for name in speakers}
    done = threading.Event()
    for _master, slave in pairs.values():
        tty.setraw(slave)
    threads = [
        threading.Thread(target=_serve, args=(master, speakers[name], done), daemon=True)
        for name, (master, _slave) in pairs.items()
    ]
    for thread in threads:
        thread.start()
    try:
        yield {name: os.ttyname(slave) for name, (_master, slave) in pairs.items()}
    finally:
        done.set()
        for thread in threads:
            thread.join(PATIENCE)
        for pair in pairs.values():
            for descriptor in pair:
                os.close(descriptor)


def _serve(master: int, speaker: Speaker, done: threading.Event) -> None:
    os.write(master, speaker(""))
    line = b""
    while not done.is_set():
        if not select.select([master], [], [], 0.05)[0]:
            continue
        line += os.read(master, 256)
        while b"\r" in line:
            command, _, line = line.partition(b"\r")
            os.write(master, speaker(command.decode("latin-1")))
