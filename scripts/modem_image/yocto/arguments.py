# SPDX-License-Identifier: MIT
"""The part of `modem-image build` that is about Yocto targets."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

from modem_image import PROJECT
from modem_image.cli.choice import choose
from modem_image.errors import InputError
from modem_image.yocto import plan

WORK = PROJECT / "build" / "yocto"
MIRROR_VARIABLE = "MODEM_IMAGE_MIRROR"
DEFAULTS: Mapping[str, object] = {
    "opt": [],
    "release": plan.DEFAULT_RELEASE,
    "dry_run": False,
    "user": None,
    "mirror": None,
    "provenance": False,
    "work_dir": WORK,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options that only Yocto targets have; their defaults are DEFAULTS."""
    group = parser.add_argument_group("options of the Yocto targets")
    group.add_argument("--opt", action="extend", nargs="+", metavar="NAME", help="features of kas/opt/")
    group.add_argument(
        "--release",
        help=f"{', '.join(plan.RELEASES)}; default: {plan.DEFAULT_RELEASE}",
    )
    group.add_argument(
        "--dry-run",
        action="store_true",
        help="fetch the layers, parse all, resolve every task of the image, run none",
    )
    group.add_argument(
        "--user", metavar="NAME", help="as root: run kas as this user, who is made when there is none"
    )
    group.add_argument(
        "--mirror",
        type=Path,
        metavar="DIR",
        help=f"clones of the layers instead of the network; default: {MIRROR_VARIABLE} of the environment",
    )
    group.add_argument("--provenance", action="store_true", help="hand out kas's attestation of the build")
    group.add_argument("--work-dir", type=Path, metavar="DIR", help="where kas works; default: build/yocto")


def run(args: argparse.Namespace) -> int:
    """Build `args.target`, which is one of plan.TARGETS. Exit status 0 only if every step passed."""
    # Here, for the bench needs none of it.
    from modem_image.yocto.run import Setting, build

    release = choose("release", args.release, plan.RELEASES)
    if args.dry_run and args.provenance:
        raise InputError("--provenance attests a build, and --dry-run builds nothing; leave one out")
    if args.dry_run and args.json:
        raise InputError("--json is for the image's check, and --dry-run makes no image; leave one out")
    request = plan.Request(args.target, release, tuple(args.opt), args.dry_run, args.provenance)
    named = args.mirror or os.environ.get(MIRROR_VARIABLE)
    setting = Setting(
        root=args.work_dir.resolve(),
        output=PROJECT / "build" / args.target,
        user=args.user,
        mirror=Path(named).resolve() if named else None,
        json=args.json,
    )
    return build(request, setting)
