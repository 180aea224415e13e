# SPDX-License-Identifier: MIT
"""What is wrong with a build's configuration, before anything is parsed. bitbake passes each in silence.

`get` is a configuration's own (d.getVar); nothing here knows bitbake.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from huawei_modem_config.files import config_faults, key_faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Get = Callable[[str], str | None]

FEATURE = "huawei-modem"
CHOICES: dict[str, tuple[str, ...]] = {
    "HUAWEI_MODEM_STACK": ("ofono", "modemmanager"),
    "HUAWEI_MODEM_FIREWALL": ("iptables", "nftables"),
    "HUAWEI_MODEM_FILTER": ("on", "off"),
    "HUAWEI_MODEM_IMAGE_CHECK": ("error", "warn", "off"),
}
FILES: dict[str, Callable[[str], list[str]]] = {
    "HUAWEI_MODEM_AUTHORIZED_KEYS": key_faults,
    "HUAWEI_MODEM_CONFIG": config_faults,
}
VARIABLES = (
    *CHOICES,
    *FILES,
    "HUAWEI_MODEM_KERNELS",
    "HUAWEI_MODEM_KERNEL_ACCEPTED",
    "HUAWEI_MODEM_KERNEL_FRAGMENTS",
    "HUAWEI_MODEM_LAYERDIR",
    "HUAWEI_MODEM_MODES",
    "HUAWEI_MODEM_TEST_HOST",
)
"""All that a team may set or read; docs/variables.md has a row for each."""

INCLUDES = {
    "colibri-imx7-emmc": "colibri-imx7-emmc",
    "colibri-imx7": "colibri-imx7",
    "colibri-imx7-nand": "colibri-imx7",
}
"""Machines whose Toradex settings are in an include file that their own configuration does not read."""

# A stick's ids as the kernel prints them, and the name of one of its modes; empty: as if nothing was chosen.
_MODE = re.compile(r"[0-9a-f]{4}:[0-9a-f]{4}=[a-z0-9-]*")

# kas writes conf/local.conf anew at every run: a line that is added there is gone, and the fault is back.
WHERE = "Add to conf/local.conf, or with kas to a local_conf_header of your kas file:"


class Verdict(NamedTuple):
    """What stops the build, and what is only said."""

    faults: list[str]
    warnings: list[str]


def judge(get: Get, names: Iterable[str]) -> Verdict:
    """`names` are those of all variables that the configuration sets."""
    ours = {name.split(":", 1)[0] for name in names if name.startswith("HUAWEI_MODEM_")}
    distro, machine = _words(get, "DISTRO_FEATURES"), _words(get, "MACHINE_FEATURES")
    if FEATURE not in distro + machine:
        return _not_asked_for(get, distro, machine)
    faults, warnings = _names(ours)
    faults += _values(get) + _toradex(get) + _kernel(get)
    # The machine's feature is for the kernel alone; what follows is about the daemons.
    if FEATURE in distro:
        faults += _files(get) + _distribution(distro) + _layers(get)
    return Verdict(faults, warnings)


def _words(get: Get, name: str) -> list[str]:
    return (get(name) or "").split()


def _not_asked_for(get: Get, distro: list[str], machine: list[str]) -> Verdict:
    """A feature that was meant and misspelt; and files given for nothing."""
    faults = [
        f'{name} has "{word}": the feature is called {FEATURE}'
        for name, words in (("DISTRO_FEATURES", distro), ("MACHINE_FEATURES", machine))
        for word in words
        if get_close_matches(word.lower().replace("_", "-"), [FEATURE], cutoff=0.85)
    ]
    given = [name for name in FILES if get(name)]
    if faults or not given:
        return Verdict(faults, [])
    text = f"{' and '.join(given)}: without effect, since nothing asks for the modem. {WHERE}\n"
    return Verdict([], [text + f'    DISTRO_FEATURES:append = " {FEATURE}"'])


def _names(ours: Iterable[str]) -> tuple[list[str], list[str]]:
    """Variables that there are not: near a known one a fault, else a word."""
    faults, warnings = [], []
    for name in sorted(set(ours) - set(VARIABLES)):
        near = get_close_matches(name, VARIABLES, n=1, cutoff=0.85)
        if near:
            faults.append(f"{name} is not a variable of this layer; is {near[0]} meant?")
        else:
            warnings.append(
                f"{name} is not a variable of this layer and without effect; there are {', '.join(VARIABLES)}"
            )
    return faults, warnings


def _values(get: Get) -> list[str]:
    faults = []
    for name, choices in CHOICES.items():
        value = get(name)
        if value is not None and value not in choices:
            faults.append(f'{name} = "{value}": it is one of {", ".join(choices)}')
    wrong = [word for word in _words(get, "HUAWEI_MODEM_MODES") if not _MODE.fullmatch(word)]
    if wrong:
        faults.append(f'HUAWEI_MODEM_MODES: "{wrong[0]}": it is written as 12d1:1f01=modem-e3372h')
    wrong = [
        word
        for word in _words(get, "HUAWEI_MODEM_KERNEL_ACCEPTED")
        if word.startswith("CONFIG_") or "=" in word
    ]
    if wrong:
        faults.append(
            f'HUAWEI_MODEM_KERNEL_ACCEPTED: "{wrong[0]}": symbols are named without CONFIG_ and value'
        )
    return faults


def _files(get: Get) -> list[str]:
    faults = []
    for name, check in FILES.items():
        path = Path(get(name) or "")
        if not path.name:
            continue
        if not (path.is_absolute() and path.is_file()):
            faults.append(f'{name} = "{path}" is not the absolute path of a file on this machine')
            continue
        try:
            found = check(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as err:
            found = [f"cannot be read as text ({type(err).__name__})"]
        faults += [f"{name}: {path}: {fault}" for fault in found]
    return faults


def _toradex(get: Get) -> list[str]:
    machine = get("MACHINE") or ""
    layers = _words(get, "BBFILE_COLLECTIONS")
    if machine not in INCLUDES or "toradex-nxp-layer" not in layers or get("TORADEX_PRODUCT_IDS"):
        return []
    return [
        f"meta-toradex-nxp's settings of {machine} were not read: the build would take another kernel and "
        f"make no Easy Installer image. {WHERE}\n    require conf/machine/include/{INCLUDES[machine]}.inc"
    ]


def _kernel(get: Get) -> list[str]:
    kernel = get("PREFERRED_PROVIDER_virtual/kernel")
    if not kernel or kernel in _words(get, "HUAWEI_MODEM_KERNELS"):
        return []
    return [
        f"the kernel {kernel} does not get this layer's options. Write into a {kernel}_%.bbappend of your "
        "layer\n"
        "    require recipes-kernel/linux/huawei-modem-kernel.inc\n"
        f'and add to its conf/layer.conf:\n    HUAWEI_MODEM_KERNELS:append = " {kernel}"'
    ]


def _distribution(distro: list[str]) -> list[str]:
    faults = []
    if "systemd" not in distro:
        faults.append(
            f'the units that bring a modem up are systemd\'s. {WHERE}\n    INIT_MANAGER = "systemd"'
        )
    if "3g" not in distro:
        faults.append(
            f"without 3g other recipes leave cellular networks out. {WHERE}\n"
            '    DISTRO_FEATURES:append = " 3g"'
        )
    return faults


def _layers(get: Get) -> list[str]:
    layers = _words(get, "BBFILE_COLLECTIONS")
    wanted = {"HUAWEI_MODEM_STACK": "modemmanager", "HUAWEI_MODEM_FIREWALL": "nftables"}
    return [
        f"{choice} needs recipes of meta-networking, and that meta-python; both are in meta-openembedded:\n"
        "    bitbake-layers add-layer meta-python meta-networking"
        for name, choice in wanted.items()
        if get(name) == choice and "networking-layer" not in layers
    ]
