# SPDX-License-Identifier: MIT
"""A failed build ends with its task, the end of that task's log, and the cause if it is known."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from modem_image.yocto import failure

# From a run of bitbake 2.8.1 with kas 5.5; only the folder is another one.
CONSOLE = """\
WARNING: Disabling uninative as unable to fetch: Network access disabled through BB_NO_NETWORK
NOTE: Executing Tasks
NOTE: Running task 2 of 2 (/w/build/../poky/meta/recipes-devtools/m4/m4-native_1.4.19.bb:do_fetch)
NOTE: recipe m4-native-1.4.19-r0: task do_fetch: Started
ERROR: m4-native-1.4.19-r0 do_fetch: {message}
ERROR: Logfile of failure stored in: {log}
NOTE: recipe m4-native-1.4.19-r0: task do_fetch: Failed
ERROR: Task (/w/build/../poky/meta/recipes-devtools/m4/m4-native_1.4.19.bb:do_fetch) failed with exit code '1'
ERROR: Logfile of failure stored in: /w/later
NOTE: Tasks Summary: Attempted 2 tasks of which 0 didn't need to be rerun and 1 failed.
"""
OFFLINE = "Bitbake Fetcher Error: NetworkAccess('https://ftpmirror.gnu.org/gnu/m4/m4-1.4.19.tar.gz', 'wget')"
LOG = f"""\
DEBUG: Executing python function do_fetch
DEBUG: Trying PREMIRRORS

DEBUG: Trying Upstream
ERROR: {OFFLINE}
DEBUG: Python function do_fetch finished
"""


def failed_build(folder: Path, console: str, log: str | None) -> float:
    """A build folder after a failure; the time that the build started at."""
    since = time.time() - 60
    cooker = folder / "tmp" / "log" / "cooker" / "colibri-imx7-emmc"
    cooker.mkdir(parents=True)
    task_log = folder / "log.do_fetch.28794"
    if log is not None:
        task_log.write_text(log)
    (cooker / "20261122133709.log").write_text(console.format(log=task_log, message=OFFLINE))
    (cooker / "console-latest.log").symlink_to("20261122133709.log")
    return since


def test_task_log_and_cause_are_told(tmp_path: Path) -> None:
    said = failure.explain(tmp_path, failed_build(tmp_path, CONSOLE, LOG))
    assert said.splitlines() == [
        "failed: do_fetch of m4-native_1.4.19.bb",
        f"end of {tmp_path}/log.do_fetch.28794:",
        *(f"  | {line}" for line in LOG.splitlines() if line),
        "cause: with --mirror bitbake stays off the network, and DL_DIR does not hold this source",
        "do: give a DL_DIR that another build, with the network, has filled",
    ]


def test_without_its_log_the_errors_of_the_console_are_told(tmp_path: Path) -> None:
    said = failure.explain(tmp_path, failed_build(tmp_path, CONSOLE, None))
    assert f"  | ERROR: m4-native-1.4.19-r0 do_fetch: {OFFLINE}\n" in said
    assert "NOTE:" not in said


def test_a_failure_outside_of_a_task(tmp_path: Path) -> None:
    console = (
        "NOTE: x\nERROR: Nothing PROVIDES 'huawei-modem-imag'. Close matches:\n  huawei-modem-image\nNOTE:\n"
    )
    said = failure.explain(tmp_path, failed_build(tmp_path, console, None))
    assert said.splitlines()[0] == "bitbake failed, and not in a task"
    assert said.splitlines()[2:] == [
        "  | ERROR: Nothing PROVIDES 'huawei-modem-imag'. Close matches:",
        "  |   huawei-modem-image",
    ]


def test_of_many_errors_the_first_are_told(tmp_path: Path) -> None:
    console = "".join(f"ERROR: number {number}\n" for number in range(500))
    said = failure.explain(tmp_path, failed_build(tmp_path, console, None))
    assert said.splitlines()[2:] == [f"  | ERROR: number {number}" for number in range(failure.LINES)]


def test_a_console_log_of_an_earlier_build_is_not_taken(tmp_path: Path) -> None:
    since = failed_build(tmp_path, CONSOLE, LOG)
    old = tmp_path / "tmp" / "log" / "cooker" / "colibri-imx7-emmc" / "20261122133709.log"
    os.utime(old, (since - 1, since - 1))
    assert failure.explain(tmp_path, since).startswith("kas failed before bitbake ran a task")


def test_the_end_of_a_long_log_is_enough() -> None:
    lines = failure.tail([f"line {number}\n" for number in range(1000)] + ["\n", "  \n"])
    assert lines == [f"line {number}" for number in range(1000 - failure.LINES, 1000)]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("write error: No space left on device", "the disk is full"),
        (
            'ERROR: Immediately halt since the disk space monitor action is "HALT"!',
            "the disk is full",
        ),
        (
            "Checksum mismatch!\nFile: '/d/x.tar' has sha256 checksum 'a' when 'b' was expected",
            "not what its recipe",
        ),
        (
            "Fetcher failure for URL: 'https://x'. Unable to fetch URL from any source.",
            "could not be fetched",
        ),
        ("x86_64-linux-g++: fatal error: Killed signal terminated program cc1plus", "out of memory"),
        (
            "User namespaces are not usable by BitBake, possibly due to AppArmor.",
            "forbids the user namespaces",
        ),
        ("OSError: [Errno 36] File name too long: '/w/x'", "short names only"),
        (
            "ERROR: When reparsing /l/linux_6.6.bb:do_fetch, the basehash value changed from a to b.",
            "changed while bitbake ran",
        ),
        ("No recipes in default available for:\n  /l/linux-x_%.bbappend", "no layer has in that version"),
    ],
)
def test_known_causes(text: str, title: str) -> None:
    cause = failure.known_cause("nothing", text)
    assert cause is not None
    assert title in cause.title


def test_an_unknown_cause_is_not_guessed() -> None:
    assert failure.known_cause("ERROR: oe_runmake failed", "error: implicit declaration of function") is None
