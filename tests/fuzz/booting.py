# SPDX-License-Identifier: MIT
"""Whether an image is written and starts, said by others than the check.

GNU tar unpacks the image and what its image.json names, with the tool that the file's ending asks for;
modprobe of kmod says on the root file system that comes of it which file each driver is, and where each alias
leads.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import re
import subprocess
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from huawei_modem_check.rules import required_modules
from unit.check.images import ALIASES

DRIVERS = sorted(required_modules())
_UNPACKERS = {".xz": "xz", ".gz": "gzip", ".bz2": "bzip2", ".zst": "zstd"}
INITS = ("/sbin/init", "/etc/init", "/bin/init")
_XZ = b"\xfd7zXZ\0"


class Started(NamedTuple):
    """What a module would start: the kernel's release, the tree's digest, and what modprobe finds."""

    release: str
    tree: str
    modules: tuple[tuple[str, str], ...]


def starts(folder: Path, image: bytes) -> Started | None:
    """What the image at hand starts on a Colibri iMX7D with eMMC; None where it does not come so far."""
    (outer := folder / "outer").mkdir(parents=True)
    if _run("tar", "-x", "-C", outer, data=image).returncode:
        return None
    try:
        (described,) = outer.glob("*/image.json")
        disks = json.loads(described.read_text())["blockdevs"]
        partitions = {
            number: content
            for disk in disks
            if disk["name"] in ("mmcblk0", "emmc")
            for number, content in _numbered(disk["partitions"]).items()
        }
    except (ValueError, KeyError, OSError):
        return None
    written = [_written(described.parent, each, folder / str(n)) for n, each in partitions.items()]
    boot = folder / "1"
    if not all(written) or partitions.get(1, {}).get("filesystem_type") not in ("fat", "FAT"):
        return None
    if any(path.is_symlink() or not (path.is_file() or path.is_dir()) for path in boot.rglob("*")):
        return None  # FAT holds no links and pipes: tar ends with an error
    plan = _plan(boot)
    if plan is None or partitions.get(plan.root, {}).get("filesystem_type") != "ext4":
        return None
    root = folder / str(plan.root)
    release, tree = _release(boot / plan.kernel), _tree(boot)
    if release is None or tree is None or not any(_is_there(root, path) for path in INITS):
        return None
    return Started(release, tree, modules(root, release))


class Plan(NamedTuple):
    """What U-Boot loads, and the number of the partition that becomes /."""

    kernel: str
    root: int


def _plan(boot: Path) -> Plan | None:
    """By boot.scr, which dumpimage unpacks; U-Boot's own names without one. None where it stops."""
    script = boot / "boot.scr"
    if not script.exists():
        return Plan("zImage", 2)
    unpacked = boot.parent / "boot.cmd"
    if _run("dumpimage", "-T", "script", "-p", "0", "-o", unpacked, script).returncode:
        return None
    text = unpacked.read_bytes().decode("utf-8", "replace") if unpacked.exists() else ""
    kernel = re.search(
        r"^load mmc 0:1 \$\{kernel_addr_r\} (\S+)|env set kernel_image (\S+)", text, re.MULTILINE
    )
    root = re.search(r"root=/dev/mmcblk0p(\d+)|env set root_part (\d+)", text)
    if (
        kernel is None
        or root is None
        or ("load_overlays_file" in text and not (boot / "overlays.txt").exists())
    ):
        return None
    return Plan(kernel[1] or kernel[2], int(root[1] or root[2]))


def _is_there(root: Path, path: str, links: int = 20) -> bool:
    """Whether `path` leads to a file, as a process sees it that has `root` for its /."""
    at = PurePosixPath("/")
    parts = list(PurePosixPath(path).parts[1:])
    while parts:
        part = parts.pop(0)
        at = at.parent if part == ".." else at / part
        here = root / at.relative_to("/")
        if here.is_symlink():
            links -= 1
            target = PurePosixPath(here.readlink())
            at = PurePosixPath("/") if target.is_absolute() else at.parent
            parts = [*(part for part in target.parts if part != "/"), *parts]
        if links < 0:
            return False
    return (root / at.relative_to("/")).is_file()


