# SPDX-License-Identifier: MIT
"""A Linux source tree, and its own tools as the judge of a configuration.

Nothing is written into the tree: every run of make has an output folder (O=).
"""

from __future__ import annotations

import dataclasses
import functools
import os
import platform
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from modem_image import made
from modem_image.cache import Cache, cache_root, digest_of_files
from modem_image.errors import InputError, MissingError
from modem_image.files import content_of
from modem_image.system import TOOLS, CommandError, ensure_tools, install, run, running, which

ARCHITECTURE = "arm"
CROSS_COMPILE = "arm-linux-gnueabihf-"
_MERGE = "scripts/kconfig/merge_config.sh"
# make compiles its configurator; Debian's gcc only recommends the headers that it needs.
_C_LIBRARY = Path("/usr/include/stdio.h")
# What the configurator is made from, and how.
_CONFIGURATOR = (
    "Makefile",
    "scripts/Kbuild.include",
    "scripts/Makefile.host",
    "scripts/basic",
    "scripts/kconfig",
)
# It runs for a moment: without optimisation it is compiled in a third of the time.
_QUICKLY = "HOSTCFLAGS=-O0"
_T = TypeVar("_T")
_NAMED = re.compile(r"\w+(?:\.config|_defconfig)")
# Reads nothing of the tree and writes the environment that make gives to Kconfig ($(shell): 4.18 and later).
_SNAPSHOT = 'snapshot := $(shell,env -0 >"{file}")\nconfig SNAPSHOT\n\tbool "snapshot"\n'


