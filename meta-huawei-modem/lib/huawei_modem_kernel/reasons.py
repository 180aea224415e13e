# SPDX-License-Identifier: MIT
"""Why a configuration does not give what is asked, told by the Kconfig files of its tree.

make made the configuration, and what it says counts. Where kconfiglib comes to another value for a
symbol, that is said instead of a reason.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence

from huawei_modem.report import Evidence
from huawei_modem_kernel.compare import Why, unmet
from huawei_modem_kernel.dependencies import obstacle
from huawei_modem_kernel.dotconfig import parse_config, setting_lines
from huawei_modem_kernel.fragments import Asked
from huawei_modem_kernel.kconfig import ExplainError, Model


def explained(read: Callable[[], Model], asked: Sequence[Asked], config: str) -> dict[str, Why]:
    """By symbol, why `config`, which make completed, does not give what is asked.

    `read` reads the Kconfig files of the tree; it is called only when something is not given.
    """
    lacking = unmet(asked, parse_config(config))
    if not lacking:
        return {}
    try:
        model = read()
    except ExplainError as error:
        unread = Why(None, (Evidence("Kconfig", f"no explanation: {error}"),))
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
        text = f"no Kconfig file of Linux {model.version} defines {item.symbol}; names like it: {near}"
        return Why("kernel-symbol-unknown", (Evidence(str(model.path), text),))
    if item.symbol in differing:
        made, ours = differing[item.symbol]
        text = f"no explanation: make gives {made}, kconfiglib {ours}"
        return Why(None, (Evidence(str(model.path), text),))
    found = obstacle(symbol, item.value)
    if found is None:
        return Why(None)
    return Why(found.code, found.evidence, tuple(setting_lines(found.changes or {})))
