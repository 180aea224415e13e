# SPDX-License-Identifier: MIT
"""Text for terminals."""

from __future__ import annotations


def printable(text: str) -> str:
    """`text` without control characters: a string from a stick must not steer a terminal."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
