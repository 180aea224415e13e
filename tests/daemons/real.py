# SPDX-License-Identifier: MIT
"""The installed helper beside Debian's real ofonod and connmand, on a mocked stick."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from daemons.bed.client import CONNMAN_CONF, Bed
from daemons.bed.describe import plugged
from huawei_modem.database import load
from modem_image import HELPER

PYTHON = "/usr/bin/python3"


def install_helper(root: Path) -> Path:
    """The helper's program, installed below `root`."""
    places = [f"prefix={root}/usr", f"sysconfdir={root}/etc", f"helperdir={root}/usr/lib/huawei-modem"]
    subprocess.run(["make", "-sC", HELPER, "install-helper", *places, f"PYTHON={PYTHON}"], check=True)
    return root / "usr/bin/huawei-modem"


class Target:
    """The installed helper, the daemons it talks to, and what the stick saw."""

    def __init__(self, folder: Path, bed: Bed) -> None:
        self.folder = folder
        self.bed = bed
        self.program = install_helper(folder)

    def run(self, *arguments: str | Path, root: bool = True) -> subprocess.CompletedProcess[str]:
        return self._run(["--root", self.folder] if root else [], *arguments, preload=False)

    def run_at_the_stick(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The helper where the stick's /sys and /dev are, as it is on the target."""
        return self._run([], *arguments, preload=True)

    def _run(
        self, options: list[str | Path], *arguments: str | Path, preload: bool
    ) -> subprocess.CompletedProcess[str]:
        command = [str(word) for word in (self.program, *options, *arguments)]
        done = self.bed.run(*command, preload=preload)
        return subprocess.CompletedProcess(command, done["status"], done["out"], done["err"])

    def facts(self) -> dict[str, Any]:
        found = json.loads(self.run("status", "--json", "-", root=False).stdout)
        assert isinstance(found, dict)
        return found

    def secret(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(f"{text}\n")
        path.chmod(0o600)
        return path

    def events(self) -> list[str]:
        """Names of all that the stick saw so far."""
        return [name for name, _detail in self.bed.seen()]

    def commands(self) -> list[str]:
        return [detail["command"] for name, detail in self.bed.seen() if name == "at-command"]

    def in_namespace(self, *command: str) -> str:
        done = self.bed.run(*command)
        assert done["status"] == 0, done
        return str(done["out"])


@contextmanager
def target(
    folder: Path, usb: str = "12d1:1596", connman: str = CONNMAN_CONF, **settings: str
) -> Iterator[Target]:
    """A stick with these StickSettings, and everything around it, until the end of the block."""
    found = load().mode_of(usb)
    assert found is not None
    stick = plugged(found[1])
    with Bed(folder) as bed:
        bed.plug(stick)
        bed.answer_at(found[1], stick, settings)
        bed.start_ofono()
        bed.start_connman(connman)
        yield Target(folder, bed)
