# SPDX-License-Identifier: MIT
"""What the compiler answered to the $(shell) macros of a tree's Kconfig files, kept for the next time.

The macros try some eighty options of compiler and linker: more than half of what it takes to read the files.
Only who explains uses it: make asks the compiler itself, and an answer that no longer holds shows as a
disagreement with make.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from modem_image.cache import Cache, cache_root, digest_of_files
from modem_image.system import which

_Read = TypeVar("_Read")
# Of the environment that make gives to Kconfig: the programs that the macros run, and what is known of them.
_PROGRAMS = ("CC", "LD", "AR", "NM", "OBJCOPY", "HOSTCC", "RUSTC", "BINDGEN", "PAHOLE", "PYTHON3")
_FACTS = ("ARCH", "SRCARCH", "CC_VERSION_TEXT", "RUSTC_VERSION_TEXT", "PAHOLE_VERSION", "CLANG_FLAGS")


def with_answers(
    tree: Path, environment: Mapping[str, str], read: Callable[[dict[str, str]], _Read]
) -> _Read:
    """What `read` returns, given the answers kept for `tree` under `environment`; none the first time."""
    results: list[_Read] = []

    def make(folder: Path) -> None:
        answers: dict[str, str] = {}
        results.append(read(answers))
        (folder / _FILE).write_text(json.dumps(answers), "utf-8")

    material = {
        "tree": str(tree),
        "scripts": digest_of_files((tree / "scripts").glob("*.sh"), tree),
        "programs": {name: _identity(environment.get(name, "")) for name in _PROGRAMS},
        "facts": {name: environment.get(name) for name in _FACTS},
    }
    entry = Cache(cache_root()).entry("kconfig-answers", material, make)
    return results[0] if results else read(json.loads((entry / _FILE).read_text("utf-8")))


_FILE = "answers.json"


def _identity(command: str) -> list[object]:
    """Where the program of a command is, and which it is; nothing for one that is not there."""
    program = which(command.split()[0]) if command.split() else None
    if program is None:
        return []
    state = Path(program).stat()
    return [program, state.st_size, state.st_mtime_ns]
