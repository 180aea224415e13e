# SPDX-License-Identifier: MIT
"""What the emulated network serves: DNS, HTTP for online checks, and echo. Pure: a question, its answer.

Sources: RFC 1035 (DNS), RFC 9112 (HTTP/1.1), RFC 862 (echo); ConnMan 1.41 src/wispr.c: it GETs
http://ipv4.connman.net/online/status.html and is online on status 200 with a header X-ConnMan-Status.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from ipaddress import IPv4Address

DNS_PORT, ECHO_PORT, HTTP_PORT = 53, 7, 80

_DNS_HEADER = struct.Struct(">HHHHHH")
_TYPE_A, _CLASS_IN = 1, 1
_TTL_S = 60
_RESPONSE, _RECURSION_AVAILABLE, _RECURSION_DESIRED = 0x8000, 0x0080, 0x0100
_OPCODE_MASK, _NOT_IMPLEMENTED = 0x7800, 4

_OCTETS = re.compile(r"/octets/(\d{1,9})")
MAX_OCTETS = 1 << 26
"""Of a page /octets/N, which measures the data path."""
MAX_REQUEST = 8192
"""Octets of an HTTP request's head; more is answered with 400."""


@dataclass(frozen=True)
class DnsAnswer:
    """The answer to a query, and what was asked for."""

    message: bytes
    name: str
    type: int


def dns_answer(query: bytes, address: IPv4Address) -> DnsAnswer | None:
    """Every A query gets `address`, other types an empty answer; None for what is no query."""
    if len(query) < _DNS_HEADER.size:
        return None
    identifier, flags, questions, _, _, _ = _DNS_HEADER.unpack_from(query)
    if flags & _RESPONSE or questions != 1:
        return None
    name, end = _dns_name(query)
    if name is None or len(query) < end + 4:
        return None
    kind, class_ = struct.unpack_from(">HH", query, end)
    question = query[_DNS_HEADER.size : end + 4]
    reply_flags = _RESPONSE | _RECURSION_AVAILABLE | flags & (_RECURSION_DESIRED | _OPCODE_MASK)
    if flags & _OPCODE_MASK:
        reply_flags |= _NOT_IMPLEMENTED
    records = b""
    if (kind, class_) == (_TYPE_A, _CLASS_IN) and not flags & _OPCODE_MASK:
        # 0xC00C points to the name in the question (RFC 1035, 4.1.4).
        records = struct.pack(">HHHIH", 0xC00C, _TYPE_A, _CLASS_IN, _TTL_S, 4) + address.packed
    head = _DNS_HEADER.pack(identifier, reply_flags, 1, 1 if records else 0, 0, 0)
    return DnsAnswer(head + question + records, name, kind)


def _dns_name(query: bytes) -> tuple[str | None, int]:
    """The name of the first question and where it ends; None for compression or a name cut short."""
    labels: list[str] = []
    position = _DNS_HEADER.size
    while position < len(query):
        size = query[position]
        position += 1
        if size == 0:
            return ".".join(labels), position
        if size > 63 or position + size > len(query) or position > 255 + _DNS_HEADER.size:
            break
        labels.append(query[position : position + size].decode("ascii", "replace"))
        position += size
    return None, position


@dataclass(frozen=True)
class HttpAnswer:
    """A response, and the request that it answers (`path` and `host` empty when it was none)."""

    message: bytes
    path: str
    host: str


def http_answer(received: bytes) -> HttpAnswer | None:
    """The response to the request in `received`; None while its head is not complete."""
    head, separator, _ = received.partition(b"\r\n\r\n")
    if not separator:
        return HttpAnswer(_http("400 Bad Request"), "", "") if len(received) > MAX_REQUEST else None
    first, *fields = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        return HttpAnswer(_http("400 Bad Request"), "", "")
    method, path, _ = words
    host = next((f.partition(":")[2].strip() for f in fields if f.lower().startswith("host:")), "")
    if method not in ("GET", "HEAD"):
        return HttpAnswer(_http("405 Method Not Allowed"), path, host)
    octets = _OCTETS.fullmatch(path)
    if octets is not None and int(octets[1]) <= MAX_OCTETS:
        page = f"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {octets[1]}\r\n\r\n".encode()
        return HttpAnswer(page + bytes(int(octets[1])), path, host)
    if path.partition("?")[0] == "/generate_204":
        return HttpAnswer(_http("204 No Content"), path, host)
    # No body: ConnMan 1.41 with the fix for CVE-2022-32293 drops its check at the first octet of one,
    # and the service stays `ready` although it is online.
    return HttpAnswer(_http("200 OK"), path, host)


def _http(status: str) -> bytes:
    fields = [f"HTTP/1.1 {status}", "Connection: close"]
    if status.startswith("200"):
        fields.append("X-ConnMan-Status: online")
    if not status.startswith("204"):
        fields.append("Content-Length: 0")
    return "\r\n".join(fields).encode("ascii") + b"\r\n\r\n"
