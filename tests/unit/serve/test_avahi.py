# SPDX-License-Identifier: MIT
"""Another implementation of mDNS on another host finds the feed: the real avahi, in network namespaces.

Two namespaces joined by a cable stand for the machine that serves and for one in the same LAN; the second
has a D-Bus and an avahi-daemon of its own. Needs root, as .ci/run has it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from modem_image import PROJECT
from patience import PATIENCE

SERVER, CLIENT = "10.213.7.1", "10.213.7.2"
COMMAND = "import sys; from modem_image.cli import main; sys.exit(main(sys.argv[1:]))"
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/></policy></busconfig>
"""
DAEMON = """[server]
use-ipv6=no
allow-interfaces={interface}
[publish]
disable-publishing=yes
"""


@contextmanager
def lan() -> Iterator[tuple[str, str, str]]:
    """Two namespaces on one cable; their names, and the client's interface."""
    mark = f"{os.getpid():x}"
    server, client, ends = f"tezi-s{mark}", f"tezi-c{mark}", (f"ts{mark}", f"tc{mark}")

    def ip(*words: str) -> None:
        subprocess.run(["ip", *words], check=True, capture_output=True)

    with ExitStack() as undo:
        for name in (server, client):
            ip("netns", "add", name)
            undo.callback(ip, "netns", "delete", name)
        ip("link", "add", ends[0], "netns", server, "type", "veth", "peer", ends[1], "netns", client)
        for name, end, address in ((server, ends[0], SERVER), (client, ends[1], CLIENT)):
            ip("-n", name, "address", "add", f"{address}/24", "dev", end)
            for link in (end, "lo"):
                ip("-n", name, "link", "set", link, "up")
        yield server, client, ends[1]


@contextmanager
def running(command: list[str | Path], **options: object) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **options)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def browse(client: str, bus: dict[str, str]) -> list[str]:
    """The fields of the service as avahi-browse prints them, once it is resolved."""
    end = time.monotonic() + PATIENCE
    said = ""
    while time.monotonic() < end:
        command = [
            "ip",
            "netns",
            "exec",
            client,
            "avahi-browse",
            "--resolve",
            "--parsable",
            "--terminate",
            "_tezi._tcp",
        ]
        done = subprocess.run(command, env={**os.environ, **bus}, capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        for line in said.splitlines():
            if line.startswith("=;"):
                return line.split(";")
        time.sleep(0.5)
    raise AssertionError(f"avahi-browse saw no feed: {said}")


@pytest.mark.slow
def test_avahi_browse_sees_the_feed(feed: Path, tmp_path: Path) -> None:
    socket = tmp_path / "bus"
    (tmp_path / "bus.conf").write_text(BUS.format(socket=socket))
    bus = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={socket}"}
    with lan() as (server, client, interface), ExitStack() as stack:
        (tmp_path / "avahi.conf").write_text(DAEMON.format(interface=interface))
        inside = ["ip", "netns", "exec", server, sys.executable, "-c", COMMAND]
        serve = [*inside, "serve", feed, "--port", "8080", "--address", SERVER, "--name", "bench.feed"]
        stack.enter_context(running(serve, cwd=PROJECT / "scripts"))
        stack.enter_context(running(["dbus-daemon", "--nofork", f"--config-file={tmp_path}/bus.conf"]))
        # The daemon keeps its number and its socket below /run: here a /run of its own.
        daemon = "mount -t tmpfs none /run && exec avahi-daemon --no-drop-root --no-chroot --no-rlimits"
        daemon += f" -f {tmp_path}/avahi.conf"
        command = ["ip", "netns", "exec", client, "unshare", "--mount", "sh", "-c", daemon]
        stack.enter_context(running(command, env={**os.environ, **bus}))
        fields = browse(client, bus)
        fetch = [
            "ip",
            "netns",
            "exec",
            client,
            "curl",
            "--silent",
            "--fail",
            f"http://{fields[7]}:{fields[8]}/image_list.json",
        ]
        listed = subprocess.run(fetch, capture_output=True, text=True, check=True).stdout
    assert fields[3:6] == [r"bench\032feed", "_tezi._tcp", "local"]
    assert fields[7:9] == [SERVER, "8080"]
    assert {
        f'"{text}"' for text in ("name=bench.feed", "path=/image_list.json", "enabled=1", "https=0")
    } == set(fields[9].split())
    assert '"config_format": 1' in listed
