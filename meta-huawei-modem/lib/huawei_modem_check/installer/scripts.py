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

# What ash parses and does not expand: ${x^^}, ${x,,}, ${x@Q}, ${x[0]}, ${!x}. It ends the script.
_EXPANSION = re.compile(rb"\$\{(?:![A-Za-z_]|[A-Za-z_]\w*[\^,@\[])[^}]*\}")
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
    return _returns(script) or _bashism(script) or _failure(script)


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


def _bashism(script: bytes) -> str | None:
    """Words of bash that ash parses, and stumbles over when it comes to them."""
    end = None
    for number, line in enumerate(script.split(b"\n"), 1):
        if end is not None:
            end = None if line.strip() == end else end
            continue
        code = _UNEXPANDED.sub(b"", line)
        if match := _EXPANSION.search(code) or _BUILTIN.search(code):
            word = match[0].split()[-1].decode("utf-8", "replace")
            return f"line {number}: {word} is bash's, and the installer runs scripts with BusyBox's ash"
        if here := _HERE.search(code):
            end = here[1]
    return None


A_FAILURE = "a failure"
"""How a complaint ends of a script that runs, and ends badly."""
_OPENS = re.compile(rb"(?:if|case|for|while|until|select)\b|[({]\s*$|.*\(\)\s*\{?\s*$|.*<<")
_CLOSES = re.compile(rb"(?:fi|esac|done)\b|[)}]")
_LEAVES = re.compile(rb"\b(?:exit|return|exec|trap|eval|source|kill)\b|(?:^|[;&|])\s*\.\s")
_ENDS = re.compile(rb"(?:exit|return)\s+([0-9]+)")
_ENDS_BADLY = re.compile(rb"(?:exit|return)\s+[\w-]*[A-Za-z-][\w-]*")


def _failure(script: bytes) -> str | None:
    """The script comes to a line of its own that ends it with a failure, and to none before that may end it.

    What other commands do is not thought through.
    """
    depth, code = 0, b""
    for number, line in enumerate(script.split(b"\n"), 1):
        line = _UNEXPANDED.sub(b"", line).rstrip()
        words = [part.strip() for part in line.split(b";")] if not re.search(rb"[\"'&|({`]", line) else [line]
        for code in filter(None, words) if line.strip() else ():
            if _CLOSES.match(code):
                depth = max(0, depth - 1)
            elif _OPENS.match(code) or code.startswith((b"then", b"do", b"else")):
                depth += 1 if _OPENS.match(code) else 0
            elif depth == 0 and (ends := _ENDS.fullmatch(code)):
                failed = int(ends[1]) % 256
                return f"line {number}: it ends with {code.decode()}, {A_FAILURE}" if failed else None
            elif depth == 0 and _ENDS_BADLY.fullmatch(code):
                return f"line {number}: {code.decode()} is not a number, {A_FAILURE}"
            elif depth == 0 and code.startswith(b"local ") and b"()" not in script:
                return f"line {number}: local stands in no function"
            if _LEAVES.search(code):
                return None
    ending = code.decode("utf-8", "replace") if depth == 0 and code in (b"false", b"! true") else ""
    return f"it ends with {ending}, {A_FAILURE}" if ending else None
