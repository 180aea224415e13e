# SPDX-License-Identifier: MIT
"""What `status`, `doctor` and `check-modules` cost on the emulated board, beside a bare `python3 -c pass`.

    python tests/benchmarks/board_cost.py

Builds the image, boots it, waits until the stick is online, and then takes processor time on the board, in
turns; of each command the least of some runs counts.
"""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "scripts")]
from modem_image import cli  # noqa: E402
from modem_image.bench import visit  # noqa: E402
from modem_image.bench.guest import Guest  # noqa: E402

ROUNDS = 7
COMMANDS = {
    "python3 -c pass": ["python3", "-c", "pass"],
    **{name: ["huawei-modem", name] for name in ("status", "doctor", "check-modules")},
}
# Runs on the board. The first round fills caches, and byte-compiles.
MEASURE = f"""
import json, os
commands = {json.dumps(COMMANDS)}
least = {{name: 1e9 for name in commands}}
quiet = os.open("/dev/null", os.O_WRONLY)
for _ in range({ROUNDS}):
    for name, words in commands.items():
        process = os.fork()
        if not process:
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            os.execvp(words[0], words)
        _, _, used = os.wait4(process, 0)
        least[name] = min(least[name], used.ru_utime + used.ru_stime)
print(json.dumps(least))
"""


def measured(guest: Guest) -> dict[str, float]:
    status, output = guest.run(f"python3 -c {shlex.quote(MEASURE)}", 600)
    assert status == 0, output
    found = json.loads(output)
    assert isinstance(found, dict)
    return found


def main() -> int:
    ask = visit._ask

    def ask_and_measure(guest: Guest, *arguments: Any) -> Any:
        answers = ask(guest, *arguments)
        costs = measured(guest)
        bare = costs["python3 -c pass"]
        for name, seconds in costs.items():
            print(f"{name:20} {seconds * 1000:7.0f} ms  {seconds / bare:5.2f} x", flush=True)
        return answers

    visit._ask = ask_and_measure
    return cli.main(["build"])


if __name__ == "__main__":
    sys.exit(main())
