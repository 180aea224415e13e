# SPDX-License-Identifier: MIT
"""Check that kernel, modules, options and image.json of an image belong together."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from huawei_modem.report import Report, Severity
from huawei_modem.text import printable
from huawei_modem_check.image import Given, check_image
from huawei_modem_check.options import add_options, given_of, wanted_of
from huawei_modem_check.rules import Wanted
from huawei_modem_check.sources import ACCEPTED, subjects
from modem_image.cli.output import add_html, add_json, add_junit, print_report, write_json
from modem_image.console import step, table
from modem_image.errors import EXIT_FAULT, EXIT_OK, InputError
from modem_image.files import write_result

_EXAMPLE = """examples:
  modem-image check build/colibri-imx7-emmc/*-Tezi_*.tar
  modem-image check deploy/images/colibri-imx7-emmc --json report.json"""


def configure(parser: argparse.ArgumentParser) -> None:
    """What `check` takes."""
    parser.description = __doc__
    parser.epilog = _EXAMPLE
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help=ACCEPTED)
    add_options(parser)
    parser.add_argument(
        "--verbose", action="store_true", help="all evidence of a finding, however long it is"
    )
    add_json(parser)
    add_junit(parser)
    add_html(parser, "write the reports as a page for people")


def run(args: argparse.Namespace) -> int:
    """Check every path. Exit status: the highest of the reports, 0 right, 1 faults, 2 not enough data."""
    given, wanted = given_of(args), wanted_of(args)
    if given != Given() and len(args.paths) > 1:
        raise InputError("--kernel goes with one root file system, and so do --config and --symbols")
    images = [subject for path in args.paths for subject in subjects(path)]
    reports = [_check(images[0], given, wanted)] if len(images) == 1 else _check_several(images, wanted)
    if args.json != "-":
        for report in reports:
            print_report(report, sys.stdout, args.verbose)
        sys.stdout.write(f"\n{to_table(reports)}")
    write_json(_document(reports), args.json)
    if args.junit:
        write_result(args.junit, to_junit(reports))
    if args.html:
        from modem_image.check.page import to_html

        write_result(args.html, to_html(reports))
    statuses = {report.exit_status for report in reports}
    return EXIT_FAULT if EXIT_FAULT in statuses else max(statuses, default=EXIT_OK)


def _check(path: Path, given: Given, wanted: Wanted) -> Report:
    with step(f"check {path.name}"):
        return check_image(path, given, wanted)


def _check_several(images: Sequence[Path], wanted: Wanted) -> list[Report]:
    # Here, and below: processes, XML and Jinja are not for the usual check of one image.
    from modem_image.check.several import check_several

    return check_several(images, wanted)


def to_table(reports: Sequence[Report]) -> str:
    """A line an image: which kernel and how many modules were found in it, and what was found about it."""
    head = ("image", "kernel", "modules", "files", "errors", "warnings", "verdict")
    return table([_row(report) for report in reports], head)


def _row(report: Report) -> tuple[str, ...]:
    kernels, folders = report.facts["kernels"], report.facts["modules"]
    severities = [finding.severity for finding in report.findings]
    return (
        printable(Path(report.input).name),
        ", ".join(sorted({printable(item["release"] or "unreadable") for item in kernels})) or "none",
        ", ".join(f"{item['count']} for {printable(item['release'])}" for item in folders) or "none",
        str(len(report.facts["files"])),
        str(severities.count(Severity.ERROR)),
        str(severities.count(Severity.WARNING)),
        report.verdict.value,
    )


def _document(reports: Sequence[Report]) -> object:
    """One report as it is, several as a list."""
    documents = [report.to_dict() for report in reports]
    return documents[0] if len(documents) == 1 else documents


def to_junit(reports: Sequence[Report]) -> str:
    """JUnit XML: an image is a suite and an error a failing case; without errors one case passes."""
    import xml.etree.ElementTree as ET

    root = ET.Element("testsuites", name="modem-image")
    for report in reports:
        faults = [finding for finding in report.findings if finding.severity is Severity.ERROR]
        suite = ET.SubElement(
            root,
            "testsuite",
            name=_xml_text(report.input),
            tests=str(max(1, len(faults))),
            failures=str(len(faults)),
        )
        for fault in faults:
            case = ET.SubElement(suite, "testcase", classname=report.tool, name=fault.code)
            failure = ET.SubElement(case, "failure", message=_xml_text(fault.title))
            failure.text = _xml_text("\n".join(f"{item.source}: {item.text}" for item in fault.evidence))
        if not faults:
            ET.SubElement(suite, "testcase", classname=report.tool, name="consistent")
    return str(ET.tostring(root, encoding="utf-8", xml_declaration=True).decode()) + "\n"


def _xml_text(text: str) -> str:
    # XML 1.0 has no place for control characters, and names in an archive may hold them.
    return "\n".join(printable(line) for line in text.split("\n"))
