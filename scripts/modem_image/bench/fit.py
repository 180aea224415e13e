# SPDX-License-Identifier: MIT
"""Which scenarios make sense with which stick; what does not is refused before anything boots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from modem_image.bench.scenario import Scenario
from modem_image.bench.stick.stick import SERIAL_FUNCTIONS, STORAGE_MODE, Stick
from modem_image.errors import InputError

KINDS: Mapping[str, str] = {
    "any": "every stick",
    "switched": "a stick that is a disk first and is switched by a message",
    "modem": "a modem: AT ports or MBIM",
    "serial": "a modem with AT ports",
    "mbim": "a drive that has MBIM in another configuration",
    "router": "a stick that is a router (HiLink)",
    "not-mbim": "a router, or a modem with AT ports",
    "choice": "a stick that different messages bring into different modes",
    "ports": "a module with ports in one configuration and MBIM in another",
}
"""What `needs` of a scenario may say."""


def kinds_of(stick: Stick) -> frozenset[str]:
    """Those of KINDS that the stick is, when all goes well."""
    mode = stick.working_mode
    kinds = {"any"}
    if stick.start == STORAGE_MODE:
        kinds.add("switched")
        if len(stick.description.modes[stick.start].switches) > 1:
            kinds.add("choice")
    has_mbim = any("mbim" in functions.values() for functions in (mode.functions, *mode.others.values()))
    if has_mbim and SERIAL_FUNCTIONS & set(mode.functions.values()):
        kinds.add("ports")
    if has_mbim:
        kinds.add("modem")
        if set(mode.functions.values()) == {"storage"}:
            kinds.add("mbim")
    elif stick.is_router:
        kinds |= {"router", "not-mbim"}
    else:
        kinds |= {"modem", "serial", "not-mbim"}
    return frozenset(kinds)


def fitting(kinds: Iterable[str], scenarios: Mapping[str, Scenario]) -> list[str]:
    """The scenarios for a stick of these kinds, in their order."""
    return [name for name, scenario in scenarios.items() if scenario.needs in kinds]


def check_fit(
    name: str, scenario: Scenario, sticks: Mapping[str, frozenset[str]], scenarios: Mapping[str, Scenario]
) -> None:
    """Raises InputError, with what would fit, when the stick `name` is not what the scenario needs.

    `sticks` are the kinds of every stick that there is.
    """
    if scenario.needs in sticks[name]:
        return
    others = [stick for stick, kinds in sticks.items() if scenario.needs in kinds]
    raise InputError(
        f"{scenario.name} needs {KINDS[scenario.needs]}, and {name} is not one\n"
        f"  do: with {name}: {', '.join(fitting(sticks[name], scenarios))}\n"
        f"      or {scenario.name} with: {', '.join(others)}"
    )
