# SPDX-License-Identifier: MIT
"""Modules as kmod and the kernel see them. The oracles are depmod and modprobe of kmod, and GNU tar."""

from __future__ import annotations

import fnmatch
import io
import subprocess
import tarfile
import tracemalloc
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from huawei_modem.database import every_interface, load
from huawei_modem.report import Verdict
from huawei_modem_check.inflate import DamagedError
from huawei_modem_check.kmod import aliases_in, normal, parse_index
from huawei_modem_check.modules import ModuleCollector
from unit.check.images import (
    BOOTFS,
    RELEASE,
    ROOTFS,
    boot_files,
    check_files,
    codes,
    depmod_files,
    device_tree,
    image_files,
    module,
    packed,
    tar,
    write_tar,
    zimage,
)
from unit.helper.test_modules import elf

FOLDER = f"./lib/modules/{RELEASE}"
OPTION = f"{FOLDER}/kernel/drivers/option.ko"


def resolved(aliases: Iterable[tuple[str, str]], alias: str) -> set[str]:
    """The modules that `modprobe -R ALIAS` names."""
    wanted = normal(alias)
    return {module for pattern, module in aliases if fnmatch.fnmatchcase(wanted, pattern)}


def rootfs(files: Mapping[str, bytes], *extra: tarfile.TarInfo) -> dict[str, bytes]:
    """An image with this root file system."""
    return {**image_files(), ROOTFS: packed(tar(files, extra), ROOTFS)}


def link(name: str, target: str, hard: bool = False) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type = tarfile.LNKTYPE if hard else tarfile.SYMTYPE
    member.linkname = target
    return member


def test_a_folder_as_depmod_leaves_it_is_right(tmp_path: Path) -> None:
    assert check_files(tmp_path, rootfs(depmod_files())).findings == ()


def test_every_stick_leads_to_the_module_that_modprobe_names(tmp_path: Path) -> None:
    """`modprobe -R` on the image's own index, for each interface of each mode of the database."""
    for name, content in depmod_files().items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    index = parse_index(depmod_files()[f"{FOLDER}/modules.alias.bin"])
    binary = [(key, value) for key, values in index.items() for value in values]
    text = aliases_in(depmod_files()[f"{FOLDER}/modules.alias"].decode())
    triples = {
        interface.triple
        for stick in load().sticks
        for mode in stick.modes
        for interface in every_interface(mode)
    }
    assert len(triples) > 20
    for usb_class, subclass, protocol in sorted(triples):
        alias = f"usb:v12D1p1506d0102dc00dsc00dp00ic{usb_class}isc{subclass}ip{protocol}in00".replace(
            "ff", "FF"
        )
        line = ["modprobe", "-d", tmp_path, "-S", RELEASE, "-R", alias]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        said = {word.replace("-", "_") for word in done.stdout.split()}
        assert resolved(binary, alias) == said
        assert resolved(text, alias) == said


def test_the_index_is_read_as_depmod_wrote_it() -> None:
    files = depmod_files()
    dep = parse_index(files[f"{FOLDER}/modules.dep.bin"])
    lines = {line for values in dep.values() for line in values}
    assert {line.strip() for line in lines} == set(files[f"{FOLDER}/modules.dep"].decode().splitlines())
    assert set(dep) == {path.rpartition("/")[2].partition(".")[0] for path in files if path.endswith(".ko")}


@pytest.mark.parametrize(
    "data", [b"", b"\xb0\x07\xf4\x57", b"\xb0\x07\xf4\x57\0\2\0\1\xff\0\0\0", b"x" * 100]
)
def test_what_is_no_index(data: bytes) -> None:
    with pytest.raises(DamagedError):
        parse_index(data)


@pytest.mark.parametrize("children", [1, 128], ids=["one", "many"])
def test_an_index_that_leads_back_to_itself_ends(children: int) -> None:
    """Early: a file of some hundred octets may not take hundreds of MiB."""
    data = bytes.fromhex("b007f457 00020001 2000000c") + bytes((0, children - 1))
    data += bytes.fromhex("2000000c") * children
    tracemalloc.start()
    try:
        with pytest.raises(DamagedError, match="no end"):
            parse_index(data + bytes(3000))
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", ["modules.dep.bin", "modules.alias.bin"])
@pytest.mark.parametrize("damage", ["gone", "empty", "garbage", "other"])
def test_an_index_that_kmod_does_not_read(tmp_path: Path, name: str, damage: str) -> None:
    files = dict(depmod_files())
    path = f"{FOLDER}/{name}"
    other = f"{FOLDER}/modules.symbols.bin"
    files[path] = {"gone": b"", "empty": b"", "garbage": b"garbage" * 9, "other": files[other]}[damage]
    if damage == "gone":
        del files[path]
    assert codes(check_files(tmp_path, rootfs(files))) == {"modules-index-broken"}


