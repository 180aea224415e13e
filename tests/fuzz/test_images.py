# SPDX-License-Identifier: MIT
"""A thousand seeded mutations of a good image: never a traceback, never `ok` for a damaged one.

A mutation number is its seed, so that a failure can be repeated alone: `-k "[417]"`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from huawei_modem.report import Verdict
from huawei_modem_check.image import check_image
from modem_image.errors import InputError
from unit.check.images import (
    BOOTFS,
    FOLDER,
    ROOTFS,
    boot_files,
    image_files,
    module_files,
    packed,
    tar,
    with_sums,
    zimage,
)

MUTATIONS = 1000
BATCHES = 20
SOUND = with_sums(image_files())
# The same parts of a build with another kernel, each sound by itself.
OTHER = {
    BOOTFS: packed(tar(boot_files(zimage("6.1.0-other"))), BOOTFS),
    ROOTFS: packed(tar(module_files("6.1.0-other")), ROOTFS),
}
Files = dict[str, bytes]


def flip(files: Files, dice: random.Random) -> None:
    name = dice.choice(sorted(files))
    content = bytearray(files[name])
    content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    files[name] = bytes(content)


def truncate(files: Files, dice: random.Random) -> None:
    # Without SHA256SUMS there is nothing to hold a shorter list of sums against.
    name = dice.choice(sorted(set(files) - {"SHA256SUMS"}))
    files[name] = files[name][: dice.randrange(len(files[name]))]


def rename(files: Files, dice: random.Random) -> None:
    name = dice.choice(sorted(set(files) - {"SHA256SUMS", "kernel-config"}))
    files[dice.choice([f"{name}.bak", f"-{name}", f"{name[:-1]}", name.upper()])] = files.pop(name)


def swap_contents(files: Files, dice: random.Random) -> None:
    one, two = dice.sample(sorted(set(files) - {"SHA256SUMS"}), 2)
    files[one], files[two] = files[two], files[one]


def swap_kernels(files: Files, dice: random.Random) -> None:
    """Kernel of one build, modules of the other, and checksums that fit: only the releases tell."""
    name = dice.choice(sorted(OTHER))
    files[name] = OTHER[name]
    del files["SHA256SUMS"]
    files.update(with_sums(files))


KINDS: tuple[Callable[[Files, random.Random], None], ...] = (
    flip,
    flip,
    truncate,
    rename,
    swap_contents,
    swap_kernels,
)


def verdict(path: Path) -> Verdict | None:
    """None for what is refused as no image."""
    try:
        return check_image(path).verdict
    except InputError:
        return None


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_changed_file_is_never_ok(tmp_path: Path, batch: int) -> None:
    for seed in range(batch, MUTATIONS * 4 // 5, BATCHES):
        dice = random.Random(seed)  # noqa: S311  repeatable, not secret
        files = dict(SOUND)
        mutate = dice.choice(KINDS)
        mutate(files, dice)
        path = tmp_path / "image.tar"
        path.write_bytes(tar({f"{FOLDER}/{name}": content for name, content in files.items()}))
        assert verdict(path) is not Verdict.OK, f"seed {seed}: {mutate.__name__}"


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_tar_cut_off_is_never_ok(tmp_path: Path, batch: int) -> None:
    """The rest of the thousand: the outer tar ends early. Its last 1,024 octets are empty."""
    whole = tar({f"{FOLDER}/{name}": content for name, content in SOUND.items()})
    end = len(whole.rstrip(b"\0"))
    path = tmp_path / "image.tar"
    for seed in range(MUTATIONS * 4 // 5 + batch, MUTATIONS, BATCHES):
        dice = random.Random(seed)  # noqa: S311  repeatable, not secret
        path.write_bytes(whole[: dice.randrange(end)])
        assert verdict(path) is not Verdict.OK, f"seed {seed}"


def test_the_image_without_a_mutation_is_ok(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(tar({f"{FOLDER}/{name}": content for name, content in SOUND.items()}))
    assert verdict(path) is Verdict.OK
