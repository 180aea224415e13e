# SPDX-License-Identifier: MIT
"""Images and releases as the tests of feeds make them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from modem_image.cli import main
from unit.check.images import FOLDER, description, image_files, module_files, tar, with_sums
from unit.check.test_sources import STATUS

CHANGELOG = "# Changelog\n\n## 1.1\n\n- stick: a new one\n  with `<two>` lines\n\n## 1.0\n\n- first\n"
COMMIT = "1d54d1c4736a114e1cecbe85a0306e3814d5ce70"
LOCK = f"overrides:\n  repos:\n    poky:\n      commit: {COMMIT}\n"


def image(folder: Path, version: str, **changes: bytes) -> Path:
    files = image_files(rootfs={**module_files(), "./var/lib/dpkg/status": STATUS})
    files["image.json"] = json.dumps(description(version=version)).encode()
    path = folder / f"{version}-Tezi_{version}.tar"
    content = with_sums({**files, **changes})
    path.write_bytes(tar({f"{FOLDER}/{name}": data for name, data in content.items()}))
    return path


def release(feed: Path, *arguments: str | Path) -> int:
    changelog = feed.parent / "CHANGELOG.md"
    changelog.write_text(CHANGELOG)
    return main(["release", *map(str, arguments), "--out", str(feed), "--changelog", str(changelog)])


def named(folder: Path, name: str, version: str, **changes: Any) -> Path:
    """An image with another title."""
    described = json.dumps(description(version=version, name=name, **changes)).encode()
    path = image(folder, version, **{"image.json": described})
    return path.rename(folder / f"{name}-Tezi_{version}.tar")


def sums_hold(folder: Path) -> bool:
    command = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    return subprocess.run(command, cwd=folder, check=False).returncode == 0


def shown(feed: Path) -> list[Path]:
    """The image.json files that the feed's list leads to, as the installer resolves them."""
    document = json.loads((feed / "image_list.json").read_text())
    assert document["config_format"] == 1
    return [feed / name for name in document["images"]]
