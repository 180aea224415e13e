# SPDX-License-Identifier: MIT
"""Archives as streams: every compression, members that must not be unpacked, bombs and damage."""

from __future__ import annotations

import contextlib
import hashlib
import io
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huawei_modem_check import packing
from huawei_modem_check.archive import DEFAULT_LIMITS, Limits, members
from huawei_modem_check.packing import tool_for, use_threads
from huawei_modem_check.streams import ArchiveError, Counted, measured
from modem_image.errors import MissingError
from unit.check.images import by_tool, packed, tar

FILES = {"./a": b"first", "./folder/b": bytes(3_000_000), "./c": b"last"}


def read(data: bytes, limits: Limits = DEFAULT_LIMITS) -> dict[str, bytes]:
    """Every member with its content; a refused one fails."""
    refused: list[tuple[str, str]] = []
    found = members(Counted(io.BytesIO(data)), lambda *args: refused.append(args), limits)
    contents = {member.name: stream.read(1 << 30) for member, stream in found}
    assert not refused
    return contents


def reason_for(*extra: tarfile.TarInfo) -> str:
    """Why the last of `extra` is refused."""
    refused: dict[str, str] = {}
    archive = io.BytesIO(tar({"./a": b"first"}, extra))
    names = [member.name for member, _stream in members(Counted(archive), refused.__setitem__)]
    assert names[0] == "./a"
    assert extra[-1].name not in names
    return refused[extra[-1].name]


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type = kind
    entry.linkname = target
    return entry


@pytest.mark.parametrize("name", ["x.tar", "x.tar.gz", "x.tar.bz2", "x.tar.xz", "x.tar.zst"])
def test_every_compression_gives_the_same_members(name: str) -> None:
    assert read(packed(tar(FILES), name)) == FILES


def test_a_reader_of_small_pieces_does_not_wait_for_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A nap is for a tool that has written little, not for a reader that asked for little."""
    naps: list[float] = []
    monkeypatch.setattr(packing.time, "sleep", naps.append)
    content = tar({"./a": hashlib.shake_256(b"noise").digest(2 << 20)})
    (tmp_path / "x.tar.xz").write_bytes(packed(content, "x.tar.xz"))
    with measured(tmp_path / "x.tar.xz") as source, packing.decompressed(source) as inflated:
        buffer, read = memoryview(bytearray(4096)), bytearray()
        while size := inflated.readinto(buffer):
            read += buffer[:size]
    assert read == content
    assert len(naps) < len(content) / len(buffer) / 4, "each piece once, before that was mended"


def test_several_compressed_streams_in_a_row_are_one() -> None:
    whole = tar(FILES)
    assert read(packed(whole[:5000], "x.gz") + packed(whole[5000:], "x.gz")) == FILES


@pytest.mark.parametrize(
    "pack",
    [
        by_tool("pzstd", "-qc"),
        lambda data: b"\x50\x2a\x4d\x18\x03\0\0\0abc" + by_tool("zstd", "-qc")(data),
        lambda data: b"\x5f\x2a\x4d\x18\x00\x04\0\0" + bytes(1024) + by_tool("zstd", "-qc")(data),
    ],
    ids=["pzstd", "a short frame", "a long frame"],
)
def test_frames_of_zstd_that_hold_nothing_come_first(pack: Callable[[bytes], bytes]) -> None:
    assert read(pack(tar(FILES))) == FILES


def test_members_may_be_left_unread() -> None:
    names = [entry.name for entry, _stream in members(Counted(io.BytesIO(tar(FILES))), lambda *_: None)]
    assert names == list(FILES)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (member("/etc/passwd"), "an absolute path"),
        (member("./usr/../../etc/passwd"), "a path out of the archive"),
        (member("./a\nb"), "a control character"),
        (member("./x", tarfile.LNKTYPE, "../../etc/passwd"), "a hard link out of the archive"),
        (member("./x", tarfile.LNKTYPE, "/etc/passwd"), "a hard link out of the archive"),
        (member("./x", tarfile.LNKTYPE, "./gone"), "which is not in the archive before it"),
        (member("./etc/disk", tarfile.BLKTYPE), "a device outside dev"),
        (member("./x", b"V"), "a member of the unknown kind"),
    ],
)
def test_a_member_that_must_not_be_unpacked(entry: tarfile.TarInfo, reason: str) -> None:
    assert reason in reason_for(entry)


def test_a_path_through_a_link_of_the_archive_is_refused() -> None:
    link = member("./lib", tarfile.SYMTYPE, "/etc")
    assert "through a link" in reason_for(link, member("./lib/passwd"))


def test_a_hard_link_through_a_link_of_the_archive_is_refused() -> None:
    link = member("./lib", tarfile.SYMTYPE, "/etc")
    assert "through a link" in reason_for(link, member("./x", tarfile.LNKTYPE, "lib/shadow"))


def test_what_a_root_file_system_has_is_not_refused() -> None:
    extra = (
        member("./dev/console", tarfile.CHRTYPE),
        member("./etc/mtab", tarfile.SYMTYPE, "/proc/self/mounts"),
        member("./bin", tarfile.SYMTYPE, "usr/bin"),
        member("./b", tarfile.LNKTYPE, "./a"),
    )
    assert set(read(tar({"./a": b""}, extra))) == {"./a", *(entry.name for entry in extra)}


@pytest.mark.parametrize("name", ["x.tar", "x.tar.gz", "x.tar.bz2", "x.tar.xz", "x.tar.zst"])
def test_a_truncated_archive_is_an_error(name: str) -> None:
    whole = packed(tar({"./a": bytes(range(256)) * 4000}), name)
    with pytest.raises(ArchiveError, match="truncated"):
        read(whole[: len(whole) // 2])


def test_an_archive_that_ends_between_two_members_is_an_error() -> None:
    whole = tar({"./a": b"first", "./b": b"second"})
    with pytest.raises(ArchiveError, match="truncated"):
        read(whole[:1024])


def test_a_damaged_header_is_an_error_and_not_the_end() -> None:
    whole = bytearray(tar({"./a": b"first", "./b": b"second"}))
    whole[1024 + 10] ^= 0xFF
    with pytest.raises(ArchiveError, match="damaged"):
        read(bytes(whole))


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        (Limits(total=1 << 20), "inflates to more than"),
        (Limits(ratio=100, ratio_from=1 << 20), "more than 100 times"),
        (Limits(members=2), "more than 2 members"),
    ],
)
def test_a_bomb_is_an_error(limits: Limits, text: str) -> None:
    with pytest.raises(ArchiveError, match=text):
        read(packed(tar(FILES), "x.tar.xz"), limits)


@pytest.mark.parametrize(
    ("options", "threads"),
    [(("-T2", "--block-size=1MiB"), "-T2"), (("-T2", "--block-size=64MiB"), "-T1"), (("-T1",), "-T1")],
)
def test_several_threads_inflate_small_blocks_alone(options: tuple[str, ...], threads: str) -> None:
    """xz would keep large ones in memory, two of OpenEmbedded's 192 MiB."""
    data = subprocess.run(["xz", "-0c", *options], input=bytes(40 << 20), stdout=subprocess.PIPE, check=True)
    assert threads in tool_for(data.stdout[:512])


