# SPDX-License-Identifier: MIT
"""The parts the emulated board is made of: kernel, root file system, busybox for its initramfs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from modem_image.cache import Cache
from modem_image.console import step
from modem_image.debian.archive import Archive, PrivateApt, fetch_error
from modem_image.errors import UserError
from modem_image.system import CommandError, run


@dataclass(frozen=True)
class KernelParts:
    """An unpacked linux-image package: `root` holds boot/, lib/modules/ and the device trees."""

    root: Path
    release: str

    @property
    def image(self) -> Path:
        return self.root / "boot" / f"vmlinuz-{self.release}"

    @property
    def config(self) -> Path:
        return self.root / "boot" / f"config-{self.release}"

    @property
    def device_trees(self) -> Path:
        return self.root / "usr" / "lib" / f"linux-image-{self.release}"


def fetch_kernel(cache: Cache, archive: Archive, package: str) -> KernelParts:
    """The kernel that Debian's meta package `package` names, with the index of its modules made (depmod)."""

    def make(folder: Path) -> None:
        with step(f"fetch {package} ({archive.architecture})"):
            apt = PrivateApt(archive, folder / "apt")
            apt.update()
            name = apt.dependency(package, r"linux-image-\d.*")
            packages = apt.download([name, "busybox-static"], folder)
            for file in packages:
                run(["dpkg-deb", "--extract", file, folder / "root"])
                file.unlink()
            run(["depmod", "-b", folder / "root", name.removeprefix("linux-image-")])

    entry = cache.entry("kernel", {"archive": archive.source_lines(), "package": package}, make)
    releases = sorted(path.name for path in (entry / "root" / "lib" / "modules").iterdir())
    if len(releases) != 1:
        raise UserError(f"{entry}: expected the modules of one kernel, found {releases or 'none'}")
    return KernelParts(entry / "root", releases[0])


def fetch_root(cache: Cache, archive: Archive, packages: Sequence[str]) -> Path:
    """A tar of `packages` and what they depend on, extracted and not configured.

    No program of the foreign architecture runs: neither binfmt_misc nor an emulator is needed. What
    maintainer scripts would do, `modem_image.image.rootfs` does with the host's own tools.
    """

    def make(folder: Path) -> None:
        with step(f"fetch the root file system ({len(packages)} packages and their dependencies)"):
            (folder / "sources.list").write_text("".join(f"{line}\n" for line in archive.source_lines()))
            command: list[str | Path] = [
                "mmdebstrap",
                "--variant=extract",
                f"--architectures={archive.architecture}",
                f"--include={','.join(packages)}",
                "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
                '--aptopt=Acquire::Retries "3"',
                archive.suites[0],
                folder / "root.tar",
                folder / "sources.list",
            ]
            try:
                run(command)
            except CommandError as error:
                raise fetch_error(archive, str(error)) from error

    material = {"archive": archive.source_lines(), "packages": sorted(packages)}
    return cache.entry("root", material, make) / "root.tar"
