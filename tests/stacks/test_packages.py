# SPDX-License-Identifier: MIT
"""Our recipes that need no compiler, through the real tasks: install, package, package_qa, package_write."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from modem_image.yocto.plan import RELEASES, Request
from parser.bitbake import LAYER
from stacks.stack import STUB, Stack, open_stack

pytestmark = pytest.mark.mirror

RECIPES = (
    "connman-conf",
    "huawei-modem",
    "huawei-modem-filter",
    "huawei-modem-watch",
    "packagegroup-huawei-modem",
)

# Everything of core but connman-conf is left out, and with it the appends to it.
CONF = r"""
require conf/host-tools.conf
BBMASK += "/meta/recipes-(?!connectivity/connman/connman-conf\.bb) /meta-poky/recipes- /meta-openembedded/"
BBMASK += "/meta-huawei-modem/recipes-kernel /connman_%\.bbappend /ppp_%\.bbappend"
BBMASK += "/ofono_%\.bbappend"
# connman-conf does not say that it needs no compiler.
INHIBIT_DEFAULT_DEPS = "1"
PACKAGE_CLASSES:forcevariable = "package_deb"
HUAWEI_MODEM_CONFIG = "${HUAWEI_MODEM_LAYERDIR}/recipes-support/huawei-modem/files/config.ini"
"""


@pytest.fixture(scope="module", params=RELEASES)
def packages(pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> dict[str, Path]:
    """The packages by name, made anew by each release: where files are unpacked and S is differs."""
    mirror = Path(pytestconfig.getoption("--mirror")).resolve()
    stack: Stack = open_stack(mirror, Request("qemuarm", request.param), "packages")
    stack = stack.with_conf("stub", CONF).with_layer(STUB)
    stack.kas.runner.output(["rm", "-rf", stack.folders.build / "tmp", stack.folders.build / "sstate-cache"])
    names = " ".join(RECIPES)
    outcome = stack.shell(f"bitbake {names} -c package_qa && bitbake {names} -c package_write_deb")
    assert outcome.status == 0, outcome.output[-5000:]
    assert outcome.warnings == []
    found = (stack.folders.build / "tmp" / "deploy" / "deb").rglob("*.deb")
    return {path.name.split("_")[0]: path for path in found}


def contents(package: Path) -> dict[str, tuple[str, str]]:
    """Path to mode and owner, of every file; in /usr, where kirkstone has not merged it."""
    listing = subprocess.run(["dpkg-deb", "-c", package], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=5) for line in listing.splitlines()]
    files = {row[5].removeprefix("."): (row[0], row[1]) for row in rows if not row[0].startswith("d")}
    return {re.sub("^/lib/", "/usr/lib/", path): value for path, value in files.items()}


def field(package: Path, name: str) -> set[str]:
    """The names in a field of the package's description."""
    done = subprocess.run(["dpkg-deb", "-f", package, name], capture_output=True, text=True, check=True)
    return set(re.findall(r"[\w.+-]+", re.sub(r"\([^)]*\)", "", done.stdout)))


def test_the_helper_is_packaged_whole(packages: dict[str, Path]) -> None:
    files = contents(packages["huawei-modem"])
    assert files["/usr/bin/huawei-modem"] == ("-rwxr-xr-x", "root/root")
    assert files["/etc/huawei-modem/config.ini.example"] == ("-rw-------", "root/root")
    assert "/usr/lib/systemd/system/huawei-modem-connect.service" in files
    source = LAYER / "recipes-support" / "huawei-modem" / "files" / "huawei_modem"
    # The database's schema stays on the host.
    modules = {str(path.relative_to(source)) for path in source.rglob("*.py")} - {"schema.py", "table.py"}
    # What reads logs is a package of its own, which a board that is short of room does without.
    all_files = [*files, *contents(packages["huawei-modem-transcript"])]
    assert modules == {name.split("/huawei_modem/")[1] for name in all_files if name.endswith(".py")}
    assert "/etc/connman/main.conf" not in files


def test_the_udev_rules_are_a_package_that_modemmanager_can_have_alone(packages: dict[str, Path]) -> None:
    rules = packages["huawei-modem-udev"]
    assert contents(rules).keys() == {"/usr/lib/udev/rules.d/70-huawei-modem.rules"}
    assert field(rules, "Depends") == set()
    assert "huawei-modem-udev" in field(packages["huawei-modem"], "Depends")


def test_what_a_team_gives_an_image_is_in_no_package(packages: dict[str, Path]) -> None:
    """CONF sets HUAWEI_MODEM_CONFIG: its password would go with the package into shared state and feeds."""
    assert [name for name, path in packages.items() if "/etc/huawei-modem/config.ini" in contents(path)] == []


def test_the_filter_is_a_package_with_its_rules_and_its_unit(packages: dict[str, Path]) -> None:
    files = contents(packages["huawei-modem-filter"])
    rules = {path for path in files if path.startswith("/etc/huawei-modem/")}
    nftables = rules == {"/etc/huawei-modem/filter.nft"}
    assert nftables or rules == {"/etc/huawei-modem/filter.iptables"}
    assert "/usr/lib/systemd/system/huawei-modem-filter.service" in files
    assert ("nftables" if nftables else "iptables") in field(packages["huawei-modem-filter"], "Depends")
    assert "/etc/huawei-modem/filter.nft" not in contents(packages["huawei-modem"])


def test_the_watch_is_a_package_of_its_own(packages: dict[str, Path]) -> None:
    files = contents(packages["huawei-modem-watch"])
    assert "/usr/bin/huawei-modem-watch" in files
    assert "/usr/lib/huawei-modem/huawei_modem_watch/machine.py" in files
    assert "/usr/lib/systemd/system/huawei-modem-watch.service" in files
    assert "huawei-modem" in field(packages["huawei-modem-watch"], "Depends")
    assert not [name for name in contents(packages["huawei-modem"]) if "watch" in name]


def test_connman_conf_alone_owns_the_configuration(packages: dict[str, Path]) -> None:
    files = contents(packages["connman-conf"])
    assert files.keys() == {"/etc/connman/main.conf", "/usr/lib/systemd/system-preset/80-connman.preset"}
    assert {owner for _mode, owner in files.values()} == {"root/root"}


def test_the_packagegroup_asks_for_the_stack_and_wishes_for_the_drivers(packages: dict[str, Path]) -> None:
    group = packages["packagegroup-huawei-modem"]
    assert field(group, "Depends") >= {"connman", "connman-conf", "huawei-modem", "ofono", "usb-modeswitch"}
    assert field(group, "Recommends") >= {"kernel-module-option", "kernel-module-tun"}
