# SPDX-License-Identifier: MIT
"""A stick that somebody has, as data and as an emulated stick."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from huawei_modem.text import plain
from huawei_modem.transcript.pasted import masker
from modem_image import HELPER
from modem_image.bench.stick import data
from modem_image.bench.stick.events import Event
from modem_image.bench.stick.modem import Registration
from modem_image.bench.stick.peer import End, run_peer
from modem_image.bench.stick.ppp_packets import Auth
from modem_image.bench.stick.sim import SimState
from modem_image.bench.stick.stick import Stick, settings_from
from modem_image.cli.output import add_json, write_json
from modem_image.console import say
from modem_image.errors import EXIT_FAULT, EXIT_OK, InputError
from modem_image.files import write_atomic
from modem_image.sticks import database
from modem_image.sticks.recording import entry, file, reader, show
from modem_image.sticks.recording.model import Recording
from modem_image.sticks.recording.stick import recorded
from modem_image.sticks.recording.text import LONGEST, one_line

_EXAMPLES = """examples:
  lsusb -v -d 12d1: | modem-image stick import - --name my-stick
  modem-image stick import huawei-modem-report.tar.gz
  modem-image stick show e3372h
  modem-image stick show my-stick.toml --json -
  modem-image stick compare my-stick.toml e3372s
  modem-image stick compare e3372h e3372s
  modem-image stick serve /tmp/stick --stick my-stick.toml
  modem-image stick serve /tmp/stick --stick e3372h"""
_ADD = (
    "-device usb-ehci,id=ehci -chardev socket,id=stick,path={},server=on,wait=off"
    " -device usb-redir,chardev=stick,bus=ehci.0"
)
_PATIENCE_S = 3600.0
_SURVEYED = 1 << 19
"""Characters of a listing in which identities are looked for, that a name may repeat."""
_SOCKET_NAME = 107
"""Octets of a socket's path (unix(7): sun_path, without its zero)."""


def configure(parser: argparse.ArgumentParser) -> None:
    """What `stick` takes."""
    parser.description = "Sticks as recordings: make one of a listing, look at it, plug it into any QEMU."
    parser.epilog = _EXAMPLES
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    _add_import(actions)
    showing = actions.add_parser("show", help="what is this stick?", epilog=_of("show"))
    showing.add_argument("stick", metavar="STICK", help="a name of the bench, or a recording's file")
    add_json(showing, "the result as JSON; - is standard output")
    showing.set_defaults(action=_show)
    comparing = actions.add_parser(
        "compare", help="how do two sticks differ? 1 if they do", epilog=_of("compare")
    )
    comparing.add_argument("first", metavar="STICK", help="a name of the bench, or a recording's file")
    comparing.add_argument("second", metavar="STICK")
    add_json(comparing, "the result as JSON; - is standard output")
    comparing.set_defaults(action=_compare)
    _add_serve(actions)


def run(args: argparse.Namespace) -> int:
    """Does the action; the exit status."""
    return int(args.action(args))


def _of(action: str) -> str:
    return "\n".join(["examples:", *(each for each in _EXAMPLES.splitlines() if f"stick {action} " in each)])


# --- import --------------------------------------------------------------------------------------------


