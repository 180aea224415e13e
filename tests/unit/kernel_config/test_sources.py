# SPDX-License-Identifier: MIT
"""Configurations from whatever carries one, and inputs that carry none."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from huawei_modem_kernel.fragments import layer_asks
from modem_image import cli
from modem_image.errors import InputError
from modem_image.kernel_config.sources import read_configuration
from modem_image.kernel_config.tree import KernelTree, open_tree

CONFIG = "# Linux/arm 6.1.176 Kernel Configuration\nCONFIG_ARM=y\nCONFIG_TUN=m\n"


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("name", "data", "asked"),
    [
        (".config", CONFIG.encode(), ".config"),
        ("config.gz", gzip.compress(CONFIG.encode(), mtime=0), "config.gz"),
        ("deploy/kernel-config", CONFIG.encode(), "deploy"),
        ("linux/.config", CONFIG.encode(), "linux"),
    ],
)
def test_a_configuration_is_found(tmp_path: Path, name: str, data: bytes, asked: str) -> None:
    written(tmp_path, name, data)
    text, source = read_configuration(tmp_path / asked)
    assert text == CONFIG
    assert source == str(tmp_path / name)


def test_a_configuration_is_found_in_an_image(tmp_path: Path) -> None:
    path = tmp_path / "x-Tezi_1.tar"
    with tarfile.open(path, "w") as archive:
        for name, data in (
            ("image.json", b"{}"),
            ("zImage", b"no kernel"),
            ("kernel-config", CONFIG.encode()),
        ):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    assert read_configuration(path)[0] == CONFIG


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\x7fELF\0\0", r"not an archive.*no text, no zImage and no image. Accepted is a \.config"),
        (CONFIG.replace("\n", "\r\n").encode(), "end with CR LF"),
        (gzip.compress(CONFIG.encode(), mtime=0)[:40], "truncated gzip"),
        (gzip.compress(b"\0" * 400, mtime=0), "binary"),
        (b"# Linux/x86 6.1.0 Kernel Configuration\nCONFIG_X86=y\n", "a configuration for x86"),
        (b"CONFIG_ARM64=y\n", "a configuration for arm64"),
        (b"CONFIG_TUN=m\n", "not complete: CONFIG_ARM=y is not in it"),
        (b"hello\n", "no line of it sets a CONFIG_ symbol"),
    ],
)
def test_what_is_none_is_refused_with_the_reason(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_configuration(written(tmp_path, "config", data))


def test_a_folder_without_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds none of kernel-config"):
        read_configuration(tmp_path)


def tree(folder: Path) -> Path:
    """What open_tree looks for."""
    for name in ("Makefile", "Kconfig", "scripts/kconfig/merge_config.sh"):
        written(folder, name, b"")
    return folder


def test_a_folder_that_is_no_tree_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no Linux source tree: it has no Makefile"):
        open_tree(tmp_path)


def test_a_tree_that_was_built_in_is_refused_with_the_way_out(tmp_path: Path) -> None:
    written(tree(tmp_path), ".config", CONFIG.encode())
    with pytest.raises(InputError, match=r"(?s)not clean: \.config.*mrproper"):
        open_tree(tmp_path)


def test_a_missing_compiler_ends_with_exit_status_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # The host's own tools are another matter, and root would have them installed here.
    monkeypatch.setattr("modem_image.kernel_config.tree.ensure_tools", lambda _tools: None)
    monkeypatch.setenv("CROSS_COMPILE", "arm-none-such-")
    folder = str(tree(tmp_path))
    assert cli.main(["kernel-config", "explain", "TUN", "--tree", folder]) == 3
    assert "arm-none-such-gcc" in capsys.readouterr().err


@pytest.mark.parametrize(("missing", "status"), [(None, 0), ("USB_SERIAL_OPTION", 1)])
def test_the_exit_status_is_the_verdict(
    tmp_path: Path, missing: str | None, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [item.text.removesuffix(" or m") for item in layer_asks() if item.symbol != missing]
    path = written(tmp_path, ".config", ("CONFIG_ARM=y\n" + "\n".join(lines) + "\n").encode())
    assert cli.main(["kernel-config", "check", str(path)]) == status
    assert ("USB_SERIAL_OPTION" in capsys.readouterr().out) is bool(missing)


def test_a_fragment_that_cannot_be_read_ends_with_exit_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, ".config", CONFIG.encode())
    assert cli.main(["kernel-config", "check", str(path), "--fragment", str(tmp_path / "none.cfg")]) == 2
    assert "none.cfg: cannot be read" in capsys.readouterr().err


def test_what_inflates_without_end_is_refused_early(tmp_path: Path) -> None:
    path = written(tmp_path, "config.gz", gzip.compress(b"CONFIG_X=y\n" * (2 << 20), mtime=0))
    with pytest.raises(InputError, match="inflates to more than 8 MiB"):
        read_configuration(path)


def test_a_base_larger_than_any_configuration_is_not_read(tmp_path: Path) -> None:
    base = tmp_path / "base"
    with base.open("wb") as large:
        large.truncate(1 << 40)  # without blocks on the disk
    with pytest.raises(InputError, match="is larger than"):
        KernelTree(tmp_path, "6.12").text(str(base))
