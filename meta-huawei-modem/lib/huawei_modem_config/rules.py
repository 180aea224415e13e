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
from huawei_modem_config.modes import mode_faults
from huawei_modem_config.places import place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Get = Callable[[str], str | None]

FEATURE = "huawei-modem"
CHOICES: dict[str, tuple[str, ...]] = {
    "HUAWEI_MODEM_STACK": ("ofono", "modemmanager"),
    "HUAWEI_MODEM_FIREWALL": ("iptables", "nftables"),
    "HUAWEI_MODEM_FILTER": ("on", "off"),
    "HUAWEI_MODEM_IMAGE_CHECK": ("error", "warn", "off"),
    "HUAWEI_MODEM_KERNEL_GATE": ("error", "warn", "off"),
}
FILES: dict[str, Callable[[str], list[str]]] = {
    "HUAWEI_MODEM_AUTHORIZED_KEYS": key_faults,
    "HUAWEI_MODEM_CONFIG": config_faults,
}
_LARGEST = 1 << 20
"""Octets of such a file: all keys of a team, or the access points of all networks, have a tenth of it."""
_MOST = 20
"""Faults of a file that are said: who has more has the wrong file."""
_EXAMPLES = {"HUAWEI_MODEM_AUTHORIZED_KEYS": "authorized_keys", "HUAWEI_MODEM_CONFIG": "config.ini"}
VARIABLES = (
    *CHOICES,
    *FILES,
    "HUAWEI_MODEM_IMAGE_ACCEPTED",
    "HUAWEI_MODEM_KERNELS",
    "HUAWEI_MODEM_KERNEL_ACCEPTED",
    "HUAWEI_MODEM_KERNEL_FRAGMENTS",
    "HUAWEI_MODEM_LAYERDIR",
    "HUAWEI_MODEM_MODES",
    "HUAWEI_MODEM_TEST_HOST",
    "HUAWEI_MODEM_TEST_WAIT",
)
"""All that a team may set or read; docs/variables.md has a row for each."""

INCLUDES = {
    "colibri-imx7-emmc": "colibri-imx7-emmc",
    "colibri-imx7": "colibri-imx7",
    "colibri-imx7-nand": "colibri-imx7",
}
"""Machines whose Toradex settings are in an include file that their own configuration does not read."""

KERNELS = (
    "linux-fslc",
    "linux-fslc-lts",
    "linux-toradex",
    "linux-toradex-mainline",
    "linux-toradex-mainline-rt",
    "linux-toradex-upstream",
    "linux-toradex-upstream-rt",
    "linux-yocto",
)
"""Kernels whose recipe has an append in this layer. A team's own are in HUAWEI_MODEM_KERNELS."""

LISTS: dict[str, tuple[re.Pattern[str], str, str]] = {
    # A stick's ids as the kernel prints them, and a mode's name; empty: as if nothing was chosen.
    "HUAWEI_MODEM_MODES": (
        re.compile(r"[0-9a-f]{4}:[0-9a-f]{4}=[a-z0-9-]*"),
        "it is written as the ids and a mode's name",
        "12d1:1f01=modem-e3372h",
    ),
    "HUAWEI_MODEM_IMAGE_ACCEPTED": (
        re.compile(r"[a-z0-9]+(-[a-z0-9]+)+"),
        "findings are named by the codes of docs/findings.md",
        "modules-stale",
    ),
    "HUAWEI_MODEM_KERNEL_ACCEPTED": (
        re.compile(r"(?!CONFIG_)[A-Z0-9]\w*", re.ASCII),
        "symbols are named without CONFIG_ and value",
        "USB_ACM",
    ),
    "HUAWEI_MODEM_KERNELS": (
        re.compile(r"[a-z0-9][a-z0-9+.-]*(?<!\.bb)(?<!\.bbappend)"),
        "a kernel is named as its recipe is, without version and file name",
        "linux-mine",
    ),
}
"""What the words of a list look like, that in words, and an example."""

# kas writes conf/local.conf anew at every run: a line that is added there is gone, and the fault is back.
WHERE = "Add to conf/local.conf, or with kas to a local_conf_header of your kas file:"


class Verdict(NamedTuple):
    """What stops the build, and what is only said."""

    faults: list[str]
    warnings: list[str]


