# SPDX-License-Identifier: MIT
"""Serve a feed in the LAN, or the doctor's site, until it is interrupted."""

from __future__ import annotations

import argparse
import contextlib
import errno
import socket
from pathlib import Path

from huawei_modem.text import printable
from modem_image.console import say
from modem_image.errors import EXIT_OK, InputError, UserError
from modem_image.release.feed import RELEASES, Feed, is_release
from modem_image.serve.announce import PATH, announced, check_name, local_addresses
from modem_image.serve.http import FEED_POLICY, FeedServer
from modem_image.serve.transfers import Transfers
from modem_image.site.write import POLICY, is_site

_PORT = 8080


def configure(parser: argparse.ArgumentParser) -> None:
    """What `serve` takes."""
    parser.description = (
        "Serve the feed that `modem-image release` made, read-only, and announce it by mDNS: "
        "a module in the same network shows its images. Or serve what `modem-image site` wrote. "
        "Ends with Ctrl-C."
    )
    parser.epilog = (
        "examples:\n  modem-image serve feed\n"
        "  modem-image serve feed/releases/1.1 --address 192.168.1.2 --name 'line 2'"
    )
    parser.add_argument("feed", type=Path, metavar="DIR", help="a feed, one release in it, or a site")
    parser.add_argument("--address", metavar="IP", help="serve on this address only; default: all")
    parser.add_argument("--port", type=int, default=_PORT, help=f"default: {_PORT}; 0 takes a free one")
    parser.add_argument("--name", help="what the installer calls the feed; default: the folder's name")
    parser.add_argument("--no-mdns", action="store_true", help="announce nothing")


def run(args: argparse.Namespace) -> int:
    """Serves until KeyboardInterrupt, which is how it is meant to end."""
    site = is_site(args.feed)
    root, version = (args.feed, "the doctor") if site else served_folder(args.feed)
    name = check_name(printable(root.resolve().name)[:60] if args.name is None else args.name)
    everywhere = args.address is None or args.address in ("0.0.0.0", "::")  # noqa: S104  as asked
    addresses = local_addresses() if everywhere else [args.address]
    with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as stack:
        server = stack.enter_context(_server(root, args, POLICY if site else FEED_POLICY))
        port = server.server_address[1]
        for address in addresses:
            url = f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"
            installer = "" if site else f" (for Easy Installer: {url}{PATH})"
            say(f"serving {printable(version)}: {url}/{installer}")
        if not (site or args.no_mdns):
            say(f"announced as: {printable(stack.enter_context(announced(name, port, addresses)))}")
        server.serve_forever()
    say("no longer served")
    return EXIT_OK


def served_folder(path: Path) -> tuple[Path, str]:
    """The folder to serve and the version that it shows: a feed, or one release of it.

    Raises InputError that says what `path` is instead.
    """
    if not path.is_dir():
        raise InputError(
            f"{path}: {'is not a folder' if path.exists() else 'no such folder'}; give a feed's folder"
        )
    if is_release(path.resolve()):
        return path.resolve(), path.resolve().name
    feed = Feed(path)
    version = feed.latest()
    if version is None:
        above = path.resolve().parent
        if path.resolve().name == RELEASES and Feed(above).latest() is not None:
            raise InputError(f"{path}: holds the releases of a feed\n  do: modem-image serve {above}")
        if (path / "image.json").is_file():
            raise InputError(f"{path}: is one image, no feed\n  do: modem-image release {path} --out FEED")
        raise InputError(f"{path}: no feed\n  do: modem-image release IMAGE --out {path}")
    if not feed.path(version).is_dir():
        raise InputError(
            f"{path}: its latest release {printable(version)} is gone\n"
            f"  do: modem-image release IMAGE --out {path}"
        )
    return path, version


def _server(root: Path, args: argparse.Namespace, policy: str) -> FeedServer:
    """Raises UserError with what helps: another port does not help against a wrong address."""
    place = f"port {args.port}" if args.address is None else f"{args.address}, port {args.port}"
    try:
        return FeedServer((args.address or "", args.port), root, Transfers(say), policy)
    except OverflowError as err:
        raise InputError(f"--port {args.port}: a port is a number from 0 to 65535") from err
    except OSError as err:
        raise UserError(f"{place} cannot be served: {err.strerror or err}\n  do: {_remedy(err)}") from err


def _remedy(err: OSError) -> str:
    if isinstance(err, socket.gaierror) or err.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
        return f"give an address of this machine with --address: {', '.join(local_addresses())}"
    if err.errno in (errno.EACCES, errno.EPERM):
        return "give a port above 1023 with --port"
    return "give another port with --port; 0 takes a free one"
