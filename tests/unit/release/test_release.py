# SPDX-License-Identifier: MIT
"""A feed: what is published, what is refused, and that a kill at any point leaves the old release whole."""

from __future__ import annotations

import fcntl
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from huawei_modem.running_kernel import module_name
from huawei_modem_check.image import check_image
from huawei_modem_check.rules import required_modules
from modem_image.cli import main
from modem_image.made import MARK
from modem_image.release.feed import Feed
from modem_image.release.notes import changelog_section
from modem_image.release.record import locked_commits
from modem_image.release.together import with_release
from unit.check.images import FOLDER, RELEASE, description, image_files, module_files, tar, with_sums, zimage
from unit.check.test_sources import STATUS
from unit.release.feeds import CHANGELOG, COMMIT, LOCK, image, named, release, shown, sums_hold

pytestmark = pytest.mark.slow


def test_a_release_is_what_the_installer_reads(feed: Path) -> None:
    (found,) = shown(feed)
    assert found.parts[-4:] == ("releases", "1.0", "1.0-Tezi_1.0", "image.json")
    assert check_image(found.parent).findings == ()
    assert sums_hold(feed / "latest")
    (own,) = json.loads((feed / "latest" / "image_list.json").read_text())["images"]
    assert (feed / "latest" / own).samefile(found)


def test_the_installer_shows_the_notes(tmp_path: Path) -> None:
    (tmp_path / "lock.yml").write_text(LOCK)
    assert release(tmp_path / "feed", image(tmp_path, "1.1"), "--lock", tmp_path / "lock.yml") == 0
    (found,) = shown(tmp_path / "feed")
    assert json.loads(found.read_text())["releasenotes"] == "releasenotes.html"
    notes = (found.parent / "releasenotes.html").read_text()
    for line in (
        "stick: a new one with <code>&lt;two&gt;</code> lines",
        f"kernel {RELEASE}",
        f"4 modules for {RELEASE}",
        "no findings",
        f"poky {COMMIT[:12]}",
    ):
        assert f"<li>{line}</li>" in notes


