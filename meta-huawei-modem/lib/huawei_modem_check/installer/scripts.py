# SPDX-License-Identifier: MIT
"""Ask a shell whether it can parse the scripts that the installer will run as root.

It runs them with /bin/sh, BusyBox's ash, whatever their first line says (multiimagewritethread.cpp:189).
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess

_SECONDS = 10
# Lines that a carriage return at their end leaves as they are: blank, comments, and what is only printed.
_HARMLESS = re.compile(rb"\s*(?:#.*|(?:echo|printf)\s[^|&;<>`$()]*)?\r")


def complaint(script: bytes) -> str | None:
    """What the shell says against `script`, None when it parses. Nothing of it is run."""
    command = _shell()
    try:
        result = subprocess.run([*command, "-n"], input=script, capture_output=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        return f"the shell has not parsed it within {_SECONDS} seconds"
    if result.returncode != 0:
        name = " ".join(command)
        said = result.stderr[:400].decode("utf-8", "replace").strip() or f"it ends with {result.returncode}"
        return f"{name} -n: {said}"
    return _returns(script)


@functools.lru_cache(maxsize=1)
def _shell() -> tuple[str, ...]:
    """The installer's own shell where it is installed; sh, which is as strict, otherwise."""
    return ("busybox", "ash") if shutil.which("busybox") else ("sh",)


def _returns(script: bytes) -> str | None:
    """Lines end as on Windows: the shell takes the carriage return for a part of the last word."""
    for number, line in enumerate(script.split(b"\n"), 1):
        if line.endswith(b"\r") and not _HARMLESS.fullmatch(line):
            return f"line {number} ends with a carriage return, which becomes part of its last word: dos2unix"
    return None
