# SPDX-License-Identifier: MIT
"""`--record FILE` writes what the tests on the real stacks ended with: so docs/tested.md is made."""

from __future__ import annotations

import datetime
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from modem_image import PROJECT

RESULTS = pytest.StashKey[list["Result"]]()


@dataclass(frozen=True)
class Result:
    """One test on the real stacks; `seconds` is the time of the test itself."""

    name: str
    outcome: str
    seconds: float


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", type=Path, help="write the results on the real stacks into this file")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[RESULTS] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> object:
    report: pytest.TestReport = yield
    if item.get_closest_marker("mirror") and (report.when == "call" or report.failed):
        item.config.stash[RESULTS].append(Result(item.name, report.outcome, report.duration))
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    target = session.config.getoption("record", None)
    results = session.config.stash[RESULTS]
    if target and results:
        Path(target).write_text(page(results, locked(), commit(), datetime.datetime.now(datetime.UTC).date()))


def commit() -> str:
    """The project's own commit, and whether anything of the layer or of kas is not in it."""
    git = ["git", "-C", str(PROJECT)]
    head = subprocess.run(
        [*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()
    status = [*git, "status", "--porcelain", "--", "meta-huawei-modem", "kas", "tests/layer"]
    changed = subprocess.run(status, capture_output=True, text=True, check=True).stdout
    return head + (", with changes that are not committed" if changed else "")


def locked() -> list[tuple[str, str, str]]:
    """Lock file, repository and commit, of every lock."""
    kas = PROJECT / "kas"
    return [
        (str(path.relative_to(PROJECT)), name, each["commit"])
        for path in sorted(kas.rglob("*.lock.yml"))
        for name, each in yaml.safe_load(path.read_text())["overrides"]["repos"].items()
    ]


def page(
    results: Sequence[Result], locks: Sequence[tuple[str, str, str]], head: str, day: datetime.date
) -> str:
    """The text of docs/tested.md."""
    failed = [each for each in results if each.outcome != "passed"]
    lines = [
        "# What was tested on the real stacks",
        "",
        "Written by `scripts/modem-image test tests/layer --mirror DIR --record docs/tested.md`. Parses and",
        "task graphs of the real bitbake; nothing here was compiled.",
        "",
        f"{day.isoformat()}, commit {head}: {len(results) - len(failed)} passed, {len(failed)} failed.",
        "",
        "| test | result | seconds |",
        "|---|---|---|",
        *(f"| `{each.name}` | {each.outcome} | {each.seconds:.0f} |" for each in results),
        "",
        "| lock file | repository | commit |",
        "|---|---|---|",
        *(f"| `{file}` | {name} | `{sha}` |" for file, name, sha in locks),
    ]
    return "\n".join(lines) + "\n"
