# SPDX-License-Identifier: MIT
"""The image that came up on the emulated board, published and fetched as a module would fetch it."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import tarfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from huawei_modem_check.image import check_image
from huawei_modem_check.rules import Wanted

from .conftest import LAUNCHER, PROJECT, Run

pytestmark = pytest.mark.bench
PRODUCT = ("0039", "V1.1A", "02345678")


DOCUMENTED = PROJECT / "docs" / "pipelines" / "gitlab.yml"


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """What gpg needs in the environment to sign: a keyring with one key, and its name."""
    home = tmp_path_factory.mktemp("gpg")
    home.chmod(0o700)
    environment = {**os.environ, "GNUPGHOME": str(home), "key": "release@example.org"}
    make = ["gpg", "--batch", "--passphrase", "", "--quick-gen-key", environment["key"], "ed25519", "sign"]
    subprocess.run(make, check=True, capture_output=True, env=environment)
    yield environment
    subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=True, env=environment)


def documented(deploy: Path, feed: Path, environment: Mapping[str, str]) -> None:
    """The documented pipeline's commands from check to release, with the consent that this image wants."""
    jobs = yaml.safe_load(DOCUMENTED.read_text())
    lines = [*jobs["check"]["script"], *jobs["release"]["script"]]
    commands = [line for line in lines if line.startswith("scripts/modem-image")]
    assert [line.split()[1] for line in commands] == ["check", "release"]
    for line in commands:
        there = line.replace("/srv/feed", str(feed)).replace(" check.", f" {deploy}/check.")
        done = subprocess.run(
            ["sh", "-c", f"{there} --bench"],
            cwd=PROJECT,
            env={**environment, "DEPLOY": str(deploy)},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def image(hot_plug: Run) -> Path:
    (found,) = (PROJECT / "build" / "bench").glob("*-Tezi_*.tar")
    return found


@pytest.fixture(scope="module")
def feed(image: Path, key: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("publish")
    (folder / "deploy").mkdir()
    os.link(image, folder / "deploy" / image.name)
    documented(folder / "deploy", folder / "feed", key)
    return folder / "feed"


@pytest.fixture(scope="module")
def address(feed: Path) -> Iterator[str]:
    command = [LAUNCHER, "serve", feed, "--address", "127.0.0.1", "--port", "0", "--no-mdns"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        match = re.search(r"http://\S+?:\d+", server.stderr.readline())
        assert match
        # Its log has a line a request: read, or the pipe fills.
        threading.Thread(target=server.stderr.read, daemon=True).start()
        yield match[0]
        server.terminate()


@pytest.fixture
def fetched(address: str, tmp_path: Path) -> Path:
    """The folder of the image, every file by curl, the largest in two pieces."""
    fetch = ["curl", "--silent", "--show-error", "--fail"]

    def text(url: str) -> str:
        return subprocess.run([*fetch, url], capture_output=True, text=True, check=True).stdout

    (relative,) = json.loads(text(f"{address}/image_list.json"))["images"]
    base = f"{address}/{relative.removesuffix('image.json')}"
    for line in text(f"{base}SHA256SUMS").splitlines():
        name = line[66:]
        path = tmp_path / name
        if name.endswith(".rootfs.tar.xz"):
            subprocess.run([*fetch, "--range", "0-9999999", "--output", path, base + name], check=True)
        subprocess.run([*fetch, "--continue-at", "-", "--output", path, base + name], check=True)
    (tmp_path / "SHA256SUMS").write_text(text(f"{base}SHA256SUMS"))
    return tmp_path


def prepare(folder: Path) -> tuple[int, str]:
    """The installer's first script, under the shell of the installer."""
    command = ["busybox", "ash", folder / "prepare.sh", *PRODUCT, folder]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_what_a_module_fetches_is_what_was_proven(fetched: Path, hot_plug: Run) -> None:
    assert hot_plug.status == 0
    assert check_image(fetched, wanted=Wanted(with_bench=True)).exit_status == 0
    assert prepare(fetched)[0] == 0


def test_a_damaged_image_is_refused_before_anything_is_written(fetched: Path) -> None:
    (rootfs,) = fetched.glob("*.rootfs.tar.xz")
    content = bytearray(rootfs.read_bytes())
    content[len(content) // 2] ^= 1
    rootfs.write_bytes(content)
    status, shown = prepare(fetched)
    assert (status, f"Nothing was written. {rootfs.name} is damaged." in shown) == (1, True)


# --- The second release -----------------------------------------------------------------------------


def with_a_change(image: Path, folder: Path) -> Path:
    """The image as its build would make it with one file more and another one changed."""
    with tarfile.open(image) as tar:
        tar.extractall(folder, filter="data")
    (inner,) = folder.iterdir()
    (packed,) = inner.glob("*.rootfs.tar.xz")
    subprocess.run(["xz", "--decompress", packed], check=True)
    plain = packed.with_suffix("")
    with tarfile.open(plain, "a") as tar:
        for name, content in (("./etc/build-id", b"2\n"), ("./etc/debian_version", b"changed\n")):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o644
            tar.addfile(member, io.BytesIO(content))
    subprocess.run(["xz", "-0", "--threads=2", plain], check=True)
    described = json.loads((inner / "image.json").read_text())
    described["version"] = "0.2.0"
    (inner / "image.json").write_text(json.dumps(described))
    files = sorted(path.name for path in inner.iterdir() if path.name != "SHA256SUMS")
    sums = subprocess.run(["sha256sum", *files], cwd=inner, check=True, capture_output=True).stdout
    (inner / "SHA256SUMS").write_bytes(sums)
    deploy = folder / "deploy"
    deploy.mkdir()
    target = deploy / image.name.replace("0.1.0", "0.2.0")
    subprocess.run(["tar", "-C", folder, "-cf", target, inner.name], check=True)
    return deploy


def test_the_page_of_the_second_release_shows_exactly_what_changed(
    fetched: Path, image: Path, feed: Path, address: str, key: Mapping[str, str], tmp_path: Path
) -> None:
    """The documented pipeline a second time: what a browser gets says these two files, and nothing else."""
    documented(with_a_change(image, tmp_path / "changed"), feed, key)
    get = ["curl", "--silent", "--show-error", "--fail", f"{address}/"]
    page = subprocess.run(get, capture_output=True, text=True, check=True).stdout
    changed = page.partition('id="changes"')[2].partition("</section>")[0]
    rows = re.findall(r'<tr><td><code>(.*?)</code></td><td class="detail">(.*?)</td>', changed)
    assert [name for name, _detail in rows] == ["etc/build-id", "etc/debian_version"]
    assert rows[0][1] == "added"
    assert rows[1][1].startswith("content, ")
    assert "What changed since 0.1.0" in page
    sums = feed / "latest" / "SHA256SUMS"
    verify = ["gpg", "--batch", "--verify", f"{sums}.asc", sums]
    subprocess.run(verify, check=True, capture_output=True, env={**key})
    subprocess.run(["sha256sum", "--check", "--quiet", sums.name], cwd=sums.parent, check=True)


def test_it_reaches_no_module_without_a_word(image: Path, tmp_path: Path) -> None:
    for command in (
        ("release", image, "--out", tmp_path / "feed"),
        ("flash", image, "--usb-stick", tmp_path),
    ):
        done = subprocess.run([LAUNCHER, *command], capture_output=True, text=True, check=False, timeout=300)
        assert (done.returncode, "tezi-bench-image" in done.stdout) == (1, True)
    assert not list(tmp_path.rglob("image*.json"))