def judge(get: Get, names: Iterable[str]) -> Verdict:
    """`names` are those of all variables that the configuration sets."""
    names = [name for name in names if name.startswith("HUAWEI_MODEM_")]
    ours = {name.split(":", 1)[0] for name in names}
    distro, machine = _words(get, "DISTRO_FEATURES"), _words(get, "MACHINE_FEATURES")
    if FEATURE not in distro + machine:
        return _not_asked_for(get, distro, machine)
    faults, warnings = _names(get, ours)
    faults += _choices(get, names) + _lists(get) + _toradex(get) + _kernel(get)
    warnings += _unknown_modes(get)
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


def _at(get: Get, name: str) -> str:
    """ " (FILE:LINE)" where `name` is set, for a sentence that begins with it."""
    place = place_of(name, _words(get, "BBINCLUDED"))
    return f" ({place})" if place else ""


def _names(get: Get, ours: Iterable[str]) -> tuple[list[str], list[str]]:
    """Variables that there are not: near a known one a fault, else a word."""
    faults, warnings = [], []
    for name in sorted(set(ours) - set(VARIABLES)):
        near = get_close_matches(name, VARIABLES, n=1, cutoff=0.85)
        said = f"{name}{_at(get, name)} is not a variable of this layer"
        if near:
            faults.append(f"{said}; is {near[0]} meant?")
        else:
            warnings.append(f"{said} and without effect; there are {', '.join(VARIABLES)}")
    return faults, warnings


def _choices(get: Get, names: Iterable[str]) -> list[str]:
    """Values that are none of a choice, in every override too: HUAWEI_MODEM_IMAGE_CHECK:pn-my-image."""
    faults = []
    for variable, choices in CHOICES.items():
        seen = {None, *choices}
        for name in [variable, *sorted(name for name in names if name.startswith(f"{variable}:"))]:
            value = get(name)
            if value in seen:
                continue
            seen.add(value)
            near = get_close_matches((value or "").strip().lower(), choices, n=1) or choices[:1]
            faults.append(
                f'{name} = "{value}"{_at(get, variable)}: it is one of {", ".join(choices)}\n'
                f'    {name} = "{near[0]}"'
            )
    return faults


def _lists(get: Get) -> list[str]:
    """Words of lists that cannot be what the list is of: the first of each."""
    faults = []
    for name, (pattern, rule, example) in LISTS.items():
        wrong = [word for word in _words(get, name) if not pattern.fullmatch(word)]
        if wrong:
            faults.append(f'{name}: "{wrong[0]}"{_at(get, name)}: {rule}\n    {name}:append = " {example}"')
    return faults


def _mode_files(get: Get) -> list[str]:
    """12d1-1f01.modem-e3372h for a choice, 12d1-15d4 for a stick with one."""
    folder = Path(get("HUAWEI_MODEM_LAYERDIR") or "") / "recipes-support/huawei-modem/files/modeswitch"
    return sorted(path.name for path in folder.glob("*-*"))


def _unknown_modes(get: Get) -> list[str]:
    """Chosen modes that this layer has no message for; a team may bring its own, so it is a warning."""
    known = [name.replace("-", ":", 1).replace(".", "=", 1) for name in _mode_files(get)]
    chosen = _words(get, "HUAWEI_MODEM_MODES")
    unknown = [
        word
        for word in chosen
        if LISTS["HUAWEI_MODEM_MODES"][0].fullmatch(word) and word.rstrip("=") not in known
    ]
    return [
        f"HUAWEI_MODEM_MODES: {word}{_at(get, 'HUAWEI_MODEM_MODES')}: this layer has {', '.join(known)}; "
        "the recipe huawei-modem stops unless you bring the file"
        for word in unknown
    ]


def _files(get: Get) -> list[str]:
    faults = []
    for name, check in FILES.items():
        path = Path(get(name) or "")
        if not path.name:
            continue
        if not (path.is_absolute() and path.is_file()):
            faults.append(
                f'{name} = "{path}"{_at(get, name)} is not the absolute path of a file on this machine\n'
                f'    {name} = "${{TOPDIR}}/../{_EXAMPLES[name]}"'
            )
            continue
        try:
            if path.stat().st_size > _LARGEST:
                faults.append(f"{name}: {path}: has more than {_LARGEST >> 10} KiB")
                continue
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as err:
            found = [f"cannot be read as text ({type(err).__name__})"]
        else:
            found = check(text)
            if name == "HUAWEI_MODEM_CONFIG" and not found:
                # What it chooses is looked for once its form is right.
                found = mode_faults(text, _mode_files(get))
        faults += [f"{name}: {path}: {fault}" for fault in found[:_MOST]]
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
    if not kernel or kernel in KERNELS or kernel in _words(get, "HUAWEI_MODEM_KERNELS"):
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