def test_a_release_is_for_everybody_to_read(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        assert release(tmp_path / "feed", image(tmp_path, "1.0")) == 0
    finally:
        os.umask(before)
    modes = {oct(path.stat().st_mode & 0o777) for path in (tmp_path / "feed").rglob("[!.]*")}
    assert modes == {"0o755", "0o644"}


def test_an_image_may_bring_its_own_notes(tmp_path: Path) -> None:
    described = json.dumps(description(version="2", releasenotes="mine.html")).encode()
    path = image(tmp_path, "2", **{"image.json": described, "mine.html": b"<p>mine</p>"})
    assert release(tmp_path / "feed", path) == 0
    (found,) = shown(tmp_path / "feed")
    assert found.read_bytes() == described


def test_a_new_release_takes_over_and_the_old_one_stays(feed: Path, tmp_path: Path) -> None:
    (old,) = shown(feed)
    assert release(feed, image(tmp_path, "1.1")) == 0
    (new,) = shown(feed)
    assert new != old
    assert sums_hold(feed / "releases" / "1.0")
    assert sums_hold(feed / "latest")


@pytest.mark.parametrize("fault", ["kernel", "file"])
def test_a_faulty_image_is_not_published(
    feed: Path, tmp_path: Path, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = image(tmp_path, "1.1")
    if fault == "kernel":
        files = image_files(kernel=zimage("6.1.0-other"), json_changes={"version": "1.1"})
        path.write_bytes(tar({f"{FOLDER}/{name}": data for name, data in files.items()}))
    else:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    before = sorted(feed.rglob("*"))
    assert release(feed, path) == 1
    assert f"nothing was published; {feed} stays as it was" in capsys.readouterr().err
    assert sorted(feed.rglob("*")) == before


def test_the_same_again_changes_nothing(feed: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in feed.rglob("*") if path.is_file()}
    assert release(feed, image(tmp_path, "1.0")) == 0
    assert {path: path.stat().st_mtime_ns for path in feed.rglob("*") if path.is_file()} == before


def test_a_version_never_changes(feed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert release(feed, image(tmp_path, "1.0", extra=b"new")) == 2
    assert "published already, with other content" in capsys.readouterr().err
    assert sums_hold(feed / "latest")


def test_only_so_many_releases_are_kept(feed: Path, tmp_path: Path) -> None:
    for version in ("1.1", "1.2", "1.3"):
        assert release(feed, image(tmp_path, version), "--keep", "2") == 0
    assert Feed(feed).versions() == ["1.2", "1.3"]
    assert Feed(feed).latest() == "1.3"


@pytest.mark.parametrize("version", ["../x", "a/b", ".hidden", "-x", "a'b", ""])
def test_a_version_that_is_no_name_is_refused(tmp_path: Path, version: str) -> None:
    path = image(tmp_path, "1.0")
    described = json.dumps(description(version=version)).encode()
    files = with_sums({**image_files(), "image.json": described})
    path.write_bytes(tar({f"{FOLDER}/{name}": data for name, data in files.items()}))
    assert release(tmp_path / "feed", path) == 2
    assert list((tmp_path / "feed" / "releases").iterdir()) == []


def test_images_of_several_versions_are_refused(tmp_path: Path) -> None:
    images = named(tmp_path, "one", "1.0"), named(tmp_path, "two", "1.1")
    assert release(tmp_path / "feed", *images) == 2
    assert release(tmp_path / "feed", *images, "--version", "9") == 0
    found = shown(tmp_path / "feed")
    assert [json.loads(path.read_text())["version"] for path in found] == ["9", "9"]
    assert all(sums_hold(path.parent) and check_image(path.parent).findings == () for path in found)


def test_that_images_name_another_version_is_said_once() -> None:
    images = [description(name=name, version="1.0") for name in ("one", "two", "three")]
    (report,) = with_release([], [*images, description(name="four", version="2.0")], version="2.0")
    (finding,) = report.findings
    assert "one and 2 more says version 1.0, and the release is 2.0" in finding.title
    assert [seen.text for seen in finding.evidence] == [f"{each['name']}: version 1.0" for each in images]


def test_two_images_of_one_title_are_not_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = named(tmp_path, "one", "1.0"), tmp_path / "two-Tezi_1.0.tar"
    two.write_bytes(one.read_bytes())
    assert release(tmp_path / "feed", one, two) == 1
    said, noted = capsys.readouterr()
    assert f"nothing was published; {tmp_path / 'feed'} has no release" in noted
    assert "release-title-twice" in said
    assert all(re.search(rf"seen: \S*{path.name}: name one, product 0039", said) for path in (one, two)), said
    nand = {"supported_product_ids": ["0099"]}
    assert with_release([], [description(), {**description(), **nand}]) == ()


def test_two_images_that_install_themselves_onto_one_module(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images = [named(tmp_path, name, "1.0", autoinstall=True) for name in ("one", "two")]
    assert release(tmp_path / "feed", *images) == 1
    assert "tezi-autoinstall-ambiguous" in capsys.readouterr().out
    assert not (tmp_path / "feed" / "image_list.json").exists()


def test_another_folder_is_not_taken_for_a_feed(tmp_path: Path) -> None:
    assert release(tmp_path, image(tmp_path, "1.0")) == 2


def test_a_root_file_system_is_not_published(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(tar(module_files()))
    assert release(tmp_path / "feed", path) == 2
    assert "only Easy Installer images are published" in capsys.readouterr().err


def test_two_runs_at_once(feed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (feed / MARK).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert release(feed, image(tmp_path, "1.1")) == 2
    assert "another run is publishing here" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "beside", "taken"),
    [
        ("bench", ["bench.spdx.json", "bench2.spdx.json", "other.spdx.json"], ["bench.spdx.json"]),
        ("bench", ["bench.rootfs.spdx.json", "bench.rootfs.manifest"], ["bench.rootfs.spdx.json"]),
        # As OpenEmbedded names them: an earlier build, and a link to the newest.
        (
            "x.rootfs-20261128120000",
            [f"x.rootfs{time}.spdx.tar.zst" for time in ("-20261127120000", "-20261128120000", "")],
            ["x.rootfs-20261128120000.spdx.tar.zst"],
        ),
        (
            "x.rootfs-20261128120000",
            ["x.rootfs-20261127120000.spdx.tar.zst", "x.rootfs.spdx.tar.zst"],
            ["x.rootfs.spdx.tar.zst"],
        ),
    ],
)
def test_documents_of_the_build_go_along(
    tmp_path: Path, name: str, beside: list[str], taken: list[str]
) -> None:
    path = image(tmp_path, "1.0").rename(tmp_path / f"{name}-Tezi_1.0.tar")
    for document in beside:
        (tmp_path / document).write_text("{}")
    assert release(tmp_path / "feed", path) == 0
    found = {entry.name for entry in (tmp_path / "feed" / "latest").iterdir()}
    assert sorted(found & set(beside)) == taken


def verified(sums: Path) -> bool:
    command = ["gpg", "--batch", "--verify", f"{sums}.asc", sums]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_signature_that_gpg_verifies(tmp_path: Path, key: str) -> None:
    assert release(tmp_path / "feed", image(tmp_path, "1.0"), "--sign", key) == 0
    sums = tmp_path / "feed" / "latest" / "SHA256SUMS"
    assert verified(sums)
    sums.write_bytes(sums.read_bytes() + b"x")
    assert not verified(sums)


def test_a_signature_may_come_later(feed: Path, tmp_path: Path, key: str) -> None:
    sums = feed / "latest" / "SHA256SUMS"
    assert not verified(sums)
    assert release(feed, image(tmp_path, "1.0"), "--sign", key) == 0
    assert verified(sums)


def test_a_key_that_is_not_there_publishes_nothing(feed: Path, tmp_path: Path) -> None:
    assert release(feed, image(tmp_path, "1.1"), "--sign", "absent@example.org") == 2
    assert Feed(feed).versions() == ["1.0"]


# --- What changed -----------------------------------------------------------------------------------


def test_what_changed_between_two_releases(
    feed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = "6.1.1-test"
    rootfs = {**module_files(newer), "./var/lib/dpkg/status": STATUS.replace(b"1.41-2", b"1.42-1")}
    files = image_files(kernel=zimage(newer), rootfs=rootfs, json_changes={"version": "1.1"})
    path = tmp_path / "new.tar"
    path.write_bytes(tar({f"{FOLDER}/{name}": data for name, data in files.items()}))
    lock = tmp_path / "kas.lock.yml"
    lock.write_text(LOCK)
    assert release(feed, path, "--lock", lock, "--diff", "1.0") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[lines.index("from 1.0 to 1.1: 7 changes") + 1 :] == [
        f"  layer poky: added, {COMMIT}",
        f"  kernel zImage: {RELEASE} -> {newer}",
        *(f"  module {name}: {RELEASE} -> {newer}" for name in sorted(map(module_name, required_modules()))),
        "  package connman: 1.41-2 -> 1.42-1",
    ]


def test_what_changed_since_a_release_that_goes(
    feed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert release(feed, image(tmp_path, "1.1"), "--keep", "1", "--diff", "1.0") == 0
    assert "from 1.0 to 1.1:" in capsys.readouterr().out
    assert Feed(feed).versions() == ["1.1"]


def test_a_release_that_is_not_there_keeps_the_new_one_back(feed: Path, tmp_path: Path) -> None:
    assert release(feed, image(tmp_path, "1.1"), "--diff", "0.9") == 2
    assert Feed(feed).versions() == ["1.0"]


def test_a_release_that_is_not_there_has_no_changes(feed: Path) -> None:
    assert main(["release", "--out", str(feed), "--diff", "0.9"]) == 2


def test_the_notes_are_those_of_the_version() -> None:
    assert changelog_section(CHANGELOG, "1.0") == "- first"
    assert changelog_section(CHANGELOG, "7") == "- stick: a new one\n  with `<two>` lines"
    assert changelog_section("", "1.0") == ""
    assert changelog_section("Just *text*.\n", "1.0") == "Just *text*."


def test_the_projects_own_lock_files_are_understood() -> None:
    kas = Path(__file__).resolve().parents[3] / "kas"
    texts = [path.read_text() for path in sorted(kas.rglob("*.lock.yml"))]
    assert texts
    for text in texts:
        assert len(locked_commits([text])) == text.count("commit:")
