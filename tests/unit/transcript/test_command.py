# SPDX-License-Identifier: MIT
"""`modem-image doctor` reads files, folders, archives and standard input, and names what it cannot read."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from huawei_modem import capture
from huawei_modem.mask import Masker
from huawei_modem.transcript import archive as archives
from huawei_modem.transcript import sources
from modem_image import PROJECT, cli
from unit.helper.samples import healthy
from unit.transcript.outline import outline

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


def test_a_folder_is_read_without_what_the_doctor_has_put_there(run: Run, tmp_path: Path) -> None:
    (tmp_path / "lsusb.txt").write_text(DRIVE)
    answers = ["--json", tmp_path / "answer.json", "--html", tmp_path / "answer.html"]
    first = run(tmp_path, *answers)
    second = run(tmp_path, *answers)
    assert first == second
    assert "answer" not in second.stdout.replace(str(tmp_path), "")


def test_the_launcher_starts_it() -> None:
    """Also where a user has made warnings errors, for his own project, or keeps scripts' folders out of the
    path: both ended in a traceback."""
    command = [sys.executable, PROJECT / "scripts/modem-image", "doctor"]
    environment = {**os.environ, "PYTHONWARNINGS": "error", "PYTHONSAFEPATH": "1"}
    done = subprocess.run(command, input=DRIVE, env=environment, capture_output=True, text=True, check=False)
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


def test_a_capture_on_standard_input(tmp_path: Path) -> None:
    capture.write(tmp_path / "report.tar.gz", tmp_path, healthy(), Masker())
    command = [sys.executable, PROJECT / "scripts/modem-image", "doctor", "-"]
    with (tmp_path / "report.tar.gz").open("rb") as stream:
        done = subprocess.run(command, stdin=stream, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("standard-input: ok\n")


class Endless(io.RawIOBase):
    """A pipe from something that never ends."""

    def __init__(self, begins: bytes, goes_on: bytes) -> None:
        super().__init__()
        self._next = begins
        self._goes_on = goes_on

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = (self._next + self._goes_on)[: len(buffer)]
        self._next = b""
        buffer[: len(data)] = data
        return len(data)


@pytest.mark.parametrize(
    ("begins", "goes_on", "said"),
    [
        (b"", bytes(512), "standard input: no text"),
        (DRIVE.encode(), DRIVE.encode() * 9, "standard input: more than "),
        (b"usb 1-1: ", b"x" * 9000, "standard input: a line of more than 16 MiB: no text"),
        (b"\x1f\x8b\x08\x00", bytes(range(256)), "standard input: more than "),
        (b"\xfd7zXZ\0", bytes(range(256)), "standard input: more than "),
    ],
)
def test_standard_input_without_end(
    begins: bytes,
    goes_on: bytes,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(archives, "MOST_UNPACKED", 20 << 20 if goes_on[:1] == b"x" else 1 << 20)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Endless(begins, goes_on))))
    assert cli.main(["doctor", "-"]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("name", ["logs.tar.gz", "messages.1.gz"])
def test_an_archive_that_is_cut_anywhere_is_refused_or_read(run: Run, tmp_path: Path, name: str) -> None:
    data = "".join(f"[{number:5}.000000] usb 1-1: {number * 7919} {DRIVE}" for number in range(400)).encode()
    if "tar" in name:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            member = tarfile.TarInfo("dmesg.txt")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        whole = packed.getvalue()
    else:
        whole = gzip.compress(data)
    for end in (*range(12, len(whole), len(whole) // 9), len(whole) - 4, len(whole)):
        (tmp_path / name).write_bytes(whole[:end])
        done = run(tmp_path / name)
        assert "Traceback" not in done.stderr
        assert done.returncode == 2
        assert name in done.stderr or "insufficient-data" in done.stdout


def test_a_rotated_log_in_a_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "messages.1.gz").write_bytes(gzip.compress(DRIVE.encode()))
    assert "messages.1.gz:1" in run(tmp_path).stdout


def test_a_log_of_powershell(run: Run, tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text(DRIVE, encoding="utf-16")
    assert "stick-in-storage-mode" in run(tmp_path / "log.txt").stdout


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(None, "no such file"), (b"\x7fELF\0\0\0", "no text"), (b"\x1f\x8b\0\0broken", "damaged, or not whole")],
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


def test_control_characters_count_where_they_are_many_and_not_over_the_whole_log() -> None:
    """Noise on a serial line, two in a hundred, in 2.5 MB; and what is no text from its second MB on."""
    noisy = f"{'x' * 97}\x01\x01\n" * 25_000
    assert sum(1 for _line in sources.lines(io.StringIO(noisy))) == 25_000
    with pytest.raises(sources.BinaryError):
        list(sources.lines(io.StringIO("a line\n" * 200_000 + "\x01\x02\x03a\n" * 300_000)))


def test_a_line_without_end_is_cut_and_the_next_is_counted_right(run: Run, tmp_path: Path) -> None:
    (tmp_path / "log").write_text("x" * 300_000 + "\n" + DRIVE)
    report = json.loads(run(tmp_path / "log", "--json", "-").stdout)
    assert report["findings"][0]["evidence"][0]["line"] == 2


TREE = """\
Bus 001 Device 001: ID 1d6b:0002 Linux Foundation 2.0 root hub
Bus 001 Device 002: ID 0424:2514 Standard Microsystems Corp. USB 2.0 Hub
Bus 001 Device 005: ID 12d1:1596 <script>alert(1)</script>
Bus 001 Device 007: ID 046d:c077 Logitech, Inc. M105 Optical Mouse
Bus 002 Device 003: ID 0951:1666 Kingston
/:  Bus 01.Port 1: Dev 1, Class=root_hub, Driver=ci_hdrc/1p, 480M
    |__ Port 1: Dev 2, If 0, Class=Hub, Driver=hub/4p, 480M
        |__ Port 3: Dev 5, If 0, Class=Vendor Specific Class, Driver=option, 480M
        |__ Port 3: Dev 5, If 3, Class=Vendor Specific Class, Driver=, 480M
        |__ Port 4: Dev 7, If 0, Class=Human Interface Device, Driver=usbhid, 1.5M
