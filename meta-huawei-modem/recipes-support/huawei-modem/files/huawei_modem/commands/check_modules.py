# SPDX-License-Identifier: MIT
"""`check-modules`: do the kernel modules belong to the running kernel?"""

from __future__ import annotations

import argparse

from huawei_modem import report, running_kernel
from huawei_modem.commands.common import add_json, show, sticks
from huawei_modem.rules import kernel as rules


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "examples: huawei-modem check-modules; huawei-modem check-modules --all"
    add_json(parser)
    parser.add_argument(
        "--all", action="store_true", help="read every module, not only the ones that matter here"
    )


def run(args: argparse.Namespace) -> int:
    depth = running_kernel.EVERY if args.all else running_kernel.PRESENT
    facts = running_kernel.collect(args.root, sticks(args.root).drivers, depth)
    if facts["loadable"] is False:
        subject = f"kernel {facts['release']}, which loads no modules: there is nothing to check"
    else:
        subject = f"{facts['modules_dir']}, {facts['checked']} modules read"
    findings = rules.check(facts)
    return show(report.Report("huawei-modem check-modules", subject, findings, {"kernel": facts}), args.json)