@pytest.mark.parametrize("change", ["gone", "empty", "without option"])
def test_an_alias_text_that_leads_nowhere(tmp_path: Path, change: str) -> None:
    files = dict(depmod_files())
    path = f"{FOLDER}/modules.alias"
    lines = files.pop(path).splitlines(keepends=True)
    if change == "empty":
        files[path] = b""
    elif change == "without option":
        files[path] = b"".join(line for line in lines if not line.rstrip().endswith(b" option"))
    assert "modules-index-broken" in codes(check_files(tmp_path, rootfs(files)))


@pytest.mark.parametrize(
    "content",
    [
        module(name="option", flags="SMP mod_unload ARMv6 p2v8 "),
        module(name="option", flags="SMP mod_unload ARMv7 p2v9 "),
        module(name="option", flags="UP! mod_unload ARMv7 p2v8 "),
        module(name="option", flags="mod_unload ARMv7 p2v8 "),
        module(name="qmi_wwan"),
        module(name="option")[:18] + b"\x3e\0" + module(name="option")[20:],  # x86-64
        module(name="option")[:18] + b"\xb7\0" + module(name="option")[20:],  # arm64
        module(name="option")[:16] + b"\2\0" + module(name="option")[18:],  # ET_EXEC
    ],
    ids=["ARMv6", "p2v9", "UP!", "not SMP", "another driver", "x86", "arm64", "ET_EXEC"],
)
def test_a_module_that_the_kernel_refuses(tmp_path: Path, content: bytes) -> None:
    report = check_files(tmp_path, rootfs({**depmod_files(), OPTION: content}))
    assert "modules-mismatch" in codes(report)


def test_all_modules_of_another_machine(tmp_path: Path) -> None:
    files = {
        name: content[:18] + b"\xb7\0" + content[20:] if name.endswith(".ko") else content
        for name, content in depmod_files().items()
    }
    assert codes(check_files(tmp_path, rootfs(files))) == {"modules-mismatch"}


# --- The last member of a path counts --------------------------------------------------------------------


def unpacked_by_tar(path: Path, archive: bytes) -> Path:
    """What GNU tar makes of an archive."""
    path.mkdir()
    subprocess.run(["tar", "-x", "-C", path], input=archive, check=True, capture_output=True)
    return path


def twice(name: str, *members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """The modules' archive, followed by further members."""
    buffer = io.BytesIO(tar(depmod_files()))
    with tarfile.open(fileobj=buffer, mode="a") as archive:
        for member, content in members:
            member.name = name
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def special(kind: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo("x")
    member.type = kind
    member.linkname = "nowhere"
    return member


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.FIFOTYPE, tarfile.REGTYPE], ids=["link", "fifo", "empty"]
)
def test_a_module_that_something_else_replaces(tmp_path: Path, kind: bytes) -> None:
    archive = twice(OPTION, (special(kind), b""))
    left = unpacked_by_tar(tmp_path / "tree", archive) / OPTION
    assert not left.is_file() or left.stat().st_size == 0
    report = check_files(tmp_path, {**image_files(), ROOTFS: packed(archive, ROOTFS)})
    assert report.verdict is Verdict.FAULT


def test_a_damaged_module_that_a_good_one_replaces_is_right(tmp_path: Path) -> None:
    good = depmod_files()[OPTION]
    archive = twice(OPTION, (tarfile.TarInfo("x"), b"damaged"), (tarfile.TarInfo("x"), good))
    assert (unpacked_by_tar(tmp_path / "tree", archive) / OPTION).read_bytes() == good
    report = check_files(tmp_path, {**image_files(), ROOTFS: packed(archive, ROOTFS)})
    assert report.findings == ()


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.FIFOTYPE, tarfile.REGTYPE], ids=["link", "fifo", "empty"]
)
def test_a_kernel_that_something_else_replaces(tmp_path: Path, kind: bytes) -> None:
    buffer = io.BytesIO(tar(boot_files()))
    with tarfile.open(fileobj=buffer, mode="a") as archive:
        member = special(kind)
        member.name = "./zImage"
        archive.addfile(member)
    report = check_files(tmp_path, {**image_files(), BOOTFS: packed(buffer.getvalue(), BOOTFS)})
    assert report.verdict is Verdict.FAULT


