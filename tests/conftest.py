# SPDX-License-Identifier: MIT
"""What every test shares: mirrors of the Yocto layers, the list of what was not run, docs/dev/tested.md.

With -n the tests run in workers, a group each at a time; what they left out and how they ended is handed
to the controller, which alone prints and records.
"""

from __future__ import annotations

import dataclasses
import datetime
import gc
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import yaml

from modem_image import PROJECT
from stacks import record

# A deadline per example would fail tests on a busy machine, not for a fault.
hypothesis.settings.register_profile("no-deadline", deadline=None)
hypothesis.settings.register_profile("quick", deadline=None, max_examples=10)
hypothesis.settings.load_profile("no-deadline")

NOT_RUN = pytest.StashKey[dict[str, list[str]]]()
# The tests on the real stacks: all that were found, and how those ended that ran.
FOUND = pytest.StashKey[list[str]]()
ENDED = pytest.StashKey[dict[str, record.Row]]()
NEEDS_MIRROR = "--mirror DIR or MODEM_IMAGE_MIRROR"
NEEDS_DEMAND = "--on-demand"
NEEDS_OFONOD = "--ofonod VERSION=PATH"
# What only runs where somebody has what it takes, and is recorded.
RECORDED = ("mirror", "ofonod")
TESTS = Path(__file__).parent
BOARD = "board"
OTHER_BOARD = "board, the other boots"
OTHER_BOOTS = {
    f"{BOARD}/test_{name}.py"
    for name in ("bind", "cold_plug", "failing_sticks", "fast_path", "guarded", "installer")
}
"""The files of board/ that look at no boot of the other files: a worker of their own boots for them."""
BOARDS = (BOARD, OTHER_BOARD)
TOGETHER = (BOARD, "kernel", "parser", "stacks")
"""Folders whose tests share what takes minutes to make."""
LONG = "unit/transcript/"
"""The folder whose files take longest but for the board's."""
GIVES_WAY = 5
"""Niceness of the workers that have no board: its tests are the longest of all, and wait for QEMU."""
GAVE_WAY = pytest.StashKey[bool]()
COLLECT_EVERY = 20_000
"""New objects between two looks for cycles: at Python's 700, with all tests in memory, they take a third of
the processor time of tests that read texts."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--mirror",
        type=Path,
        default=os.environ.get("MODEM_IMAGE_MIRROR"),
        help="folder of bare clones of the Yocto layers (MODEM_IMAGE_MIRROR)",
    )
    parser.addoption(
        "--quick", action="store_true", help="without what is slow; few examples of each property"
    )
    parser.addoption("--on-demand", action="store_true", help="also what takes half an hour each")
    parser.addoption(
        "--ofonod",
        action="append",
        default=[],
        metavar="VERSION=PATH",
        help="a release of oFono with the layer's patches, compiled by hand",
    )
    parser.addoption("--record", type=Path, help="write the results on the real stacks into this file")


def pytest_configure(config: pytest.Config) -> None:
    # A shell starts its background jobs with SIGINT ignored, and so would every program under test.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.getoption("--quick"):
        hypothesis.settings.load_profile("quick")
        config.option.markexpr = config.option.markexpr or "not slow"
    config.stash[NOT_RUN] = {}
    config.stash[FOUND] = []
    config.stash[ENDED] = {}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that need mirrors or half an hour are left out by name unless asked for; nothing else ever is."""
    config.stash[FOUND] += [name_of(item) for item in items if is_recorded(item)]
    without = {
        item for item in items if item.get_closest_marker("mirror") and not config.getoption("--mirror")
    }
    late = {
        item for item in items if item.get_closest_marker("on_demand") and not config.getoption("--on-demand")
    }
    given = {word.partition("=")[0] for word in config.getoption("--ofonod")}
    absent = {
        item for item in items for mark in item.iter_markers("ofonod") if not given.issuperset(mark.args)
    }
    reasons = {NEEDS_MIRROR: without, NEEDS_OFONOD: absent, NEEDS_DEMAND: late - without}
    for reason, left_out in reasons.items():
        if left_out:
            config.stash[NOT_RUN][reason] = [item.nodeid for item in items if item in left_out]
    gone = without | absent | late
    if gone:
        config.hook.pytest_deselected(items=[item for item in items if item in gone])
    # Workers take files in this order, and what is long and comes last is waited for.
    items[:] = sorted((item for item in items if item not in gone), key=lambda item: place_of(item.nodeid))


