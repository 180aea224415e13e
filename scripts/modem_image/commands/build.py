# SPDX-License-Identifier: MIT
"""Make an image, check it, and for the target `bench` boot it with an emulated stick.

bench takes Debian's packages; the other targets are built by kas and bitbake (docs/build.md).
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from huawei_modem.outputs import Target
from huawei_modem.report import Verdict
from modem_image import PROJECT
from modem_image.access import check_writable, make_folder
from modem_image.bench.folders import KEPT
from modem_image.bench.qemu import check_version
from modem_image.board.description import Board, load_board
from modem_image.cache import Cache, cache_root
from modem_image.cli.choice import choose
from modem_image.cli.output import add_json, print_report, write_json
from modem_image.commands import bench
from modem_image.console import say, step
from modem_image.debian.archive import host_mirror
from modem_image.debian.parts import KernelParts, fetch_kernel
from modem_image.errors import InputError
from modem_image.files import atomic_path, check_result
from modem_image.image.build import build_image
from modem_image.image.source_kernel import KIND, compile_kernel
from modem_image.made import is_ours
from modem_image.ofono.build import build_ofono
from modem_image.system import ensure_tools
from modem_image.yocto import arguments as yocto
from modem_image.yocto import plan
from modem_image.yocto.artefacts import note, refuse_others

TARGETS = ("bench", *plan.TARGETS)
DEFAULTS = {
    "kernel": "debian",
    "ofono": "debian",
    "refresh": False,
    "no_boot": False,
    "stick": None,
    "scenario": bench.DEFAULT_SCENARIO,
    "fast": False,
    "cold_boot": False,
}
_REMADE = ("kernel", "root", "image", "card", "snapshot")
WITHOUT_LPAE = "armmp"
# Debian's own kernels, or the series of Debian's source that is compiled with the layer's options and patch.
KERNELS: Mapping[str, str | None] = {
    "debian": None,
    WITHOUT_LPAE: None,
    "source": "6.1",
    "source-6.12": "6.12",
}
OFONOS = ("debian", "patched")


def configure(parser: argparse.ArgumentParser) -> None:
    """What `build` takes."""
    parser.description = __doc__
    parser.epilog = (
        "examples:\n"
        "  modem-image build                                the bench: no hardware\n"
        "  modem-image build bench --scenario cold-plug\n"
        "  modem-image build colibri-imx7-emmc --dry-run    would it start?"
    )
    parser.add_argument("target", nargs="?", default="bench", help=f"{', '.join(TARGETS)}; default: bench")
    add_json(parser)
    group = parser.add_argument_group("options of the target bench")
    group.add_argument(
        "--refresh", action="store_true", help="fetch and make everything anew, whatever the cache holds"
    )
    group.add_argument(
        "--kernel",
        help=f"debian: Debian's own (default); {WITHOUT_LPAE}: the same without LPAE, slower in QEMU; "
        "source, source-6.12: compiled with our options and patch, which takes two cores ten minutes",
    )
    group.add_argument(
        "--ofono",
        help="debian: Debian's own (default), which dials PPP; patched: with the layer's patches, which uses "
        "the stick's network device (two minutes to compile)",
    )
    group.add_argument("--no-boot", action="store_true", help="end after the check")
    group.add_argument("--stick", action="append", metavar="STICK[:SCENARIO]", help="see modem-image bench")
    group.add_argument("--scenario", help=f"default: {bench.DEFAULT_SCENARIO}")
    group.add_argument("--fast", action="store_true", help="see modem-image bench")
    group.add_argument("--cold-boot", action="store_true", help="see modem-image bench")
    yocto.add_arguments(parser)
    parser.set_defaults(**DEFAULTS, **yocto.DEFAULTS)


def run(args: argparse.Namespace) -> int:
    """Exit status 0 only if the image is right and, for the bench, came up."""
    refuse_swallowed(args.opt)
    target = choose("target", args.target, TARGETS)
    if target in plan.TARGETS:
        refuse(args, DEFAULTS, target)
        return yocto.run(args)
    refuse(args, yocto.DEFAULTS, target)
    return run_bench(args)


def refuse_swallowed(options: Sequence[str]) -> None:
    """Raises InputError when --opt took a target for one more of its names."""
    targets = [name for name in options if name in TARGETS]
    if targets:
        names = " ".join(name for name in options if name not in TARGETS) or "NAME"
        raise InputError(
            f"--opt takes every name that follows it, and {targets[0]} is a target\n"
            f"  do: put the target first: modem-image build {targets[0]} --opt {names}"
        )


def refuse(args: argparse.Namespace, defaults: Mapping[str, object], target: str) -> None:
    """Raises InputError when one of the options of `defaults` is given: `target` has none of them."""
    for name, default in defaults.items():
        if getattr(args, name) != default:
            raise InputError(f"{target} has no --{name.replace('_', '-')}; see modem-image build --help")


def run_bench(args: argparse.Namespace) -> int:
    """Make the bench image, check it and boot it."""
    visits = bench.chosen(args)
    name = choose("kernel", args.kernel, KERNELS)
    ofono = choose("ofono", args.ofono, OFONOS)
    others = [choice for choice in (name, ofono) if choice != "debian"]
    output = PROJECT / "build" / "-".join(["bench", *others])
    check_writable(output)
    checked = Target(output / "check.json", "modem-image build bench")
    if output.is_dir():  # a fresh clone has none, and so nothing of anybody in it
        check_result(checked)
    ensure_tools(bench.tools())
    if (version := KERNELS[name]) and not args.no_boot:
        check_version(version)
    cache = Cache(cache_root())
    if args.refresh:
        for kind in (*_REMADE, *([KIND] if KERNELS[name] else []), "ofono"):
            cache.forget(kind)
    board = load_board(host_mirror())
    ofonod = (
        build_ofono(cache, board.archive.mirror, board.archive.architecture) if ofono == "patched" else None
    )
    image = publish(build_image(board, cache, kernel_of(name, board, cache), ofonod), output)
    with step(f"check {image.name}"):
        report = bench.check(image, board)
    write_json(report.to_dict(), checked)
    stream = sys.stderr if args.json == "-" else sys.stdout
    print_report(report, stream)
    if report.verdict is Verdict.FAULT or args.no_boot:
        return report.exit_status
    boards = None if args.cold_boot else cache
    return bench.bench(image, visits, output, KEPT, args.json, board, boards)


def kernel_of(name: str, board: Board, cache: Cache) -> KernelParts | None:
    """The kernel that is not the board's own."""
    if name == WITHOUT_LPAE:
        return fetch_kernel(cache, board.archive, f"linux-image-{WITHOUT_LPAE}")
    version = KERNELS[name]
    return compile_kernel(cache, board, version) if version else None


def publish(image: Path, output: Path) -> Path:
    """A copy of the cached image under its final name in `output`, over that of an earlier run alone."""
    make_folder(output)
    if is_ours(output):
        refuse_others(output, [image.name])
    final = output / image.name
    with atomic_path(final) as temporary:
        shutil.copyfile(image, temporary)
        note(output, image.name, temporary)
    say(f"image: {final}")
    return final
