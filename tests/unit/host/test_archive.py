# SPDX-License-Identifier: MIT
"""Where packages come from, and which suite is blamed."""

from __future__ import annotations

from pathlib import Path

import pytest

from modem_image.board import description as board
from modem_image.cache import Cache
from modem_image.debian import archive
from modem_image.debian.parts import fetch_kernel, fetch_root
from modem_image.errors import EXIT_MISSING, MissingError

ARCHIVE = archive.Archive("http://mirror.example/debian", ("bookworm", "bookworm-security"), "armhf")
# Nothing listens on the discard port of loopback.
DEAD = archive.Archive("http://127.0.0.1:9/debian", ("bookworm",), "armhf")


def test_every_suite_is_verified_and_of_the_foreign_architecture() -> None:
    assert ARCHIVE.source_lines() == [
        f"deb [arch=armhf signed-by={archive.KEYRING}] http://mirror.example/debian {suite} main"
        for suite in ARCHIVE.suites
    ]


def test_the_variable_names_the_mirror() -> None:
    assert archive.host_mirror({archive.MIRROR_VARIABLE: "http://mirror.example"}) == "http://mirror.example"


def test_else_the_hosts_own_apt_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    listing = b"Other http://other.example/\nDebian http://m.example/debian-security/\nDebian http://m.example/debian/\n"
    monkeypatch.setattr(archive, "run", lambda command: listing)
    assert archive.host_mirror({}) == "http://m.example/debian"
    monkeypatch.setattr(archive, "run", lambda command: b"")
    with pytest.raises(MissingError, match=archive.MIRROR_VARIABLE):
        archive.host_mirror({})


def test_the_suite_that_failed_is_named() -> None:
    said = "E: Failed to fetch http://mirror.example/debian/dists/bookworm-security/main/x  Hash Sum mismatch"
    error = archive.fetch_error(ARCHIVE, said)
    assert "suite bookworm-security at" in str(error)
    assert error.exit_status == EXIT_MISSING


@pytest.mark.slow
def test_no_network_and_an_empty_cache(tmp_path: Path) -> None:
    """One message, nothing half-made, and the host's apt as it was."""
    before = sorted(Path("/var/lib/apt/lists").iterdir())
    cache = Cache(tmp_path)
    with pytest.raises(MissingError, match=r"suite bookworm at http://127\.0\.0\.1:9"):
        fetch_kernel(cache, DEAD, "linux-image-armmp")
    with pytest.raises(MissingError, match=r"suite bookworm at http://127\.0\.0\.1:9"):
        fetch_root(cache, DEAD, ["dash"])
    assert [path for kind in tmp_path.iterdir() for path in kind.iterdir() if path.is_dir()] == []
    assert sorted(Path("/var/lib/apt/lists").iterdir()) == before


def test_board_takes_packages_from_the_mirror_it_is_given() -> None:
    assert board.load_board("http://mirror.example").archive.mirror == "http://mirror.example"
