# SPDX-License-Identifier: MIT
"""BitBake's own parser takes the layer, in each release's syntax; the feature decides what changes."""

from __future__ import annotations

import compileall
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import bb
import pytest
from bb.checksum import FileChecksumCache

from huawei_modem.database import every_interface
from huawei_modem_kernel.fragments import fragment_files, linux_version
from modem_image import HELPER
from modem_image.ofono.build import patches
from modem_image.sticks.database import load
from parser.bitbake import FEATURE, LAYER, RELEASES, Open, local_files
from unit.helper.python_packages import RECIPE

RECIPES = sorted(LAYER.rglob("*.bb"))
APPENDS = sorted(LAYER.rglob("*.bbappend"))

# Recipes of other layers, with the names that they have in one release or another.
KERNELS = (
    "linux-fslc-lts_6.6.bb",
    "linux-fslc_6.12.bb",
    "linux-toradex-mainline-rt_git.bb",
    "linux-toradex-mainline_git.bb",
    "linux-toradex-upstream-rt_6.6.bb",
    "linux-toradex-upstream_6.12.bb",
    "linux-toradex-upstream_6.6.bb",
    "linux-toradex_5.4-2.3.x.bb",
    "linux-yocto_6.18.bb",
)
CONNMAN = 'PACKAGECONFIG ??= "wispr iptables client systemd"\n'
CONNMAN_CONF = 'SRC_URI = "file://main.conf"\nFILES:${PN} = "${sysconfdir}/*"\ndo_install() {\n    :\n}\n'

OTHERS = {
    "connman_1.42.bb": CONNMAN,
    "connman-conf.bb": CONNMAN_CONF,
    "ofono_2.4.bb": "",
    "ppp_2.5.0.bb": "",
}


def unexpanded(data: Any) -> dict[str, list[str]]:
    """References in the recipe's own variables and functions that nothing sets."""
    found = {}
    for name in ("SRC_URI", "S", "do_install", "FILES", "RDEPENDS", "RRECOMMENDS", "IMAGE_INSTALL"):
        left = re.findall(r"\$\{[A-Za-z_][\w-]*\}", data.getVar(name) or "")
        if left:
            found[name] = left
    return found


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_parses_and_finds_its_files(bitbake: Open, recipe: Path, release: str) -> None:
    data = bitbake(release=release, DISTRO_FEATURES=FEATURE).recipe(recipe)
    assert data.getVar("SUMMARY")
    assert unexpanded(data) == {}
    assert not [name for name, path in local_files(data).items() if path is None]


@pytest.mark.parametrize("settings", [{"DISTRO_FEATURES": FEATURE}, {"MACHINE_FEATURES": "huawei-modem"}])
@pytest.mark.parametrize("kernel", KERNELS)
def test_each_kernel_gets_the_fragments_from_either_feature(
    bitbake: Open, kernel: str, settings: dict[str, str]
) -> None:
    files = local_files(bitbake(**settings).stand_in(kernel))
    folder = LAYER / "recipes-kernel/linux/files/huawei-modem"
    fragments = fragment_files(linux_version(kernel.partition("_")[2]))
    given = {f"huawei-modem/{path.name}" for path in (*fragments, *folder.glob("*.patch"))}
    assert files.keys() == given
    assert None not in files.values()


@pytest.mark.parametrize(
    "other", ["linux-fslc-imx_6.6.bb", "linux-imx_6.6.bb", "linux-libc-headers_6.6.bb", "linux-firmware_1.bb"]
)
def test_no_other_kernel_is_touched(bitbake: Open, other: str) -> None:
    assert local_files(bitbake(DISTRO_FEATURES=FEATURE).stand_in(other)) == {}


def all_values(data: Any) -> dict[str, Any]:
    """Everything that is set, except where the parser keeps its books and which files were read."""
    books = {"BBINCLUDED", "__BBAPPEND", "FILE", "BB_RECIPE_FILE"}
    names = [name for name in data if not name.startswith("__") and name not in books]
    return {name: data.getVar(name, False) for name in names}


@pytest.mark.parametrize(
    ("version", "given"), [("6.12.74", False), ("6.17", True), ("6.18.20", True), ("7.2-rc1", True)]
)
def test_kernels_that_call_iptables_legacy_get_the_fragment_for_them(
    bitbake: Open, version: str, given: bool
) -> None:
    kernel = bitbake(DISTRO_FEATURES=FEATURE).stand_in("linux-yocto_6.1.bb", f'LINUX_VERSION = "{version}"\n')
    assert ("huawei-modem/huawei-modem-legacy-tables.cfg" in local_files(kernel)) == given


