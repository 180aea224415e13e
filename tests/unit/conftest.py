# SPDX-License-Identifier: MIT
"""What tests of several areas are given."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from unit.release.feeds import image, release


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    path = tmp_path / "feed"
    assert release(path, image(tmp_path, "1.0")) == 0
    return path


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of an OpenPGP key that gpg has."""
    home = tmp_path / "gpg"
    home.mkdir(0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    name = "release@example.org"
    make = ["gpg", "--batch", "--passphrase", "", "--quick-gen-key", name, "ed25519", "sign"]
    subprocess.run(make, check=True, capture_output=True)
    yield name
    subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=True)
