# SPDX-License-Identifier: MIT
"""Diagnose pasted text, a log, a folder of logs or a capture: what is wrong, and what to do next."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from huawei_modem import outputs
from huawei_modem.database import load
from huawei_modem.report import Report
from huawei_modem.transcript import archive, doctor, masked, summary
from huawei_modem.transcript.captured import CaptureError
from huawei_modem.transcript.sources import UTF16, SourceError, as_text, lines
from modem_image.cli.output import add_html, add_json, print_report, write_json
from modem_image.console import say
from modem_image.doctor.page import to_html
from modem_image.errors import InputError
from modem_image.files import write_result
from modem_image.made import work_folder

_PASTE = "-"
_INPUT = "standard input"
_LARGER = f"more than {archive.MOST_UNPACKED >> 20} MiB; give less of it, or the file itself"
_PIECE = 1 << 16


def configure(parser: argparse.ArgumentParser) -> None:
    """What `doctor` takes."""
    parser.description = __doc__
    parser.epilog = (
        "exit status:\n  0 right, 1 faults found, 2 too little in the text to judge, or no text\n\n"
        "examples:\n  modem-image doctor thread.txt\n  dmesg | modem-image doctor -"
    )
    parser.add_argument(
        "source",
        nargs="?",
        default=_PASTE,
        metavar="SOURCE",
        help="a capture, a text, a folder or a tar of texts, or - for standard input (default)",
    )
    add_json(parser)
    add_html(parser, "write a page with the USB devices and what is bound to them")
    parser.add_argument(
        "--masked",
        action=outputs.Result,
        metavar="FILE",
        help="write the text as it may be sent: no identities, no words but those of known programs",
    )


def run(args: argparse.Namespace) -> int:
    """Exit status: 0 right, 1 faults found, 2 the text does not show enough."""
    try:
        report, recognised, said = (
            _of(Path(args.source), args.masked) if args.source != _PASTE else _pasted(args.masked)
        )
    except (SourceError, CaptureError, outputs.OutputError) as err:
        raise InputError(str(err)) from err
    if "-" not in (args.json, args.masked):
        sys.stdout.write(recognised)
        print_report(report, sys.stdout, verbose=True)
        sys.stdout.write(doctor.closing(report))
    write_json(report.to_dict(), args.json)
    if args.html:
        write_result(args.html, to_html(report, recognised))
    if said:
        print(said, file=sys.stderr)
    return report.exit_status


def _of(path: Path, copy: outputs.Target | None) -> tuple[Report, str, str]:
    """The report, what was recognised, and what to say of the masked copy."""
    report, recognised = doctor.of_path(path, load())
    return report, recognised, masked.write(path, copy) if copy else ""


def _pasted(copy: outputs.Target | None) -> tuple[Report, str, str]:
    if sys.stdin.isatty():
        say("Paste what you have: dmesg, lsusb, lsusb -t, logs, rules. Ctrl-D ends it.")
    stream = io.BufferedReader(sys.stdin.buffer)  # type: ignore[type-var]
    head = stream.peek(512)[:512]
    if copy or head.startswith(archive.PACKED) or archive.is_tar(head):
        return _spooled(stream, copy)
    wide = head[:2] in UTF16
    if b"\0" in head and not wide:
        raise SourceError(f"{_INPUT}: no text. A log, or a tar of logs, is expected")
    text = as_text(stream, "utf-16" if wide else "utf-8")
    try:
        history = doctor.read([("paste", _within(lines(text)))])
    except SourceError as err:
        raise SourceError(f"{_INPUT}: {err}") from err
    return doctor.report(history, _INPUT, load()), summary.to_text(history), ""


def _within(text: Iterator[str]) -> Iterator[str]:
    """`text`, as long as it is no longer than an archive's may be. Raises SourceError."""
    characters = 0
    for line in text:
        characters += len(line)
        if characters > archive.MOST_UNPACKED:
            raise SourceError(_LARGER)
        yield line


def _spooled(stream: IO[bytes], copy: outputs.Target | None) -> tuple[Report, str, str]:
    """A capture or a tar of logs on standard input, or what is to be masked: it is read twice, so it needs a
    file."""
    with work_folder() as folder:
        path = folder / "standard-input"
        with path.open("wb") as file:
            while piece := stream.read(_PIECE):
                if file.tell() + len(piece) > archive.MOST_UNPACKED:
                    raise SourceError(f"{_INPUT}: {_LARGER}")
                file.write(piece)
        return _of(path, copy)
