# SPDX-License-Identifier: MIT
"""Packages of a foreign architecture, through a private apt configuration.

The host's own apt is only asked which mirrors it uses. Every index and package is verified by apt
against Debian's archive keyring.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from modem_image.errors import MissingError, UserError
from modem_image.system import CommandError, run

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
MIRROR_VARIABLE = "MODEM_IMAGE_DEBIAN_MIRROR"


@dataclass(frozen=True)
class Archive:
    """Where packages come from: a mirror's URL, the suites, and one architecture, or their sources."""

    mirror: str
    suites: tuple[str, ...]
    architecture: str
    sources: bool = False

    def source_lines(self) -> list[str]:
        """One line a suite in the format of sources.list(5)."""
        kind = "deb-src" if self.sources else "deb"
        options = f"[arch={self.architecture} signed-by={KEYRING}]"
        return [f"{kind} {options} {self.mirror} {suite} main" for suite in self.suites]


def host_mirror(environment: Mapping[str, str] = os.environ) -> str:
    """The mirror this machine takes Debian from: the variable's, else what its own apt is set to.

    Raises MissingError when apt names none (not a Debian machine).
    """
    if named := environment.get(MIRROR_VARIABLE):
        return named
    listing = run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN) $(REPO_URI)", "Created-By: Packages"]
    ).decode()
    mirrors = [
        line.split(maxsplit=1)[1].rstrip("/") for line in listing.splitlines() if line.startswith("Debian ")
    ]
    for mirror in mirrors:
        if not mirror.endswith("-security"):
            return mirror
    raise MissingError(
        "this machine's apt knows no Debian mirror\n"
        f"  do: sudo apt-get update, or set {MIRROR_VARIABLE} to a mirror's URL"
    )


class PrivateApt:
    """An apt with its own state in a folder: the host's indexes and architectures stay as they are."""

    def __init__(self, archive: Archive, folder: Path) -> None:
        self._archive = archive
        self._folder = folder
        self._configuration = folder / "apt.conf"
        for name in ("lists/partial", "archives/partial"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "status").touch()
        (folder / "sources.list").write_text("".join(f"{line}\n" for line in archive.source_lines()))
        self._configuration.write_text(self._settings())

    def _settings(self) -> str:
        folder, architecture = self._folder, self._archive.architecture
        settings = {
            "Dir::State": folder,
            "Dir::State::status": folder / "status",
            "Dir::State::lists": folder / "lists",
            "Dir::Cache": folder,
            "Dir::Etc::sourcelist": folder / "sources.list",
            "Dir::Etc::sourceparts": "-",
            "APT::Architecture": architecture,
            "APT::Architectures::": architecture,
            "Acquire::Languages": "none",
            "Acquire::Retries": 3,
            # The sandbox user cannot write to a user's cache; apt would say so at each download.
            "APT::Sandbox::User": "root",
        }
        return "".join(f'{key} "{value}";\n' for key, value in settings.items())

    def update(self) -> None:
        """Fetch the indexes. Raises MissingError that names the suite which failed."""
        try:
            self._run("apt-get", "--quiet", "--error-on=any", "update")
        except CommandError as error:
            raise fetch_error(self._archive, str(error)) from error

    def dependency(self, package: str, pattern: str) -> str:
        """The first dependency of `package` whose name matches, as linux-image-armmp names its kernel."""
        listing = self._run("apt-cache", "depends", "--important", package)
        for name in re.findall(r"^\s+Depends: (\S+)$", listing, re.MULTILINE):
            if re.fullmatch(pattern, name):
                return str(name)
        raise UserError(f"{package} of {self._archive.suites[0]} depends on no {pattern}")

    def download(self, packages: Sequence[str], folder: Path) -> list[Path]:
        """The .deb files of `packages`, in this order, put into `folder`."""
        paths = []
        for package in packages:
            with_this = set(folder.glob("*.deb"))
            try:
                self._run("apt-get", "--quiet", "download", package, directory=folder)
            except CommandError as error:
                raise fetch_error(self._archive, str(error)) from error
            paths += sorted(set(folder.glob("*.deb")) - with_this)
        return paths

    def source(self, package: str, folder: Path) -> None:
        """The files of a source package, put into `folder` as they are: nothing is unpacked."""
        try:
            self._run("apt-get", "--quiet", "--download-only", "source", package, directory=folder)
        except CommandError as error:
            raise fetch_error(self._archive, str(error)) from error

    def _run(self, *command: str, directory: Path | None = None) -> str:
        return run(
            command, environment={"APT_CONFIG": str(self._configuration)}, directory=directory
        ).decode()


def fetch_error(archive: Archive, message: str) -> MissingError:
    """An error that says which suite failed, made from what apt or mmdebstrap printed."""
    failed = [suite for suite in archive.suites if re.search(rf"[/ ]{re.escape(suite)}[/ ]", message)]
    named = ", ".join(failed) or ", ".join(archive.suites)
    return MissingError(
        f"Debian's {archive.architecture} packages could not be fetched: suite {named} at {archive.mirror}\n"
        f"{message}\n"
        f"  do: check the network and try again; {MIRROR_VARIABLE}=URL takes another mirror"
    )
