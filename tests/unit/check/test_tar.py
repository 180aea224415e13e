# SPDX-License-Identifier: MIT
"""The walk through a tar archive beside tarfile's, on archives by GNU tar and by tarfile, and on damage."""

from __future__ import annotations

import io
import itertools
import os
import random
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huawei_modem_check import tar
from huawei_modem_check.streams import ArchiveError

Found = list[tuple[str, bytes, str, bytes]]
KINDS = {tarfile.AREGTYPE: tar.FILE, tarfile.CONTTYPE: tar.FILE, tarfile.GNUTYPE_SPARSE: tar.FILE}
FORMATS = ("v7", "oldgnu", "gnu", "ustar", "posix")
LONG = "/".join(["a-folder-of-a-rather-long-name"] * 6)
MIB = 1 << 20


class Slow:
    """Gives a few bytes at a time, as a pipe may."""

    def __init__(self, data: bytes, piece: int) -> None:
        self._data = io.BytesIO(data)
        self._piece = piece

    def readinto(self, buffer: memoryview, /) -> int:
        return self._data.readinto(buffer[: self._piece])


def walked(data: bytes, piece: int = MIB) -> Found:
    return [
        (member.name.rstrip("/"), member.kind, member.target, content.read(1 << 30))
        for member, content in tar.walk(tar.Window(Slow(data, piece)))
    ]


def by_tarfile(data: bytes) -> Found:
    found = []
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for entry in archive:
            content = archive.extractfile(entry) if entry.isreg() else None
            target = entry.linkname if entry.issym() or entry.islnk() else ""
            kind = KINDS.get(entry.type, entry.type)
            found.append((entry.name, kind, target, content.read() if content else b""))
    return found


def by_gnu_tar(folder: Path, *options: str) -> bytes:
    command = ["tar", "--sort=name", "-C", folder, *options, "-cf", "-", "."]
    return subprocess.run(command, check=True, capture_output=True).stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of many sizes, links of both kinds, names that need a header of their own."""
    root = tmp_path_factory.mktemp("tree")
    for size in (0, 1, 511, 512, 513, 70_000, 3 * MIB):
        (root / f"file-{size}").write_bytes(random.Random(size).randbytes(size))  # noqa: S311  repeatable
    (root / "folder").mkdir()
    (root / "folder" / "ü").write_text("a name beyond ASCII")
    (root / "soft").symlink_to("folder/ü")
    (root / "hard").hardlink_to(root / "file-513")
    return root


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_of_gnu_tar(folder: Path, form: str) -> None:
    data = by_gnu_tar(folder, f"--format={form}")
    assert walked(data) == by_tarfile(data)
    assert walked(data, 700) == by_tarfile(data)


def test_a_pipe_in_an_archive(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert walked(by_gnu_tar(tmp_path))[1:] == [("./fifo", tar.FIFO, "", b"")]


@pytest.mark.parametrize("form", ["oldgnu", "gnu", "posix"])
def test_long_names_and_targets(tmp_path: Path, form: str) -> None:
    (tmp_path / LONG).mkdir(parents=True)
    (tmp_path / LONG / "file").write_text("x")
    (tmp_path / "soft").symlink_to(LONG)
    data = by_gnu_tar(tmp_path, f"--format={form}")
    assert walked(data) == by_tarfile(data)
    assert any(name == f"./{LONG}/file" for name, *_ in walked(data))


@pytest.mark.parametrize(
    "options",
    [
        ("--format=gnu",),
        ("--format=posix", "--sparse-version=0.0"),
        ("--format=posix", "--sparse-version=0.1"),
        ("--format=posix", "--sparse-version=1.0"),
    ],
)
@pytest.mark.slow
def test_sparse_files(tmp_path: Path, options: tuple[str, ...]) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        for number in range(40):  # more pieces than fit one header
            file.seek(number * MIB)
            file.write(b"%d" % number)
        file.truncate(41 * MIB)
    (tmp_path / "zeros").touch()
    os.truncate(tmp_path / "zeros", MIB)
    (tmp_path / "behind").write_text("it")
    data = by_gnu_tar(tmp_path, "--sparse", *options)
    assert len(data) < MIB
    assert walked(data) == by_tarfile(data)


def test_one_header_for_all_that_follow() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", pax_headers={"comment": "all"}) as archive:
        archive.addfile(tarfile.TarInfo("./a"))
    assert walked(out.getvalue()) == [("./a", tar.FILE, "", b"")]


@settings(deadline=None)
@given(
    entries=st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=300),
            st.binary(max_size=2000),
        ),
        max_size=6,
    ),
    form=st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
    piece=st.integers(1, 3000),
)
def test_whatever_tarfile_writes(entries: list[tuple[str, bytes]], form: int, piece: int) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, content in entries:
            member = tarfile.TarInfo(name.strip("/") or "x")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    assert walked(out.getvalue(), piece) == by_tarfile(out.getvalue())


# --- Damage -----------------------------------------------------------------------------------------


def header(**changes: object) -> bytearray:
    member = tarfile.TarInfo("./a")
    for name, value in changes.items():
        setattr(member, name, value)
    return bytearray(member.tobuf(tarfile.GNU_FORMAT))


def summed(block: bytearray) -> bytes:
    """With the checksum that fits."""
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def pax(records: bytes, size: int = 0) -> bytes:
    return bytes(header(type=b"x", size=len(records))) + records.ljust(512, b"\0") + bytes(header(size=size))


def record(text: str) -> bytes:
    """With its own length before it, which counts itself."""
    length = len(text) + 2
    while length < len(f"{length} {text}\n"):
        length += 1
    return f"{length} {text}\n".encode()


def altered(block: bytearray, place: int, content: bytes) -> bytes:
    block[place : place + len(content)] = content
    return summed(block)


SIZE, KIND = 124, 156


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "without an end mark"),
        (bytes(header(size=9)) + b"nine", "inside a member"),
        (bytes(header(size=9)), "inside a member"),
        (altered(header(), SIZE, b"\xff" * 12), "negative"),
        (altered(header(), SIZE, b"\x80" + b"\xff" * 11), "beyond all measure"),
        (altered(header(), SIZE, b"00000000009\0"), "not a number"),
        (altered(header(), SIZE, b"-0000000001\0"), "not a number"),
        (bytes(header(type=b"L", size=100)) + b"x", "inside a member"),
        (bytes(header(type=b"L", size=1 << 30)), "names and attributes"),
        (bytes(header(type=b"x")) + bytes(1024), "where a member was announced"),
        (pax(b"8 path=x\n"), "proper records"),
        (pax(b"99 path=x\n"), "proper records"),
        (pax(b"path=x\n"), "proper records"),
        (pax(record("size=-1")), "not a size"),
        (pax(record("GNU.sparse.realsize=10") + record("GNU.sparse.major=1")), "in its map"),
        (pax(record("GNU.sparse.realsize=10") + record("GNU.sparse.map=5,1,2")), "half a piece"),
        (pax(record("GNU.sparse.realsize=9") + record("GNU.sparse.map=5,2,2,1"), 3) + b"abc", "overlap"),
    ],
)
def test_what_is_not_right_is_named(data: bytes, text: str) -> None:
    cut = "inside" in text or "without" in text
    with pytest.raises(ArchiveError, match=text):
        walked(data if cut else data + bytes(1024))


def test_a_record_names_the_member() -> None:
    assert walked(pax(record("path=x")) + bytes(1024)) == [("x", tar.FILE, "", b"")]


def test_a_checksum_of_signed_characters_is_as_good() -> None:
    """As old programs made it; it differs where a name is not ASCII."""
    block = header(name="./ü")
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % (sum(block) - 256 * sum(byte > 127 for byte in block))
    assert walked(bytes(block) + bytes(1024)) == [("./ü", tar.FILE, "", b"")]


@pytest.mark.parametrize("form", FORMATS)
def test_every_place_of_a_header_is_covered(folder: Path, form: str) -> None:
    """A change anywhere in a header shows; GNU tar's own padding is part of the checksum too."""
    data = bytearray(by_gnu_tar(folder / "folder", f"--format={form}"))
    # But for what stands behind the NUL of the checksum itself.
    for place, bit in itertools.product(set(range(512)) - {154, 155}, (1, 0x80)):
        data[place] ^= bit
        with pytest.raises(ArchiveError, match=r"checksum|not a number|size"):
            walked(bytes(data))
        data[place] ^= bit


