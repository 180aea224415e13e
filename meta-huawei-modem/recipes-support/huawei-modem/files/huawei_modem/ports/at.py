# SPDX-License-Identifier: MIT
"""Asks a port of a stick something in AT commands, and leaves the port as it was.

Only what reads is asked, nothing that sets: not even ATE0, so an echo is told by being one. What comes back
may be anything: the echo, unsolicited lines before, within and after the answer, another protocol, nothing.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import select
import struct
import termios
import time
from collections.abc import Callable
from typing import NamedTuple

_LONGEST = 4096
"""Octets of an answer; what says more is no AT port, or one that talks by itself without end."""
_DROPPED = 0.3
"""Seconds without DTR."""
_FINAL = re.compile(
    r"OK|ERROR|\+CM[ES] ERROR: ?.*|NO CARRIER|COMMAND NOT SUPPORT|TOO MANY PARAMETERS", re.IGNORECASE
)
_UNSOLICITED = re.compile(
    r"\^(RSSI(LVL)?|HCSQ|BOOT|MODE|DSFLOWRPT|SIMST|SRVST|STIN|CSNR|LTERSRP|ANLEVEL|NDISSTAT|CERSSI|EONS|HWNAT|"
    r"THERM|XLEMA)\b.*|\+(CREG|CGREG|CEREG|CMTI|CRING|CUSD): ?.*|RING",
    re.IGNORECASE,
)


class PortError(Exception):
    """The port cannot be asked; the text says why."""


class Answer(NamedTuple):
    """What came back for one command. `text` are its lines, without echo and unsolicited ones."""

    final: str
    """The final result code, empty where none came."""
    text: tuple[str, ...] = ()
    unsolicited: tuple[str, ...] = ()
    echo: bool = False
    other: bool = False
    """Whether there were octets that no AT port sends."""

    @property
    def succeeded(self) -> bool:
        return self.final.upper() == "OK"


SILENCE = Answer("")


def parse(data: bytes, command: str) -> Answer:
    """Takes apart what a port said after `command`."""
    lines = [line.strip() for line in data.decode("latin-1").replace("\n", "\r").split("\r")]
    final, text, unsolicited, echo, other = "", [], [], False, False
    for line in filter(None, lines):
        if line.upper() == command.upper():
            echo = True
        elif not line.isascii() or not line.isprintable():
            other = True
        elif _UNSOLICITED.fullmatch(line):
            unsolicited.append(line)
        elif not final and _FINAL.fullmatch(line):
            final = line
        elif not final:
            text.append(line)
    return Answer(final, tuple(text), tuple(unsolicited), echo, other)


class Port:
    """An open port. Use as a context manager: its settings are put back at the end."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._saved: list[object] | None = None
        try:
            # Non-blocking also to open: a port without carrier would keep us waiting (termios(3), CLOCAL).
            self._fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as err:
            raise PortError(_reason(err)) from err

    def __enter__(self) -> Port:
        try:
            if os.isatty(self._fd):
                self._saved = termios.tcgetattr(self._fd)
                raw = termios.tcgetattr(self._fd)
                raw[0] = raw[1] = raw[3] = 0
                raw[2] |= termios.CREAD | termios.CLOCAL
                termios.tcsetattr(self._fd, termios.TCSANOW, raw)
        except (OSError, termios.error) as err:
            self.close()
            raise PortError(_reason(err)) from err
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Puts the settings back. The stick may have gone meanwhile, and its port with it."""
        try:
            if self._saved is not None:
                termios.tcsetattr(self._fd, termios.TCSANOW, self._saved)  # type: ignore[arg-type]
        except (OSError, termios.error):
            pass
        os.close(self._fd)

    def ask(self, command: str, seconds: float) -> Answer:
        """The answer to `command`, as far as it came within `seconds`. Raises PortError."""
        try:
            before = self._read(0.0, lambda _data: False)
            os.write(self._fd, f"{command}\r".encode("ascii"))
            data = self._read(seconds, lambda data: bool(parse(data, command).final))
        except BlockingIOError:
            # Nobody takes what is written: such a port answers nothing either.
            return SILENCE
        except OSError as err:
            raise PortError(_reason(err)) from err
        earlier, answer = parse(before, command), parse(data, command)
        return answer._replace(
            unsolicited=earlier.unsolicited + answer.unsolicited, other=earlier.other or answer.other
        )

    def hang_up(self) -> None:
        """Drops DTR for a moment, which ends a call. Nobody has the port open: a call that nobody holds
        any more, such as that of a PPP which was not ended, leaves it taking commands for data."""
        line = struct.pack("I", termios.TIOCM_DTR)
        try:
            fcntl.ioctl(self._fd, termios.TIOCMBIC, line)
            time.sleep(_DROPPED)
            fcntl.ioctl(self._fd, termios.TIOCMBIS, line)
        except OSError:
            return  # no serial line: a control device, a pseudo terminal

    def settle(self, seconds: float) -> None:
        """Drops what comes until the port has been quiet for so long, four times as long at most."""
        end = time.monotonic() + 4 * seconds
        try:
            while self._read(seconds, lambda _data: True) and time.monotonic() < end:
                pass
        except OSError as err:
            raise PortError(_reason(err)) from err

    def _read(self, seconds: float, complete: Callable[[bytes], bool]) -> bytes:
        data = b""
        end = time.monotonic() + seconds
        while len(data) < _LONGEST:
            left = max(0.0, end - time.monotonic())
            if not select.select([self._fd], [], [], left)[0]:
                break
            try:
                piece = os.read(self._fd, _LONGEST)
            except BlockingIOError:
                continue
            if not piece:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            data += piece
            if complete(data):
                break
        return data


def _reason(err: OSError | termios.error) -> str:
    code = err.args[0] if err.args else None
    if code in (errno.ENODEV, errno.ENXIO, errno.EIO, errno.ENOENT):
        return "gone"
    if code in (errno.EACCES, errno.EPERM):
        return "not allowed: run as root"
    if code == errno.EBUSY:
        return "in use"
    return os.strerror(code) if isinstance(code, int) else str(err)
