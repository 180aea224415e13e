# SPDX-License-Identifier: MIT
"""The feed over HTTP, asked by curl as the installer does, and by requests that it should refuse."""

from __future__ import annotations

import concurrent.futures
import contextlib
import email.utils
import hashlib
import http.client
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from modem_image.serve.connections import PER_ADDRESS
from modem_image.serve.http import FeedServer, RangeError, byte_range, content_type
from modem_image.serve.transfers import Transfers
from patience import PATIENCE, until

LARGE = hashlib.shake_256(b"rootfs").digest(6 << 20)
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Served:
    """A running server, its folder, and what it said."""

    root: Path
    port: int
    said: list[str]

    def ask(self, target: str, method: str = "GET", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=PATIENCE)
        connection.request(method, target, headers={k.replace("_", "-"): v for k, v in headers.items()})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response, body

    def url(self, target: str) -> str:
        return f"http://{LOOPBACK}:{self.port}{target}"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    root = tmp_path / "feed"
    (root / "releases" / "1.0").mkdir(parents=True)
    (root / "releases" / "1.0" / "rootfs.tar.xz").write_bytes(LARGE)
    (root / "releases" / "1.0" / "index.html").write_text("<p>1.0")
    (root / "latest").symlink_to("releases/1.0")
    (root / "image_list.json").write_text('{"config_format": 1}')
    (root / "empty").write_bytes(b"")
    (root / ".lock").write_text("x")
    (tmp_path / "secret").write_text("secret")
    (root / "out").symlink_to(tmp_path / "secret")
    (root / "loop").symlink_to("loop")
    said: list[str] = []
    with FeedServer((LOOPBACK, 0), root, Transfers(said.append)) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield Served(root, server.server_address[1], said)
        server.shutdown()


# --- As the installer asks --------------------------------------------------------------------------


