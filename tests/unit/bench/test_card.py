# SPDX-License-Identifier: MIT
"""The SD card's layout, and images that no card can be made of."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from pathlib import Path

import pytest

from modem_image.bench import card
from modem_image.bench.card import make_card, partition_archives, partition_table
from modem_image.board.description import load_board
from modem_image.cache import Cache
from modem_image.errors import InputError
from modem_image.image import ext4


def tezi(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"image/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def description(rootfs: str = "r.tar.xz") -> bytes:
    contents = [{"label": "BOOT", "filename": "b.tar.xz"}, {"label": "RFS", "filename": rootfs}]
    devices = [{"name": "mmcblk0", "partitions": [{"content": content} for content in contents]}]
    return json.dumps({"blockdevs": devices}).encode()


def test_partition_table_is_an_mbr() -> None:
    """Layout as in the Linux kernel's block/partitions/msdos.h: type at 4, start at 8, sectors at 12."""
    table = partition_table([(0x0C, 100), (0x83, 50)])
    assert len(table) == 512
    assert table[510:] == b"\x55\xaa"
    entries = [table[446 + 16 * number :][:16] for number in range(4)]
    assert [(entry[4], int.from_bytes(entry[8:12], "little")) for entry in entries[:2]] == [
        (0x0C, 2048),
        (0x83, 2148),
    ]
    assert entries[2:] == [bytes(16), bytes(16)]


def test_archives_are_those_that_image_json_names() -> None:
    assert partition_archives(json.loads(description())) == ("b.tar.xz", "r.tar.xz")
    with pytest.raises(InputError, match="BOOT and RFS"):
        partition_archives({"mtddevs": []})


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"readme": b""}, "no image.json"),
        ({"image.json": b"{"}, "not a readable Easy Installer tar"),
        ({"image.json": b"{}"}, "BOOT and RFS"),
        ({"image.json": description(), "b.tar.xz": b""}, "names r.tar.xz, which is not in the image"),
    ],
)
def test_an_image_that_makes_no_card_is_named(tmp_path: Path, files: dict[str, bytes], said: str) -> None:
    cache = Cache(tmp_path / "cache")
    with pytest.raises(InputError, match=said):
        make_card(tezi(tmp_path / "image.tar", files), load_board(mirror=""), cache)
    assert [path for path in (tmp_path / "cache" / "card").iterdir() if path.is_dir()] == []


def test_a_tar_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "image.tar").write_bytes(b"\0" * 100)
    with pytest.raises(InputError, match="not a readable Easy Installer tar"):
        make_card(tmp_path / "image.tar", load_board(mirror=""), Cache(tmp_path / "cache"))


def test_a_card_is_made_anew_when_what_writes_its_file_system_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The card that is kept was made by another ext4.py."""
    code: list[Path] = []
    monkeypatch.setattr(card, "digest_of_files", lambda paths, _base: code.extend(paths) or "digest")
    with pytest.raises(InputError):
        make_card(tezi(tmp_path / "image.tar", {}), load_board(mirror=""), Cache(tmp_path / "cache"))
    assert {Path(card.__file__), Path(ext4.__file__)} <= set(code)


def test_of_yoctos_emulated_machine_the_root_file_system_is_the_disk(tmp_path: Path) -> None:
    image, cache, board = tmp_path / "image.ext4", Cache(tmp_path / "cache"), load_board("", "qemuarm")
    subprocess.run(["mke2fs", "-q", "-t", "ext4", image, "2M"], check=True)
    with pytest.raises(InputError, match="no zImage beside it"):
        make_card(image, board, cache)
    (tmp_path / "zImage").write_bytes(b"kernel")
    disk = make_card(image, board, cache)
    assert disk.kernel.read_bytes() == b"kernel" and disk.initramfs is None
    assert disk.image.read_bytes() == image.read_bytes()
    (tmp_path / "initramfs.cpio.gz").write_bytes(b"modules")
    initramfs = make_card(image, board, cache).initramfs
    assert initramfs and initramfs.read_bytes() == b"modules"
    image.write_bytes(bytes(4096))
    with pytest.raises(InputError, match="not an ext4 file system"):
        make_card(image, board, cache)
