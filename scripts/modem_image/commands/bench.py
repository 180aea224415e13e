# SPDX-License-Identifier: MIT
"""Boot an image on an emulated board with an emulated stick, from plug-in to ping."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from functools import partial
from pathlib import Path
from typing import TextIO

from huawei_modem.outputs import Target
from huawei_modem.report import Report, Verdict
from huawei_modem_check.image import NOTHING, Given, check_image
from huawei_modem_check.rules import Wanted
from modem_image import PROJECT
from modem_image.access import check_writable, make_folder
from modem_image.bench import timeline
from modem_image.bench.card import KERNEL, boot_files, make_card
from modem_image.bench.fit import check_fit, fitting, kinds_of
from modem_image.bench.folders import KEPT
from modem_image.bench.page.runs import PAGE, load_run
from modem_image.bench.page.write import COMPARE, compare_page, differences, write_pages
from modem_image.bench.run import Setting, run_bench
from modem_image.bench.scenario import load_scenarios
from modem_image.bench.ssh.address import parse
from modem_image.bench.ssh.run import WAIT_S, run_on_board
from modem_image.bench.ssh.run import Setting as OnBoard
from modem_image.bench.stick import data
from modem_image.bench.stick.stick import Pace, Stick, load_stick
from modem_image.bench.visit import Visit
from modem_image.board.description import BOARD, Board, board_names, load_board
from modem_image.cache import Cache, cache_root
from modem_image.cli.choice import choose
from modem_image.cli.output import add_json, print_report, write_json
from modem_image.console import say, table, terminal_width
from modem_image.debian.archive import host_mirror
from modem_image.errors import InputError
from modem_image.files import write_result
from modem_image.image.build import build_image
from modem_image.system import ensure_tools

IMAGE_TOOLS = ("apt-get", "cpio", "depmod", "dpkg-deb", "make", "mmdebstrap", "systemctl", "systemd-sysusers")
BOOT_TOOLS = ("fdtput", "mcopy", "mke2fs", "mkfs.vfat", "qemu-system-arm", "tar", "xz")
# What stands in for root: user namespaces for mmdebstrap, remembered owners for the card.
USER_TOOLS = ("fakeroot", "newuidmap")
DEFAULT_STICK, DEFAULT_SCENARIO = "ms2372h-vodafone", "hot-plug"
OUTPUT = PROJECT / "build" / "bench"
_LONGEST_WAIT_S = 86400.0


def configure(parser: argparse.ArgumentParser) -> None:
    """What `bench` takes."""
    parser.description = __doc__
    parser.epilog = (
        "examples:\n"
        "  modem-image bench --list\n"
        "  modem-image bench --stick ms2372h --scenario cold-plug\n"
        "  modem-image bench IMAGE-Tezi_1.0.tar --stick e3372h --stick ms2372h:sim-pin\n"
        "  modem-image bench --compare build/bench/run-…-0001 build/bench/run-…-0002\n"
        "  modem-image bench --board ssh://root@192.168.1.20"
    )
    parser.add_argument(
        "image",
        nargs="?",
        type=Path,
        help="an Easy Installer tar, for qemuarm a file .ext4; default: the bench image",
    )
    parser.add_argument(
        "--stick",
        action="append",
        metavar="STICK[:SCENARIO]",
        help=f"default: {DEFAULT_STICK}; once more for another stick, which follows in the same boot",
    )
    parser.add_argument(
        "--scenario",
        default=DEFAULT_SCENARIO,
        help=f"of the sticks that name none; default: {DEFAULT_SCENARIO}",
    )
    parser.add_argument(
        "--beside",
        metavar="STICK",
        help="a second stick, at the other USB port of --board qemuarm: it comes once the first is online; "
        "then each is pulled in turn, and the other has to carry",
    )
    parser.add_argument(
        "--fast",
        action="store_true",
        help="sticks switch faster than any real one does; default: as real ones",
    )
    parser.add_argument(
        "--cold-boot",
        action="store_true",
        help="boot from power-on; default: go on from a snapshot of the booted board, which the first run of "
        "an image makes, unless the stick is there from power-on",
    )
    parser.add_argument("--list", action="store_true", help="list sticks, scenarios, and which go together")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder for the runs' folders")
    parser.add_argument(
        "--keep",
        type=int,
        default=KEPT,
        metavar="N",
        help=f"runs of a stick and scenario to keep; default: {KEPT}",
    )
    add_json(parser, "the last stick's report, or the comparison, as JSON; - is standard output")
    parser.add_argument(
        "--compare",
        nargs=2,
        type=Path,
        metavar="RUN",
        help="two runs' folders: boot nothing, and draw both on one scale",
    )

    _add_board(parser)


def _add_board(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "a real board", "The same steps of a real stick at a real board, over SSH: docs/your-board.md."
    )
    group.add_argument(
        "--board",
        metavar="BOARD",
        help="ssh://USER@ADDRESS[:PORT]: nothing is emulated, and no image taken; or the emulated one: "
        f"{', '.join(board_names())}; default: {BOARD}",
    )
    group.add_argument(
        "--ssh-option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an option of ssh (man ssh_config); may be given again",
    )
    group.add_argument(
        "--plug-command",
        metavar="COMMAND",
        help="plugs the stick in, such as uhubctl; default: a person does",
    )
    group.add_argument(
        "--wait",
        type=_seconds,
        metavar="SECONDS",
        help=f"for the stick, and for a board that went away; default: {WAIT_S:.0f}",
    )
    group.add_argument(
        "--ping", metavar="HOST", help="what is pinged through the stick's network; default: 8.8.8.8"
    )


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value <= _LONGEST_WAIT_S:
        raise ValueError(text)
    return value


def run(args: argparse.Namespace) -> int:
    """Exit status 0 only if every step was seen."""
    if args.keep < 1:
        raise InputError(f"--keep {args.keep}: at least the run that is made is kept")
    if args.board and ":" in args.board:
        return on_board(args)
    if args.ssh_option or args.plug_command or args.ping or args.wait is not None:
        raise InputError(
            "--ssh-option, --plug-command, --wait and --ping are for a real board\n"
            "  do: give --board ssh://USER@ADDRESS too"
        )
    if args.list and args.json:
        raise InputError("--json: the list has no report\n  do: leave it out")
    if args.list:
        sys.stdout.write(listing())
        return 0
    if args.compare:
        first, second = args.compare
        return compare(first, second, args.output, args.json)
    if args.image and not args.image.is_file():
        raise InputError(f"{args.image}: no such file; give an image, or nothing for the bench image")
    name = choose("board", args.board or BOARD, board_names())
    board = load_board("", name)
    visits = beside_each(chosen(args), args.beside, board)
    check_writable(args.output)
    ensure_tools(tools())
    image = args.image or build_image(load_board(host_mirror(), name), Cache(cache_root()))
    checked = check(image, board)
    if checked.verdict is Verdict.FAULT:
        print_report(checked, sys.stdout)
        return checked.exit_status
    # Snapshots of the other boards are not tried.
    boards = None if args.cold_boot or name != BOARD else Cache(cache_root())
    return bench(image, visits, args.output, args.keep, args.json, board, boards)


def check(image: Path, board: Board) -> Report:
    """What is wrong with an image, and with the kernel that lies beside a root file system."""
    kernel = NOTHING if board.qemu.boots_from_card else Given(kernel=boot_files(image)[KERNEL])
    return check_image(image, kernel, Wanted(with_bench=True))


def on_board(args: argparse.Namespace) -> int:
    """As `run`, at a real board. Raises InputError for what only an emulated one has."""
    emulated = {
        "an image": args.image,
        "--stick": args.stick,
        "--scenario": args.scenario != DEFAULT_SCENARIO,
        "--beside": args.beside,
        "--fast": args.fast,
        "--cold-boot": args.cold_boot,
        "--list": args.list,
        "--compare": args.compare,
    }
    if given := [name for name, value in emulated.items() if value]:
        raise InputError(
            f"{', '.join(given)}: not with --board, whose image and stick are real\n  do: leave it out"
        )
    address = parse(args.board, args.ssh_option)
    check_writable(args.output)
    ensure_tools(("ssh",))
    setting = OnBoard(
        address,
        tuple(args.ssh_option),
        plug=args.plug_command,
        wait=WAIT_S if args.wait is None else args.wait,
        keep=args.keep,
        **({"host": args.ping} if args.ping else {}),
    )
    stream = sys.stderr if args.json == "-" else sys.stdout
    say(f"the board at {address.login}, over SSH")
    report = run_on_board(setting, args.output, partial(_show, stream))
    write_json(report.to_dict(), args.json)
    return report.exit_status


def _show(stream: TextIO, report: Report, folder: Path) -> None:
    """The table and the findings of a run, and its page."""
    stream.write(timeline_table(report))
    print_report(report, stream, verbose=True)
    write_pages(folder, load_run(folder))
    stream.write(f"everything that was seen: {folder / PAGE}\n")
    stream.flush()


def tools() -> tuple[str, ...]:
    """The programs that it takes to make the bench image and to boot it, for whoever runs this."""
    return (*IMAGE_TOOLS, *BOOT_TOOLS, *(() if os.geteuid() == 0 else USER_TOOLS))


def chosen(args: argparse.Namespace) -> tuple[Visit, ...]:
    """The sticks and scenarios that the arguments name. Raises InputError with what is near, or would fit."""
    visits = tuple(_visit(name, args.scenario, fast=args.fast) for name in args.stick or [DEFAULT_STICK])
    names = [visit.name for visit in visits]
    for number, visit in enumerate(visits):
        if visit.scenario.cold and number:
            raise InputError(
                f"{visit.scenario.name} is for the first stick: the others come to a running board"
            )
        if names.count(visit.name) > 1:
            raise InputError(f"{args.stick[number]} is named twice; once a boot is enough")
    return visits


def beside_each(visits: tuple[Visit, ...], name: str | None, board: Board) -> tuple[Visit, ...]:
    """The visits with a second stick. Raises InputError where it has no port, or nothing to be beside."""
    if name is None:
        return visits
    if len(board.qemu.usb_ports) < 2:
        raise InputError(
            f"--beside {name}: the board has one USB port for sticks\n  do: give --board qemuarm too"
        )
    for visit in visits:
        if visit.scenario.last_step or visit.scenario.life:
            raise InputError(
                f"--beside {name}: {visit.scenario.name} ends or changes the first stick's connection, "
                "beside which the other is tried\n  do: give another scenario, such as hot-plug"
            )
        if visit.stick.description.id == name:
            raise InputError(f"--beside {name}: is the first stick already\n  do: give another stick")
    other = _visit(name, DEFAULT_SCENARIO, fast=False).stick
    return tuple(dataclasses.replace(visit, beside=other) for visit in visits)


def _visit(name: str, default: str, *, fast: bool) -> Visit:
    stick, _, scenario_name = name.partition(":")
    scenarios, known = load_scenarios(), _kinds()
    scenario = scenarios[choose("scenario", scenario_name or default, scenarios)]
    settings = dataclasses.replace(scenario.stick, pace=Pace.FAST) if fast else scenario.stick
    chosen = Stick(data.load(data.path_of(stick)), settings)
    check_fit(stick, scenario, {**known, stick: kinds_of(chosen)}, scenarios)
    return Visit(chosen, scenario)


def _kinds() -> dict[str, frozenset[str]]:
    """Every stick, and what it is."""
    return {name: kinds_of(load_stick(name)) for name in data.names()}


def bench(
    image: Path,
    visits: tuple[Visit, ...],
    output: Path,
    keep: int,
    json_to: Target | None,
    board: Board,
    boards: Cache | None = None,
) -> int:
    """Boot `image`, or go on from one of `boards`; print each stick's table when it is done, keep the runs in
    `output`. The worst status."""
    card = make_card(image, board, Cache(cache_root()))
    stream = sys.stderr if json_to == "-" else sys.stdout
    for visit in visits:
        say(f"boot {image.name} with {visit.stick.description.id}: {visit.scenario.title}")

    setting = Setting(image.name, card, board.qemu, visits, keep, boards)
    reports = run_bench(setting, output, partial(_show, stream))
    write_json(reports[-1].to_dict(), json_to)
    return max(report.exit_status for report in reports)


def compare(first: Path, second: Path, output: Path, json_to: Target | None = None) -> int:
    """Print how two runs differ, step by step, and draw both on one scale: compare.html in `output`."""
    runs = load_run(first), load_run(second)
    differing = differences(*runs)
    rows = [
        [title, *(f"{each:.1f}" if each is not None else "not seen" for each in seconds), _signed(more)]
        for title, *seconds, more in differing
    ]
    stream = sys.stderr if json_to == "-" else sys.stdout
    stream.write(table(rows, ["step", runs[0].name, runs[1].name, "difference"]))
    make_folder(output)
    write_result(Target(output / COMPARE, "modem-image bench --compare"), compare_page(*runs))
    say(f"drawn on one scale: {output / COMPARE}")
    keys = ("step", "first", "second", "difference")
    steps = [dict(zip(keys, each, strict=True)) for each in differing]
    write_json({"first": str(first), "second": str(second), "differences": steps}, json_to)
    return 0


def _signed(seconds: float | None) -> str:
    return "" if seconds is None else f"{round(seconds, 1) + 0.0:+.1f}"


def timeline_table(report: Report) -> str:
    """Step, seconds since plug-in with a bar from the step before to this one, result."""
    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    return table(
        timeline.rows(report.facts["timeline"], unicode), ["step", "     s", "since plug-in", "result"]
    )


def listing() -> str:
    """The sticks and scenarios there are, and which go together."""
    scenarios, known = load_scenarios(), _kinds()
    sticks = [[name, data.load(name).name, ", ".join(sorted(known[name] - {"any"}))] for name in known]
    lines = [[each.name, each.needs, each.title] for each in scenarios.values()]
    fits = [[name, ", ".join(fitting(kinds, scenarios))] for name, kinds in known.items()]
    width = terminal_width(sys.stdout)
    return "\n".join(
        [
            table(sticks, ["stick", "", "is"], width),
            table(lines, ["scenario", "for a stick that is", ""], width),
            table(fits, ["stick", "its scenarios"], width),
        ]
    )
