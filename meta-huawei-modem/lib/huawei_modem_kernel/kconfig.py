# SPDX-License-Identifier: MIT
"""The Kconfig files of a tree, read by kconfiglib, to say why a symbol has its value.

kconfiglib 14.1.0 knows the language of 2020; the keywords that Linux added since are put into its words
here, one line for one line, so that the places it names stay right. It explains and never judges: what
make says counts, and `disagreements` tells where the two differ.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import kconfiglib

from huawei_modem_kernel.dotconfig import parse_config

# Since 6.1 (scripts/kconfig/parser.y): `modules` for what was `option modules`.
_MODULES = re.compile(r"\s+modules\s*")
# Since 6.18: the symbol of an old name, which only carries its value over. It has no prompt and no
# default, so that without the keyword it is n.
_TRANSITIONAL = re.compile(r"\s+transitional\s*")
# Since 7.0: `depends on X if Y` for X || Y=n (menu_add_dep in scripts/kconfig/menu.c).
_CONDITIONAL = re.compile(r"(\s+depends on )([^#\"]+) if ([^#\"]+?)\s*(#.*)?\s*")


class ExplainError(Exception):
    """kconfiglib cannot read this tree; make still judges it."""


class _Kconfig(kconfiglib.Kconfig):  # type: ignore[misc]  # it comes without types
    def __init__(self, file: str, answers: dict[str, str]) -> None:
        self._answers = answers
        super().__init__(file, warn=False, warn_to_stderr=False)

    # kconfiglib sets its table of macros and reads the files in one go.
    @property
    def _functions(self) -> dict[str, tuple[Any, int, int]]:
        return self._table

    @_functions.setter
    def _functions(self, table: dict[str, tuple[Any, int, int]]) -> None:
        self._run, least, most = table["shell"]
        self._table = {**table, "shell": (self._shell, least, most)}

    def _shell(self, kconfig: object, name: str, command: str) -> str:
        if command not in self._answers:
            self._answers[command] = self._run(kconfig, name, command)
        return self._answers[command]

    def _tokenize(self, line: str) -> object:
        if _MODULES.fullmatch(line):
            line = "\toption modules\n"
        elif _TRANSITIONAL.fullmatch(line):
            line = "\n"
        elif match := _CONDITIONAL.fullmatch(line):
            line = f"{match[1]}({match[2]}) || {_is_n(match[3])}\n"
        return super()._tokenize(line)


def _is_n(condition: str) -> str:
    """That a condition is n, in words of kconfiglib; for more than one symbol near enough to explain."""
    if re.fullmatch(r"\w+", condition):
        return f"{condition}=n"
    if re.fullmatch(r"!\s*\w+", condition):
        return f"{condition.lstrip('! ')}=y"
    return f"!({condition})"


class Model:
    """The symbols of the tree `path` of Linux `version` under one configuration."""

    def __init__(
        self,
        path: Path,
        version: str,
        environment: Mapping[str, str],
        folder: Path,
        answers: dict[str, str] | None = None,
    ) -> None:
        """Reads every Kconfig file in the environment that make gives them.

        Their $(shell) macros run in `folder`, an output folder of make, but for the commands that `answers`
        has; it gets the output of those that ran. Raises ExplainError when kconfiglib does not understand a
        file.
        """
        self.path = path
        self.version = version
        self._folder = folder
        with _surroundings(environment, folder):
            try:
                self.kconfig = _Kconfig("Kconfig", {} if answers is None else answers)
            except (kconfiglib.KconfigError, OSError) as error:
                raise ExplainError(f"kconfiglib cannot read Linux {version}: {str(error).strip()}") from error

    def load(self, config: str) -> None:
        """Take the values of a configuration that make has completed."""
        path = self._folder / "loaded.config"
        path.write_text(config, "utf-8")
        self.kconfig.load_config(str(path))

    def find(self, name: str) -> Any:
        """The symbol of this name, as kconfiglib has it; None when no Kconfig file defines it."""
        symbol = self.kconfig.syms.get(name)
        return symbol if symbol is not None and symbol.nodes else None

    @property
    def defined(self) -> list[str]:
        """The names of all symbols that the tree defines."""
        return [symbol.name for symbol in self.kconfig.unique_defined_syms]

    def computed(self, config: str) -> dict[str, str]:
        """What the files make of a configuration, complete or not; it is loaded afterwards."""
        self.load(config)
        path = self._folder / "computed.config"
        self.kconfig.write_config(str(path), save_old=False)
        return parse_config(path.read_text("utf-8"))

    def disagreements(self, made: str, config: str | None = None) -> dict[str, tuple[str, str]]:
        """Symbols whose value here is not make's in `made`: name to make's value and ours.

        `config` is what make made it from, `made` itself unless given; it is loaded afterwards. A symbol
        that either leaves out counts as n.
        """
        judged, ours = parse_config(made), self.computed(made if config is None else config)
        return {
            name: (judged.get(name, "n"), ours.get(name, "n"))
            for name in sorted({*judged, *ours})
            if judged.get(name, "n") != ours.get(name, "n")
        }


@contextlib.contextmanager
def _surroundings(environment: Mapping[str, str], folder: Path) -> Iterator[None]:
    """kconfiglib and the macros it runs look at this process's environment and folder."""
    kept, before = dict(os.environ), Path.cwd()
    os.environ.clear()
    os.environ.update(environment)
    try:
        os.chdir(folder)
        yield
    finally:
        os.chdir(before)
        os.environ.clear()
        os.environ.update(kept)