@settings(deadline=None)
@given(
    changes=st.lists(st.tuples(st.integers(0, 1 << 20), st.binary(min_size=1, max_size=20)), min_size=1),
    sums=st.booleans(),
)
def test_no_damage_upsets_the_walk(changes: list[tuple[int, bytes]], sums: bool) -> None:
    """With checksums mended after the damage as well: then every field may say anything."""
    data = bytearray(pax(record("GNU.sparse.realsize=10") + record("GNU.sparse.major=1"), 512))
    data += b"1\n0\n10\n".ljust(512, b"\0") + header(type=b"S", size=0) + header(type=b"L", size=3) + b"abc\0"
    data += bytes(508) + header(size=5) + b"12345".ljust(512, b"\0") + bytes(1024)
    for place, content in changes:
        start = place % len(data)
        data[start : start + len(content)] = content
    if sums:
        for start in range(0, len(data) - 511, 512):
            if data[start + 257 : start + 262] == b"ustar":
                data[start : start + 512] = summed(data[start : start + 512])
    try:
        for _member, content in tar.walk(tar.Window(Slow(bytes(data), 600))):
            content.read(1 << 20)
    except ArchiveError:
        pass


@pytest.mark.parametrize("options", [("--format=gnu",), ("--format=posix", "--sparse-version=1.0")])
def test_holes_without_end_are_refused(
    tmp_path: Path, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten KiB that stand for a TiB: what is read of it is bounded, over all files together."""
    monkeypatch.setattr(tar, "MOST_HOLES", 3 << 20)
    for name in ("a", "b"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(2 << 20)
    data = by_gnu_tar(tmp_path, "--sparse", *options)
    assert len(data) < 1 << 16
    with pytest.raises(ArchiveError, match="sparse files with holes of more than"):
        for _member, content in tar.walk(tar.Window(io.BytesIO(data))):
            while content.read(1 << 16):
                pass
    for _member, _content in tar.walk(tar.Window(io.BytesIO(data))):
        pass  # what nobody reads costs nothing
