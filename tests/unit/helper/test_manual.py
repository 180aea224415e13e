# SPDX-License-Identifier: MIT
"""The man page and the completion know every command and option, and no other."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from huawei_modem import cli
from huawei_modem.cli import command_parser
from modem_image import HELPER

PAGE = HELPER / "man/huawei-modem.8"
COMPLETION = HELPER / "completion/huawei-modem.bash"


def commands() -> dict[str, set[str]]:
    """Each command of the parser, with its long options that are shown."""
    found = {
        name: {option for action in command_parser(name)._actions for option in action.option_strings}
        for name in cli.COMMANDS
    }
    return {name: options - {"-h", "--help"} for name, options in found.items()}


COMMANDS = commands()


def test_the_page_has_each_command_with_its_options() -> None:
    text = re.sub(r"\\-", "-", PAGE.read_text(encoding="utf-8"))
    body = text[text.index(".SH COMMANDS") : text.index(".SH EXIT STATUS")]
    sections = {part.split()[0]: part for part in body.split("\n.SS ")[1:]}
    assert set(sections) == set(COMMANDS)
    for name, options in COMMANDS.items():
        defined = re.findall(r"^\.TP\n\.\w+ (.*)$", sections[name], re.MULTILINE)
        assert set(re.findall(r"--[a-z-]+", " ".join(defined))) == options, name


@pytest.mark.parametrize(
    "checker", [["groff", "-man", "-Tutf8", "-ww", "-z"], ["mandoc", "-Tlint", "-Wwarning"]], ids=" ".join
)
def test_the_page_is_right_roff(checker: list[str]) -> None:
    done = subprocess.run([*checker, PAGE], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def completions(*words: str, cwd: Path | None = None) -> set[str]:
    """What bash offers for the last of `words`."""
    script = (
        f'source {COMPLETION}; compopt() {{ :; }}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _huawei_modem; '
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    command = ["bash", "-ec", script, "bash", "huawei-modem", *words]
    return set(subprocess.run(command, capture_output=True, text=True, check=True, cwd=cwd).stdout.split())


def test_each_command_and_option_is_completed(tmp_path: Path) -> None:
    assert completions("") == {*COMMANDS, "--help", "--version"}
    assert completions("st") == {"status"}
    for name, options in COMMANDS.items():
        assert completions(name, "--") == {*options, "--help"}, name
    assert completions("connect", "--auth", "p") == {"pap"}
    (tmp_path / "pin").touch()
    assert completions("connect", "--pin-file", "p", cwd=tmp_path) == {"pin"}
    assert completions("doctor", "", cwd=tmp_path) == {"pin"}
    assert completions("connect", "--apn", "") == set()


def test_no_completion_takes_a_secret() -> None:
    """Secrets come from files: no option takes one itself."""
    every = {option for options in COMMANDS.values() for option in options}
    assert not every & {"--password", "--pin"}
