# SPDX-License-Identifier: MIT
"""Scripts of an image that run and end badly, held against a shell that runs them."""

from __future__ import annotations

import subprocess

import pytest

from huawei_modem_check.installer.scripts import A_FAILURE, complaint

RIGHT = {
    "an if within an if": 'if [ -e /none ]; then\n  if [ "$x" = 1 ]; then\n    echo\n  fi\n  exit 1\nfi\n',
    "a while within a for": 'for i in; do\n while [ "$i" = 2 ]; do\n  i=1\n done\n exit 1\ndone\n',
    "a case within a for": 'for i in; do\n case "$i" in\n 1) echo ;;\n esac\n exit 1\ndone\n',
    "a loop behind a pipe": "if false; then\n true | while read -r x; do\n  :\n done\n exit 1\nfi\n",
    "a group if it fails": '[ -d / ] || {\n  echo "no"\n  exit 1\n}\n',
    "a subshell if it fails": '[ -d "/" ] || (\n  echo no\n  exit 1\n)\n',
    "an operator at a line's end": "[ -d / ] ||\n  exit 1\n",
    "an operator, and a comment": "[ -d / ] || # else\n\n  exit 1\n",
    "a line that goes on": "[ -d / ] || \\\n  exit 1\n",
    "a text of several lines": 'echo "one\nexit 1\n"\n',
    "a command's output": "if false; then\n  x=$(\n    true\n  )\n  exit 1\nfi\n",
    "an output in a case": "if false; then\n case a in\n a) x=$(\n true\n )\n ;;\n esac\n exit 1\nfi\n",
    "a case in an output": "if false; then\n  x=$(case a in a) :;; esac)\n  exit 1\nfi\n",
    "a function on two lines": "die()\n{\n  exit 1\n}\n",
    "a here-document": "cat > /dev/null <<EOF\nfi\nexit 1\nEOF\n",
    "a quoted here-document": "cat > /dev/null <<'EOF'\ndeclare a\nexit 1\nEOF\n",
    "what fails and is not the last": "false ||\ntrue\n",
}
WRONG = {
    "a number": "true\nexit 3\n",
    "behind an if": 'if [ "$x" = 1 ]; then\n  echo "yes"\nfi\nexit 3\n',
    "behind a group": "[ -d / ] && {\n  true\n}\nexit 3\n",
    "behind a function": 'say() {\n  echo "$1"\n}\nexit 3\n',
    "behind a here-document": "cat > /dev/null <<'EOF'\nit's\nEOF\nexit 3\n",
    "behind an apostrophe": "echo \"it's\"  # and it isn't\nexit 3\n",
    "in one line": 'echo "no"; exit 3\n',
    "no number": "exit 0x\n",
    "not true": "echo\n! true\n",
    "false": "false\n",
    "a local": "local x=1\n",
}


def ends_well(script: str) -> bool:
    return subprocess.run(["sh"], input=script.encode(), capture_output=True, timeout=10).returncode == 0


@pytest.mark.parametrize("name", RIGHT)
def test_a_script_that_ends_well(name: str) -> None:
    assert ends_well(RIGHT[name])
    assert complaint(RIGHT[name].encode()) is None


@pytest.mark.parametrize("name", WRONG)
def test_a_script_that_ends_badly(name: str) -> None:
    assert not ends_well(WRONG[name])
    said = complaint(WRONG[name].encode())
    assert said and (said.endswith(A_FAILURE) or "local" in said)


def test_a_number_without_end_is_no_crash() -> None:
    assert complaint(b"exit " + b"1" * 5000 + b"\n") is None
