# SPDX-License-Identifier: MIT
"""Whether a root file system has what the kernel starts first; one that was copied in part has not.

kernel_init() in init/main.c: /sbin/init, /etc/init and /bin/init; /init is that of an initramfs, and
/bin/sh, which comes last, starts no service. What can be started: search_binary_handler() in fs/exec.c, with
binfmt_elf.c and binfmt_script.c. Layout of an ELF file: elf(5).
"""

from __future__ import annotations

import posixpath
import re
import struct
from collections.abc import Collection
from typing import NamedTuple

from huawei_modem_check.streams import LinkTo, Readable

_FIRST = ("sbin/init", "etc/init", "bin/init")
# By folder, /usr aside, the names that matter there.
_PROGRAM = re.compile(r"init(?:\.(?:sysvinit|systemd))?|busybox(?:\.(?:nosuid|suid|static))?|systemd")
_LOADER = re.compile(r"ld[-.].*")
_WATCHED = {
    **dict.fromkeys(("sbin", "bin", "etc", "lib/systemd"), _PROGRAM),
    **dict.fromkeys(("lib", "lib32", "lib64"), _LOADER),
}
_LINKS = 8
_HEAD = 4096  # bytes: a linker puts the loader's name right behind the headers
_INTERPRETER = 3  # PT_INTERP
_ALSO = {183: (40,), 62: (3,)}  # kernels of these machines start programs of those too


class _Program(NamedTuple):
    """`problem` is why the kernel does not start it; `loader` the path of what it starts in its place."""

    problem: str | None = None
    machine: int | None = None
    loader: str | None = None


class InitSeen:
    """Takes the members of one root file system in turn."""

    def __init__(self) -> None:
        self._files: dict[str, _Program] = {}
        self._links: dict[str, str] = {}

    def take(self, path: str, is_file: bool, content: Readable) -> None:
        """Note the member at `path`; the last one of a path counts."""
        path = _plain(path)
        if not _is_watched(path):
            return
        self._files.pop(path, None)
        self._links.pop(path, None)
        if isinstance(content, LinkTo):
            self._links[path] = _plain(content.seen_from(path))
        elif is_file:
            self._files[path] = _program(content.read(_HEAD))

    def missing(self, machines: Collection[int]) -> str | None:
        """Why no init is there that starts where the modules are for `machines`, or None."""
        reason = f"no {', '.join(f'/{path}' for path in _FIRST)}"
        for start in _FIRST:
            path = self._led(start)
            if path not in self._files:
                if path != start and not _is_watched(path):
                    return None  # what is not watched is taken to be there
                reason = reason if path == start else f"/{start} leads to /{path}, which is not there"
                continue
            why = self._stops(self._files[path], machines)
            if why is None:
                return None
            reason = f"/{path} {why}"
        return reason

    def _led(self, path: str) -> str:
        """Where links lead from `path`."""
        for _ in range(_LINKS):
            path = self._links.get(path, path)
        return path

    def _stops(self, program: _Program, machines: Collection[int]) -> str | None:
        if program.problem or program.machine is None:
            return program.problem
        fitting = {each for machine in machines for each in (machine, *_ALSO.get(machine, ()))}
        if fitting and program.machine not in fitting:
            return f"is for the machine {program.machine}, and the modules are for {min(machines)}"
        if program.loader and _is_watched(_plain(program.loader)):
            there = self._led(_plain(program.loader))
            if there not in self._files and _is_watched(there):
                return f"needs /{program.loader}, which is not there"
        return None


def _program(head: bytes) -> _Program:
    if head.startswith(b"#!"):
        return _Program()
    if not head.startswith(b"\x7fELF") or len(head) < 52 or head[4] not in (1, 2) or head[5] not in (1, 2):
        return _Program("is neither a program nor a script")
    order, word = "<>"[head[5] - 1], "IQ"[head[4] - 1]
    (machine,) = struct.unpack_from(f"{order}H", head, 18)
    (table,) = struct.unpack_from(order + word, head, 28 if word == "I" else 32)
    size, count = struct.unpack_from(f"{order}HH", head, 42 if word == "I" else 54)
    for start in range(table, table + size * count, size or 1):
        if start + 40 > len(head) or struct.unpack_from(f"{order}I", head, start)[0] != _INTERPRETER:
            continue
        (place,) = struct.unpack_from(order + word, head, start + (4 if word == "I" else 8))
        name = head[place:].split(b"\0", 1)[0].decode("utf-8", "replace")
        return _Program(None, machine, posixpath.normpath(name).lstrip("/"))
    return _Program(None, machine)


def _is_watched(path: str) -> bool:
    folder, _slash, name = path.rpartition("/")
    return folder in _WATCHED and bool(_WATCHED[folder].fullmatch(name))


def _plain(path: str) -> str:
    """`path` as it is where /usr is merged."""
    return path[4:] if path.startswith("usr/") else path
