# SPDX-License-Identifier: MIT
"""Why a build failed: the failing task, the end of its log, and the cause where it is a known one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

LINES = 30

# As bitbake's knotty.py writes them.
_TASK = re.compile(r"^ERROR: Task \((?P<recipe>.+):(?P<task>do_\w+)\) failed with exit code", re.MULTILINE)
_LOG = re.compile(r"^ERROR: Logfile of failure stored in: (?P<path>/.+?)\s*$", re.MULTILINE)
# An error and the indented lines that belong to it.
_ERROR = re.compile(r"^(?:ERROR|FATAL): .*(?:\n[ \t]+\S.*)*", re.MULTILINE)


@dataclass(frozen=True)
class Cause:
    """A cause that is known by what a log says; `remedy` is what to do about it."""

    pattern: str
    title: str
    remedy: str


# The texts are bitbake's (fetch2/__init__.py, monitordisk.py, cooker.py), those of sanity.bbclass, of
# glibc (strerror) and of gcc.
CAUSES = (
    Cause(
        r"No space left on device|disk space monitor action is",
        "the disk is full",
        "make room, or build on another disk with --work-dir DIR; bitbake goes on where it stopped",
    ),
    Cause(
        r"NetworkAccess\(|Network access disabled through BB_NO_NETWORK",
        "with --mirror bitbake stays off the network, and DL_DIR does not hold this source",
        "give a DL_DIR that another build, with the network, has filled",
    ),
    Cause(
        r"Checksum mismatch!",
        "a source is not what its recipe expects",
        "remove the file that the log names from DL_DIR and try again; if it comes back, a proxy changes it",
    ),
    Cause(
        r"Unable to fetch URL from any source|Fetcher failure",
        "a source could not be fetched",
        "check the network and its proxy, then run the same command again: what was fetched is kept",
    ),
    Cause(
        r"Killed signal terminated program|virtual memory exhausted|Cannot allocate memory",
        "the machine ran out of memory",
        "set BB_NUMBER_THREADS=2 and PARALLEL_MAKE=-j2 in the environment, or add memory",
    ),
    Cause(
        r"User namespaces are not usable by BitBake",
        "this machine forbids the user namespaces that keep bitbake's tasks off the network",
        "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu 24.04 and later)",
    ),
    Cause(
        r"File name too long",
        "the file system takes short names only, as encrypted home folders do",
        "build elsewhere with --work-dir DIR",
    ),
    Cause(
        r"No recipes in \S+ available for:",
        "a .bbappend (named above) is for a recipe that no layer has in that version",
        "use layers of one release",
    ),
    Cause(
        r"the basehash value changed from",
        "a file of a layer changed while bitbake ran",
        "run the same command again, and edit the layer afterwards",
    ),
)


@dataclass(frozen=True)
class Failure:
    """A failed task and where its log lies; both None when bitbake failed outside of a task."""

    task: str | None
    log: Path | None


def find_failure(console: str) -> Failure:
    """The first task that failed, from the console log of bitbake: what failed later followed from it."""
    task, log = _TASK.search(console), _LOG.search(console)
    name = f"{task['task']} of {task['recipe'].rpartition('/')[2]}" if task else None
    return Failure(name, Path(log["path"]) if log else None)


def tail(lines: Iterable[str], count: int = LINES) -> list[str]:
    """The last `count` lines that say something."""
    return [line.rstrip() for line in lines if line.strip()][-count:]


def known_cause(*texts: str) -> Cause | None:
    """The first of CAUSES that one of the texts shows."""
    return next((cause for cause in CAUSES if any(re.search(cause.pattern, text) for text in texts)), None)


def console_log(build: Path, since: float) -> Path | None:
    """bitbake's newest console log below the build folder; None when it is older than `since` (epoch)."""
    logs = [path for path in build.glob("tmp*/log/cooker/*/[0-9]*.log") if path.stat().st_mtime >= since]
    return max(logs, key=lambda path: path.stat().st_mtime, default=None)


def explain(build: Path, since: float) -> str:
    """What to tell about a kas that failed, for a build folder and the time that it started at."""
    path = console_log(build, since)
    if path is None:
        return "kas failed before bitbake ran a task; what is wrong is said above"
    console = path.read_text(errors="replace")
    failure = find_failure(console)
    log = failure.log.read_text(errors="replace") if failure.log and failure.log.is_file() else ""
    errors = "\n".join(_ERROR.findall(console))
    # The end of a task's log says what went wrong; of bitbake's own errors the first ones do.
    lines = tail(log.splitlines()) if log else errors.splitlines()[:LINES]
    title = f"end of {failure.log}:" if log else f"errors in {path}:"
    text = [f"failed: {failure.task}" if failure.task else "bitbake failed, and not in a task"]
    text += [title, *(f"  | {line}" for line in lines)]
    if cause := known_cause(log, errors):
        text += [f"cause: {cause.title}", f"do: {cause.remedy}"]
    return "\n".join(text)
