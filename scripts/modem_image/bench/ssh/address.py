# SPDX-License-Identifier: MIT
"""ssh://USER@ADDRESS:PORT, the command of OpenSSH's client for it, and what its errors mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from modem_image.errors import InputError

SCHEME = "ssh://"
# A host never begins with a hyphen, which ssh would take for an option.
_ADDRESS = re.compile(
    r"ssh://(?:(?P<user>[A-Za-z_][\w.-]*)@)?"
    r"(?:\[(?P<v6>[0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|(?P<host>[A-Za-z0-9_][\w.-]*))"
    r"(?::(?P<port>\d{1,5}))?/?",
    re.ASCII,
)
_OPTION = re.compile(r"[A-Za-z]+=.+")
_LAST_PORT = 65535
# Half-open connections end after 15 s; a person who types a password cannot be asked for one here.
_OPTIONS = (
    "BatchMode=yes",
    "ConnectTimeout=10",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=3",
    "ControlPath=none",
    "EscapeChar=none",
)
_ACCEPT = (
    "do: log in once by hand and compare the key: {login}\n"
    "    a board that was flashed anew has a new one: ssh-keygen -R {known}\n"
    "    for a board whose key changes with each flash, on a network of your own: "
    "--ssh-option StrictHostKeyChecking=no --ssh-option UserKnownHostsFile=/dev/null"
)
_MEANINGS: tuple[tuple[str, str, str], ...] = (
    (r"IDENTIFICATION HAS CHANGED", "its host key is another than the one that is known for it", _ACCEPT),
    (r"Host key verification failed", "its host key is not known on this machine", _ACCEPT),
    (
        r"Permission denied|Too many authentication failures",
        "it takes no key of this machine",
        "do: ssh-copy-id {user}, or --ssh-option IdentityFile=FILE; an image of this layer has the keys of "
        "HUAWEI_MODEM_AUTHORIZED_KEYS",
    ),
    (
        r"Connection refused",
        "nothing listens at that port",
        "do: look whether the board has booted and its image has an SSH server; a port is given as "
        "{user}:PORT",
    ),
    (
        r"Could not resolve hostname|Name or service not known",
        "the name is not known",
        "do: give its address, or NAME.local where the board runs mDNS",
    ),
    (
        r"timed out|No route to host|Network is unreachable|Host is down",
        "it does not answer",
        "do: look at its power, its cable and its address",
    ),
    (
        r"Bad configuration option|unsupported|no argument after keyword",
        "ssh does not take an option",
        "do: correct --ssh-option (man ssh_config)",
    ),
    (
        r"No such identity|Load key|UNPROTECTED PRIVATE KEY",
        "the key cannot be used",
        "do: correct --ssh-option IdentityFile=FILE, and the file's mode",
    ),
)


@dataclass(frozen=True)
class Address:
    """Where a board's SSH server is. Without user or port, those of ~/.ssh/config hold."""

    host: str
    user: str | None = None
    port: int | None = None

    @property
    def login(self) -> str:
        """USER@HOST, as ssh and people write it."""
        return f"{self.user}@{self.host}" if self.user else self.host

    @property
    def slug(self) -> str:
        """The host as a part of a file's name."""
        return re.sub(r"[^A-Za-z0-9]+", "-", self.host).strip("-")


def parse(text: str, options: Sequence[str] = ()) -> Address:
    """Raises InputError for what is not an address, and for an option that is not NAME=VALUE."""
    found = _ADDRESS.fullmatch(text)
    port = int(found["port"]) if found and found["port"] else None
    if not found or (port is not None and not 0 < port <= _LAST_PORT):
        raise InputError(
            f"--board {text}: is not an address of a board\n  do: ssh://root@192.168.1.20 or "
            "ssh://root@board.local:2222 or ssh://root@[fe80::1%eth0]"
        )
    for option in options:
        if not _OPTION.fullmatch(option):
            raise InputError(f"--ssh-option {option}: it looks like NAME=VALUE (man ssh_config)")
    return Address(found["v6"] or found["host"], found["user"], port)


def command(address: Address, options: Sequence[str] = (), program: str = "ssh") -> list[str]:
    """The command whose standard streams are a shell on the board. The caller's options come first: ssh takes
    the first value of each."""
    return [
        program,
        "-T",
        *(word for option in (*options, *_OPTIONS) for word in ("-o", option)),
        *(("-p", str(address.port)) if address.port else ()),
        *(("-l", address.user) if address.user else ()),
        "--",
        address.host,
        "exec sh",
    ]


def explain(address: Address, said: str) -> str:
    """What the end of ssh means for a person, of what it said on standard error."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    known = f"'[{address.host}]:{address.port}'" if address.port else address.host
    login = f"ssh -p {address.port} {address.login}" if address.port else f"ssh {address.login}"
    for pattern, meaning, remedy in _MEANINGS:
        if quoted := next((line for line in lines if re.search(pattern, line)), None):
            words = remedy.format(login=login, known=known, user=address.login)
            return f"the board at {address.login}: {meaning}\n  ssh: {quoted}\n  {words}"
    last = lines[-1] if lines else "it ended without a word"
    return f"the board at {address.login}: the connection ended\n  ssh: {last}"
