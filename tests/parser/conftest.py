# SPDX-License-Identifier: MIT
"""BitBake's parser for a test, closed after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from parser.bitbake import Open, parser


@pytest.fixture
def bitbake(tmp_path: Path) -> Iterator[Open]:
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(parser(tmp_path, **settings))
