# SPDX-License-Identifier: MIT
"""The layer's runtime cases by a release's own oeqa: oeqa_run.py FOLDER-OF-OEQA FOLDER-OF-CASES <ANSWERS.

ANSWERS is a JSON object, the board's answer to each command as [exit status, output]; a command that is not
in it fails as an unknown one does in a shell. Prints a JSON object, each case's [outcome, reason]. Run by a
plain Python, as bitbake runs oeqa.
"""

import inspect
import json
import logging
import sys

LIBRARY, CASES = sys.argv[1:]
sys.path.insert(0, LIBRARY)

from oeqa.runtime.context import OERuntimeTestContext  # noqa: E402

NOT_FOUND = 127


class Told:
    """A target (oeqa.core.target.OETarget) that has its answers already."""

    def __init__(self, answers):
        self._answers = answers

    def run(self, command, timeout=None, ignore_status=True, raw=False):
        return tuple(self._answers.get(command, (NOT_FOUND, f"sh: {command}: not found")))


def run(answers):
    """Outcome and reason of each case."""
    given = {
        "td": {
            "MLPREFIX": "",
            "DISTRO_FEATURES": "",
            "MACHINE_FEATURES": "",
            "HUAWEI_MODEM_TEST_WAIT": "0.001",
        },
        "logger": logging.getLogger("oeqa"),
        "target": Told(answers),
        "image_packages": {"huawei-modem"},
        "extract_dir": "",
        "host_dumper": None,
    }
    # kirkstone's has a host_dumper more.
    names = inspect.signature(OERuntimeTestContext).parameters
    context = OERuntimeTestContext(**{name: given[name] for name in names})
    context.loadTests([CASES], modules=["huawei_modem"])
    # A suite lets go of its cases as they run.
    outcomes = {case.id(): ("passed", "") for case in context.suites}
    results = context.runTests()
    for outcome, found in (
        ("failed", results.failures),
        ("error", results.errors),
        ("skipped", results.skipped),
    ):
        outcomes |= {case.id(): (outcome, reason) for case, reason in found}
    return {name.rpartition(".")[2]: outcome for name, outcome in outcomes.items()}


print(json.dumps(run(json.load(sys.stdin))))
