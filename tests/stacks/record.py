# SPDX-License-Identifier: MIT
"""docs/dev/tested.md: how each test that needs the real stacks ended when it last ran, and on which commit.

The page is its own store: a run replaces the rows of the tests that it ran and keeps the others, so that
what takes half an hour may run on another day, and what never ran is named too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

NOT_RUN = "**not run**"
MEASURED = "measured"
"""The property that a test gives its row (pytest's record_property)."""

# Lock file, repository and commit.
Lock = tuple[str, str, str]

_ROW = re.compile(
    r"^\| `(?P<test>[^`]+)` \| (?P<outcome>[^|]+) \| (?P<seconds>\d*) "
    r"\| (?P<day>[\d-]*) \| (?P<commit>[^|]*) \|$",
    re.MULTILINE,
)
_MEASURED = re.compile(r"^- `(?P<test>[^`]+)`: (?P<measured>.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """One test by its id below tests/. `seconds` is the time of the test itself, without its fixtures."""

    test: str
    outcome: str
    seconds: str = ""
    day: str = ""
    commit: str = ""
    measured: str = ""
    """What the test itself has to say (`record_property(MEASURED, …)`), in a line."""

    @property
    def file(self) -> str:
        """The test's file."""
        return self.test.partition("::")[0]


def rows_of(page: str) -> list[Row]:
    """The rows of a page that `page` has made."""
    groups = [match.groupdict() for match in _ROW.finditer(page)]
    said = {match["test"]: match["measured"].strip() for match in _MEASURED.finditer(page)}
    return [
        Row(**{name: text.strip() for name, text in group.items()}, measured=said.get(group["test"], ""))
        for group in groups
    ]


def merge(
    former: Sequence[Row], collected: Collection[str], results: Mapping[str, Row], unread: Collection[str]
) -> list[Row]:
    """Every test's newest row, in the order of their ids.

    `collected` are the tests that this run found, left out or not, and `results` those that ran; `unread`
    are the files that exist and were not read as a whole: their former rows stay.
    """
    known = {row.test: row for row in former}
    kept = {row.test for row in former if row.file in unread}
    return [
        results.get(test) or known.get(test) or Row(test, NOT_RUN) for test in sorted(kept | set(collected))
    ]


def page(rows: Sequence[Row], locks: Sequence[Lock]) -> str:
    """The text of docs/dev/tested.md."""
    passed = sum(row.outcome == "passed" for row in rows)
    # A test whose mirror lacks what it needs leaves itself out: it has not run, and has not failed.
    absent = sum(row.outcome in (NOT_RUN, "skipped") for row in rows)
    lines = [
        "# What was tested on the real stacks",
        "",
        "Written by `scripts/modem-image test tests/stacks --mirror DIR --record docs/dev/tested.md`;",
        "`--on-demand` adds what takes ten minutes and more each. The real kas and bitbake on the layers",
        "at the locked commits: checkouts, parses, task graphs, our own packages, and Toradex's image class",
        "over placeholders. stacks/test_hybrid.py makes a whole image, with Debian's libraries under what it",
        "compiles (hybrid-build.md). daemons/test_releases.py runs releases of oFono with the layer's",
        "patches, compiled by hand at the commits that its rows name (`--ofonod VERSION=PATH`).",
        "",
        f"{len(rows)} tests: {passed} passed, {len(rows) - passed - absent} failed, {absent} not run.",
        "Each row is of the test's last run; the commit is this project's, a `+` after it means uncommitted",
        "changes. Seconds are of two cores that other work shared.",
        "",
        "| test | result | seconds | date | commit |",
        "|---|---|---|---|---|",
        *(f"| `{row.test}` | {row.outcome} | {row.seconds} | {row.day} | {row.commit} |" for row in rows),
        "",
        *_measured(rows),
        "| lock file | repository | commit |",
        "|---|---|---|",
        *(f"| `{file}` | {name} | `{sha}` |" for file, name, sha in locks),
    ]
    return "\n".join(lines) + "\n"


def _measured(rows: Sequence[Row]) -> list[str]:
    """What tests had to say, a line each."""
    said = [f"- `{row.test}`: {' '.join(row.measured.split())}" for row in rows if row.measured]
    return ["What they measured:", "", *said, ""] if said else []
