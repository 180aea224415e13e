# SPDX-License-Identifier: MIT
"""What a hostile script of an image costs: steps and memory are bounded."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc

import pytest

from huawei_modem_check.shell import budget
from huawei_modem_check.shell.course import Ending, course
from patience import PATIENCE
from unit.check.test_course import FILES

HOSTILE_FILES: dict[str, bytes | None] = {
    "big": b"a" * (256 << 10),
    "lines": b"a\n" * (128 << 10),
    "a" * 250: b"",
    **FILES,
}
WIDE = "\U0001f600"
"""In a text with it every character takes four bytes."""


def rounds(body: str, loops: int = 3) -> str:
    """It within this many loops of ten rounds each."""
    return "for i in 0 1 2 3 4 5 6 7 8 9; do " * loops + body + "; done" * loops + "\n"


BUDGET = 20_000
"""A tenth of what a script may cost, so that the tests take a tenth of the time."""
MOST_STEPS = 4_000_000
"""The worst of the tests takes half of it, most for being read; without a budget it is endless."""


def steps(script: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Ending, int]:
    """How it ends, and how many calls and returns that takes: the same number on every machine."""
    monkeypatch.setattr(budget, "_ALL", BUDGET)
    taken = 0

    def count(_frame: object, _event: str, _argument: object) -> None:
        nonlocal taken
        taken += 1

    course.cache_clear()
    sys.setprofile(count)
    try:
        end = course(script.encode(), "0039", tuple(HOSTILE_FILES.items()))
    finally:
        sys.setprofile(None)
        course.cache_clear()
    return end, taken


@pytest.mark.parametrize(
    "script",
    [
        "exit " + "1" * 5000 + "\n",
        "x=aaaaaaaaaa\nwhile true; do x=$x$x; done\n",
        "for a in 1 2 3 4 5 6 7 8 9; do\n" * 8 + "mmc x\n" + "done\n" * 8,
        "\n".join(f"if mmc {i}; then v{i}=1; fi" for i in range(2000)),
        "(" * 500 + "true" + ")" * 500 + "\n",
        "x=" + "a" * 4000 + "\ny=${x##*a*a*a*a*a*b}\n",
        "echo $((" + "(" * 3000 + "1" + ")" * 3000 + "))\n",
        "|".join(["cat"] * 3000) + "\n",
        "echo *a*a*a*a*a*a*a*a*b\n",
        f"x={'[' * 4000}\necho {'$x' * 100}\n",
    ],
    ids=range(10),
)
def test_a_hostile_script_takes_few_steps(script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert steps(script, monkeypatch)[1] < MOST_STEPS


@pytest.mark.parametrize(
    "script",
    [
        rounds(": " + '"$i"' * 15_000),
        rounds("grep " + "." * 300 + "b big"),
        rounds('eval "' + ": ;" * 1000 + 'a+=1"'),
        rounds("n=$((1" + "+1" * 1900 + "))"),
        f"x={'a' * 900}\n" + rounds("y=" + "${x#*b}" * 300),
        f"x={'a' * 900}\n" + rounds("case $x in " + "|".join(f"*{i}c" for i in range(5000)) + ") ;; esac"),
        "case $2 in " + "".join(f"{i}) v{i}=1;;\n" for i in range(3000)) + "esac\n",
        'trap "' + "ulimit;" * 50 + '" EXIT\nset -e\n' + "ulimit\n" * 4000,
    ],
    ids=("words", "grep", "eval", "arithmetic", "cuts", "case", "clauses", "traps"),
)
def test_a_hostile_script_is_given_up(script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    end, taken = steps(script, monkeypatch)
    assert taken < MOST_STEPS
    assert "too long to be followed" in end.text


@pytest.mark.parametrize(
    "script",
    [
        f"x={WIDE * 4000}\ny={'$x' * 20_000}\n",
        f"x='{'a ' * 2000}'\necho {'$x' * 15_000}\n",
        f"y=$({rounds('cat ' + 'big ' * 20, 1)})\n",
        f"x={'a' * 4000}\n" + rounds("echo " + '"$x" ' * 150 + "| cat", 2),
        "".join(f"f{i}() {{ :; }}\n" for i in range(2400)) + "set -e\n" + "ulimit\n" * 2400,
        "set -e\n{\n" + "read a; ulimit\n" * 2000 + "} < lines\n",
        f"x={WIDE * 60}\ny=$(set -e\n" + "echo $x; ulimit\n" * 2000 + ")\n",
    ],
    ids=("joined", "split", "printed", "piped", "functions", "read", "kept"),
)
def test_a_hostile_script_takes_little_memory(script: str) -> None:
    tracemalloc.start()
    try:
        course(script.encode(), "0039", tuple(HOSTILE_FILES.items()))
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
    finally:
        tracemalloc.stop()


def test_words_of_bash_are_looked_for_in_one_pass() -> None:
    """Two MiB of what has no end: the square of its length would take minutes."""
    code = "from huawei_modem_check.installer.scripts import _bashism; print(_bashism(b'${x^' * (1 << 19)))"
    command = [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path}; {code}"]
    said = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=True).stdout
    assert said.startswith(b"line 1: ${x^")
