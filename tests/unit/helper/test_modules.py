# SPDX-License-Identifier: MIT
"""The reader of .modinfo, against ELF files laid out by hand as the System V ABI says."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huawei_modem.modules import ModuleFormatError, modinfo_of, modinfo_of_file, vermagic_release

MODINFO = b"alias=usb:v12D1p*\0alias=usb:v0408p*\0license=GPL\0vermagic=6.1.55-7.0 SMP mod_unload ARMv7\0"
NAMES = b"\0.modinfo\0.shstrtab\0"


def elf(modinfo: bytes = MODINFO, bits: int = 32, order: str = "<", name: bytes = NAMES) -> bytes:
    """A relocatable file with three sections: null, .modinfo, .shstrtab."""
    header_size, entry = (52, "IIIIIIIIII") if bits == 32 else (64, "IIQQQQIIQQ")
    entry_size = struct.calcsize(order + entry)
    table = header_size + len(modinfo) + len(name)
    ident = b"\x7fELF" + bytes([bits // 32, 1 if order == "<" else 2, 1]) + bytes(9)
    word = "I" if bits == 32 else "Q"
    header = ident + struct.pack(
        order + "HHI" + word * 3 + "IHHHHHH", 1, 40, 1, 0, 0, table, 0, header_size, 0, 0, entry_size, 3, 2
    )

    def section(name_offset: int, kind: int, offset: int, size: int) -> bytes:
        return struct.pack(order + entry, name_offset, kind, 0, 0, offset, size, 0, 0, 1, 0)

    sections = [
        section(0, 0, 0, 0),
        section(1, 1, header_size, len(modinfo)),
        section(10, 3, header_size + len(modinfo), len(name)),
    ]
    return header + modinfo + name + b"".join(sections)


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("order", ["<", ">"])
def test_every_class_and_byte_order_is_read(bits: int, order: str) -> None:
    modinfo = modinfo_of(elf(bits=bits, order=order))
    assert modinfo["alias"] == ["usb:v12D1p*", "usb:v0408p*"]
    assert modinfo["license"] == ["GPL"]
    assert vermagic_release(modinfo) == "6.1.55-7.0"


def test_an_open_file_gives_the_same_as_its_bytes() -> None:
    assert modinfo_of_file(io.BytesIO(elf())) == modinfo_of(elf())


@pytest.mark.parametrize("modinfo", [b"license=GPL\0", b"vermagic=\0", b"vermagic= \0"])
def test_a_module_without_vermagic_names_no_release(modinfo: bytes) -> None:
    assert vermagic_release(modinfo_of(elf(modinfo))) is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "truncated"),
        (b"\x28\xb5\x2f\xfd" + bytes(100), "not an ELF file"),
        (elf()[:-1], "truncated"),
        (elf(name=NAMES.replace(b".modinfo", b".modinf0")), "no .modinfo section"),
    ],
)
def test_what_is_no_module_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(ModuleFormatError, match=reason):
        modinfo_of(data)


@given(st.integers(0, len(elf()) - 1), st.binary(min_size=1, max_size=8), st.integers(0, len(elf())))
def test_damage_never_raises_anything_else(place: int, noise: bytes, length: int) -> None:
    data = elf()
    damaged = (data[:place] + noise + data[place + len(noise) :])[:length]
    for read in (modinfo_of, lambda data: modinfo_of_file(io.BytesIO(data))):
        try:
            read(damaged)
        except ModuleFormatError as reason:
            assert str(reason)


def test_sections_past_sixteen_bits_are_counted_in_section_zero() -> None:
    data = bytearray(elf())
    table = struct.unpack_from("<I", data, 0x20)[0]
    struct.pack_into("<HH", data, 0x30, 0, 0xFFFF)  # e_shnum, e_shstrndx
    struct.pack_into("<II", data, table + 0x14, 3, 2)  # sh_size, sh_link of section 0
    assert modinfo_of(bytes(data)) == modinfo_of(elf())
