# SPDX-License-Identifier: MIT
"""The check holds every image.json for what Easy Installer makes of it."""

from __future__ import annotations

import json
import lzma
import re
import subprocess
from pathlib import Path

import pytest

from corpus.installer.draft import BOOTFS, ROOTFS, Draft, emmc, nand
from corpus.installer.measured import MEASURED
from corpus.installer.rows import ROWS, Row
from huawei_modem.report import Verdict
from huawei_modem_check.image import check_image
from huawei_modem_check.installer import listing
from huawei_modem_check.installer.qt import parse
from huawei_modem_check.installer.rules import BENCH_MARK
from huawei_modem_check.installer.stages import Outcome
from huawei_modem_check.installer.steps import STEPS
from huawei_modem_check.installer.tools import mkfs_fault
from huawei_modem_check.rules import Wanted
from unit.check.images import check_files, codes, device_tree, packed, tar, with_sums, write_tar, zimage

SAYS = {
    "refused": "refuses|listed without a name",
    "greyed": "nobody can choose it|no installer knows|listed without a name|refuses",
    "before-erase": "before the flash is erased",
    "after-erase": "after the flash is erased|is damaged",
    "silent": "while the installer reports success",
}


@pytest.mark.parametrize("row", (*ROWS, *MEASURED), ids=lambda row: row.name)
def test_the_verdict_is_the_installers(tmp_path: Path, row: Row) -> None:
    """ok for what installs and for nothing else, but for the rows that say why not.

    And the stage is named.
    """
    report = check_files(tmp_path, row.draft().packed())
    assert (report.verdict is Verdict.OK) == ((row.installer == "installs") != bool(row.judged))
    if row.installer != "installs":
        words = [finding.title for finding in report.findings]
        words += [seen.text for finding in report.findings for seen in finding.evidence]
        assert any(re.search(SAYS[row.installer], text) for text in words), words


@pytest.mark.parametrize(
    "options", ["-E encoding=utf8", "-E nodiscard,encoding=utf8", "-O casefold", "-O metadata_csum,casefold"]
)
def test_what_the_installers_kernel_does_not_mount_is_a_fault(tmp_path: Path, options: str) -> None:
    """mke2fs gives each of them the feature that takes CONFIG_UNICODE to mount."""
    (tmp_path / "disk").write_bytes(bytes(8 << 20))
    subprocess.run(["mke2fs", "-qt", "ext4", *options.split(), tmp_path / "disk"], check=True)
    made = subprocess.run(["dumpe2fs", "-h", tmp_path / "disk"], check=True, capture_output=True, text=True)
    assert "casefold" in made.stdout
    assert "CONFIG_UNICODE" in (mkfs_fault("ext4", options) or "")


def test_every_step_names_the_lines_that_it_follows() -> None:
    for step in STEPS:
        assert re.search(r"[a-z]+\.cpp:\d+", step.follows), step
        assert step.does
        assert step.stumbles.__doc__
    stages = [list(type(step.stage)).index(step.stage) for step in STEPS]
    assert stages == sorted(stages), "the installer's order"


def test_an_outcome_is_a_fault_or_a_caution() -> None:
    assert {outcome for outcome in Outcome if not outcome.is_fault} == {Outcome.CAUTION, Outcome.FEED_CAUTION}


def packed_in_folders(row: Draft, folder: str) -> dict[str, bytes]:
    """The image with all files but image.json in a folder below it, named there."""
    files = row.packed()
    names = sorted((name for name in files if name != "image.json"), key=len, reverse=True)
    text = files["image.json"].decode()
    for name in names:
        text = text.replace(f'"{name}"', f'"{folder}/{name}"')
    return {"image.json": text.encode(), **{f"{folder}/{name}": files[name] for name in names}}


def test_files_may_lie_in_folders_below_image_json(tmp_path: Path) -> None:
    report = check_files(tmp_path, packed_in_folders(emmc(), "parts"))
    assert report.verdict is Verdict.OK, report.findings
    lost = packed_in_folders(emmc(), "parts")
    del lost[f"parts/{BOOTFS}"]
    report = check_files(tmp_path, lost)
    assert {finding.code for finding in report.findings} == {"tezi-file-missing"}


def test_what_a_medium_has_beside_an_image_is_no_fault(tmp_path: Path) -> None:
    beside = {
        "._image.json": b"\0\5\x16\7",
        "image_list.json": b'{"config_format": 1, "images": ["image.json"]}',
        "image.json~": b"{",
    }
    assert check_files(tmp_path, {**emmc().packed(), **beside}).findings == ()


def test_an_image_for_another_module_is_judged_when_asked(tmp_path: Path) -> None:
    draft = emmc()
    draft.d["supported_product_ids"] = ["0027"]
    path = write_tar(tmp_path, draft.packed())
    assert codes(check_image(path)) == {"tezi-product-id"}
    assert check_image(path, wanted=Wanted("0027")).verdict is Verdict.OK
    assert codes(check_image(path, wanted=Wanted("0039"))) == {"tezi-product-id"}
    both = nand()
    both.d["supported_product_ids"].append("0039")
    path = write_tar(tmp_path, both.packed())
    assert codes(check_image(path)) == {"tezi-product-id"}
    assert check_image(path, wanted=Wanted("0033")).verdict is Verdict.OK


