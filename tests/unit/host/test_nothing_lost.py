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
import signal
import subprocess
import time
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from huawei_modem import outputs
from modem_image import HELPER, PROJECT, made
from modem_image.cache import IN_USE, Cache
from modem_image.cli import main
from modem_image.commands import build
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


def _edit(release: Path) -> Path:
    path = release / "feed.json"
    path.write_text("edited by hand")
    return path


def _edit_and_sum_again(release: Path) -> Path:
    import hashlib

    digest = hashlib.sha256(_edit(release).read_bytes()).hexdigest()
    sums = (release / "SHA256SUMS").read_text().splitlines()
    changed = [f"{digest}  feed.json" if line.endswith("  feed.json") else line for line in sums]
    (release / "SHA256SUMS").write_text("\n".join(changed) + "\n")
    return release / "SHA256SUMS"


def _replace_by_a_link(release: Path) -> Path:
    (release / "feed.json").unlink()
    (release / "feed.json").symlink_to(release.parents[1] / "elsewhere")
    return release / "feed.json"


def _sign_by_hand(release: Path) -> Path:
    (release / "SHA256SUMS.asc").write_text("a signature of the user's own")
    return release / "SHA256SUMS.asc"


def _add_a_folder(release: Path) -> Path:
    (release / "approvals").mkdir()
    return release / "approvals"


@pytest.mark.parametrize(
    "change", [_edit, _edit_and_sum_again, _replace_by_a_link, _sign_by_hand, _add_a_folder]
)
def test_a_release_that_was_changed_is_kept(
    tmp_path: Path, change: Callable[[Path], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    feed = tmp_path / "feed"
    assert release(feed, image(tmp_path, "1.0")) == 0
    path = change(feed / "releases" / "1.0")
    before = state(feed / "releases" / "1.0")
    assert release(feed, image(tmp_path, "1.1")) == 0
    assert state(feed / "releases" / "1.0") == before
    assert f"kept: 1.0, for it holds {path.name}" in capsys.readouterr().err


def test_a_feed_of_an_earlier_version_is_pruned_by_its_checksums(tmp_path: Path) -> None:
    feed = tmp_path / "feed"
    assert release(feed, image(tmp_path, "1.0")) == 0
    made.put_mark(feed)
    assert release(feed, image(tmp_path, "1.1")) == 0
    assert [path.name for path in (feed / "releases").iterdir()] == ["1.1"]


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


def test_a_finished_folder_with_a_users_file_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, change in enumerate(("none", "a file", "an edit", "a folder below")):
        folder = tmp_path / f"run-{number}"
        (folder / "inside").mkdir(parents=True)
        (folder / "inside" / "log").write_text("made here")
        made.seal(folder)
        if change == "a file":
            (folder / "notes.txt").write_text("mine")
        if change == "an edit":
            (folder / "inside" / "log").write_text("made here, edited")
        if change == "a folder below":
            (folder / "inside" / "mine").mkdir()
        before = state(folder)
        assert made.remove_ours(folder) is (change == "none"), change
        if change != "none":
            assert state(folder) == before
            assert "stays: it was made here, and something in it was changed" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["", "release", "release/image"])
def test_what_a_user_puts_into_a_killed_runs_folder_stays(tmp_path: Path, place: str) -> None:
    def killed() -> None:
        with made.work_folder(tmp_path, ("release",)) as work:
            (work / "release" / "image").mkdir(parents=True)
            (work / "release" / "image" / "half").write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)

    run_killed(killed, None, below(tmp_path))
    (left,) = tmp_path.iterdir()
    # What lies deeper than the first level tells by its time: within a second it could be the run's own.
    (mark,) = (path for path in left.iterdir() if path.name == made.MARK)
    if place:
        os.utime(mark, (mark.stat().st_mtime - 3,) * 2)
    (left / place / "thesis.odt").write_text("mine")
    before = state(left)
    made.remove_leftovers(tmp_path)
    assert state(left) == before
    (left / place / "thesis.odt").unlink()
    if not place:
        made.remove_leftovers(tmp_path)
        assert list(tmp_path.iterdir()) == []


def test_a_run_that_lives_touches_its_mark(tmp_path: Path) -> None:
    with made.work_folder(tmp_path) as work:
        os.utime(work / made.MARK, (0, 0))
        for _try in range(100):
            if (work / made.MARK).stat().st_mtime > 0:
                break
            time.sleep(0.05)
        assert (work / made.MARK).stat().st_mtime > 0


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


def _hand_out(folder: Path, images: list[Path]) -> None:
    """What `build` leaves, for the bench and for kas."""
    for packed in images:
        build.publish(packed, folder / "bench")
        artefacts.publish([packed], folder / "out")


def _result(folder: Path, images: list[Path]) -> None:
    for _again in range(2):
        outputs.write(folder / "result.json", b'{"schema": 1, "tool": "x", "verdict": "ok"}', outputs.is_json)


def _environment(folder: Path, images: list[Path]) -> None:
    launcher = _launcher()
    vars(launcher).update(PROJECT=folder, VENV=folder / ".venv-of-ours", fill_environment=_filled)
    for _again in range(2):
        assert launcher.create_environment() == 0


def _filled(partial: Path) -> int:
    (partial / "bin").mkdir(parents=True)
    (partial / "bin" / "activate").write_text("made here")
    return 0


@pytest.mark.parametrize("action", [_release_again, _flash, _cache, _file, _hand_out, _result, _environment])
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


def test_a_view_of_a_mirror_with_a_users_file_stays(tmp_path: Path) -> None:
    clone = tmp_path / "poky"
    subprocess.run(["git", "init", "--quiet", str(clone)], check=True)
    git = ["git", "-C", str(clone), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", "a"], check=True)
    commit = subprocess.run(
        [*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    source = Source(wanted(commit), clone / ".git", commit)
    view = make_view(source, tmp_path / "views", RUNNER)
    assert make_view(source, tmp_path / "views", RUNNER) == view
    (view / made.MARK).write_text("in the making\n")  # killed
    assert make_view(source, tmp_path / "views", RUNNER) == view
    time.sleep(0.02)  # the clock of files has steps of some milliseconds
    (view / "hooks" / "thesis.odt").parent.mkdir(exist_ok=True)
    (view / "hooks" / "thesis.odt").write_text("mine")
    before = state(view)
    with pytest.raises(InputError, match="was not made by this command"):
        make_view(source, tmp_path / "views", RUNNER)
    assert state(view) == before


def test_a_view_of_a_mirror_replaces_no_repository_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "views" / "poky.git").mkdir(parents=True)
    (tmp_path / "views" / "poky.git" / "HEAD").write_text("mine")
    before = state(tmp_path)
    source = Source(wanted("0" * 40), tmp_path, "0" * 40)
    with pytest.raises(InputError, match="was not made by this command"):
        make_view(source, tmp_path / "views", RUNNER)
    assert state(tmp_path) == before
