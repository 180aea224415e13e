# SPDX-License-Identifier: MIT
"""Ask the shell whether it can parse the scripts that the installer will run as root."""

from __future__ import annotations

import subprocess

_SECONDS = 10


def complaint(script: bytes) -> str | None:
    """What `sh -n` says against `script`, None when it parses. Nothing of it is run."""
    try:
        result = subprocess.run(["sh", "-n"], input=script, capture_output=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        return f"the shell has not parsed it within {_SECONDS} seconds"
    if result.returncode == 0:
        return None
    return result.stderr.decode("utf-8", "replace").strip() or f"sh -n ends with {result.returncode}"
