# SPDX-License-Identifier: MIT
"""scripts/modem-image as a module."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import types

from modem_image import PROJECT


def load_launcher() -> types.ModuleType:
    """The launcher, which has no name that Python could import."""
    loader = importlib.machinery.SourceFileLoader("launcher", str(PROJECT / "scripts" / "modem-image"))
    spec = importlib.util.spec_from_loader("launcher", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module
