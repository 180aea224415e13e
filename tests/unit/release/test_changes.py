# SPDX-License-Identifier: MIT
"""What changed between two releases: every kind of change, and nothing that is none.

GNU tar makes the archives, in its own orders and with its own times: the same tree packed twice
has no change.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from modem_image.cli import main
from modem_image.release.changes import Snapshot, differences
from modem_image.release.contents import entries
from modem_image.release.versions import is_older
from unit.check.images import TREE, boot_files, description, device_tree, image_files, module_files, packed
from unit.check.images import tar as plain_tar
from unit.release.feeds import image, release


def pack(folder: Path, *options: str) -> Path:
    archive = folder.with_suffix(".tar.xz")
    subprocess.run(["tar", "-C", folder, *options, "-cJf", archive, "."], check=True)
    return archive


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    for name in ("etc/passwd", "usr/bin/tool", "lib/modules/6.1/kernel/option.ko", "a"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    os.link(root / "a", root / "b")
    (root / "usr/bin/sh").symlink_to("tool")
    return root


def changes(before: dict[str, str], after: dict[str, str]) -> list[str]:
    image = {"kernels": {}, "modules": {}, "packages": {}, "config": {}, "files": {}, "description": {}}
    record = {"layers": {}, "images": {"i": image}}
    found = differences(Snapshot(record, {"i": {"r.tar": before}}), Snapshot(record, {"i": {"r.tar": after}}))
    return [str(change) for change in found]


def test_the_same_tree_packed_otherwise_has_no_change(tree: Path) -> None:
    before = entries(pack(tree, "--sort=name"))
    for path in tree.rglob("*"):
        os.utime(path, (1, 1), follow_symlinks=False)
    after = entries(pack(tree, "--sort=inode", "--format=pax", "--transform=s,^b,./b,"))
    assert len(before) == len([tree, *tree.rglob("*")])
    assert changes(before, after) == []


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda root: (root / "etc/passwd").write_text("x"), "file etc/passwd: content, 10 -> 1 bytes"),
        (lambda root: (root / "etc/passwd").write_text("etc/passwx"), "file etc/passwd: content"),
        (lambda root: (root / "etc/passwd").chmod(0o4711), "file etc/passwd: mode 644 -> 4711"),
        (lambda root: (root / "etc/new").mkdir(0o755), "file etc/new: added"),
        (lambda root: (root / "usr/bin/tool").unlink(), "file usr/bin/tool: removed"),
        (
            lambda root: ((root / "usr/bin/sh").unlink(), (root / "usr/bin/sh").symlink_to("dash")),
            "file usr/bin/sh: -> tool, now -> dash",
        ),
        (
            lambda root: (root / "lib/modules/6.1/kernel/option.ko").write_text("x"),
            "module option: content, 32 -> 1 bytes",
        ),
        (lambda root: (root / "lib/modules/6.1").rename(root / "lib/modules/6.2"), None),
    ],
)
def test_a_change_of_the_tree(tree: Path, change: Callable[[Path], object], line: str | None) -> None:
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)
    before = entries(pack(tree))
    change(tree)
    assert changes(before, entries(pack(tree))) == ([line] if line else [])


def test_a_damaged_archive_of_odd_members_is_still_listed(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w") as archive:
        for name, kind in (("dev/null", tarfile.CHRTYPE), ("fifo", tarfile.FIFOTYPE)):
            member = tarfile.TarInfo(name)
            member.type = kind
            archive.addfile(member)
        archive.addfile(tarfile.TarInfo("caf\udce9"), io.BytesIO())
    listed = entries(path)
    assert set(listed) == {"dev/null", "fifo", "caf\\xe9"}
    json.dumps(listed).encode()


def test_a_release_knows_what_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """U-Boot, a device tree, a file, a package, image.json: each once, in text, JSON and on the page."""
    feed = tmp_path / "feed"
    assert release(feed, image(tmp_path, "1.0", **{"u-boot.imx": b"old"})) == 0
    rootfs = {**module_files(), "./etc/issue": b"new"}
    other = device_tree("toradex,colibri-imx7d-emmc")
    boot = {**boot_files(), f"./{TREE}": other, "./overlays.txt": b"x"}
    files = image_files(rootfs=rootfs)
    files["bench.bootfs.tar.xz"] = packed(plain_tar(boot), "x.tar.xz")
    described = description(version="1.1", description="Other words")
    files |= {"image.json": json.dumps(described).encode(), "u-boot.imx": b"new"}
    path = tmp_path / "1.1-Tezi_1.1.tar"
    path.write_bytes(plain_tar({f"x/{name}": data for name, data in files.items()}))
    capsys.readouterr()
    result = tmp_path / "result.json"
    assert main(["release", str(path), "--out", str(feed), "--diff", "1.0", "--json", str(result)]) == 0
    lines = capsys.readouterr().out.splitlines()
    expected = [
        f"device tree {TREE}: content, {len(device_tree())} -> {len(other)} bytes",
        "device tree overlays.txt: added",
        "file etc/issue: added",
        "image file u-boot.imx: content",
        "package connman: removed, was 1.41-2",
        "setting description: For tests -> Other words",
    ]
    found = [line.strip() for line in lines if line.startswith("  ")]
    assert [line for line in expected if line not in found] == []
    kept = json.loads((feed / "latest" / "diff.json").read_text())
    assert (kept["from"], kept["to"]) == ("1.0", "1.1")
    assert [f"{c['kind']} {c['name']}: {c['detail']}" for c in kept["changes"]] == found
    assert json.loads(result.read_text())["facts"]["changes"] == kept["changes"]
    page = (feed / "index.html").read_text()
    for change in kept["changes"]:
        assert f"<code>{change['name']}</code>" in page
    notes = next((feed / "latest").glob("*/releasenotes.html")).read_text()
    assert "image file u-boot.imx: content" in notes


def test_without_a_changelog_the_notes_are_not_ours(tmp_path: Path) -> None:
    feed = tmp_path / "feed"
    assert main(["release", str(image(tmp_path, "1.0")), "--out", str(feed)]) == 0
    page = (feed / "index.html").read_text()
    assert "The first release of this feed" in page
    assert "bench" not in (next((feed / "latest").glob("*/releasenotes.html"))).read_text()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("{", "cannot be read"),
        ("[]", "is not of schema 1"),
        ('{"schema": 1, "version": "1.0"}', "is damaged"),
        ('{"schema": 1, "version": "1.0", "layers": {}, "images": {"\\u001b": 3}}', "is damaged"),
        ("[" * 100_000, "cannot be read"),
    ],
)
@pytest.mark.slow
def test_a_damaged_record(tmp_path: Path, damage: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    feed = tmp_path / "feed"
    assert release(feed, image(tmp_path, "1.0")) == 0
    (feed / "releases" / "1.0" / "release.json").write_text(damage)
    assert main(["release", "--out", str(feed), "--diff", "1.0"]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("1.0", "1.1"),
        ("1.9", "1.10"),
        ("1.2.0-rc1", "1.2.0"),
        ("1.2.0-rc.2", "1.2.0-rc.10"),
        ("1.2.0~beta1", "1.2.0"),
        ("1.2", "1.2.1"),
        ("v1.2", "v2.0"),
        ("20261128", "20261129"),
        ("2026.11.28", "2026.12.1"),
        ("1.0-2", "1.0-10"),
        ("1.0.0", "1.0.1-rc1"),
    ],
)
def test_the_order_of_versions(older: str, newer: str) -> None:
    assert is_older(older, newer)
    assert not is_older(newer, older)
    assert not is_older(older, older)


@pytest.mark.parametrize(
    ("one", "other"), [("1d54d1c", "9e1c2ab"), ("1.0", "1d54d1c"), ("main", "1.0"), ("1.0+5", "1.0+6")]
)
def test_versions_without_an_order(one: str, other: str) -> None:
    assert not is_older(one, other)
    assert not is_older(other, one)
