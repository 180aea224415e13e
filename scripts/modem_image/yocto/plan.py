# SPDX-License-Identifier: MIT
"""What a Yocto build is made of: its kas files, folders, command line and environment.

Nothing here touches the machine, except to ask which kas files there are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from modem_image.cli.choice import choose
from modem_image.errors import InputError
from modem_image.yocto.account import Account

TARGETS = ("colibri-imx7-emmc", "colibri-imx7", "qemuarm")
RELEASES = ("kirkstone", "scarthgap", "wrynose")
DEFAULT_RELEASE = "scarthgap"

# Options of which one build has one at most: a kernel each, and a firewall that is ConnMan's alone. bitbake
# takes any two without a word, and one of them is without effect.
EXCLUSIVE = (("kernel-6.12", "nxp-bsp", "preempt-rt"), ("modemmanager", "nftables"))
# Where an option has an effect at all; the others have one everywhere.
TARGETS_OF: Mapping[str, tuple[str, ...]] = {
    "kernel-6.12": ("colibri-imx7-emmc", "colibri-imx7"),
    "nxp-bsp": ("colibri-imx7-emmc", "colibri-imx7"),
    "preempt-rt": ("colibri-imx7-emmc", "colibri-imx7"),
}
RELEASES_OF: Mapping[str, tuple[str, ...]] = {
    "kernel-6.12": ("scarthgap",),
    # wrynose makes SPDX by itself, and has no class cve-check any more.
    "sbom": ("kirkstone", "scarthgap"),
}

# kas lets these replace what its files say, without a word: a build would be of something else, or elsewhere.
# TMPDIR it hands on to bitbake, to which that is not the folder of temporary files but of all that is built.
_REPLACING = ("KAS_MACHINE", "KAS_DISTRO", "KAS_TARGET", "KAS_TASK", "TMPDIR")
# A Python of our own finds its own libraries; one that the caller's environment bends does not.
_BENDING = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")
# The first version of kas's configuration format that knows all that the overlay uses (`artifacts`).
_KAS_FORMAT = 16


@dataclass(frozen=True)
class Request:
    """What was asked for on the command line."""

    target: str
    release: str = DEFAULT_RELEASE
    options: tuple[str, ...] = ()
    dry_run: bool = False
    provenance: bool = False


@dataclass(frozen=True)
class Folders:
    """`root` holds everything that kas and bitbake write; a release's targets share its layers."""

    root: Path
    release: str
    target: str

    @property
    def layers(self) -> Path:
        """The checkouts of the layers: kas's work folder."""
        return self.root / self.release

    @property
    def build(self) -> Path:
        """bitbake's TOPDIR."""
        return self.layers / f"build-{self.target}"

    @property
    def views(self) -> Path:
        """What is shown of a mirror's clones (see mirror.py)."""
        return self.layers / ".mirror"

    @property
    def git_config(self) -> Path:
        """The configuration of every git that kas starts."""
        return self.layers / "gitconfig"


def config_files(request: Request, kas: Path) -> tuple[Path, ...]:
    """The kas files of `request` below the folder `kas`, in the order that kas reads them.

    Raises InputError for a target that the release does not have, an option that there is not, and options
    that do not go together.
    """
    target = kas / request.release / f"{request.target}.yml"
    if not target.is_file():
        having = [name for name in RELEASES if (kas / name / target.name).is_file()]
        raise InputError(
            f"{request.target} is not built with {request.release}; "
            f"--release can be: {', '.join(having) or 'none yet'}"
        )
    known = _names(kas / "opt")
    options = [choose("option", name, known) for name in dict.fromkeys(request.options)]
    if faults := option_faults(request.target, request.release, options):
        raise InputError("\n".join(faults))
    return (target, *(kas / "opt" / f"{name}.yml" for name in options))


