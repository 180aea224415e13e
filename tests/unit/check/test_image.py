# SPDX-License-Identifier: MIT
"""Whole images: a healthy one gives no error, and each fault its own code."""

from __future__ import annotations

import gzip
import json
import lzma
import re
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huawei_modem.report import Severity, Verdict
from huawei_modem_check.image import check_image
from modem_image.errors import InputError
from unit.check.images import (
    BOOTFS,
    CONFIG,
    FOLDER,
    PACKINGS,
    RELEASE,
    ROOTFS,
    boot_files,
    check_files,
    codes,
    device_tree,
    image_files,
    module,
    module_files,
    packed,
    tar,
    with_sums,
    write_tar,
    zimage,
)

PLACE = f"./lib/modules/{RELEASE}"
DRIVERS = f"{PLACE}/kernel/drivers"


def without(*paths: str) -> dict[str, bytes]:
    """A root file system that lacks modules, with an index that fits."""
    files = {path: content for path, content in module_files().items() if path not in paths}
    index = [path[len(PLACE) + 1 :] for path in files if path.endswith(".ko")]
    return {**files, f"{PLACE}/modules.dep": "".join(f"{path}:\n" for path in index).encode()}


# --- Healthy ----------------------------------------------------------------------------------------


def test_a_healthy_image_gives_no_finding(tmp_path: Path) -> None:
    report = check_files(tmp_path, with_sums(image_files()))
    assert (report.findings, report.verdict) == ((), Verdict.OK)
    assert report.facts["kernels"] == [
        {"source": f"{BOOTFS}:zImage", "release": RELEASE, "kind": "zImage", "compression": "xz"}
    ]
    assert [(folder["release"], folder["count"]) for folder in report.facts["modules"]] == [(RELEASE, 4)]


def test_a_folder_is_as_good_as_its_tar(tmp_path: Path) -> None:
    for name, content in image_files().items():
        (tmp_path / name).write_bytes(content)
    assert check_image(tmp_path).findings == ()


