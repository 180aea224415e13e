# SPDX-License-Identifier: MIT
"""Who runs kas: bitbake refuses root, so root hands over to an unprivileged user."""

from __future__ import annotations

import os
import pwd
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from modem_image.errors import InputError, MissingError, UserError
from modem_image.system import CommandError, run

# What useradd of Debian takes without --badname.
_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
# bitbake's sanity check asks for it; and who asked for the build can read it.
_UMASK = 0o022


@dataclass(frozen=True)
class Account:
    """An unprivileged user of this machine."""

    name: str
    user: int
    group: int
    groups: tuple[int, ...]
    home: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables that say who one is."""
        return {"HOME": self.home, "USER": self.name, "LOGNAME": self.name}


def check_user(name: str | None, caller: int) -> None:
    """Whether user id `caller` may run kas as the user `name` (None: as itself); changes nothing.

    Raises MissingError when root gave no name, InputError when the name cannot be used.
    """
    if name is None:
        if caller == 0:
            raise MissingError(
                "bitbake refuses to run as root\n  do: add --user NAME, and kas runs as that user, "
                "who is made when there is none; or run this command as yourself"
            )
        return
    if not _NAME.fullmatch(name):
        raise InputError(f"--user {name!r}: no name for a user; small letters, digits, _ and - make one")
    known = _find(name)
    if known is not None and known.user == 0:
        raise InputError(f"--user {name}: has all rights of root, and bitbake refuses root")
    if caller not in (0, known.user if known else None):
        raise InputError(f"--user {name}: only root can run kas as another user; leave --user out")


def account_for(name: str | None, caller: int) -> Account | None:
    """The user to run kas as, made when missing; None when that is the caller.

    Raises as `check_user` does, and UserError when the user cannot be made.
    """
    check_user(name, caller)
    if name is None or caller != 0:
        return None
    if _find(name) is None:
        try:
            run(["useradd", "--create-home", "--shell", "/bin/bash", name])
        except CommandError as error:
            raise UserError(f"the user {name} could not be made\n{error}") from error
    account = _find(name)
    if account is None:
        raise UserError(f"useradd made the user {name}, and this machine does not know it")
    return account


def _find(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    groups = tuple(os.getgrouplist(name, entry.pw_gid))
    return Account(name, entry.pw_uid, entry.pw_gid, groups, entry.pw_dir)


@dataclass(frozen=True)
class Runner:
    """Runs programs as one user with one environment."""

    account: Account | None
    environment: Mapping[str, str]

    def start(self, command: Sequence[str], directory: Path) -> subprocess.Popen[bytes]:
        """Start a program on our terminal and in our process group, so that Ctrl-C reaches it too."""
        return subprocess.Popen(
            command,
            cwd=directory,
            env=self.environment,
            user=self._user,
            group=self._group,
            extra_groups=self._groups,
            umask=_UMASK,
        )

    def run(
        self, command: Sequence[str | Path], content: bytes = b"", patience: float | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a program that reads `content` to its end, its output kept.

        Raises subprocess.TimeoutExpired after `patience` seconds.
        """
        return subprocess.run(
            list(map(str, command)),
            input=content,
            capture_output=True,
            check=False,
            timeout=patience,
            cwd="/",
            env=self.environment,
            user=self._user,
            group=self._group,
            extra_groups=self._groups,
            umask=_UMASK,
        )

    def output(self, command: Sequence[str | Path], content: bytes = b"") -> str:
        """What a program printed. Raises UserError with the end of its messages when it fails."""
        done = self.run(command, content)
        if done.returncode:
            tail = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()[-6:]
            raise UserError("\n    ".join([f"{' '.join(map(str, command))} failed:", *tail]))
        return done.stdout.decode(errors="replace")

    def write(self, path: Path, text: str) -> None:
        """Write a file as this user: in the user's folders root follows no link that the user made."""
        self.output(["tee", path], text.encode())

    @property
    def _user(self) -> int | None:
        return None if self.account is None else self.account.user

    @property
    def _group(self) -> int | None:
        return None if self.account is None else self.account.group

    @property
    def _groups(self) -> list[int] | None:
        return None if self.account is None else list(self.account.groups)
