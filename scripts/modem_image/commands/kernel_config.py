# SPDX-License-Identifier: MIT
"""Does a kernel have the options that sticks need, and if not, why?"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from huawei_modem import database, outputs
from huawei_modem.report import Report
from huawei_modem.text import plain
from huawei_modem_kernel.fragments import (
    Asked,
    FragmentError,
    fragment_files,
    layer_asks,
    linux_version,
    parse_fragment,
)
from modem_image.cli.output import add_json, print_report, write_json
from modem_image.console import step
from modem_image.errors import EXIT_OK, InputError
from modem_image.files import content_of, write_result
from modem_image.kernel_config import examine, explain
from modem_image.kernel_config.sources import ACCEPTED, decode, read_configuration
from modem_image.kernel_config.tree import open_tree, work_folder

_BASE = "imx_v6_v7_defconfig"
_EXAMPLES = """examples:
  modem-image kernel-config check deploy/images/colibri-imx7-emmc
  modem-image kernel-config check .config --tree ~/linux
  modem-image kernel-config merge --tree ~/linux -o .config
  modem-image kernel-config merge --tree ~/linux --fragment my.cfg -o .config
  modem-image kernel-config explain USB_NET_QMI_WWAN --tree ~/linux
  modem-image kernel-config explain NFT_NAT --tree ~/linux --base .config

The compiler's prefix is CROSS_COMPILE's, else arm-linux-gnueabihf-."""


def configure(parser: argparse.ArgumentParser) -> None:
    """What `kernel-config` takes."""
    parser.description = "Kernel options for USB modems: compare, merge, explain."
    parser.epilog = _EXAMPLES
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    _add_check(actions)
    _add_merge(actions)
    _add_explain(actions)


def _of(action: str) -> str:
    """The examples of one action."""
    return "\n".join(["examples:", *(each for each in _EXAMPLES.splitlines() if f" {action} " in each)])


def _add_check(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = actions.add_parser(
        "check", help="does a configuration have what the layer asks?", epilog=_of("check")
    )
    parser.add_argument("source", type=Path, metavar="CONFIG", help=ACCEPTED)
    parser.add_argument("--tree", type=Path, metavar="DIR", help="the kernel's source tree: say also why not")
    _add_fragments(parser)
    add_json(parser, "the result as JSON; - is standard output")
    parser.set_defaults(action=_check)


def _add_merge(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = actions.add_parser(
        "merge",
        help="make a .config by the kernel's own tools",
        epilog=_of("merge"),
    )
    parser.add_argument("--tree", type=Path, metavar="DIR", required=True, help="the kernel's source tree")
    parser.add_argument("--base", default=_BASE, help="a defconfig's name, or a file; default: %(default)s")
    parser.add_argument(
        "-o",
        "--output",
        action=outputs.Result,
        metavar="FILE",
        help="where the .config goes",
    )
    _add_fragments(parser)
    add_json(parser, "the result as JSON; - is standard output")
    parser.set_defaults(action=_merge)


def _add_explain(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = actions.add_parser(
        "explain", help="where a symbol is, what it depends on, what would allow it", epilog=_of("explain")
    )
    parser.add_argument("symbol", metavar="SYMBOL", help="with or without CONFIG_")
    parser.add_argument("--tree", type=Path, metavar="DIR", required=True, help="the kernel's source tree")
    parser.add_argument("--base", default=_BASE, help="a defconfig's name, or a file; default: %(default)s")
    add_json(parser, "the result as JSON; - is standard output")
    parser.set_defaults(action=_explain)


def _add_fragments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--fragment",
        type=Path,
        action="append",
        metavar="FILE",
        help="ask for what this fragment has instead of the layer's; may be repeated",
    )


def run(args: argparse.Namespace) -> int:
    """The exit status of the action: 1 where `check` or `merge` found a fault."""
    return int(args.action(args))


def _check(args: argparse.Namespace) -> int:
    config, source = read_configuration(args.source)
    tree = open_tree(args.tree) if args.tree else None
    asked, _files = _asked(args.fragment, tree.version if tree else config)
    with work_folder() as folder:
        report = examine.check(config, source, asked, tree, folder)
    return _tell(report, args.json)


def _merge(args: argparse.Namespace) -> int:
    tree = open_tree(args.tree)
    asked, files = _asked(args.fragment, tree.version)
    base = _base(args.base)
    with work_folder() as folder, step(f"merge {len(files)} fragments into {args.base}"):
        merged = examine.merge(tree, base, files, asked, folder)
    if args.output:
        write_result(args.output, merged.config, ("# ", ""))
    return _tell(merged.report, args.json)


def _explain(args: argparse.Namespace) -> int:
    tree = open_tree(args.tree)
    base = _base(args.base)
    with work_folder() as folder:
        asked = layer_asks(linux_version(tree.version))
        found = explain.explain(tree, args.symbol, base, asked, database.load(), folder)
    write_json(found.to_dict(), args.json)
    if args.json != "-":
        sys.stdout.write(plain(explain.to_text(found)))
    return EXIT_OK


def _asked(fragments: Sequence[Path] | None, version: str) -> tuple[Sequence[Asked], Sequence[Path]]:
    """What is asked of this version of Linux, and the files that ask: the layer's unless others are named."""
    if not fragments:
        linux = linux_version(version)
        return layer_asks(linux), fragment_files(linux)
    asked: list[Asked] = []
    for path in fragments:
        try:
            asked += parse_fragment(decode(content_of(path), str(path)), str(path))
        except OSError as error:
            raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
        except FragmentError as error:
            raise InputError(str(error)) from error
    return asked, [path.resolve() for path in fragments]


def _base(base: str) -> str:
    """A file is looked at before make sees it; a name is the tree's matter."""
    path = Path(base)
    if path.is_file():
        decode(content_of(path), base)
        return str(path.resolve())
    return base


def _tell(report: Report, target: outputs.Target | None) -> int:
    if target != "-":
        print_report(report, sys.stdout, verbose=True)
    write_json(report.to_dict(), target)
    return report.exit_status
