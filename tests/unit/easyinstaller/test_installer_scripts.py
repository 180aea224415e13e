# SPDX-License-Identifier: MIT
"""The scripts in a packed image, run as the installer runs them, under dash and BusyBox's ash.

`mount` and `umount` stand in for the flash: a partition is a folder. They are shell functions, because
BusyBox takes its own applets before anything on PATH. Everything else is the real tool.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from huawei_modem_check.image import check_image
from huawei_modem_check.rules import Wanted
from modem_image.easyinstaller.image_json import ImageSpec
from modem_image.easyinstaller.pack import pack
from modem_image.errors import InputError
from unit.check.images import RELEASE, TREE, device_tree, module_files, tar, zimage

SHELLS = {"dash": ["dash"], "ash": ["busybox", "ash"]}
FLASH = """
mount() {
    for place; do device=$previous; previous=$place; done
    case $device in */mmcblk0p1) from=boot ;; */mmcblk0p2) from=root ;; esac
    [ -d "$FLASH/$from" ] && rmdir "$place" && ln -s "$FLASH/$from" "$place"
}
umount() { rm "$1" && mkdir "$1"; }
previous=
. "$0"
"""


@dataclass(frozen=True)
class Module:
    """An image's folder, a flash, and the shell of an installer."""

    shell: list[str]
    folder: Path
    flash: Path

    def run(self, script: str, product_id: str = "0039", folder: Path | None = None) -> tuple[int, str]:
        """As MultiImageWriteThread::runScript of qt-tezi: status and what is shown."""
        folder = folder or self.folder
        arguments = [*self.shell, "-c", FLASH, folder / script, product_id, "V1.1A", "02345678", folder]
        done = subprocess.run(
            arguments,
            cwd=folder,
            env={"PATH": "/bin:/usr/bin:/sbin:/usr/sbin", "FLASH": str(self.flash)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def write(self) -> None:
        """Unpack the archives as the installer does."""
        for name, part in (("bench.bootfs.tar.xz", "boot"), ("bench.rootfs.tar.xz", "root")):
            shutil.rmtree(self.flash / part, ignore_errors=True)
            (self.flash / part).mkdir(parents=True)
            subprocess.run(["tar", "-xf", self.folder / name, "-C", self.flash / part], check=True)


def packed_image(folder: Path) -> Path:
    (folder / "rootfs.tar").write_bytes(tar(module_files()))
    (folder / "zImage").write_bytes(zimage())
    (folder / TREE).write_bytes(device_tree())
    spec = ImageSpec("bench", "0.1.0", "Bench", "For tests", timestamp=1_700_000_000)
    boot = {name: folder / name for name in ("zImage", TREE)}
    return pack(spec, folder / "rootfs.tar", boot, folder)


@pytest.fixture(params=SHELLS)
def module(tmp_path: Path, request: pytest.FixtureRequest) -> Module:
    with tarfile.open(packed_image(tmp_path)) as archive:
        archive.extractall(tmp_path)  # noqa: S202  packed by this test; Debian 12's Python has no filter
    found = Module(SHELLS[request.param], tmp_path / "bench-Tezi_0.1.0", tmp_path / "flash")
    found.write()
    return found


def test_a_packed_image_passes_the_check_and_names_its_scripts(tmp_path: Path) -> None:
    image = packed_image(tmp_path)
    found = check_image(image, wanted=Wanted(with_bench=True)).findings
    # They end by what they see of the module, which is news and no warning.
    assert {(finding.code, finding.severity.value) for finding in found} == {
        ("kernel-symbol-unverified", "warning"),
        ("tezi-installation", "info"),
    }
    with tarfile.open(image) as archive:
        content = archive.extractfile("bench-Tezi_0.1.0/image.json")
        assert content
        described = json.load(content)
    names = [described[field] for field in ("prepare_script", "wrapup_script", "error_script")]
    assert names == ["prepare.sh", "wrapup.sh", "error.sh"]


def test_a_good_image_is_written(module: Module) -> None:
    assert module.run("prepare.sh") == (0, "The image is whole, and it is for this module.\n")
    assert module.run("wrapup.sh") == (0, "What lies in the flash is what was meant.\n")


# --- Before anything is written ---------------------------------------------------------------------


def test_another_module_is_left_alone(module: Module) -> None:
    status, shown = module.run("prepare.sh", "0033")
    assert (status, shown.startswith("Nothing was written.")) == (1, True)
    assert "for the modules 0039, and this module is 0033" in shown


@pytest.mark.parametrize("name", ["bench.rootfs.tar.xz", "bench.bootfs.tar.xz"])
def test_a_damaged_file_is_refused_before_the_flash_is_erased(module: Module, name: str) -> None:
    path = module.folder / name
    path.write_bytes(path.read_bytes()[:-1])
    status, shown = module.run("prepare.sh")
    assert (status, shown.startswith(f"Nothing was written. {name} is damaged.")) == (1, True)


def test_a_missing_file_is_refused(module: Module) -> None:
    (module.folder / "bench.rootfs.tar.xz").unlink()
    status, shown = module.run("prepare.sh")
    assert (status, shown.startswith("Nothing was written. bench.rootfs.tar.xz is missing.")) == (1, True)


def test_over_the_network_the_archives_come_later(module: Module) -> None:
    """The installer keeps image.json and the scripts in /var/volatile/NAME then."""
    folder = Path("/var/volatile/modem-image-test")
    try:
        folder.mkdir(parents=True)
    except OSError as err:
        pytest.skip(f"{folder} cannot be made: {err.strerror}; root can")
    try:
        shutil.copyfile(module.folder / "prepare.sh", folder / "prepare.sh")
        assert module.run("prepare.sh", folder=folder)[0] == 0
        (folder / "bench.bootfs.tar.xz").write_bytes(b"damaged")
        assert module.run("prepare.sh", folder=folder)[0] == 1
    finally:
        shutil.rmtree(folder)
        with contextlib.suppress(OSError):  # another's, or not empty
            folder.parent.rmdir()


def test_release_notes_that_publishing_adds_are_no_damage(module: Module) -> None:
    path = module.folder / "image.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "releasenotes": "releasenotes.html"}))
    assert module.run("prepare.sh")[0] == 0


# --- After it was written ---------------------------------------------------------------------------

DRIVER = f"root/lib/modules/{RELEASE}/kernel/drivers/option.ko"


def remove_modules(flash: Path) -> None:
    folder = flash / "root" / "lib" / "modules"
    shutil.move(folder / RELEASE, folder / "6.1.0-other")


def add_modules(flash: Path) -> None:
    (flash / "root" / "lib" / "modules" / "5.4.129").mkdir()


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "another kernel": (
        lambda flash: (flash / "boot/zImage").write_bytes(zimage("6.1.0-other")),
        "zImage is missing or",
    ),
    "no tree": (lambda flash: (flash / "boot" / TREE).unlink(), f"{TREE} is missing or damaged"),
    "no boot partition": (lambda flash: shutil.rmtree(flash / "boot"), "mmcblk0p1 cannot be mounted"),
    "other modules": (remove_modules, f"the kernel is {RELEASE}, and there are no modules for it"),
    "old modules": (add_modules, "modules of another kernel are there too: 5.4.129"),
    "no driver": (lambda flash: (flash / DRIVER).unlink(), "kernel/drivers/option.ko is missing or empty"),
    "empty driver": (lambda flash: (flash / DRIVER).write_bytes(b""), "option.ko is missing or empty"),
    "index": (
        lambda flash: (flash / f"root/lib/modules/{RELEASE}/modules.dep").write_text("x:\n"),
        "modules.dep is",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.slow
def test_a_flash_that_is_not_right_is_named(module: Module, fault: str) -> None:
    damage, text = FAULTS[fault]
    damage(module.flash)
    status, shown = module.run("wrapup.sh")
    assert status == 1
    assert text in shown
    assert "Install the image again." in shown


def test_the_error_script_says_what_to_do(module: Module) -> None:
    """It ends with a fault: only then the installer shows what it printed."""
    status, shown = module.run("error.sh")
    assert (status, shown.startswith("What to do now:")) == (1, True)


# --- Packing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a'b.dtb", "$(reboot).dtb", "overlays/x;y.dtbo"])
def test_a_boot_file_whose_name_the_shell_would_run_is_refused(tmp_path: Path, name: str) -> None:
    for file in ("rootfs.tar", "zImage"):
        (tmp_path / file).write_bytes(b"x")
    spec = ImageSpec("bench", "0.1.0", "Bench", "For tests", timestamp=0)
    boot = {"zImage": tmp_path / "zImage", name: tmp_path / "zImage"}
    with pytest.raises(InputError, match="not a path inside the BOOT partition"):
        pack(spec, tmp_path / "rootfs.tar", boot, tmp_path)


@pytest.mark.parametrize("product_id", ["39", "0039) rm -rf /;;", ""])
def test_a_product_id_is_four_digits(tmp_path: Path, product_id: str) -> None:
    (tmp_path / "x").write_bytes(b"x")
    spec = ImageSpec("bench", "0.1.0", "Bench", "For tests", timestamp=0, product_ids=(product_id,))
    with pytest.raises(InputError, match="a product id is four digits"):
        pack(spec, tmp_path / "x", {"zImage": tmp_path / "x"}, tmp_path)
