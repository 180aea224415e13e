# SPDX-License-Identifier: MIT
"""What a capture, an archive or a log may cost: 48 MiB on the target, whatever it holds, and one sentence.

The installed command reads each bomb in a process of its own, whose largest size the kernel keeps.
"""

from __future__ import annotations

import gzip
import io
import json
import lzma
import os
import shutil
import subprocess
import sys
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from huawei_modem.transcript import archive, captured, sources
from modem_image import HELPER
from unit.helper.samples import healthy

MOST = 48 << 20
SECONDS = 60
MIB = 1 << 20


def header(kind: bytes, size: int, name: str = "x") -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 512)


def zeros(count: int, head: bytes = b"", fill: bytes = b"\0") -> bytes:
    """`head` and `count` MiB of zeros, packed: made in pieces, so that the test itself is small."""
    target = io.BytesIO()
    with gzip.GzipFile(fileobj=target, mode="wb", compresslevel=1, mtime=0) as packed:
        packed.write(head)
        for _ in range(count):
            packed.write(fill * MIB)
    return target.getvalue()


def pax(record: bytes) -> bytes:
    return header(tarfile.XHDTYPE, len(record)) + padded(record)


def facts_tar(data: bytes) -> bytes:
    return gzip.compress(header(tarfile.REGTYPE, len(data), "facts.json") + padded(data) + bytes(1024), 1)


def xz_that_wants_a_gigabyte() -> bytes:
    """A dictionary of 1.5 GiB in the filter flags, over a block that needs none."""
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 3 << 29}]
    compressor = lzma.LZMACompressor(lzma.FORMAT_XZ, filters=[{**filters[0], "dict_size": 1 << 16}])
    data = bytearray(compressor.compress(b"text\n" * 100) + compressor.flush())
    at = data.index(b"\x21\x01", 12)
    data[at + 2] = 39  # (2 | 39 & 1) << (39 // 2 + 11): 1.5 GiB
    # The CRC of the block's header, which the unpacker checks first.
    size = (data[12] + 1) * 4
    data[12 + size - 4 : 12 + size] = zlib.crc32(bytes(data[12 : 12 + size - 4])).to_bytes(4, "little")
    return bytes(data)


def many_members(count: int) -> bytes:
    one = padded(b"usb 1-1: new high-speed USB device\n")
    members = (header(tarfile.REGTYPE, 35, f"log{number}") + one for number in range(count))
    return gzip.compress(b"".join(members) + bytes(1024), 1)


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "pax header of 64 MiB": (lambda: zeros(64, header(tarfile.XHDTYPE, 64 * MIB)), "header of"),
    "global pax header of 64 MiB": (lambda: zeros(64, header(tarfile.XGLTYPE, 64 * MIB)), "header of"),
    "GNU name of 64 MiB": (lambda: zeros(64, header(tarfile.GNUTYPE_LONGNAME, 64 * MIB)), "header of"),
    "GNU link name of 64 MiB": (
        lambda: zeros(64, header(tarfile.GNUTYPE_LONGLINK, 64 * MIB)),
        "header of",
    ),
    "30,000 pax headers": (lambda: gzip.compress(pax(b"12 path=abc\n") * 30_000, 1), ""),
    "old sparse file": (lambda: gzip.compress(header(tarfile.GNUTYPE_SPARSE, 0) + bytes(1024)), "sparse"),
    "pax sparse map": (
        lambda: gzip.compress(
            pax(b"22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n") + header(b"0", 0) + bytes(1024)
        ),
        "sparse",
    ),
    "empty pax sparse map": (
        lambda: gzip.compress(pax(b"19 GNU.sparse.map=\n") + header(b"0", 0) + bytes(1024)),
        "sparse",
    ),
    "facts.json of 64 MiB": (lambda: zeros(64, header(b"0", 64 * MIB, "facts.json")), "larger than"),
    "facts.json of half a million lists": (lambda: facts_tar(b"[" + b"[]," * 300_000 + b"0]"), "larger than"),
    "facts.json of deep lists": (lambda: facts_tar(b"[" * 15_000), "cannot be read"),
    "facts.json 900 deep": (
        lambda: facts_tar(
            json.dumps({"schema": 1, "facts": {"x": 0}}).replace("0", "[" * 900 + "]" * 900).encode()
        ),
        "missing",
    ),
    "facts.json is a link": (
        lambda: gzip.compress(header(tarfile.LNKTYPE, 0, "facts.json") + bytes(1024)),
        "",
    ),
    "20,000 members": (lambda: many_members(20_000), ""),
    "a member of 64 MiB without an end of line": (lambda: zeros(64, header(b"0", 64 * MIB, "log")), ""),
    "a line of 520 MiB in gzip": (lambda: zeros(520, b"usb 1-1: new\n", b" "), "a line of more than 16 MiB"),
    "20 MiB of ends of lines": (lambda: zeros(20, b"", b"\n"), "lines when it is unpacked"),
    "xz with a dictionary of 1.5 GiB": (xz_that_wants_a_gigabyte, "memory"),
    "xz at its largest preset": (lambda: lzma.compress(os.urandom(1024) * 64, preset=9), "memory"),
    "zstd": (lambda: b"\x28\xb5\x2f\xfd" + bytes(64), "zstd"),
    "a million devices": (
        lambda: "".join(
            f"Bus 001 Device {n % 128:03}: ID {n % 65536:04x}:{n // 16:04x} x\n" for n in range(300_000)
        ).encode(),
        "",
    ),
    "names without end": (lambda: gzip.compress(header(b"0", 8 << 30, "x" * 99) + b"text\n" * 500, 1), ""),
}


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    root = tmp_path_factory.mktemp("helper")
    places = [f"bindir={root}", f"helperdir={root}/lib", f"sysconfdir={root}/etc", f"PYTHON={sys.executable}"]
    subprocess.run(["make", "-sC", str(HELPER), "install-helper", *places], check=True)
    return [str(root / "huawei-modem"), "doctor"]


