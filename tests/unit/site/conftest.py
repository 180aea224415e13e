# SPDX-License-Identifier: MIT
"""The site on a web server, opened in chromium once for each file of tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from modem_image.cache import Cache, cache_root
from modem_image.site import pyodide
from modem_image.site.write import write
from unit.site.asked import SUBPATH, running
from unit.tab import Tab, opened


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A web server's folder, with the site somewhere below it."""
    folder = tmp_path_factory.mktemp("www")
    (folder / SUBPATH).parent.mkdir(parents=True)
    write(folder / SUBPATH, pyodide.files(Cache(cache_root()), None))
    return folder


@pytest.fixture(scope="module")
def served(root: Path) -> Iterator[str]:
    with running(root) as server:
        yield f"http://127.0.0.1:{server.server_address[1]}/{SUBPATH}/"


@pytest.fixture(scope="module")
def page(served: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with opened(tmp_path_factory.mktemp("chromium")) as tab:
        tab.open(served)
        yield tab
