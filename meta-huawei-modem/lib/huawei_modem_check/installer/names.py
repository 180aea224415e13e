# SPDX-License-Identifier: MIT
"""File names in image.json, and the three ways in which the installer uses them.

Most stand in single quotes in a shell's pipeline, in the folder of the image (multiimagewritethread.cpp:1138,
1183, 1224, 1245). From a feed they are the end of an address for curl (1136). The files of a filelist also
name what is written, without quotes (1125).
"""

from __future__ import annotations

import re

# Harmless in single quotes, but not the name of a file that anybody means to ship.
_HOSTILE = re.compile(r"[\x00-\x1f\x7f-\x9f'\"$`\\\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_OURS = re.compile(r"[A-Za-z0-9_.+@%=,~ -]+")
_PLAIN = re.compile(r"(?:[A-Za-z0-9_.+@=,~/-]|[^\x00-\x7f])+")
_ADDRESS = re.compile(r"[A-Za-z0-9_.+@=,~/:!*();&$-]+")


def unsafe_name_reason(name: str) -> str | None:
    """Why a file of an image that is made here must not be called `name`, or None when it may.

    Stricter than the installer: the name must do for every way, and for every medium.
    """
    if not name or name in (".", ".."):
        return "names no file"
    if "/" in name or "\\" in name:
        return "leaves the folder of the image"
    if name.startswith("-"):
        return "is an option to the tools that are given it"
    if not _OURS.fullmatch(name):
        return "has characters that the installer's shell may take as a command"
    return None


def unreadable_reason(name: str, in_shell: bool = True) -> str | None:
    """Why the installer does not read the file that image.json calls `name`, or None when it does.

    `in_shell` says that the name stands in a command for the shell; scripts and U-Boot's environment are
    handed to a program (189, 127). Parts are separated by a slash: the installer finds files in folders below
    that of image.json.
    """
    parts = name.split("/")
    if not name or "." in parts or "" in parts[1:]:
        return "names no file"
    if name.startswith("/") or ".." in parts:
        return "leaves the folder of the image"
    if name.startswith("-") and in_shell:
        return "is an option to the tools that are given it"
    if (_HOSTILE if in_shell else _UNSHOWN).search(name):
        return "has characters that the installer's shell may take as a command"
    return None


def as_opened(name: str) -> str:
    """A path as the system opens it: ./a//b is a/b. What leaves the folder stays as it is."""
    if name.startswith("/") or name.endswith("/"):
        return name
    return "/".join(part for part in name.split("/") if part not in ("", ".")) or name


def feed_reason(name: str) -> str | None:
    """Why curl does not fetch `name` as it is written, or None when it does."""
    if _ADDRESS.fullmatch(name):
        return None
    if not name.isascii():
        return "has characters that an address cannot hold"
    if re.search(r"[{}\[\]]", name):
        return "has brackets, which curl takes for a list of addresses"
    return "has a blank or another character that an address cannot hold"


def copy_reason(path: str) -> str | None:
    """Why the installer does not copy to `path` as it is written; the shell reads it without quotes."""
    return None if _PLAIN.fullmatch(path) else "is read by the installer's shell without quotes"
