# SPDX-License-Identifier: MIT
"""The modes of sticks that a team's config.ini chooses, as files of usb_modeswitch in a root file system.

`[mode 12d1:1f01]` with `use = modem-e3372h` makes /etc/usb_modeswitch.d/12d1:1f01 of the file of that name in
/usr/share/huawei-modem/modeswitch, which huawei-modem installs (scripts/modem_image/sticks/choices.py).
"""

from __future__ import annotations

import configparser
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

SECTION = re.compile(r"mode ([0-9a-f]{4}:[0-9a-f]{4})")
USE = re.compile(r"[a-z0-9][a-z0-9-]*")


def chosen(text: str) -> Mapping[str, str]:
    """What `use` says by USB id, of a config.ini that config_faults() has accepted."""
    parser = configparser.ConfigParser(interpolation=None, default_section="")
    parser.read_string(text)
    found = ((SECTION.fullmatch(name), name) for name in parser.sections())
    return {match[1]: parser[name].get("use", "") for match, name in found if match}


def file_of(usb: str, use: str, files: Iterable[str]) -> str:
    """The name among `files` (12d1-1f01.modem-e3372h) that is meant; the first word is enough if alone.

    Raises ValueError, with what there is.
    """
    stem = usb.replace(":", "-") + "."
    there = sorted(name[len(stem) :] for name in files if name.startswith(stem))
    meant = [name for name in there if name == use] or [name for name in there if name.split("-")[0] == use]
    if len(meant) == 1:
        return stem + meant[0]
    if meant:
        raise ValueError(f"[mode {usb}] use = {use} may be {' or '.join(meant)}: say which")
    said = f"there is {', '.join(there)}" if there else "this layer has no other mode for that id"
    raise ValueError(f"[mode {usb}] use = {use}: {said}")


def mode_faults(text: str, files: Iterable[str]) -> list[str]:
    """Choices of a config.ini that no file is for, a sentence each."""
    names = list(files)
    faults = []
    for usb, use in chosen(text).items():
        try:
            file_of(usb, use, names)
        except ValueError as err:
            faults.append(str(err))
    return faults


def install(text: str, source: Path, target: Path) -> list[Path]:
    """Copies the chosen files of the folder `source` into `target` (usb_modeswitch.d); what was written.

    Raises ValueError before anything is written.
    """
    names = [path.name for path in source.iterdir()] if source.is_dir() else []
    pairs = [(source / file_of(usb, use, names), target / usb) for usb, use in chosen(text).items()]
    for origin, path in pairs:
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(origin, path)
        path.chmod(0o644)
    return [path for _, path in pairs]
