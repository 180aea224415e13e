# SPDX-License-Identifier: MIT
"""Seeded damage to modules and their index: never `ok` for what modprobe or the kernel would not load.

The oracle is not the check: GNU tar unpacks the root file system, and modprobe of kmod says on the tree
which file each driver is, and which module each alias of a stick leads to. A number is its seed: `-k "[17]"`.
"""

from __future__ import annotations

import functools
import io
import random
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from huawei_modem.report import Verdict
from huawei_modem_check.rules import required_modules
from unit.check.images import (
    ALIASES,
    FLAGS,
    RELEASE,
    ROOTFS,
    check_files,
    depmod_files,
    image_files,
    module,
    packed,
    tar,
)

SEEDS, MORE = 48, 1000
PLACE = f"./lib/modules/{RELEASE}"
DRIVERS = sorted(required_modules())
Tree = dict[str, bytes]
Damage = Callable[[Tree, list[tarfile.TarInfo], random.Random], None]


def path_of(driver: str) -> str:
    return f"{PLACE}/kernel/drivers/{driver}.ko"


def index(tree: Tree, _more: list[tarfile.TarInfo], dice: random.Random) -> None:
    name = f"{PLACE}/{dice.choice(['modules.dep.bin', 'modules.alias.bin'])}"
    content = tree[name]
    cut = content[: dice.randrange(len(content))]
    tree[name] = dice.choice(
        [b"", cut, dice.randbytes(len(content)), content[:12] + bytes(len(content) - 12)]
    )


def no_index(tree: Tree, _more: list[tarfile.TarInfo], dice: random.Random) -> None:
    del tree[f"{PLACE}/{dice.choice(['modules.dep.bin', 'modules.alias.bin', 'modules.dep'])}"]


def module_gone(tree: Tree, _more: list[tarfile.TarInfo], dice: random.Random) -> None:
    del tree[path_of(dice.choice(DRIVERS))]


def other_flags(tree: Tree, _more: list[tarfile.TarInfo], dice: random.Random) -> None:
    driver = dice.choice(DRIVERS)
    words = FLAGS.split()
    at = dice.randrange(len(words))
    words[at] = dice.choice(["", words[at].lower() + "x", words[at][:-1] + "9"])
    tree[path_of(driver)] = module(RELEASE, driver, " ".join(filter(None, words)) + " ")


def other_header(tree: Tree, _more: list[tarfile.TarInfo], dice: random.Random) -> None:
    path = path_of(dice.choice(DRIVERS))
    content = bytearray(tree[path])
    place, values = dice.choice([(18, [3, 62, 183, 8]), (16, [0, 2, 3, 4]), (0, [0, 1])])
    content[place] = dice.choice(values)
    tree[path] = bytes(content)


def other_driver(tree: Tree, _more: list[tarfile.TarInfo], dice: random.Random) -> None:
    one, two = dice.sample(DRIVERS, 2)
    tree[path_of(one)] = tree[path_of(two)]


def replaced(_tree: Tree, more: list[tarfile.TarInfo], dice: random.Random) -> None:
    """A later member of the same path."""
    member = tarfile.TarInfo(path_of(dice.choice(DRIVERS)))
    member.type = dice.choice([tarfile.SYMTYPE, tarfile.FIFOTYPE, tarfile.REGTYPE])
    member.linkname = "nowhere"
    more.append(member)


def nothing(_tree: Tree, _more: list[tarfile.TarInfo], _dice: random.Random) -> None:
    """The same again: right images are not refused."""


KINDS: tuple[Damage, ...] = (
    index,
    no_index,
    module_gone,
    other_flags,
    other_header,
    other_driver,
    replaced,
    nothing,
)


def archive(tree: Tree, more: list[tarfile.TarInfo]) -> bytes:
    buffer = io.BytesIO(tar(tree))
    with tarfile.open(fileobj=buffer, mode="a") as out:
        for member in more:
            out.addfile(member)
    return buffer.getvalue()


def loaded(root: Path, data: bytes) -> dict[str, object]:
    """What modprobe finds on the tree that tar makes: bytes by driver, and modules by alias."""
    root.mkdir()
    subprocess.run(["tar", "-x", "-C", root], input=data, check=True, capture_output=True)
    said: dict[str, object] = {}
    for driver in DRIVERS:
        line = ["modprobe", "-d", root, "-S", RELEASE, "-n", "--show-depends", driver]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        file = Path(done.stdout.split()[-1]) if done.returncode == 0 and done.stdout else None
        said[driver] = file.read_bytes() if file and file.is_file() else None
    for alias in (alias for aliases in ALIASES.values() for alias in aliases):
        line = ["modprobe", "-d", root, "-S", RELEASE, "-R", alias.replace("*", "1")]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        said[alias] = sorted(done.stdout.split())
    return said


@functools.cache
def sound(folder: Path) -> dict[str, object]:
    return loaded(folder / "sound", archive(dict(depmod_files()), []))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    return sound(tmp_path_factory.mktemp("modules"))


def judge(folder: Path, seed: int, whole: dict[str, object]) -> None:
    dice = random.Random(seed)  # noqa: S311  repeatable, not secret
    tree, more = dict(depmod_files()), list[tarfile.TarInfo]()
    damage = KINDS[seed % len(KINDS)]
    damage(tree, more, dice)
    data = archive(tree, more)
    report = check_files(folder, {**image_files(), ROOTFS: packed(data, ROOTFS)})
    if loaded(folder / "tree", data) != whole:
        assert report.verdict is not Verdict.OK, f"seed {seed}: {damage.__name__}"
    elif damage is nothing:
        assert report.verdict is Verdict.OK, report.findings


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_modprobe_does_not_find_as_it_was_is_never_ok(
    tmp_path: Path, seed: int, whole: dict[str, object]
) -> None:
    judge(tmp_path, seed, whole)


@pytest.mark.on_demand
@pytest.mark.parametrize("seed", range(SEEDS, SEEDS + MORE))
def test_a_thousand_of_them(tmp_path: Path, seed: int, whole: dict[str, object]) -> None:
    judge(tmp_path, seed, whole)
