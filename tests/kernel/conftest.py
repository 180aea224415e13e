# SPDX-License-Identifier: MIT
"""The trees that the tests are for."""

from __future__ import annotations

import pytest

from kernel.trees import opened
from modem_image.debian.source import VERSIONS
from modem_image.kernel_config.tree import KernelTree


@pytest.fixture(scope="session", params=VERSIONS)
def tree(request: pytest.FixtureRequest) -> KernelTree:
    return opened(str(request.param))


@pytest.fixture(scope="session")
def newest() -> KernelTree:
    """One tree, for what each tree would show alike and takes its time."""
    return opened(VERSIONS[-1])
