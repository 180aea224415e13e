# SPDX-License-Identifier: MIT
"""Files of one folder over HTTP/1.1, read-only: byte ranges and conditional requests (RFC 9110)."""

from __future__ import annotations

import contextlib
import dataclasses
import email.utils
import http.server
import os
import re
import socket
import stat
import sys
import urllib.parse
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from io import BufferedIOBase
from pathlib import Path
from typing import BinaryIO, Protocol

from huawei_modem.text import printable
from modem_image.serve.connections import REQUEST_SECONDS, STALL_SECONDS, Connections
from modem_image.serve.transfers import Transfers

CHUNK = 256 << 10
"""Bytes between two looks at the progress: what has to be gone within connections.STALL_SECONDS."""
_NO_ROOM = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)
_TARGET_SHOWN = 200  # characters of a request's target in the log
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".wasm": "application/wasm",
    ".json": "application/json",
    ".png": "image/png",
    ".sh": "text/x-shellscript; charset=utf-8",
    ".asc": "application/pgp-signature",
    ".tar": "application/x-tar",
    ".gz": "application/gzip",
    ".tgz": "application/gzip",
    ".bz2": "application/x-bzip2",
    ".xz": "application/x-xz",
    ".zst": "application/zstd",
    ".lz4": "application/x-lz4",
    ".zip": "application/zip",
}
_TEXT_NAMES = frozenset(["SHA256SUMS"])
_RANGE = re.compile(r"bytes=(?:(\d+)-(\d*)|-(\d+))", re.ASCII | re.IGNORECASE)
_FIELD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r?\n")
"""A field of a header (RFC 9112, 5): no blank before the colon, no line that goes on, no controls."""
_OF_A_BODY = (b"content-length", b"transfer-encoding")
_DIGITS = 18  # of a position; with more it lies behind the end of any file
_SAFE_HEADERS = {
    "Accept-Ranges": "bytes",
    "Cache-Control": "no-cache",  # a feed changes; clients ask again with If-None-Match
    "X-Content-Type-Options": "nosniff",
}


FEED_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'"
"""What a browser may do with a feed's pages (Content-Security-Policy)."""


class Headers(Protocol):
    """The header fields of a request."""

    def get(self, name: str, /) -> str | None:
        """The value of a field, whatever the case of its name."""


class RangeError(Exception):
    """The range lies outside the file: status 416."""


