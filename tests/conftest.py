# SPDX-License-Identifier: MIT
"""What every test shares: the mirrors of the Yocto layers, and the list of what was not run."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

# A deadline per example would fail tests on a busy machine, not for a fault.
hypothesis.settings.register_profile("no-deadline", deadline=None)
hypothesis.settings.load_profile("no-deadline")

NOT_RUN = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--mirror",
        type=Path,
        default=os.environ.get("MODEM_IMAGE_MIRROR"),
        help="folder of bare clones of the Yocto layers (MODEM_IMAGE_MIRROR)",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[NOT_RUN] = []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without mirrors the tests that need them are left out by name; nothing else is ever left out."""
    if config.getoption("--mirror"):
        return
    kept = [item for item in items if item.get_closest_marker("mirror") is None]
    left_out = [item for item in items if item.get_closest_marker("mirror") is not None]
    config.stash[NOT_RUN] += [item.nodeid for item in left_out]
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if names := config.stash[NOT_RUN]:
        terminalreporter.section("not run: need --mirror DIR or MODEM_IMAGE_MIRROR")
        for name in names:
            terminalreporter.line(f"not run: {name}")
