# SPDX-License-Identifier: MIT
"""The site's folder: what is written, replaced and refused; and the answer that its page shows."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import threading
import urllib.request
import zipfile
from pathlib import Path

import pytest

from modem_image import HELPER
from modem_image.cache import Cache
from modem_image.cli import main
from modem_image.commands import serve
from modem_image.console import say
from modem_image.errors import InputError, MissingError
from modem_image.made import MARK
from modem_image.serve.http import FeedServer
from modem_image.serve.transfers import Transfers
from modem_image.site import pyodide
from modem_image.site import write as site_write
from modem_image.site.answer import answer
from modem_image.site.write import POLICY, is_site, write


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder as pyodide.files gives it, with little in its files."""
    folder = tmp_path / "package"
    folder.mkdir()
    for name in pyodide.FILES:
        (folder / name).write_bytes(f"content of {name}".encode())
    return folder


def state(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_site_comes_out_twice(package: Path, tmp_path: Path) -> None:
    write(tmp_path / "a", package)
    write(tmp_path / "b", package)
    assert state(tmp_path / "a") == state(tmp_path / "b")
    assert is_site(tmp_path / "a") and not is_site(package)


def test_the_helper_in_it_is_the_helper(package: Path, tmp_path: Path) -> None:
    write(tmp_path / "site", package)
    (packed,) = (tmp_path / "site").glob("doctor-*/doctor.zip")
    with zipfile.ZipFile(packed) as archive:
        inside = {name: archive.read(name) for name in archive.namelist() if name.startswith("huawei_modem/")}
    there = {
        str(path.relative_to(HELPER)): path.read_bytes()
        for path in (HELPER / "huawei_modem").rglob("*")
        if path.suffix in (".py", ".json", ".txt")
    }
    assert inside == there


def test_a_site_is_replaced_and_all_it_was_is_gone(package: Path, tmp_path: Path) -> None:
    write(tmp_path / "site", package)
    before = state(tmp_path / "site")
    (package / "python_stdlib.zip").write_bytes(b"another library")
    write(tmp_path / "site", package)
    (first,) = {name.partition("/")[0] for name in before if "/" in name}
    assert first not in {name.partition("/")[0] for name in state(tmp_path / "site")}


def test_a_note_in_the_site_s_mark_is_kept(package: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    write(site, package)
    before = (site / MARK).read_text()
    (site / MARK).write_text(f"{before}mine\n")
    with pytest.raises(InputError, match=f"{MARK} in it was changed"):
        write(site, package)
    assert (site / MARK).read_text() == f"{before}mine\n"


def test_what_comes_into_the_site_while_it_is_made_is_kept(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    write(site, package)
    put_mark = site_write.put_mark

    def late(folder: Path, lines: str) -> None:
        (site / "CNAME").write_text("doctor.example.org\n")
        put_mark(folder, lines)

    monkeypatch.setattr(site_write, "put_mark", late)
    with pytest.raises(InputError, match="CNAME in it is not the site's"):
        write(site, package)
    assert (site / "CNAME").read_text() == "doctor.example.org\n"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_what_is_not_the_site_s_is_kept(package: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    write(site, package)
    (site / "CNAME").write_text("doctor.example.org\n")
    with pytest.raises(InputError, match="CNAME in it is not the site's"):
        write(site, package)
    (site / "CNAME").unlink()
    (site / "index.html").write_text("my own page")
    with pytest.raises(InputError, match=r"index\.html in it was changed"):
        write(site, package)
    assert (site / "index.html").read_text() == "my own page"
    (site / "index.html").unlink()
    (site / "index.html").symlink_to("/dev/zero")  # which is not read to its end
    with pytest.raises(InputError, match=r"index\.html in it was changed"):
        write(site, package)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()
    with pytest.raises(InputError, match="is not a site of this command"):
        write(tmp_path / "other", package)


def test_another_file_than_the_one_release_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "pyodide.tgz"
    other.write_bytes(b"something else")
    assert main(["site", str(tmp_path / "site"), "--pyodide", str(other)]) == 2
    said = capsys.readouterr().err
    assert pyodide.SHA256 in said and hashlib.sha256(b"something else").hexdigest() in said
    assert not (tmp_path / "site").exists()


def test_npm_that_cannot_bring_it_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    with pytest.raises(MissingError, match=r"npm cannot bring pyodide@[\d.]+: ECONNREFUSED") as raised:
        pyodide.files(Cache(tmp_path / "cache"), None)
    assert "--pyodide" in str(raised.value) and len(str(raised.value).splitlines()) == 2
    assert [path for path in (tmp_path / "cache" / "pyodide").iterdir() if path.is_dir()] == []


def test_a_package_in_a_file_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "pyodide.tgz"
    with tarfile.open(file, "w:gz") as archive:
        for name in pyodide.FILES:
            (tmp_path / name).write_text(f"content of {name}")
            archive.add(tmp_path / name, f"package/{name}")
    monkeypatch.setattr(pyodide, "SHA256", hashlib.sha256(file.read_bytes()).hexdigest())
    monkeypatch.setattr(pyodide, "ensure_tools", lambda _tools: pytest.fail("npm is not asked"))
    found = pyodide.files(Cache(tmp_path / "cache"), file)
    assert {path.name for path in found.iterdir()} > set(pyodide.FILES)
    # Kept: later the file may be gone.
    assert pyodide.files(Cache(tmp_path / "cache"), None) == found


def test_serve_lets_a_site_run(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "site", package)
    answers = {}

    def look(server: FeedServer) -> None:
        threading.Thread(target=server.handle_request, daemon=True).start()
        with urllib.request.urlopen(f"http://127.0.0.1:{server.server_address[1]}/") as found:
            answers.update(found.headers)
        raise KeyboardInterrupt

    monkeypatch.setattr(FeedServer, "serve_forever", look)
    monkeypatch.setattr(serve, "announced", lambda *_arguments: pytest.fail("a site is not announced"))
    assert main(["serve", str(tmp_path / "site"), "--address", "127.0.0.1", "--port", "0"]) == 0
    assert answers["Content-Security-Policy"] == POLICY
    assert answers["Content-Type"] == "text/html; charset=utf-8"
    feeds = FeedServer(("127.0.0.1", 0), tmp_path, Transfers(say))
    assert feeds.policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    feeds.server_close()


def test_the_answer_needs_the_helper_and_the_standard_library_alone(tmp_path: Path, package: Path) -> None:
    """As in the browser: no package of the host, no jinja2."""
    write(tmp_path / "site", package)
    (packed,) = (tmp_path / "site").glob("doctor-*/doctor.zip")
    shutil.unpack_archive(packed, tmp_path / "doctor")
    script = (
        "import json, sys\n"
        "sys.path[:] = [sys.argv[1], *[each for each in sys.path if 'site-packages' not in each]]\n"
        "from modem_image.site.answer import answer\n"
        "print(json.loads(answer([('paste', b'12d1:1f01')]))['verdict'])"
    )
    done = subprocess.run(
        [sys.executable, "-ISc", script, tmp_path / "doctor"], capture_output=True, text=True, check=False
    )
    assert done.stdout == "insufficient-data\n", done.stderr


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\\b.txt", "", "..", "x\x1b[31m", "y" * 300])
def test_no_name_of_a_file_leads_elsewhere(name: str) -> None:
    found = json.loads(answer([(name, b"uname -r"), ("other.txt", b"lsusb")]))
    assert found["verdict"] == "insufficient-data"


def test_the_reading_is_reported() -> None:
    seen: list[int] = []
    answer([("log.txt", b"a line of a log\n" * 60000)], seen.append)
    assert seen == sorted(seen) and len(seen) == 3 and seen[-1] <= 960000
