# SPDX-License-Identifier: MIT
"""Disk images made by the real mke2fs, mkfs.vfat and sfdisk, read without mounting anything."""

from __future__ import annotations

import contextlib
import lzma
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from huawei_modem.report import Verdict
from huawei_modem_check.archive import ArchiveError
from huawei_modem_check.disk.crc32c import crc32c
from huawei_modem_check.disk.ext import Ext
from huawei_modem_check.disk.fat import Fat
from huawei_modem_check.disk.region import Region
from huawei_modem_check.image import Given, check_image
from huawei_modem_check.sources import subjects
from modem_image import PROJECT
from modem_image.errors import InputError
from modem_image.system import run
from unit.check.images import CONFIG, TREE, codes, device_tree, module_files, tar, zimage, zimage_of
from unit.check.test_sources import root_files, write_tree

pytestmark = pytest.mark.slow

MIB = 1 << 20
KINDS = {
    "ext2": ["-t", "ext2", "-b", "1024"],
    "ext3": ["-t", "ext3"],
    "ext4": ["-t", "ext4"],
    "ext4 as OpenEmbedded makes it": ["-t", "ext4", "-i", "4096", "-b", "1024", "-O", "^metadata_csum"],
    "ext4 with inline data": ["-t", "ext4", "-O", "inline_data", "-I", "512"],
    "ext4 with meta_bg": ["-t", "ext4", "-b", "1024", "-O", "meta_bg,^resize_inode"],
    "ext4 without flex_bg": ["-t", "ext4", "-b", "1024", "-O", "^flex_bg,^64bit"],
    "ext4 with a seed": ["-t", "ext4", "-O", "metadata_csum_seed"],
}


def ext(path: Path, tree: Path, options: Sequence[str] = ("-t", "ext4"), mib: int = 8) -> Path:
    run(["mke2fs", "-q", "-F", *options, "-d", tree, path, f"{mib}M"])
    return path


def fat(path: Path, tree: Path, *options: str, mib: int = 8) -> Path:
    run(["mkfs.vfat", "-C", *options, path, str(mib * 1024)])
    run(["mcopy", "-s", "-i", path, *sorted(tree.iterdir()), "::"])
    return path


def disk(path: Path, table: str, *parts: Path, start: int = 1) -> Path:
    """A disk with a partition for each of `parts`, laid out by sfdisk."""
    places, at = [], start * MIB
    for part in parts:
        places.append(at)
        at += part.stat().st_size + MIB
    with path.open("wb") as out:
        out.truncate(at + MIB)
    lines = [f"label: {table}"]
    if start > 1:  # an extended partition, and logical ones in it
        lines.append(f"start={MIB // 512}, size={at // 512}, type=5")
    for part, place in zip(parts, places, strict=True):
        kind = "c" if part.suffix == ".fat" and table == "dos" else "L"
        lines.append(f"start={place // 512}, size={part.stat().st_size // 512}, type={kind}")
    run(["sfdisk", "--quiet", path], standard_input="\n".join(lines).encode())
    with path.open("r+b") as out:
        for part, place in zip(parts, places, strict=True):
            out.seek(place)
            out.write(part.read_bytes())
    return path


def boot_tree(folder: Path, kernel: bytes | None = None) -> Path:
    return write_tree(folder, {"zImage": kernel or zimage(config=CONFIG), TREE: device_tree()})


def parts(folder: Path, kernel: bytes | None = None) -> tuple[Path, Path]:
    boot = fat(folder / "boot.fat", boot_tree(folder / "boot", kernel))
    return boot, ext(folder / "root.ext4", write_tree(folder / "root", module_files()))


def contents(system: Ext | Fat) -> dict[str, bytes]:
    return {
        path: content.read(1 << 30) for path, plain, content in system.walk(lambda _folder: True) if plain
    }