def content_type(name: str) -> str:
    """The media type of a file of a feed."""
    if name in _TEXT_NAMES:
        return "text/plain; charset=utf-8"
    return _TYPES.get(os.path.splitext(name)[1].lower(), "application/octet-stream")  # noqa: PTH122  a bare name


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First octet and the one behind the last, or None for the whole file.

    Several ranges, other units and nonsense give the whole file, as RFC 9110, 14.2 allows. Raises
    RangeError when the range begins behind the end.
    """
    match = _RANGE.fullmatch((header or "").strip().replace(" ", ""))
    if not match:
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        start, end = max(0, size - _position(suffix)), size
    else:
        start, end = _position(first), min(size, _position(last) + 1) if last else size
        if last and _position(last) < start:
            return None
    if start >= size or start >= end:
        raise RangeError
    return start, end


def _position(digits: str) -> int:
    """The number, or one that is larger than any file (RFC 9110, 14.1.1 sets no bound to the digits)."""
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) <= _DIGITS else 10**_DIGITS


def find(root: Path, url: str) -> Path | None:
    """The file or folder below `root` that the request target `url` names, None when there is none.

    Neither `..` nor a link leads out of `root`, and nothing whose name begins with a dot is shown.
    """
    path = urllib.parse.unquote(urllib.parse.urlsplit(url).path, errors="strict")
    parts = [part for part in path.split("/") if part]
    if not path.startswith("/") or "\0" in path or any(part.startswith(".") for part in parts):
        return None
    with contextlib.suppress(OSError, RuntimeError):  # absent, too long, or links in a circle
        found = root.joinpath(*parts).resolve(strict=True)
        if found.is_relative_to(root):
            return found
    return None


@dataclasses.dataclass(frozen=True)
class Validators:
    """What a client may ask by whether its copy is still good; the time has a resolution of seconds."""

    tag: str
    modified: int

    @classmethod
    def of(cls, status: os.stat_result) -> Validators:
        return cls(
            f'"{status.st_ino:x}-{status.st_size:x}-{status.st_mtime_ns:x}"', int(status.st_mtime_ns // 10**9)
        )

    def not_modified(self, headers: Headers) -> bool:
        """Whether the client has this already (RFC 9110, 13.1.2 and 13.1.3)."""
        tags = headers.get("If-None-Match")
        if tags is not None:
            return tags.strip() == "*" or self.tag in re.findall(r'"[^"]*"', tags)
        since = _seconds(headers.get("If-Modified-Since"))
        return since is not None and self.modified <= since

    def range_holds(self, headers: Headers) -> bool:
        """Whether a part of this fits the part that the client has (RFC 9110, 13.1.5)."""
        condition = headers.get("If-Range")
        return condition is None or condition.strip() == self.tag or _seconds(condition) == self.modified


def _seconds(date: str | None) -> int | None:
    try:
        return int(email.utils.parsedate_to_datetime(date).timestamp()) if date else None
    except ValueError:
        return None


class _Lines:
    """The lines of a request's header as they come: Python's parser passes over what it does not know."""

    def __init__(self, stream: BufferedIOBase) -> None:
        self._stream = stream
        self._lines: list[bytes] = []

    def readline(self, limit: int = -1) -> bytes:
        self._lines.append(line := self._stream.readline(limit))
        return line

    def announce_a_body(self) -> bool:
        return any(name in _OF_A_BODY for name in self._names())

    def fault(self, version: str) -> str | None:
        """What RFC 9112 refuses, 3.2 and 5.1: a proxy before this server may read such a header otherwise."""
        if not all(map(_FIELD.fullmatch, self._lines[:-1])):
            return "A line of the header is not a field"
        if version >= "HTTP/1.1" and list(self._names()).count(b"host") != 1:
            return "One Host is needed"
        return None

    def _names(self) -> Iterator[bytes]:
        return (line.partition(b":")[0].lower() for line in self._lines)


class FeedServer(http.server.ThreadingHTTPServer):
    """Serves the files below `root` (resolved) and tells `transfers` what is going on."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], root: Path, transfers: Transfers, policy: str = FEED_POLICY
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.root = root.resolve(strict=True)
        self.transfers = transfers
        self.policy = policy
        self.connections = Connections(transfers.say)
        super().__init__(address, Handler)

    def verify_request(self, request: object, client_address: object) -> bool:
        """Whether there is room for one more; the base class closes it when not."""
        assert isinstance(request, socket.socket) and isinstance(client_address, tuple)  # noqa: S101  for mypy
        if self.connections.admit(request, str(client_address[0])):
            return True
        with contextlib.suppress(OSError):
            request.send(_NO_ROOM, socket.MSG_DONTWAIT)
        return False

    def shutdown_request(self, request: object) -> None:
        assert isinstance(request, socket.socket)  # noqa: S101  for mypy
        self.connections.leave(request)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Between two connections, and twice a second."""
        self.connections.close_late()

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002  see the base
        """A client that goes away in the middle is no error here; anything else is a line of the log."""
        error = sys.exc_info()[1]
        if not isinstance(error, (ConnectionError, TimeoutError)):
            address = client_address[0] if isinstance(client_address, tuple) else client_address
            self.transfers.say(f"{address}: not answered: {printable(repr(error))}")


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "modem-image"
    sys_version = ""
    timeout = max(REQUEST_SECONDS, STALL_SECONDS)
    disable_nagle_algorithm = True
    server: FeedServer

    def do_GET(self) -> None:
        """A file, or a part of it."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """The header of the same."""
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
        """Nothing but requests is logged, and that by `log_request`."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:  # noqa: ARG002  see the base
        """Every request, also one that is none."""
        number = code.value if isinstance(code, HTTPStatus) else code
        line = printable(getattr(self, "requestline", "") or "")
        asked = line.removesuffix(f" {self.request_version}") if line else "a request that cannot be read"
        shown = f"{asked[:_TARGET_SHOWN]}…" if len(asked) > _TARGET_SHOWN else asked
        part = self.headers.get("Range") if getattr(self, "headers", None) else None
        of = f" ({printable(part[:40])})" if part else ""
        self.server.transfers.say(f"{self.client_address[0]}: {shown}{of}: {number}")

    def handle_one_request(self) -> None:
        """One request, for which the client has its time."""
        self.server.connections.waiting(self.connection)
        super().handle_one_request()

    def parse_request(self) -> bool:
        """Line and header; with a header that is whole, the connection is no longer one that waits."""
        stream = self.rfile
        lines = _Lines(stream)
        self.rfile = lines  # type: ignore[assignment]  # the base class calls its readline alone
        try:
            whole = super().parse_request()
        finally:
            self.rfile = stream
        if whole:
            self.server.connections.answering(self.connection)
            # A body is not read here; what comes behind the header must not pass for the next request.
            if lines.announce_a_body():
                self.close_connection = True
            if (wrong := lines.fault(self.request_version)) is not None:
                self.close_connection = True
                self.send_error(HTTPStatus.BAD_REQUEST, wrong)
                return False
        return whole

    def end_headers(self) -> None:
        for name, value in _SAFE_HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Security-Policy", self.server.policy)
        super().end_headers()

    def _answer(self, with_body: bool) -> None:
        try:
            path = find(self.server.root, self.path)
        except (ValueError, UnicodeDecodeError):
            path = None
        if path and path.is_dir():
            if not urllib.parse.urlsplit(self.path).path.endswith("/"):
                self._redirect()
                return
            path /= "index.html"  # there is no listing
            path = path.resolve()
        if path is None or not path.is_relative_to(self.server.root) or not path.is_file():
            self._empty(HTTPStatus.NOT_FOUND)
            return
        try:
            file = path.open("rb")
        except OSError:
            self._empty(HTTPStatus.NOT_FOUND)
            return
        with file:
            self._send_file(path.name, file, with_body)

    def _send_file(self, name: str, file: BinaryIO, with_body: bool) -> None:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            self._empty(HTTPStatus.NOT_FOUND)
            return
        validators = Validators.of(status)
        headers = {
            "ETag": validators.tag,
            "Last-Modified": email.utils.formatdate(validators.modified, usegmt=True),
        }
        if validators.not_modified(self.headers):
            self._head(HTTPStatus.NOT_MODIFIED, headers)
            return
        asked = self.headers.get("Range") if validators.range_holds(self.headers) else None
        try:
            part = byte_range(asked, status.st_size)
        except RangeError:
            self._empty(
                HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, {"Content-Range": f"bytes */{status.st_size}"}
            )
            return
        start, end = part or (0, status.st_size)
        headers |= {"Content-Type": content_type(name), "Content-Length": str(end - start)}
        if part:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{status.st_size}"
        self._head(HTTPStatus.PARTIAL_CONTENT if part else HTTPStatus.OK, headers)
        if with_body:
            self._send_body(name, file, start, end)

    def _send_body(self, name: str, file: BinaryIO, start: int, end: int) -> None:
        with self.server.transfers.running(self.client_address[0], name, end - start) as transfer:
            while start < end:
                sent = self.connection.sendfile(file, start, min(CHUNK, end - start))
                if not sent:
                    self.close_connection = (
                        True  # the file became shorter: the promised length cannot be kept
                    )
                    return
                start += sent
                transfer.advance(sent)
                self.server.connections.answering(self.connection)

    def _redirect(self) -> None:
        target = urllib.parse.urlsplit(self.path).path
        # Not //host: a browser would take that for another server.
        self._empty(HTTPStatus.MOVED_PERMANENTLY, {"Location": "/" + target.lstrip("/") + "/"})

    def _empty(self, status: HTTPStatus, headers: Mapping[str, str] | None = None) -> None:
        self._head(status, {**(headers or {}), "Content-Length": "0"})

    def _head(self, status: HTTPStatus, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