def test_an_archive_twice_counts_as_the_last_one(tmp_path: Path) -> None:
    path = write_tar(tmp_path, image_files())
    wrong = packed(tar({"./etc/x": b""}), ROOTFS)
    with tarfile.open(path, "a") as archive:
        member = tarfile.TarInfo(f"bench-Tezi_0.1.0/{ROOTFS}")
        member.size = len(wrong)
        archive.addfile(member, io.BytesIO(wrong))
    from huawei_modem_check.image import check_image

    assert codes(check_image(path)) == {"modules-missing"}


def test_a_hard_link_to_another_driver_is_that_driver(tmp_path: Path) -> None:
    files = {name: content for name, content in depmod_files().items() if name != OPTION}
    target = f"{FOLDER}/kernel/drivers/tun.ko"
    report = check_files(tmp_path, rootfs(files, link(OPTION, target, hard=True)))
    assert [seen.text for finding in report.findings for seen in finding.evidence][:1] == ["calls itself tun"]


def test_a_module_under_a_second_name_by_a_hard_link_is_right(tmp_path: Path) -> None:
    plain = elf(f"license=GPL\0vermagic={RELEASE} SMP mod_unload ARMv7 p2v8 \0".encode())
    files = {name: plain if name.endswith(".ko") else content for name, content in depmod_files().items()}
    del files[OPTION]
    report = check_files(tmp_path, rootfs(files, link(OPTION, f"{FOLDER}/kernel/drivers/tun.ko", hard=True)))
    assert report.verdict is Verdict.OK, report.findings


# --- usrmerge ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lib", "verdict"),
    [
        (link("./lib", "usr/lib"), Verdict.OK),
        (link("./lib", "/usr/lib"), Verdict.OK),
        (link("./lib", "usr/lib64"), Verdict.FAULT),
        (None, Verdict.FAULT),
    ],
    ids=["usr/lib", "/usr/lib", "elsewhere", "absent"],
)
def test_modules_below_usr_need_a_link(tmp_path: Path, lib: tarfile.TarInfo | None, verdict: Verdict) -> None:
    files = {name.replace("./lib/", "./usr/lib/"): content for name, content in depmod_files().items()}
    report = check_files(tmp_path, rootfs(files, *([lib] if lib else [])))
    assert report.verdict is verdict


def test_a_folder_lib_hides_usr(tmp_path: Path) -> None:
    files = {name.replace("./lib/", "./usr/lib/"): content for name, content in depmod_files().items()}
    assert codes(check_files(tmp_path, rootfs({**files, "./lib/ld.so": b""}))) == {"modules-missing"}


# --- image.json tied to what was checked --------------------------------------------------------------------


def test_archives_swapped_or_the_same_twice(tmp_path: Path) -> None:
    files = image_files(rootfs=depmod_files())
    for one, two in ((ROOTFS, BOOTFS), (ROOTFS, ROOTFS), (BOOTFS, BOOTFS)):
        swapped = {**files, BOOTFS: files[one], ROOTFS: files[two]}
        assert check_files(tmp_path, swapped).verdict is Verdict.FAULT


def test_text_with_a_banner_is_no_zimage(tmp_path: Path) -> None:
    text = f"Linux version {RELEASE} (a@b) (gcc) #1 SMP\n".encode() * 3
    boot = {"./zImage": text, "./imx7d-colibri-emmc-iris-v2.dtb": device_tree()}
    files = {**image_files(), BOOTFS: packed(tar(boot), BOOTFS)}
    assert codes(check_files(tmp_path, files)) == {"kernel-unreadable"}
    assert zimage() != text


def test_links_cannot_go_into_fat(tmp_path: Path) -> None:
    boot = tar(boot_files(), (link("./zImage-link", "zImage"),))
    report = check_files(tmp_path, {**image_files(), BOOTFS: packed(boot, BOOTFS)})
    assert codes(report) == {"tezi-installation"}


def test_long_sums_are_compared_too(tmp_path: Path) -> None:
    sums = "".join(f"{'0' * 64}  {ROOTFS}\n" for _ in range(4000)).encode()
    assert codes(check_files(tmp_path, {**image_files(), "SHA256SUMS": sums})) == {"tezi-file-corrupt"}


def test_folders_of_more_releases_than_an_image_has_are_passed_over_and_said() -> None:
    collector = ModuleCollector("x", lambda _release: False)
    for number in range(1000):
        collector.offer(f"lib/modules/6.1.{number}", False, io.BytesIO())
    folders = collector.folders()
    assert len(folders) == 100
    assert folders[0].problems == {
        "modules": "more than 100 releases of modules: the rest was not looked into"
    }