"""


def test_the_page_draws_the_tree_with_what_is_bound(run: Run, tmp_path: Path) -> None:
    run("--html", tmp_path / "page.html", text=TREE)
    page = (tmp_path / "page.html").read_text()
    lines = outline(page).lines
    places = [line for line in lines if line[2:].startswith(("bus", "port"))]
    assert places == ["1 bus 1", "2 port 1", "3 port 3", "3 port 4"]
    assert lines.index("3 12d1:1596") == lines.index("3 port 3") + 1
    assert lines.index("2 0424:2514") == lines.index("2 port 1") + 1
    assert "1 0951:1666" in lines, "where it is plugged in is not shown"
    assert page.index("where these are plugged in") < page.index("0951:1666")
    assert '<td class="ok">option</td>' in page
    assert '<td class="error">no driver</td>' in page
    assert "net-driver-id-gap" in page


def test_the_page_needs_no_network_and_escapes_what_it_is_given(run: Run, tmp_path: Path) -> None:
    hostile = '"><img src=x onerror=alert(1)>&</pre></style>'
    text = TREE + f'root@b:~# cat /{hostile}.rules\nENV{{OFONO_LABEL}}="{hostile}" 12d1\nAT+CGMI\n{hostile}\n'
    (tmp_path / hostile.replace("/", "_")).write_text(text)
    run(tmp_path / hostile.replace("/", "_"), "--html", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert outline(page).linked == []


def test_the_page_says_what_to_do_first(run: Run, tmp_path: Path) -> None:
    run("--html", tmp_path / "page.html", text=TREE)
    page = (tmp_path / "page.html").read_text()
    assert page.index("Next:") < page.index("net-driver-id-gap")


def test_the_page_of_a_capture(run: Run, tmp_path: Path) -> None:
    capture.write(tmp_path / "report.tar.gz", tmp_path, healthy(), Masker())
    done = run(tmp_path / "report.tar.gz", "--html", tmp_path / "page.html")
    assert done.returncode == 0
    page = (tmp_path / "page.html").read_text()
    assert "Huawei MS2372h (Vodafone)" in page
    assert '<td class="ok">huawei_cdc_ncm</td>' in page
    assert [line for line in outline(page).lines if line[2:].startswith(("bus", "port"))] == [
        "1 bus 1",
        "2 port 1",
    ]
