# SPDX-License-Identifier: MIT
"""The course of the installer's scripts, held against a shell that runs them."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

import pytest

from huawei_modem.report import Verdict
from huawei_modem_check.installer.scripts import complaint
from huawei_modem_check.shell.course import Ending, How, course
from modem_image.easyinstaller.installer_scripts import Expected, Modules, render
from patience import PATIENCE
from unit.check.images import check_files, image_files

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
    "a pattern of the product": "case $1 in 003?) ;; *) exit 1 ;; esac\n",
    "a test that is not needed": 'set -e\n[ -n "$nosuch" ] && exit 1\ntrue\n',
    "set -e in a condition": "set -e\nif false; then exit 1; fi\nfalse || true\n! true\n:\n",
    "arithmetic": "i=0\nwhile [ $i -lt 3 ]; do i=$((i + 1)); done\n[ $i -eq 3 ] || exit 1\n",
    "a function's arguments": "f() { [ $# = 2 ] || exit 1; shift; v=$1; }\nf a b\n[ $v = b ] || exit 1\n",
    "a local": "v=1\nf() { local v=2; }\nf\n[ $v = 1 ] || exit 1\n",
    "a subshell's variable": "v=1\n(v=2)\n[ $v = 1 ] || exit 1\n",
    "a pipe's variable": "v=1\necho 2 | read v\n[ $v = 1 ] || exit 1\n",
    "lines that are read": "printf '%s\\n' a | while read -r x; do [ $x = a ] || exit 1; done\n",
    "parts of a name": "f=/a/b.tar.xz\n[ ${f##*/} = b.tar.xz ] && [ ${f%%.*} = /a/b ] || exit 1\n",
    "a default": "set -u\n[ ${x:-y} = y ] || exit 1\n",
    "the folder": '[ -f "$4/image.json" ] && [ ! -e "$4/none" ] || exit 1\ncd "$4" || exit 1\n',
    "a file's words": "grep -q emmc image.json || exit 1\n! grep -q nand image.json\n",
    "a trap": "trap 'false' EXIT\ntrue\n",
    "bytes that are 0": "true\n\0\n",
    "names that fit": "for f in *.json; do [ $f = image.json ] || exit 1; done\n",
    "words of a value": 'l="a b"\nn=0\nfor i in $l; do n=$((n + 1)); done\n[ $n = 2 ] || exit 1\n',
    "eval": 'eval "v=1"\n[ $v = 1 ] || exit 1\n',
    "a break": "while true; do break; exit 1; done\n",
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
    "set -e": "set -e\nfalse\nexit 0\n",
    "set -u": "set -u\necho $nosuch\nexit 0\n",
    "pipefail": "set -eo pipefail\nfalse | true\nexit 0\n",
    "no such program": "nosuchtool\n",
    "no such program, last in a function": "f() { nosuchtool; }\nset -e\nf\nexit 0\n",
    "a program's path": "set -e\n/usr/bin/nosuchtool\nexit 0\n",
    "no such file": "set -e\ncat nosuch.txt\nexit 0\n",
    "a file that is read": ". ./nosuch.sh\nexit 0\n",
    "another product": "[ $1 = 0033 ]\n",
    "another product, by a function": 'fail() { exit 1; }\ncase $1 in 0033) ;; *) fail "no" ;; esac\n',
    "both ways": "if nosuchtool; then exit 1; else exit 2; fi\n",
    "a trap": "trap 'exit 5' EXIT\nexit 0\n",
    "its own end": "kill -9 $$\nexit 0\n",
    "a message for what is not set": "v=${nosuch:?is missing}\nexit 0\n",
    "what eval runs": 'eval "exit 5"\n',
    "a shell's text": "sh -c 'exit 3'\n",
    "a loop's end": "for i in 1 2; do [ $i = 1 ] || exit 4; done\nexit 0\n",
    "a mount of nothing": "set -e\nmount /dev/none /nosuch\nexit 0\n",
    "what cd needs": "cd /nosuch || exit 1\nexit 0\n",
    "a division": "v=$((1 / 0))\nexit 0\n",
    "what is read-only": "readonly v=1\nv=2\nexit 0\n",
    "exec": "exec false\nexit 0\n",
}
NEVER = {
    "read": "read answer\n",
    "a question": 'printf "go on? "\nread -r answer\n[ "$answer" = y ] || exit 1\n',
    "cat": "cat\nexit 0\n",
    "a loop": "while true; do :; done\n",
    "a loop that waits": "until [ -e /nosuch/file ]; do sleep 1; done\n",
}
OPEN = {
    "a program": "mmc bootpart enable 1 1 /dev/mmcblk0 || exit 1\n",
    "a device": "[ -b /dev/mmcblk0p1 ] || exit 1\n",
    "the revision": "case $2 in V1*) ;; *) exit 1 ;; esac\n",
    "a file that a program may have made": "wget -q http://198.51.100.1/x\ncat x\n",
    "the next line of another script": ". /etc/profile\nexit 1\n",
    "an alias": "alias run=false\nrun\n",
    "what is too deep": "f() { f; }\nf\n",
    "quotes in arithmetic, which ends the shell": 'echo $(( "1" ))\n',
}
# What scripts are put together from; each line stands alone.
CONDITIONS = """
true
false
! false
[ "$1" = 0039 ]
[ "$1" != 0039 ]
[ $# -ge 4 ]
[ -f "$4/image.json" ]
[ -e none ]
[ -d /nosuch ]
[ -d /tmp ]
test -n "$2"
test -z "$3"
[ "$v" = yes ]
[ "$v" ]
[ $n -gt 2 ]
[ "${1#00}" = 39 ]
[ -n "$1" ] && [ -n "$nosuch" ]
command -v nosuchtool >/dev/null
grep -q emmc image.json
check
case "$1" in 003*) true ;; *) false ;; esac
[ "$(echo yes)" = yes ]
echo "$1" | grep -q "^00"
[[ $1 == 00* ]]
[ $((n + 1)) -eq 2 ]
[ "$v" == yes ] || [ "$w" == no ]
""".strip().split("\n")
LINES = """
v=yes
v=no
n=1
n=$((n + 3))
w="$1"
w=${1:-none}
w=${nosuch:-}
echo "$v"
cd "$4"
cd /nosuch
true
false
set -e
set -u
set +e
set -eu
set -eo pipefail
rc=$?
check
nosuchtool
nosuchtool || true
./none.sh
sh ./none.sh
sh -c "exit 3"
mount /dev/none /nosuch
unset v
shift
readonly RO=1
local z=1
trap "exit 3" EXIT
trap - EXIT
true & wait
test -f none
[ "$1" = 9999 ]
echo "$nosuch"
echo ${v:?not set}
cat none
v=$(echo yes)
v=$(cat none)
v=$(nosuchtool)
eval "v=yes"
[ -z "$nosuch" ] && v=yes
[ -n "$nosuch" ] && v=yes
grep -q none image.json
break
continue
exit 0
exit 1
exit $?
exit $rc
return
return 1
case $v in yes) false ;; esac
kill -0 $$
i=0; while [ $i -lt 3 ]; do i=$((i + 1)); done
echo a b | while read x y; do v=$y; done
false | true
true | false
umask 022
exec 2>/dev/null
let n=n+1
let n=0
type nosuchtool
readonly v
export w=no
(v=no)
{ false; }
( exit 2 )
""".strip().split("\n")
HEAD = 'check() {\n  [ "$1" = 5 ] && return 1\n  [ -n "$v" ]\n}\n'
FILES = {"image.json": b'{"name": "emmc"}\n', "u-boot.imx": b"x" * 100}


def ending(script: bytes) -> Ending:
    return course(script, "0039", tuple(FILES.items()))


def real(script: bytes, folder: Path) -> int:
    """What BusyBox's ash ends with; its input is as the installer's, open and silent."""
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    reading, writing = os.pipe()
    (folder / "s.sh").write_bytes(script)
    command = ["busybox", "sh", "s.sh", "0039", "V1.1A", "01234567", str(folder)]
    try:
        return subprocess.run(
            command,
            cwd=folder,
            stdin=reading,
            capture_output=True,
            timeout=PATIENCE,
            env={"PATH": os.defpath},
        ).returncode
    finally:
        os.close(reading)
        os.close(writing)


def written(source: random.Random, depth: int = 0) -> str:
    """A script that nobody wrote."""
    condition = source.choice(CONDITIONS)
    if depth > 2 or source.random() < 0.65:
        return f"{source.choice(LINES)}\n"
    inner = "".join(written(source, depth + 1) for _ in range(source.choice((1, 1, 2))))
    return source.choice(
        (
            f"if {condition}; then\n{inner}fi\n",
            f"if {condition}; then\n{inner}else\n{written(source, depth + 1)}fi\n",
            f"{{ {condition}; }} || {{\n{inner}}}\n",
            f"{{ {condition}; }} && (\n{inner})\n",
            f"for x in 1 $v; do\n{inner}done\n",
            f"while {condition}; do\n{inner}break\ndone\n",
        )
    )


def scripts(seed: int, count: int) -> list[str]:
    """`count` of them that parse."""
    source = random.Random(seed)  # noqa: S311  no secret
    found: list[str] = []
    while len(found) < count:
        head = source.choice(("", HEAD, f"{HEAD}v=yes\nn=1\n", f"set -e\n{HEAD}n=1\n"))
        text = head + "".join(written(source) for _ in range(source.choice((1, 2, 3, 4))))
        if complaint(text.encode()) is None:
            found.append(text)
    return found


@pytest.mark.parametrize("name", RIGHT)
def test_a_script_that_ends_well(name: str, tmp_path: Path) -> None:
    assert real(RIGHT[name].encode(), tmp_path) == 0
    assert complaint(RIGHT[name].encode()) is None
    assert ending(RIGHT[name].encode()).how is How.WELL


@pytest.mark.parametrize("name", WRONG)
def test_a_script_that_ends_badly(name: str, tmp_path: Path) -> None:
    assert real(WRONG[name].encode(), tmp_path) != 0
    found = ending(WRONG[name].encode())
    assert found.how is How.BADLY
    assert 1 <= found.line <= WRONG[name].count("\n") and found.text


@pytest.mark.parametrize("name", NEVER)
def test_a_script_that_never_ends(name: str) -> None:
    assert ending(NEVER[name].encode()).how is How.NEVER


@pytest.mark.parametrize("name", OPEN)
def test_what_cannot_be_known_is_said_to_be_so(name: str) -> None:
    found = ending(OPEN[name].encode())
    assert found.how is How.UNKNOWN and found.line and found.text


def test_no_course_is_a_guess(tmp_path: Path) -> None:
    """Scripts that nobody wrote end as it says, or it says that it does not know; that is rare."""
    open_ones = 0
    for text in scripts(seed=20261130, count=80):
        found = ending(text.encode())
        ended = real(text.encode(), tmp_path)
        if found.how is How.UNKNOWN:
            open_ones += 1
            continue
        assert (found.how is How.WELL) == (ended == 0), text
    assert open_ones < 16


@pytest.mark.on_demand
def test_no_course_of_thousands_is_a_guess(tmp_path: Path) -> None:
    for text in scripts(seed=7, count=3000):
        found = ending(text.encode())
        if found.how is not How.UNKNOWN:
            assert (found.how is How.WELL) == (real(text.encode(), tmp_path) == 0), text


def test_the_scripts_that_this_project_packs() -> None:
    """They end well or not by what they find on the module; on another module the first always fails."""
    digest = "0" * 64
    modules = Modules("6.1.0", "lib/modules/6.1.0", digest)
    made = render(Expected(("0039",), {"u-boot.imx": digest}, {"zImage": digest}, modules))
    ends = {name: ending(text.encode()).how for name, text in made.items()}
    assert ends == {"prepare.sh": How.UNKNOWN, "wrapup.sh": How.UNKNOWN, "error.sh": How.BADLY}
    assert course(made["prepare.sh"].encode(), "0033", ()).how is How.BADLY


@pytest.mark.parametrize(
    ("script", "kind", "verdict"),
    [
        ("exit 3\n", "tezi-file-corrupt", Verdict.FAULT),
        ("read x\n", "tezi-file-corrupt", Verdict.FAULT),
        ("[ $1 = 0033 ]\n", "tezi-file-corrupt", Verdict.FAULT),
        ("[ $1 = 0039 ]\n", None, Verdict.OK),
        ("mmc bootpart enable 1 1 /dev/mmcblk0\n", "tezi-installation", Verdict.OK),
        ("[ -f bench.rootfs.tar.xz ]\n", "tezi-installation", Verdict.OK),
    ],
)
def test_what_a_report_says_of_it(tmp_path: Path, script: str, kind: str | None, verdict: Verdict) -> None:
    files = {**image_files(json_changes={"wrapup_script": "w.sh"}), "w.sh": script.encode()}
    report = check_files(tmp_path, files)
    assert report.verdict is verdict
    assert [finding.code for finding in report.findings] == ([kind] if kind else [])
