# SPDX-License-Identifier: MIT
"""huawei-modem-filter, with the real nft and iptables in network namespaces.

Three hosts: the device, one of the cellular network, one at the cable. The commands are those of the unit.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from modem_image import HELPER

# What each variant of the unit calls, and by what here: Debian has both implementations of iptables.
VARIANTS = {
    "nftables": ("nftables", ""),
    "iptables-legacy": ("iptables", "legacy"),
    "iptables-nft": ("iptables", "nft"),
}
# The third octet of a line's addresses.
WWAN, PPP, ETH, RENAMED = 1, 2, 3, 4
PORT = 22
# Says on standard output when it listens; answers what comes, over TCP and UDP, IPv4 and IPv6.
LISTEN = f"""
import selectors, socket
chosen = selectors.DefaultSelector()
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    each = socket.socket(socket.AF_INET6, kind)
    each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    each.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    each.bind(("::", {PORT}))
    if kind == socket.SOCK_STREAM:
        each.listen()
    chosen.register(each, selectors.EVENT_READ)
print("ready", flush=True)
while True:
    for key, _ in chosen.select():
        if key.fileobj.type == socket.SOCK_STREAM:
            key.fileobj.accept()[0].close()
        else:
            data, peer = key.fileobj.recvfrom(100)
            key.fileobj.sendto(data, peer)
"""
# Prints which of `KIND ADDRESS...` answer.
TRY = f"""
import socket, subprocess, sys
from concurrent.futures import ThreadPoolExecutor
def reaches(kind, address):
    if kind == "ping":
        return not subprocess.run(["ping", "-c", "1", "-W", "1", address], capture_output=True).returncode
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM) as peer:
        peer.settimeout(1)
        try:
            peer.connect((address, {PORT}))
            if kind == "udp":
                peer.send(b"x")
                peer.recv(10)
        except OSError:
            return False
    return True
tries = list(zip(sys.argv[1::2], sys.argv[2::2]))
with ThreadPoolExecutor(len(tries)) as pool:
    for item, answered in zip(tries, pool.map(lambda item: reaches(*item), tries)):
        if answered:
            print(*item)
"""
Tries = list[tuple[str, str]]


class Host:
    """A network namespace, by a process that holds it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def command(self, *words: str | Path) -> list[str]:
        return ["nsenter", f"--net=/proc/{self.pid}/ns/net", *map(str, words)]

    def run(self, *words: str | Path) -> None:
        subprocess.run(self.command(*words), check=True, capture_output=True)

    def reaches(self, tries: Tries) -> Tries:
        """Those that answer."""
        words = [word for item in tries for word in item]
        command = self.command(sys.executable, "-c", TRY, *words)
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
        return [(kind, where) for kind, where in (line.split() for line in lines)]


@contextmanager
def host() -> Iterator[Host]:
    command = ["unshare", "--net", "sh", "-c", "echo ready; exec sleep 600"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        made = Host(process.pid)
        made.run("ip", "link", "set", "lo", "up")
        yield made
    finally:
        process.kill()
        process.wait()


@contextmanager
def listening(where: Host) -> Iterator[None]:
    process = subprocess.Popen(where.command(sys.executable, "-c", LISTEN), stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield
    finally:
        process.kill()
        process.wait()


def address(place: int, end: int, family: str = "ipv4") -> str:
    return f"10.9.{place}.{end}" if family == "ipv4" else f"fd00:{place}::{end}"


def join(device: Host, name: str, other: Host, place: int) -> None:
    """A line between the two: the device has the end 1 of it, the other side 2."""
    device.run(
        "ip", "link", "add", name, "type", "veth", "peer", "name", f"to-{place}", "netns", str(other.pid)
    )
    for side, link, end in ((device, name, 1), (other, f"to-{place}", 2)):
        side.run("ip", "address", "add", f"{address(place, end)}/24", "dev", link)
        side.run("ip", "-6", "address", "add", f"{address(place, end, 'ipv6')}/64", "dev", link, "nodad")
        side.run("ip", "link", "set", link, "up")


class Place:
    """The three hosts, and the unit's own commands."""

    def __init__(self, device: Host, cellular: Host, cable: Host, unit: dict[str, list[list[str]]]) -> None:
        self.device, self.cellular, self.cable = device, cellular, cable
        self._unit = unit

    def systemctl(self, verb: str) -> None:
        for command in self._unit[{"start": "ExecStart", "stop": "ExecStopPost"}[verb]]:
            self.device.run(*command)


def commands(root: Path, firewall: str, flavour: str) -> dict[str, list[list[str]]]:
    """Of the installed unit, with the files where they lie here."""
    make = ["make", "-sC", HELPER, "install-filter", f"FIREWALL={firewall}"]
    subprocess.run([*make, f"sysconfdir={root}", f"helperdir={root}/lib", f"unitdir={root}"], check=True)
    text = (root / "huawei-modem-filter.service").read_text()
    text = text.replace("tables-restore", f"tables-{flavour}-restore") if flavour else text
    found: dict[str, list[list[str]]] = {"ExecStart": [], "ExecStopPost": []}
    for line in text.splitlines():
        key, _, command = line.partition("=")
        key = {"ExecStop": "ExecStopPost"}.get(key, key)
        if key in found:
            found[key].append(shlex.split(command.removeprefix("-")))
    return found


@pytest.fixture(params=VARIANTS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with ExitStack() as stack:
        device, cellular, cable = (stack.enter_context(host()) for _ in range(3))
        join(device, "wwan0", cellular, WWAN)
        join(device, "ppp0", cellular, PPP)
        # As systemd's udev names a network interface of a modem, by its address.
        join(device, "wwx020000000002", cellular, RENAMED)
        join(device, "eth0", cable, ETH)
        cellular.run("ip", "route", "add", "default", "via", address(WWAN, 1))
        cable.run("ip", "route", "add", "default", "via", address(ETH, 1))
        device.run("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")
        for each in (device, cellular, cable):
            stack.enter_context(listening(each))
        yield Place(device, cellular, cable, commands(tmp_path, *VARIANTS[request.param]))


def product(kinds: tuple[str, ...], places: tuple[int, ...], end: int) -> Tries:
    where = [address(place, end, family) for place in places for family in ("ipv4", "ipv6")]
    return [(kind, each) for kind in kinds for each in where]


def test_nothing_comes_in_from_the_cellular_side_and_everything_else_works(place: Place) -> None:
    through = address(ETH, 2)
    inwards = [
        *product(("tcp", "udp", "ping"), (WWAN, PPP, RENAMED), 1),
        *((kind, through) for kind in ("tcp", "udp")),
    ]
    assert place.cellular.reaches(inwards) == inwards, "all is open without the filter"
    place.systemctl("start")
    assert place.cellular.reaches(inwards) == [item for item in inwards if item[0] == "ping"]
    outwards = product(("tcp", "udp"), (WWAN, PPP, RENAMED), 2)
    assert place.device.reaches(outwards) == outwards, "answers come in"
    assert place.cable.reaches([("tcp", address(WWAN, 2))]), "through the device, to the outside"
    at_the_cable = product(("tcp", "udp", "ping"), (ETH,), 1)
    assert place.cable.reaches(at_the_cable) == at_the_cable
    place.systemctl("stop")
    assert place.cellular.reaches(inwards) == inwards, "stopped, all is open again"
