# SPDX-License-Identifier: MIT
"""The traps that bitbake passes in silence are errors, each with the line to add."""

from __future__ import annotations

from pathlib import Path

import pytest

from parser.bitbake import parser, sanity_faults

COLLECTIONS = "core openembedded-layer freescale-layer freescale-3rdparty toradex-nxp-layer"

# As meta-toradex-nxp's include file leaves it, and as it should be otherwise.
RIGHT = {
    "DISTRO_FEATURES": "3g systemd huawei-modem",
    "BBFILE_COLLECTIONS": COLLECTIONS,
    "MACHINE": "colibri-imx7-emmc",
    "PREFERRED_PROVIDER_virtual/kernel": "linux-toradex-upstream",
    "TORADEX_PRODUCT_IDS": "0039",
}
WITHOUT_INCLUDE = {"TORADEX_PRODUCT_IDS": "", "PREFERRED_PROVIDER_virtual/kernel": "linux-fslc"}


def faults(folder: Path, **settings: str) -> list[str]:
    with parser(folder, **{**RIGHT, **settings}) as opened:
        return sanity_faults(opened.data)


def test_a_right_configuration_passes(tmp_path: Path) -> None:
    assert faults(tmp_path) == []


@pytest.mark.parametrize(
    ("machine", "include"),
    [
        ("colibri-imx7-emmc", "conf/machine/include/colibri-imx7-emmc.inc"),
        ("colibri-imx7", "conf/machine/include/colibri-imx7.inc"),
        ("colibri-imx7-nand", "conf/machine/include/colibri-imx7.inc"),
    ],
)
def test_the_missing_include_is_named_with_its_line(tmp_path: Path, machine: str, include: str) -> None:
    (fault,) = faults(tmp_path, **WITHOUT_INCLUDE, MACHINE=machine)
    assert fault.splitlines()[-1] == f"    require {include}"


def test_without_toradex_layers_the_include_is_not_asked_for(tmp_path: Path) -> None:
    assert faults(tmp_path, **WITHOUT_INCLUDE, BBFILE_COLLECTIONS="core freescale-layer") == []


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"DISTRO_FEATURES": "3g sysvinit huawei-modem"}, 'INIT_MANAGER = "systemd"'),
        ({"DISTRO_FEATURES": "systemd huawei-modem"}, 'DISTRO_FEATURES:append = " 3g"'),
        (
            {"PREFERRED_PROVIDER_virtual/kernel": "linux-mine"},
            'HUAWEI_MODEM_KERNELS:append = " linux-mine"',
        ),
    ],
)
def test_each_other_trap_is_named_with_its_line(tmp_path: Path, settings: dict[str, str], line: str) -> None:
    (fault,) = faults(tmp_path, **settings)
    assert fault.splitlines()[-1] == f"    {line}"


def test_the_line_for_another_kernel_is_enough(tmp_path: Path) -> None:
    own = {"PREFERRED_PROVIDER_virtual/kernel": "linux-mine", "HUAWEI_MODEM_KERNELS:append": " linux-mine"}
    assert faults(tmp_path, **own) == []


@pytest.mark.parametrize("variable", ["HUAWEI_MODEM_STACK", "HUAWEI_MODEM_FIREWALL"])
def test_a_choice_that_there_is_not_is_named(tmp_path: Path, variable: str) -> None:
    (fault,) = faults(tmp_path, **{variable: "wvdial"})
    assert fault.startswith(f'{variable} = "wvdial"')


@pytest.mark.parametrize("variable", ["HUAWEI_MODEM_AUTHORIZED_KEYS", "HUAWEI_MODEM_CONFIG"])
def test_a_file_of_the_teams_that_is_not_there_is_named(tmp_path: Path, variable: str) -> None:
    given = tmp_path / "given"
    (fault,) = faults(tmp_path, **{variable: str(given)})
    assert fault == f'{variable} = "{given}" is not the absolute path of a file on this machine'
    given.write_text("")
    assert faults(tmp_path, **{variable: str(given)}) == []
    (fault,) = faults(tmp_path, **{variable: "given"})
    assert "absolute" in fault


@pytest.mark.parametrize(
    "setting", [{"HUAWEI_MODEM_STACK": "modemmanager"}, {"HUAWEI_MODEM_FIREWALL": "nftables"}]
)
def test_a_choice_without_the_layer_of_its_recipes_is_named(tmp_path: Path, setting: dict[str, str]) -> None:
    (fault,) = faults(tmp_path, **setting)
    assert fault.splitlines()[-1] == "    bitbake-layers add-layer meta-python meta-networking"
    with_layer = f"{COLLECTIONS} networking-layer meta-python"
    assert faults(tmp_path, **setting, BBFILE_COLLECTIONS=with_layer) == []


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    settings = {**WITHOUT_INCLUDE, "DISTRO_FEATURES": "sysvinit huawei-modem"}
    assert len(faults(tmp_path, **settings)) == 3


def test_the_machines_feature_asks_nothing_of_the_distribution(tmp_path: Path) -> None:
    settings = {"DISTRO_FEATURES": "sysvinit", "MACHINE_FEATURES": "huawei-modem"}
    assert faults(tmp_path, **settings) == []
    (fault,) = faults(tmp_path, **settings, **WITHOUT_INCLUDE)
    assert "require" in fault


def test_a_build_that_does_not_ask_for_the_feature_is_left_alone(tmp_path: Path) -> None:
    assert faults(tmp_path, **WITHOUT_INCLUDE, DISTRO_FEATURES="sysvinit") == []
