# SPDX-License-Identifier: MIT
"""kas in a virtual environment of its own.

kas and all below it run on Debian's /usr/bin/python3, which bitbake needs anyway and which every user
may run; the interpreter of this command may lie in a folder that only its owner reads. The bench is
spared kas's libraries.
"""

from __future__ import annotations

from pathlib import Path

from modem_image import PROJECT
from modem_image.cache import Cache, digest_of_files
from modem_image.console import step
from modem_image.errors import MissingError
from modem_image.system import CommandError, run

LOCK = PROJECT / "scripts" / "requirements-kas.lock"
# Its folder in the cache.
KIND = "kas"


def kas_python(cache: Cache, interpreter: Path) -> Path:
    """The interpreter of a virtual environment with the kas of requirements-kas.lock.

    It is made once, of `interpreter`, and again when the lock changes. Raises MissingError when its
    packages cannot be had.
    """
    version = run([interpreter, "--version"]).decode().strip()
    material = {"interpreter": str(interpreter), "version": version, "lock": digest_of_files([LOCK], PROJECT)}

    def make(folder: Path) -> None:
        with step("install kas"):
            _install(interpreter, folder)

    return cache.entry(KIND, material, make) / "bin" / "python"


def _install(interpreter: Path, folder: Path) -> None:
    try:
        run([interpreter, "-m", "venv", folder])
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        run([*pip, "--disable-pip-version-check", "--require-hashes", "--requirement", str(LOCK)])
    except CommandError as error:
        raise MissingError(
            f"kas could not be installed\n{error}\n  do: check the network and pip's settings, then try again"
        ) from error
