# SPDX-License-Identifier: MIT
"""A user's own settings in the build folder are found before they make another image."""

from __future__ import annotations

from pathlib import Path

import pytest

from modem_image.errors import EXIT_UNUSABLE, InputError
from modem_image.yocto.overrides import STAMP, check_overrides, find_overrides, stamp_of


@pytest.mark.parametrize(
    "line",
    [
        'MACHINE = "qemuarm"',
        'MACHINE ?= "qemuarm"',
        'DISTRO ??= "nodistro"',
        '  INIT_MANAGER="sysvinit"',
        'DISTRO_FEATURES:remove = "3g"',
        'DISTRO_FEATURES:remove:colibri-imx7-emmc = "huawei-modem"',
        'PREFERRED_PROVIDER_virtual/kernel = "linux-fslc"',
        'PREFERRED_PROVIDER_virtual/kernel:colibri-imx7-emmc := "linux-fslc"',
        'IMAGE_FSTYPES += "ext4"',
        'INHERIT:remove = "huawei_modem_sanity"',
        'IMX_DEFAULT_BSP = "nxp"',
        'PREFERRED_VERSION_linux-toradex-mainline = "5.15%"',
    ],
)
def test_lines_that_override(line: str) -> None:
    (found,) = find_overrides("site.conf", f"# mine\n\n{line}\n")
    assert (found.file, found.line, found.text) == ("site.conf", 3, line.strip())


@pytest.mark.parametrize(
    "line",
    [
        '# MACHINE = "qemuarm"',
        'DL_DIR = "/srv/downloads"',
        'MACHINE_EXTRA = "x"',
        'DISTRO_FEATURES:append = " x11"',
        'DISTRO_FEATURES:prepend:colibri-imx7-emmc = "x11 "',
        'BB_NUMBER_THREADS = "2"',
        'INHERIT += "rm_work"',
        "require conf/machine/include/colibri-imx7-emmc.inc",
    ],
)
def test_lines_that_do_not(line: str) -> None:
    assert find_overrides("site.conf", line) == []


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A build folder as kas left it."""
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "local.conf").write_text('MACHINE ??= "colibri-imx7-emmc"\n')
    (tmp_path / "conf" / "bblayers.conf").write_text('BBLAYERS ?= "/meta"\n')
    stamp = stamp_of(tmp_path)
    assert stamp is not None
    (tmp_path / "conf" / STAMP).write_text(stamp)
    return tmp_path


def test_what_kas_left_passes(build: Path) -> None:
    check_overrides(build)


def test_a_folder_yet_to_be_made_passes(tmp_path: Path) -> None:
    check_overrides(tmp_path / "build")
    assert stamp_of(tmp_path / "build") is None


@pytest.mark.parametrize("name", ["site.conf", "auto.conf", "toolcfg.conf"])
def test_each_overriding_line_is_named(build: Path, name: str) -> None:
    (build / "conf" / name).write_text('DL_DIR = "/x"\nMACHINE = "a"\nDISTRO = "b"\n')
    with pytest.raises(InputError) as caught:
        check_overrides(build)
    assert f'{build}/conf/{name}:2: MACHINE = "a"\n' in str(caught.value)
    assert f'{build}/conf/{name}:3: DISTRO = "b"\n' in str(caught.value)
    assert caught.value.exit_status == EXIT_UNUSABLE


@pytest.mark.parametrize("name", ["local.conf", "bblayers.conf"])
def test_a_changed_file_of_kas_is_not_written_over(build: Path, name: str) -> None:
    with (build / "conf" / name).open("a") as file:
        file.write('BBLAYERS += "/mine"\n')
    with pytest.raises(InputError, match=f"{name}: changed by hand") as caught:
        check_overrides(build)
    (build / "conf" / name).unlink()
    assert f"then rm {build}/conf/{name}" in str(caught.value)
    check_overrides(build)
