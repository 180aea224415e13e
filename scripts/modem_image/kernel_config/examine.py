# SPDX-License-Identifier: MIT
"""A configuration, or the merge of fragments into one, as a report."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from huawei_modem.report import Report
from huawei_modem_kernel.compare import Why, compare, side_effects, unmet
from huawei_modem_kernel.dotconfig import parse_config, value_of
from huawei_modem_kernel.fragments import Asked
from huawei_modem_kernel.kconfig import ExplainError, Model
from huawei_modem_kernel.reasons import explained
from modem_image.kernel_config.answers import with_answers
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
        config, read = _completed(config, asked, tree, folder)
        reasons = explained(read, asked, config)
    values = parse_config(config)
    facts = {"asked": len(asked), "kernel": tree.version if tree else None}
    return Report(TOOL, source, tuple(compare(asked, values, source, reasons)), facts)


def merge(
    tree: KernelTree, base: str, fragments: Sequence[Path], asked: Sequence[Asked], folder: Path
) -> Merged:
    """`base`, a defconfig's name or a file, with the fragments: what survived, and what else changed."""
    before = tree.base(base, folder)
    after = tree.merge(before, fragments, folder)
    reasons = explained(lambda: read_model(tree, folder), asked, after)
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


def _completed(
    config: str, asked: Sequence[Asked], tree: KernelTree, folder: Path
) -> tuple[str, Callable[[], Model]]:
    """What make makes of `config`, and what reads the Kconfig files.

    They are read while make runs where the text as it is lacks something: it will have to be explained.
    """
    if not unmet(asked, parse_config(config)):
        return tree.complete(config, folder), lambda: read_model(tree, folder)

    def read() -> Model | ExplainError:
        try:
            return read_model(tree, folder)
        except ExplainError as error:
            return error

    completed, found = tree.complete_beside(config, folder, read)

    def given() -> Model:
        if isinstance(found, ExplainError):
            raise found
        return found

    return completed, given


def read_model(tree: KernelTree, folder: Path) -> Model:
    """The Kconfig files of `tree` as make has them read; `folder` is an output folder of make's.

    Raises ExplainError when they cannot be read.
    """
    environment = tree.environment
    return with_answers(
        tree.path,
        environment,
        lambda answers: Model(tree.path, tree.version, environment, folder, answers),
    )
