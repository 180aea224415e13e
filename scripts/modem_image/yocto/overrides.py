# SPDX-License-Identifier: MIT
"""Settings of a user's own that would override ours in the build folder.

kas writes conf/local.conf and conf/bblayers.conf anew at every run, so lines that were added there are lost
without a word; conf/site.conf, conf/auto.conf and conf/toolcfg.conf stay, and win.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from modem_image.errors import InputError

# What decides which image comes out: these are set by the kas files.
_OURS = (
    "DISTRO",
    "DISTRO_FEATURES",
    "HUAWEI_MODEM_FIREWALL",
    "HUAWEI_MODEM_STACK",
    "IMAGE_FSTYPES",
    "IMX_DEFAULT_BSP",
    "INIT_MANAGER",
    "MACHINE",
    "MACHINE_FEATURES",
    "PREFERRED_PROVIDER_virtual/kernel",
    "TMPDIR",
)
# The kernel's version, whatever the recipe is called.
_OURS_BY_START = "PREFERRED_VERSION_linux-"
# BitBake's syntax of an assignment: name, overrides, then =, ?=, ??=, :=, +=, .=, =+ or =.
_ASSIGNMENT = re.compile(r"\s*(?P<name>[\w./+-]+)(?P<overrides>(?::[a-z0-9_-]+)*)\s*(?:\?\??|[:+.])?=")
# These add to what the kas files say and take nothing away.
_ADDING = {"append", "prepend"}
# The last is read from wrynose on, and bitbake's own setup tool writes it.
_READ_BY_BITBAKE = ("site.conf", "auto.conf", "toolcfg.conf")
_WRITTEN_BY_KAS = ("local.conf", "bblayers.conf")
STAMP = "kas.sha256"


@dataclass(frozen=True)
class Override:
    """A line of a configuration file that sets what a kas file sets."""

    file: str
    line: int
    text: str


def find_overrides(name: str, text: str) -> list[Override]:
    """The lines of the configuration `text` that set what is ours; `name` is for messages.

    Default values (`?=`, `??=`) count too: both files are read before local.conf.
    """
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        match = _ASSIGNMENT.match(line)
        if match and overrides(match["name"], set(match["overrides"].split(":"))):
            found.append(Override(name, number, line.strip()))
    return found


def overrides(name: str, flags: set[str]) -> bool:
    """Whether an assignment to `name` with these overrides takes away what a kas file or the layer says."""
    if name == "INHERIT":
        # A class more is anybody's choice; one less may be the layer's own checks.
        return "remove" in flags
    return (name in _OURS or name.startswith(_OURS_BY_START)) and not _ADDING & flags


def check_overrides(build: Path) -> None:
    """Raises InputError that names each line in the build folder `build` which is not from a kas file."""
    conf = build / "conf"
    faults = [
        f"{each.file}:{each.line}: {each.text}"
        for name in _READ_BY_BITBAKE
        if (conf / name).is_file()
        for each in find_overrides(str(conf / name), (conf / name).read_text(errors="replace"))
    ]
    if faults:
        lines = "\n  ".join(faults)
        raise InputError(
            f"settings of your own override those of the kas files:\n  {lines}\n"
            "  do: move them into a file of your own in kas/opt/ and use it by --opt (docs/build.md), "
            "or remove them"
        )
    stamp = conf / STAMP
    left = stamp.read_text().splitlines() if stamp.is_file() else []
    changed = [str(conf / name) for name in _stamps(conf, left) if _stamp(conf / name) not in left]
    if changed:
        raise InputError(
            f"{' and '.join(changed)}: changed by hand, and kas would write it anew\n"
            "  do: move the lines into a file of your own in kas/opt/ and use it by --opt (docs/build.md), "
            f"then rm {' '.join(changed)}"
        )


def _stamps(conf: Path, left: list[str]) -> list[str]:
    """The files of kas that are still there and were there when `left` was written."""
    return [line.partition("  ")[2] for line in left if (conf / line.partition("  ")[2]).is_file()]


def stamp_of(build: Path) -> str | None:
    """What to keep in STAMP beside the files that kas has written; None when there are none."""
    paths = [build / "conf" / name for name in _WRITTEN_BY_KAS]
    return "".join(f"{_stamp(path)}\n" for path in paths if path.is_file()) or None


def _stamp(path: Path) -> str:
    """A file's line in STAMP, as sha256sum prints it."""
    return f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}"
