# SPDX-License-Identifier: MIT
"""Whatever comes, the check takes 96 MiB at most, 256 MiB with its tools, and says what is wrong.

The bombs are small members of their kinds; each made the check take more, or minutes, before limits.py.
"""

from __future__ import annotations

import json
import lzma
import os
import random
import struct
import subprocess
import sys
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modem_image import HELPER, LIBRARY
from patience import PATIENCE
from unit.check.images import (
    BOOTFS,
    FLAGS,
    RELEASE,
    ROOTFS,
    TREE,
    boot_files,
    boot_scr,
    elf,
    fdt,
    image_files,
    module_files,
    packed,
    tar,
    write_tar,
    zimage,
)

MIB = 1 << 20
OWN, TOGETHER = 96, 256
PLACE = f"./lib/modules/{RELEASE}"
MEASURED = """
import json, resource, sys
from pathlib import Path
from huawei_modem_check.errors import UserError
from huawei_modem_check.image import check_image
try:
    report = check_image(Path(sys.argv[1]))
    said = [report.verdict.value, len(report.to_json())]
except UserError as error:
    said = ["refused", len(str(error))]
# Not ru_maxrss of its own: what the process was forked from counts in it.
(high,) = (int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))
tools = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([*said, high, tools.ru_maxrss // 1024]))
"""
Files = dict[str, bytes]


def boot(files: Files) -> Files:
    """An image with these files in its BOOT partition too."""
    return {**image_files(), BOOTFS: packed(tar({**boot_files(), **files}), BOOTFS)}


def root(files: Files) -> Files:
    return {**image_files(), ROOTFS: packed(tar(files), ROOTFS)}


def names_of_a_tree() -> Files:
    """Each of its properties has the same name, of three megabytes."""
    structure = struct.pack(">2I", 1, 0) + struct.pack(">3I", 3, 0, 0) * 20_000 + struct.pack(">2I", 2, 9)
    names = b"n" * (3 * MIB) + b"\0"
    places = (56, 56 + len(structure), 40)
    total = places[1] + len(names)
    header = struct.pack(">10I", 0xD00DFEED, total, *places, 17, 16, 0, len(names), len(structure))
    return boot({f"./{TREE}": header + bytes(16) + structure + names})


def many_nodes() -> Files:
    nodes: dict[str, Any] = {f"n{number}": {} for number in range(120_000)}
    return boot({f"./{TREE}": fdt({"compatible": b"x\0", **nodes})})


def fit_of_many() -> Files:
    kernel = {"type": b"kernel\0", "data": zimage()}
    return boot({"./fitImage": fdt({"images": {f"k{number}": kernel for number in range(60)}})})


def false_starts() -> Files:
    """A zImage of nothing but the first bytes of gzip."""
    return boot({"./zImage": zimage()[:0x200] + b"\x1f\x8b\x08\x00" * (5 * MIB)})


def long_names() -> Files:
    return root({f"./{'a' * 3 * MIB}{number}": b"" for number in range(20)})


def many_parts() -> Files:
    return root({f"./{'a/' * 500_000}x": b""})


def long_index() -> Files:
    line = b"kernel/drivers/a.ko: " + b" ".join(b"kernel/b%d.ko" % number for number in range(1_000_000))
    return root({**module_files(), f"{PLACE}/modules.dep": line})


def packages() -> Files:
    return root({**module_files(), "./var/lib/dpkg/status": b"Package: a\n" * 95_000})


def small_files() -> Files:
    noise = random.Random(1).randbytes(200_000)  # noqa: S311  repeatable, not secret
    return {**image_files(), **{f"file{number}": noise for number in range(400)}}


def settings() -> Files:
    """A driver on a blacklist a million times, in more files than anybody has."""
    lines = b"blacklist option\n" * 5_000 + b"alias *1*1*1*1*1*1*1*1*x off\n" * 5_000
    many = {f"./etc/modprobe.d/{number}.conf": lines for number in range(200)}
    return root(
        {**module_files(), **many, **{f"./lib/modprobe.d/{number}.conf": b"" for number in range(20_000)}}
    )


def one_module_by_many_names() -> Files:
    """A driver of sticks with 30,000 names, and as many links one behind the other; no index leads to it."""
    aliases = "".join(f"alias=usb:v12D1p{number:04X}d*dc*dsc*dp*ic*isc*ip*in*\0" for number in range(100))
    driver = f"{PLACE}/kernel/option.ko"
    links = []
    for number in range(30_000):
        name = tarfile.TarInfo(f"{PLACE}/kernel/n{number}/option.ko")
        name.type, name.linkname = tarfile.LNKTYPE, driver
        chain = tarfile.TarInfo(f"{PLACE}/kernel/c{number}.ko")
        chain.type, chain.linkname = tarfile.SYMTYPE, f"c{number + 1}.ko"
        links += [name, chain]
    files = {
        **module_files(),
        driver: elf(f"license=GPL\0{aliases}depends=\0vermagic={RELEASE} {FLAGS}\0".encode()),
        f"{PLACE}/modules.alias": b"",
    }
    return {**image_files(), ROOTFS: packed(tar(files, tuple(links)), ROOTFS)}


def names_in_a_script() -> Files:
    names = "".join(f"load mmc 0:1 $a zImage-{number}{'x' * 200}\n" for number in range(1000))
    return boot({"./boot.scr": boot_scr(f"{names}bootz $a\n"), "./overlays.txt": b""})


def large_dictionary() -> Files:
    """An .xz whose header asks for a dictionary of 1.5 GiB: 37 of the format's 40 sizes."""
    stream = bytearray(lzma.compress(tar(module_files()), preset=0))
    size = (stream[12] + 1) * 4
    stream[stream.index(b"\x21\x01", 12) + 2] = 37
    stream[12 + size - 4 : 12 + size] = struct.pack("<I", zlib.crc32(bytes(stream[12 : 12 + size - 4])))
    return {**image_files(), ROOTFS: bytes(stream)}


def inflating() -> Files:
    return {**image_files(), ROOTFS: lzma.compress(bytes(600 * MIB), preset=0)}


def nested_json() -> Files:
    deep = '{"a":' * 40_000 + "1" + "}" * 40_000
    return {**image_files(), "image.json": deep.encode()}


BOMBS: tuple[Callable[[], Files], ...] = (
    names_of_a_tree,
    many_nodes,
    fit_of_many,
    false_starts,
    long_names,
    many_parts,
    long_index,
    packages,
    small_files,
    settings,
    one_module_by_many_names,
    names_in_a_script,
    large_dictionary,
    inflating,
    nested_json,
)


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: bomb.__name__)
@pytest.mark.slow
def test_no_input_takes_more_than_the_limits(tmp_path: Path, bomb: Callable[[], Files]) -> None:
    path = write_tar(tmp_path, bomb())
    environment = {**os.environ, "PYTHONPATH": f"{LIBRARY}:{HELPER}"}
    command = [sys.executable, "-c", MEASURED, path]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr[-2000:]
    verdict, said, own, tools = json.loads(done.stdout)
    assert own <= OWN, f"{own} MiB"
    assert own + tools <= TOGETHER, f"{own} and {tools} MiB"
    assert said <= MIB
    assert verdict in ("ok", "fault", "insufficient-data", "refused")
