# SPDX-License-Identifier: MIT
"""The layer in BitBake's own parser, without OpenEmbedded.

The library `bb` (of the package bitbake-setup) really parses layer.conf, the recipes and the appends, applies
overrides and finds files; core's classes and the recipes that are appended to are stand-ins. This is proof of
syntax, of conditions and of files, not of a build: that is what tests/stacks is for.
"""

from __future__ import annotations

import fcntl
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huawei_modem_config.rules import Verdict
from modem_image import PROJECT

LAYER = PROJECT / "meta-huawei-modem"
FEATURE = "3g systemd huawei-modem"
"""DISTRO_FEATURES of a build that asks for the modem."""

# The package has the library alone; these belong to the server's side, which parsing does not need.
for _name in ("hashserv", "hashserv.client", "prserv", "prserv.serv"):
    sys.modules.setdefault(_name, types.ModuleType(_name))

# The first import writes the parser's tables next to the library: of several processes one at a time.
with open(__file__) as _lock:  # noqa: PTH123  as a file to lock
    fcntl.flock(_lock, fcntl.LOCK_EX)
    import bb.cooker
import bb.cookerdata  # noqa: E402
import bb.data  # noqa: E402
import bb.parse  # noqa: E402
import bb.utils  # noqa: E402

# What the layer inherits from core.
CLASSES = ("base", "core-image", "features_check", "packagegroup", "systemd")

# Where a release unpacks file:// and what S is by default.
RELEASES = {
    "kirkstone": {"S": "${WORKDIR}/${BP}"},
    "scarthgap": {"S": "${WORKDIR}/${BP}"},
    "wrynose": {"S": "${UNPACKDIR}/${BP}", "UNPACKDIR": "${WORKDIR}/sources"},
}

# The part of bitbake.conf that the layer uses.
BITBAKE_CONF = {
    "PN": "${@bb.parse.vars_from_file(d.getVar('FILE', False), d)[0] or 'defaultpkgname'}",
    "PV": "${@bb.parse.vars_from_file(d.getVar('FILE', False), d)[1] or '1.0'}",
    "BPN": "${PN}",
    "BP": "${BPN}-${PV}",
    "D": "${WORKDIR}/image",
    "WORKDIR": "/work",
    "FILE_DIRNAME": "${@os.path.dirname(d.getVar('FILE', False))}",
    "FILESPATH": "${FILESEXTRAPATHS}:${FILE_DIRNAME}/${BP}:${FILE_DIRNAME}/${BPN}:${FILE_DIRNAME}/files",
    "FILESEXTRAPATHS": "__default",
    "THISDIR": "${@os.path.dirname(d.getVar('FILE', False))}",
    "OVERRIDES": "${MACHINEOVERRIDES}:pn-${PN}:forcevariable",
    "MACHINEOVERRIDES": "${MACHINE}",
    "MACHINE": "colibri-imx7-emmc",
    "MACHINE_ARCH": "${MACHINE}",
    "IMAGE_ROOTFS": "${WORKDIR}/rootfs",
    "ROOT_HOME": "/root",
    "COMMON_LICENSE_DIR": "/licenses",
    "prefix": "/usr",
    "bindir": "/usr/bin",
    "sbindir": "/usr/sbin",
    "datadir": "/usr/share",
    "mandir": "/usr/share/man",
    "sysconfdir": "/etc",
    "nonarch_libdir": "/usr/lib",
    "nonarch_base_libdir": "/lib",
    "systemd_unitdir": "/lib/systemd",
    "systemd_system_unitdir": "/lib/systemd/system",
    "CORE_IMAGE_EXTRA_INSTALL": "",
    "DISTRO_FEATURES": "3g systemd",
    "MACHINE_FEATURES": "",
}


@dataclass(frozen=True)
class Parser:
    """BitBake with the layer's configuration; `folder` has the stand-ins."""

    data: Any
    folder: Path

    def recipe(self, path: Path, *, appended: bool = True) -> Any:
        """The variables of a recipe, with this layer's appends as BitBake picks them, or without."""
        appends = self.collector().get_file_appends(str(path)) if appended else ()
        copy = bb.data.createCopy(self.data)
        return bb.cookerdata.CookerDataBuilder._parse_recipe(copy, str(path), appends, "", "test")[""]

    def stand_in(self, name: str, text: str = "", *, appended: bool = True) -> Any:
        """A recipe of another layer, by its file name and text."""
        path = self.folder / name
        path.write_text(text)
        return self.recipe(path, appended=appended)

    def collector(self) -> Any:
        """BitBake's own matching of appends to recipes, over every append of the layer."""
        collector = bb.cooker.CookerCollectFiles([])
        collector.bbappends = [
            (path.name.replace(".bbappend", ".bb"), str(path)) for path in sorted(LAYER.rglob("*.bbappend"))
        ]
        return collector


@contextmanager
def parser(folder: Path, release: str = "scarthgap", **settings: str) -> Iterator[Parser]:
    """A parser for one release; `settings` are variables as in local.conf."""
    (folder / "classes").mkdir(parents=True, exist_ok=True)
    for name in CLASSES:
        (folder / "classes" / f"{name}.bbclass").write_text("")
    data = bb.data.init()
    for name, value in {**BITBAKE_CONF, **RELEASES[release], **settings}.items():
        data.setVar(name, value)
    data.setVar("BBPATH", str(folder))
    data.setVar("BB_SIGNATURE_HANDLER", "noop")
    data.setVar("LAYERDIR", str(LAYER))
    data.setVar("PERSISTENT_DIR", str(folder))
    data.setVar("TOPDIR", str(folder))
    data.setVar("__bbclasstype", "recipe")
    bb.parse.init_parser(data)
    data = bb.parse.handle(str(LAYER / "conf" / "layer.conf"), data)
    data.expandVarref("LAYERDIR")
    for inherited in data.getVar("INHERIT").split():
        bb.parse.BBHandler.inherit(inherited, "INHERIT", 0, data)
    yield Parser(data, folder)


Open = Callable[..., Parser]
"""`parser` with its settings alone, as the fixture `bitbake` gives it."""


def sanity(data: Any) -> Verdict:
    """What the layer's sanity class finds in a configuration."""
    found: Verdict = bb.utils.better_eval("huawei_modem_verdict(d)", {"d": data})
    return found


def sanity_faults(data: Any) -> list[str]:
    """What of it stops the build."""
    return sanity(data).faults


def local_files(data: Any) -> dict[str, str | None]:
    """Each file:// of a recipe's SRC_URI, and where BitBake finds it."""
    names = [
        word.removeprefix("file://").split(";")[0]
        for word in (data.getVar("SRC_URI") or "").split()
        if word.startswith("file://")
    ]
    return {name: bb.utils.which(data.getVar("FILESPATH"), name) or None for name in names}
