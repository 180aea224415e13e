# SPDX-License-Identifier: MIT
"""Write the doctor as a static site: paste a log, and it answers in the browser; nothing leaves it."""

from __future__ import annotations

import argparse
from pathlib import Path

from modem_image.access import check_writable
from modem_image.cache import Cache, cache_root
from modem_image.console import say
from modem_image.errors import EXIT_OK
from modem_image.site import pyodide, write


def configure(parser: argparse.ArgumentParser) -> None:
    """What `site` takes."""
    parser.description = (
        f"{__doc__} Any web server may have it, in any folder. Python for browsers (Pyodide "
        f"{pyodide.VERSION}, 6.5 MB) is brought by npm, once."
    )
    parser.epilog = (
        "examples:\n  modem-image site public\n"
        "  modem-image site /srv/www/doctor --pyodide pyodide-314.0.7.tgz"
    )
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="the site's folder, which is made, or replaced"
    )
    parser.add_argument(
        "--pyodide", type=Path, metavar="FILE", help="Pyodide's npm package as a file: nothing is downloaded"
    )


def run(args: argparse.Namespace) -> int:
    """Exit status 0 when the site is there."""
    check_writable(args.folder)
    package = pyodide.files(Cache(cache_root()), args.pyodide)
    octets = write.write(args.folder, package)
    say(f"{args.folder}: index.html, and {octets / 1e6:.0f} MB that it loads")
    say(f"  see it: modem-image serve {args.folder}")
    return EXIT_OK