def test_one_thread_each_where_several_images_are_checked() -> None:
    command = ["xz", "-0c", "-T2", "--block-size=1MiB"]
    data = subprocess.run(command, input=bytes(4 << 20), stdout=subprocess.PIPE, check=True).stdout
    use_threads(1)
    try:
        assert "-T1" in tool_for(data[:512])
    finally:
        use_threads(2)


def test_a_file_on_disk_is_read_by_the_tool_itself(tmp_path: Path) -> None:
    path = tmp_path / "x.tar.zst"
    path.write_bytes(packed(tar(FILES), path.name))
    with measured(path) as file:
        contents = {member.name: stream.read(1 << 30) for member, stream in members(file, lambda *_: None)}
        assert file.count == path.stat().st_size
    assert contents == FILES


def test_a_missing_tool_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    archive = packed(tar(FILES), "x.tar.xz")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MissingError, match="apt-get install xz-utils"):
        read(archive)


def test_the_reader_may_stop_early(tmp_path: Path) -> None:
    large = packed(tar({"./a": bytes(50_000_000), "./b": bytes(50_000_000)}), "x.tar.xz")
    with contextlib.closing(members(Counted(io.BytesIO(large)), lambda *_: None)) as found:
        assert next(found)[0].name == "./a"


@given(
    name=st.sampled_from(["x.tar", "x.tar.gz", "x.tar.bz2"]),
    changes=st.lists(st.tuples(st.integers(0, 1 << 20), st.binary(min_size=1, max_size=20)), max_size=5),
)
def test_no_damage_upsets_the_reader(name: str, changes: list[tuple[int, bytes]]) -> None:
    archive = bytearray(packed(tar({"./a": b"first", "./b": b"second"}), name))
    for place, content in changes:
        start = place % len(archive)
        archive[start : start + len(content)] = content
    with contextlib.suppress(ArchiveError, MissingError):
        for _member, stream in members(Counted(io.BytesIO(bytes(archive))), lambda *_: None):
            stream.read(1 << 20)