LAUNCHER = """
import json, os, resource, sys
seconds, *words = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_CPU, (int(seconds),) * 2)
resource.setrlimit(resource.RLIMIT_AS, (1 << 29,) * 2)
process = os.fork()
if not process:
    os.dup2(1, 2)
    os.execv(words[0], words)
_, status, used = os.wait4(process, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_maxrss * 1024]))
"""
"""A process counts the size of the one that it was forked from: so it is forked from a small one."""


def read(command: list[str], path: Path) -> tuple[int, str, int]:
    """Exit status, what was said to the terminal, and the largest size in octets."""
    words = [sys.executable, "-c", LAUNCHER, str(SECONDS), *command, str(path)]
    done = subprocess.run(words, capture_output=True, check=True)
    said, _, last = done.stdout.decode("utf-8", "replace").rstrip("\n").rpartition("\n")
    status, size = json.loads(last)
    return status, said, size


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.slow
def test_no_input_takes_more_than_the_board_has(command: list[str], tmp_path: Path, name: str) -> None:
    make, sentence = BOMBS[name]
    path = tmp_path / "bomb.tar.gz"
    path.write_bytes(make())
    status, said, size = read(command, path)
    assert status in (0, 1, 2), said
    assert "Traceback" not in said and "not foreseen" not in said
    assert sentence in said
    assert size < MOST, f"{size / MIB:.0f} MiB"
    if sentence:
        assert (status, len(said.splitlines())) == (2, 1), said


def test_a_fault_that_nobody_foresaw_is_a_sentence_and_a_file(command: list[str], tmp_path: Path) -> None:
    """The last guard: here the package is broken on purpose."""
    helper = Path(command[0]).parent / "lib/huawei_modem"
    broken = tmp_path / "lib/huawei_modem"
    shutil.copytree(helper, broken)
    with (broken / "status.py").open("a") as program:
        program.write('\ndef to_text(*_given):\n    raise RuntimeError("password=hunter2")\n')
    code = (
        f"import sys; sys.path.insert(0, {str(broken.parent)!r}); "
        "from huawei_modem.cli import main; sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-EsS", "-c", code, "--root", str(tmp_path), "status"],
        capture_output=True,
        text=True,
        env={"TMPDIR": str(tmp_path)},
    )
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (3, "", 1)
    (kept,) = tmp_path.glob("huawei-modem-fault-*.txt")
    assert str(kept) in done.stderr
    assert "RuntimeError" in kept.read_text() and "hunter2" not in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("pack", ["gz", "bz2", "xz", ""])
def test_a_tar_of_logs_is_read_however_it_is_packed(tmp_path: Path, pack: str) -> None:
    (tmp_path / "lsusb.txt").write_text("Bus 001 Device 004: ID 12d1:1f01 Huawei\n")
    long = "very/" * 40 + "long.txt"
    for style in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        with tarfile.open(tmp_path / "logs", f"w:{pack}", format=style) as made:
            made.add(tmp_path / "lsusb.txt", "lsusb.txt")
            made.add(tmp_path / "lsusb.txt", long)
            made.add(tmp_path, "folder", recursive=False)
        found = {name: list(lines) for name, lines in sources.texts(tmp_path / "logs")}
        assert set(found) == {"lsusb.txt", long}
        assert found["lsusb.txt"] == ["Bus 001 Device 004: ID 12d1:1f01 Huawei\n"]


def test_a_packed_log_is_read(tmp_path: Path) -> None:
    for name, pack in (("a.gz", gzip.compress), ("a.xz", lzma.compress)):
        (tmp_path / name).write_bytes(pack(b"one\ntwo\n"))
        ((_name, lines),) = [(name, list(lines)) for name, lines in sources.texts(tmp_path / name)]
        assert lines == ["one\n", "two\n"]


def test_a_folder_with_a_fifo_and_a_link_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "log").write_text("text\n")
    assert [name for name, _lines in sources.texts(tmp_path)] == ["log"]


@pytest.mark.parametrize("cut", range(0, 2000, 97))
def test_a_cut_archive_is_said_to_be_damaged(tmp_path: Path, cut: int) -> None:
    document = json.dumps({"schema": 1, "facts": healthy()}).encode()
    path = tmp_path / "report.tar.gz"
    path.write_bytes(facts_tar(document)[:cut])
    try:
        if captured.is_capture(path):
            captured.read(path)
        else:
            for _name, lines in sources.texts(path):
                list(lines)
    except (captured.CaptureError, sources.SourceError) as err:
        assert str(err).startswith(f"{path}: ")


def test_the_limit_of_headers_lets_real_ones_through(tmp_path: Path) -> None:
    info = tarfile.TarInfo("a")
    info.pax_headers = {"comment": "x" * 60_000}
    with tarfile.open(tmp_path / "a.tar", "w", format=tarfile.PAX_FORMAT) as made:
        made.addfile(info)
    with archive.unpacked(tmp_path / "a.tar") as (stream, head):
        assert archive.is_tar(head)
        assert [name for name, _content in archive.members(stream)] == ["a"]
