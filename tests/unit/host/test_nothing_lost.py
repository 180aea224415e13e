# SPDX-License-Identifier: MIT
"""No command removes or changes what it did not make.

A user's files are planted around the outputs of every command that writes or removes; before and after have
to be the same, when it ends well and when it refuses. Commands that are killed: test_killed.py; feeds:
release/test_nothing_lost.py.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from modem_image import HELPER, PROJECT
from modem_image.cache import IN_USE, Cache
from modem_image.cli import main
from modem_image.errors import InputError
from modem_image.yocto import artefacts
from unit.launcher import load_launcher
from unit.planted import lost, plant, state
from unit.release.feeds import image

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["image.json", "thesis.odt"])
def test_an_image_on_a_stick_that_was_changed_is_kept(tmp_path: Path, name: str) -> None:
    stick, packed = tmp_path / "stick", image(tmp_path, "1.0")
    stick.mkdir()
    assert main(["flash", str(packed), "--usb-stick", str(stick)]) == 0
    (folder,) = (path for path in stick.iterdir() if path.is_dir())
    (folder / name).write_text("{}")
    before = state(stick)
    assert main(["flash", str(packed), "--usb-stick", str(stick)]) == 2
    assert state(stick) == before


def test_a_stick(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    before = plant(stick)
    for _again in range(2):
        assert main(["flash", str(image(tmp_path, "1.0")), "--usb-stick", str(stick)]) == 0
    assert main(["flash", str(tmp_path / "absent.tar"), "--usb-stick", str(stick)]) == 2
    assert lost(before) == []


@pytest.mark.parametrize("option", ["--json", "--junit", "--html"])
def test_results_beside_other_files(tmp_path: Path, option: str) -> None:
    before = plant(tmp_path / "out")
    target = tmp_path / "out" / "result"
    assert main(["check", str(image(tmp_path, "1.0")), option, str(target)]) == 0
    assert target.stat().st_size
    assert lost(before) == []


def test_a_cache_in_a_folder_of_the_user(tmp_path: Path) -> None:
    root = tmp_path / "folder"
    before = plant(root) | plant(root / "image")
    (root / "image" / "0123456789abcdef01234567").mkdir()
    (root / "image" / "0123456789abcdef01234567" / "thesis.odt").write_text("mine")
    before = before | state(root / "image")
    for path in root.rglob("*"):
        os.utime(path, (0, 0), follow_symlinks=False)
    cache = Cache(root)
    for number in range(6):
        entry = cache.entry("image", {"number": number}, lambda folder: None)
        os.utime(entry, (0, IN_USE))
    cache.forget("image")
    assert not entry.exists()
    assert lost(before) == []


def test_what_a_build_hands_out(tmp_path: Path) -> None:
    out, source = tmp_path / "out", tmp_path / "deploy"
    source.mkdir()
    for name in ("a-1.tar", "a-2.tar"):
        (source / name).write_text(name)
    plant(out)
    (out / "SHA256SUMS").write_text(f"{'0' * 64}  thesis.odt\n")
    before = state(out)
    with pytest.raises(InputError, match="SHA256SUMS: not put there by this command"):
        artefacts.publish([source / "a-1.tar"], out)
    assert lost(before) == []
    (out / "SHA256SUMS").unlink()
    before = state(out)
    artefacts.publish([source / "a-1.tar"], out)
    artefacts.publish([source / "a-1.tar"], out)
    (out / "a-1.tar").write_text("the user's own by now")
    with pytest.raises(InputError, match=r"a-1\.tar: not put there"):
        artefacts.publish([source / "a-1.tar"], out)
    artefacts.publish([source / "a-2.tar"], out)
    assert (out / "a-1.tar").read_text() == "the user's own by now"
    (out / "SHA256SUMS").write_text("edited")
    with pytest.raises(InputError, match="SHA256SUMS: not put there"):
        artefacts.publish([source / "a-2.tar"], out)
    assert [path for path in lost(before) if path != str(out)] == []


def test_the_environment_of_the_launcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    launcher = load_launcher()
    monkeypatch.setattr(launcher, "PROJECT", tmp_path)
    monkeypatch.setattr(launcher, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(launcher, "fill_environment", lambda partial: partial.mkdir() or 0)
    before = plant(tmp_path / "checkout")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "thesis.odt").write_text("mine")
    assert launcher.create_environment() == 3
    assert (tmp_path / ".venv" / "thesis.odt").exists()
    (tmp_path / ".venv").rename(tmp_path / "moved")
    assert launcher.create_environment() == 0
    assert launcher.create_environment() == 0
    assert lost(before) == []


_REMOVES = re.compile(r"rmtree\(|\.unlink\(|\.rmdir\(|os\.remove\(|\"rm\"")


def test_every_place_that_removes_is_listed() -> None:
    """In docs/dev/architecture.md, which says how each knows that it is ours to remove."""
    table = (PROJECT / "docs/dev/architecture.md").read_text().partition("## What is removed")[2]
    listed = set(
        re.findall(r"`((?:scripts|modem_image|huawei_modem)/[\w/.-]+)`", table.partition("\n## ")[0])
    )
    roots = (PROJECT / "scripts" / "modem_image", HELPER / "huawei_modem")
    removing = {
        str(path.relative_to(root.parent))
        for root in roots
        for path in root.rglob("*.py")
        if _REMOVES.search(path.read_text())
    }
    assert listed == removing | {"scripts/modem-image"}
