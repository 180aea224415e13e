# SPDX-License-Identifier: MIT
"""What `bitbake -g` leaves in the build folder: every task that a build would run, from nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from modem_image.errors import FaultError

FILES = ("pn-buildlist", "task-depends.dot")

# As cooker.py writes a task: "recipe.do_task" [label="..."]; the dependencies have an arrow.
_TASK = re.compile(r'^"(?P<recipe>[^"]+)\.(?P<task>do_\w+)" \[label=', re.MULTILINE)


@dataclass(frozen=True)
class Graph:
    """The tasks of a build, each as its recipe's name and its own."""

    tasks: frozenset[tuple[str, str]]

    @property
    def recipes(self) -> frozenset[str]:
        """The recipes that have a task."""
        return frozenset(recipe for recipe, _task in self.tasks)


def parse(text: str) -> Graph:
    """The graph of the text of task-depends.dot."""
    return Graph(frozenset((match["recipe"], match["task"]) for match in _TASK.finditer(text)))


def read(build: Path, image: str) -> Graph:
    """The graph of the image recipe `image`, which bitbake has just made in the folder `build`.

    Raises FaultError when there is none, or the image is not in it.
    """
    path = build / "task-depends.dot"
    graph = parse(path.read_text(errors="replace")) if path.is_file() else Graph(frozenset())
    if (image, "do_build") not in graph.tasks:
        raise FaultError(f"{path}: bitbake ended well, and the graph of {image} is not there")
    return graph
