# SPDX-License-Identifier: MIT
"""The root file system of the emulated board: Debian's packages, this layer's payload, one tar.

The packages come extracted and not configured (modem_image.debian.parts). What an image build does
at this point is done here with the host's tools: accounts (systemd-sysusers), units (systemctl
preset-all), module index (depmod), payload (the same `make install` that the recipe uses).
"""

from __future__ import annotations

import importlib.util
import shutil
import stat
import sys
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from modem_image import HELPER
from modem_image.board.description import Board
from modem_image.debian.parts import KernelParts
from modem_image.image.modules import install_modules
from modem_image.system import run

# CPython 3.11, the image's (PEP 552 and importlib._bootstrap_external list the numbers).
_BYTECODE_OF_IMAGE = (3495).to_bytes(2, "little") + b"\r\n"
_PRESET = "usr/lib/systemd/system-preset/10-board.preset"


@dataclass(frozen=True)
class Owner:
    """Owner and permissions of a file as its package has them."""

    uid: int
    gid: int
    mode: int


def compose(
    board: Board,
    kernel: KernelParts,
    base: Path,
    overlay: Path,
    work: Path,
    epoch: int,
    ofonod: Path | None = None,
) -> Path:
    """Write work/rootfs.tar; no file in it is newer than `epoch` (seconds since 1970).

    `base` is the tar of packages, `overlay` a folder laid over all else (the board's own settings), `ofonod`
    a daemon in the place of the package's.
    """
    root = work / "root"
    root.mkdir()
    owners = package_owners(base)
    exclude = [f"--exclude=./{pattern}" for pattern in board.root.exclude]
    run(["tar", "--extract", "--no-same-owner", "--file", base, "--directory", root, "--anchored", *exclude])
    for step in steps(board, kernel, overlay, epoch):
        step(root)
    if ofonod:
        shutil.copy(ofonod, root / "usr" / "sbin" / "ofonod")
    path = work / "rootfs.tar"
    write_tar(root, path, owners, epoch)
    shutil.rmtree(root)
    return path


def steps(board: Board, kernel: KernelParts, overlay: Path, epoch: int) -> Iterator[Callable[[Path], None]]:
    """What happens to the root folder, in order."""
    yield lambda root: create_accounts(root, epoch)
    yield link_folders
    yield lambda root: install_modules(
        kernel.root, kernel.release, [*board.kernel.board_modules, *board.kernel.modem_modules], root
    )
    yield lambda root: _copy(kernel.config, root / "boot" / kernel.config.name)
    yield install_payload
    yield lambda root: _copy_tree(overlay, root)
    yield close_settings
    yield lambda root: name_the_system(root, board.image.name)
    yield lambda root: enable_units(root, board.root.enable, board.root.mask)
    yield compile_python


def package_owners(base: Path) -> dict[str, Owner]:
    """The files of the tar `base` that are not simply root's, by their path without `./`."""
    with tarfile.open(base) as tar:
        members = [member for member in tar if member.isreg() or member.isdir()]
    return {
        member.name.removeprefix("./"): Owner(member.uid, member.gid, member.mode)
        for member in members
        if member.uid or member.gid or member.mode & (stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX)
    }


def create_accounts(root: Path, epoch: int) -> None:
    """Users and groups from the packages' sysusers.d; every password locked."""
    run(["systemd-sysusers", f"--root={root}"], environment={"SOURCE_DATE_EPOCH": str(epoch)})
    for leftover in ("passwd-", "group-", "shadow-", "gshadow-", ".pwd.lock"):
        (root / "etc" / leftover).unlink(missing_ok=True)
    for secret in ("shadow", "gshadow"):
        (root / "etc" / secret).chmod(0o600)  # made without any permission, which only root can read


def link_folders(root: Path) -> None:
    """The links that maintainer scripts make, in the place of empty folders.

    GLib's daemons look for D-Bus's socket below /var/run.
    """
    for name, target in (("usr/bin/sh", "dash"), ("var/run", "/run"), ("var/lock", "/run/lock")):
        link = root / name
        if link.is_symlink():
            continue
        if link.is_dir():
            link.rmdir()
        link.symlink_to(target)


def install_payload(root: Path) -> None:
    """The layer's payload, by the one installation path that the recipe uses too."""
    run(["make", "--quiet", "-C", HELPER, "install", "install-filter", "install-watch", f"DESTDIR={root}"])


def close_settings(root: Path) -> None:
    """What git keeps no mode of: the helper refuses a config.ini that others can read."""
    for path in (root / "etc" / "huawei-modem").glob("config.ini"):
        path.chmod(0o600)


def name_the_system(root: Path, name: str) -> None:
    """Host name, empty machine id (made at boot; not a first boot for systemd), resolver by ConnMan."""
    etc = root / "etc"
    (etc / "hostname").write_text(f"{name}\n")
    (etc / "machine-id").write_bytes(b"")
    (etc / "fstab").write_bytes(b"")
    resolver = etc / "resolv.conf"
    resolver.unlink(missing_ok=True)
    resolver.symlink_to("/run/connman/resolv.conf")


def enable_units(root: Path, enable: Sequence[str], mask: Sequence[str]) -> None:
    """Exactly these units on, those masked, as presets so that `systemctl preset-all` keeps it so."""
    lines = [*(f"enable {unit}" for unit in enable), "disable *"]
    preset = root / _PRESET
    preset.write_text("# SPDX-License-Identifier: MIT\n" + "".join(f"{line}\n" for line in lines))
    shutil.rmtree(root / "etc" / "systemd" / "system")
    (root / "etc" / "systemd" / "system").mkdir()
    run(["systemctl", f"--root={root}", "preset-all"])
    run(["systemctl", f"--root={root}", "mask", *mask])
    run(["systemctl", f"--root={root}", "set-default", "multi-user.target"])


def compile_python(root: Path) -> None:
    """Bytecode for the image's Python, where this machine's Python makes the same; else at run time.

    In a process of its own: which constants a .pyc marks as shared depends on what else its compiler
    has in memory, and the image would differ from run to run.
    """
    if importlib.util.MAGIC_NUMBER != _BYTECODE_OF_IMAGE:
        return
    folders = ("usr/lib/python3.11", "usr/lib/python3/dist-packages", "usr/lib/huawei-modem")
    options = ["-qq", "-s", str(root), "-p", "/", "--invalidation-mode", "unchecked-hash"]
    command = [sys.executable, "-m", "compileall", *options, *(str(root / folder) for folder in folders)]
    run(command, environment={"PYTHONHASHSEED": "0"})


def write_tar(root: Path, path: Path, owners: dict[str, Owner], epoch: int) -> None:
    """The folder as a tar: sorted, root's unless `owners` says otherwise, dates cut at `epoch`."""

    def settle(member: tarfile.TarInfo) -> tarfile.TarInfo:
        owner = owners.get(member.name.removeprefix("./"))
        member.uid, member.gid = (owner.uid, owner.gid) if owner else (0, 0)
        member.uname = member.gname = ""
        member.mode = owner.mode if owner else member.mode & 0o755
        member.mtime = min(int(member.mtime), epoch)
        return member

    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        tar.add(root, ".", recursive=False, filter=settle)
        for entry in sorted(root.rglob("*"), key=lambda entry: entry.relative_to(root).parts):
            tar.add(entry, f"./{entry.relative_to(root)}", recursive=False, filter=settle)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    shutil.copyfile(source, target)


def _copy_tree(source: Path, target: Path) -> None:
    shutil.copytree(source, target, dirs_exist_ok=True)
