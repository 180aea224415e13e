# SPDX-License-Identifier: MIT
"""What our layer adds to a warm `bitbake -p`: one stack (qemuarm, scarthgap) without and with it, in turns.

    .venv/bin/python tests/benchmarks/layer_parse.py MIRROR [ROUNDS]

Needs clones of the layers. The first parse of each is not counted: it fills the cache. Processor time of
all of bitbake's processes; the clock says little on a busy machine. There even processor time differs by a
tenth from round to round; the last line has what does not, the calls that bitbake's own profiler counts in
its server.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "scripts"), str(PROJECT / "tests")]
from modem_image.yocto.plan import Request  # noqa: E402
from stacks.stack import META_OE_MASK, Stack, open_stack  # noqa: E402

TIMED = PROJECT / "tests" / "stacks" / "timed.py"


def parse(stack: Stack) -> dict[str, float]:
    """Seconds of one `bitbake -p`, by kind."""
    outcome = stack.shell(f"/usr/bin/python3 {TIMED} bitbake -p")
    if outcome.status:
        raise SystemExit(outcome.output[-3000:])
    times: dict[str, float] = json.loads(
        next(line for line in outcome.output.splitlines() if line[0:1] == "{")
    )
    return times


def calls(stack: Stack) -> int:
    """How many functions bitbake's server calls in one `bitbake -p`."""
    profiled = f"/usr/bin/python3 {TIMED} bitbake -P -p && grep -h 'function calls' profile*.processed"
    outcome = stack.shell(f"rm -f profile*; {profiled}")
    return sum(int(number) for number in re.findall(r"(\d+) function calls", outcome.output))


def main() -> None:
    mirror, rounds = Path(sys.argv[1]).resolve(), int(sys.argv[2] if len(sys.argv) > 2 else 7)
    mask = ("meta-oe", META_OE_MASK)
    stacks = {
        "without": open_stack(mirror, Request("qemuarm"), "parse-without")
        .without_our_layer()
        .with_conf(*mask),
        "with": open_stack(mirror, Request("qemuarm"), "parse-with").with_conf(*mask),
    }
    for stack in stacks.values():
        parse(stack)
    taken: dict[str, list[dict[str, float]]] = {name: [] for name in stacks}
    for _ in range(rounds):
        for name, stack in stacks.items():
            taken[name].append(parse(stack))
            print(name, taken[name][-1], flush=True)
    for kind in ("processor", "clock"):
        medians = {name: statistics.median(each[kind] for each in times) for name, times in taken.items()}
        added = medians["with"] / medians["without"] - 1
        print(f"{kind}: {medians['without']:.2f} s without, {medians['with']:.2f} s with: {added:+.1%}")
    counted = {name: calls(stack) for name, stack in stacks.items()}
    added = counted["with"] / counted["without"] - 1
    print(f"calls: {counted['without']} without, {counted['with']} with: {added:+.1%}")


if __name__ == "__main__":
    main()
