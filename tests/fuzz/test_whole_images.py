# SPDX-License-Identifier: MIT
"""Seeded damage to whole images, and right ones in unusual shapes: ok for what starts, and for nothing else.

The oracle (booting) is not the check. A number is its seed: `-k "[17]"`; every third image is a right one.
"""

from __future__ import annotations

import copy
import io
import json
import random
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fuzz import test_modules
from fuzz.booting import Started, starts
from huawei_modem.report import Verdict
from huawei_modem_check.image import check_image
from modem_image.errors import InputError
from unit.check.images import (
    BOOTFS,
    CONFIG,
    FOLDER,
    RELEASE,
    ROOTFS,
    TREE,
    boot_files,
    depmod_files,
    description,
    device_tree,
    packed,
    tar,
    zimage,
)

SEEDS, MORE, BATCHES = 60, 1440, 24
KERNEL = zimage()
Members = list[tuple[tarfile.TarInfo, bytes]]


def member(name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = "") -> Any:
    """A member of an archive, to be added behind the others."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, len(content)
    return info, content


class Parts:
    """An image in parts; `more` are members that come behind those of the same archive."""

    def __init__(self) -> None:
        self.d: dict[str, Any] = copy.deepcopy(description())
        self.boot = boot_files(KERNEL)
        self.root = {"./etc/os-release": b"NAME=x\n", **depmod_files()}
        self.more: dict[str, Members] = {BOOTFS: [], ROOTFS: [], "": []}
        self.names = {BOOTFS: BOOTFS, ROOTFS: ROOTFS}
        self.packing: dict[str, str] = {}
        self.changes: dict[str, Callable[[bytes], bytes]] = {}
        self.files: dict[str, bytes] = {"kernel-config": CONFIG.encode()}

    @property
    def partitions(self) -> list[dict[str, Any]]:
        return self.d["blockdevs"][0]["partitions"]  # type: ignore[no-any-return]

    def build(self) -> bytes:
        files = dict(self.files)
        for archive, content in ((BOOTFS, self.boot), (ROOTFS, self.root)):
            name = self.names[archive]
            data = packed(self._with(tar(content), archive), self.packing.get(archive, name))
            files[name] = self.changes.get(archive, bytes)(data)
        files["image.json"] = json.dumps(self.d).encode()
        return self._with(tar({f"{FOLDER}/{name}": data for name, data in files.items()}), "")

    def _with(self, data: bytes, archive: str) -> bytes:
        buffer = io.BytesIO(data)
        with tarfile.open(fileobj=buffer, mode="a") as out:
            for info, content in self.more[archive]:
                out.addfile(info, io.BytesIO(content))
        return buffer.getvalue()


Change = Callable[[Parts, random.Random], None]


def content_gone(a: Parts, dice: random.Random) -> None:
    dice.choice(a.partitions)["content"].pop(dice.choice(["filename", "filesystem_type"]))


def partition_gone(a: Parts, dice: random.Random) -> None:
    del a.partitions[dice.randrange(2)]


def nothing_written(a: Parts, dice: random.Random) -> None:
    a.d["blockdevs"] = dice.choice([[], [{"name": "mmcblk0", "partitions": []}]])


def names_mixed(a: Parts, dice: random.Random) -> None:
    first, second = (item["content"]["filename"] for item in a.partitions)
    pair = dice.choice([(second, first), (first, first), (second, second)])
    for item, name in zip(a.partitions, pair, strict=True):
        item["content"]["filename"] = name


def other_type(a: Parts, dice: random.Random) -> None:
    a.partitions[1]["content"]["filesystem_type"] = dice.choice(["raw", "swap", "fat", "ntfs", "ubifs"])


def other_device(a: Parts, dice: random.Random) -> None:
    a.d["blockdevs"][0]["name"] = dice.choice(["sda", "mmcblk0boot0", "mmcblk1", "mmcblk0p1", ""])


def other_order(a: Parts, _dice: random.Random) -> None:
    a.partitions.reverse()


def other_packing(a: Parts, dice: random.Random) -> None:
    """What is inside is packed by another tool than the name says, or the name says nothing."""
    archive = dice.choice([BOOTFS, ROOTFS])
    if dice.random() < 0.5:
        a.packing[archive] = dice.choice(["x.gz", "x.bz2", "x.zst", "x.tar"])
        return
    old = a.names[archive]
    a.names[archive] = old.replace(".tar.xz", dice.choice([".tgz", ".txz", ".tar", ".tar.gz", ".TAR.XZ"]))
    a.packing[archive] = "x.xz"
    for item in a.partitions:
        if item["content"]["filename"] == old:
            item["content"]["filename"] = a.names[archive]


def boot_replaced(a: Parts, dice: random.Random) -> None:
    """A later member of the same path as the kernel or the tree."""
    kind = dice.choice([tarfile.SYMTYPE, tarfile.FIFOTYPE, tarfile.REGTYPE])
    a.more[BOOTFS].append(member(dice.choice(["./zImage", f"./{TREE}"]), b"", kind, "nowhere"))


def link_on_fat(a: Parts, _dice: random.Random) -> None:
    a.more[BOOTFS].append(member("./overlays.txt", b"", tarfile.SYMTYPE, "zImage"))


def other_kernel(a: Parts, dice: random.Random) -> None:
    text = b"Linux version 6.1.0-test (a@b) (gcc) #1 SMP\n" * 40
    cut = KERNEL[: dice.randrange(1000, len(KERNEL) - 1000)]
    flipped = bytearray(KERNEL)
    flipped[dice.randrange(0x300, len(KERNEL) - 4000)] ^= 0x55
    a.boot["./zImage"] = dice.choice([text, b"", cut, bytes(flipped), zimage("6.1.0-other")])


def other_tree(a: Parts, dice: random.Random) -> None:
    tree = a.boot.pop(f"./{TREE}")
    name = dice.choice(["", "./colibri.dtb", "./imx7d-colibri-eval-v3.dtb", f"./{TREE}"])
    cut, other = tree[: len(tree) // 2], device_tree("toradex,colibri-imx7d", "fsl,imx7d")
    if name:
        a.boot[name] = dice.choice([cut, other]) if name == f"./{TREE}" else tree


def moved_modules(a: Parts, dice: random.Random) -> None:
    """Modules below /usr, and /lib is not there, a folder of its own, or leads elsewhere."""
    _below_usr(a)
    kind = dice.randrange(3)
    if kind == 1:
        a.root["./lib/firmware/x"] = b"x"
    if kind == 2:
        a.more[ROOTFS].append(member("./lib", b"", tarfile.SYMTYPE, dice.choice(["usr/share", "usr/lib64"])))


def twice_in_the_image(a: Parts, dice: random.Random) -> None:
    """A second archive of the same name behind the good one: tar leaves the last."""
    boot = packed(tar(boot_files(zimage("6.1.0-other"))), BOOTFS)
    name, data = dice.choice([(BOOTFS, boot), (ROOTFS, b"x" * 100), (ROOTFS, boot)])
    a.more[""].append(member(f"{FOLDER}/{name}", data))


def block_lost(a: Parts, dice: random.Random) -> None:
    """A packed archive without some of its bytes, or with zeros in their place, as a stick loses them."""
    size, is_zeroed = dice.choice([64, 512, 4096]), dice.random() < 0.5

    def lose(data: bytes) -> bytes:
        start = dice.randrange(max(1, len(data) - size))
        lost = bytes(len(data[start : start + size])) if is_zeroed else b""
        return data[:start] + lost + data[start + size :]

    a.changes[dice.choice([BOOTFS, ROOTFS])] = lose


def of_another_image(a: Parts, dice: random.Random) -> None:
    """One of the two archives is that of another build."""
    other = dice.choice(["6.1.0-other", "6.1.0-test-dirty", "6.1.0"])
    if dice.random() < 0.5:
        a.root = {"./etc/os-release": b"NAME=x\n", **depmod_files(other)}
    else:
        a.boot = boot_files(zimage(other))


def folder_renamed(a: Parts, dice: random.Random) -> None:
    name = dice.choice(["6.1.0-TEST", "6.1.0_test", "modules", f"{RELEASE}/{RELEASE}"])
    a.root = {path.replace(RELEASE, name, 1): data for path, data in a.root.items()}


def link_before_its_file(a: Parts, dice: random.Random) -> None:
    """A hard link to a member that comes later: tar stops."""
    path = test_modules.path_of(dice.choice(test_modules.DRIVERS))
    later = member("./opt/later.ko", a.root.pop(path))
    a.more[ROOTFS] += [member(path, b"", tarfile.LNKTYPE, "./opt/later.ko"), later]


def damaged_modules(a: Parts, dice: random.Random) -> None:
    damage = dice.choice([kind for kind in test_modules.KINDS if kind is not test_modules.nothing])
    more: list[tarfile.TarInfo] = []
    damage(a.root, more, dice)
    a.more[ROOTFS] += [(info, b"") for info in more]


# --- right ones ----------------------------------------------------------------------------------------


def _below_usr(a: Parts) -> None:
    a.root = {name.replace("./lib/", "./usr/lib/", 1): data for name, data in a.root.items()}


def as_it_is(_a: Parts, _dice: random.Random) -> None:
    """Nothing is changed."""


def merged_usr(a: Parts, dice: random.Random) -> None:
    _below_usr(a)
    link = member("./lib", b"", tarfile.SYMTYPE, "usr/lib")
    if dice.random() < 0.5:
        a.more[ROOTFS].append(link)
    else:
        a.more[ROOTFS].insert(0, link)


def folder_by_a_link(a: Parts, _dice: random.Random) -> None:
    a.root = {path.replace(f"/{RELEASE}/", "/kept/", 1): data for path, data in a.root.items()}
    a.more[ROOTFS].append(member(f"./lib/modules/{RELEASE}", b"", tarfile.SYMTYPE, "kept"))


def hard_linked(a: Parts, dice: random.Random) -> None:
    path = test_modules.path_of(dice.choice(test_modules.DRIVERS))
    a.root["./opt/spare.ko"] = a.root.pop(path)
    a.more[ROOTFS].append(member(path, b"", tarfile.LNKTYPE, "./opt/spare.ko"))


def mended_later(a: Parts, dice: random.Random) -> None:
    """A damaged member that a good one of the same path replaces."""
    path = test_modules.path_of(dice.choice(test_modules.DRIVERS))
    a.more[ROOTFS].append(member(path, a.root[path]))
    a.root[path] = dice.choice([b"", b"x" * 50, a.root[path][:100]])


def mended_in_the_image(a: Parts, _dice: random.Random) -> None:
    good = packed(tar(a.boot), BOOTFS)
    a.boot = {"./zImage": b"broken"}
    a.more[""].append(member(f"{FOLDER}/{BOOTFS}", good))


def repacked(a: Parts, dice: random.Random) -> None:
    for archive, item in zip((BOOTFS, ROOTFS), a.partitions, strict=True):
        ending = dice.choice([".gz", ".bz2", ".zst", ".xz", ""])
        a.names[archive] = item["content"]["filename"] = archive.removesuffix(".xz") + ending


def numbered(a: Parts, _dice: random.Random) -> None:
    for number, item in enumerate(a.partitions, 1):
        item["requires_partition_number"] = number
    a.partitions.reverse()


def one_more(a: Parts, dice: random.Random) -> None:
    content = {"filesystem_type": dice.choice(["ext4", "ext3", "fat"]), "label": "DATA"}
    a.partitions.append({"partition_size_nominal": 64, "want_maximised": False, "content": content})


def loose(a: Parts, _dice: random.Random) -> None:
    """Kernel and tree as single files."""
    content = a.partitions[0]["content"]
    del content["filename"]
    content["filelist"] = ["zImage", TREE]
    a.files.update({"zImage": KERNEL, TREE: a.boot[f"./{TREE}"]})


def shuffled(a: Parts, dice: random.Random) -> None:
    names = sorted(a.root)
    dice.shuffle(names)
    a.root = {name.removeprefix("./"): a.root[name] for name in names}


DAMAGED: tuple[Change, ...] = (
    *(content_gone, partition_gone, nothing_written, names_mixed, other_type, other_device, other_order),
    *(other_packing, boot_replaced, link_on_fat, other_kernel, other_tree, moved_modules),
    *(twice_in_the_image, damaged_modules, damaged_modules, block_lost, of_another_image, folder_renamed),
    link_before_its_file,
)
RIGHT: tuple[Change, ...] = (
    *(as_it_is, merged_usr, hard_linked, mended_later, mended_in_the_image, repacked, numbered, one_more),
    *(loose, shuffled, folder_by_a_link),
)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Started:
    found = starts(tmp_path_factory.mktemp("sound"), Parts().build())
    assert found is not None and found.release == RELEASE
    assert all(value for _name, value in found.modules)
    return found


def judge(
    folder: Path,
    seed: int,
    sound: Started,
    damaged: tuple[Change, ...] = DAMAGED,
    right: tuple[Change, ...] = RIGHT,
) -> None:
    dice = random.Random(seed)  # noqa: S311  repeatable, not secret
    kinds = right if seed % 3 == 0 else damaged
    change, parts = kinds[(seed // 3) % len(kinds)], Parts()
    change(parts, dice)
    folder.mkdir(exist_ok=True)
    path = folder / "image.tar"
    path.write_bytes(parts.build())
    try:
        report = check_image(path)
        verdict, said = report.verdict, [(item.code, item.title) for item in report.findings]
    except InputError as error:
        verdict, said = None, [("", str(error))]
    expected = starts(folder / "tree", path.read_bytes()) == sound
    assert expected or kinds is damaged, f"seed {seed}: {change.__name__}: it does not start"
    if kinds is right or not expected:
        # What starts all the same (without modules.dep, which kmod does not read) may be a fault.
        assert (verdict is Verdict.OK) == expected, f"seed {seed}: {change.__name__}: {said}"


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_starts_is_ok_and_nothing_else(tmp_path: Path, seed: int, sound: Started) -> None:
    judge(tmp_path, seed, sound)


@pytest.mark.on_demand
@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_thousand_damaged_and_five_hundred_right(tmp_path: Path, batch: int, sound: Started) -> None:
    for seed in range(SEEDS + batch, SEEDS + MORE, BATCHES):
        judge(tmp_path / str(seed), seed, sound)


def test_the_tools_of_the_oracle_are_there() -> None:
    for tool in ("tar", "xz", "gzip", "bzip2", "zstd", "modprobe"):
        subprocess.run(["which", tool], check=True, capture_output=True)
