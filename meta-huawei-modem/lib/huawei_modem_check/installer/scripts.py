# SPDX-License-Identifier: MIT
"""Ask a shell whether it can parse the scripts that the installer will run as root.

It runs them with /bin/sh, BusyBox's ash, whatever their first line says (multiimagewritethread.cpp:189).
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence

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
        if match := _EXPANSION.search(code) or _BUILTIN.search(code):
            word = match[0].split()[-1].decode("utf-8", "replace")
            return f"line {number}: {word} is bash's, and the installer runs scripts with BusyBox's ash"
    return None


A_FAILURE = "a failure"
"""How a complaint ends of a script that runs, and ends badly."""
_TEXT = re.compile(rb"""'[^'\n]*'|"(?:\\.|[^"\\\n])*"|\\.|(?P<comment>(?:^|(?<=[\s;]))#.*)""")
_GOES_ON = re.compile(rb"(?:\\|&&|\||\(\))$")
_BACKSLASH = re.compile(rb"\\$")
_OPERATOR = re.compile(rb"&&|\|\||[|&]")
_OPENS = re.compile(rb"(?:.*[({]\s*)?(?:(?:then|do|else|!)\s+)*(?:if|case|for|while|until|select)\b")
_ROUND = re.compile(rb"[()]")
_BRACE = re.compile(rb"(?:^|[\s)])\{(?=\s|$)")
_CLOSES = re.compile(rb"(?:fi|esac|done)\b|[)}]")
_LEAVES = re.compile(rb"\b(?:exit|return|exec|trap|eval|source|kill)\b|(?:^|[;&|])\s*\.\s")
_ENDS = re.compile(rb"(?:exit|return)\s+([0-9]{1,9})")
_ENDS_BADLY = re.compile(rb"(?:exit|return)\s+[\w-]*[A-Za-z-][\w-]*")


def _failure(script: bytes) -> str | None:
    """The script comes to a line of its own that ends it with a failure, and to none before that may end it.

    What other commands do is not thought through.
    """
    depth, statement = 0, b""
    for number, line in _whole_lines(script):
        if b"'" in line or b'"' in line:
            return None  # a text that goes on in the next line
        for statement in filter(None, map(bytes.strip, line.split(b";"))):
            if depth == 0 and (ends := _ENDS.fullmatch(statement)):
                failed = int(ends[1]) % 256
                return f"line {number}: it ends with {statement.decode()}, {A_FAILURE}" if failed else None
            if depth == 0 and _ENDS_BADLY.fullmatch(statement):
                return f"line {number}: {statement.decode()} is not a number, {A_FAILURE}"
            if depth == 0 and statement.startswith(b"local ") and b"()" not in script:
                return f"line {number}: local stands in no function"
            if _LEAVES.search(statement):
                return None
            depth = max(0, depth + _opened(statement))
    ending = statement.decode("utf-8", "replace") if depth == 0 and statement in (b"false", b"! true") else ""
    return f"it ends with {ending}, {A_FAILURE}" if ending else None


def _whole_lines(script: bytes) -> Iterator[tuple[int, bytes]]:
    """Lines without their comments and with @ for each text in quotes, joined to what goes on in the next."""
    parts: list[bytes] = []
    number = 0
    for number, line in _lines(script):
        code = _TEXT.sub(lambda found: b"" if found["comment"] is not None else b"@", line).strip()
        if code or not _is_open(parts):
            parts.append(code)
        if not _is_open(parts):
            yield number, b" ".join(_BACKSLASH.sub(b"", part) for part in parts)
            parts = []
    yield number, b" ".join(parts)


def _is_open(parts: Sequence[bytes]) -> bool:
    return bool(parts and _GOES_ON.search(parts[-1]))


def _opened(statement: bytes) -> int:
    """How many compound commands it leaves open; where that is not sure, too many."""
    count = 0
    for mark in _ROUND.findall(statement):
        # What closes none is a pattern's of a case.
        count = count + 1 if mark == b"(" else max(0, count - 1)
    for command in map(bytes.strip, _OPERATOR.split(statement)):
        count += len(_BRACE.findall(command)) + bool(_OPENS.match(command)) - bool(_CLOSES.match(command))
    return count