def test_the_gate_stands_between_configuration_and_compilation(bitbake: Open) -> None:
    data = bitbake(DISTRO_FEATURES=FEATURE).stand_in("linux-yocto_6.6.bb")
    assert data.getVarFlag("do_huawei_modem_kernel_gate", "deps") == ["do_configure"]
    assert "do_huawei_modem_kernel_gate" in data.getVarFlag("do_compile", "deps")
    fragments = data.getVar("HUAWEI_MODEM_KERNEL_FRAGMENTS").split()
    assert [Path(path).resolve() for path in sorted(fragments)] == list(fragment_files((6, 6)))


@pytest.mark.parametrize("name", ["HUAWEI_MODEM_KERNEL_GATE", "HUAWEI_MODEM_KERNEL_GATE:pn-linux-yocto"])
def test_one_line_takes_the_gate_out(bitbake: Open, name: str) -> None:
    """With it goes what only the gate needs: that the paths of its fragments are files."""
    opened = bitbake(DISTRO_FEATURES=FEATURE, **{name: "off"})
    compiled = "do_compile() {\n    :\n}\naddtask compile after do_configure\n"
    gone = f'{compiled}HUAWEI_MODEM_KERNEL_FRAGMENTS = "gone.cfg"\n'
    without = opened.stand_in("linux-yocto_6.6.bb", gone)
    assert [task for task in without if without.getVarFlag(task, "task")] == ["do_compile"]
    assert without.getVarFlag("do_compile", "deps") == ["do_configure"]
    other = opened.stand_in("linux-toradex_6.6.bb", compiled).getVarFlag("do_compile", "deps")
    assert ("do_huawei_modem_kernel_gate" in other) == name.endswith(":pn-linux-yocto")


@pytest.mark.parametrize("version", ["6.1", "6.18"])
def test_a_kernel_that_inherits_the_gate_alone_is_held_against_all_fragments(
    bitbake: Open, version: str
) -> None:
    text = f'LINUX_VERSION = "{version}"\ninherit huawei_modem_kernel_gate\n'
    data = bitbake(DISTRO_FEATURES=FEATURE).stand_in("linux-team_1.0.bb", text)
    fragments = data.getVar("HUAWEI_MODEM_KERNEL_FRAGMENTS").split()
    assert [Path(path).resolve() for path in fragments] == sorted(fragment_files(linux_version(version)))
    assert "do_huawei_modem_kernel_gate" in data.getVarFlag("do_compile", "deps")


def test_a_fragment_that_is_removed_asks_nothing_of_the_gate(bitbake: Open) -> None:
    text = 'SRC_URI:remove = "file://huawei-modem/huawei-modem-connman.cfg"\n'
    data = bitbake(DISTRO_FEATURES=FEATURE).stand_in("linux-yocto_6.6.bb", text)
    assert "huawei-modem-connman.cfg" not in data.getVar("HUAWEI_MODEM_KERNEL_FRAGMENTS")


@pytest.mark.parametrize(
    ("name", "text"),
    [(kernel, "") for kernel in KERNELS]
    + [
        ("connman_1.42.bb", CONNMAN),
        ("connman-conf.bb", CONNMAN_CONF),
        ("ofono_2.4.bb", ""),
        ("ppp_2.5.0.bb", ""),
    ],
    ids=lambda value: value if value.endswith(".bb") else "",
)
def test_without_the_feature_no_recipe_of_another_layer_changes(bitbake: Open, name: str, text: str) -> None:
    opened = bitbake()
    appended = opened.stand_in(name, text)
    assert appended.getVar("__BBAPPEND"), "an append of this layer applies"
    assert all_values(appended) == all_values(opened.stand_in(name, text, appended=False))