@pytest.mark.parametrize("ending", ["xz", "gz", "zst"])
def test_the_tar_may_be_compressed(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"image.tar.{ending}"
    path.write_bytes(packed(write_tar(tmp_path, image_files()).read_bytes(), path.name))
    assert check_image(path).findings == ()


def test_image_json_may_come_last(tmp_path: Path) -> None:
    assert check_files(tmp_path, dict(reversed(image_files().items()))).findings == ()


def nand_files(kernel_kib: int) -> dict[str, bytes]:
    """An image for modules with NAND, with so much room for the kernel."""
    kernel = {"name": "kernel", "type": "static", "content": {"rawfile": {"filename": "zImage"}}}
    trees = [
        {"filename": "imx7s.dtb", "product_ids": "0032"},
        {"filename": "imx7d.dtb", "product_ids": "0033"},
    ]
    volumes = [
        {**kernel, "size_kib": kernel_kib},
        {"name": "dtb", "size_kib": 128, "content": {"rawfiles": trees}},
        {"name": "rootfs", "content": {"filesystem_type": "ubifs", "filename": ROOTFS}},
    ]
    description = {
        "config_format": 2,
        "name": "Bench",
        "description": "For tests",
        "supported_product_ids": ["0032", "0033"],
        "mtddevs": [{"name": "ubi", "ubivolumes": volumes}],
    }
    files = {**image_files(), "image.json": json.dumps(description).encode(), "zImage": zimage()}
    files |= {
        "imx7s.dtb": device_tree("toradex,colibri-imx7s"),
        "imx7d.dtb": device_tree("toradex,colibri-imx7d"),
    }
    del files[BOOTFS]
    return files


def test_a_nand_image_has_its_kernel_beside_image_json(tmp_path: Path) -> None:
    assert check_files(tmp_path, nand_files(12288)).findings == ()


def test_a_kernel_larger_than_its_volume(tmp_path: Path) -> None:
    (finding,) = check_files(tmp_path, nand_files(100)).findings
    assert finding.code == "tezi-installation"
    assert finding.title.startswith("the installation stops after the flash is erased")
    assert re.search(r"zImage with \d{3} KiB does not fit into a volume of 124 KiB", finding.evidence[0].text)


def test_files_larger_than_their_partition_whatever_image_json_says(tmp_path: Path) -> None:
    """The packed size tells nothing, and `uncompressed_size` may be that of another build."""
    boot = {**boot_files(), "./large": bytes(16 << 20)}
    (finding,) = check_files(tmp_path, {**image_files(), BOOTFS: packed(tar(boot), BOOTFS)}).findings
    assert finding.code == "tezi-installation"
    assert "17 MiB do not fit into a partition of 16 MiB" in finding.evidence[0].text


@pytest.mark.parametrize(
    ("suffix", "compress"),
    [(".xz", lzma.compress), (".gz", gzip.compress), (".zst", PACKINGS["zstd"])],
)
def test_compressed_modules_are_read(tmp_path: Path, suffix: str, compress: object) -> None:
    files = {}
    for path, content in module_files(built_for="6.1.0-other").items():
        if path.endswith(".ko"):
            files[path + suffix] = compress(content)  # type: ignore[operator]
        else:
            files[path] = content.replace(b".ko:", f".ko{suffix}:".encode())
    report = check_files(tmp_path, image_files(rootfs=files))
    assert codes(report) == {"modules-mismatch"}
    assert report.findings[0].title == f"4 modules were built for another kernel than {RELEASE}"


def test_modules_under_usr_and_drivers_built_in(tmp_path: Path) -> None:
    files = without(f"{DRIVERS}/option.ko")
    files[f"{PLACE}/modules.builtin"] = b"kernel/drivers/usb/serial/option.ko\n"
    files = {path.replace("./lib/", "./usr/lib/"): content for path, content in files.items()}
    lib = tarfile.TarInfo("./lib")
    lib.type, lib.linkname = tarfile.SYMTYPE, "usr/lib"
    archive = packed(tar(files, (lib,)), ROOTFS)
    assert check_files(tmp_path, {**image_files(), ROOTFS: archive}).findings == ()


# --- Kernel and modules -----------------------------------------------------------------------------


def test_modules_of_another_kernel(tmp_path: Path) -> None:
    report = check_files(tmp_path, image_files(kernel=zimage("6.1.0-other")))
    assert codes(report) == {"modules-mismatch"}
    texts = [item.text for item in report.findings[0].evidence]
    assert texts == ["Linux version 6.1.0-other", f"modules for {RELEASE}"]


def test_one_module_of_another_kernel_in_the_right_folder(tmp_path: Path) -> None:
    files = {**module_files(), f"{DRIVERS}/option.ko": module("6.1.0-other")}
    report = check_files(tmp_path, image_files(rootfs=files))
    assert codes(report) == {"modules-mismatch"}
    (evidence,) = report.findings[0].evidence
    assert evidence.source == f"{ROOTFS}:lib/modules/{RELEASE}/kernel/drivers/option.ko"
    assert evidence.text == "built for 6.1.0-other"


def test_a_module_without_vermagic_belongs_to_no_kernel(tmp_path: Path) -> None:
    files = {**module_files(), f"{DRIVERS}/option.ko": module(None)}
    assert codes(check_files(tmp_path, image_files(rootfs=files))) == {"modules-mismatch"}


def test_no_modules_at_all(tmp_path: Path) -> None:
    assert codes(check_files(tmp_path, image_files(rootfs={"./etc/hostname": b"x"}))) == {"modules-missing"}


def test_a_missing_driver(tmp_path: Path) -> None:
    report = check_files(tmp_path, image_files(rootfs=without(f"{DRIVERS}/huawei_cdc_ncm.ko")))
    assert codes(report) == {"modules-missing"}
    assert report.findings[0].title == "the image has no module huawei_cdc_ncm: it drives ncm of the sticks"


def test_a_damaged_module(tmp_path: Path) -> None:
    files = {**module_files(), f"{DRIVERS}/option.ko": b"\x7fELF"}
    assert codes(check_files(tmp_path, image_files(rootfs=files))) == {"modules-missing"}


def test_the_tun_module_has_a_code_of_its_own(tmp_path: Path) -> None:
    assert codes(check_files(tmp_path, image_files(rootfs=without(f"{DRIVERS}/tun.ko")))) == {"tun-missing"}


def test_a_second_folder_of_modules(tmp_path: Path) -> None:
    files = {**module_files(), **module_files("5.4.129")}
    report = check_files(tmp_path, image_files(rootfs=files))
    assert codes(report) == {"modules-stale"}
    assert "5.4.129" in report.findings[0].title


@pytest.mark.parametrize(
    ("files", "text"),
    [
        ({f"{PLACE}/modules.dep": b"kernel/drivers/absent.ko:\n"}, "names kernel/drivers/absent.ko"),
        ({f"{PLACE}/modules.dep": b""}, "does not name kernel/drivers/huawei_cdc_ncm.ko"),
        ({f"{DRIVERS}/extra.ko": module()}, "does not name kernel/drivers/extra.ko"),
    ],
)
def test_an_index_that_does_not_fit(tmp_path: Path, files: dict[str, bytes], text: str) -> None:
    report = check_files(tmp_path, image_files(rootfs={**module_files(), **files}))
    assert codes(report) == {"modules-index-broken"}
    assert text in report.findings[0].evidence[0].text


def test_no_index(tmp_path: Path) -> None:
    files = module_files()
    del files[f"{PLACE}/modules.dep"]
    assert codes(check_files(tmp_path, image_files(rootfs=files))) == {"modules-index-broken"}


def test_an_alias_that_leads_nowhere(tmp_path: Path) -> None:
    lines = "# Aliases extracted from modules themselves.\nalias usb:v12D1p*ic08* {}\n"
    for name, found in (
        ("option", set()),
        ("huawei-cdc-ncm", set()),
        ("usb_storage", {"modules-index-broken"}),
    ):
        files = {**module_files(), f"{PLACE}/modules.alias": lines.format(name).encode()}
        assert codes(check_files(tmp_path, image_files(rootfs=files))) == found


def test_a_module_that_is_built_in_too(tmp_path: Path) -> None:
    files = {**module_files(), f"{PLACE}/modules.builtin": b"kernel/drivers/option.ko\n"}
    (finding,) = check_files(tmp_path, image_files(rootfs=files)).findings
    assert (finding.code, finding.severity) == ("modules-stale", Severity.WARNING)


@pytest.mark.parametrize(
    "tree", [None, b"no tree", device_tree()[:-8], device_tree("toradex,colibri-imx7d", "fsl,imx7d")]
)
def test_no_device_tree_for_the_module(tmp_path: Path, tree: bytes | None) -> None:
    boot = {"./zImage": zimage()} if tree is None else {"./zImage": zimage(), "./x.dtb": tree}
    files = {**image_files(), BOOTFS: packed(tar(boot), BOOTFS)}
    assert codes(check_files(tmp_path, files)) == {"device-tree-missing"}


@pytest.mark.parametrize("kernel", [b"", b"no kernel", zimage()[:5000]])
def test_a_damaged_kernel(tmp_path: Path, kernel: bytes) -> None:
    assert codes(check_files(tmp_path, image_files(kernel=kernel))) == {"kernel-unreadable"}


def test_no_kernel_in_the_image(tmp_path: Path) -> None:
    files = {**image_files(), BOOTFS: packed(tar({"./x.dtb": device_tree()}), BOOTFS)}
    assert codes(check_files(tmp_path, files)) == {"kernel-unreadable"}


# --- Options of the kernel --------------------------------------------------------------------------

BROKEN = CONFIG.replace("CONFIG_USB_SERIAL_OPTION=m\n", "")


def test_a_missing_option_in_ikconfig(tmp_path: Path) -> None:
    report = check_files(tmp_path, image_files(kernel=zimage(config=BROKEN)))
    assert codes(report) == {"kernel-symbol-missing"}
    assert report.findings[0].evidence[1].source == f"{BOOTFS}:zImage (IKCONFIG)"


def test_a_missing_option_in_the_config_of_the_root_file_system(tmp_path: Path) -> None:
    files = {**module_files(), f"./boot/config-{RELEASE}": BROKEN.encode()}
    report = check_files(tmp_path, image_files(rootfs=files))
    assert codes(report) == {"kernel-symbol-missing"}
    assert report.findings[0].evidence[1].source == f"{ROOTFS}:boot/config-{RELEASE}"


def test_a_missing_option_in_the_config_of_the_image(tmp_path: Path) -> None:
    report = check_files(tmp_path, image_files(config=BROKEN))
    assert codes(report) == {"kernel-symbol-missing"}


def test_options_that_cannot_be_checked_are_no_fault(tmp_path: Path) -> None:
    report = check_files(tmp_path, image_files(config=None))
    assert report.verdict is Verdict.OK
    (finding,) = report.findings
    assert (finding.code, finding.severity) == ("kernel-symbol-unverified", Severity.WARNING)


# --- Archives and files -----------------------------------------------------------------------------


def test_a_damaged_archive(tmp_path: Path) -> None:
    files = image_files()
    files[ROOTFS] = files[ROOTFS][: len(files[ROOTFS]) // 2]
    assert "tezi-file-corrupt" in codes(check_files(tmp_path, files))


def test_a_truncated_image(tmp_path: Path) -> None:
    path = write_tar(tmp_path, image_files())
    path.write_bytes(path.read_bytes()[:-15_000])
    assert "tezi-file-corrupt" in codes(check_image(path))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE])
