# SPDX-License-Identifier: MIT
"""Options that the command of the build and that of a developer's machine have in common."""

from __future__ import annotations

import argparse
from pathlib import Path

from huawei_modem_check.image import Beside


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that name files of the same build, which lie elsewhere."""
    parser.add_argument("--kernel", type=Path, metavar="FILE", help="the kernel of a root file system")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="the kernel's .config, where the kernel carries none"
    )
    parser.add_argument(
        "--symbols",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="the kernel's Module.symvers or System.map, to compare single symbols as depmod -e does",
    )


def beside_of(args: argparse.Namespace) -> Beside:
    """What was given for them."""
    return Beside(args.kernel, tuple(args.symbols), args.config)
