# SPDX-License-Identifier: MIT
"""Options that the command of the build and that of a developer's machine have in common."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from huawei_modem_check.errors import InputError
from huawei_modem_check.image import Given
from huawei_modem_check.rules import Wanted


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

    parser.add_argument(
        "--module",
        metavar="ID",
        help="judge an Easy Installer image for this module alone: 0039, or any other",
    )
    parser.add_argument(
        "--bench", action="store_true", help="the image may be the bench's own, which boots on no module"
    )


def wanted_of(args: argparse.Namespace) -> Wanted:
    """What is asked of an image. Raises InputError for what is no product id."""
    if args.module is not None and not re.fullmatch("[0-9]{4}", args.module):
        raise InputError(f"--module {args.module}: a product id is four digits, as 0039")
    return Wanted(args.module, args.bench)


def given_of(args: argparse.Namespace) -> Given:
    """What was given for them."""
    return Given(args.kernel, tuple(args.symbols), args.config)
