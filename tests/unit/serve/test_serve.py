# SPDX-License-Identifier: MIT
"""`modem-image serve` as a process: what it says, that it is found by mDNS, how it ends."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import ifaddr
import pytest
import zeroconf

from modem_image.cli import main
from modem_image.commands.serve import served_folder
from modem_image.errors import InputError
from modem_image.serve.announce import SERVICE, local_addresses, service_info
from patience import PATIENCE

PROJECT = Path(__file__).resolve().parents[3]
LOOPBACK = "127.0.0.1"
COMMAND = "import sys; from modem_image.cli import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture
def process(feed: Path) -> Iterator[subprocess.Popen[str]]:
    arguments = ["serve", str(feed), "--port", "0", "--address", LOOPBACK, "--name", "bench.feed"]
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments],
        cwd=PROJECT / "scripts",
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        yield running
        running.kill()


def lines(process: subprocess.Popen[str], count: int) -> list[str]:
    assert process.stderr is not None
    return [process.stderr.readline() for _line in range(count)]


@pytest.mark.slow
def test_a_module_finds_the_feed_and_its_images(process: subprocess.Popen[str]) -> None:
    """The way of the installer: browse, read the TXT records, put the URL together, follow the list."""
    said = lines(process, 2)
    assert "announced as: bench feed" in said[1]
    browser = zeroconf.Zeroconf(interfaces=[LOOPBACK])
    try:
        info = browser.get_service_info(SERVICE, f"bench feed.{SERVICE}", timeout=1000 * PATIENCE)
    finally:
        browser.close()
    assert info is not None
    texts = info.decoded_properties
    assert (texts["name"], texts["enabled"], texts["https"]) == ("bench.feed", "1", "0")
    assert info.parsed_addresses() == [LOOPBACK]
    base = f"http://{info.parsed_addresses()[0]}:{info.port}"
    with urllib.request.urlopen(f"{base}{texts['path']}") as answer:  # noqa: S310  our own
        (relative,) = json.load(answer)["images"]
    with urllib.request.urlopen(f"{base}/{relative}") as answer:  # noqa: S310  our own
        assert json.load(answer)["name"] == "Bench"


@pytest.mark.slow
def test_it_ends_well_when_interrupted(process: subprocess.Popen[str]) -> None:
    (first, _announced) = lines(process, 2)
    assert re.search(r"http://127\.0\.0\.1:\d+/image_list\.json", first)
    process.send_signal(signal.SIGINT)
    _out, rest = process.communicate(timeout=PATIENCE)
    assert (process.returncode, rest.splitlines()[-1]) == (0, "no longer served")


def test_a_folder_without_a_release_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", str(tmp_path)]) == 2
    assert "do: modem-image release" in capsys.readouterr().err


@pytest.mark.slow
def test_a_port_that_is_taken(feed: Path, process: subprocess.Popen[str]) -> None:
    (first, _announced) = lines(process, 2)
    match = re.search(r":(\d+)/", first)
    assert match
    assert main(["serve", str(feed), "--port", match[1], "--address", LOOPBACK, "--no-mdns"]) == 2


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["{feed}", "--port", "99999"], "a port is a number from 0 to 65535"),
        (
            ["{feed}", "--port", "0", "--address", "192.0.2.77"],
            "give an address of this machine with --address",
        ),
        (
            ["{feed}", "--port", "0", "--address", "no address"],
            "give an address of this machine with --address",
        ),
        (["{feed}/releases"], "do: modem-image serve {feed}"),
        (["{feed}/latest/1.0-Tezi_1.0"], "is one image, no feed"),
        (["{feed}/absent"], "no such folder"),
        (["{feed}/latest/SHA256SUMS"], "is not a folder"),
        (["{feed}", "--name", "x" * 251], "251 bytes; at most 250 fit"),
        (["{feed}", "--name", "x\x1b[31m"], "give one that can be shown"),
        (["{feed}", "--name", ""], "give one that can be shown"),
    ],
)
@pytest.mark.slow
def test_the_remedy_fits_the_fault(
    feed: Path, arguments: list[str], remedy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", *(text.format(feed=feed) for text in arguments)]) == 2
    said = capsys.readouterr().err
    assert remedy.format(feed=feed) in said
    assert "\x1b" not in said


def test_a_port_that_is_taken_asks_for_another(feed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        arguments = ["--port", str(taken.getsockname()[1]), "--address", LOOPBACK, "--no-mdns"]
        assert main(["serve", str(feed), *arguments]) == 2
    assert "do: give another port with --port" in capsys.readouterr().err


@pytest.mark.parametrize("inside", ["releases/1.0", "latest"])
def test_one_release_of_a_feed_can_be_served(feed: Path, inside: str) -> None:
    root, version = served_folder(feed / inside)
    assert (version, root) == ("1.0", (feed / "releases" / "1.0").resolve())
    (relative,) = json.loads((root / "image_list.json").read_text())["images"]
    assert (root / relative).is_file()


def test_a_feed_whose_release_is_gone(feed: Path) -> None:
    (feed / "releases" / "1.0").rename(feed.parent / "elsewhere")
    with pytest.raises(InputError, match=r"its latest release 1\.0 is gone"):
        served_folder(feed)


def test_only_interfaces_with_hardware_are_announced(tmp_path: Path) -> None:
    net = tmp_path / "sys" / "class" / "net"
    for name in ("eth0/device", "br0/brif/eth0", "docker0/brif/veth1", "veth1", "bond0/lower_eth0", "tun0"):
        (net / name).mkdir(parents=True)
    names = {"lo": "127.0.0.1", "eth0": "192.0.2.1", "br0": "192.0.2.2", "docker0": "172.17.0.1"}
    names |= {"veth1": "172.17.0.2", "bond0": "192.0.2.3", "tun0": "10.8.0.1"}
    adapters = [ifaddr.Adapter(name, name, [ifaddr.IP(address, 24, name)]) for name, address in names.items()]
    assert local_addresses(tmp_path, adapters) == ["192.0.2.1", "192.0.2.2", "192.0.2.3"]
    # A container has no hardware: what its default route goes through.
    (tmp_path / "proc" / "net").mkdir(parents=True)
    (tmp_path / "proc" / "net" / "route").write_text("Iface Destination Gateway\nveth1 00000000 010011AC\n")
    inside = [adapter for adapter in adapters if adapter.name in ("lo", "veth1", "tun0")]
    assert local_addresses(tmp_path, inside) == ["172.17.0.2"]
    assert local_addresses(tmp_path, adapters[:1]) == ["127.0.0.1"]


def test_a_long_name_fits_a_label() -> None:
    info = service_info("é" * 60, 80, [LOOPBACK])
    assert len(info.name.removesuffix(f".{SERVICE}").encode()) <= 63