def _numbered(partitions: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    taken = {item["requires_partition_number"] for item in partitions if "requires_partition_number" in item}
    free = iter(number for number in range(1, 99) if number not in taken)
    return {item.get("requires_partition_number") or next(free): item["content"] for item in partitions}


def _written(source: Path, content: dict[str, Any], target: Path) -> bool:
    target.mkdir()
    for entry in content.get("filelist", []):
        name, _, rest = entry.partition(":")
        if rest == "/:true":
            if not _unpacked(source / name, target):
                return False
            continue
        if not (source / name).is_file():
            return False
        (target / name).write_bytes((source / name).read_bytes())
    return "filename" not in content or _unpacked(source / content["filename"], target)


def _unpacked(file: Path, target: Path) -> bool:
    if not file.is_file():
        return False
    data, tool = file.read_bytes(), _UNPACKERS.get(file.suffix)
    if tool:
        unpacked = _run(tool, "-dc", data=data)
        data = unpacked.stdout
        if unpacked.returncode:
            return False
    return _run("tar", "-x", "-C", target, data=data).returncode == 0


def _release(path: Path) -> str | None:
    """The release that a zImage packed with xz says, when it is whole."""
    if path.is_symlink() or not path.is_file():
        return None
    data = path.read_bytes()
    start = data.find(_XZ)
    if start < 0 or data[0x24:0x28] != b"\x18\x28\x6f\x01":
        return None
    unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ)
    try:
        kernel = unpacker.decompress(data[start:])
    except lzma.LZMAError:
        return None
    _, mark, rest = kernel.partition(b"Linux version ")
    return rest.split(b" ")[0].decode("utf-8", "replace") if mark and unpacker.eof else None


def _tree(boot: Path) -> str | None:
    trees = sorted(boot.glob("imx7d-colibri-emmc-*.dtb"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in trees)).hexdigest() if trees else None


def modules(root: Path, release: str) -> tuple[tuple[str, str], ...]:
    """What modprobe finds below `root`: the digest of each driver's file, and the modules of each alias."""
    said = []
    for driver in DRIVERS:
        done = _modprobe(root, release, "-n", "--show-depends", driver)
        lines = done.stdout.decode("utf-8", "replace").splitlines()
        file = Path(lines[-1].split()[1]) if done.returncode == 0 and lines else None
        found = _inflated(file) if file and file.is_file() else b""
        said.append((driver, hashlib.sha256(found).hexdigest() if found else ""))
    for alias in (alias for aliases in ALIASES.values() for alias in aliases):
        done = _modprobe(root, release, "-b", "-D", alias.replace("*", "1"))
        loaded = [Path(line.split()[1]).name for line in done.stdout.decode("utf-8", "replace").splitlines()]
        said.append((alias, " ".join(sorted(name.partition(".")[0] for name in loaded))))
    return tuple(said)


def _inflated(module: Path) -> bytes:
    data, tool = module.read_bytes(), _UNPACKERS.get(module.suffix)
    unpacked = _run(tool, "-dc", data=data) if tool else None
    return data if unpacked is None else b"" if unpacked.returncode else unpacked.stdout


def _modprobe(root: Path, release: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """With the tree's own modprobe.d, and not the host's."""
    folders = (root / place / "modprobe.d" for place in ("etc", "usr/lib", "lib"))
    settings = [argument for folder in folders if folder.is_dir() for argument in ("-C", folder)]
    return _run("modprobe", "-d", root, *(settings or ["-C", "/dev/null"]), "-S", release, *arguments)


def _run(program: str, *arguments: str | Path, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([program, *arguments], input=data, capture_output=True, check=False)
