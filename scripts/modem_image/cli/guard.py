# SPDX-License-Identifier: MIT
"""The last guard: what no command foresaw is one sentence on the screen, and a file to send."""

from __future__ import annotations

import os
import platform
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

from huawei_modem.text import printable
from modem_image.cli.version import version

_SHOWN = 200


def describe(error: BaseException, arguments: Sequence[str]) -> str:
    """What to say of an error that is a fault of ours; the rest goes to a file that only its owner reads."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f" ({Path(last.filename).name}:{last.lineno})"
    what = printable(f"{type(error).__name__}: {error}".split("\n")[0][:_SHOWN])
    return (
        f"a fault of this program, not of what it was given: {what}{place}\n"
        f"  do: send {_write(error, arguments)} to the project, with the input if you may"
    )


def _write(error: BaseException, arguments: Sequence[str]) -> str:
    text = "\n".join(
        [
            f"modem-image {version()}, Python {platform.python_version()}, {platform.platform()}",
            f"arguments: {list(arguments)!r}",
            "",
            *traceback.format_exception(error),
        ]
    )
    try:
        handle, path = tempfile.mkstemp(prefix="modem-image-fault-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as err:
        return f"what stands above (no file could be written: {err.strerror})"
    return path
