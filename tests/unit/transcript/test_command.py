# SPDX-License-Identifier: MIT
"""`modem-image doctor` reads files, folders, archives and standard input, and names what it cannot read."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from modem_image import PROJECT

SWITCHED = "Bus 001 Device 005: ID 12d1:1506 Huawei Technologies Co., Ltd.\n"
DRIVE = "Bus 001 Device 005: ID 12d1:1f01 Huawei Technologies Co., Ltd.\n"


def run(*arguments: str | Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, PROJECT / "scripts/modem-image", "doctor", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def test_pasted_text() -> None:
    done = run(text=f"my stick:\n{DRIVE}")
    assert done.returncode == 1
    assert "recognised: lsusb: paste:2" in done.stdout
    assert "error: stick-in-storage-mode" in done.stdout
    assert "standard input: fault" in done.stdout


def test_a_file_with_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_bytes(b"caf\xe9\n" + DRIVE.encode())
    done = run(tmp_path / "log.txt", "--json", "-")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["findings"][0]["evidence"][0] == {"source": "log.txt", "line": 2, "text": DRIVE.strip()}


def test_a_folder_of_files_named_after_commands(tmp_path: Path) -> None:
    (tmp_path / "lsusb.txt").write_text(SWITCHED)
    (tmp_path / "uname-r.txt").write_text("6.1.55-7.0\n")
    (tmp_path / "ls_lib").mkdir()
    (tmp_path / "image.bin").write_bytes(b"\0\1\2")
    done = run(tmp_path, "--json", "-")
    assert done.returncode == 2
    report = json.loads(done.stdout)
    assert report["verdict"] == "insufficient-data"
    assert report["facts"]["states"][0]["kernel"] == "6.1.55-7.0"
    assert {part["source"] for part in report["facts"]["recognised"]} == {"lsusb.txt", "uname-r.txt"}


@pytest.mark.parametrize("name", ["logs.tar", "logs.tar.gz"])
def test_an_archive(tmp_path: Path, name: str) -> None:
    with tarfile.open(tmp_path / name, "w:gz" if name.endswith("gz") else "w") as archive:
        member = tarfile.TarInfo("capture/lsusb.txt")
        member.size = len(DRIVE)
        archive.addfile(member, io.BytesIO(DRIVE.encode()))
    done = run(tmp_path / name)
    assert done.returncode == 1
    assert "capture/lsusb.txt:1" in done.stdout


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(None, "no such file"), (b"\x7fELF\0\0\0", "no text"), (b"\x1f\x8b\0\0broken", "a damaged archive")],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, content: bytes | None, complaint: str) -> None:
    path = tmp_path / "logs.tar.gz"
    if content is not None:
        path.write_bytes(content)
    done = run(path)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_a_line_without_end_is_cut_and_the_next_is_counted_right(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("x" * 300_000 + "\n" + DRIVE)
    report = json.loads(run(tmp_path / "log", "--json", "-").stdout)
    assert report["findings"][0]["evidence"][0]["line"] == 2
