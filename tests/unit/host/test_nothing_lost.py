# SPDX-License-Identifier: MIT
"""No command removes or changes what it did not make, and a killed one leaves nothing that stays.

A user's files are planted around the outputs of every command that writes or removes; before and after have
to be the same: when it ends well, when it refuses, when it is killed at seeded random points and runs again.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import random
import re
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from modem_image import HELPER, PROJECT, made
from modem_image.cache import IN_USE, Cache
from modem_image.cli import main
from modem_image.errors import InputError
from modem_image.files import write_atomic
from modem_image.yocto import artefacts
from modem_image.yocto.mirror import Source, make_view
from unit.killed import below, run_killed
from unit.planted import OURS, lost, plant, state
from unit.release.test_release import image
from unit.yocto.test_mirror import RUNNER, wanted

pytestmark = pytest.mark.slow

POINTS = 10
_LEFT = re.compile(r"\.modem-image-[0-9a-f]{16}$")


def leftovers(folder: Path, before: object) -> list[str]:
    """Our own working folders that are still there: those not planted."""
    return [
        str(path)
        for path in folder.rglob(".modem-image-*")
        if _LEFT.search(path.name) and str(path) not in before  # type: ignore[operator]
    ]


def release(folder: Path, *images: Path) -> int:
    return main(["release", *map(str, images), "--out", str(folder), "--keep", "1", "--allow-downgrade"])


# --- What ends well, and what refuses ---------------------------------------------------------------


def test_release_beside_hidden_files(tmp_path: Path) -> None:
    feed = tmp_path / "feed"
    before = plant(feed, visible=False)
    assert release(feed, image(tmp_path, "1.0")) == 0
    assert release(feed, image(tmp_path, "1.1")) == 0
    assert release(feed, tmp_path / "absent.tar") == 2
    assert lost(before) == []
    assert [path.name for path in (feed / "releases").iterdir()] == ["1.1"]
    before = plant(feed / "releases")
    assert release(feed, image(tmp_path, "1.2")) == 0
    assert [path for path in lost(before) if "/releases/1.1" not in path] == []


@pytest.mark.parametrize("what", ["files", "releases", "a file", "only hidden files and releases"])
def test_release_into_another_folder_is_refused_before_anything_is_written(
    tmp_path: Path, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    feed = tmp_path / "feed"
    if what == "a file":
        feed.write_text("mine")
    else:
        plant(feed, visible=what == "files")
    if "releases" in what:
        (feed / "releases" / "2019").mkdir(parents=True)
    before = state(tmp_path)
    assert release(feed, tmp_path / "absent.tar") == 2
    assert state(tmp_path) == before
    assert release(feed, image(tmp_path, "1.0")) == 2
    assert not [path for path in lost(before) if path != str(tmp_path)]
    assert "is not a fe" in (said := capsys.readouterr().err) or "is not a folder" in said


@pytest.mark.parametrize("name", ["index.html", "image_list.json", "latest"])
def test_release_does_not_replace_a_page_of_the_user(tmp_path: Path, name: str) -> None:
    feed = tmp_path / "feed"
    assert release(feed, image(tmp_path, "1.0")) == 0
    (feed / name).unlink()
    (feed / name).write_text("mine")
    before = state(feed)
    assert release(feed, image(tmp_path, "1.1")) == 2
    assert state(feed) == before


def test_a_release_with_files_of_the_user_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    feed = tmp_path / "feed"
    assert release(feed, image(tmp_path, "1.0")) == 0
    (feed / "releases" / "1.0" / "approval.pdf").write_text("signed by hand")
    before = state(feed / "releases" / "1.0")
    assert release(feed, image(tmp_path, "1.1")) == 0
    assert state(feed / "releases" / "1.0") == before
    assert "kept: 1.0, for it holds approval.pdf" in capsys.readouterr().err


def test_a_folder_that_is_no_release_is_neither_replaced_nor_removed(tmp_path: Path) -> None:
    feed = tmp_path / "feed"
    assert release(feed, image(tmp_path, "1.0")) == 0
    (feed / "releases" / "1.1").mkdir()
    (feed / "releases" / "1.1" / "thesis.odt").write_text("mine")
    before = state(feed)
    assert release(feed, image(tmp_path, "1.1")) == 2
    assert state(feed) == before


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
    before = plant(out)
    source.mkdir()
    for name in ("a-1.tar", "a-2.tar"):
        (source / name).write_text(name)
    (out / "SHA256SUMS").write_text(f"{'0' * 64}  thesis.odt\n")
    artefacts.publish([source / "a-1.tar"], out)
    assert lost(before) == []
    (out / "a-1.tar").write_text("the user's own by now")
    artefacts.publish([source / "a-2.tar"], out)
    assert (out / "a-1.tar").exists()
    assert lost(before) == []


def test_the_environment_of_the_launcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    launcher = _launcher()
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


def _launcher() -> types.ModuleType:
    loader = importlib.machinery.SourceFileLoader("launcher", str(PROJECT / "scripts" / "modem-image"))
    spec = importlib.util.spec_from_loader("launcher", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


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


# --- The marks --------------------------------------------------------------------------------------


def test_only_marked_folders_are_removed(tmp_path: Path) -> None:
    before = plant(tmp_path / "out")
    for path in (tmp_path / "out").iterdir():
        assert not made.remove_ours(path)
    made.remove_leftovers(tmp_path / "out")
    assert lost(before) == []
    made.put_mark(tmp_path / "out" / "run-mine")
    assert made.remove_ours(tmp_path / "out" / "run-mine")


def test_a_run_that_lives_keeps_its_folder(tmp_path: Path) -> None:
    with made.work_folder(tmp_path) as first:
        (first / "half").write_text("")
        with made.work_folder(tmp_path) as second:
            assert first.exists() and second.exists()
        assert (first / "half").exists()
    assert list(tmp_path.iterdir()) == []


def test_a_killed_runs_folder_goes_with_all_that_it_holds(tmp_path: Path) -> None:
    left = tmp_path / OURS
    (left / "rootfs" / "closed").mkdir(parents=True)
    (left / "rootfs" / "closed" / "file").write_text("")
    (left / "rootfs" / "closed").chmod(0)
    made.put_mark(left)
    made.remove_leftovers(tmp_path)
    assert list(tmp_path.iterdir()) == []


# --- Killed -----------------------------------------------------------------------------------------


def _release_again(folder: Path, images: list[Path]) -> None:
    assert release(folder / "feed", images[0]) == 0
    assert release(folder / "feed", images[1]) == 0


def _flash(folder: Path, images: list[Path]) -> None:
    (folder / "stick").mkdir(exist_ok=True)
    for _again in range(2):
        assert main(["flash", str(images[0]), "--usb-stick", str(folder / "stick")]) == 0


def _cache(folder: Path, images: list[Path]) -> None:
    def fill(entry: Path) -> None:
        (entry / "rootfs").mkdir()
        (entry / "rootfs" / "file").write_text("x" * 1000)

    for number in range(5):
        entry = Cache(folder / "cache").entry("kind", {"number": number}, fill)
        assert (entry / "rootfs" / "file").stat().st_size == 1000
        os.utime(entry, (0, 0))
    Cache(folder / "cache").forget("kind")


def _file(folder: Path, images: list[Path]) -> None:
    write_atomic(folder / "report.json", b"{}" * 1000)


@pytest.mark.parametrize("action", [_release_again, _flash, _cache, _file])
def test_killed_at_random_points(
    tmp_path: Path, action: Callable[[Path, list[Path]], None], capfd: pytest.CaptureFixture[str]
) -> None:
    images = [image(tmp_path, "1.0"), image(tmp_path, "1.1")]
    place = tmp_path / "place"
    before = plant(place) | plant(place / "cache" / "kind") | plant(place / "feed", visible=False)
    before = before | plant(place / "stick")
    counted = below(place)
    status, events = run_killed(lambda: action(place, images), None, counted)
    assert status == 0
    chosen = random.Random(7).sample(range(len(events)), min(POINTS, len(events)))  # noqa: S311  a seed
    for point in chosen:
        run_killed(lambda: action(place, images), point, counted)
        assert lost(before) == [], point
    status, _events = run_killed(lambda: action(place, images), None, counted)
    assert status == 0
    assert lost(before) == []
    assert leftovers(place, before) == []


def test_a_view_of_a_mirror_replaces_no_repository_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "views" / "poky.git").mkdir(parents=True)
    (tmp_path / "views" / "poky.git" / "HEAD").write_text("mine")
    before = state(tmp_path)
    source = Source(wanted("0" * 40), tmp_path, "0" * 40)
    with pytest.raises(InputError, match="was not made by this command"):
        make_view(source, tmp_path / "views", RUNNER)
    assert state(tmp_path) == before
