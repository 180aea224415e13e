# SPDX-License-Identifier: MIT
"""Builds the host's package, with the layer as data: helper and checks are libraries of the host too."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
LAYER = ROOT / "meta-huawei-modem"
VERSION = LAYER / "recipes-support" / "huawei-modem" / "files" / "huawei_modem" / "__init__.py"


class BuildWithLayer(build_py):
    """Copies what modem_image.PROJECT has in a clone to modem_image/project."""

    def run(self) -> None:
        super().run()
        project = Path(self.build_lib) / "modem_image" / "project"
        shutil.rmtree(project, ignore_errors=True)
        shutil.copytree(LAYER, project / LAYER.name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        shutil.copy(ROOT / "CHANGELOG.md", project)


found = re.search(r'^__version__ = "(.+)"$', VERSION.read_text(encoding="utf-8"), re.MULTILINE)
assert found  # noqa: S101  the file is ours
setup(version=found[1], cmdclass={"build_py": BuildWithLayer})
