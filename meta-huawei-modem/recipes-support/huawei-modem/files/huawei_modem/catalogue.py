# SPDX-License-Identifier: MIT
"""Findings as the catalogue words them: a rule passes what it saw, and the catalogue has the rest.

findings.json is rendered from findings.toml and tested against it. For Python 3.8 and later: the kernel gate
and the check of images run it on build hosts.
"""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from huawei_modem.report import Evidence, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping
    from typing import Any

_LAYER = "huawei-modem "
_OR = re.compile(r"\A(?:or plain \w+: |or )")
"""How a step begins that is the second way, where the first is not there."""
_FOR = re.compile(r"\[([a-z,]+)\] ")
MAIN = "main"
"""The kind of a code without a name of its own."""


def found(
    name: str, evidence: Iterable[Evidence] = (), severity: Severity | None = None, /, **values: object
) -> Finding:
    """The finding `name`, which is CODE or CODE:KIND, with `values` in the places that its words have.

    A step of the remedy that names a value which is None or not given is left out. `severity` is for a
    finding that weighs less where something else makes up for it. Raises KeyError for a name that the
    catalogue lacks or a title that lacks a value: a fault of the caller.
    """
    code, _, kind = name.partition(":")
    weight, title, steps = catalogue()[code]["kinds"][kind or MAIN]
    given = {key: value for key, value in values.items() if value is not None}
    remedy = [step for step in (_filled(item, given) for item in steps) if step is not None]
    title = title.format_map(given)
    texts = tuple(str(value) for value in given.values() if not isinstance(value, int) and value)
    return Finding(
        code, severity or Severity(weight), title, tuple(evidence), tuple(remedy), kind or MAIN, texts
    )


def for_system(finding: Finding, diallers: Container[str]) -> Finding:
    """The finding with the steps that these diallers can do: `[ofono,nm] step` is for either of two.

    This layer's own command comes first where `layer` is among them, and last, as an offer, where it is not.
    """
    remedy = []
    for step in finding.remedy:
        match = _FOR.match(step)
        if match is None:
            remedy.append(step)
        elif any(name in diallers for name in match[1].split(",")):
            remedy.append(step[match.end() :])
    if "layer" not in diallers and any(not step.startswith(_LAYER) for step in remedy):
        plain = [step for step in remedy if not step.startswith(_LAYER)]
        own = [f"with meta-huawei-modem: {step}" for step in remedy if step.startswith(_LAYER)]
        remedy = [_OR.sub("", plain[0]), *plain[1:], *own]
    return finding._replace(remedy=tuple(remedy))


def needs(code: str) -> str:
    """What a text must show for this code."""
    shown: str = catalogue()[code].get("needs", "")
    return shown


def _filled(step: str, values: Mapping[str, object]) -> str | None:
    try:
        return step.format_map(values)
    except KeyError:
        return None


@functools.lru_cache(maxsize=1)
def catalogue() -> Mapping[str, Any]:
    """Every code: `needs`, and `kinds`, each of them a list of severity, title and steps of the remedy."""
    here = Path(__file__)
    loaded: dict[str, Any] = json.loads(here.with_name("findings.json").read_text("utf-8"))
    # What only texts and the host's commands have is in the package that reads texts.
    more = here.with_name("transcript") / "findings.json"
    if more.is_file():
        for code, entry in json.loads(more.read_text("utf-8")).items():
            known = loaded.setdefault(code, {})
            known["kinds"] = {**known.get("kinds", {}), **entry.get("kinds", {})}
            known.update({key: value for key, value in entry.items() if key != "kinds"})
    return loaded
