# SPDX-License-Identifier: MIT
"""Files that image.json names at its top: for people, U-Boot's environment, and the scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from huawei_modem_check.installer.names import feed_reason, unreadable_reason
from huawei_modem_check.installer.run import Run
from huawei_modem_check.installer.stages import Fault, Outcome

if TYPE_CHECKING:
    from huawei_modem_check.shell.course import Ending

SCRIPTS = ("prepare_script", "wrapup_script", "error_script")
_FETCHED = ("marketing", "license", "releasenotes", "error_script")


def files_for_people(run: Run) -> Iterator[Fault]:
    """What is missing is passed over from a stick; from a feed its download fails, but for the icon."""
    document = run.description.document
    for field in _FETCHED:
        name = run.description.path(field)
        if field not in document:
            continue
        if not name:
            yield _empty(field)
        # An empty page for people is shown as an empty page.
        elif (fault := run.named(field, name, Outcome.FEED, in_shell=False)) and not fault.code.endswith(
            ":empty"
        ):
            yield fault
    icon = run.description.text("icon")
    if not icon or icon.startswith("http"):
        return
    if icon not in run.files or unreadable_reason(icon):
        yield Fault(Outcome.CAUTION, "icon", f"{icon!r} is not there: a blank square is shown")
    elif reason := feed_reason(icon):
        yield Fault(
            Outcome.CAUTION, "icon", f"the name {icon!r} {reason}: from a feed a blank square is shown"
        )


def _empty(field: str) -> Fault:
    text = "is empty: from a feed the installer asks for the folder in its place; leave the field out"
    return Fault(Outcome.FEED_CAUTION, field, text)


def prepare(run: Run) -> Iterator[Fault]:
    """Missing, or ended with an error: the flash is as it was."""
    yield from _script(run, "prepare_script", Outcome.BEFORE)


def environment_and_scripts(run: Run) -> Iterator[Fault]:
    """All of it comes after the image was written, and the module is left without it."""
    if "u_boot_env" in run.description.document:
        name = run.description.path("u_boot_env")
        if not name:
            yield _empty("u_boot_env")
        elif (
            fault := run.named("u_boot_env", name, Outcome.AFTER, in_shell=False)
        ) and not fault.code.endswith(":empty"):
            yield fault
    yield from _script(run, "wrapup_script", Outcome.AFTER)
    name = run.description.path("error_script")
    # It runs only when something else has failed, and what it prints is shown only when it ends badly itself
    # (mainwindow.cpp:827).
    if name in run.complaints:
        text = f"when it is needed it does not run: {run.complaints[name]}"
        yield Fault(Outcome.CAUTION, "error_script", text, "", name)


def _script(run: Run, field: str, outcome: Outcome) -> Iterator[Fault]:
    name = run.description.path(field)
    if not name:
        if field in run.description.document:
            yield _empty(field)
        return
    fault = run.named(field, name, outcome, in_shell=False)
    # An empty script runs, and does nothing.
    if fault and not fault.code.endswith(":empty"):
        yield fault
    if name in run.complaints:
        yield Fault(outcome, field, f"{field}: {run.complaints[name]}", "tezi-file-corrupt:script", name)
    elif name in run.files and run.files[name].content:
        yield from _ends(run, field, name, outcome)


def _ends(run: Run, field: str, name: str, outcome: Outcome) -> Iterator[Fault]:
    """A script that always fails, or never ends; or of which that is not known."""
    # Most images have none: a check begins sooner without the shell.
    from huawei_modem_check.shell.course import How, course

    def ends(files: Iterable[str]) -> Ending:
        """Its course in a folder with these files."""
        contents = tuple((other, run.files[other].content) for other in files)
        return course(run.files[name].content or b"", run.module.product, contents)

    bad = {How.BADLY: "tezi-file-corrupt:fails", How.NEVER: "tezi-file-corrupt:hangs"}
    document = run.description.document
    ending = ends(run.files)
    said = f"{name}, line {ending.line}: {ending.text}"
    if ending.how in bad:
        yield Fault(outcome, field, said, bad[ending.how], name)
        return
    # From a feed the archives are fetched while they are written (mainwindow.cpp:555-583).
    fetched = {
        run.description.path(other) for other in (*SCRIPTS, *_FETCHED, "u_boot_env") if other in document
    }
    listed = [other for other in run.files if other in fetched or other.startswith("image")]
    feed = ends(listed)
    if feed.how in bad:
        text = f"{name}, line {feed.line}: {feed.text}; from a feed {feed.how.value}"
        yield Fault(Outcome.FEED_CAUTION, field, text, "tezi-installation:feed-script", name)
    elif How.UNKNOWN in (ending.how, feed.how):
        doubt = ending if ending.how is How.UNKNOWN else feed
        text = f"{name}, line {doubt.line}: {doubt.text}"
        yield Fault(Outcome.CAUTION, field, text, "tezi-installation:script", name)
