# SPDX-License-Identifier: MIT
"""A configuration, or the merge of fragments into one, as a report."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path

from huawei_modem.report import Evidence, Report
from modem_image.kernel_config.compare import Why, compare, side_effects, unmet
from modem_image.kernel_config.dependencies import obstacle
from modem_image.kernel_config.dotconfig import NOT_SET, parse_config, setting_lines, value_of
from modem_image.kernel_config.fragments import Asked
from modem_image.kernel_config.kconfig import ExplainError, Model
from modem_image.kernel_config.tree import KernelTree

TOOL = "modem-image kernel-config"
_ON = ("y", "m")


@dataclasses.dataclass(frozen=True)
class Merged:
    """The configuration that make made of a base and the fragments, and what there is to say about it."""

    config: str
    report: Report


def check(config: str, source: str, asked: Sequence[Asked], tree: KernelTree | None, folder: Path) -> Report:
    """Whether `config` has what is asked. With a tree: what its make makes of it, and why not.

    `folder` is for make's output; it is not touched without a tree.
    """
    reasons: Mapping[str, Why] = {}
    if tree:
        config = tree.complete(config, folder)
        reasons = explained(tree, folder, asked, config)
    values = parse_config(config)
    facts = {"asked": len(asked), "kernel": tree.version if tree else None}
    return Report(TOOL, source, tuple(compare(asked, values, source, reasons)), facts)


def merge(
    tree: KernelTree, base: str, fragments: Sequence[Path], asked: Sequence[Asked], folder: Path
) -> Merged:
    """`base`, a defconfig's name or a file, with the fragments: what survived, and what else changed."""
    before = tree.base(base, folder)
    after = tree.merge(before, fragments, folder)
    reasons = explained(tree, folder, asked, after)
    source = f"{base} of Linux {tree.version}, merged"
    old, new = parse_config(before), parse_config(after)
    findings = [*compare(asked, new, source, reasons), *side_effects(asked, old, new, source)]
    facts = {
        "asked": len(asked),
        "kernel": tree.version,
        "added": sorted(
            name for name, value in new.items() if value in _ON and value_of(old, name) not in _ON
        ),
    }
    return Merged(after, Report(TOOL, source, tuple(findings), facts))


def explained(tree: KernelTree, folder: Path, asked: Sequence[Asked], config: str) -> dict[str, Why]:
    """By symbol, why `config`, which make completed in `folder`, does not give what is asked.

    The Kconfig files are read only when something is not given.
    """
    lacking = unmet(asked, parse_config(config))
    if not lacking:
        return {}
    try:
        model = Model(tree, folder)
    except ExplainError as error:
        unread = Why(None, (Evidence(str(tree.path), f"no explanation: {error}"),))
        return {item.symbol: unread for item in lacking}
    differing = model.disagreements(config)
    return {item.symbol: _why(model, item, differing) for item in lacking}


def nearest(model: Model, symbol: str) -> list[str]:
    """Names of the tree that are like `symbol`."""
    return difflib.get_close_matches(symbol, model.defined, 3, 0.7)


def _why(model: Model, item: Asked, differing: Mapping[str, tuple[str, str]]) -> Why:
    symbol = model.find(item.symbol)
    if symbol is None:
        near = ", ".join(nearest(model, item.symbol)) or "none"
        text = f"no Kconfig file of Linux {model.tree.version} defines {item.symbol}; names like it: {near}"
        return Why("kernel-symbol-unknown", (Evidence(str(model.tree.path), text),), (_OTHER_NAME,))
    if item.symbol in differing:
        made, ours = differing[item.symbol]
        text = f"no explanation: make gives {made}, kconfiglib {ours}"
        return Why(None, (Evidence(str(model.tree.path), text),))
    found = obstacle(symbol, item.value)
    if found is None:
        return Why(None)
    if item.value == NOT_SET:
        return Why(found.code, found.evidence, (_SELECTED,))
    remedy = (
        f"ask besides for: {', '.join(setting_lines(found.changes))}"
        if found.changes
        else _REMEDIES[found.code]
    )
    return Why(found.code, found.evidence, (remedy,))


_SELECTED = "turn off what selects it, or take the line out"
_REMEDIES = {
    "kernel-symbol-invalid": "write a value that the symbol's type allows",
    "kernel-symbol-promptless": "take the line out, and ask for a symbol that selects it",
    "kernel-symbol-unmet": "ask for what it depends on too: modem-image kernel-config explain tells more",
}
_OTHER_NAME = "take the name that this kernel has, or leave the line out for it"