def _add_import(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = actions.add_parser(
        "import",
        help="make a recording of a listing",
        description="Reads lsusb -v, usb-devices, /sys/kernel/debug/usb/devices, usbconfig, the kernel's "
        "log, or a capture of huawei-modem report, as pasted as they are; writes NAME.toml and "
        "NAME.entry.toml, which proposes an entry of the database, and says what agrees with it. Serial "
        "numbers are dropped.",
        epilog=_of("import"),
    )
    parser.add_argument("listing", metavar="FILE", help="- is standard input")
    parser.add_argument("--name", help="of the stick; default: the file's name")
    parser.add_argument("--usb", metavar="ID", help="VENDOR:PRODUCT of the device that is meant")
    parser.add_argument("--source", default="", metavar="TEXT", help="where the listing is from")
    parser.add_argument("--output", type=Path, default=Path(), metavar="DIR", help="default: here")
    add_json(parser, "the judgement as JSON; - is standard output")
    parser.set_defaults(action=_import)


def _import(args: argparse.Namespace) -> int:
    known, document = database.load(HELPER / "modems.toml")
    if args.usb and not show.is_usb_id(args.usb):
        raise InputError(f"--usb {args.usb}: no id; it looks like 12d1:1506")
    path = Path(args.listing)
    content = sys.stdin.buffer.read(LONGEST) if args.listing == "-" else reader.content_of(path)
    given = args.name or ("stick" if args.listing == "-" else path.name.partition(".")[0])
    name = one_line(given) or "stick"
    _check_given(content.decode("utf-8", "replace"), {"--name": name, "--source": args.source})
    vendors = {int(mode.usb[:4], 16) for stick in known.sticks for mode in stick.modes}
    devices = reader.devices_of(content, vendors, args.usb.lower() if args.usb else None)
    recording = recorded(name, devices, known, args.source)
    judgements = entry.judged(recording, known)
    stem = show.file_stem(name)
    files = {args.output / f"{stem}.toml": file.to_toml(recording)}
    try:
        files[args.output / f"{stem}.entry.toml"] = entry.proposed(recording, known, document)
    except InputError as error:
        say(str(error))  # the recording can be plugged in all the same
    if args.json and any(os.path.realpath(args.json) == os.path.realpath(target) for target in files):
        raise InputError(f"--json {args.json}: is named for two results\n  do: name two files")
    if there := [target for target in files if target.exists() or target.is_symlink()]:
        raise InputError(
            f"{there[0]}: is there already; nothing was written\n"
            "  do: move it away, or give --name or --output"
        )
    args.output.mkdir(parents=True, exist_ok=True)
    for target, text in files.items():
        write_atomic(target, text.encode())
    stream = sys.stderr if args.json == "-" else sys.stdout
    stream.write(plain(show.summary(recording, judgements)))
    for target in files:
        say(f"written: {target}")
    write_json(show.as_document(recording, judgements), args.json)
    return EXIT_OK


def _check_given(listing: str, given: dict[str, str]) -> None:
    """What is written as somebody gives it has no serial number, nor another identity of the listing."""
    mask = masker()
    mask.survey([listing[:_SURVEYED]])
    for option, text in given.items():
        if mask(text) != text:
            raise InputError(
                f"{option} {one_line(text)}: has a serial number or another identity in it, "
                f"which no recording keeps\n  do: give another {option}"
            )


# --- show and compare ----------------------------------------------------------------------------------


def _read(name: str) -> Recording:
    """The recording of a stick of the bench, or in a file."""
    return file.read(data.path_of(name))[0]


def _show(args: argparse.Namespace) -> int:
    known, _ = database.load(HELPER / "modems.toml")
    recording = _read(args.stick)
    judgements = entry.judged(recording, known)
    stream = sys.stderr if args.json == "-" else sys.stdout
    stream.write(plain(show.details(recording, known) + show.summary(recording, judgements)))
    write_json(show.as_document(recording, judgements), args.json)
    return EXIT_OK


def _compare(args: argparse.Namespace) -> int:
    differences = show.differences(_read(args.first), _read(args.second))
    stream = sys.stderr if args.json == "-" else sys.stdout
    stream.write(plain("".join(f"{line}\n" for line in differences)) or "no difference\n")
    write_json({"first": args.first, "second": args.second, "differences": differences}, args.json)
    return EXIT_FAULT if differences else EXIT_OK


# --- serve ---------------------------------------------------------------------------------------------


def _add_serve(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = actions.add_parser(
        "serve",
        help="plug a stick into any QEMU",
        description="The emulated stick behind a unix socket that QEMU listens on, also kas's and runqemu's; "
        "prints what to add to QEMU's command, then an event a line, until QEMU ends or Ctrl-C.",
        epilog=_of("serve"),
    )
    parser.add_argument("socket", type=Path, metavar="SOCKET", help="where QEMU listens")
    parser.add_argument("--stick", default="ms2372h-vodafone", help="a name of the bench, or a file")
    parser.add_argument("--start", help="mode after plugging in; default: the first of the recording")
    parser.add_argument("--sim", default="ready", choices=[state.value for state in SimState])
    parser.add_argument("--pin", default="0000", help="the SIM's PIN (with --sim pin)")
    parser.add_argument("--registration", default="home", choices=[state.value for state in Registration])
    parser.add_argument("--apn", help="the only APN that the network accepts; default: any")
    parser.add_argument("--auth", default="none", choices=[auth.value for auth in Auth])
    parser.add_argument("--username", default="", help="for --auth pap or chap")
    parser.add_argument("--password", default="", help="for --auth pap or chap: of the emulated network")
    parser.set_defaults(action=_serve)


def _serve(args: argparse.Namespace) -> int:
    if args.socket.exists() and not args.socket.is_socket():
        raise InputError(f"{args.socket}: is not a socket\n  do: name the one that QEMU makes")
    if len(os.fsencode(args.socket)) > _SOCKET_NAME:
        raise InputError(f"{args.socket}: longer than the {_SOCKET_NAME} bytes that a socket's name may have")
    names = ("start", "sim", "pin", "registration", "apn", "auth", "username", "password")
    values: dict[str, Any] = {name: value for name in names if (value := getattr(args, name)) is not None}
    stick = Stick(data.load(data.path_of(args.stick)), settings_from(values))
    say(f"add to QEMU's command: {_ADD.format(args.socket)}")
    try:
        end = run_peer(args.socket, stick, _print_event, connect_timeout_s=_PATIENCE_S)
    except KeyboardInterrupt:
        return EXIT_OK
    return EXIT_FAULT if end is End.PROTOCOL_ERROR else EXIT_OK


def _print_event(event: Event) -> None:
    print(json.dumps(asdict(event)), flush=True)
