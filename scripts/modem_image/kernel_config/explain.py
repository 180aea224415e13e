# SPDX-License-Identifier: MIT
"""`modem-image kernel-config explain`: one symbol of a tree, from its definition to what would allow it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from huawei_modem.database import Database
from huawei_modem.report import Evidence
from huawei_modem_kernel.dependencies import (
    Obstacle,
    dependency_of,
    obstacle,
    place_of,
    prompt_of,
    selectors,
    type_of,
)
from huawei_modem_kernel.dotconfig import parse_config, setting_lines, value_of
from huawei_modem_kernel.fragments import Asked
from huawei_modem_kernel.kconfig import ExplainError
from huawei_modem_kernel.reasons import nearest
from modem_image.errors import InputError, UserError
from modem_image.kernel_config.examine import read_model
from modem_image.kernel_config.tree import KernelTree

# Symbols of the gadget side, which make the board a device, by the host's symbol that drives such a device.
GADGET_SYMBOLS: Mapping[str, str] = {
    "USB_ETH": "USB_NET_CDCETHER",
    "USB_ETH_RNDIS": "USB_NET_RNDIS_HOST",
    "USB_CONFIGFS_RNDIS": "USB_NET_RNDIS_HOST",
    "USB_CONFIGFS_NCM": "USB_NET_CDC_NCM",
    "USB_G_NCM": "USB_NET_CDC_NCM",
    "USB_CONFIGFS_ACM": "USB_ACM",
    "USB_G_SERIAL": "USB_SERIAL",
    "USB_MASS_STORAGE": "USB_STORAGE",
}


@dataclasses.dataclass(frozen=True)
class Explanation:
    """What is known about a symbol under one base configuration. `wanted` is the value asked about.

    `verified` tells whether make gave the symbol that value with the settings of `obstacle.changes`;
    None when there was nothing to try.
    """

    symbol: str
    type: str
    prompt: str | None
    place: tuple[str, int]
    depends_on: str
    selected_by: tuple[str, ...]
    base: str
    value: str
    wanted: str
    asked: Asked | None
    sticks: tuple[str, ...]
    obstacle: Obstacle | None
    verified: bool | None
    host_symbol: str | None
    disagreement: tuple[str, str] | None

    def to_dict(self) -> dict[str, Any]:
        """For --json: the report's shape of evidence, places as file and line."""
        found = self.obstacle
        return {
            "symbol": self.symbol,
            "type": self.type,
            "prompt": self.prompt,
            "defined": Evidence(self.place[0], self.prompt or "no prompt", self.place[1]).to_dict(),
            "depends_on": self.depends_on,
            "selected_by": list(self.selected_by),
            "base": self.base,
            "value": self.value,
            "wanted": self.wanted,
            "asked": dataclasses.asdict(self.asked) | {"need": self.asked.need.value} if self.asked else None,
            "sticks": list(self.sticks),
            "code": found.code if found else None,
            "evidence": [item.to_dict() for item in found.evidence] if found else [],
            "changes": dict(found.changes) if found and found.changes else {},
            "verified": self.verified,
            "host_symbol": self.host_symbol,
            "agrees_with_make": self.disagreement is None,
        }


def explain(
    tree: KernelTree, name: str, base: str, asked: Sequence[Asked], sticks: Database, folder: Path
) -> Explanation:
    """Explain the symbol `name` (with or without CONFIG_) under `base`, a defconfig's name or a file.

    Raises InputError for a symbol that the tree does not define, UserError when its Kconfig files cannot
    be read.
    """
    name = name.removeprefix("CONFIG_")
    text = tree.text(base)
    try:
        model = read_model(tree, folder)
    except ExplainError as error:
        raise UserError(str(error)) from error
    symbol = model.find(name)
    if symbol is None:
        near = ", ".join(nearest(model, name)) or "none"
        raise InputError(f"no Kconfig file of Linux {tree.version} defines {name}; names like it: {near}")
    asks = next((item for item in asked if item.symbol == name), None)
    wanted = asks.value if asks else {"tristate": "m", "bool": "y"}.get(type_of(symbol), "")
    value = value_of(model.computed(text), name)
    found = obstacle(symbol, wanted) if wanted else None
    # make judges once: the base with what would allow the symbol, as far as anything is in the way.
    changes = {**found.changes, name: wanted} if found and found.changes else {}
    tried = "\n".join([text, *setting_lines(changes), ""])
    made = tree.complete(tried, folder)
    differing = model.disagreements(made, tried)
    if name in differing:
        value, found = value_of(parse_config(tree.base(base, folder)), name), None
    return Explanation(
        symbol=name,
        type=type_of(symbol),
        prompt=prompt_of(symbol),
        place=place_of(symbol),
        depends_on=dependency_of(symbol),
        selected_by=tuple(selectors(symbol)),
        base=base,
        value=value,
        wanted=wanted,
        asked=asks,
        sticks=sticks_of(sticks, name),
        obstacle=found,
        verified=_is_met(parse_config(made), name, wanted) if found and found.changes else None,
        host_symbol=GADGET_SYMBOLS.get(name),
        disagreement=differing.get(name),
    )


def sticks_of(database: Database, symbol: str) -> tuple[str, ...]:
    """The names of the sticks with an interface that the symbol's driver is for."""
    return database.symbols().get(symbol, ())


def to_text(found: Explanation) -> str:
    """For people: a fact a line."""
    file, line = found.place
    lines = [
        f"CONFIG_{found.symbol}: {found.type}, {_quoted(found.prompt)}",
        f"  defined at    {file}:{line}",
        f"  depends on    {found.depends_on}",
    ]
    if found.selected_by:
        lines.append(f"  selected by   {_some(found.selected_by)}")
    if found.asked:
        reason = f": {found.asked.reason}" if found.asked.reason else ""
        lines.append(f"  asked for     {found.asked.file}:{found.asked.line} {found.asked.text}{reason}")
    if found.sticks:
        lines.append(f"  needed by     {', '.join(found.sticks)}")
    lines.append(f"  value         {found.value} in {found.base}")
    lines += _obstacle_lines(found)
    if found.host_symbol:
        lines.append(
            f"  not for sticks: it makes the board look like a device to a PC; what drives a stick is "
            f"CONFIG_{found.host_symbol}"
        )
    return "\n".join(lines) + "\n"


def _obstacle_lines(found: Explanation) -> list[str]:
    if found.disagreement:
        made, ours = found.disagreement
        return [f"  no further explanation: make gives {made}, kconfiglib {ours}"]
    if found.obstacle is None:
        met = found.value == found.wanted or not found.wanted
        return [] if met else [f"  nothing stands against {found.wanted}: a line in a fragment sets it"]
    lines = [f"  in the way    {item.source}:{item.line}: {item.text}" for item in found.obstacle.evidence]
    if found.obstacle.changes:
        proof = "make agrees" if found.verified else "make does not agree: more is needed"
        lines.append(f"  allowed by    {', '.join(setting_lines(found.obstacle.changes))} ({proof})")
    return lines


def _is_met(config: Mapping[str, str], name: str, wanted: str) -> bool:
    return value_of(config, name) in ((wanted, "y") if wanted == "m" else (wanted,))


def _quoted(prompt: str | None) -> str:
    return f'"{prompt}"' if prompt else "no prompt"


def _some(names: Sequence[str], most: int = 8) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} others" if len(names) > most else "")
