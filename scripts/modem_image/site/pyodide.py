# SPDX-License-Identifier: MIT
"""Python for browsers: Pyodide's npm package, one release by its hash."""

from __future__ import annotations

import hashlib
import re
import stat
import tarfile
from pathlib import Path

from modem_image.cache import Cache
from modem_image.console import step
from modem_image.errors import InputError, MissingError, UserError
from modem_image.files import content_of
from modem_image.made import work_folder
from modem_image.system import CommandError, ensure_tools, run

VERSION = "314.0.7"
SHA256 = "66b7949e5a0cba2250b586d7e368bf12fb482800748d182c4618254b685ffaa0"
FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
"""What a browser needs of the package: the loader, CPython compiled to WebAssembly, its library, and the list
of packages that may be added (none is), without which the loader does not begin."""
_PACKAGE = f"pyodide@{VERSION}"
_LIMIT = 64 << 20
_REASON = re.compile(r"npm (?:error|ERR!) +code:? '?(\w+)")
"""What of all that npm prints says why: ECONNREFUSED, ETARGET, E404."""


def files(cache: Cache, package: Path | None) -> Path:
    """A folder with FILES, from `package` (a pyodide-*.tgz) or as npm brings it.

    Raises InputError for another file than the one release, MissingError where npm cannot bring it.
    """
    if package:
        _check(package)

    def make(folder: Path) -> None:
        if package:
            _unpack(package, folder)
        else:
            _download(folder)

    return cache.entry("pyodide", {"package": _PACKAGE, "sha256": SHA256, "files": FILES}, make)


def _download(folder: Path) -> None:
    """By npm, which knows the registry of this machine; no script of the package runs."""
    ensure_tools(["npm"])
    with work_folder() as work:
        with step(f"download {_PACKAGE}"):
            _pack(work)
        package = work / f"pyodide-{VERSION}.tgz"
        try:
            _check(package)
        except InputError as err:
            raise UserError(f"npm brought something else: {err}") from err
        _unpack(package, folder)


def _pack(folder: Path) -> None:
    try:
        run(["npm", "pack", "--ignore-scripts", "--pack-destination", folder, _PACKAGE])
    except CommandError as err:
        reason = _REASON.search(str(err))
        why = reason[1] if reason else "npm pack failed"
        raise MissingError(
            f"npm cannot bring {_PACKAGE}: {why}\n"
            "  do: make the registry reachable (npm config get registry), or give the file with --pyodide"
        ) from err


def _check(package: Path) -> None:
    try:
        if not stat.S_ISREG(package.stat().st_mode):
            raise InputError(f"{package}: is not a file\n  do: give pyodide-{VERSION}.tgz of npm")
        found = hashlib.sha256(content_of(package, _LIMIT)).hexdigest()
    except OSError as err:
        raise InputError(f"{package}: cannot be read: {err.strerror}") from err
    if found != SHA256:
        raise InputError(f"{package}: is not pyodide-{VERSION}.tgz of npm (SHA-256 {found}, not {SHA256})")


def _unpack(package: Path, folder: Path) -> None:
    with tarfile.open(package) as archive:
        for name in FILES:
            content = archive.extractfile(f"package/{name}")
            assert content is not None  # noqa: S101  the hash says that it is there
            (folder / name).write_bytes(content.read())
