# SPDX-License-Identifier: MIT
"""A feed keeps what a user put into it or changed: releases, pages, folders and files of any name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modem_image import made
from modem_image.cli import main
from modem_image.release import publish
from unit.planted import lost, plant, state
from unit.release.feeds import image

pytestmark = pytest.mark.slow


def release(folder: Path, *images: Path) -> int:
    return main(["release", *map(str, images), "--out", str(folder), "--keep", "1", "--allow-downgrade"])


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


@pytest.mark.parametrize("name", ["index.html", "image_list.json", "latest"])
def test_release_does_not_replace_what_comes_while_it_works(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = tmp_path / "feed"
    copy_checked = publish.copy_checked

    def late(*args: Any) -> Any:
        (feed / name).write_text("mine")
        return copy_checked(*args)

    monkeypatch.setattr(publish, "copy_checked", late)
    assert release(feed, image(tmp_path, "1.0")) == 2
    assert (feed / name).read_text() == "mine"
    assert list((feed / "releases").iterdir()) == []


def test_a_file_with_the_mark_s_name_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    feed = tmp_path / "feed"
    feed.mkdir()
    (feed / made.MARK).write_text("mine")
    assert release(feed, image(tmp_path, "1.0")) == 2
    assert "is not a mark that this command made" in capsys.readouterr().err
    with pytest.raises(FileExistsError):
        made.put_mark(feed)
    assert (feed / made.MARK).read_text() == "mine"


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


def test_a_folder_that_is_no_release_is_neither_replaced_nor_removed(tmp_path: Path) -> None:
    feed = tmp_path / "feed"
    assert release(feed, image(tmp_path, "1.0")) == 0
    (feed / "releases" / "1.1").mkdir()
    (feed / "releases" / "1.1" / "thesis.odt").write_text("mine")
    before = state(feed)
    assert release(feed, image(tmp_path, "1.1")) == 2
    assert state(feed) == before