def pytest_collection_finish(session: pytest.Session) -> None:
    """The tests and what they have imported stay: no look for cycles needs to go through them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_EVERY)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """The boards' tests come first: a worker that runs anything else before them gets none of them."""
    config = item.config
    if (
        hasattr(config, "workerinput")
        and group_of(item.nodeid) not in BOARDS
        and GAVE_WAY not in config.stash
    ):
        config.stash[GAVE_WAY] = True
        os.nice(GIVES_WAY)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> object:
    report: pytest.TestReport = yield
    if is_recorded(item) and (report.when == "call" or report.failed):
        name, today = name_of(item), datetime.datetime.now(datetime.UTC).date().isoformat()
        measured = str(dict(item.user_properties).get(record.MEASURED, ""))
        item.config.stash[ENDED][name] = record.Row(
            name, report.outcome, f"{report.duration:.0f}", today, commit(), measured
        )
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    target, config = session.config.getoption("--record"), session.config
    if hasattr(config, "workeroutput"):
        ended = [dataclasses.astuple(row) for row in config.stash[ENDED].values()]
        config.workeroutput["kept"] = (config.stash[NOT_RUN], config.stash[FOUND], ended)
        return
    if target and config.stash[ENDED]:
        former = record.rows_of(target.read_text()) if target.is_file() else []
        found = config.stash[FOUND]
        # Of a file of which single tests were named (FILE::TEST) the others were not looked for.
        single = {Path(word.partition("::")[0]).resolve() for word in config.args if "::" in word}
        read = {TESTS / name.partition("::")[0] for name in found} - single
        unread = {str(path.relative_to(TESTS)) for path in set(TESTS.rglob("test_*.py")) - read}
        rows = record.merge(former, found, config.stash[ENDED], unread)
        target.write_text(record.page(rows, locked()))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """A worker of pytest-xdist is done; one that crashed has nothing to hand over, and fails the run."""
    stash, output = node.config.stash, getattr(node, "workeroutput", {})
    if "kept" in output:
        # Every worker finds all tests, and leaves out the same.
        stash[NOT_RUN], stash[FOUND], ended = output["kept"]
        stash[ENDED] |= {name: record.Row(name, *rest) for name, *rest in ended}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for reason, names in config.stash[NOT_RUN].items():
        terminalreporter.section(f"not run: need {reason}")
        for name in names:
            terminalreporter.line(f"not run: {name}")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Not by xdist's groups: with pytest 9.2 xdist 3.8 takes no notice of them, and says nothing."""
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return Groups(config, log)


def group_of(nodeid: str) -> str:
    """Tests of one group run in one worker, in order: those that share a boot, a kernel tree or a build."""
    file = nodeid.partition("::")[0].partition("/")[2]
    if file in OTHER_BOOTS:
        return OTHER_BOARD
    folder = file.partition("/")[0]
    return folder if folder in TOGETHER else file


def place_of(nodeid: str) -> int:
    """Where a test comes among the groups; those of one place keep their order."""
    group = group_of(nodeid)
    return BOARDS.index(group) if group in BOARDS else 2 if group.startswith(LONG) else 3


def is_recorded(item: pytest.Item) -> bool:
    """Whether docs/dev/tested.md has a row for it."""
    return any(item.get_closest_marker(name) for name in RECORDED)


def name_of(item: pytest.Item) -> str:
    """The test's id below tests/, whatever folder pytest was started in."""
    return item.path.relative_to(TESTS).as_posix() + item.nodeid[item.nodeid.index("::") :]


def commit() -> str:
    """The project's own commit, with a + when something of the layer, of kas or of the code is not in it."""
    git = ["git", "-C", str(PROJECT)]
    head = subprocess.run(
        [*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=True
    )
    status = [*git, "status", "--porcelain", "--", "meta-huawei-modem", "kas", "scripts", "tests"]
    changed = subprocess.run(status, capture_output=True, text=True, check=True).stdout
    return f"`{head.stdout.strip()}`" + ("+" if changed else "")


def locked() -> list[record.Lock]:
    """Lock file, repository and commit, of every lock."""
    kas = PROJECT / "kas"
    return [
        (str(path.relative_to(PROJECT)), name, each["commit"])
        for path in sorted(kas.rglob("*.lock.yml"))
        for name, each in yaml.safe_load(path.read_text())["overrides"]["repos"].items()
    ]