def test_an_image_with_anything_but_files(tmp_path: Path, kind: bytes) -> None:
    entry = tarfile.TarInfo(f"{FOLDER}/x")
    entry.type, entry.linkname = kind, "image.json"
    path = tmp_path / "image.tar"
    path.write_bytes(tar({f"{FOLDER}/{name}": data for name, data in image_files().items()}, (entry,)))
    assert codes(check_image(path)) == {"tezi-name-unsafe"}


def test_a_member_of_an_archive_that_leaves_it(tmp_path: Path) -> None:
    files = {**module_files(), "./../../etc/passwd": b"x"}
    assert codes(check_files(tmp_path, image_files(rootfs=files))) == {"tezi-name-unsafe"}


def test_a_link_out_of_the_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(image_files()[ROOTFS])
    folder = tmp_path / "image"
    folder.mkdir()
    for name, content in image_files().items():
        (folder / name).write_bytes(content)
    (folder / "linked").symlink_to(outside)
    assert codes(check_image(folder)) == {"tezi-name-unsafe"}


# --- No image ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"\0" * 10_000, b"text\n", tar({"./etc/hostname": b"x"})])
def test_another_file_is_refused_with_what_is_accepted(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"Accepted is an Easy Installer image"):
        check_image(path)


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        check_image(tmp_path / "absent.tar")