def test_an_interrupted_download_is_resumed(served: Served, tmp_path: Path) -> None:
    part = tmp_path / "rootfs.tar.xz"
    part.write_bytes(LARGE[:1_234_567])
    command = ["curl", "--silent", "--show-error", "--fail", "--continue-at", "-", "--output", part]
    done = subprocess.run(
        [*command, "-w", "%{http_code} %{size_download}", served.url("/latest/rootfs.tar.xz")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"206 {len(LARGE) - 1_234_567}"
    assert part.read_bytes() == LARGE


def break_off(served: Served, start: int, size: int) -> bytes:
    """The first `size` octets of what comes from `start` on; then the cable is pulled."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)  # or all of it is on its way
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.connect((LOOPBACK, served.port))
        connection.sendall(
            f"GET /latest/rootfs.tar.xz HTTP/1.1\r\nHost: feed\r\nRange: bytes={start}-\r\n\r\n".encode()
        )
        with connection.makefile("rb") as answer:
            assert b" 206 " in answer.readline()
            while answer.readline() != b"\r\n":
                pass
            return answer.read(size)


def test_a_download_that_breaks_off_again_and_again(served: Served, tmp_path: Path) -> None:
    part = tmp_path / "rootfs.tar.xz"
    data = b""
    for _attempt in range(3):
        data += break_off(served, len(data), 300_000)
    part.write_bytes(data)
    url = served.url("/latest/rootfs.tar.xz")
    subprocess.run(["curl", "--silent", "--continue-at", "-", "--output", part, url], check=True)
    assert part.read_bytes() == LARGE
    until(lambda: sum("broken off after" in line for line in served.said) >= 3, lambda: served.said)


def test_the_head_says_how_large_it_is(served: Served) -> None:
    head = subprocess.run(
        ["curl", "--silent", "--head", served.url("/latest/rootfs.tar.xz")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert f"Content-Length: {len(LARGE)}" in head
    assert "Accept-Ranges: bytes" in head
    assert served.ask("/latest/rootfs.tar.xz", "HEAD")[1] == b""


def test_many_downloads_at_once(served: Served) -> None:
    def whole(_number: int) -> bool:
        return served.ask("/latest/rootfs.tar.xz")[1] == LARGE

    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        assert all(pool.map(whole, range(32)))
    assert sum("6.0 MiB in" in line for line in served.said) == 32


def test_types_and_the_page_for_people(served: Served) -> None:
    response, body = served.ask("/latest/")
    assert (response.status, body) == (200, b"<p>1.0")
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert served.ask("/image_list.json?x=1")[0].headers["Content-Type"] == "application/json"
    assert content_type("SHA256SUMS").startswith("text/plain")
    assert content_type("zImage") == "application/octet-stream"


def test_an_empty_file(served: Served) -> None:
    response, body = served.ask("/empty")
    assert (response.status, body, response.headers["Content-Length"]) == (200, b"", "0")


# --- Conditions -------------------------------------------------------------------------------------


def test_what_the_client_has_is_not_sent_again(served: Served) -> None:
    first, _body = served.ask("/image_list.json")
    tag, date = first.headers["ETag"], first.headers["Last-Modified"]
    assert served.ask("/image_list.json", If_None_Match=tag)[0].status == 304
    assert served.ask("/image_list.json", If_None_Match='"other"', If_Modified_Since=date)[0].status == 200
    assert served.ask("/image_list.json", If_Modified_Since=date)[0].status == 304
    assert served.ask("/image_list.json", If_Modified_Since="yesterday")[0].status == 200
    older = email.utils.formatdate(0, usegmt=True)
    assert served.ask("/image_list.json", If_Modified_Since=older)[0].status == 200


def test_a_part_of_another_file_is_not_joined_to_it(served: Served) -> None:
    tag = served.ask("/latest/rootfs.tar.xz", "HEAD")[0].headers["ETag"]
    assert served.ask("/latest/rootfs.tar.xz", Range="bytes=5-9", If_Range=tag)[1] == LARGE[5:10]
    (served.root / "latest" / "rootfs.tar.xz").write_bytes(b"new content")
    response, body = served.ask("/latest/rootfs.tar.xz", Range="bytes=5-9", If_Range=tag)
    assert (response.status, body) == (200, b"new content")


def test_a_range_behind_the_end(served: Served) -> None:
    response, _body = served.ask("/latest/rootfs.tar.xz", Range=f"bytes={len(LARGE)}-")
    assert (response.status, response.headers["Content-Range"]) == (416, f"bytes */{len(LARGE)}")


@pytest.mark.parametrize("header", [f"bytes={10**30}-", f"bytes={10**30}-{10**31}", "bytes=100-", "bytes=-0"])
def test_a_range_of_which_the_file_has_nothing(header: str) -> None:
    with pytest.raises(RangeError):
        byte_range(header, 100)


# --- Bounded ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_thousand_idle_connections_beside_a_download(served: Served, tmp_path: Path) -> None:
    idle = []
    try:
        for number in range(1000):
            idle.append(socket.create_connection((LOOPBACK, served.port), timeout=PATIENCE))
            if number % 3 == 0:
                idle[-1].sendall(b"GET /latest/rootfs.tar.xz HTTP/1.1\r\nHost:")
        part = tmp_path / "part"
        subprocess.run(
            ["curl", "--silent", "--fail", "-m", "20", "-o", part, served.url("/latest/rootfs.tar.xz")],
            check=True,
        )
        assert part.read_bytes() == LARGE
        assert threading.active_count() < PER_ADDRESS + 40
    finally:
        for connection in idle:
            connection.close()


def test_a_request_that_comes_an_octet_at_a_time_is_ended(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modem_image.serve.connections.REQUEST_SECONDS", 0.5)
    request = b"GET /image_list.json HTTP/1.1\r\nX: " + b"x" * 1000
    with (
        socket.create_connection((LOOPBACK, served.port), timeout=PATIENCE) as connection,
        pytest.raises(ConnectionError),
    ):
        for octet in request:
            connection.sendall(bytes([octet]))
            time.sleep(0.05)
    await_line(served, "closed: no request in time")


def test_an_answer_that_nobody_takes_is_ended(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    (served.root / "large").write_bytes(bytes(64 << 20))
    monkeypatch.setattr("modem_image.serve.connections.STALL_SECONDS", 0.5)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)
        connection.connect((LOOPBACK, served.port))
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: feed\r\n\r\n")
        await_line(served, "closed: too slow")
        await_line(served, "broken off after")


def await_line(served: Served, text: str) -> None:
    until(lambda: any(text in line for line in served.said), lambda: served.said)


def test_every_request_is_logged(served: Served) -> None:
    served.ask("/image_list.json")
    with socket.create_connection((LOOPBACK, served.port), timeout=PATIENCE) as connection:
        connection.sendall(b"GET /absent?\x1b HTTP/1.1\r\nHost: feed\r\nRange: bytes=0-1\r\n\r\n")
        connection.recv(1000)
    served.ask("/image_list.json", "POST")
    with socket.create_connection((LOOPBACK, served.port), timeout=PATIENCE) as connection:
        connection.sendall(b"\x1b[31mnonsense\r\n\r\n")
        connection.recv(1000)
    for line in (
        "127.0.0.1: GET /image_list.json: 200",
        "127.0.0.1: GET /absent?\N{REPLACEMENT CHARACTER} (bytes=0-1): 404",
        "127.0.0.1: POST /image_list.json: 501",
        "127.0.0.1: \N{REPLACEMENT CHARACTER}[31mnonsense: 400",
    ):
        assert line in served.said


# --- What is not for everybody ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "/../secret",
        "/releases/../../secret",
        "/%2e%2e/secret",
        "/..%2fsecret",
        "/out",
        "/.lock",
        "/loop",
        "/releases/",
        "/absent",
        "/a%00b",
        "/%ff",
        "/" + "x" * 5000,
        "secret",
        "http://[",
    ],
)
def test_nothing_else_is_shown(served: Served, target: str) -> None:
    with socket.create_connection((LOOPBACK, served.port), timeout=PATIENCE) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert b" 404 " in answer.splitlines()[0]
    assert b"secret" not in answer


def test_a_redirect_stays_here(served: Served) -> None:
    assert served.ask("/latest")[0].headers["Location"] == "/latest/"
    assert served.ask("//latest")[0].headers["Location"] == "/latest/"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_it_is_read_only(served: Served, method: str) -> None:
    assert served.ask("/image_list.json", method)[0].status == 501
    assert (served.root / "image_list.json").exists()


@pytest.mark.parametrize(
    "said",
    [
        "Content-Length: 40",
        "Content-Length: -1",
        "Transfer-Encoding: chunked",
        "Content-Length : 40",
        "Transfer-Encoding\t: chunked",
        "X: a\r\n Content-Length: 40",
        "Junk\r\nContent-Length: 40",
        "é: 1\r\nContent-Length: 40",
        "A\0B: c\r\nContent-Length: 40",
        ": 38\r\nContent-Length: 40",
        "A: b\r\r\nContent-Length: 40",
        "A: b\x1cContent-Length: 40",
        "A: b\x85Content-Length: 40\r\nContent-Length: 40",
    ],
)
def test_the_body_of_a_request_is_no_request(served: Served, said: str) -> None:
    """Behind a proxy that keeps connections open it would be somebody else's answer."""
    hidden = "GET /second HTTP/1.1\r\nHost: feed\r\n\r\n"
    with socket.create_connection((LOOPBACK, served.port), timeout=PATIENCE) as connection:
        connection.sendall(f"GET /first HTTP/1.1\r\nHost: feed\r\n{said}\r\n\r\n{hidden}".encode("latin-1"))
        answered = b""
        with contextlib.suppress(ConnectionResetError):
            while part := connection.recv(1 << 16):
                answered += part
    assert answered.count(b"HTTP/1.1 ") == 1
