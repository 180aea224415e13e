# SPDX-License-Identifier: MIT
"""What U-Boot may start besides a zImage: layouts made by hand, and by dtc."""

from __future__ import annotations

import hashlib
import struct
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huawei_modem_check.boot_file import read_boot_file, read_device_tree
from huawei_modem_check.fdt import parse_fdt, strings
from unit.check.images import CONFIG, PACKINGS, RELEASE, device_tree, fdt, inflated_kernel, uimage, zimage


def fit(kernel: bytes, algorithm: str = "sha256", digest: bytes | None = None) -> bytes:
    hashed = hashlib.new(algorithm, kernel).digest() if digest is None else digest
    image = {
        "type": b"kernel\0",
        "data": kernel,
        "hash-1": {"algo": algorithm.encode() + b"\0", "value": hashed},
    }
    tree = {"type": b"flat_dt\0", "data": device_tree()}
    return fdt({"images": {"kernel-1": image, "fdt-1": tree}, "configurations": {"default": b"conf-1\0"}})


@pytest.mark.parametrize(
    ("data", "kind", "compression"),
    [
        (zimage(), "zImage", "xz"),
        (inflated_kernel(config=CONFIG), "Image", None),
        (PACKINGS["gzip"](inflated_kernel()), "Image", "gzip"),
        (uimage(zimage(packing="gzip")), "uImage", "gzip"),
        (uimage(inflated_kernel()), "uImage", None),
        (fit(zimage()), "FIT", "xz"),
        (fit(PACKINGS["gzip"](inflated_kernel()), "sha1"), "FIT", "gzip"),
    ],
)
def test_the_release_is_read(data: bytes, kind: str, compression: str | None) -> None:
    ((kernel,), _trees) = read_boot_file(data, "kernel")
    assert (kernel.problem, kernel.release) == (None, RELEASE)
    assert (kernel.kind, kernel.compression) == (kind, compression)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (uimage(zimage())[:40], "truncated inside the header"),
        (uimage(zimage())[:-10], "truncated: the uImage's header says"),
        (uimage(zimage())[:-10] + bytes(10), "checksum of the uImage's content"),
        (b"\x27\x05\x19\x56\x01" + uimage(zimage())[5:], "checksum of the uImage's header"),
        (uimage(zimage(), kind=3), "a uImage of type 3"),
        (fit(zimage(), digest=bytes(32)), "the sha256 of /images/kernel-1 is wrong"),
        (fit(zimage())[:-100], "truncated: the header says"),
        (fdt({"images": {}}), "without a kernel"),
        (PACKINGS["gzip"](b"no kernel"), "names no release"),
        (PACKINGS["gzip"](inflated_kernel())[:-100], "ends in the middle"),
        (b"text", "not a zImage"),
    ],
)
def test_damage_is_named(data: bytes, text: str) -> None:
    ((kernel,), _trees) = read_boot_file(data, "kernel")
    assert kernel.release is None
    assert text in (kernel.problem or "")


def test_a_fit_whose_data_lie_behind_the_tree() -> None:
    content = zimage()
    node = {"type": b"kernel\0", "data-size": struct.pack(">I", len(content)), "data-offset": bytes(4)}
    tree = fdt({"images": {"kernel-1": node}})
    data = tree.ljust((len(tree) + 3) & ~3, b"\0") + content
    assert read_boot_file(data, "kernel")[0][0].release == RELEASE


def test_the_device_trees_of_a_fit() -> None:
    _kernels, (tree,) = read_boot_file(fit(zimage()), "fitImage")
    assert tree.source == "fitImage:fdt-1"
    assert tree.compatible[1] == "toradex,colibri-imx7d-emmc"


def test_dtc_and_the_reader_agree() -> None:
    source = b'/dts-v1/; / { compatible = "a,b", "c"; soc { bus@1 { reg = <1 2>; }; }; chosen { }; };'
    data = subprocess.run(["dtc", "-qO", "dtb"], input=source, capture_output=True, check=True).stdout
    tree = parse_fdt(data)
    assert list(tree) == ["", "/soc", "/soc/bus@1", "/chosen"]
    assert strings(tree[""]["compatible"]) == ("a,b", "c")
    assert tree["/soc/bus@1"]["reg"] == struct.pack(">2I", 1, 2)


FIT = fit(b"\0" * 300)


@given(place=st.integers(0, len(FIT) - 1), content=st.binary(min_size=1, max_size=8))
def test_no_damage_upsets_the_reader(place: int, content: bytes) -> None:
    damaged = FIT[:place] + content + FIT[place + len(content) :]
    assert read_boot_file(damaged, "x")[0]
    read_device_tree(damaged, "x")