def opened(path: Path) -> Region:
    return Region(os.open(path, os.O_RDONLY), 0, path.stat().st_size)


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of every size around a block, with holes in all places, and a folder of many names."""
    tree = tmp_path_factory.mktemp("rich") / "tree"
    dice = random.Random(7)  # noqa: S311  repeatable, not secret
    sizes = [0, 1, 59, 60, 61, 100, 150, 300, 1023, 1024, 1025, 4096, 12 * 1024, 13 * 1024, 300_000]
    files = {f"sizes/{size}": dice.randbytes(size) for size in sizes}
    files |= {f"many/a name of some length, number {number}.dtbo": b"%d" % number for number in range(900)}
    files |= {"deep/" * 9 + "ä long näme.conf": b"x"}
    write_tree(tree, files)
    with (tree / "holes").open("wb") as out:
        for number in range(200):
            out.seek(number * 3 * 4096)
            out.write(b"%d" % number)
    (tree / "link").symlink_to("sizes/100")
    return tree


@pytest.mark.parametrize("kind", KINDS)
def test_every_file_of_an_ext_is_read_as_it_was_written(tmp_path: Path, rich: Path, kind: str) -> None:
    path = ext(tmp_path / "image", rich, KINDS[kind], 64 if "meta" in kind else 16)
    subprocess.run(["e2fsck", "-fyD", path], capture_output=True, check=False)  # folders with hash trees
    expected = {
        str(file.relative_to(rich)): file.read_bytes()
        for file in rich.rglob("*")
        if file.is_file() and not file.is_symlink()
    }
    assert contents(Ext(opened(path))) == expected


@pytest.mark.parametrize(("bits", "mib"), [("12", 4), ("16", 24), ("32", 64)])
def test_every_file_of_a_fat_is_read_as_it_was_written(tmp_path: Path, bits: str, mib: int) -> None:
    files = {f"overlays/number {number} of some.dtbo": b"%d" % number * number for number in range(300)}
    files |= {"zImage": os.urandom(700_000), TREE: b"t", "BOOT.SCR": b"s", "empty": b""}
    path = fat(
        tmp_path / "image",
        write_tree(tmp_path / "tree", files),
        "-F",
        bits,
        *(["-s", "1"] if bits == "32" else []),
        mib=mib,
    )
    assert contents(Fat(opened(path))) == files


def test_the_checksum_is_the_one_of_the_standard() -> None:
    assert crc32c(b"123456789") ^ 0xFFFFFFFF == 0xE3069283  # the check value of CRC-32C
    assert crc32c(b"9", crc32c(b"12345678")) == crc32c(b"123456789")


@pytest.mark.parametrize("kind", KINDS)
def test_a_root_file_system_on_ext(tmp_path: Path, kind: str) -> None:
    tree = write_tree(tmp_path / "tree", root_files())
    report = check_image(ext(tmp_path / "image", tree, KINDS[kind], 64 if "meta" in kind else 16))
    assert (report.verdict, report.findings) == (Verdict.OK, ())
    assert [folder["count"] for folder in report.facts["modules"]] == [4]


def test_another_kernel_on_ext_is_seen(tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "tree", root_files(zimage("6.1.0-other")))
    assert codes(check_image(ext(tmp_path / "image", tree))) == {"modules-mismatch"}


def test_an_ext_without_kernel_takes_it_from_elsewhere(tmp_path: Path) -> None:
    path = ext(tmp_path / "image", write_tree(tmp_path / "tree", module_files()))
    kernel = tmp_path / "zImage"
    kernel.write_bytes(zimage(config=CONFIG))
    assert check_image(path).verdict is Verdict.INSUFFICIENT_DATA
    assert check_image(path, given=Given(kernel)).findings == ()


@pytest.mark.parametrize(("table", "start"), [("dos", 1), ("dos", 2), ("gpt", 1)])
def test_a_wic_image(tmp_path: Path, table: str, start: int) -> None:
    path = disk(tmp_path / "image.wic", table, *parts(tmp_path), start=start)
    report = check_image(path)
    assert report.findings == ()
    number = {1: 1, 2: 5}[start]
    assert report.facts["kernels"][0]["source"] == f"image.wic:partition {number}:zImage"


def test_a_wic_image_with_another_kernel(tmp_path: Path) -> None:
    path = disk(tmp_path / "image.wic", "gpt", *parts(tmp_path, zimage("6.1.0-other", config=CONFIG)))
    assert codes(check_image(path)) == {"modules-mismatch"}


def test_a_wic_image_that_ends_early(tmp_path: Path) -> None:
    path = disk(tmp_path / "image.wic", "dos", *parts(tmp_path))
    os.truncate(path, path.stat().st_size - 4 * MIB)
    report = check_image(path)
    assert codes(report) == {"filesystem-damaged"}
    assert "truncated" in report.findings[0].evidence[0].text


def test_a_damaged_partition_table(tmp_path: Path) -> None:
    path = disk(tmp_path / "image.wic", "gpt", *parts(tmp_path))
    content = bytearray(path.read_bytes())
    content[1024 + 40] ^= 1  # the end of the first partition
    path.write_bytes(content)
    assert "filesystem-damaged" in codes(check_image(path))


def test_a_file_system_that_is_not_read_is_named_and_nothing_is_claimed(tmp_path: Path) -> None:
    boot, root = parts(tmp_path)
    with root.open("r+b") as out:
        out.write(b"hsqs".ljust(4096, b"\0"))
    report = check_image(disk(tmp_path / "image.wic", "dos", boot, root))
    assert report.verdict is Verdict.INSUFFICIENT_DATA
    assert report.findings[0].evidence[0].text == "holds squashfs, which is not read here"


def test_a_packed_disk_image_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "image.wic.xz"
    path.write_bytes(b"\xfd7zXZ\0")
    with pytest.raises(InputError, match="unpack it first"):
        check_image(path)


def test_a_file_system_that_was_not_unmounted(tmp_path: Path) -> None:
    path = ext(tmp_path / "image", write_tree(tmp_path / "tree", root_files()))
    run(["debugfs", "-w", "-R", "feature needs_recovery", path])
    report = check_image(path)
    assert codes(report) == {"filesystem-damaged"}
    assert "e2fsck" in report.findings[0].evidence[0].text


def test_a_folder_inside_itself(tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "tree", root_files())
    path = ext(tmp_path / "image", tree, ["-t", "ext4", "-O", "^metadata_csum"])
    run(["debugfs", "-w", "-R", "link /lib /lib/modules/loop", path])
    with pytest.raises(ArchiveError, match="damaged"):
        contents(Ext(opened(path)))
    assert codes(check_image(path)) == {"filesystem-damaged"}


def test_a_truncated_ext(tmp_path: Path) -> None:
    path = ext(tmp_path / "image", write_tree(tmp_path / "tree", root_files()))
    os.truncate(path, 5 * MIB)
    assert codes(check_image(path)) >= {"filesystem-damaged"}


def test_disk_images_of_a_deploy_folder(tmp_path: Path) -> None:
    """Without an Easy Installer image and without an archive, the disk images are what was built."""
    boot, root = parts(tmp_path)
    folder = tmp_path / "deploy"
    folder.mkdir()
    disk(folder / "image-20260201.wic", "dos", boot, root)
    (folder / "image.wic").symlink_to("image-20260201.wic")
    (folder / "image-20260101.wic").write_bytes(b"older")
    assert subjects(folder) == [folder / "image.wic"]
    (folder / "image.wic").unlink()
    (folder / "image-20260201.wic").unlink()
    (folder / "image-20260101.wic").unlink()
    root.rename(folder / "image.ext4")
    (folder / "zImage").write_bytes(zimage("6.1.0-other", config=CONFIG))
    assert codes(check_image(folder)) == {"modules-mismatch"}


@pytest.mark.parametrize("kind", ["ext4", "ext2", "fat", "disk"])
def test_no_damage_upsets_the_reader(tmp_path: Path, kind: str) -> None:
    """Bits flipped wherever something lies: never an exception."""
    if kind == "fat":
        path = fat(tmp_path / "image", boot_tree(tmp_path / "tree"))
    elif kind == "disk":
        path = disk(tmp_path / "image", "gpt", *parts(tmp_path))
    else:
        path = ext(tmp_path / "image", write_tree(tmp_path / "tree", root_files()), KINDS[kind])
    sound = path.read_bytes()
    filled = [place for place in range(0, len(sound), 512) if sound[place : place + 512].strip(b"\0")]
    for seed in range(100):
        dice = random.Random(seed)  # noqa: S311  repeatable, not secret
        places = [dice.choice(filled) + dice.randrange(512) for _ in range(dice.choice([1, 1, 8, 64]))]
        with path.open("r+b") as out:
            for place in places:
                out.seek(place)
                out.write(bytes([sound[place] ^ 1 << dice.randrange(8)]))
        with contextlib.suppress(InputError):
            check_image(path)
        with path.open("r+b") as out:
            for place in places:
                out.seek(place)
                out.write(sound[place : place + 1])


def test_damaged_metadata_is_never_ok(tmp_path: Path) -> None:
    """A bit in each part of the inode of modules.dep, one after the other."""
    path = ext(tmp_path / "image", write_tree(tmp_path / "tree", root_files()), ["-t", "ext4", "-b", "4096"])
    out = run(["debugfs", "-R", "imap /lib/modules/6.1.0-test/modules.dep", path]).decode()
    found = re.search(r"at block (\d+), offset (0x\w+)", out)
    assert found, out
    inode = int(found[1]) * 4096 + int(found[2], 16)
    sound = path.read_bytes()
    for place in range(inode, inode + 160, 7):
        damaged = bytearray(sound)
        damaged[place] ^= 0x10
        path.write_bytes(damaged)
        assert "filesystem-damaged" in codes(check_image(path)), place


@pytest.mark.parametrize("bits", ["12", "16"])
def test_a_damaged_folder_of_fat_is_never_ok(tmp_path: Path, bits: str) -> None:
    """What mtools does not find by the kernel's name, or not whole, is not found here either."""
    boot, root = parts(tmp_path)
    if bits == "16":
        boot.unlink()
        fat(boot, tmp_path / "boot", "-F", "16", mib=16)
    path = disk(tmp_path / "image", "dos", boot, root)
    sound, kernel = path.read_bytes(), (tmp_path / "boot/zImage").read_bytes()
    folder = sound.index(b"Z\0I\0m\0a\0g\0".replace(b"Z", b"z", 1)) - 1
    damaged_and_ok: list[int] = []
    for place in range(folder, folder + 64):
        damaged = bytearray(sound)
        damaged[place] ^= 0x10
        path.write_bytes(damaged)
        read = subprocess.run(["mtype", "-i", f"{path}@@{MIB}", "::zImage"], capture_output=True)
        if not read.stdout.startswith(kernel) and check_image(path).verdict is Verdict.OK:
            damaged_and_ok.append(place - folder)
    assert damaged_and_ok == []


