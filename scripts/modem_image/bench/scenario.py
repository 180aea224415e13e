# SPDX-License-Identifier: MIT
"""Scenarios of the bench, read from scenarios.toml."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modem_image.bench.life import Act, Life
from modem_image.bench.stick.stick import StickSettings, settings_from

_PATH = Path(__file__).with_name("scenarios.toml")


@dataclasses.dataclass(frozen=True)
class Scenario:
    """`cold`: the stick is there from power-on. Patience in seconds: to a shell, from plug-in to `until`.

    `needs` is the kind of stick that it is for (bench/fit.py). `until` is a pattern of the stick's event
    ("name details") after which the board is asked, `awaits` the same for people. Where the scenario
    provokes a fault, `last_step` is the step that is still seen, `finding` the doctor's code. `before` and
    `after` are shell commands for the board; `life` is what happens to the stick once it is online; `ask` are
    other commands, by name, whose answers the report keeps: they come after the doctor and the capture.
    """

    name: str
    title: str
    cold: bool
    boot_patience: float
    come_up_patience: float
    stick: StickSettings
    needs: str = "any"
    until: str = r"^http-request\b"
    awaits: str = "ConnMan's online check"
    last_step: str | None = None
    finding: str | None = None
    before: str | None = None
    after: str | None = None
    life: Life | None = None
    ask: Mapping[str, str] = dataclasses.field(default_factory=dict)


def load_scenarios() -> dict[str, Scenario]:
    """All scenarios by name."""
    with _PATH.open("rb") as handle:
        documents = tomllib.load(handle)
    return {
        name: Scenario(
            **{
                **document,
                "name": name,
                "stick": settings_from(document["stick"]),
                "life": _life(document.get("life")),
            }
        )
        for name, document in documents.items()
    }


def _life(table: Mapping[str, Any] | None) -> Life | None:
    return None if table is None else Life(**{**table, "act": Act(table["act"])})
