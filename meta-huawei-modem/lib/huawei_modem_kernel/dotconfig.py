# SPDX-License-Identifier: MIT
"""The text of a kernel's .config: Documentation/kbuild/kconfig.rst of the Linux tree."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SET = re.compile(r"\s*CONFIG_(\w+)=(.*?)\s*")
_UNSET = re.compile(r"#\s*CONFIG_(\w+) is not set\s*")
NOT_SET = "n"


def parse_line(line: str) -> tuple[str, str] | None:
    """Symbol (without CONFIG_) and value of one line, "n" for `is not set`; None for any other line."""
    if match := _SET.fullmatch(line):
        return match[1], match[2]
    if match := _UNSET.fullmatch(line):
        return match[1], NOT_SET
    return None


def parse_config(text: str) -> dict[str, str]:
    """Symbol to value. As for the kernel's own tools, the last line of a symbol counts."""
    return dict(setting for line in text.splitlines() if (setting := parse_line(line)))


def value_of(config: Mapping[str, str], symbol: str) -> str:
    """The value of `symbol`; one that a configuration does not name is not set."""
    return config.get(symbol, NOT_SET)


def setting_lines(settings: Mapping[str, str]) -> list[str]:
    """The lines that set the symbols, as a fragment has them."""
    return [
        f"# CONFIG_{name} is not set" if value == NOT_SET else f"CONFIG_{name}={value}"
        for name, value in settings.items()
    ]
