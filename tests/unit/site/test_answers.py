# SPDX-License-Identifier: MIT
"""The doctor in Debian's chromium answers what the command line answers, to texts and to files."""

from __future__ import annotations

import gzip
import json
import lzma
import os
import random
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from modem_image.cli import main
from unit.check.images import tar
from unit.site.asked import LSUSB, ask
from unit.tab import Tab

pytestmark = pytest.mark.slow

CORPUS = Path(__file__).resolve().parents[2] / "corpus"
SEED, PART = 417, 25
"""Which texts of the corpus, and how many, are asked in each run; all of them are on demand."""


def commanded(path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The report of `modem-image doctor PATH --json -`."""
    capsys.readouterr()
    main(["doctor", str(path), "--json", "-"])
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def lines_of(report: Mapping[str, Any]) -> list[list[Any]]:
    """Findings as the page shows them."""
    shown, before = [], []
    for item in report["findings"]:
        again = len(item["remedy"]) > 1 and item["remedy"] in before
        before.append(item["remedy"])
        do = [f"do: {step}" for step in (["as said above"] if again else item["remedy"])]
        places = [
            f"{seen['source']}:{seen['line']}" if "line" in seen else seen["source"]
            for seen in item["evidence"]
        ]
        seen = [
            f"seen: {place}: {each['text']}" for place, each in zip(places, item["evidence"], strict=True)
        ]
        head = " ".join(f"{item['severity']} {item['code']}: {item['title']}".split())
        shown.append([head, [line.strip() for line in (*do, *seen)]])
    return shown


def texts_of_the_corpus() -> list[tuple[str, str]]:
    cases = [
        (f"{path.stem}: {case['name']}", case["text"])
        for path in sorted(CORPUS.glob("*.toml"))
        for case in tomllib.loads(path.read_text())["case"]
    ]
    return [*cases, ("thread", (CORPUS / "thread.txt").read_text())]


def compare(
    page: Tab, cases: list[tuple[str, str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "text"
    for name, text in cases:
        path.write_text(text)
        report = commanded(path, capsys)
        answer = ask(page, {"text": text.encode()})
        assert answer["findings"] == lines_of(report), name
        assert (answer["verdict"], answer["next"]) == (report["verdict"], report["facts"]["next"]), name
        assert answer["usb"][::1][:1] or not report["facts"]["usb"], name


def test_a_part_of_the_corpus_gives_what_the_command_gives(
    page: Tab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    every = texts_of_the_corpus()
    part = [*random.Random(SEED).sample(every, PART), every[-1]]  # noqa: S311  which texts is no secret
    compare(page, part, tmp_path, capsys)
    assert page.said == []


@pytest.mark.on_demand
def test_all_of_the_corpus_gives_what_the_command_gives(
    page: Tab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    compare(page, texts_of_the_corpus(), tmp_path, capsys)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("lsusb.txt.gz", gzip.compress(LSUSB)),
        ("lsusb.txt.xz", lzma.compress(LSUSB)),
        ("lsusb.txt", LSUSB.decode().encode("utf-16")),
        ("logs.tar.gz", gzip.compress(tar({"lsusb.txt": LSUSB, "uname -r.txt": b"6.1.55\n"}))),
        ("logs.tar", tar({"lsusb.txt": LSUSB})),
    ],
    ids=["gzip", "xz", "utf-16", "tar.gz", "tar"],
)
def test_files_are_read_as_the_command_reads_them(
    page: Tab, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    answer = ask(page, {name: content})
    assert answer["findings"] == lines_of(commanded(tmp_path / name, capsys))
    assert answer["findings"][0][0].startswith("error stick-in-storage-mode")


def test_several_files_are_one_system(page: Tab, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {
        "lsusb.txt": LSUSB,
        "uname -r.txt": b"6.1.55-7.0\n",
        "modules.txt": b"$ ls /lib/modules\n6.1.50\n",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    answer = ask(page, files)
    assert answer["findings"] == lines_of(commanded(tmp_path, capsys))
    assert {"error stick-in-storage-mode", "error modules-mismatch"} <= {
        head.partition(":")[0] for head, _lines in answer["findings"]
    }


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("photo.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(64), "photo.png: "),
        ("log.zst", b"\x28\xb5\x2f\xfd" + bytes(16), "log.zst: packed with zstd"),
        ("cut.gz", gzip.compress(os.urandom(5000))[:2000], "cut.gz: "),
    ],
    ids=["picture", "zstd", "cut"],
)
def test_what_cannot_be_read_is_explained(page: Tab, name: str, content: bytes, why: str) -> None:
    said = ask(page, {name: content})["refused"]
    assert said.startswith(why), said
    assert "Traceback" not in said and "/" not in said.removeprefix(why)[:20]