@pytest.mark.parametrize(
    ("name", "compatible", "code"),
    [
        ("imx7d-colibri-emmc-ours.dtb", "toradex,colibri-imx7d-emmc", None),
        ("imx7d-colibri)emmc-iris-v2.dtb", "toradex,colibri-imx7d-emmc", "device-tree-missing"),
        ("imx7d-sdb.dtb", "fsl,imx7d-sdb", None),
    ],
)
def test_a_disk_image_has_the_tree_that_u_boot_asks_for(
    tmp_path: Path, name: str, compatible: str, code: str | None
) -> None:
    files = {"zImage": zimage(config=CONFIG), name: device_tree(compatible)}
    boot = fat(tmp_path / "boot.fat", write_tree(tmp_path / "boot", files))
    root = ext(tmp_path / "root.ext4", write_tree(tmp_path / "root", module_files()))
    report = check_image(disk(tmp_path / "image", "dos", boot, root))
    assert codes(report) == ({code} if code else set())


def peak_memory(image: Path) -> int:
    """KiB that a process needs at most to check `image`."""
    script = (
        "import sys; from pathlib import Path; import modem_image; "
        "from huawei_modem_check.image import check_image; "
        "check_image(Path(sys.argv[1])); print(Path('/proc/self/status').read_text())"
    )
    helper = PROJECT / "meta-huawei-modem" / "recipes-support" / "huawei-modem" / "files"
    environment = {**os.environ, "PYTHONPATH": f"{PROJECT / 'scripts'}:{helper}"}
    command = [sys.executable, "-c", script, image]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    # Not getrusage(): that begins with what the process before exec had.
    found = re.search(r"VmHWM:\s+(\d+) kB", done.stdout)
    assert found
    return int(found[1])


def test_memory_does_not_grow_with_the_image(tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "tree", root_files())
    with (tree / "boot" / "vmlinuz-huge").open("wb") as sparse:
        for _ in range(80):  # no holes: what is read of it is there
            sparse.write(os.urandom(MIB))
        sparse.truncate(3 << 30)
    path = ext(tmp_path / "image", tree, ["-t", "ext4"], 8 << 10)
    shutil.rmtree(tree)
    assert peak_memory(path) < 96 << 10


def test_a_kernel_that_inflates_without_end_takes_no_more(tmp_path: Path) -> None:
    """xz keeps what it inflated, as far back as its dictionary reaches: here 128 MiB."""
    inflated = b"Linux version 6.1.0-test (builder@host) (gcc) #1\n\0" + bytes(160 * MIB)
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 128 * MIB}]
    kernel = zimage_of(inflated, "xz", lzma.compress(inflated, check=lzma.CHECK_CRC32, filters=filters))
    path = tmp_path / "rootfs.tar"
    path.write_bytes(tar(root_files(kernel)))
    assert codes(check_image(path)) >= {"kernel-unreadable"}
    assert peak_memory(path) < 96 << 10