def test_several_images_in_one_tar_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(tar({"a/image.json": b"{}", "b/image.json": b"{}"}))
    with pytest.raises(InputError, match="several folders"):
        check_image(path)


# --- Any damage -------------------------------------------------------------------------------------

SOUND = with_sums(image_files())


@settings(
    max_examples=6 * settings.default.max_examples // 10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    name=st.sampled_from([name for name in SOUND if name != "SHA256SUMS"]),
    place=st.integers(0, 1 << 30),
    content=st.binary(min_size=1, max_size=16),
)
@pytest.mark.slow
def test_no_damage_to_a_file_is_taken_for_a_sound_image(
    tmp_path: Path, name: str, place: int, content: bytes
) -> None:
    damaged = bytearray(SOUND[name])
    start = place % len(damaged)
    damaged[start : start + len(content)] = content
    report = check_files(tmp_path, {**SOUND, name: bytes(damaged)})
    assert (report.verdict is Verdict.OK) == (bytes(damaged) == SOUND[name])


@pytest.mark.parametrize(("script", "shown"), [(b"echo\nexit 1\n", False), (b"echo\nif true\n", True)])
def test_an_error_script_may_end_badly_and_has_to_run(tmp_path: Path, script: bytes, shown: bool) -> None:
    """What it prints is shown only when it ends so, as this project's own does."""
    files = {**image_files(json_changes={"error_script": "error.sh"}), "error.sh": script}
    said = [seen.text for finding in check_files(tmp_path, files).findings for seen in finding.evidence]
    assert any("error_script" in text for text in said) == shown, said