def option_faults(target: str, release: str, options: Sequence[str]) -> list[str]:
    """Why `options` do not go together, or not with this target and release; empty when they do."""
    faults = []
    for group in EXCLUSIVE:
        if len(chosen := [name for name in options if name in group]) > 1:
            faults.append(
                f"--opt {' and '.join(chosen)}: one build has only one of {', '.join(group)}; "
                "keep one of them"
            )
    for name in options:
        if target not in (targets := TARGETS_OF.get(name, (target,))):
            faults.append(f"--opt {name} changes nothing for {target}; it is for {', '.join(targets)}")
        if release not in (releases := RELEASES_OF.get(name, (release,))):
            faults.append(f"--opt {name} is not there with {release}; it is for {', '.join(releases)}")
    return faults


def _names(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.yml") if not path.stem.endswith(".lock"))


def kas_build(python: Path, request: Request, files: Sequence[Path]) -> list[str]:
    """The command that builds, or with a dry run parses and makes the graph of all tasks."""
    command = [str(python), "-m", "kas", "build"]
    if request.provenance:
        command += ["--provenance", "true"]
    command.append(":".join(map(str, files)))
    # bitbake -g parses everything, and resolves every task of the image down to the last dependency.
    # bitbake -n also starts a process for each of the 5000 tasks: half an hour more, and nothing else.
    return [*command, "--", "--graphviz"] if request.dry_run else command


def kas_dump(python: Path, files: Sequence[Path]) -> list[str]:
    """The command that prints the merged configuration and fetches nothing."""
    skipped = ("finish_setup_repos", "repos_checkout")
    skip = [word for name in skipped for word in ("--skip", name)]
    return [str(python), "-m", "kas", "dump", "--format", "json", *skip, ":".join(map(str, files))]


def environment(folders: Folders, account: Account | None, inherited: Mapping[str, str]) -> dict[str, str]:
    """The environment of kas, from the one that this command was started with."""
    kept = {name: value for name, value in inherited.items() if name not in {*_REPLACING, *_BENDING}}
    # The user's own folders of downloads and shared state win: they are often shared by projects.
    kept.setdefault("DL_DIR", str(folders.root / "downloads"))
    if "SSTATE_DIR" not in kept:
        # Builds that share state must share what they know of equal hashes too (bitbake 2.16 and later).
        kept["SSTATE_DIR"] = kept["BB_HASHSERVE_DB_DIR"] = str(folders.root / "sstate-cache")
    return {
        **kept,
        **({} if account is None else account.environment),
        "GITCONFIG_FILE": str(folders.git_config),
        "KAS_BUILD_DIR": str(folders.build),
        # Every commit is locked: its history is of no use, and a shallow clone has none to give.
        "KAS_CLONE_DEPTH": "1",
        "KAS_WORK_DIR": str(folders.layers),
        "PYTHONNOUSERSITE": "1",
    }


def git_config(safe: Iterable[Path], instead: Mapping[str, Path], own: str) -> str:
    """The text of a git configuration: `own` first, then folders of others to trust, then mirrors.

    `instead` maps the address of a repository to the clone that is used instead of it.
    """
    lines = [own.rstrip("\n")] if own.strip() else []
    lines += ["[safe]", *(f"\tdirectory = {_quoted(str(path))}" for path in safe)]
    for url, clone in instead.items():
        lines += [f"[url {_quoted(clone.as_uri())}]", f"\tinsteadOf = {_quoted(url)}"]
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def overlay(masked: Iterable[str] | None, artefact: str | None) -> str:
    """A kas file, as JSON, with what only one run needs.

    `masked` keeps bitbake off the network: these are the file names of recipes whose newest commit only
    the network could tell; None lets it be. `artefact` is the pattern, relative to the build folder, of
    what kas attests.
    """
    document: dict[str, object] = {"header": {"version": _KAS_FORMAT}}
    if masked is not None:
        # A pattern for the end of a path; the two characters that mean something in one stand in brackets.
        patterns = [name.replace("+", "[+]").replace(".", "[.]") for name in masked]
        lines = ['BB_NO_NETWORK = "1"', *(f'BBMASK += "/{pattern}$"' for pattern in patterns)]
        document["local_conf_header"] = {"modem-image-offline": "\n".join(lines)}
    if artefact is not None:
        document["artifacts"] = {"image": artefact}
    return json.dumps(document, indent=2) + "\n"
