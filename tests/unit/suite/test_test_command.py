# SPDX-License-Identifier: MIT
"""`modem-image test` brings what bitbake needs only where there are mirrors to test with."""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Sequence

import pytest

from modem_image.commands import test as command
from modem_image.yocto import preflight


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the command asks for, nothing of which is installed; pytest is not started."""
    asked: list[str] = []

    def ensure(packages: Sequence[str]) -> None:
        asked.extend(packages)

    monkeypatch.delenv("MODEM_IMAGE_MIRROR", raising=False)
    monkeypatch.setattr(command, "ensure_tools", ensure)
    monkeypatch.setattr(command, "ensure_packages", ensure)
    monkeypatch.setattr(preflight, "check", lambda *_arguments: asked.append("bitbake's own"))
    done = subprocess.CompletedProcess([], 0)
    monkeypatch.setattr(subprocess, "run", lambda *_arguments, **_named: done)
    return asked


@pytest.mark.parametrize("words", [["--mirror", "/srv/clones"], ["--mirror=/srv/clones"]])
def test_with_a_mirror_bitbakes_packages_are_brought(installed: list[str], words: list[str]) -> None:
    assert command.run(argparse.Namespace(rest=["tests/stacks", *words])) == 0
    assert {"bitbake's own", "pseudo", "quilt"} <= set(installed)


def test_the_environment_names_a_mirror_too(installed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEM_IMAGE_MIRROR", "/srv/clones")
    command.run(argparse.Namespace(rest=[]))
    assert "pseudo" in installed


def test_the_browser_comes_on_demand_alone(installed: list[str]) -> None:
    command.run(argparse.Namespace(rest=["tests/unit/serve"]))
    assert "chromium" not in installed
    command.run(argparse.Namespace(rest=["tests/unit/serve", "--on-demand"]))
    assert "chromium" in installed


def test_without_a_mirror_they_are_not(installed: list[str]) -> None:
    command.run(argparse.Namespace(rest=["tests/unit", "-k", "mirror"]))
    assert not {"bitbake's own", "pseudo", "quilt"} & set(installed)
    assert "udev" in installed
