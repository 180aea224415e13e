# SPDX-License-Identifier: MIT
"""`modem-image flash`: a stick holds a checked image as a whole, or what it held before."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from huawei_modem_check.image import check_image
from modem_image import PROJECT
from modem_image.cli import main
from modem_image.commands import flash
from unit.check.images import description, image_files, tar, with_sums, zimage
from unit.planted import state


def image(folder: Path, name: str = "bench-Tezi_1.tar", **changes: object) -> Path:
    files = {**image_files(), "image.json": json.dumps(description(**changes)).encode()}
    path = folder / name
    path.write_bytes(tar({f"x/{file}": content for file, content in with_sums(files).items()}))
    return path


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    path = tmp_path / "stick"
    path.mkdir()
    (path / "notes.txt").write_text("mine")
    return path


def put(path: Path, stick: Path) -> int:
    return main(["flash", str(path), "--usb-stick", str(stick)])


def test_the_stick_holds_the_image(tmp_path: Path, stick: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert put(image(tmp_path), stick) == 0
    assert sorted(entry.name for entry in stick.iterdir()) == ["bench-Tezi_1", "notes.txt"]
    assert check_image(stick / "bench-Tezi_1").findings == ()
    assert f"{stick} is not a mount point" in capsys.readouterr().err


def test_a_mounted_stick_is_to_be_unmounted(
    tmp_path: Path, stick: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Path, "is_mount", lambda path: path == stick)
    assert put(image(tmp_path), stick) == 0
    said = capsys.readouterr().err
    assert f"now: umount {stick}" in said
    assert "no mount point" not in said


def test_an_older_copy_is_replaced(tmp_path: Path, stick: Path) -> None:
    assert put(image(tmp_path), stick) == 0
    assert put(image(tmp_path, description="newer"), stick) == 0
    described = json.loads((stick / "bench-Tezi_1" / "image.json").read_text())
    assert described["description"] == "newer"


@pytest.mark.parametrize("theirs", ["beside", "inside"])
def test_what_is_not_ours_is_not_replaced(
    tmp_path: Path, stick: Path, theirs: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = stick / "bench-Tezi_1"
    if theirs == "inside":
        assert put(image(tmp_path), stick) == 0
    folder.mkdir(exist_ok=True)
    (folder / "thesis.odt").write_text("mine")
    before = state(stick)
    assert put(image(tmp_path, description="newer"), stick) == 2
    assert "did not put there; nothing was changed" in capsys.readouterr().err
    assert state(stick) == before


def test_a_faulty_image_leaves_the_stick_as_it_was(tmp_path: Path, stick: Path) -> None:
    path = tmp_path / "bench-Tezi_1.tar"
    files = image_files(kernel=zimage("6.1.0-other"))
    path.write_bytes(tar({f"x/{name}": content for name, content in files.items()}))
    assert put(path, stick) == 1
    assert [entry.name for entry in stick.iterdir()] == ["notes.txt"]


def test_two_images_that_install_themselves_are_refused(
    tmp_path: Path, stick: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert put(image(tmp_path, "one.tar", autoinstall=True), stick) == 0
    assert put(image(tmp_path, "one.tar", autoinstall=True), stick) == 0
    assert put(image(tmp_path, "plain.tar"), stick) == 0
    assert put(image(tmp_path, "two.tar", autoinstall="true"), stick) == 1
    assert "tezi-autoinstall-ambiguous" in capsys.readouterr().out
    assert sorted(entry.name for entry in stick.iterdir()) == ["notes.txt", "one", "plain"]


def test_a_stick_that_gives_back_something_else_is_named(
    tmp_path: Path, stick: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def forgetful(folder: Path) -> None:
        (path,) = folder.glob("*/image.json")
        path.write_bytes(b"x" * path.stat().st_size)

    monkeypatch.setattr(flash, "sync_tree", forgetful)
    assert put(image(tmp_path), stick) == 1
    assert "gives image.json back changed; use another stick" in capsys.readouterr().err
    assert [entry.name for entry in stick.iterdir()] == ["notes.txt"]


def test_no_stick(tmp_path: Path) -> None:
    assert put(image(tmp_path), tmp_path / "absent") == 2


def test_a_stick_that_cannot_be_written(tmp_path: Path, stick: Path) -> None:
    stick.chmod(0o500)
    # Root writes everywhere, unless it lacks the capability for it.
    prefix = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    command = [*prefix, PROJECT / "scripts" / "modem-image", "flash", image(tmp_path), "--usb-stick", stick]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "Permission denied" in done.stderr) == (2, True), done.stderr
    assert [entry.name for entry in stick.iterdir()] == ["notes.txt"]
