# SPDX-License-Identifier: MIT
"""The traps that bitbake passes in silence are errors, each with the line to add."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from huawei_modem_config.rules import CHOICES, VARIABLES
from modem_image import PROJECT
from parser.bitbake import parser, sanity, sanity_faults

# The public half of a key that was thrown away.
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHBmFHabZwg6XL/YSeqze3GegT3SmnBdMEZpLRGI+XND a"

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


def test_the_kernel_alone_needs_no_systemd(tmp_path: Path) -> None:
    settings = {"DISTRO_FEATURES": "sysvinit", "MACHINE_FEATURES": "huawei-modem"}
    assert faults(tmp_path, **settings) == []
    (fault,) = faults(tmp_path, **settings, **{"PREFERRED_PROVIDER_virtual/kernel": "linux-mine"})
    assert "linux-mine" in fault


def test_the_line_for_another_kernel_is_enough(tmp_path: Path) -> None:
    own = {"PREFERRED_PROVIDER_virtual/kernel": "linux-mine", "HUAWEI_MODEM_KERNELS:append": " linux-mine"}
    assert faults(tmp_path, **own) == []


@pytest.mark.parametrize("variable", CHOICES)
def test_a_choice_that_there_is_not_is_named(tmp_path: Path, variable: str) -> None:
    (fault,) = faults(tmp_path, **{variable: "of"})
    said, line = fault.splitlines()
    assert said == f'{variable} = "of": it is one of {", ".join(CHOICES[variable])}'
    assert re.fullmatch(rf'    {variable} = "({"|".join(CHOICES[variable])})"', line)


@pytest.mark.parametrize("variable", CHOICES)
@pytest.mark.parametrize("value", ["", "yes", "OFONO WARN"])
def test_each_wrong_kind_of_choice_is_named_once(tmp_path: Path, variable: str, value: str) -> None:
    assert len(faults(tmp_path, **{variable: value})) == 1


@pytest.mark.parametrize("variable", CHOICES)
def test_a_choice_for_one_recipe_is_judged_too(tmp_path: Path, variable: str) -> None:
    name = f"{variable}:pn-my-image"
    (fault,) = faults(tmp_path, **{name: "of"})
    assert fault.startswith(f'{name} = "of": it is one of')


@pytest.mark.parametrize(
    ("variable", "wrong"),
    [
        ("HUAWEI_MODEM_MODES", ["modem-e3372h", "12d1=modem", "12D1:1F01=modem"]),
        ("HUAWEI_MODEM_IMAGE_ACCEPTED", ["modules", "modules_stale", "modules-stale,", "Modules-Stale"]),
        ("HUAWEI_MODEM_KERNEL_ACCEPTED", ["CONFIG_USB_ACM", "USB_ACM=m", "usb_acm", "PPP,TUN"]),
        ("HUAWEI_MODEM_KERNELS", ["linux-mine_6.6", "linux-mine.bb", "recipes-kernel/linux", "linux-%"]),
    ],
)
def test_a_word_that_no_list_has_is_named_with_its_line(
    tmp_path: Path, variable: str, wrong: list[str]
) -> None:
    for word in wrong:
        (fault,) = faults(tmp_path, **{variable: word})
        said, line = fault.splitlines()
        assert said.startswith(f'{variable}: "{word}": ')
        assert line.startswith(f'    {variable}:append = " ')


def test_a_team_that_writes_plus_equals_keeps_the_kernels_of_this_layer(tmp_path: Path) -> None:
    """In local.conf `+=` leaves nothing of what a class gives by default."""
    assert faults(tmp_path, HUAWEI_MODEM_KERNELS="linux-mine") == []


@pytest.mark.parametrize(
    "text",
    [
        'HUAWEI_MODEM_STACK = "of"\n',
        'HUAWEI_MODEM_STACK ?= "ofono"\nHUAWEI_MODEM_STACK:forcevariable ??= "of"\n',
    ],
)
def test_the_place_is_named_where_bitbake_says_what_it_has_read(tmp_path: Path, text: str) -> None:
    conf = tmp_path / "local.conf"
    conf.write_text(f"# HUAWEI_MODEM_STACK = ofono\n{text}HUAWEI_MODEM_STACK_PACKAGES = 1\n")
    (fault,) = faults(tmp_path, HUAWEI_MODEM_STACK="of", BBINCLUDED=f"/nowhere.conf {conf} {conf}.bbclass")
    assert f'"of" ({conf}:{len(text.splitlines()) + 1}): ' in fault


@pytest.mark.parametrize("variable", CHOICES)
def test_an_override_that_applies_is_judged(tmp_path: Path, variable: str) -> None:
    settings = {variable: CHOICES[variable][0], f"{variable}:forcevariable": "wvdial"}
    assert len(faults(tmp_path, **settings)) == 1


@pytest.mark.parametrize(
    ("variable", "right", "wrong", "said"),
    [
        ("HUAWEI_MODEM_AUTHORIZED_KEYS", KEY, KEY[:51], "line 1: the key is not base64"),
        ("HUAWEI_MODEM_AUTHORIZED_KEYS", KEY, "", "there is no key in it"),
        (
            "HUAWEI_MODEM_CONFIG",
            "[apn default]\napn = internet\n",
            "[apn defualt]\n",
            "section [apn defualt]",
        ),
        ("HUAWEI_MODEM_CONFIG", "", "[sim]\nroming = no\n", "section [sim]: the key roming is not one of"),
    ],
)
def test_a_file_of_the_teams_is_read(
    tmp_path: Path, variable: str, right: str, wrong: str, said: str
) -> None:
    given = tmp_path / "given"
    (fault,) = faults(tmp_path, **{variable: str(given)})
    missing, line = fault.splitlines()
    assert missing == f'{variable} = "{given}" is not the absolute path of a file on this machine'
    assert line.startswith(f'    {variable} = "${{TOPDIR}}/')
    given.write_text(right)
    assert faults(tmp_path, **{variable: str(given)}) == []
    given.write_text(wrong)
    assert f"{variable}: {given}: {said}" in faults(tmp_path, **{variable: str(given)})[0]
    (fault,) = faults(tmp_path, **{variable: "given"})
    assert "absolute" in fault


@pytest.mark.parametrize("written", ["huawei_modem", "hauwei-modem", "Huawei-Modem", "huawei-modems"])
@pytest.mark.parametrize("features", ["DISTRO_FEATURES", "MACHINE_FEATURES"])
def test_a_misspelt_feature_is_said_in_one_line(tmp_path: Path, features: str, written: str) -> None:
    settings = {"DISTRO_FEATURES": "3g systemd", features: f"systemd {written}"}
    assert faults(tmp_path, **settings) == [f'{features} has "{written}": the feature is called huawei-modem']


@pytest.mark.parametrize("other", ["quectel-modem", "modem", "huawei", "modemmanager"])
def test_another_feature_is_none_of_ours(tmp_path: Path, other: str) -> None:
    assert faults(tmp_path, DISTRO_FEATURES=other) == []


def test_a_chosen_mode_is_ids_and_a_name(tmp_path: Path) -> None:
    with parser(tmp_path, **RIGHT, HUAWEI_MODEM_MODES="12d1:1f01=modem-e3372h 12d1:14fe=modem") as opened:
        verdict = sanity(opened.data)
    assert verdict.faults == []
    (warning,) = verdict.warnings
    assert warning.startswith("HUAWEI_MODEM_MODES: 12d1:14fe=modem: this layer has 12d1:1573=ports, ")
    (fault,) = faults(tmp_path, HUAWEI_MODEM_MODES="12d1:1F01=modem-e3372h")
    assert fault.startswith('HUAWEI_MODEM_MODES: "12d1:1F01=modem-e3372h"')


def test_a_misspelt_variable_is_named(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, HUAWEI_MODEM_AUTHORISED_KEYS="/srv/keys")
    assert fault.endswith("is HUAWEI_MODEM_AUTHORIZED_KEYS meant?")
    with parser(tmp_path, **RIGHT, HUAWEI_MODEM_APN="internet") as opened:
        (warning,) = sanity(opened.data).warnings
    assert warning.startswith("HUAWEI_MODEM_APN is not a variable of this layer")


def test_what_is_given_without_the_feature_is_said_to_be_without_effect(tmp_path: Path) -> None:
    settings = {**RIGHT, "DISTRO_FEATURES": "systemd", "HUAWEI_MODEM_CONFIG": "/srv/config.ini"}
    with parser(tmp_path, **settings) as opened:
        verdict = sanity(opened.data)
    assert verdict.faults == []
    assert verdict.warnings[0].splitlines()[-1] == '    DISTRO_FEATURES:append = " huawei-modem"'


def test_a_line_to_add_is_for_the_place_that_kas_does_not_overwrite(tmp_path: Path) -> None:
    for fault in faults(tmp_path, **WITHOUT_INCLUDE, DISTRO_FEATURES="sysvinit huawei-modem"):
        assert "local_conf_header" in fault


def test_every_variable_that_may_be_set_has_a_row_in_the_page(tmp_path: Path) -> None:
    text = (PROJECT / "docs" / "variables.md").read_text()
    assert set(re.findall(r"^\| `(HUAWEI_MODEM_\w+)` ", text, re.MULTILINE)) == set(VARIABLES) - {
        "HUAWEI_MODEM_LAYERDIR"
    }


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
