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
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from huawei_modem_check.rules import required_modules
from unit.check.images import ALIASES

DRIVERS = sorted(required_modules())
_UNPACKERS = {".xz": "xz", ".gz": "gzip", ".bz2": "bzip2", ".zst": "zstd"}
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
        boot, root = partitions[1], partitions[2]
    except (ValueError, KeyError, OSError):
        return None
    if boot.get("filesystem_type") not in ("fat", "FAT") or root.get("filesystem_type") != "ext4":
        return None
    source = described.parent
    if not (_written(source, boot, folder / "1") and _written(source, root, folder / "2")):
        return None
    if any(path.is_symlink() or not (path.is_file() or path.is_dir()) for path in (folder / "1").rglob("*")):
        return None  # FAT holds no links and pipes: tar ends with an error
    release, tree = _release(folder / "1" / "zImage"), _tree(folder / "1")
    if release is None or tree is None:
        return None
    return Started(release, tree, modules(folder / "2", release))


def _numbered(partitions: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    taken = {item["requires_partition_number"] for item in partitions if "requires_partition_number" in item}
    free = iter(number for number in range(1, 99) if number not in taken)
    return {item.get("requires_partition_number") or next(free): item["content"] for item in partitions}


def _written(source: Path, content: dict[str, Any], target: Path) -> bool:
    target.mkdir()
    for name in content.get("filelist", []):
        if not (source / name).is_file():
            return False
        (target / name).write_bytes((source / name).read_bytes())
    if "filename" not in content:
        return bool(content.get("filelist"))
    file = source / content["filename"]
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
        done = _run("modprobe", "-d", root, "-S", release, "-n", "--show-depends", driver)
        words = done.stdout.decode("utf-8", "replace").split()
        file = Path(words[-1]) if done.returncode == 0 and words else None
        found = hashlib.sha256(file.read_bytes()).hexdigest() if file and file.is_file() else ""
        said.append((driver, found))
    for alias in (alias for aliases in ALIASES.values() for alias in aliases):
        done = _run("modprobe", "-d", root, "-S", release, "-R", alias.replace("*", "1"))
        said.append((alias, " ".join(sorted(done.stdout.decode("utf-8", "replace").split()))))
    return tuple(said)


def _run(program: str, *arguments: str | Path, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([program, *arguments], input=data, capture_output=True, check=False)
