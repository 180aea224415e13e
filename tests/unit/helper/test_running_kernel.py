# SPDX-License-Identifier: MIT
"""check-modules on folders of modules: what is read, and what is found."""

from __future__ import annotations

import gzip
import lzma
from pathlib import Path

from huawei_modem import running_kernel
from huawei_modem.database import load
from huawei_modem.rules import kernel as rules
from huawei_modem.shapes import KernelFacts
from unit.helper.test_modules import elf
from unit.helper.trees import RELEASE, write

DRIVERS = load().drivers
SERIAL = "kernel/drivers/usb/serial"
DEPENDENCIES = f"""\
{SERIAL}/option.ko: {SERIAL}/usb_wwan.ko {SERIAL}/usbserial.ko
{SERIAL}/usb_wwan.ko: {SERIAL}/usbserial.ko
{SERIAL}/usbserial.ko:
kernel/drivers/net/usb/huawei_cdc_ncm.ko.gz:
kernel/drivers/net/usb/qmi_wwan.ko.xz:
kernel/drivers/gpu/unused.ko:
"""


def module(release: str = RELEASE) -> bytes:
    return elf(f"license=GPL\0vermagic={release} SMP mod_unload ARMv7\0".encode())


def system(root: Path, release: str = RELEASE) -> Path:
    """A system with a few modules, one of them loaded; returns the folder of its modules."""
    write(root / "proc/sys/kernel/osrelease", f"{RELEASE}\n")
    write(root / "proc/modules", "usbserial 40960 1 usb_wwan, Live 0x00000000\n")
    folder = root / "lib/modules" / release
    write(folder / "modules.dep", DEPENDENCIES)
    write(folder / "modules.builtin", "kernel/drivers/net/tun.ko\n")
    for path in running_kernel.parse_modules_dep(DEPENDENCIES):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        pack = {".gz": gzip.compress, ".xz": lzma.compress}.get(Path(path).suffix, bytes)
        (folder / path).write_bytes(pack(module()))
    return folder


def codes(facts: KernelFacts) -> list[str]:
    return [finding.code for finding in rules.check(facts)]


def test_matching_modules_give_no_finding(tmp_path: Path) -> None:
    system(tmp_path)
    facts = running_kernel.collect(tmp_path, DRIVERS)
    assert facts["release"] == RELEASE
    assert facts["checked"] == 5, "the drivers and what they need, not every module"
    assert codes(facts) == []


def test_all_reads_every_module(tmp_path: Path) -> None:
    folder = system(tmp_path)
    (folder / "kernel/drivers/gpu/unused.ko").write_bytes(module("5.4.193"))
    assert codes(running_kernel.collect(tmp_path, DRIVERS)) == []
    facts = running_kernel.collect(tmp_path, DRIVERS, running_kernel.EVERY)
    assert facts["checked"] == 6
    assert facts["foreign"] == {"kernel/drivers/gpu/unused.ko": "5.4.193"}
    assert codes(facts) == ["modules-mismatch"]


def test_a_dependency_of_another_kernel_is_found(tmp_path: Path) -> None:
    (system(tmp_path) / SERIAL / "usb_wwan.ko").write_bytes(module("6.1.55-7.1"))
    assert codes(running_kernel.collect(tmp_path, DRIVERS)) == ["modules-mismatch"]


def test_modules_of_another_release_only(tmp_path: Path) -> None:
    system(tmp_path, release="5.4.193")
    facts = running_kernel.collect(tmp_path, DRIVERS)
    assert (facts["folder"], facts["folders"]) == (False, ["5.4.193"])
    assert codes(facts) == ["modules-mismatch"]


def test_a_file_of_the_index_that_is_not_there(tmp_path: Path) -> None:
    (system(tmp_path) / SERIAL / "usbserial.ko").unlink()
    facts = running_kernel.collect(tmp_path, DRIVERS)
    assert facts["absent"] == [f"{SERIAL}/usbserial.ko"]
    assert codes(facts) == ["modules-index-broken"]


def test_a_missing_index(tmp_path: Path) -> None:
    (system(tmp_path) / "modules.dep").unlink()
    assert codes(running_kernel.collect(tmp_path, DRIVERS)) == ["modules-index-broken"]


def test_a_driver_that_is_built_in_is_not_missing(tmp_path: Path) -> None:
    folder = system(tmp_path)
    write(folder / "modules.dep", "")
    assert running_kernel.collect(tmp_path, DRIVERS)["lacking"] == ["option", "huawei_cdc_ncm", "qmi_wwan"]
    write(folder / "modules.builtin", f"{SERIAL}/option.ko\nkernel/drivers/net/usb/huawei_cdc_ncm.ko\n")
    assert running_kernel.collect(tmp_path, DRIVERS)["lacking"] == ["qmi_wwan"]


def test_damaged_and_unreadable_modules_are_named(tmp_path: Path) -> None:
    folder = system(tmp_path)
    for name in ("kernel/drivers/net/usb/huawei_cdc_ncm.ko.gz", "kernel/drivers/net/usb/qmi_wwan.ko.xz"):
        packed = (folder / name).read_bytes()
        (folder / name).write_bytes(packed[: len(packed) // 2])
    (folder / SERIAL / "option.ko").write_bytes(b"")
    facts = running_kernel.collect(tmp_path, DRIVERS)
    assert len(facts["unread"]) == 3
    assert codes(facts) == ["insufficient-data"]


def test_no_system_at_all_is_insufficient_data(tmp_path: Path) -> None:
    assert codes(running_kernel.collect(tmp_path, DRIVERS)) == ["insufficient-data"]


def test_a_compressed_module_with_flipped_bits_is_named(tmp_path: Path) -> None:
    folder = system(tmp_path)
    for name in ("kernel/drivers/net/usb/huawei_cdc_ncm.ko.gz", "kernel/drivers/net/usb/qmi_wwan.ko.xz"):
        packed = bytearray((folder / name).read_bytes())
        packed[24:40] = bytes(16)
        (folder / name).write_bytes(packed)
    assert len(running_kernel.collect(tmp_path, DRIVERS)["unread"]) == 2


def test_each_depth_looks_at_more(tmp_path: Path) -> None:
    folder = system(tmp_path)
    write(tmp_path / "proc/modules", "mixed_name_x 1 0 - Live 0x0\n")
    index = (folder / "modules.dep").read_text()
    write(folder / "modules.dep", f"{index}kernel/mixed-name_x.ko: {SERIAL}/option.ko\nkernel/gone.ko:\n")
    (folder / "kernel/mixed-name_x.ko").write_bytes(module("5.4.193"))
    found = [running_kernel.collect(tmp_path, DRIVERS, depth) for depth in range(4)]
    assert [bool(facts["foreign"]) for facts in found] == [False, True, True, True]
    assert [facts["absent"] for facts in found] == [[], [], ["kernel/gone.ko"], ["kernel/gone.ko"]]
    assert found[3]["checked"] > found[2]["checked"] == found[1]["checked"] > found[0]["checked"]


def test_a_module_that_others_need_is_not_taken_for_one_of_them(tmp_path: Path) -> None:
    folder = system(tmp_path)
    write(folder / "modules.dep", f"kernel/other.ko: {SERIAL}/option.ko\n")
    assert "option" in running_kernel.collect(tmp_path, DRIVERS)["lacking"]
