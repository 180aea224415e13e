# SPDX-License-Identifier: MIT
"""Serve a feed in the LAN until it is interrupted."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

from modem_image.console import say
from modem_image.errors import EXIT_OK, InputError, UserError
from modem_image.release.feed import Feed
from modem_image.serve.announce import PATH, announced, local_addresses
from modem_image.serve.http import FeedServer
from modem_image.serve.transfers import Transfers

_PORT = 8080


def configure(parser: argparse.ArgumentParser) -> None:
    """What `serve` takes."""
    parser.description = (
        "Serve the feed that `modem-image release` made, read-only, and announce it by mDNS: "
        "a module in the same network shows its images. Ends with Ctrl-C."
    )
    parser.epilog = "example: modem-image serve feed"
    parser.add_argument("feed", type=Path, metavar="DIR", help="the feed's folder")
    parser.add_argument("--address", metavar="IP", help="serve on this address only; default: all")
    parser.add_argument("--port", type=int, default=_PORT, help=f"default: {_PORT}; 0 takes a free one")
    parser.add_argument("--name", help="what the installer calls the feed; default: the folder's name")
    parser.add_argument("--no-mdns", action="store_true", help="announce nothing")


def run(args: argparse.Namespace) -> int:
    """Serves until KeyboardInterrupt, which is how it is meant to end."""
    version = Feed(args.feed).latest()
    if version is None:
        raise InputError(f"{args.feed}: no feed; make one: modem-image release IMAGE --out {args.feed}")
    addresses = [args.address] if args.address else local_addresses()
    with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as stack:
        server = stack.enter_context(_server(args))
        port = server.server_address[1]
        for address in addresses:
            say(
                f"serving {version}: http://{address}:{port}/ (for Easy Installer: http://{address}:{port}{PATH})"
            )
        if not args.no_mdns:
            name = args.name or args.feed.resolve().name
            say(f"announced as: {stack.enter_context(announced(name, port, addresses))}")
        server.serve_forever()
    say("no longer served")
    return EXIT_OK


def _server(args: argparse.Namespace) -> FeedServer:
    try:
        return FeedServer((args.address or "", args.port), args.feed, Transfers(say))
    except (OSError, OverflowError) as err:
        raise UserError(f"port {args.port} cannot be served: {err}; choose another with --port") from err
