# SPDX-License-Identifier: MIT
"""bash's completion of modem-image, asked of bash. That it is rendered is tested in test_render.py."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from modem_image import PROJECT
from modem_image.render.completion import COMPLETION
from patience import PATIENCE


def offered(*words: str) -> list[str]:
    """What bash offers for the last of the words."""
    line = shlex.join(["modem-image", *words])
    script = (
        f"source {COMPLETION}; COMP_WORDS=({line}); COMP_CWORD={len(words)}; _modem_image; "
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("be",), ["bench"]),
        (("bench", "--stick", "e3372h"), ["e3372h"]),
        (("bench", "--scenario", "cold"), ["cold-plug"]),
        (("bench", "--js"), ["--json"]),
        (("build", "qem"), ["qemuarm"]),
        (("build", "colibri-imx7-emmc", "--opt", "nxp"), ["nxp-bsp"]),
        (("kernel-config", "ex"), ["explain"]),
        (("kernel-config", "merge", "--outp"), ["--output"]),
        (("check", "READM"), ["README.md"]),
        (("check", "x", "--color", "al"), ["always"]),
        (("test", "--qu"), ["--quick"]),
    ],
)
def test_bash_offers(words: tuple[str, ...], found: list[str]) -> None:
    assert offered(*words) == found
