# SPDX-License-Identifier: MIT
"""`modem-image doctor` reads files, folders, archives and standard input, and names what it cannot read."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from huawei_modem import capture
from huawei_modem.mask import Masker
from modem_image import PROJECT, cli
from unit.helper.samples import healthy

SWITCHED = "Bus 001 Device 005: ID 12d1:1506 Huawei Technologies Co., Ltd.\n"
DRIVE = "Bus 001 Device 005: ID 12d1:1f01 Huawei Technologies Co., Ltd.\n"


class Done(NamedTuple):
    """What a run of the command left."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def call(*arguments: str | Path, text: str = "") -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        status = cli.main(["doctor", *map(str, arguments)])
        return Done(status, *capsys.readouterr())

    return call


def test_the_launcher_starts_it() -> None:
    command = [sys.executable, PROJECT / "scripts/modem-image", "doctor"]
    done = subprocess.run(command, input=DRIVE, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")


def test_pasted_text(run: Run) -> None:
    done = run(text=f"my stick:\n{DRIVE}")
    assert done.returncode == 1
    assert "recognised: lsusb: paste:2" in done.stdout
    assert "error: stick-in-storage-mode" in done.stdout
    assert "standard input: fault" in done.stdout


def test_a_file_with_bytes_that_are_no_text(run: Run, tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_bytes(b"caf\xe9\n" + DRIVE.encode())
    done = run(tmp_path / "log.txt", "--json", "-")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["findings"][0]["evidence"][0] == {"source": "log.txt", "line": 2, "text": DRIVE.strip()}


def test_a_folder_of_files_named_after_commands(run: Run, tmp_path: Path) -> None:
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
def test_an_archive(run: Run, tmp_path: Path, name: str) -> None:
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
def test_what_cannot_be_read_is_named(
    run: Run, tmp_path: Path, content: bytes | None, complaint: str
) -> None:
    path = tmp_path / "logs.tar.gz"
    if content is not None:
        path.write_bytes(content)
    done = run(path)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_a_line_without_end_is_cut_and_the_next_is_counted_right(run: Run, tmp_path: Path) -> None:
    (tmp_path / "log").write_text("x" * 300_000 + "\n" + DRIVE)
    report = json.loads(run(tmp_path / "log", "--json", "-").stdout)
    assert report["findings"][0]["evidence"][0]["line"] == 2


def test_the_page_shows_what_is_bound_and_escapes_what_it_is_given(run: Run, tmp_path: Path) -> None:
    text = """\
Bus 001 Device 005: ID 12d1:1596 <script>alert(1)</script>
/:  Bus 01.Port 1: Dev 1, Class=root_hub, Driver=ci_hdrc/1p, 480M
    |__ Port 1: Dev 5, If 0, Class=Vendor Specific Class, Driver=option, 480M
    |__ Port 1: Dev 5, If 3, Class=Vendor Specific Class, Driver=, 480M
"""
    run("--html", tmp_path / "page.html", text=text)
    page = (tmp_path / "page.html").read_text()
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert '<td class="ok">option</td>' in page
    assert '<td class="error">no driver</td>' in page
    assert "net-driver-id-gap" in page


def test_the_page_of_a_capture(run: Run, tmp_path: Path) -> None:
    capture.write(tmp_path / "report.tar.gz", tmp_path, healthy(), Masker())
    done = run(tmp_path / "report.tar.gz", "--html", tmp_path / "page.html")
    assert done.returncode == 0
    page = (tmp_path / "page.html").read_text()
    assert "Huawei MS2372h (Vodafone)" in page
    assert '<td class="ok">huawei_cdc_ncm</td>' in page