@dataclasses.dataclass(frozen=True)
class KernelTree:
    """A tree that `open_tree` found usable. `cross_compile` is the prefix of the compiler's name."""

    path: Path
    version: str
    cross_compile: str = CROSS_COMPILE

    def make(self, folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> bytes:
        """make with the output folder `folder`. Raises InputError with what make said."""
        with self._told(arguments):
            return run(self._command(folder, arguments), environment=_settings(environment))

    def base(self, base: str, folder: Path) -> str:
        """The complete configuration that `base` makes: the name of a defconfig, or a file.

        Raises InputError for a base that is neither.
        """
        self._configure(folder, base if self._is_named(base) else _put(self.text(base), folder))
        return (folder / ".config").read_text("utf-8")

    def complete(self, config: str, folder: Path) -> str:
        """What `make olddefconfig` makes of the text of a configuration."""
        self._configure(folder, _put(config, folder))
        return (folder / ".config").read_text("utf-8")

    def complete_beside(self, config: str, folder: Path, work: Callable[[], _T]) -> tuple[str, _T]:
        """As `complete`, while `work` is done; what it returned comes second."""
        target = _put(config, folder)
        self._furnish(folder)
        with (
            self._told([target]),
            running(self._command(folder, [target, _QUICKLY]), environment=_settings(None)),
        ):
            done = work()
        return (folder / ".config").read_text("utf-8"), done

    def text(self, base: str) -> str:
        """What stands in `base`, the name of a defconfig or a file. Raises InputError for what is neither."""
        path = self._configs / base if self._is_named(base) else Path(base)
        if path.is_file():
            return content_of(path).decode("utf-8", "replace")
        names = ", ".join(sorted(path.name for path in self._configs.glob("*v7*_defconfig"))) or "none"
        raise InputError(
            f"{base}: neither a file nor a defconfig of {self._configs}; for an i.MX7 there are: {names}"
        )

    def _is_named(self, base: str) -> bool:
        return bool(_NAMED.fullmatch(base)) and (self._configs / base).is_file()

    def _configure(self, folder: Path, target: str, environment: Mapping[str, str] | None = None) -> None:
        """make with a target of its configurator, which `folder` has from the cache."""
        self._furnish(folder)
        self.make(folder, target, _QUICKLY, environment=environment)

    def _command(self, folder: Path, arguments: Sequence[str]) -> list[str]:
        return [
            "make",
            "--silent",
            f"--directory={self.path}",
            f"O={folder}",
            f"ARCH={ARCHITECTURE}",
            f"CROSS_COMPILE={self.cross_compile}",
            *arguments,
        ]

    @contextmanager
    def _told(self, arguments: Sequence[str]) -> Iterator[None]:
        try:
            yield
        except CommandError as error:
            raise InputError(f"{self.path}: make {' '.join(arguments)} failed\n{error}") from error

    def _furnish(self, folder: Path) -> None:
        """Give an output folder the tree's configurator, which make would spend its first seconds on."""
        if (folder / "scripts").exists():
            return
        folder.mkdir(parents=True, exist_ok=True)
        parts = [self.path / name for name in _CONFIGURATOR]
        material = {
            "tree": str(self.path),
            "content": digest_of_files([path for path in parts if path.exists()], self.path),
            "host": [platform.machine(), os.confstr("CS_GNU_LIBC_VERSION")],
        }
        made = Cache(cache_root()).entry("configurator", material, self._make_configurator)
        shutil.copytree(made, folder / "scripts", symlinks=True)

    def _make_configurator(self, folder: Path) -> None:
        with made.work_folder() as output:
            kconfig = output / "Kconfig.none"
            kconfig.write_text('config NONE\n\tbool "none"\n')
            jobs = f"--jobs={len(os.sched_getaffinity(0))}"
            only = {"KBUILD_KCONFIG": str(kconfig)}
            self.make(output, jobs, "olddefconfig", _QUICKLY, environment=only)
            shutil.copytree(output / "scripts", folder, symlinks=True, dirs_exist_ok=True)

    def merge(self, config: str, fragments: Sequence[Path], folder: Path) -> str:
        """`config` with the fragments laid over it by the tree's merge_config.sh, then completed by make.

        As kernel-yocto does it: a later line replaces an earlier one, and dependencies decide afterwards.
        """
        folder.mkdir(parents=True, exist_ok=True)
        base = folder / "base.config"
        base.write_text(config, "utf-8")
        run(["sh", self.path / _MERGE, "-m", "-O", folder, base, *fragments], directory=folder)
        return self.complete((folder / ".config").read_text("utf-8"), folder)

    @functools.cached_property
    def environment(self) -> Mapping[str, str]:
        """The environment in which make has the tree's Kconfig files read, whatever the configuration.

        Raises InputError where make gives none.
        """
        with made.work_folder() as work:
            snapshot, kconfig = work / "environment", work / "Kconfig.environment"
            kconfig.write_text(_SNAPSHOT.format(file=snapshot))
            self._configure(work / "output", "olddefconfig", {"KBUILD_KCONFIG": str(kconfig)})
            if not snapshot.exists():
                raise InputError(f"{self.path}: Linux {self.version} gives Kconfig no environment to read")
            text = snapshot.read_text("utf-8", "replace")
        pairs = (entry.split("=", 1) for entry in text.split("\0") if entry)
        return {key: value for key, value in pairs if key != "KBUILD_KCONFIG"}

    @property
    def _configs(self) -> Path:
        return self.path / "arch" / ARCHITECTURE / "configs"


def _put(config: str, folder: Path) -> str:
    """Put the text of a configuration into `folder`; returns what to ask of make to complete it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".config").write_text(config, "utf-8")
    return "olddefconfig"


def _settings(environment: Mapping[str, str] | None) -> dict[str, str]:
    # Flags of a make that started this command are not for this one.
    return {"MAKEFLAGS": "", **(environment or {})}


def open_tree(path: Path) -> KernelTree:
    """The tree at `path`; the compiler's prefix is CROSS_COMPILE's, else Debian's.

    Raises InputError when it is no kernel tree, or holds the results of a build, which make refuses
    together with O=; MissingError when the compiler, make, flex or bison is not installed.
    """
    for name in ("Makefile", "Kconfig", _MERGE):
        if not (path / name).is_file():
            raise InputError(f"{path}: no Linux source tree: it has no {name}")
    tree = path.resolve()
    leftovers = (".config", "include/config", f"arch/{ARCHITECTURE}/include/generated")
    if found := [name for name in leftovers if (tree / name).exists()]:
        raise InputError(
            f"{path}: not clean: {found[0]} is left from a build inside the tree; make refuses O= then\n"
            f"  do: cp {path}/.config my.config; make -C {path} mrproper"
        )
    cross_compile = os.environ.get("CROSS_COMPILE") or CROSS_COMPILE
    compiler = f"{cross_compile}gcc"
    ensure_tools(["make", "flex", "bison", "gcc", *([compiler] if compiler in TOOLS else [])])
    if not _C_LIBRARY.exists():
        install(["libc6-dev"])
    if which(compiler) is None:
        raise MissingError(f"{compiler}, as CROSS_COMPILE names it, is missing\n  do: unset CROSS_COMPILE")
    return KernelTree(tree, _version(tree), cross_compile)


@contextmanager
def work_folder() -> Iterator[Path]:
    """A folder for the runs of make, gone afterwards."""
    with made.work_folder() as folder:
        yield folder


def _version(tree: Path) -> str:
    text = content_of(tree / "Makefile").decode("utf-8", "replace")[:2000]
    found = dict(re.findall(r"^(VERSION|PATCHLEVEL|SUBLEVEL) = (\d+)$", text, re.MULTILINE))
    return ".".join(found.get(name, "0") for name in ("VERSION", "PATCHLEVEL", "SUBLEVEL"))