def test_the_benchs_own_image_is_for_no_module(tmp_path: Path) -> None:
    draft = emmc()
    draft.d[BENCH_MARK] = True
    path = write_tar(tmp_path, draft.packed())
    assert codes(check_image(path)) == {"tezi-bench-image"}
    assert check_image(path, wanted=Wanted(with_bench=True)).verdict is Verdict.OK


def test_u_boot_loads_a_device_tree_by_its_name(tmp_path: Path) -> None:
    """On the eMMC; unless the environment that comes with the image names another."""
    draft = emmc()
    files = {"./zImage": zimage(), "./colibri.dtb": device_tree()}
    draft.files[BOOTFS] = packed(tar(files), BOOTFS)
    report = check_files(tmp_path, draft.packed())
    assert codes(report) == {"device-tree-missing"}
    assert "imx7d-colibri-emmc-*.dtb" in report.findings[0].title
    draft.d["u_boot_env"] = "env.txt"
    draft.files["env.txt"] = b"fdtfile=colibri.dtb\n"
    assert check_files(tmp_path, draft.packed()).verdict is Verdict.OK


def test_what_an_image_that_installs_itself_does_not_show(tmp_path: Path) -> None:
    """Licence, release notes and the other image on the medium: a finding for each."""
    draft = emmc()
    draft.d.update(autoinstall=True, license="l.html", releasenotes="r.html")
    other = {**draft.d, "autoinstall": False, "name": "Other"}
    draft.files.update({"l.html": b"<p>", "r.html": b"<p>", "image-other.json": json.dumps(other).encode()})
    report = check_files(tmp_path, draft.packed())
    assert report.verdict is Verdict.OK
    said = [finding.evidence[0].text for finding in report.findings]
    for what in (
        "every module that sees",
        "nobody is asked to accept",
        "nobody is shown",
        "nobody can choose",
    ):
        assert sum(what in text for text in said) == 1, what


def test_a_raw_file_system_is_not_seen_and_not_called_empty(tmp_path: Path) -> None:
    """Never `no kernel`: an image of a whole ext4 file system is written with dd."""
    draft = emmc()
    draft.files["bench.ext4.xz"] = lzma.compress(b"ext4" * 1000)
    rawfiles = [{"filename": "bench.ext4.xz"}]
    draft.root["content"] = {"filesystem_type": "raw", "rawfiles": rawfiles}
    report = check_files(tmp_path, draft.packed())
    assert report.verdict is Verdict.INSUFFICIENT_DATA
    assert codes(report) == set()


@pytest.mark.parametrize("inside", ["ostree/repo/config", "./sysroot/ostree/repo/objects/00/a.file"])
def test_an_ostree_archive_is_not_called_empty(tmp_path: Path, inside: str) -> None:
    """Torizon's images: kernel and modules are objects of a repository, which nobody looked into."""
    draft = emmc()
    draft.files[ROOTFS] = packed(tar({inside: b"x", "./boot/loader/uEnv.txt": b"x"}), ROOTFS)
    draft.files[BOOTFS] = packed(tar({"./boot.scr": b"x"}), BOOTFS)
    report = check_files(tmp_path, draft.packed())
    assert report.verdict is Verdict.INSUFFICIENT_DATA, report.findings
    assert codes(report) == set()


@pytest.mark.parametrize("damage", ["cut", "flip"])
def test_one_fault_is_one_finding(tmp_path: Path, damage: str) -> None:
    """What follows from a damaged archive is not reported as missing modules.

    nor by its checksum once more.
    """
    files = with_sums(emmc().packed())
    rootfs = files[ROOTFS]
    files[ROOTFS] = rootfs[:-100] if damage == "cut" else rootfs[:200] + b"\0\0" + rootfs[202:]
    (finding,) = check_files(tmp_path, files).findings
    assert finding.code == "tezi-file-corrupt"


def test_a_damaged_tree_is_one_finding(tmp_path: Path) -> None:
    """And not a missing one as well, for each module that would have used it."""
    draft = nand()
    name = "imx7s-colibri-eval-v3.dtb"
    draft.files[name] = draft.files[name][:-1]
    (finding,) = check_files(tmp_path, draft.packed()).findings
    assert "damaged" in finding.title


def test_a_file_that_is_named_twice_is_missing_once(tmp_path: Path) -> None:
    draft = nand()
    del draft.files["u-boot-nand.imx"]
    (finding,) = check_files(tmp_path, draft.packed()).findings
    places = [seen.text.partition(".")[0] for seen in finding.evidence]
    assert (finding.code, places) == ("tezi-file-missing", ["mtddevs[0]", "mtddevs[1]"])


def test_image_json_is_parsed_once_in_a_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[bytes] = []
    monkeypatch.setattr(listing, "parse", lambda content: (parsed.append(content), parse(content))[1])
    draft = emmc()
    draft.d["name"] = "an image that no other test has"
    assert check_files(tmp_path, draft.packed()).verdict is Verdict.OK
    assert len(parsed) == 1
