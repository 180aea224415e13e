# SPDX-License-Identifier: MIT
"""This machine: the Debian packages it needs, and programs run on it."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from modem_image.console import say, step
from modem_image.errors import MissingError, UserError

# The program that shows a package is there, and the package that brings it (Debian 12).
TOOLS: Mapping[str, str] = {
    "arm-linux-gnueabihf-gcc": "gcc-arm-linux-gnueabihf",
    "bison": "bison",
    "busybox": "busybox",
    "cpio": "cpio",
    "depmod": "kmod",
    "dpkg-deb": "dpkg",
    "fakeroot": "fakeroot",
    "fdtput": "device-tree-compiler",
    "flex": "flex",
    "gcc": "gcc",
    "make": "make",
    "mcopy": "mtools",
    "mke2fs": "e2fsprogs",
    "mkfs.vfat": "dosfstools",
    "mmdebstrap": "mmdebstrap",
    "newuidmap": "uidmap",
    "npm": "npm",
    "patch": "patch",
    "qemu-system-arm": "qemu-system-arm",
    "systemctl": "systemd",
    "systemd-sysusers": "systemd",
    "tar": "tar",
    "xz": "xz-utils",
    "zstd": "zstd",
}
ADMIN_PATH = "/usr/local/sbin:/usr/sbin:/sbin"


class CommandError(UserError):
    """A program ended badly; the message holds the end of what it printed."""


def which(tool: str) -> str | None:
    """Like shutil.which, and also where Debian keeps tools that users lack on their PATH."""
    return shutil.which(tool, path=f"{os.environ.get('PATH', os.defpath)}:{ADMIN_PATH}")


def ensure_tools(tools: Iterable[str]) -> None:
    """Install the Debian packages that bring `tools` when root.

    Raises MissingError with the one command to run when not root, or when apt fails.
    """
    missing = [tool for tool in tools if which(tool) is None]
    if foreign := sorted({tool for tool in missing if tool not in TOOLS}):
        raise MissingError(
            f"{', '.join(foreign)} is missing, which no Debian lacks\n"
            "  do: use Debian 12 or newer, or a container of it, with its usual PATH"
        )
    packages = sorted({TOOLS[tool] for tool in missing})
    if packages:
        install(packages)
    absent = [tool for tool in tools if which(tool) is None]
    if absent:
        raise MissingError(
            f"{', '.join(absent)} still missing after the installation of {', '.join(packages)}"
        )


def ensure_packages(packages: Sequence[str]) -> None:
    """Install those of the Debian packages that are missing; raises MissingError as ensure_tools does."""
    listing = run(["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n"]).decode()
    there = {line.split()[0] for line in listing.splitlines() if line.endswith(" installed")}
    if missing := [package for package in packages if package not in there]:
        install(missing)


def install(packages: Sequence[str]) -> None:
    """Install Debian packages by name; raises MissingError as ensure_tools does."""
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    remedy = f"do: sudo apt-get update && sudo {shlex.join(command)}"
    if os.geteuid() != 0 or which("apt-get") is None:
        raise MissingError(f"needed on this machine and missing: {', '.join(packages)}\n  {remedy}")
    say(f"installing Debian packages: {' '.join(packages)}")
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    with step("apt-get"):
        try:
            run(["apt-get", "--quiet", "update"], environment=environment)
            run(command, environment=environment)
        except CommandError as error:
            raise MissingError(
                f"apt-get could not install {', '.join(packages)}\n{error}\n  {remedy}"
            ) from error


def run(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
    standard_input: bytes | None = None,
) -> bytes:
    """Run a program to its end and return its standard output.

    The program gets a process group of its own, which an interruption ends as a whole: mmdebstrap
    and make leave nothing behind; where this process is killed, the kernel ends the program. Raises
    MissingError when the program is not there, CommandError (with its last lines) when it fails.
    """
    process = _start(command, environment, directory, standard_input is not None)
    return _finish(process, command, standard_input)


@contextmanager
def running(command: Sequence[str | Path], *, environment: Mapping[str, str] | None = None) -> Iterator[None]:
    """Run a program beside the block; at the block's end it has ended well. Raises what `run` raises."""
    process = _start(command, environment, None, False)
    try:
        yield
    except BaseException:
        end_group(process)
        raise
    _finish(process, command, None)


def _start(
    command: Sequence[str | Path],
    environment: Mapping[str, str] | None,
    directory: Path | None,
    with_input: bool,
) -> subprocess.Popen[bytes]:
    program = which(str(command[0]))
    if program is None:
        package = TOOLS.get(str(command[0]), str(command[0]))
        raise MissingError(f"{command[0]} is missing\n  do: sudo apt-get install {package}")
    return subprocess.Popen(
        mortal([program, *map(str, command[1:])]),
        cwd=directory,
        env={
            **os.environ,
            "PATH": f"{os.environ.get('PATH', os.defpath)}:{ADMIN_PATH}",
            "LC_ALL": "C.UTF-8",
            **(environment or {}),
        },
        stdin=subprocess.PIPE if with_input else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def mortal(command: Sequence[str | Path]) -> list[str | Path]:
    """The command as one that the kernel ends with the thread that has started it, be that killed.

    What it would go on to write into a working folder could not be known from a person's own (made.py).
    """
    return [which("setpriv") or "setpriv", "--pdeathsig", "KILL", *command]


def _finish(
    process: subprocess.Popen[bytes], command: Sequence[str | Path], standard_input: bytes | None
) -> bytes:
    try:
        output, errors = process.communicate(standard_input)
    except BaseException:
        end_group(process)
        raise
    if process.returncode:
        program = Path(command[0]).name
        tail = (errors or output).decode(errors="replace").strip().splitlines()[-12:]
        lines = "\n".join(f"    {line}" for line in tail)
        raise CommandError(f"{program} failed with exit status {process.returncode}\n{lines}")
    return output


def end_group(process: subprocess.Popen[bytes], patience: float = 10.0) -> None:
    """End a program and all that it started: politely first, so that it removes its own mounts."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(patience)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream:
            stream.close()
