# SPDX-License-Identifier: MIT
"""What a team or a person has settled: access points, the SIM's PIN, roaming. From config.ini and from files.

Secrets come from files alone, never from a command line, which other users see (proc(5), cmdline).
"""

from __future__ import annotations

import configparser
import os
import stat
from pathlib import Path
from typing import NamedTuple

from huawei_modem import regular

CONFIG = Path("etc/huawei-modem/config.ini")
AUTHENTICATION = ("chap", "pap", "none")
"""oFono's doc/connman-api.txt, AuthenticationMethod; `none` is newer than oFono 1.24."""
_LONGEST_SECRET = 1024


class ConnectError(Exception):
    """A step was not reached; the text says which one and what to do."""


class AccessPoint(NamedTuple):
    """How to reach the operator's packet network. The password is for oFono alone: never print it."""

    apn: str
    username: str = ""
    password: str = ""
    auth: str = ""
    """One of AUTHENTICATION; empty leaves it to oFono."""

    def __repr__(self) -> str:
        return f"AccessPoint({self.apn!r})"


class Wishes(NamedTuple):
    """What a person asked for on the command line; None where they did not."""

    access_point: AccessPoint | None = None
    pin_file: Path | None = None
    roaming: bool | None = None


class Config:
    """The text of config.ini, read. Raises ConnectError when it is no such file."""

    def __init__(self, text: str) -> None:
        self._parser = configparser.ConfigParser(interpolation=None)
        try:
            self._parser.read_string(text)
        except configparser.Error as err:
            # The error's own text quotes the line, which may hold the password.
            raise ConnectError(
                f"/{CONFIG}: not a file of sections and keys ({type(err).__name__}); "
                "compare config.ini.example"
            ) from None

    def access_point(self, *networks: str) -> AccessPoint | None:
        """For a SIM of one of `networks` (MCC and MNC, five or six digits). Raises ConnectError."""
        for section in (*(f"apn {network}" for network in networks), "apn default"):
            if self._parser.has_section(section):
                keys = self._parser[section]
                if not keys.get("apn"):
                    raise ConnectError(f"/{CONFIG}: section [{section}] has no apn")
                auth = keys.get("auth", "")
                if auth and auth not in AUTHENTICATION:
                    raise ConnectError(
                        f"/{CONFIG}: section [{section}]: auth is one of {', '.join(AUTHENTICATION)}"
                    )
                return AccessPoint(keys["apn"], keys.get("username", ""), keys.get("password", ""), auth)
        return None

    @property
    def pin_file(self) -> Path | None:
        """Where the SIM's PIN lies, an absolute path."""
        value = self._parser.get("sim", "pin-file", fallback="")
        return Path(value) if value else None

    @property
    def roaming(self) -> bool | None:
        """Whether a foreign network may be used; None leaves it as oFono has it."""
        try:
            return self._parser.getboolean("sim", "roaming", fallback=None)
        except ValueError:
            raise ConnectError(f"/{CONFIG}: section [sim]: roaming is yes or no") from None


def read_config(root: Path) -> Config:
    """config.ini below `root`, empty without one. Raises ConnectError, also for one that others can read."""
    try:
        with regular.opened(root / CONFIG) as file:
            _check_mode(file.fileno(), Path("/") / CONFIG, "access points")
            return Config(regular.settings(file))
    except FileNotFoundError:
        return Config("")
    except OSError as err:
        raise ConnectError(f"/{CONFIG}: cannot be read: {err.strerror}") from err
    except UnicodeDecodeError as err:
        raise ConnectError(f"/{CONFIG}: cannot be read: {type(err).__name__}") from err


def _check_mode(descriptor: int, path: Path, what: str) -> int:
    """The file's change time in nanoseconds. Raises ConnectError when anybody but its owner can read it."""
    state = os.fstat(descriptor)
    if state.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConnectError(f"{path}: others can read the {what}; do: chmod 600 {path}")
    return state.st_mtime_ns


def read_secret(path: Path, what: str) -> tuple[str, int]:
    """The first line of a file that nobody but its owner can read, and the file's change time in nanoseconds.

    Raises ConnectError, whose text never holds what is in the file.
    """
    try:
        with regular.opened(path) as file:
            changed = _check_mode(file.fileno(), path, what)
            data = file.read(_LONGEST_SECRET)
    except (OSError, ValueError) as err:  # a name with an octet 0 is a ValueError
        reason = err.strerror if isinstance(err, OSError) else err
        raise ConnectError(f"{path}: the {what} cannot be read: {reason}") from err
    try:
        line = data.decode("utf-8").split("\n", 1)[0].rstrip("\r")
    except UnicodeDecodeError:
        line = ""
    if not line:
        raise ConnectError(f"{path}: no {what} in its first line")
    return line, changed
