# SPDX-License-Identifier: MIT
"""kas comes from its lock file, into an environment of its own, or not at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from modem_image.cache import Cache
from modem_image.errors import MissingError
from modem_image.system import CommandError
from modem_image.yocto import kas

PYTHON = Path("/usr/bin/python3")


def test_every_package_is_locked_by_hash() -> None:
    text = kas.LOCK.read_text()
    pinned = re.findall(r"^(\S+)==(\S+) \\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
    assert len(pinned) == len(re.findall(r"^[a-z]", text, re.MULTILINE))
    version = dict(pinned)["kas"].split(".")
    assert (int(version[0]), int(version[1])) >= (5, 4)


class Programs:
    """In the place of `system.run`: what was run, and a failure where it is asked for."""

    def __init__(self, failing: str = "") -> None:
        self.ran: list[str] = []
        self.failing = failing

    def __call__(self, command: Sequence[str | Path]) -> bytes:
        line = " ".join(map(str, command))
        self.ran.append(line)
        if self.failing and self.failing in line:
            raise CommandError("pip failed with exit status 1\n    no matching distribution")
        return b"Python 3.11.2\n"


def test_kas_is_installed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = Programs()
    monkeypatch.setattr(kas, "run", programs)
    first = kas.kas_python(Cache(tmp_path), PYTHON)
    assert any("--require-hashes --requirement " + str(kas.LOCK) in line for line in programs.ran)
    programs.ran.clear()
    assert kas.kas_python(Cache(tmp_path), PYTHON) == first
    assert programs.ran == ["/usr/bin/python3 --version"]


def test_another_lock_makes_another_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kas, "run", Programs())
    first = kas.kas_python(Cache(tmp_path), PYTHON)
    monkeypatch.setattr(kas, "digest_of_files", lambda paths, base: "another")
    assert kas.kas_python(Cache(tmp_path), PYTHON) != first


def test_a_failure_leaves_nothing_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kas, "run", Programs(failing="pip install"))
    with pytest.raises(
        MissingError, match="no matching distribution\n  do: check the network and pip's settings"
    ):
        kas.kas_python(Cache(tmp_path), PYTHON)
    assert [path.name for path in (tmp_path / "kas").iterdir() if not path.name.startswith(".")] == []
