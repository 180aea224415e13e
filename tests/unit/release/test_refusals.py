# SPDX-License-Identifier: MIT
"""What `release` refuses, with the reason where machines look, and what it writes into image.json."""

from __future__ import annotations

import errno
import html
import html.parser
import json
import os
import random
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from huawei_modem.report import Report
from modem_image import PROJECT
from modem_image.cli import main
from modem_image.errors import InputError
from modem_image.release import publish
from modem_image.release.feed import Feed
from modem_image.release.notes import changelog_section, installer_notes, to_html
from modem_image.release.record import load_snapshot
from unit.check.images import FOLDER, description, image_files, tar, zimage
from unit.release.feeds import image, shown, sums_hold


def publish_to(out: Path, path: Path, *options: str | Path) -> int:
    return main(["release", str(path), "--out", str(out), *map(str, options)])


# --- For machines -----------------------------------------------------------------------------------


@pytest.mark.parametrize("why", ["fault", "published", "absent", "feed", "older"])
@pytest.mark.slow
def test_a_refusal_is_in_json_and_junit(tmp_path: Path, feed: Path, why: str) -> None:
    path, out, status = image(tmp_path, "1.1"), feed, 2
    if why == "fault":
        files = image_files(kernel=zimage("6.1.0-other"), json_changes={"version": "1.1"})
        path.write_bytes(tar({f"{FOLDER}/{name}": data for name, data in files.items()}))
        status = 1
    elif why == "published":
        path = image(tmp_path, "1.0", extra=b"new")
    elif why == "absent":
        path.unlink()
    elif why == "feed":
        out = tmp_path
    else:
        assert publish_to(feed, path) == 0
        path = image(tmp_path, "1.0")
    result, cases = tmp_path / "r.json", tmp_path / "r.xml"
    assert publish_to(out, path, "--json", result, "--junit", cases) == status
    document = json.loads(result.read_text())
    assert (document["verdict"], document["facts"]["published"]) == ("fault", None)
    (code,) = {item["code"] for item in document["findings"] if item["severity"] == "error"}
    assert code == ("modules-mismatch" if why == "fault" else "release-refused")
    root = ET.parse(cases).getroot()  # noqa: S314  our own
    assert [case.get("name") for case in root.iter("testcase") if case.find("failure") is not None] == [code]


def test_success_is_in_json_and_junit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = tmp_path / "r.xml"
    assert publish_to(tmp_path / "feed", image(tmp_path, "1.0"), "--json", "-", "--junit", cases) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["facts"]["published"].endswith("releases/1.0")
    assert ET.parse(cases).getroot().find("testsuite").get("failures") == "0"  # type: ignore[union-attr]  # noqa: S314


# --- Versions and names -----------------------------------------------------------------------------


def test_the_version_stands_in_image_json(tmp_path: Path) -> None:
    assert publish_to(tmp_path / "feed", image(tmp_path, "1.0"), "--version", "2026.1") == 0
    (path,) = shown(tmp_path / "feed")
    assert json.loads(path.read_text())["version"] == "2026.1"
    assert sums_hold(path.parent) and sums_hold(tmp_path / "feed" / "latest")


