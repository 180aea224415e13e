# SPDX-License-Identifier: MIT
"""zImages: every compression, damage of every kind, and never an exception."""

from __future__ import annotations

import functools
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huawei_modem_check.kernel_image import read_kernel
from modem_image.errors import MissingError
from unit.check.images import CONFIG, PACKINGS, RELEASE, zimage

TOOLS = {"lzo": "lzop", "lz4": "lz4", "zstd": "zstd"}


@pytest.mark.parametrize("table", [True, False])
@pytest.mark.parametrize("packing", PACKINGS)
def test_the_release_is_read_from_every_compression(packing: str, table: bool) -> None:
    tool = TOOLS.get(packing)
    if tool and not shutil.which(tool):
        pytest.skip(f"{tool} is not installed: apt-get install {tool}")
    kernel = read_kernel(zimage(packing=packing, table=table, config=CONFIG), "zImage")
    assert (kernel.problem, kernel.compression, kernel.release) == (None, packing, RELEASE)
    assert kernel.banner == f"Linux version {RELEASE} (builder@host) (gcc 12) #1 SMP"
    assert kernel.config == CONFIG


def test_a_kernel_without_ikconfig_has_no_config() -> None:
    assert read_kernel(zimage(), "zImage").config is None


def test_a_magic_number_in_the_code_before_the_kernel_does_not_mislead() -> None:
    decoys = b"\xfd7zXZ\0" + b"\x1f\x8b\x08\0" + b"\x5d\0\0\x80\0" + b"\xff" * 8
    image = bytearray(zimage(packing="gzip"))
    image[0x100 : 0x100 + len(decoys)] = decoys
    assert read_kernel(bytes(image), "zImage").release == RELEASE


IMAGE = zimage()


@pytest.mark.parametrize(
    ("damaged", "text"),
    [
        (b"", "not a zImage"),
        (b"MZ" * 500, "not a zImage"),
        (IMAGE[:0x2A], "truncated inside the header"),
        (IMAGE[: len(IMAGE) // 2], "truncated: the header says"),
        (IMAGE[:0x200] + bytes(len(IMAGE) - 0x200), "no kernel inside"),
        (IMAGE[:0x30] + b"\x04\x03\x02\x01" + IMAGE[0x34:], "big-endian"),
        (IMAGE[:-24] + b"\xff\xff\0\0" + IMAGE[-20:], "the zImage says 65535"),
    ],
)
def test_damage_is_named(damaged: bytes, text: str) -> None:
    kernel = read_kernel(damaged, "zImage")
    assert kernel.release is None
    assert kernel.problem is not None
    assert text in kernel.problem


@pytest.mark.parametrize("packing", ["gzip", "xz"])
def test_one_flipped_bit_in_the_payload_is_noticed(packing: str) -> None:
    image = bytearray(zimage(packing=packing))
    image[len(image) // 2] ^= 1
    assert read_kernel(bytes(image), "zImage").problem is not None


def test_a_missing_tool_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    image = zimage(packing="zstd") if shutil.which("zstd") else None
    if image is None:
        pytest.skip("zstd is not installed: apt-get install zstd")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MissingError, match="apt-get install zstd"):
        read_kernel(image, "zImage")


@functools.cache
def sample(packing: str) -> bytes:
    return zimage(packing=packing, config="CONFIG_TUN=m\n")


@given(
    packing=st.sampled_from(["gzip", "xz", "lzma"]),
    cut=st.integers(0, 1 << 20),
    changes=st.lists(st.tuples(st.integers(0, 1 << 20), st.binary(min_size=1, max_size=8)), max_size=4),
)
def test_no_damage_upsets_the_reader(packing: str, cut: int, changes: list[tuple[int, bytes]]) -> None:
    image = bytearray(sample(packing))
    for place, content in changes:
        start = place % len(image)
        image[start : start + len(content)] = content
    kernel = read_kernel(bytes(image[: len(image) - cut % len(image)]), "zImage")
    assert (kernel.release is None) == (kernel.problem is not None)


@given(st.binary(max_size=2000))
def test_no_bytes_behind_the_magic_number_upset_the_reader(data: bytes) -> None:
    read_kernel(bytes(0x24) + b"\x18\x28\x6f\x01" + data, "zImage")
