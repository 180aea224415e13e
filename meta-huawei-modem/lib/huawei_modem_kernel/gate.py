# SPDX-License-Identifier: MIT
"""The verdict of the class huawei_modem_kernel_gate over the .config that a kernel is to be built with."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from huawei_modem.report import Finding, Report, Severity, to_text
from huawei_modem_kernel.compare import Why, compare, side_effects
from huawei_modem_kernel.dotconfig import parse_config
from huawei_modem_kernel.fragments import Asked, gather, parse_required

if TYPE_CHECKING:
    from huawei_modem_kernel.kconfig import Model


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What stops the build, and what only is worth a warning; for people; empty when there is nothing."""

    fatal: str
    warning: str


def asked_of(fragments: Sequence[Path], required: Path, accepted: Collection[str] = ()) -> tuple[Asked, ...]:
    """What these files ask, each with its whole path; without the symbols `accepted` as they are.

    Raises FragmentError for a file that asks in a way that cannot be read.
    """
    texts = {str(path): path.read_text("utf-8") for path in fragments}
    asks = gather(texts, parse_required(required.read_text("utf-8"), str(required)))
    return tuple(item for item in asks if item.symbol not in accepted)


def judge(
    asked: Sequence[Asked],
    config: str,
    source: str,
    base: str | None = None,
    read: Callable[[], Model] | None = None,
) -> Verdict:
    """Whether `config`, the text of `source`, has what is asked.

    `base` is the text of the same configuration without the fragments: what was built in there and is a
    module now is an error. `read` reads the Kconfig files, for the reasons.
    """
    found = parse_config(config)
    findings = compare(asked, found, source, _reasons(read, asked, config))
    if base is not None:
        findings += side_effects(asked, parse_config(base), found, source)
    return Verdict(*(_text(findings, source, weight) for weight in (Severity.ERROR, Severity.WARNING)))


def _reasons(read: Callable[[], Model] | None, asked: Sequence[Asked], config: str) -> Mapping[str, Why]:
    if read is None:
        return {}
    try:
        from huawei_modem_kernel.reasons import explained
    except ImportError:  # kconfiglib is not there: the verdict stands without reasons
        return {}
    return explained(read, asked, config)


def _text(findings: Sequence[Finding], source: str, severity: Severity) -> str:
    chosen = tuple(finding for finding in findings if finding.severity is severity)
    # Without wrapping: whoever reads a build's log searches it for a file or a symbol.
    return (
        to_text(Report("gate", source, chosen), width=10_000).rpartition("\n" + source)[0] if chosen else ""
    )
