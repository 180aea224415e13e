# SPDX-License-Identifier: MIT
"""The commands, a module each, imported when it is called.

Each module has `configure(parser)`, which adds what the command takes, and `run(args)`, which returns the
exit status; the work is done in the packages beside this one. `modem-image --help` needs this table alone.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import ModuleType

COMMANDS: Mapping[str, str] = {
    "build": "make an image, check it, boot the bench's on the emulated board",
    "test": "run the tests: all, a part, or --quick",
    "check": "is this image consistent?",
    "kernel-config": "a kernel's options: check, merge, explain",
    "bench": "boot an image with an emulated stick",
    "stick": "a stick of yours: record it, look at it, plug it into any QEMU",
    "doctor": "what is wrong, by a log, a capture or pasted text?",
    "release": "publish checked images as a feed for Easy Installer",
    "site": "the doctor as a page for the browser, for any web server",
    "serve": "serve a feed in the LAN, where Easy Installer finds it",
    "flash": "put an image onto a USB stick, or Easy Installer onto a module",
    "render": "make rules, data and tables of the database of sticks",
}
"""Each command and what it is for, in the order in which they are shown."""


def command(name: str) -> ModuleType:
    """The module of one of COMMANDS."""
    return importlib.import_module(f"modem_image.commands.{name.replace('-', '_')}")
