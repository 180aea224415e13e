# SPDX-License-Identifier: MIT
"""Boot an image on the emulated Colibri iMX7 with an emulated stick, from plug-in to ping."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from huawei_modem.report import Report, Verdict, to_text
from modem_image import PROJECT
from modem_image.bench.card import make_card
from modem_image.bench.run import Setting, run_bench
from modem_image.bench.scenario import Scenario, load_scenarios
from modem_image.bench.stick import data
from modem_image.bench.stick.stick import Stick
from modem_image.board import load_board
from modem_image.cache import Cache, cache_root
from modem_image.check.image import check_image
from modem_image.choice import choose
from modem_image.console import say, table, wants_colour
from modem_image.debian.archive import host_mirror
from modem_image.errors import InputError
from modem_image.image.build import build_image
from modem_image.output import write_json
from modem_image.system import ensure_tools

IMAGE_TOOLS = ("apt-get", "cpio", "depmod", "dpkg-deb", "make", "mmdebstrap", "systemctl", "systemd-sysusers")
BOOT_TOOLS = ("fdtput", "mcopy", "mke2fs", "mkfs.vfat", "qemu-system-arm", "tar", "xz")
# What stands in for root: user namespaces for mmdebstrap, remembered owners for the card.
USER_TOOLS = ("fakeroot", "newuidmap")
DEFAULT_STICK, DEFAULT_SCENARIO = "ms2372h-vodafone", "hot-plug"
OUTPUT = PROJECT / "build" / "bench"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `bench` to the host's command line."""
    parser = commands.add_parser(
        "bench",
        help="boot an image with an emulated stick",
        description=__doc__,
        epilog="example: modem-image bench --stick ms2372h --scenario cold-plug",
    )
    parser.add_argument("image", nargs="?", type=Path, help="an Easy Installer tar; default: the bench image")
    parser.add_argument("--stick", default=DEFAULT_STICK, help=f"default: {DEFAULT_STICK}")
    parser.add_argument("--scenario", default=DEFAULT_SCENARIO, help=f"default: {DEFAULT_SCENARIO}")
    parser.add_argument("--list", action="store_true", help="list sticks and scenarios")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder for the run's folder")
    parser.add_argument("--json", metavar="FILE", help="the report as JSON; - is standard output")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit status 0 only if every step was seen."""
    if args.list:
        sys.stdout.write(listing())
        return 0
    if args.image and not args.image.is_file():
        raise InputError(
            f"{args.image}: no such file; give an Easy Installer tar, or nothing for the bench image"
        )
    stick, scenario = chosen(args)
    ensure_tools(tools())
    image = args.image or build_image(load_board(host_mirror()), Cache(cache_root()))
    checked = check_image(image)
    if checked.verdict is Verdict.FAULT:
        sys.stdout.write(to_text(checked, wants_colour(sys.stdout)))
        return checked.exit_status
    return bench(image, stick, scenario, args.output, args.json)


def tools() -> tuple[str, ...]:
    """The programs that it takes to make the bench image and to boot it, for whoever runs this."""
    return (*IMAGE_TOOLS, *BOOT_TOOLS, *(() if os.geteuid() == 0 else USER_TOOLS))


def chosen(args: argparse.Namespace) -> tuple[Stick, Scenario]:
    """The stick and the scenario that the arguments name. Raises InputError with the nearest names."""
    scenarios = load_scenarios()
    scenario = scenarios[choose("scenario", args.scenario, scenarios)]
    return Stick(data.load(choose("stick", args.stick, data.names())), scenario.stick), scenario


def bench(image: Path, stick: Stick, scenario: Scenario, output: Path, json_to: str | None) -> int:
    """Boot `image`, print the table, write the run's folder below `output`; the exit status."""
    board = load_board(mirror="")
    card = make_card(image, board, Cache(cache_root()))
    name = stick.description.id
    folder = output / f"run-{scenario.name}-{name}"
    say(f"boot {image.name} with {name}: {scenario.title}")
    label = f"{image.name}, {name}, {scenario.name}"
    report = run_bench(Setting(card, board.qemu, stick, scenario), label, folder)
    stream = sys.stderr if json_to == "-" else sys.stdout
    stream.write(timeline_table(report) + to_text(report, wants_colour(stream)))
    stream.write(f"everything that was seen: {folder}\n")
    write_json(report, json_to)
    return report.exit_status


def timeline_table(report: Report) -> str:
    """Step, seconds since plug-in, result."""
    rows = [
        [
            entry["title"],
            "" if entry["seconds"] is None else f"{entry['seconds']:.1f}",
            "not seen" if entry["seconds"] is None else "ok",
        ]
        for entry in report.facts["timeline"]
    ]
    return table(rows, ["step", "seconds since plug-in", "result"])


def listing() -> str:
    """The sticks and scenarios there are."""
    sticks = [[name, data.load(name).name] for name in data.names()]
    scenarios = [[scenario.name, scenario.title] for scenario in load_scenarios().values()]
    return table(sticks, ["stick", ""]) + "\n" + table(scenarios, ["scenario", ""])