@pytest.mark.parametrize("path", ["/nowhere/mine.cfg", "mine.cfg", "/"])
def test_a_fragment_that_is_no_file_stops_the_parse(
    bitbake: Open, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    text = f'HUAWEI_MODEM_KERNEL_FRAGMENTS:append = " {path}"\n'
    with pytest.raises(bb.BBHandledException):
        bitbake(DISTRO_FEATURES=FEATURE).stand_in("linux-yocto_6.6.bb", text)
    assert f'HUAWEI_MODEM_KERNEL_FRAGMENTS: "{path}" is not the absolute path of a file' in caplog.text


def test_a_fragment_of_a_teams_append_is_judged_next_to_ours(bitbake: Open, tmp_path: Path) -> None:
    """By the line that the message gives: THISDIR is the append's folder only while it is read."""
    fragment = tmp_path / "team" / "files" / "my-own.cfg"
    fragment.parent.mkdir(parents=True)
    fragment.write_text("CONFIG_DUMMY=m\n")
    gate = (LAYER / "classes" / "huawei_modem_kernel_gate.bbclass").read_text()
    line = re.search(r"HUAWEI_MODEM_KERNEL_FRAGMENTS:append :?= .*my-own\.cfg\"", gate)
    assert line
    (tmp_path / "team" / "team.inc").write_text(f"{line[0]}\n")
    opened = bitbake(DISTRO_FEATURES=FEATURE)
    ours = opened.stand_in("linux-yocto_6.6.bb", "").getVar("HUAWEI_MODEM_KERNEL_FRAGMENTS").split()
    data = opened.stand_in("linux-yocto_6.6.bb", f"require {tmp_path}/team/team.inc\n")
    found = data.getVar("HUAWEI_MODEM_KERNEL_FRAGMENTS").split()
    assert found == [*ours, str(fragment)]


def test_every_append_has_a_recipe_that_it_is_for(bitbake: Open) -> None:
    collector = bitbake().collector()
    names = [*KERNELS, *OTHERS]
    applied = {path for name in names for path in collector.get_file_appends(name)}
    assert applied == {str(path) for path in APPENDS}


def test_appends_of_vendor_kernels_are_read_with_their_layer_alone(bitbake: Open) -> None:
    data = bitbake().data
    patterns = [entry.split(":", 1) for entry in data.getVar("BBFILES_DYNAMIC").split()]
    dynamic = LAYER / "dynamic-layers"
    assert {collection for collection, _ in patterns} == {path.name for path in dynamic.iterdir()}
    for collection, pattern in patterns:
        assert pattern.startswith(f"{dynamic}/{collection}/")
    always = {path for pattern in data.getVar("BBFILES").split() for path in Path("/").glob(pattern[1:])}
    assert always
    assert not [path for path in always if path.is_relative_to(dynamic)]


@pytest.mark.parametrize(
    ("firewall", "config"),
    [("iptables", "wispr iptables client systemd 3g"), ("nftables", "wispr client systemd 3g nftables")],
)
def test_connman_has_ofono_and_one_firewall(bitbake: Open, firewall: str, config: str) -> None:
    opened = bitbake(DISTRO_FEATURES=FEATURE, HUAWEI_MODEM_FIREWALL=firewall)
    data = opened.stand_in("connman_1.42.bb", CONNMAN)
    assert set(data.getVar("PACKAGECONFIG").split()) == set(config.split())


def test_connman_conf_installs_the_helpers_main_conf(bitbake: Open) -> None:
    data = bitbake(DISTRO_FEATURES=FEATURE).stand_in("connman-conf.bb", CONNMAN_CONF)
    helper = LAYER / "recipes-support" / "huawei-modem" / "files"
    found = local_files(data)
    assert Path(found["main.conf"] or "").resolve() == helper / "connman" / "main.conf"
    assert Path(found["80-connman.preset"] or "").is_file()
    assert "/etc/connman/main.conf" in data.getVar("do_install")
    assert "/lib/systemd/system-preset" in data.getVar("FILES:connman-conf")


def test_an_emulated_machine_keeps_the_network_that_the_kernel_set_up(bitbake: Open, tmp_path: Path) -> None:
    """Its own interface is left alone, as runqemu names it; a router on USB is not, whatever it is called."""
    settings = {"DISTRO_FEATURES": FEATURE, "MACHINEOVERRIDES": "qemuall:qemuarm"}
    settings |= {"D": str(tmp_path), "S": str(LAYER / "recipes-support/huawei-modem/files/connman")}
    install = bitbake(**settings).stand_in("connman-conf.bb", CONNMAN_CONF).getVar("do_install")
    (tmp_path / "etc/connman").mkdir(parents=True)
    wanted = [line for line in install.splitlines() if "main.conf" in line]
    subprocess.run(["sh", "-ec", "\n".join(wanted)], check=True)
    written = (tmp_path / "etc/connman/main.conf").read_text()
    (listed,) = re.findall("^NetworkInterfaceBlacklist = (.*)$", written, re.MULTILINE)
    # ConnMan compares by prefix.
    left_alone = tuple(listed.split(","))
    assert "eth0".startswith(left_alone)
    routers = ("eth1", "enx001e101f0000", "enp0s2u1", "usb0")
    assert not [name for name in routers if name.startswith(left_alone)]


@pytest.mark.parametrize(
    ("version", "variant"),
    [
        ("1.34", "ofono-1.x"),
        ("2.4", "ofono-2.2"),
        ("2.7", "ofono-2.2"),
        ("2.15", "ofono-2.8"),
        ("2.19", "ofono-2.8"),
    ],
)
def test_each_version_of_ofono_gets_its_patches(bitbake: Open, version: str, variant: str) -> None:
    files = local_files(bitbake(DISTRO_FEATURES=FEATURE).stand_in(f"ofono_{version}.bb"))
    folder = LAYER / "recipes-connectivity/ofono/files"
    wanted = patches(variant)
    assert list(files) == [str(path.relative_to(folder)) for path in wanted], "all of them, in their order"
    assert [Path(path or "").resolve() for path in files.values()] == wanted


@pytest.mark.parametrize("wanted", ["", "bytecode"])
def test_byte_code_and_the_python_that_makes_it_are_asked_for(bitbake: Open, wanted: str) -> None:
    data = bitbake(DISTRO_FEATURES=FEATURE, PACKAGECONFIG=wanted).recipe(RECIPE)
    assert data.getVarFlag("PACKAGECONFIG", "bytecode") == ",,python3-native"
    assert (data.getVarFlag("do_install", "postfuncs") or "").split() == (
        ["huawei_modem_install_bytecode"] if wanted else []
    )
    assert "install-bytecode" in data.getVar("huawei_modem_install_bytecode", False)


def test_byte_code_beside_the_sources_changes_no_signature(bitbake: Open, tmp_path: Path) -> None:
    """Commands import the helper from where it lies; shared state serves every checkout all the same."""
    skipped = bitbake().recipe(RECIPE).getVar("BB_SIGNATURE_LOCAL_DIRS_EXCLUDE").split()
    sources = tmp_path / "huawei_modem"
    shutil.copytree(HELPER / "huawei_modem", sources, ignore=shutil.ignore_patterns("__pycache__"))

    def sums() -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = FileChecksumCache().get_checksums(f"{sources}:True", "-", skipped)
        return found

    clean = sums()
    compileall.compile_dir(sources, quiet=1)
    assert list(sources.rglob("__pycache__"))
    assert sums() == clean
    (sources / "cli.py").write_text("")
    assert sums() != clean
    assert {".git", ".svn"} < set(skipped), "BitBake's own, which a value replaces"


def test_a_secret_is_in_no_package(bitbake: Open) -> None:
    data = bitbake(DISTRO_FEATURES=FEATURE, HUAWEI_MODEM_CONFIG="/team/config.ini").recipe(RECIPE)
    assert not [
        name for name in data if "/team/" in str(data.getVar(name, False)) and name != "HUAWEI_MODEM_CONFIG"
    ]
    assert "HUAWEI_MODEM_CONFIG" not in data.getVar("do_install", False)


def test_pppd_brings_the_modules_that_it_asks_the_kernel_for(bitbake: Open) -> None:
    data = bitbake(DISTRO_FEATURES=FEATURE).stand_in("ppp_2.5.0.bb")
    assert "kernel-module-ppp-async" in data.getVar("RRECOMMENDS:ppp").split()


@pytest.mark.parametrize(("stack", "other"), [("ofono", "modemmanager"), ("modemmanager", "ofono")])
def test_the_packagegroup_has_one_stack(bitbake: Open, stack: str, other: str) -> None:
    opened = bitbake(DISTRO_FEATURES=FEATURE, HUAWEI_MODEM_STACK=stack)
    data = opened.recipe(LAYER / "recipes-core/packagegroups/packagegroup-huawei-modem.bb")
    needed = data.getVar("RDEPENDS:packagegroup-huawei-modem").split()
    assert stack in needed
    assert other not in needed
    assert ("huawei-modem" in needed, "huawei-modem-udev" in needed) == (stack == "ofono", stack != "ofono")


@pytest.mark.parametrize(
    ("said", "image", "group"), [(None, True, False), ("on", True, True), ("off", False, False)]
)
def test_the_filter_is_the_images_by_default_and_the_groups_by_choice(
    bitbake: Open, said: str | None, image: bool, group: bool
) -> None:
    settings = {"DISTRO_FEATURES": FEATURE, **({"HUAWEI_MODEM_FILTER": said} if said else {})}
    opened = bitbake(**settings)
    installed = opened.recipe(LAYER / "recipes-core/images/huawei-modem-image.bb").getVar("IMAGE_INSTALL")
    needed = opened.recipe(LAYER / "recipes-core/packagegroups/packagegroup-huawei-modem.bb")
    assert ("huawei-modem-filter" in installed.split()) == image
    assert ("huawei-modem-filter" in needed.getVar("RDEPENDS:packagegroup-huawei-modem").split()) == group


@pytest.mark.parametrize("firewall", ["iptables", "nftables"])
def test_the_filter_brings_the_program_that_loads_its_rules(bitbake: Open, firewall: str) -> None:
    recipe = LAYER / "recipes-support/huawei-modem/huawei-modem-filter_0.1.0.bb"
    settings = {"HUAWEI_MODEM_FIREWALL": firewall, "BBFILE_COLLECTIONS": "core networking-layer"}
    data = bitbake(DISTRO_FEATURES=FEATURE, **settings).recipe(recipe)
    assert data.getVar("RDEPENDS:huawei-modem-filter") == firewall
    assert f"FIREWALL={firewall}" in data.getVar("do_install")
    assert "kernel-module-" in data.getVar("RRECOMMENDS:huawei-modem-filter")


def test_the_packagegroup_has_the_driver_of_every_interface(bitbake: Open) -> None:
    data = bitbake(DISTRO_FEATURES=FEATURE).recipe(
        LAYER / "recipes-core/packagegroups/packagegroup-huawei-modem.bb"
    )
    recommended = set(data.getVar("RRECOMMENDS:packagegroup-huawei-modem").split())
    database = load(HELPER / "modems.toml")[0]
    interfaces = [item for stick in database.sticks for mode in stick.modes for item in every_interface(mode)]
    drivers = {*database.drivers, *(item.driver for item in interfaces if item.driver)}
    wanted = {f"kernel-module-{driver.replace('_', '-')}" for driver in drivers}
    # huawei_cdc_ncm and cdc_mbim need cdc_ncm: their packages bring its.
    assert wanted - recommended == {"kernel-module-cdc-ncm"}


@pytest.mark.parametrize(
    ("features", "password_logins"),
    [("", False), ("allow-empty-password", True), ("debug-tweaks", True)],
)
def test_ssh_takes_keys_alone_unless_a_debug_image_is_asked_for(
    bitbake: Open, features: str, password_logins: bool
) -> None:
    settings = {"DISTRO_FEATURES": FEATURE, "IMAGE_FEATURES": features}
    data = bitbake(**settings).recipe(LAYER / "recipes-core/images/huawei-modem-image.bb")
    commands = data.getVar("ROOTFS_POSTPROCESS_COMMAND").replace(";", " ").split()
    assert ("huawei_modem_ssh_by_key_only" in commands) != password_logins


def test_a_class_of_the_layer_can_be_left_out_by_name(bitbake: Open) -> None:
    inherited = bitbake(**{"INHERIT:remove": "huawei_modem_sanity"}).data.getVar("INHERIT").split()
    assert "huawei_modem_sanity" not in inherited
    assert bitbake().data.getVar("INHERIT").split() == ["huawei_modem_sanity"]


def test_images_inherit_the_check_by_name(bitbake: Open) -> None:
    classes = bitbake(DISTRO_FEATURES=FEATURE).data.getVar("IMAGE_CLASSES").split()
    assert classes
    assert [(LAYER / "classes" / f"{name}.bbclass").is_file() for name in classes] == [True] * len(classes)
    assert not (bitbake().data.getVar("IMAGE_CLASSES") or "").split()


def test_nothing_newer_than_the_oldest_bitbake_is_used() -> None:
    """The parser here is the newest; kirkstone's BitBake 2.0 stops at these."""
    newer = re.compile(
        r"^\s*(inherit_defer|addpylib|addfragments|include_all)\b|_remove\b|_append\b", re.MULTILINE
    )
    files = [*RECIPES, *APPENDS, *LAYER.rglob("*.inc"), *LAYER.rglob("*.bbclass"), LAYER / "conf/layer.conf"]
    assert not [path.name for path in files if newer.search(path.read_text())]
    assert newer.search("inherit_defer native\n")
