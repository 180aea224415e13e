# SPDX-License-Identifier: MIT
"""The repositories that a kas configuration locks, and the checkouts that kas made of them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from modem_image.errors import InputError, MissingError
from modem_image.yocto.account import Runner

_SHOWN = 5


@dataclass(frozen=True)
class Repository:
    """A repository that kas checks out into the folder `path` below its work folder.

    `commit` is None for one that follows its branch.
    """

    name: str
    url: str
    path: str
    branch: str | None
    commit: str | None

    @property
    def what(self) -> str:
        """What is checked out, for messages."""
        return f"commit {self.commit}" if self.commit else f"branch {self.branch}"


def repositories(configuration: str) -> tuple[Repository, ...]:
    """The repositories of a configuration as `kas dump --format json` prints it, locks applied.

    Left out are those without an address: they lie here already.
    """
    document: Mapping[str, Any] = json.loads(configuration)
    defaults = document.get("defaults", {}).get("repos", {})
    locks = document.get("overrides", {}).get("repos", {})
    found = []
    for key, entry in document.get("repos", {}).items():
        values = {**defaults, **(entry or {}), **locks.get(key, {})}
        if values.get("url") and values.get("type", "git") == "git":
            name = values.get("name", key)
            found.append(
                Repository(
                    name, values["url"], values.get("path", name), values.get("branch"), values.get("commit")
                )
            )
    return tuple(found)


def host_of(url: str) -> str | None:
    """The host that an address of a repository names; None for a path on this machine."""
    parts = urlsplit(url)
    if parts.hostname and parts.scheme != "file":
        return parts.hostname
    # git's short form of ssh: user@host:path
    user, at, rest = url.partition("@")
    return rest.partition(":")[0] if at and ":" in rest and "/" not in user else None


def check_checkouts(found: Sequence[Repository], layers: Path, runner: Runner) -> None:
    """kas builds from a checkout with changes as it is, and warns in one line of many: refuse it here.

    Raises InputError that names each checkout which is changed, or was left half made.
    """
    faults = [fault for each in found if (fault := _checkout_fault(layers / each.path, runner))]
    if faults:
        raise InputError("\n".join(faults))


def _checkout_fault(path: Path, runner: Runner) -> str | None:
    if not path.exists():
        return None
    git = ["git", "-C", str(path)]
    if (
        runner.run([*git, "rev-parse", "--verify", "--quiet", "HEAD"]).returncode
        or not (path / ".git").exists()
    ):
        return f"{path}: was left half checked out\n  do: rm -r {path}"
    if (path / ".git" / "index.lock").exists():
        return f"{path}: a git was interrupted there, or still runs\n  do: rm {path}/.git/index.lock"
    changed = runner.output([*git, "status", "--porcelain", "--untracked-files=no"]).splitlines()
    if not changed:
        return None
    names = [line[3:] for line in changed[:_SHOWN]] + (["…"] if len(changed) > _SHOWN else [])
    return (
        f"{path}: has changes of its own ({', '.join(names)}), so that the build would not be of the "
        f"locked commit\n  do: keep them as a patch or in a layer of yours, then rm -r {path}"
    )


def check_network(found: Sequence[Repository], runner: Runner, patience: float = 30.0) -> None:
    """Ask one repository of each host for its HEAD, as kas will.

    Raises MissingError when a host does not answer.
    """
    asked = {host: each.url for each in found if (host := host_of(each.url))}
    silent = [f"{host}: {why}" for host, url in asked.items() if (why := _unreachable(url, runner, patience))]
    if silent:
        lines = "\n  ".join(silent)
        raise MissingError(
            f"the layers cannot be fetched:\n  {lines}\n"
            "  do: check the network and its proxy, or give clones of the layers with --mirror DIR"
        )


def _unreachable(url: str, runner: Runner, patience: float) -> str | None:
    try:
        done = runner.run(["git", "ls-remote", "--exit-code", url, "HEAD"], patience=patience)
    except subprocess.TimeoutExpired:
        return f"no answer in {patience:.0f} s"
    if done.returncode == 0:
        return None
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"git ls-remote ended with {done.returncode}"
