# SPDX-License-Identifier: MIT
"""How long a test waits for what must come: far longer than it takes, on a machine that others share."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 120.0
"""Seconds. What comes at once on a quiet machine takes some of them on one that is five times slower; only a
test that fails anyway waits them all."""


def until(happened: Callable[[], object], missing: Callable[[], object] = lambda: "") -> None:
    """Look again and again; fail with what `missing` says when it has not happened in PATIENCE."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, missing()
        time.sleep(0.02)