@pytest.mark.parametrize("version", ["a b", "100%", "1" * 65, "1" * 300, "\udcff", "x\x1b"])
def test_a_version_that_cannot_be_fetched(
    tmp_path: Path, version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish_to(tmp_path / "feed", image(tmp_path, "1.0"), "--version", version) == 2
    assert "version" in (said := capsys.readouterr().err) and "\x1b" not in said


@pytest.mark.parametrize("name", ["my image-Tezi_1.0.tar", "50%-Tezi_1.0.tar"])
def test_an_image_that_curl_cannot_fetch(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = image(tmp_path, "1.0").rename(tmp_path / name)
    assert publish_to(tmp_path / "feed", path) == 2
    assert "Easy Installer cannot fetch it" in capsys.readouterr().err


def test_a_file_that_curl_cannot_fetch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert publish_to(tmp_path / "feed", image(tmp_path, "1.0", **{"read me.txt": b"x"})) == 2
    assert "'read me.txt' holds a blank" in capsys.readouterr().err


def test_a_title_that_is_no_text(tmp_path: Path) -> None:
    """A lone surrogate is JSON, and nothing that a page or a terminal can show."""
    described = json.dumps(description(version="1.0", name="x\ud800")).encode()
    assert publish_to(tmp_path / "feed", image(tmp_path, "1.0", **{"image.json": described})) in (1, 2)
    assert Feed(tmp_path / "feed").versions() == []


def test_an_older_version_does_not_take_latest_back(
    feed: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert publish_to(feed, image(tmp_path, "1.1")) == 0
    assert publish_to(feed, image(tmp_path, "1.0")) == 2
    assert "add --allow-downgrade" in capsys.readouterr().err
    assert Feed(feed).latest() == "1.1"
    assert publish_to(feed, image(tmp_path, "1.0"), "--allow-downgrade") == 0
    assert Feed(feed).latest() == "1.0"


def test_a_full_disk_says_so(
    feed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(publish, "_write_sums", full)
    before = sorted(feed.rglob("*"))
    assert publish_to(feed, image(tmp_path, "1.1")) == 2
    assert "the disk is full; nothing was published" in capsys.readouterr().err
    assert sorted(feed.rglob("*")) == before


@pytest.mark.parametrize("size", ["200k", "700k"])
def test_a_disk_that_is_full_indeed(tmp_path: Path, size: str) -> None:
    """A small file system of its own: full while the image is copied. The feed is as it was."""
    (feed_folder := tmp_path / "feed").mkdir()
    more = random.Random(1).randbytes(600_000)  # noqa: S311  repeatable, not secret
    build = image(tmp_path, "1.0", **{"more.bin": more})
    command = [sys.executable, str(PROJECT / "scripts/modem-image"), "release", str(build), "--out"]
    mounted = 'size=$1; feed=$2; shift 2; mount -t tmpfs -o "size=$size" none "$feed" || exit 99'
    script = f'{mounted}; "$@"; echo "$?"; ls -A "$feed/releases" "$feed/latest"'
    line = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    done = subprocess.run(
        [*line, script, "-", size, str(feed_folder), *command, str(feed_folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 99, done.stderr
    assert "the disk is full; nothing was published" in done.stderr
    assert "\n2\n" in f"\n{done.stdout}"
    assert "1.0" not in done.stdout.rpartition("2\n")[2]


# --- Notes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "![x](https://example.org/x.png)",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        '<a href="https://example.org" onclick="alert(1)">x</a>',
        "<style>body{display:none}</style>",
        "<iframe src=//example.org></iframe>",
        "| a |\n|---|\n| <svg/onload=alert(1)> |",
    ],
)
def test_notes_are_harmless(text: str) -> None:
    found: list[tuple[str, dict[str, str | None]]] = []

    class Tags(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, dict(attrs)))

    Tags().feed(to_html(text))
    assert {tag for tag, _attributes in found} <= {"p", "a", "table", "thead", "tbody", "tr", "th", "td"}
    for _tag, attributes in found:
        assert set(attributes) <= {"href", "rel"}
        assert (attributes.get("href") or "https:").startswith("https:")


@pytest.mark.parametrize("evil", ["\x1b[31m", "\u202e", "&#27;[31m", "&#x202e;", "`\x1b`", "[x](/\u202e)"])
def test_notes_steer_nothing(evil: str) -> None:
    report = Report("t", "i", (), {"kernels": [], "modules": []})
    for page in (to_html(f"- {evil}"), installer_notes("1.0", f"- {evil}", [], report, {})):
        assert not set(html.unescape(page)) & {"\x1b", "\u202e"}, page


def test_notes_are_markdown() -> None:
    page = to_html(
        "## New\n\n- *one*: `two` [three](https://example.org)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    )
    for part in (
        "<h2>New</h2>",
        "<em>one</em>",
        "<code>two</code>",
        'href="https://example.org"',
        "<td>2</td>",
    ):
        assert part in page


def test_a_changelog_without_end_is_refused_before_it_is_rendered() -> None:
    """8 MiB of paragraphs ended in a MemoryError. Other versions' notes do not count."""
    paragraphs = "a\n\n" * 50_000
    with pytest.raises(InputError, match=r"149998 characters for 1\.1, and 131072 are the most"):
        changelog_section(paragraphs, "1.1")
    assert changelog_section(f"## 1.1\nnew\n## 1.0\n{paragraphs}", "1.1") == "new"


@pytest.mark.parametrize("kind", ["many", "wide"])
def test_a_record_that_would_take_memory_is_refused_before_it_is_read(kind: str, tmp_path: Path) -> None:
    text = "[]," * 400_000 + "[]" if kind == "many" else '"\N{SNOWMAN}' + "x" * (17 << 20) + '"'
    (tmp_path / "release.json").write_text(f'{{"schema": 1, "layers": [{text}]}}', encoding="utf-8")
    with pytest.raises(InputError, match=r"more than 500000 values|larger than that of any release"):
        load_snapshot(tmp_path)


def test_the_dialog_is_short(tmp_path: Path) -> None:
    section = changelog_section("## 1.0\n" + "".join(f"- item {n} {'x ' * 200}\n" for n in range(30)), "1.0")
    report = Report("t", "i", (), {"kernels": [], "modules": []})
    notes = installer_notes("1.0", section, [], report, {})
    assert notes.count("<li>item") == 8
    assert "and 22 more" in notes
    assert len(notes) < 3000
