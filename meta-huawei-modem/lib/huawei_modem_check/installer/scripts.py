# SPDX-License-Identifier: MIT
"""Ask a shell whether it can parse the scripts that the installer will run as root; `shell` has their course.

It runs them with /bin/sh, BusyBox's ash, whatever their first line says (multiimagewritethread.cpp:189).
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from collections.abc import Iterator

_SECONDS = 10
# Lines that a carriage return at their end leaves as they are: blank, comments, and what is only printed.
_HARMLESS = re.compile(rb"\s*(?:#.*|(?:echo|printf)\s[^|&;<>`$()]*)?\r")

# What ash parses and does not expand: ${x^^}, ${x,,}, ${x@Q}, ${x[0]}, ${!x}. It ends the script.
# Its end is not looked for: ash has found one, and a line of thousands without it would take their square.
_EXPANSION = re.compile(rb"\$\{(?:![A-Za-z_]|[A-Za-z_]\w*[\^,@\[])")
# Commands that only bash has, where a command stands and nothing is done about its failure.
_BUILTIN = re.compile(
    rb"^\s*(?:(?:if|then|do|else|!)\s+)?(caller|coproc|declare|disown|enable|mapfile|popd|pushd|readarray"
    rb"|shopt|typeset)(?=\s|;|$)(?!.*\|\|)"
)
_HERE = re.compile(rb"<<-?\s*['\"\\]?(\w+)")
_UNEXPANDED = re.compile(rb"'[^'\n]*'|(?:^|(?<=\s))#.*")


def complaint(script: bytes) -> str | None:
    """What the shell says against `script`, None when it parses. Nothing of it is run."""
    if script.startswith(b"\x7fELF"):
        return "it is a program, and the installer has the shell read it"
    command = _shell()
    try:
        result = subprocess.run([*command, "-n"], input=script, capture_output=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        return f"the shell has not parsed it within {_SECONDS} seconds"
    if result.returncode != 0:
        name = " ".join(command)
        said = result.stderr[:400].decode("utf-8", "replace").strip() or f"it ends with {result.returncode}"
        return f"{name} -n: {said}"
    return _returns(script) or _bashism(script)


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


def _lines(script: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines with their numbers, but for those of a here-document."""
    end = None
    for number, line in enumerate(script.split(b"\n"), 1):
        if end is not None:
            end = None if line.strip() == end else end
            continue
        yield number, line
        # Its word may be quoted, and what is quoted is no code.
        if b"<<" in _UNEXPANDED.sub(b"", line) and (here := _HERE.search(line)):
            end = here[1]


def _bashism(script: bytes) -> str | None:
    """Words of bash that ash parses, and stumbles over when it comes to them."""
    for number, line in _lines(script):
        code = _UNEXPANDED.sub(b"", line)
        if match := _EXPANSION.search(code):
            word = code[match.start() :].partition(b"}")[0] + b"}"
        elif match := _BUILTIN.search(code):
            word = match[1]
        if match:
            text = word.decode("utf-8", "replace")
            return f"line {number}: {text} is bash's, and the installer runs scripts with BusyBox's ash"
    return None
